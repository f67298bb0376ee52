"""Malformed specs and tables, one thing wrong in each, with the words that the command line must say."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Mapping

SPEC = """\
dataset: pets
annotations: {table: annotations.csv, item: item, annotator: annotator, label: label}
"""
WITH_ITEMS = SPEC + "items: {table: items.csv, id: item, source: source}\n"
LABELLED = "dataset: pets\nitems: {table: items.csv, id: item, label: label}\n"
WITH_GOLD = SPEC + "gold: {table: gold.csv, item: item, label: label}\n"
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
VOTES = [(f"i{n:03}", who, ["cat", "dog"][n % 2]) for n in range(120) for who in ("ana", "ben")]


def votes(label=lambda _item, _who, label: label, mark=",", header="item,annotator,label"):
    """A clean table of 240 annotations, each label as `label` makes it."""
    rows = [mark.join((item, who, label(item, who, said))) for item, who, said in VOTES]
    return "\n".join([header.replace(",", mark), *rows]) + "\n"


def parquet(columns=None):
    """A table as Parquet: the same annotations unless said."""
    file = io.BytesIO()
    names = ("item", "annotator", "label")
    same = dict(zip(names, map(list, zip(*VOTES, strict=True)), strict=True))
    pq.write_table(pa.table(same) if columns is None else columns, file)
    return file.getvalue()


@dataclass(frozen=True)
class Malformed:
    """One thing wrong.

    Attributes:
        name: What is wrong, in words.
        says: Texts that the output must hold.
        status: The exit status.
        spec: The spec's text, or bytes.
        tables: Files beside it; text is written as UTF-8.
        folders: Folders beside it.
    """

    name: str
    says: tuple[str, ...]
    status: int = 2
    spec: str | bytes = SPEC
    tables: Mapping[str, str | bytes] = field(default_factory=dict)
    folders: tuple[str, ...] = ()


SPECS = [
    Malformed("an empty spec", ("an empty file", "dataset:"), spec=""),
    Malformed("a spec that is no YAML", ("line 2",), spec="dataset: pets\n  items: [}\n"),
    Malformed("a spec that is a list", ("a list",), spec="- dataset: pets\n"),
    Malformed("a spec with a tab", ("line 3",), spec="dataset: pets\nitems:\n\ttable: a.csv\n"),
    Malformed("a glob without quotes", ("line 2", 'write `"*.csv"`, in quotes'), spec=SPEC.replace("annotations.csv", "*.csv")),
    Malformed("a variable without quotes", ("line 2", 'write `"${VOTES}"`, in quotes'), spec=SPEC.replace("table: annotations.csv", "table: votes, database: ${VOTES}")),
    Malformed("a spec that is not UTF-8", ("byte 9 is not UTF-8", "iconv"), spec=b"dataset: \xe9t\xe9\n"),
    Malformed("a key twice", ("again, first on line 1",), spec=SPEC + "dataset: other\n"),
    Malformed("an unknown key", ("unknown key 'anotations'", "write 'annotations'"), spec="dataset: pets\nanotations: {}\n"),
    Malformed("an unknown key deep inside", ("unknown key 'anotator'", "annotator"), spec=SPEC.replace("annotator:", "anotator:")),
    Malformed("no dataset", ("no 'dataset'",), spec=SPEC.partition("\n")[2]),
    Malformed("a dataset with a space", ("write `dataset: my_pets`",), spec=SPEC.replace("pets", "my pets")),
    Malformed("neither items nor annotations", ("one of 'items' or 'annotations'",), spec="dataset: pets\n"),
    Malformed("no label column", ("no 'label'",), spec=SPEC.replace(", label: label", "")),
    Malformed("a cron line of four fields", ("five fields",), spec=SPEC + 'nightly: {cron: "0 2 * *"}\n'),
    Malformed("a cron line that never comes due", ("cron",), spec=SPEC + 'nightly: {cron: "0 2 31 2 *"}\n'),
    Malformed("a time zone that is none", ("IANA time zone",), spec=SPEC + "nightly: {timezone: Mars/Base}\n"),
    Malformed("a threshold above one", ("krippendorff_alpha",), spec=SPEC + "checks: {agreement: {krippendorff_alpha: {block: 1.7}}}\n"),
    Malformed("a threshold that is text", ("krippendorff_alpha",), spec=SPEC + "checks: {agreement: {krippendorff_alpha: {block: high}}}\n"),
    Malformed("a family that is none", ("agrement", "agreement"), spec=SPEC + "checks: {agrement: false}\n"),
    Malformed("a level of measurement that is none", ("level",), spec=SPEC + "labels: {level: ordinary}\n"),
    Malformed("a label declared twice", ("found twice: cat",), spec=SPEC + "labels: {values: [cat, cat]}\n"),
    Malformed("an ordinal scale without its order", ("an ordinal level needs `values`",), spec=SPEC + "labels: {level: ordinal}\n", tables={"annotations.csv": votes()}),
    Malformed("a split that leaves nothing to train on", ("below 1",), spec=SPEC + "training_set: {split: {validation: 0.5, test: 0.6}}\n"),
    Malformed("a split by a group that nobody named", ("items.group",), spec=SPEC + "training_set: {split: {by: group}}\n"),
    Malformed("a waiver without an owner", ("no 'owner'",), spec=SPEC + "waivers: [{check: balance, reason: x, expires: 2026-12-31}]\n"),
    Malformed("a waiver of a check that does not exist", ("waivers.0.check", "'agrement', which is no check", "write 'agreement'"), spec=SPEC + "waivers: [{check: agrement, reason: x, owner: ana, expires: 2999-12-31}]\n"),
    Malformed("a waiver of a family that is off", ("checks.balance is false", "take 'balance' out"), spec=SPEC + "checks: {balance: false}\nwaivers: [{check: balance, reason: x, owner: ana, expires: 2999-12-31}]\n"),
    Malformed("a quarantine of a check that does not exist", ("training_set.quarantine.checks.0", "'agrement', which is no check"), spec=SPEC + "training_set: {quarantine: [agrement]}\n"),
    Malformed("a quarantine of everything", ("at_most",), spec=SPEC + "training_set: {quarantine: {checks: [agreement], at_most: 1}}\n"),
    Malformed("a waiver that expires on no day", ("expires",), spec=SPEC + "waivers: [{check: balance, reason: x, owner: ana, expires: 2026-02-30}]\n"),
    Malformed("items labelled already, and annotations", ("line 2, items.label", "take `label: label` out"), spec=LABELLED + "annotations: {table: annotations.csv, item: id, annotator: who, label: label}\n"),
    Malformed("a separator of labels that annotators give", ("labels.separator", "name items.label"), spec=SPEC + 'labels: {separator: "|"}\n'),
    Malformed("a declared label that holds the separator", ("found 'a|b'",), spec=LABELLED + 'labels: {separator: "|", values: ["a|b"]}\n'),
    Malformed("edges that do not rise", ("edges rise",), spec=LABELLED.replace("label: label", "conditions: [{name: age, edges: [0, 65, 18]}]")),
    Malformed("a condition with values and edges", ("values and edges",), spec=LABELLED.replace("label: label", "conditions: [{name: age, values: [a], edges: [0, 65]}]")),
    Malformed("one condition that is no list", ("a list", "write `conditions: [age]`"), spec=LABELLED.replace("label: label", "conditions: age")),
    Malformed("an edge case named with a space", ("edge_cases.0.name", "letters, digits and underscores", "write `name: night_rain`"), spec=WITH_ITEMS + "edge_cases: [{name: night rain, where: 'source = 1'}]\n"),
    Malformed("one quantile", ("quantiles",), spec=LABELLED.replace("label: label", "conditions: [{name: age, quantiles: 1}]")),
    Malformed("a dataset that is a number", ("expected: text", 'write "2024" in quotes'), spec=SPEC.replace("pets", "2024")),
    Malformed("a table alone", ("expected: keys and values", "write `annotations: {...}`"), spec="dataset: pets\nannotations: a.csv\n"),
    Malformed("no declared label", ("one at least", "name one, or leave 'values' out"), spec=SPEC + "labels: {values: []}\n"),
    Malformed("a waiver until a day in another order", ("a date, such as 2026-12-31",), spec=SPEC + "waivers: [{check: balance, reason: x, owner: ana, expires: 31/12/2999}]\n"),
    Malformed("a threshold that is a number", ("checks.agreement.krippendorff_alpha", "write {block: 0.7}"), spec=SPEC + "checks: {agreement: {krippendorff_alpha: 0.7}}\n"),
    Malformed("a threshold that is a word", ("write {block: ...}",), spec=SPEC + "checks: {agreement: {krippendorff_alpha: good}}\n"),
    Malformed("a threshold in percent", ("krippendorff_alpha.block", "found:    '70 %'", "write 0.7"), spec=SPEC + "checks: {agreement: {krippendorff_alpha: {block: 70 %}}}\n"),
    Malformed("a share as so many of a hundred", ("a number from -1 to 1", "write block: 0.7"), spec=SPEC + "checks: {agreement: {krippendorff_alpha: {block: 70}}}\n"),
    Malformed("thresholds the wrong way round", ("warn at or above block", "write {warn: 0.8, block: 0.7}"), spec=SPEC + "checks: {agreement: {krippendorff_alpha: {warn: 0.7, block: 0.8}}}\n"),
    Malformed("a family that is a number", ("write `agreement: {...}`",), spec=SPEC + "checks: {agreement: 0.7}\n"),
    Malformed("a condition with a comma", ("change entry 2 of 'conditions' to fit",), spec=LABELLED.replace("label: label", "conditions: [a, 'b,c']")),
    Malformed("a memory limit that is no size", ("4GB",), spec=SPEC + "engine: {memory_limit: much}\n"),
    Malformed("a suite that is not there", ("gone.json: No such file",), spec=SPEC + "suite: gone.json\n", tables={"annotations.csv": votes()}),
    Malformed("a suite that is none", ("JSON without a list of expectations",), spec=SPEC + "suite: suite.json\n", tables={"annotations.csv": votes(), "suite.json": "[1]"}),
    Malformed("an edge case that asks a subquery", ("line 4, edge_cases.0.where", "a subquery in IN", "list the values"), spec=WITH_ITEMS + "edge_cases: [{name: x, where: 'source in (select 1)'}]\n"),
    Malformed("an edge case of a column that is not there", ("edge_cases.x.where", "an unknown column 'sorce'", "write source"), spec=WITH_ITEMS + "edge_cases: [{name: x, where: 'sorce = 1'}]\n", tables={"annotations.csv": votes(), "items.csv": "item,source\na,b\n"}),
    Malformed("an alias within itself", ("line 3", "an alias within what it stands for"), spec=SPEC + "checks: &all {agreement: *all}\n"),
    Malformed("aliases that never end", ("aliases that stand for more than",), spec="a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(f"{one}: &{one} [{', '.join([f'*{before}'] * 10)}]\n" for before, one in zip("abcdefgh", "bcdefghi", strict=True)) + SPEC),
    Malformed("an edge case without items", ("counted in the items",), spec=SPEC + "edge_cases: [{name: x, where: 'source = 1'}]\n"),
]  # fmt: skip

FILES = [
    Malformed("a missing table", ("no file at 'annotations.csv'", "mend the path")),
    Malformed("a table that is a directory", ("is a directory",), folders=("annotations.csv",)),
    Malformed("an empty table", ("is empty (0 bytes)",), tables={"annotations.csv": ""}),
    Malformed("a table of empty lines", ("empty line",), tables={"annotations.csv": "\n\n\n"}),
Malformed("a header only", ("The annotations table has a header and no rows.",), 1, tables={"annotations.csv": "item,annotator,label\n"}),
    Malformed("a missing column", ("a column 'label' for label", "write `label: lable`"), tables={"annotations.csv": votes(header="item,annotator,lable")}),
    Malformed("a column named twice", ("column 'label' stands 2 times",), tables={"annotations.csv": "item,label,annotator,label\na,1,x,1\n"}),
    Malformed("another delimiter than said", ("delimiter",), spec=SPEC.replace("item:", 'delimiter: "^", item:'), tables={"annotations.csv": votes()}),
    Malformed("a delimiter that is a word", ("no 'tab' in the header", 'write `delimiter: "\\t"`'), spec=SPEC.replace("item:", "delimiter: tab, item:"), tables={"annotations.csv": votes(mark="\t")}),
    Malformed("a header with blanks", ('write `item: "item "`',), tables={"annotations.csv": votes(header="item ,annotator,label")}),
    Malformed("a condition of a column that is not there", ("a column 'wether'", "write weather in place of wether"), spec=WITH_ITEMS.replace("source: source", "conditions: [wether]"), tables={"annotations.csv": votes(), "items.csv": "item,weather\na,b\n"}),
    Malformed("a condition that production calls otherwise", ("write `conditions: {weather: wether}`",), spec=WITH_ITEMS.replace("source: source", "conditions: [weather]") + "production: {table: production.csv}\n", tables={"annotations.csv": votes(), "items.csv": "item,weather\na,b\n", "production.csv": "wether\nb\n"}),
    Malformed("an id that is called otherwise", ("write `id: itm`",), spec=WITH_ITEMS, tables={"annotations.csv": votes(), "items.csv": "itm,source\na,b\n"}),
    Malformed("a delimiter that cannot be told", ("delimiter",), tables={"annotations.csv": votes(mark="^")}),
    Malformed("a row with too few values", ("line 3", "2 values", "3 values"), tables={"annotations.csv": "item,annotator,label\na,x,1\nb,x\n"}),
    Malformed("a row with too many values", ("line 3", "4 values"), tables={"annotations.csv": "item,annotator,label\na,x,1\nb,x,1,2\n"}),
    Malformed("a quote that never closes", ("line 2", "a quote that never closes"), tables={"annotations.csv": 'item,annotator,label\na,x,"1\nb,x,1\n'}),
    Malformed("bytes that are not UTF-8", ("line 2", "is not UTF-8"), tables={"annotations.csv": b"item,annotator,label\na,x,\xe9t\xe9\n"}),
    Malformed("UTF-32", ("is UTF-32", "iconv -f utf-32"), tables={"annotations.csv": votes().encode("utf-32")}),
    Malformed("a gzip called CSV", ("annotations.csv is gzip", "mv annotations.csv annotations.csv.gz"), tables={"annotations.csv": gzip.compress(votes().encode())}),
    Malformed("a Parquet file called CSV", ("annotations.csv is Parquet",), tables={"annotations.csv": parquet()}),
    Malformed("a spreadsheet called CSV", ("a zip archive, as an .xlsx is",), tables={"annotations.csv": b"PK\x03\x04\xf1\xff"}),
    Malformed("a pointer of Git LFS", ("a pointer of Git LFS", "git lfs pull --include annotations.csv"), tables={"annotations.csv": LFS}),
    Malformed("a pointer of Git LFS for Parquet", ("annotations.parquet, a pointer of Git LFS", "git lfs pull"), spec=SPEC.replace(".csv", ".parquet"), tables={"annotations.parquet": LFS}),
    Malformed("a page in place of the file", ("a page of HTML", "a server answered with a page"), tables={"annotations.csv": "<!DOCTYPE html>\n<html><body>403, Forbidden</body></html>\n"}),
    Malformed("UTF-16", ("is UTF-16",), tables={"annotations.csv": votes().encode("utf-16")}),
    Malformed("NUL bytes", ("NUL bytes",), tables={"annotations.csv": b"item,annotator,label\na,x,\x00\n"}),
    Malformed("a gzip that is none", ("annotations.csv.gz",), spec=SPEC.replace(".csv", ".csv.gz"), tables={"annotations.csv.gz": votes()}),
    Malformed("a gzip cut off", ("annotations.csv.gz",), spec=SPEC.replace(".csv", ".csv.gz"), tables={"annotations.csv.gz": gzip.compress(votes().encode())[:-20]}),
    Malformed("a Parquet file that is none", ("a file that is no Parquet",), spec=SPEC.replace(".csv", ".parquet"), tables={"annotations.parquet": votes()}),
    Malformed("a Parquet file of a few bytes", ("annotations.parquet, a file that is no Parquet",), spec=SPEC.replace(".csv", ".parquet"), tables={"annotations.parquet": "none"}),
    Malformed("a Parquet file cut off", ("annotations.parquet, a Parquet file that is cut short", "download it again"), spec=SPEC.replace(".csv", ".parquet"), tables={"annotations.parquet": parquet()[:-20]}),
    Malformed("one of several Parquet files cut off", ("part-2.parquet, a Parquet file that is cut short",), spec=SPEC.replace("annotations.csv", "part-*.parquet"), tables={"part-1.parquet": parquet(), "part-2.parquet": parquet()[:-20]}),
    Malformed("a Parquet file with damaged pages", ("damaged bytes within a Parquet file", "download it again"), spec=SPEC.replace(".csv", ".parquet"), tables={"annotations.parquet": parquet()[:4] + bytes(300) + parquet()[304:]}),
    Malformed("a row of megabytes", ("line 2", "a row of more than 2,000,000 bytes"), tables={"annotations.csv": f"item,annotator,label\na,b,{'x' * 5_000_000}\n"}),
    Malformed("an ending that says nothing", ("an ending that says nothing",), spec=SPEC.replace(".csv", ".xlsx"), tables={"annotations.xlsx": b"PK"}),
    Malformed("a glob that finds nothing", ("no file at 'part-*.csv'",), spec=SPEC.replace("annotations.csv", "part-*.csv")),
    Malformed("a Parquet column named twice", ("column 'label' stands 2 times",), spec=SPEC.replace(".csv", ".parquet"), tables={"annotations.parquet": parquet(pa.table([["a"]] * 4, ["item", "annotator", "label", "label"]))}),
    Malformed("a condition of times that is to be cut", ("a column 'age' of timestamp", "leave the edges or quantiles of 'age' out"), spec=WITH_ITEMS.replace("items.csv", "items.parquet").replace("source: source", "conditions: [{name: age, quantiles: 2}]"), tables={"annotations.csv": votes(), "items.parquet": parquet(pa.table({"item": ["a"], "age": pa.array([0], pa.timestamp("us"))}))}),
    Malformed("files of one glob that differ", ("the same columns",), spec=SPEC.replace("annotations.csv", "part-*.csv"), tables={"part-1.csv": votes(), "part-2.csv": votes(header="item,annotator,other")}),
]  # fmt: skip

ROWS = [
    Malformed("labels that are all null", ("240 of 240 rows have no label",), 1, tables={"annotations.csv": votes(lambda *_: "")}),
    Malformed("an undeclared label", ("1 of 241 rows has a label that is not one of the declared labels: cat, dog.",), 1, spec=SPEC + "labels: {values: [cat, dog]}\n", tables={"annotations.csv": votes() + "i001,cyd,cow\n"}),
    Malformed("rows without an item", ("1 of 241 rows has no item",), 1, tables={"annotations.csv": votes() + ",cyd,cat\n"}),
    Malformed("rows without an annotator", ("1 of 241 rows has no annotator",), 1, tables={"annotations.csv": votes() + "i001,,cat\n"}),
    Malformed("annotations of no item", ("240 of 240 annotations are of 120 items", "i000"), 1, spec=WITH_ITEMS, tables={"annotations.csv": votes(), "items.csv": "item,source\nother,a\n"}),
    Malformed("an item named twice", ("2 of 121 rows share their item with another row",), 1, spec=WITH_ITEMS, tables={"annotations.csv": votes(), "items.csv": "item,source\n" + "".join(f"i{n % 120:03},{n % 7}\n" for n in range(121))}),
    Malformed("repeats where the policy forbids them", ("2 of 241 rows share their item,annotator with another row",), 1, spec=SPEC.replace("label: label", "label: label, repeats: error"), tables={"annotations.csv": votes() + "i001,ana,cat\n"}),
    Malformed("gold that joins nothing", ("1 of 1 gold item joins no labelled item",), 1, spec=WITH_GOLD, tables={"annotations.csv": votes(), "gold.csv": "item,label\nother,cat\n"}),
    Malformed("one annotator", ("no item has votes of two annotators",), 0, tables={"annotations.csv": "item,annotator,label\n" + "".join(f"i{n},ana,{'cat' if n % 2 else 'dog'}\n" for n in range(120))}),
    Malformed("one label", ("only one label", "Annotate items of other labels too"), 0, tables={"annotations.csv": votes(lambda *_: "cat")}),
    Malformed("labels of mixed types", ("pets",), 0, tables={"annotations.csv": votes(lambda item, _who, _said: ["1", "1.5", "yes", "2020-01-01"][int(item[1:]) % 4])}),
    Malformed("times past every calendar", ("240 annotations",), 0, spec=SPEC.replace("label: label", "label: label, time: at"), tables={"annotations.csv": "item,annotator,label,at\n" + "".join(f"i{n % 120},{'ana' if n < 120 else 'ben'},{'cat' if n % 2 else 'dog'},{['294247-01-10', '0001-01-01', '9999-12-31'][n % 3]}\n" for n in range(240))}),
    Malformed("production from past every calendar", ("pets",), 1, spec=WITH_ITEMS.replace("source: source", "conditions: [light]") + "production: {table: production.csv, time: at}\n", tables={"annotations.csv": votes(), "items.csv": "item,light\n" + "".join(f"i{n:03},a\n" for n in range(120)), "production.csv": "light,at\n" + "b,148108-07-06\n" * 120}),
    Malformed("numbers with a mark between thousands", ("(119 empty or no number)", "without a mark between thousands"), 0, spec=WITH_ITEMS.replace("source: source", "conditions: [{name: pay, quantiles: 4}]"), tables={"annotations.csv": votes(), "items.csv": "item,pay\n" + "".join(f'i{n:03},"{n * 1000:,}"\n' for n in range(120))}),
    Malformed("a numeric scale with words on it", ("2 of 240 rows have a label that is no number.",), 1, spec=SPEC + "labels: {level: interval}\n", tables={"annotations.csv": votes(lambda item, *_: "high" if item == "i007" else item[-1])}),
    Malformed("a numeric scale with a number past every double", ("2 of 240 rows have a label that is no number.",), 1, spec=SPEC + "labels: {level: interval}\n", tables={"annotations.csv": votes(lambda item, *_: "1e400" if item == "i007" else item[-1])}),
]  # fmt: skip

ODD_BUT_FINE = [
    Malformed("labels that old YAML takes for truths and octals", ("240 annotations",), 0, spec=SPEC + "labels: {values: [yes, no, 010, 2020-01-01]}\n", tables={"annotations.csv": votes(lambda item, *_: ["yes", "no", "010", "2020-01-01"][int(item[1:]) % 4])}),
    Malformed("ids past 2^63", ("240 annotations",), 0, tables={"annotations.csv": votes().replace("i0", "13972909329109139892").replace("i1", "93723560864298497951")}),
    Malformed("a byte order mark", ("240 annotations",), 0, tables={"annotations.csv": b"\xef\xbb\xbf" + votes().encode()}),
    Malformed("CR LF line ends", ("240 annotations",), 0, tables={"annotations.csv": votes().replace("\n", "\r\n").encode()}),
    Malformed("CR line ends", ("240 annotations",), 0, tables={"annotations.csv": votes().replace("\n", "\r").encode()}),
    Malformed("semicolons", ("240 annotations",), 0, tables={"annotations.csv": votes(mark=";")}),
    Malformed("tabs", ("240 annotations",), 0, tables={"annotations.csv": votes(mark="\t")}),
    Malformed("labels with a comma, a quote, an emoji and HTML", ("240 annotations",), 0, tables={"annotations.csv": votes(lambda item, *_: ['"a, b"', '"a ""b"""', "😀", "<b>x</b>"][int(item[1:]) % 4])}),
    Malformed("labels that look like rich markup", ("240 annotations",), 0, tables={"annotations.csv": votes(lambda item, *_: ["[red]x[/red]", "[/]"][int(item[1:]) % 2])}),
    Malformed("the text nan as a label", ("240 annotations",), 0, tables={"annotations.csv": votes(lambda item, *_: ["nan", "cat"][int(item[1:]) % 2])}),
]  # fmt: skip
