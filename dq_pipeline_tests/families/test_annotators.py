"""Annotators: the one who is off is named with numbers and work to do, an honest crowd passes, nobody is dropped."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from dq_pipeline.families.verdict import shown
from dq_pipeline.reference import MEASURES
from dq_pipeline.spec import spec_from
from dq_pipeline_tests.families.crowd import Crowd, audited, by_check, by_key

LABELS = np.array(["cat", "dog", "cow"])


def simulated(folder, how=None, *, annotators=8, items=600, votes=3, twice=0, deal=None):
    """A spec's tables; `how` maps an annotator's place to a function of (truth, random) that gives a label.

    Args:
        folder: Where they go.
        how: Who labels otherwise than right with chance .85.
        annotators: How many.
        items: How many.
        votes: Annotators an item.
        twice: Items that each annotator labels a second time.
        deal: A function of (truth, random) that chooses the item's annotators.
    """
    random = np.random.default_rng(11)

    def honest(truth, random):
        return truth if random.random() < 0.85 else int(random.integers(3))

    rows, gold = [], []
    for place in range(items):
        truth = int(random.choice(3, p=(0.5, 0.3, 0.2)))
        item = f"i{place:04}"
        if place % 2:
            gold.append((item, LABELS[truth]))
        chosen = deal(truth, random) if deal else random.permutation(annotators)[:votes]
        for who in chosen:
            label = (how or {}).get(int(who), honest)(truth, random)
            rows.append((item, f"ann{who}", LABELS[label], str(round(float(random.gamma(4, 3)), 1))))
    for who in range(annotators):
        own = [row for row in rows if row[1] == f"ann{who}"][:twice]
        for item, name, label, seconds in own:
            truth = int(np.flatnonzero(label == LABELS)[0])
            again = (how or {}).get(who, lambda truth, _: truth)(truth, random)
            rows.append((item, name, LABELS[again], seconds))
    tables = {"annotations": [("item", "who", "label", "seconds"), *rows], "gold": [("item", "label"), *gold]}
    for name, table in tables.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(table)
    annotations = {
        "table": "annotations.csv",
        "item": "item",
        "annotator": "who",
        "label": "label",
        "seconds": "seconds",
    }
    return {
        "dataset": "pets",
        "annotations": annotations,
        "gold": {"table": "gold.csv", "item": "item", "label": "label"},
    }


def likes_dogs(truth, random):
    """Calls half of the cats dogs."""
    return 1 if truth == 0 and random.random() < 0.5 else truth


def guesses(_truth, random):
    """Does not look at the item."""
    return int(random.choice(3, p=[0.5, 0.3, 0.2]))


def always_cat(_truth, _random):
    """Gives one label throughout."""
    return 0


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """One who likes dogs, one who guesses, one who gives one label throughout."""
    folder = tmp_path_factory.mktemp("planted")
    how = {2: likes_dogs, 5: guesses, 7: always_cat}
    return audited(simulated(folder, how, annotators=10, items=1200, twice=30), folder, "annotators", "gold")


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("honest")
    return audited(simulated(folder, items=800, twice=20), folder, "annotators", "gold")


def test_an_honest_crowd_passes_every_check(honest):
    verdicts = by_check(honest)
    assert {name: one.verdict for name, one in verdicts.items()} == dict.fromkeys(verdicts, "clear")
    assert len(verdicts) == 13
    assert all(one.remedy == "" for one in verdicts.values())


def test_who_favours_a_label_is_named_with_the_points(planted):
    verdict = by_check(planted)["annotators_label_bias"]
    assert verdict.verdict == "warn"
    bias = by_key(planted, "label_bias", "annotator,label")
    assert bias["ann2|dog"].low > 0.05
    assert bias["ann2|cat"].high < -0.05
    beyond = {key.split("|")[0] for key, one in bias.items() if one.low > 0.05 or one.high < -0.05}
    assert beyond <= {"ann2", "ann7", "ann5"}
    assert "ann2" in beyond
    assert verdict.key == "ann7|cat"  # who gives it to everything
    n = by_key(planted, "label_share", "annotator,label")["ann7|cat"].n
    assert verdict.sentence.startswith(
        f"ann7 gives label 'cat' to {n} of {n} votes, a share of 1, and the peers "
    )
    assert "the limit is 0.05 either way (beyond it too: " in verdict.sentence
    assert verdict.remedy.startswith(
        "Go through the guideline for label 'cat' with ann7, then have ann7 label 40 items again on which ann7 gave it and the others did not."
    )


def test_who_does_not_look_at_the_items_is_named(planted):
    verdicts = by_check(planted)
    kappa = verdicts["annotators_kappa_with_peers"]
    assert kappa.verdict == "warn"
    assert kappa.key in {"ann5", "ann7"}
    assert "labels hardly depend on the item: kappa with peers is" in kappa.sentence
    gap = verdicts["annotators_agreement_gap"]
    assert gap.verdict == "warn"
    assert gap.key in {"ann5", "ann7"}
    assert "than the others do with each other on the same items (0." in gap.sentence
    assert gap.remedy.endswith("before deciding anything: it may be the guideline, or the items.")


def test_constant_answers_are_named_beside_what_the_peers_give(planted):
    verdict = by_check(planted)["annotators_constant_excess"]
    assert (verdict.verdict, verdict.key) == ("warn", "ann7")
    assert verdict.value == pytest.approx(0.5, abs=0.12)
    n = by_key(planted, "constant_share")["ann7"].n
    assert verdict.sentence.startswith(f"ann7 gives one label to {n} of {n} votes (1), ")


def test_who_contradicts_himself_is_named(planted):
    verdict = by_check(planted)["annotators_repeat_agreement_at_most"]
    assert verdict.verdict == "warn"
    own = by_key(planted, "repeat_agreement")
    assert min((one.value, name) for name, one in own.items() if name)[1] == "ann5"
    mine = own["ann5"]
    assert f"lowest is ann5 with {round(mine.value * mine.n)} of {mine.n} (0." in verdict.sentence
    assert "items that ann5 labelled in two ways with ann5" in verdict.remedy


def test_who_is_wrong_on_gold_is_named(planted):
    verdict = by_check(planted)["annotators_gold_accuracy_at_most"]
    assert verdict.verdict == "warn"
    assert verdict.key in {"ann5", "ann7"}
    accuracy = by_key(planted, "gold_accuracy")
    assert accuracy["ann5"].high < 0.7
    assert accuracy["ann0"].low > 0.75
    worst = accuracy[verdict.key]
    right = round(worst.value * worst.n)
    assert verdict.sentence.startswith(
        f"{verdict.key} is right on {right} of {worst.n} votes on gold items (0."
    )
    assert "check those gold labels" in verdict.remedy


def test_every_number_has_a_definition(planted):
    assert {row.measure for row in planted.measures if row.family in {"annotators", "gold"}} <= set(MEASURES)


def test_nobody_is_ever_told_to_be_dropped(planted):
    said = " ".join(one.remedy for one in planted.verdicts).lower()
    assert not any(word in said for word in ("drop", "remove", "exclude", "fire"))


def test_gold_is_told_by_label_by_confusion_and_by_speed(planted):
    assert by_check(planted)["gold_accuracy"].verdict in {"clear", "warn"}
    of_cat = by_key(planted, "accuracy_of_label", "label")["cat"]
    assert 0.6 < of_cat.value < 0.9
    confusion = by_key(planted, "gold_confusion", "gold,label")
    assert max(confusion, key=lambda key: confusion[key].value) in {"cow|cat", "dog|cat"}
    assert list(by_key(planted, "gold_accuracy", "speed")) == ["1 fastest", "2", "3", "4", "5 slowest"]
    medians = by_key(planted, "seconds_median")
    assert len(medians) == 10
    assert all(8 < one.value < 16 for one in medians.values())


def test_gold_that_the_votes_contradict_is_suspect(tmp_path):
    written = simulated(tmp_path, {who: lambda truth, _: truth for who in range(8)}, items=200)
    gold = (tmp_path / "gold.csv").read_text().splitlines()
    turned = [line.replace("cat", "cow") if place % 4 == 0 else line for place, line in enumerate(gold)]
    (tmp_path / "gold.csv").write_text("\n".join(turned) + "\n")
    verdict = by_check(audited(written, tmp_path, "gold"))["gold_suspect"]
    assert verdict.verdict == "warn"
    count = sum(one != other for one, other in zip(gold, turned, strict=True))
    assert verdict.value == pytest.approx(count / 100)
    assert verdict.remedy.startswith(
        f"Have somebody who knows look at the {count} gold items on which 80 % or more of 3 votes"
    )


def test_gold_that_half_of_the_votes_miss_blocks(tmp_path):
    written = simulated(tmp_path, dict.fromkeys(range(8), guesses), items=200)
    verdict = by_check(audited(written, tmp_path, "gold"))["gold_accuracy"]
    assert verdict.verdict == "block"
    assert "wrong labels, " in verdict.remedy
    assert "where gold says" in verdict.remedy


def test_labels_that_are_there_already_are_held_against_gold_too(tmp_path):
    (tmp_path / "items.csv").write_text(
        "id,kind\n" + "".join(f"i{n},{'cat' if n % 5 else 'dog'}\n" for n in range(50))
    )
    (tmp_path / "gold.csv").write_text("item,label\n" + "".join(f"i{n},cat\n" for n in range(30)))
    spec = {
        "dataset": "pets",
        "items": {"table": "items.csv", "id": "id", "label": "kind"},
        "gold": {"table": "gold.csv", "item": "item", "label": "label"},
    }
    found = audited(spec, tmp_path, "gold", "annotators")
    verdict = by_check(found)["gold_accuracy"]
    assert (verdict.value, verdict.n, verdict.table) == (24 / 30, 30, "items")
    assert found.silent["annotators"] == "the spec names no annotations"
    assert "gold_suspect" not in by_check(found)


def test_labels_that_decide_who_annotates_are_told(tmp_path):
    def dealt(truth, random):
        return random.permutation(4)[:3] if truth == 0 else 4 + random.permutation(4)[:3]

    found = by_check(audited(simulated(tmp_path, deal=dealt), tmp_path, "annotators"))
    assert found["annotators_assignment"].verdict == "warn"
    assert found["annotators_assignment"].remedy.startswith("Deal the items out at random")
    assert found["annotators_unjudged_share"].verdict == "warn"
    assert "fall into 2 parts that share none" in found["annotators_unjudged_share"].sentence
    assert found["annotators_unjudged_share"].remedy.startswith(
        "Have 10 items labelled by annotators of every part"
    )


def test_a_label_of_one_annotator_alone_is_told(tmp_path):
    def invents(truth, _random):
        return 2 if truth == 2 else truth

    how = {who: lambda truth, _: truth % 2 for who in range(7)} | {7: invents}
    verdict = by_check(audited(simulated(tmp_path, how), tmp_path, "annotators"))["annotators_users_of_label"]
    assert (verdict.verdict, verdict.key) == ("warn", "cow")
    assert "is used by one annotator alone" in verdict.sentence


def test_agreement_without_a_single_exception_is_too_good_to_be_true(tmp_path):
    how = {who: lambda truth, _: truth for who in range(8)}
    verdict = by_check(audited(simulated(tmp_path, how), tmp_path, "annotators"))["annotators_disagreements"]
    assert verdict.verdict == "warn"
    assert verdict.sentence.startswith("Not one of 1,800 votes disagrees with a peer")
    few = by_check(audited(simulated(tmp_path, how, items=20), tmp_path, "annotators"))[
        "annotators_disagreements"
    ]
    assert few.verdict == "insufficient"


def test_annotators_who_share_no_item_cannot_be_compared(tmp_path):
    found = by_check(audited(simulated(tmp_path, votes=1), tmp_path, "annotators"))
    for name in ("agreement_gap", "label_bias", "kappa_with_peers"):
        verdict = found[f"annotators_{name}"]
        assert verdict.verdict == "insufficient"
        assert "no item has votes of two annotators" in verdict.sentence
        assert verdict.remedy == "Give each annotator 10 items at least that another annotator labels too."
    assert found["annotators_unjudged_share"].verdict == "warn"
    assert "no two annotators share an item" in found["annotators_unjudged_share"].sentence


def test_the_least_that_the_policy_asks_is_held_to(tmp_path):
    written = simulated(tmp_path, {5: guesses}, items=100)
    asked = {"least_overlap": 500, "least_gold": 500, "least_votes": 500}
    found = by_check(audited(written, tmp_path, annotators=asked))
    assert found["annotators_agreement_gap"].verdict == "insufficient"
    assert "the most that an annotator has is" in found["annotators_agreement_gap"].sentence
    assert "any label: the most that a label has is" in found["annotators_users_of_label"].sentence
    assert found["annotators_gold_accuracy_at_most"].verdict == "insufficient"
    assert (
        found["annotators_gold_accuracy_at_most"].remedy
        == "Give each annotator 500 gold items among the others."
    )


def test_disagreement_that_is_data_never_blocks(tmp_path):
    written = simulated(tmp_path, {5: guesses, 7: always_cat}) | {"labels": {"paradigm": "descriptive"}}
    block = {"block": -0.1, "compare": "high"}
    policy = {
        "agreement_gap": block,
        "label_bias": {"block": 0.05},
        "kappa_with_peers": {"block": 0.1, "compare": "high"},
    }
    policy["gold_accuracy"] = {"block": 0.7, "compare": "high"}
    found = by_check(audited(written, tmp_path, annotators=policy))
    assert {found[f"annotators_{name}"].verdict for name in ("agreement_gap", "label_bias")} == {"warn"}
    assert found["annotators_kappa_with_peers"].verdict in {"clear", "warn"}
    assert found["annotators_gold_accuracy_at_most"].verdict == "block"


def test_a_policy_may_judge_the_value_itself(tmp_path):
    written = simulated(tmp_path, {5: guesses}, twice=20)
    policy = {
        "gold_accuracy": {"warn": 0.99},
        "repeat_agreement": {"warn": 0.999},
        "label_bias": {"warn": 0.0001, "compare": "value"},
    }
    found = by_check(audited(written, tmp_path, annotators=policy))
    assert found["annotators_gold_accuracy_at_most"].verdict == "warn"
    assert found["annotators_repeat_agreement_at_most"].verdict == "warn"
    assert found["annotators_label_bias"].verdict == "warn"


def test_an_interval_on_both_sides_of_0_is_told_with_its_signs(tmp_path):
    policy = {"label_bias": {"warn": 0.0001, "compare": "value"}, "agreement_gap": False}
    results = audited(simulated(tmp_path), tmp_path, annotators=policy)
    verdict = by_check(results)["annotators_label_bias"]
    assert verdict.low < 0 < verdict.high
    ends = (verdict.low, verdict.high) if verdict.value > 0 else (-verdict.high, -verdict.low)
    way = "more" if verdict.value > 0 else "less"
    assert f"{shown(abs(verdict.value))} {way} ({shown(ends[0])} to {shown(ends[1])})" in verdict.sentence


def voted(folder, rows, gold=()):
    """A spec of these annotations, (item, who, label), and this gold."""
    spec = {"dataset": "pets", "annotations": {"table": "a.csv", "item": "item", "annotator": "who", "label": "label"}}  # fmt: skip
    tables = {"a.csv": [("item", "who", "label"), *rows], "g.csv": [("item", "label"), *gold]}
    for name, table in tables.items():
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows(table)
    return spec | ({"gold": {"table": "g.csv", "item": "item", "label": "label"}} if gold else {})


def test_the_verdict_on_repeats_names_whom_it_rests_on_and_not_who_is_lowest_on_few(tmp_path):
    rows = []
    for who, items, same in (("few", 11, 7), ("many", 100, 72)):
        for place in range(items):
            rows += [(f"i{place}", who, "cat"), (f"i{place}", who, "cat" if place < same else "dog")]
    results = audited(voted(tmp_path, rows), tmp_path, "annotators")
    verdict = by_check(results)["annotators_repeat_agreement_at_most"]
    best = by_key(results, "repeat_agreement_at_most")
    assert best["few"].value > 0.8 > best["many"].value == verdict.value
    assert verdict.verdict == "warn"
    assert f"lowest is many with 72 of 100 (0.72, 0.6251 to 0.7986), {shown(verdict.value)} at best; the limit is >= 0.8." in verdict.sentence  # fmt: skip
    assert verdict.remedy.startswith("Go through the 28 items that many labelled in two ways with many")


def test_the_sentence_on_gold_has_the_end_that_judges(tmp_path):
    rows = [(f"i{place}", "ann", "cat" if place < 29 else "dog") for place in range(50)]
    gold = [(f"i{place}", "cat") for place in range(50)]
    verdict = by_check(audited(voted(tmp_path, rows, gold), tmp_path, "annotators"))[
        "annotators_gold_accuracy_at_most"
    ]
    # One annotator alone is judged by a one-sided test at 5 %, whose end lies within the limit of the two-sided interval.
    assert verdict.sentence == (
        "ann is right on 29 of 50 votes on gold items (0.58, 0.4423 to 0.7062), 0.6878 at best; the limit is 0.7."
    )


def test_too_few_votes_are_told_as_many_as_they_are(tmp_path):
    rows = [(f"i{place}", who, label) for place in range(3) for who, label in (("ann", "cat"), ("bo", "dog"))]
    found = by_check(audited(voted(tmp_path, rows), tmp_path, "annotators"))
    for name in ("label_bias", "agreement_gap"):
        assert found[f"annotators_{name}"].verdict == "insufficient"
        assert (
            "the most that an annotator has is 3 votes, and 10 are asked"
            in found[f"annotators_{name}"].sentence
        )


def test_evidence_that_is_asked_for_closes_the_gate(tmp_path):
    found = by_check(audited(simulated(tmp_path), tmp_path, annotators={"require_evidence": True}))
    assert found["annotators_repeat_agreement_at_most"].verdict == "insufficient"
    assert found["annotators_repeat_agreement_at_most"].blocking


def test_on_a_scale_it_is_told_who_rates_higher(tmp_path):
    def harsher(truth, random):
        return min(truth + int(random.random() < 0.5), 2)

    written = simulated(tmp_path, {3: harsher}) | {"labels": {"level": "ordinal", "values": LABELS.tolist()}}
    bias = by_key(audited(written, tmp_path, "annotators"), "scale_bias")
    assert bias["ann3"].low > 0.1
    assert all(one.low < 0 for name, one in bias.items() if name != "ann3")


def test_an_empty_table_is_insufficient_and_no_error(tmp_path):
    (tmp_path / "a.csv").write_text("item,who,label,seconds\n")
    (tmp_path / "g.csv").write_text("item,label\n")
    spec = {
        "dataset": "pets",
        "annotations": {
            "table": "a.csv",
            "item": "item",
            "annotator": "who",
            "label": "label",
            "seconds": "seconds",
        },
        "gold": {"table": "g.csv", "item": "item", "label": "label"},
    }
    found = by_check(audited(spec, tmp_path, "annotators", "gold"))
    assert found["annotators_agreement_gap"].verdict == "insufficient"
    assert found["gold_accuracy"].verdict == "insufficient"
    assert found["gold_accuracy"].remedy == "Have 10 gold items or more labelled among the others."


def real(folder, annotations, gold=None, **more):
    """The audit of a real set."""
    if "DQ_REAL_DATA" not in os.environ:
        pytest.skip("DQ_REAL_DATA names no folder")
    base = Path(os.environ["DQ_REAL_DATA"]) / folder
    table, item, annotator, label, *seconds = annotations
    spec = {
        "dataset": folder,
        "annotations": {"table": table, "item": item, "annotator": annotator, "label": label},
    }
    if seconds:
        spec["annotations"]["seconds"] = seconds[0]
    if gold:
        spec["gold"] = {"table": gold, "item": "item", "label": "label"}
    spec_from(spec | more, base=base)
    return audited(spec | more, base, "annotators", "gold")


def test_convabuse_names_who_calls_more_and_who_calls_less_abusive():
    scale = {"level": "ordinal", "values": ["-3", "-2", "-1", "0", "1"]}
    found = real("convabuse", ("annotations.csv.gz", "item_id", "annotator_id", "severity"), labels=scale)
    repeats = by_key(found, "repeat_agreement", None)[None]
    assert (repeats.n, round(repeats.value, 3)) == (345, 0.919)
    verdict = by_check(found)["annotators_label_bias"]
    assert (verdict.verdict, verdict.key) == ("warn", "Annotator5|1")
    bias = by_key(found, "label_bias", "annotator,label")
    assert bias["Annotator5|1"].value == pytest.approx(-0.239, abs=5e-4)  # calls fewer not abusive
    assert bias["Annotator7|1"].value == pytest.approx(0.105, abs=5e-4)  # calls more not abusive
    scale_bias = by_key(found, "scale_bias")
    assert min(scale_bias, key=lambda name: scale_bias[name].value) == "Annotator5"
    assert max(scale_bias, key=lambda name: scale_bias[name].value) == "Annotator7"
    assert by_check(found)["annotators_agreement_gap"].key == "Annotator5"
    assert len(by_key(found, "cohen_kappa", "annotator,annotator")) == 28


def test_weather_sentiment_names_those_who_give_one_label_and_tells_speed():
    found = real(
        "weather_sentiment", ("annotations_mturk.csv", "item", "annotator", "label", "seconds"), "gold.csv"
    )
    verdict = by_check(found)["annotators_constant_excess"]
    assert verdict.key in {"A510NKLV727GZ", "A49XY0E6KFP15"}
    assert by_key(found, "gold_accuracy")["A510NKLV727GZ"].value == pytest.approx(26 / 107)
    assert by_key(found, "repeat_agreement", None)[None].n == 5
    speed = by_key(found, "gold_accuracy", "speed")
    assert sum(one.n for one in speed.values()) == 6025
    assert len(by_key(found, "seconds_median")) == 110


def test_music_genre_names_those_whose_labels_do_not_depend_on_the_music():
    found = real("music_genre", ("annotations.csv", "item", "annotator", "label"), "gold.csv")
    kappa = by_key(found, "kappa_with_peers")
    beyond = {name for name, one in kappa.items() if one.status == "ok" and one.high < 0.1}
    assert beyond == {"A242LCRYG0BH30", "AK0F484W5TBJ4"}
    assert {by_key(found, "gold_accuracy")[name].high < 0.2 for name in beyond} == {True}
    assert by_check(found)["gold_accuracy"].value == pytest.approx(1650 / 2945)


def test_a_crowd_of_drifters_is_a_crowd_all_the_same(tmp_path):
    written = Crowd(weeks=4).write(tmp_path)
    assert by_check(audited(written, tmp_path, "annotators"))["annotators_agreement_gap"].verdict == "clear"
