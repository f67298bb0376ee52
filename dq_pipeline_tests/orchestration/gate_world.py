"""A small chain to put a gate on: raw (external) -> images -> items -> model (gated) and report (gated, asks less)."""

import dagster as dg

from dq_pipeline import gated


class World:
    """One chain under a key prefix of its own, so that many scenarios share an instance.

    `data` is what the next materialization of images holds; `check` is what its check does.
    """

    def __init__(self, instance, prefix, **options):
        self.instance, self.prefix = instance, prefix
        self.data, self.check, self.warn = "good", "judge", False
        self.raw_is, self.metadata, self.built = "good", {}, []
        self.options = options
        self.assets = self._definitions()

    def key(self, name):
        return dg.AssetKey([self.prefix, name])

    def _definitions(self):
        world = self

        @dg.asset(key_prefix=self.prefix, deps=[self.key("raw")])
        def images():
            return world.data

        @dg.asset(key_prefix=self.prefix, ins={"images": dg.AssetIn(key_prefix=self.prefix)})
        def items(images):
            return [images]

        @gated(**self.options)
        @dg.asset(key_prefix=self.prefix, ins={"items": dg.AssetIn(key_prefix=self.prefix)})
        def model(items):
            world.built.append(items)
            return len(items)

        eager = dg.AutomationCondition.eager()

        @gated
        @dg.asset(key_prefix=self.prefix, deps=[self.key("items")], automation_condition=eager)
        def automatic(): ...

        @gated(require=["schema"])
        @dg.asset(
            key_prefix=self.prefix,
            ins={"items": dg.AssetIn(key_prefix=self.prefix)},
            automation_condition=eager,
        )
        def report(items):
            return len(items)

        @dg.asset_check(asset=images, blocking=True)
        def agreement(images):
            if world.check == "raise":
                raise ValueError("the check broke")
            severity = dg.AssetCheckSeverity.WARN if world.warn else dg.AssetCheckSeverity.ERROR
            return dg.AssetCheckResult(
                passed=images == "good",
                severity=severity,
                metadata=world.metadata,
                description="alpha is .4; the limit is >= .667." if images != "good" else "alpha is .9.",
            )

        @dg.asset_check(asset=items, blocking=True)
        def schema(items):
            return dg.AssetCheckResult(passed=isinstance(items, list))

        @dg.asset_check(asset=self.key("raw"), blocking=True)
        def arrived():
            return dg.AssetCheckResult(passed=world.raw_is == "good")

        raw = dg.AssetSpec(self.key("raw"))
        return [raw, images, items, model, automatic, report, agreement, schema, arrived]

    def definitions(self):
        checks = [one for one in self.assets if isinstance(one, dg.AssetChecksDefinition)]
        return dg.Definitions(assets=[one for one in self.assets if one not in checks], asset_checks=checks)

    def graph(self):
        return self.definitions().resolve_asset_graph()

    def run(self, *names, checks=True, **options):
        """Materialize assets by name, with or without their checks; without names, all but `automatic`."""
        if names:
            selection = dg.AssetSelection.assets(*(self.key(name) for name in names if ":" not in name))
            if not checks:
                selection = selection.without_checks()
            for name in names:
                if ":" in name:
                    asset, check = name.split(":")
                    selection |= dg.AssetSelection.checks(dg.AssetCheckKey(self.key(asset), check))
        else:
            selection = dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks()
            selection -= dg.AssetSelection.assets(self.key("automatic"))
        return dg.materialize(
            self.assets, selection=selection, instance=self.instance, raise_on_error=False, **options
        )

    def told(self, name="model"):
        """The last answer of the asset's gate."""
        history = self.instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(self.key(name), "quality_gate"), limit=1
        )
        return history[0].evaluation

    def materialized(self, name):
        """How often an asset was materialized."""
        return len(self.instance.fetch_materializations(self.key(name), limit=100).records)
