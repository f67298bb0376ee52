"""The page: whole, small, and harmless whatever users call things."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from dq_pipeline.report import to_html
from dq_pipeline_tests.report.world import hostile_subject, subject

OURS = {"href", "id", "class", "style", "title", "data-status", "data-family", "data-owner"}
VOID = {"meta", "link", "br", "img", "path", "use"}


class Page(HTMLParser):
    """Elements, attributes, text, ids and links of a page; unclosed elements are an error."""

    def __init__(self, markup):
        super().__init__()
        self.open, self.elements, self.text, self.ids, self.links = [], [], [], [], []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id"]
        self.links += [value for key, value in attrs if key == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        while self.open[-1] != tag and self.open[-1] in {"li", "dt", "dd", "p", "option", "tr", "td", "th"}:
            self.open.pop()
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"style", "script"}:
            self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def page():
    return Page(to_html(subject()))


@pytest.fixture(scope="module")
def hostile():
    return to_html(hostile_subject())


def test_the_page_is_well_formed_and_small(page, hostile):
    assert page.open == []
    assert Page(hostile).open == []
    assert len(to_html(subject()).encode()) < 700_000
    assert len(hostile.encode()) < 900_000


def test_ids_are_unique_and_every_link_leads_somewhere(page):
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)
    outside = {link for link in page.links if not link.startswith("#")}
    assert outside <= {
        "data:,", "measures.parquet", "verdicts.json", "suite.json", "relabel.csv", "history.jsonl", "failing_items.csv",
    }  # fmt: skip


def test_every_picture_is_named_and_described(page):
    pictures = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert len(pictures) >= 14
    for attributes in pictures:
        assert attributes["role"] == "img"
        assert set(attributes["aria-labelledby"].split()) <= set(page.ids)


def test_hostile_names_add_no_element_attribute_or_link(page, hostile):
    bad = Page(hostile)
    assert {tag for tag, _ in bad.elements} <= {tag for tag, _ in page.elements} | {"title", "tspan"}
    assert [tag for tag, _ in bad.elements].count("script") == 1
    assert "img" not in {tag for tag, _ in bad.elements}
    for _, attributes in bad.elements:
        assert not [key for key in attributes if key.startswith("on")]
    assert not [link for link in bad.links if link.startswith(("http", "javascript"))]


def test_hostile_names_are_seen_for_what_they_are(hostile):
    words = Page(hostile).words
    assert '<script>alert("x")</script>' in words
    assert r"two\nlines\r\nand\ttab" in words
    assert r"\u202eright to left" in words
    assert r"\x1b[31mred" in words
    assert "(10,000 characters)" in words
    assert "{{ 7*7 }}" in words
    assert "@0@ @1@" in words
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b\x07\x9b]", hostile)
    assert "x" * 300 not in hostile


def test_right_to_left_names_are_isolated(hostile):
    assert "<bdi>שלום עולם</bdi>" in hostile


def test_nothing_is_fetched_and_only_our_script_runs(page):
    policies = [a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies
    assert "default-src 'none'" in policies[0]
    assert "script-src 'sha256-" in policies[0]
    assert not [a for tag, a in page.elements if "src" in a]
    assert "http://" not in to_html(subject()).replace("http://www.w3.org", "")


def test_the_same_audit_gives_the_same_page():
    assert to_html(subject()) == to_html(subject())


def test_an_audit_with_nothing_to_show_gives_a_whole_page():
    bare = Page(
        to_html(
            subject(verdict="clear", verdicts=(), measures=(), handouts=(), files=(), nights=(), silent={})
        )
    )
    assert bare.open == []
    assert "Nothing: every check is clear." in bare.words
