from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from journeys.config.sources import Source

TABULAR: dict[str, Any] = {
    "vendor": "tabular",
    "files": "*.csv",
    "columns": {"event": "what", "event_at": "at"},
    "identifiers": {"user_id": "client"},
}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"columns": None}, "vendor 'tabular' needs 'columns': say which column holds the event and its time"),
        ({"identifiers": {}}, "vendor 'tabular' needs 'identifiers': identifier type to column"),
        ({"vendor": "zendesk"}, "vendor 'zendesk' knows its own columns; remove 'columns'"),
        ({"kind": "attributes"}, "kind 'attributes' needs 'columns: {attributes: [...]}'"),
        ({"vendor": "segmnt"}, "Input should be 'tabular', 'segment', 'zendesk', 'stripe'"),
        ({"category": "shop"}, "Input should be 'website', 'product'"),
        ({"max_reject_share": 1.1}, "less than or equal to 1"),
        ({"lag": "a while"}, "'a while' is not a span of time"),
    ],
)
def test_settings_that_do_not_fit(change: dict[str, Any], sentence: str) -> None:
    """What a vendor needs, or knows by itself, is said."""
    with pytest.raises(ValidationError) as raised:
        Source.model_validate(TABULAR | change)
    assert sentence in str(raised.value)


def test_defaults() -> None:
    """A first source is short: no lag, no zone guessed, half a percent of refused rows."""
    source = Source.model_validate(TABULAR)
    assert (source.kind, source.lag, source.time_zone, source.max_reject_share) == ("events", timedelta(0), None, 0.005)
    assert (source.channel, source.category, source.fresh) == ("website", "website", False)


def test_attributes() -> None:
    """A source of attributes needs only the columns that become attributes."""
    source = Source.model_validate(TABULAR | {"kind": "attributes", "columns": {"attributes": ["plan"]}})
    assert source.columns is not None
    assert source.columns.model_dump() == {"attributes": ["plan"], "valid_from": None, "known_at": None}


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({"files": "elsewhere/*"}, True),
        ({"fresh": True, "max_reject_share": 0.5}, True),
        ({"channel": "till"}, False),
        ({"lag": "2d"}, False),
        ({"touchpoints": [{"event": "*", "touchpoint": "any"}]}, False),
    ],
)
def test_mapping_hash(change: dict[str, Any], is_same: bool) -> None:
    """It changes with what a row becomes, and not with when or whence it is read."""
    before, after = (Source.model_validate(raw).mapping_hash for raw in (TABULAR, TABULAR | change))
    assert (before == after) == is_same
