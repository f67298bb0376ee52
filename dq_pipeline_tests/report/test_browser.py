"""The page in a real browser: filters, links and pictures, light and dark, phone and paper, with and without scripts."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from dq_pipeline.report import to_html
from dq_pipeline_tests.report.world import hostile_subject, subject

LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1180, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1180, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 360, "height": 740}, "has_touch": True},
}
FILES = (
    "failing_items.csv",
    "relabel.csv",
    "measures.parquet",
    "verdicts.json",
    "suite.json",
    "history.jsonl",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An output folder with the page of an audit that has every picture, and one whose every name is hostile."""
    made = tmp_path_factory.mktemp("report")
    (made / "report.html").write_text(to_html(subject()), encoding="utf-8")
    (made / "hostile.html").write_text(to_html(hostile_subject()), encoding="utf-8")
    for name in FILES:
        (made / name).touch()
    return made


@contextmanager
def opened(browser, folder, name="report.html", **look):
    """The page, with everything that it logged, asked for or failed at in `page.complaints`."""
    context = browser.new_context(**{**LOOKS["light"], **look})
    page = context.new_page()
    complaints = []
    page.on("console", lambda told: complaints.append(told.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or complaints.append(asked.url))
    page.goto((folder / name).as_uri())
    page.complaints = complaints
    yield page
    context.close()


def shown(page):
    """The names of the checks that are seen."""
    return page.eval_on_selector_all(
        ".check", "all => all.filter(one => one.offsetParent).map(one => one.id.slice(6))"
    )


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", ["report.html", "hostile.html"])
def test_nothing_fails_nothing_is_fetched_and_nobody_is_shut_out(browser, folder, name, look):
    from axe_playwright_python.sync_playwright import Axe

    with opened(browser, folder, name, **LOOKS[look]) as page:
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        serious = {
            one["id"]: [node["html"][:200] for node in one["nodes"][:3]]
            for one in found
            if one["impact"] in {"serious", "critical"}
        }
        assert serious == {}
        assert page.complaints == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("width", [700, 1300])
def test_the_line_of_sections_is_whole_and_no_heading_hides_behind_it(browser, folder, width):
    with opened(browser, folder, viewport={"width": width, "height": 900}) as page:
        assert page.evaluate(
            "(one => one.scrollWidth <= one.clientWidth)(document.querySelector('nav .wide'))"
        )
        page.click("nav a[href='#balance']")
        page.wait_for_function(
            "() => document.querySelector('#balance h2').getBoundingClientRect().top >= document.querySelector('nav').getBoundingClientRect().bottom"
        )


def test_each_filter_shows_what_it_says_and_all_come_back(browser, folder):
    with opened(browser, folder) as page:
        everything = shown(page)
        assert len(everything) == 5
        page.select_option("#by-status", "block")
        assert set(shown(page)) == {"agreement_krippendorff_alpha", "concentration_largest_share"}
        assert page.input_value("#shown") if False else page.inner_text("#shown") == "2 of 5 checks"
        page.select_option("#by-family", "agreement")
        assert shown(page) == ["agreement_krippendorff_alpha"]
        page.click("button[type=reset]")
        page.wait_for_function("() => document.getElementById('shown').value.startsWith('5')")
        assert shown(page) == everything
        page.select_option("#by-owner", label="ana")
        assert shown(page) == ["concentration_largest_share"]
        for status in page.eval_on_selector_all("#by-status option", "all => all.map(one => one.value)"):
            page.select_option("#by-owner", "")
            page.select_option("#by-status", status)
            assert all(
                page.get_attribute(f"#check-{one}", "data-status") == status for one in shown(page) if status
            )
        page.click("a.pill.warn[data-status]")
        page.wait_for_function("() => document.getElementById('shown').value.startsWith('1')")
        assert shown(page) == ["balance_cells_label_weather"]


def test_a_link_to_a_check_that_is_filtered_away_shows_and_opens_it(browser, folder):
    with opened(browser, folder) as page:
        page.select_option("#by-status", "clear")
        page.click("#first li a[href='#check-agreement_krippendorff_alpha']")
        page.wait_for_selector("#check-agreement_krippendorff_alpha[open]")
        page.wait_for_function("() => !document.getElementById('check-agreement_krippendorff_alpha').hidden")


def test_every_link_leads_to_what_can_be_seen(browser, folder):
    with opened(browser, folder) as page:
        links = set(page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))"))
        for link in links:
            if link.startswith("#"):
                page.evaluate("where => { location.hash = ''; location.hash = where }", link)
                page.wait_for_function(
                    "where => { const one = document.getElementById(where); return one && one.getClientRects().length > 0 && (one.tagName !== 'DETAILS' || one.open) }",
                    arg=link[1:],
                )
            else:
                assert (folder / link).is_file(), link
        assert page.complaints == []


@pytest.mark.parametrize("name", ["report.html", "hostile.html"])
def test_every_picture_is_seen_and_none_of_its_words_are_cut_off(browser, folder, name):
    with opened(browser, folder, name) as page:
        outside = page.eval_on_selector_all(
            "svg.picture",
            """all => all.flatMap(one => {
                const frame = one.getBoundingClientRect(), found = frame.width > 300 && frame.height > 30 ? [] : [one.id];
                for (const text of one.querySelectorAll('text')) {
                    const box = text.getBoundingClientRect();
                    const out = Math.max(frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom);
                    if (out > 1.5) found.push(one.querySelector('title').textContent + ': ' + text.textContent + ' by ' + out.toFixed(1));
                }
                return found;
            })""",
        )
        assert page.locator("svg.picture").count() >= 16
        assert outside == []


def test_without_scripts_everything_is_there_and_no_filter_pretends_to_work(browser, folder):
    with opened(browser, folder, java_script_enabled=False) as page:
        assert page.locator(".check:visible").count() == 5
        assert page.locator(".filters:visible").count() == 0
        assert page.locator("svg.picture:visible").count() >= 16


def test_on_paper_all_is_unfolded_and_nothing_is_there_to_click(browser, folder):
    with opened(browser, folder) as page:
        printed = page.pdf(format="A4", print_background=True)
        page.emulate_media(media="print")
        assert page.locator("nav:visible, .filters:visible").count() == 0
        closed = page.locator(".definition >> nth=0").locator("p >> nth=0")
        assert closed.bounding_box()["height"] > 10
    assert printed.startswith(b"%PDF")
    assert 5 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") <= 40


def test_dark_is_dark(browser, folder):
    with opened(browser, folder, **LOOKS["dark"]) as page:
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 18, 22)"
        inks = page.eval_on_selector_all(
            "svg.picture text", "all => [...new Set(all.map(one => getComputedStyle(one).fill))]"
        )
        assert "rgb(232, 234, 238)" in inks
