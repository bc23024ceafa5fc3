import re
from html.parser import HTMLParser

import pytest

from journey_map.build import draw_journey_map
from tests.journey_map.drawn_lake import SNAPSHOT, fill, make_workspace

VOID = {"meta", "link", "input", "br"}


class _Outline(HTMLParser):
    """Collects tags, checks that they are nested, and keeps what tables and labels have."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.ids, self.references = [], [], [], []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.tags.append((tag, named))
        if "id" in named:
            self.ids.append(named["id"])
        for name in ("aria-labelledby", "for"):
            self.references += (named.get(name) or "").split()
        if (named.get("href") or "").startswith("#"):
            self.references.append(named["href"][1:])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    workspace = fill(make_workspace(tmp_path_factory.mktemp("shop")))
    draw_journey_map(workspace, SNAPSHOT)
    return (workspace.project.output_dir / "journey_map.html").read_text()


@pytest.fixture(scope="module")
def outline(page):
    found = _Outline()
    found.feed(page)
    return found


def test_everything_is_closed_and_every_reference_leads_somewhere(outline):
    """Tags are nested, ids are unique, and labels and links point to an id that exists."""
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.references) <= set(outline.ids)


def test_hostile_names_are_escaped(page):
    """A touchpoint named like a script is shown as text; only the page's own script is one."""
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page


def test_nothing_is_fetched(page, outline):
    """No address appears but the page's own anchors, and the policy forbids every other."""
    assert not re.findall(r"https?://|//[a-z]+\.|url\(|@import", page)
    addresses = [attributes["href"] for _, attributes in outline.tags if "href" in attributes]
    assert all(address.startswith("#") or address == "data:," for address in addresses)
    policy = next(a["content"] for tag, a in outline.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not [tag for tag, attributes in outline.tags if "style" in attributes or "onclick" in attributes]


def test_landmarks_and_tables_are_said(page, outline):
    """There is one main part, a named navigation, and every table has a caption and headed rows."""
    tags = [tag for tag, _ in outline.tags]
    assert (tags.count("main"), tags.count("h1"), tags.count("header"), tags.count("footer")) == (1, 1, 1, 1)
    assert tags.count("caption") == tags.count("table") > 5
    assert all(attributes.get("scope") for tag, attributes in outline.tags if tag == "th")
    assert 'lang="en"' in page


def test_each_rate_stands_with_its_interval_and_denominator(page):
    """The worst point shows 40.0 %, its Wilson interval and 40 of 100."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " ")
    assert "journeys that end here 40.0 % 30.9–49.8 % 40 of 100" in text
    assert "customers lost 40 31–50" in text
    assert "<10" not in page
    assert "&lt;10" in page


def test_the_emotional_arc(page):
    """Stated and inferred are two lines with their coverage; what is told of both stands in words, and languages are honest."""
    assert page.count('<svg class="arc"') == 1
    assert '<path class="line stated"' in page
    assert '<path class="line inferred"' in page
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " ")
    assert "first: stated not enough data, inferred +0.24 (+0.18 to +0.29)." in text
    assert "tr &lt;10 nothing: language not supported 0 not known" in text
