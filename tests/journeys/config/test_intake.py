from typing import Any

import pytest
from pydantic import ValidationError

from journeys.config.sources import Source
from tests.journeys.config.test_sources import TABULAR

RECEIVED: dict[str, Any] = {"vendor": "segment", "files": "app/*.jsonl", "intake": {"secret_env": "APP_SECRET"}}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"vendor": "hubspot"},
            "webhooks of 'hubspot' cannot be verified; 'intake' is for segment, customerio, zendesk",
        ),
        ({"files": "*.jsonl"}, "'files' is a folder of its own and '*.jsonl', as in 'app/*.jsonl', not '*.jsonl'"),
        ({"files": "app/*.jsonl.gz"}, "not 'app/*.jsonl.gz'"),
        ({"files": "a*/*.jsonl"}, "not 'a*/*.jsonl'"),
        ({"files": "../*.jsonl"}, "not '../*.jsonl'"),
        ({"files": "/srv/*.jsonl"}, "not '/srv/*.jsonl'"),
        (TABULAR | {"files": "app/*.jsonl"}, "'columns' needs 'record_id', as in 'record_id: id'"),
        ({"intake": {"secret_env": []}}, "at least 1 item"),
        ({"intake": {"secret": "whsec_"}}, "Extra inputs are not permitted"),
    ],
)
def test_intake_that_does_not_fit(change: dict[str, Any], sentence: str) -> None:
    """Messages need a vendor that signs, a folder of their own and, where they are our own events, an id."""
    with pytest.raises(ValidationError) as raised:
        Source.model_validate(RECEIVED | change)
    assert sentence in str(raised.value)


def test_messages_are_refused_one_by_one() -> None:
    """A bad message keeps no others out, unless a share is given; where messages come from changes no mapping."""
    source = Source.model_validate(RECEIVED)
    assert source.max_reject_share == 1.0
    assert Source.model_validate(RECEIVED | {"max_reject_share": 0.1}).max_reject_share == 0.1
    assert source.mapping_hash == Source.model_validate(RECEIVED | {"intake": None}).mapping_hash
    assert source.intake is not None
    assert source.intake.variables == ["APP_SECRET"]
    two = Source.model_validate(RECEIVED | {"intake": {"secret_env": ["NEW", "OLD"]}})
    assert two.intake is not None
    assert two.intake.variables == ["NEW", "OLD"]
