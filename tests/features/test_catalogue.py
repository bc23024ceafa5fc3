"""The list of all features."""

import re

import pyarrow as pa
import pytest

from features.catalogue import channels_of, features_of, features_table
from tests.journeys.made_up import RAW, config_of

FORBIDDEN = re.compile(r"(^|_)(avg|cnt|num|amt|pct|ts|dt|qty)(_|$)")


def test_names_follow_the_grammar() -> None:
    """Each column is lower-case words without abbreviations, its kind as its name says, and it has a sentence."""
    found = features_of(config_of())
    assert len(found) > 60
    for name, feature in found.items():
        assert feature.name == name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert not FORBIDDEN.search(name)
        assert "{" not in feature.documentation
        assert feature.documentation[0].isupper()
        assert feature.documentation.endswith(".")
        assert feature.kind in {"number", "count", "flag", "text"}
        assert (feature.kind == "flag") == name.startswith(("is_", "has_"))
        assert (feature.kind == "count") == (name.startswith("count_") or name == "stage_number")


@pytest.mark.parametrize(
    ("name", "family", "documentation"),
    [
        ("days_since_last_touchpoint", "recency", "Days since the customer's last touchpoint."),
        ("count_try_stage_touchpoints", "by_stage", "Touchpoints of the current journey that enter the stage try."),
        (
            "count_helpdesk_channel_touchpoints",
            "by_channel",
            "Touchpoints of the current journey through the channel helpdesk.",
        ),
    ],
)
def test_families(name: str, family: str, documentation: str) -> None:
    """Fixed columns come from their family; those of stages and channels carry the label in name and sentence."""
    feature = features_of(config_of())[name]
    assert (feature.family, feature.documentation) == (family, documentation)


def test_stages_and_channels_follow_the_configuration() -> None:
    """Another stage brings its three columns, another channel its two, and nothing else changes."""
    rule = {"event": "call*", "channel": "Phone (out)"}
    sources = {**RAW["sources"], "web": {**RAW["sources"]["web"], "touchpoints": [rule]}}
    wider = config_of(stages=[*RAW["stages"], {"name": "renew"}], sources=sources)
    added = features_of(wider).keys() - features_of(config_of()).keys()
    assert added == {
        "count_renew_stage_touchpoints",
        "days_since_renew_stage_touchpoint",
        "hours_to_renew_stage",
        "count_phone_out_channel_touchpoints",
        "days_since_phone_out_channel",
    }


def test_channels() -> None:
    """Channels come from sources of events and from their rules, not from sources of attributes."""
    crm = {
        "vendor": "tabular",
        "files": "crm.csv",
        "kind": "attributes",
        "channel": "nowhere",
        "columns": {"attributes": ["plan"]},
        "identifiers": {"user_id": "id"},
    }
    assert channels_of(config_of(sources={**RAW["sources"], "crm": crm})) == ["helpdesk", "website"]


def test_table() -> None:
    """The table has one column a feature in its type, a key of customer and snapshot, and a partition a snapshot."""
    config = config_of()
    table = features_table(config)
    assert table.key == ("customer_id", "snapshot_at", "snapshot_key")
    assert table.partition_by == ("snapshot_key",)
    types = {"number": pa.float64(), "count": pa.int64(), "flag": pa.bool_(), "text": pa.string()}
    for name, feature in features_of(config).items():
        assert table.columns[name] == types[feature.kind]
