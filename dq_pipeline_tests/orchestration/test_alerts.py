"""Alerts: each check that failed or recovered is told once, to every channel, also when one of them is down."""

import itertools
import time
from datetime import date, datetime, timedelta, timezone

import dagster as dg
import pytest

from dq_pipeline import build_check_alerts
from dq_pipeline.orchestration import check_changes
from dq_pipeline.orchestration.check_change import Seen
from dq_pipeline.orchestration.overdue import LATE, longest_pause, nightly_freshness, overdue
from dq_pipeline.orchestration.waivers import CheckWaiver
from dq_pipeline.spec.errors import InputError
from dq_pipeline_tests.orchestration.conftest import BOTH

pytestmark = BOTH
NUMBERS = itertools.count()


class Watched:
    """One asset with a blocking and a telling check, and a sensor that tells `told` of them."""

    def __init__(self, instance):
        self.instance, self.told, self.passing = instance, [], {"agreement": True, "balance": True}
        self.cursor, self.metadata = None, {}
        self.prefix = f"alerts{next(NUMBERS)}"
        self.key = dg.AssetKey([self.prefix, "images"])
        watched = self

        @dg.asset(key_prefix=self.prefix)
        def images(): ...

        def check(name, blocking):
            @dg.asset_check(asset=images, name=name, blocking=blocking)
            def answer():
                if watched.passing[name] is None:
                    raise ValueError("no answer")
                severity = dg.AssetCheckSeverity.WARN if watched.metadata else dg.AssetCheckSeverity.ERROR
                return dg.AssetCheckResult(
                    passed=watched.passing[name],
                    severity=severity,
                    description=f"{name} said so.",
                    metadata={"what_to_do": "Mend it.", **watched.metadata},
                )

            return answer

        self.checks = [check("agreement", True), check("balance", False)]
        self.images = images
        self.sensor = build_check_alerts(self.told.append)

    def run(self, **passing):
        self.passing.update(passing)
        dg.materialize([self.images, *self.checks], instance=self.instance, raise_on_error=False)

    def look(self, sensor=None):
        """What a tick tells, as check and state; the cursor moves on."""
        already = len(self.told)
        defs = dg.Definitions(assets=[self.images], asset_checks=self.checks)
        context = dg.build_sensor_context(
            self.instance, cursor=self.cursor, repository_def=defs.get_repository_def()
        )
        (sensor or self.sensor)(context)
        self.cursor = context.cursor
        return [(change.check, change.now) for change in self.told[already:]]


@pytest.fixture
def watched(instance, monkeypatch):
    monkeypatch.setattr(check_changes, "SETTLE", -60.0)  # tests do not wait for events to settle
    return Watched(instance)


def test_a_failure_and_its_recovery_are_told_once_each(watched):
    watched.run()
    assert watched.look() == []
    watched.run(agreement=False, balance=False)
    assert sorted(watched.look()) == [("agreement", "failed"), ("balance", "failed")]
    watched.run()
    assert watched.look() == [], "it failed again, which is no change"
    assert watched.look() == []
    watched.run(agreement=True, balance=False)
    assert watched.look() == [("agreement", "recovered")]
    change = watched.told[0]
    assert change.text.endswith(f"{change.check} said so. Mend it.")
    assert change.run_id
    assert (watched.told[-1].before, watched.told[-1].asset) == ("failed", watched.key)


def test_what_failed_before_the_first_look_is_told_at_it(watched):
    watched.run(balance=False)
    assert watched.look() == [("balance", "failed")]
    assert watched.look() == []


def test_what_failed_and_recovered_between_two_looks_is_told_twice(watched):
    watched.run()
    watched.look()
    watched.run(agreement=False)
    watched.run(agreement=True)
    assert watched.look() == [("agreement", "failed"), ("agreement", "recovered")]


def test_a_check_that_never_answered_is_told_once(watched):
    watched.run()
    watched.look()
    watched.run(agreement=None)
    assert watched.look() == [("agreement", "unanswered")]
    assert watched.look() == []
    watched.run(agreement=True)
    assert watched.look() == [("agreement", "recovered")]


def test_a_check_that_is_waived_says_so(watched):
    watched.run()
    watched.look()
    watched.metadata = CheckWaiver("ana", "known", date(2999, 1, 1)).metadata
    watched.run(agreement=False)
    assert watched.look() == [("agreement", "waived")]
    watched.metadata = CheckWaiver("ana", "known", date(2020, 1, 1)).metadata
    watched.run()
    assert watched.look() == [("agreement", "failed")], "its waiver has expired"
    watched.metadata = {"other": 1}
    watched.run()
    assert watched.look() == [("agreement", "warned")]


def test_a_channel_that_is_down_is_told_later_and_the_others_not_again(watched):
    second, down = [], [True]

    def unsteady(change):
        if down[0]:
            raise ConnectionError("nobody there")
        second.append(change)

    sensor = build_check_alerts([unsteady, watched.told.append])
    watched.run()
    watched.look(sensor)
    watched.run(agreement=False, balance=False)
    assert len(watched.look(sensor)) == 2, "the channel that is up waits for nobody"
    assert (watched.look(sensor), second) == ([], [])
    watched.run(agreement=True)
    assert watched.look(sensor) == [("agreement", "recovered")]
    down[0] = False
    assert watched.look(sensor) == []
    assert [(one.check, one.now) for one in second] == [(one.check, one.now) for one in watched.told]
    watched.look(sensor)
    assert len(second) == len(watched.told) == 3


def test_a_channel_that_is_added_is_told_from_then_on(watched):
    watched.run(agreement=False)
    watched.look()
    added = []
    sensor = build_check_alerts([watched.told.append, added.append])
    watched.run(balance=False)
    assert watched.look(sensor) == [("balance", "failed")]
    assert sorted((one.check, one.now) for one in added) == [("agreement", "failed"), ("balance", "failed")]


def test_events_rest_before_they_are_read(watched, monkeypatch):
    watched.run()
    watched.look()
    monkeypatch.setattr(check_changes, "SETTLE", 60.0)
    watched.run(agreement=False)
    assert watched.look() == []
    monkeypatch.setattr(check_changes, "SETTLE", 0.0)
    assert watched.look() == [("agreement", "failed")]


def test_only_the_checks_that_are_asked_for_are_told(watched):
    sensor = build_check_alerts(watched.told.append, assets=f"key:{watched.prefix}/other")
    watched.run(agreement=False)
    assert watched.look(sensor) == []


def test_an_asset_is_overdue_once_its_window_has_passed_and_on_time_again(instance):
    key = dg.AssetKey(["late", f"images{next(NUMBERS)}"])

    @dg.asset(key=key, freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=30)))
    def images(): ...

    graph = dg.Definitions(assets=[images]).resolve_asset_graph()
    seen = Seen(0, 0)

    def late(at, seen):
        found = list(overdue(instance, graph, [key], seen, at))
        return [change.now for change, _ in found], found[-1][1] if found else seen

    assert late(time.time(), seen)[0] == [], "nobody has started"
    dg.materialize([images], instance=instance)
    made = instance.get_latest_materialization_event(key).timestamp
    end = made + 30 * 3600
    assert late(end, seen)[0] == [], "the end is within"
    told, seen = late(end + 1, seen)
    assert told == ["overdue"]
    assert late(end + 2, seen)[0] == []
    dg.materialize([images], instance=instance)
    assert late(time.time(), seen)[0] == ["recovered"]


def test_an_asset_with_a_deadline_is_overdue_after_it(instance):
    key = dg.AssetKey(["late", f"images{next(NUMBERS)}"])
    policy = dg.FreshnessPolicy.cron(
        deadline_cron="0 8 * * *", lower_bound_delta=timedelta(hours=6), timezone="Europe/Paris"
    )

    @dg.asset(key=key, freshness_policy=policy)
    def images(): ...

    graph = dg.Definitions(assets=[images]).resolve_asset_graph()
    dg.materialize([images], instance=instance)
    made = datetime.fromtimestamp(instance.get_latest_materialization_event(key).timestamp, timezone.utc)
    tomorrow = (made + timedelta(days=2)).replace(hour=12)
    assert [one.now for one, _ in overdue(instance, graph, [key], Seen(0, 0), tomorrow.timestamp())] == [
        "overdue"
    ]


def test_a_night_may_be_late_by_some_hours_also_over_a_weekend_and_a_change_of_clocks(instance):
    assert instance is not None
    start = datetime(2026, 3, 1, tzinfo=timezone.utc)
    assert longest_pause("0 2 * * *", "UTC", start) == timedelta(days=1)
    assert longest_pause("0 2 * * 1-5", "UTC", start) == timedelta(days=3)
    assert longest_pause("30 3 * * *", "Europe/Paris", start) == timedelta(hours=25), "in October"
    assert nightly_freshness("0 2 * * *", "UTC").fail_window.to_timedelta() == timedelta(days=1) + LATE


def test_without_a_channel_there_is_nobody_to_tell(instance):
    assert instance is not None
    with pytest.raises(InputError, match="no channel"):
        build_check_alerts([])
