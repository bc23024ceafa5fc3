"""Moments of truth on the map."""

import json
import math

import pandas as pd

from journey_map.moments import MOST_MOMENTS, forest, moments


def _row(touchpoint: str, effect: float, **changes: object) -> dict[str, object]:
    passes = {"overlap": True, "balance": True, "placebo": True, "unknown": True}
    row: dict[str, object] = {
        "touchpoint": touchpoint, "goal": "conversion", "outcome": "positive", "stage": None, "effect": effect,
        "effect_low": effect - 0.02, "effect_high": effect + 0.02, "rate_exposed": 0.2, "reach": 0.5, "count_customers": 200,
        "grade": "C", "is_found": True, "is_risk": effect < 0, "e_value": 2.0, "e_value_known": 1.5,
        "gates": json.dumps({"passes": passes, "values": {}}),
    }  # fmt: skip
    return row | changes


def test_those_that_can_be_believed_come_first() -> None:
    """C before D, then by size; chance and fewer than ten customers are left out."""
    failed = json.dumps({"passes": {"overlap": True, "placebo": False}, "values": {}})
    rows = [
        _row("weak", 0.3, grade="D", gates=failed),
        _row("small", 0.05),
        _row("large", -0.1),
        _row("chance", 0.2, is_found=False),
        _row("rare", 0.2, count_customers=9),
    ]
    found = moments(pd.DataFrame(rows))
    assert [one.touchpoint for one in found] == ["large", "small", "weak"]
    assert found[0].is_risk
    assert found[2].failed == ("placebo",)
    assert found[0].stage is None


def test_the_map_shows_a_dozen() -> None:
    """More are in the table, not on the map."""
    assert len(moments(pd.DataFrame([_row(f"t{number}", 0.1) for number in range(30)]))) == MOST_MOMENTS


def test_the_picture_holds_every_interval() -> None:
    """Marks lie within the scale, on the right side of nought, and the grid has nought among its lines."""
    found = moments(pd.DataFrame([_row("up", 0.31), _row("down", -0.07)]))
    drawn = forest(found)
    assert drawn is not None
    ends = [x for x, _ in drawn.grid]
    assert any(math.isclose(value, 0.0, abs_tol=1e-9) for _, value in drawn.grid)
    for mark in drawn.marks:
        assert min(ends) <= mark.x_low <= mark.x <= mark.x_high <= max(ends)
        assert (mark.x > drawn.nought) == (mark.moment.difference.value > 0)
    assert 4 <= len(drawn.grid) <= 10


def test_nothing_is_no_picture() -> None:
    """Without moments there is nothing to draw."""
    assert forest(()) is None
