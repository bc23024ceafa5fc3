import pytest

from journeys.config.sources import Source
from journeys.touchpoints.mapping import as_table, map_events, matches, unmatched_note

RULES = [
    {"event": "Page Viewed: Pricing*", "touchpoint": "visit pricing"},
    {"event": "Page Viewed: *", "touchpoint": "visit", "category": "product"},
    {"event": "mail_?", "channel": "mail"},
]


def _source(rules=RULES):
    return Source(vendor="segment", files="*", channel="app", category="website", touchpoints=rules)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("buy", "buy", True),
        ("buy", "buy now", False),
        ("buy*", "buy", True),
        ("*", "", True),
        ("b?y", "buy", True),
        ("b?y", "by", False),
        ("Buy", "buy", False),
        ("a.b", "axb", False),
        ("[ab]", "a", False),
        ("a*c", "a\nb\nc", True),
        ("a (b)+", "a (b)+", True),
    ],
)
def test_matches(pattern, name, expected):
    """A star is anything, a question mark one character; everything else is itself, case and all."""
    assert matches(pattern, name) is expected


def test_the_first_rule_decides():
    """What a rule leaves out is the event's own name and the source's category; the channel stays open."""
    names = ["Page Viewed: Pricing/b2b", "Page Viewed: Home", "mail_1", "mail_10"]
    rows = as_table(map_events(names, _source())).to_pyarrow().to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("Page Viewed: Pricing/b2b", "visit pricing", None, "website", True),
        ("Page Viewed: Home", "visit", None, "product", True),
        ("mail_1", "mail_1", "mail", "website", True),
        ("mail_10", "mail_10", None, "website", False),
    ]


def test_no_events_are_a_typed_table():
    """Without any event the mapping is empty and still joins."""
    table = as_table(map_events([], _source()))
    assert table.count().to_pyarrow().as_py() == 0
    assert table.schema()["event"].is_string()


@pytest.mark.parametrize(
    ("rules", "counts", "note"),
    [
        (RULES, [("a", 2)], "sources.web: 1 event name matches no rule and keeps the vendor's name: a (2 rows)."),
        (
            RULES,
            [(name, 9 - place) for place, name in enumerate("abcdefg")],
            "sources.web: 7 event names match no rule and keep the vendor's name: "
            "a (9 rows), b (8 rows), c (7 rows), d (6 rows), e (5 rows) and 2 more.",
        ),
        (RULES, [], None),
        ([], [("a", 2)], None),
    ],
)
def test_unmatched_note(rules, counts, note):
    """Events that no rule matches are named, five at most; a source without rules is meant so."""
    assert unmatched_note("web", _source(rules), counts) == note
