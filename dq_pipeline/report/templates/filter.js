(() => {
  const form = document.querySelector(".filters");
  const checks = [...document.querySelectorAll(".check")];
  const by = (name) => document.getElementById("by-" + name);
  const apply = () => {
    let shown = 0;
    for (const check of checks) {
      const has = check.dataset;
      const keep =
        (!by("status").value || has.status === by("status").value) &&
        (!by("family").value || has.family === by("family").value) &&
        (!by("owner").value || has.owner.trim().split(" ").includes(by("owner").value));
      check.hidden = !keep;
      shown += keep;
    }
    document.getElementById("shown").value = shown + " of " + checks.length + " checks";
  };
  form.hidden = false;
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  for (const chip of document.querySelectorAll("a[data-status]")) {
    chip.addEventListener("click", () => {
      form.reset();
      by("status").value = chip.dataset.status;
      setTimeout(apply);
    });
  }
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.hidden) {
      form.reset();
      setTimeout(apply);
    }
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const each of opened) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
  });
  apply();
  reveal();
})();
