from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from journeys.config.targets import Snapshots, Target

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("chosen", [{}, {"every": "7d", "days_after_start": [7]}])
def test_snapshots_are_of_one_kind(chosen: dict[str, Any]) -> None:
    """A calendar, days or touches: exactly one is chosen."""
    with pytest.raises(ValidationError, match="choose one of 'every', 'days_after_start' and 'touches_after_start'"):
        Snapshots(**chosen)


@pytest.mark.parametrize(("days", "is_enough"), [(39, False), (40, False), (41, True)])
def test_history_problem(days: int, is_enough: bool) -> None:
    """A target needs more history than it looks ahead, and says how much there is and what to do."""
    target = Target(outcome="left", kind="churn", gap=timedelta(days=10), horizon=timedelta(days=30))
    problem = target.history_problem("churn", FIRST, FIRST + timedelta(days=days))
    if is_enough:
        assert problem is None
    else:
        last = FIRST + timedelta(days=days)
        assert problem == (
            f"Target 'churn' looks 40 days ahead (gap and horizon), but the data cover only {days} days before "
            f"{last:%Y-%m-%d}; shorten targets.churn.horizon or load more history."
        )
