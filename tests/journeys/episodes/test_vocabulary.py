"""What touchpoint names mean."""

from typing import Any

import ibis
import pandas as pd
import pytest

from journeys.episodes.vocabulary import NO_STAGE, describe_goals, describe_touchpoints, stage_name
from tests.journeys.made_up import config_of


@pytest.mark.parametrize(
    ("name", "stage", "reaches", "kind", "ends"),
    [
        ("visit home", 0, None, None, False),
        ("visit pricing", 0, None, None, False),
        ("Visit home", NO_STAGE, None, None, False),
        ("trial", 1, None, None, False),
        ("trial ended", NO_STAGE, None, None, False),
        ("buy", 2, "bought", "positive", True),
        ("cancel now", NO_STAGE, "cancelled", "negative", True),
        ("praise", NO_STAGE, "praised", "positive", False),
    ],
)
def test_names(name: str, stage: int, reaches: str | None, kind: str | None, ends: bool) -> None:
    """The first matching pattern says the stage, the first matching outcome what is reached; case counts."""
    row = describe_touchpoints([name, name, "unrelated"], config_of()).set_index("touchpoint").loc[name]
    assert row["enters_stage"] == stage
    assert (row["reaches"] if reaches else pd.isna(row["reaches"])) == (reaches or True)
    assert (row["reaches_kind"] if kind else pd.isna(row["reaches_kind"])) == (kind or True)
    assert bool(row["ends_journey"]) is ends


def test_no_names() -> None:
    """Without touchpoints the table is empty and typed."""
    found = describe_touchpoints([], config_of())
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == {
        "touchpoint": "string",
        "enters_stage": "int64",
        "reaches": "string",
        "reaches_kind": "string",
        "ends_journey": "bool",
    }


def test_goals() -> None:
    """The goal without 'follows' comes first and after every outcome that no goal follows."""
    rows = describe_goals(config_of()).to_dict("records")
    assert rows == [
        {"follows": "", "goal": "purchase", "first_stage": 0},
        {"follows": "bought", "goal": "loyalty", "first_stage": 2},
        {"follows": "cancelled", "goal": "purchase", "first_stage": 0},
        {"follows": "praised", "goal": "purchase", "first_stage": 0},
    ]


def test_stage_names(engine: Any) -> None:
    """A stage's number becomes its name; what is no stage stands in the first."""
    numbers = ibis.memtable(pd.DataFrame({"number": [0, 1, 2, NO_STAGE]}))
    named = numbers.select(name=stage_name(numbers.number, config_of()))
    assert engine.to_pyarrow(named)["name"].to_pylist() == ["look", "try", "use", "look"]
