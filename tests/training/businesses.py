"""Made-up businesses whose customers' outcomes follow from what they did, so that there is something to learn."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from journeys.build import build_journeys
from journeys.lake.workspace import Workspace
from tests.journeys.made_up import START, Link, Touch, load, workspace_in

WEEKS = 20
TARGETS: dict[str, Any] = {
    "purchase": {
        "outcome": "bought",
        "kind": "conversion",
        "snapshots": {"every": "2w"},
        "observation_window": "30d",
        "horizon": "3w",
        "gate": {"min_positives": 20, "min_negatives": 20, "max_calibration_error": 0.3},
    },
    "churn": {"outcome": "cancelled", "kind": "churn", "snapshots": {"every": "2w"}, "horizon": "2w"},
    "far": {"outcome": "bought", "kind": "conversion", "horizon": "60w"},
    "never": {"outcome": "praised", "kind": "conversion", "snapshots": {"every": "2w"}, "horizon": "2w"},
}


def touches_of(count_customers: int, *, seed: int = 3, signal: float = 0.75) -> list[Touch]:
    """Return weeks of touchpoints: customers who tried lately often buy, the others seldom."""
    rng = random.Random(seed)
    touches = []
    for number in range(count_customers):
        name = f"p{number}"
        keen = rng.random()
        for week in range(WEEKS):
            hours = week * 168 + rng.randrange(168)
            if rng.random() < 0.6:
                touches.append(Touch(name, "visit home", hours, channel=rng.choice(["website", "helpdesk"])))
            if rng.random() < 0.4 * keen:
                touches.append(Touch(name, "trial", hours + 1))
                if rng.random() < signal:
                    touches.append(Touch(name, "buy", hours + 24 + rng.randrange(240), amount=20.0))
            if rng.random() < 0.01:
                touches.append(Touch(name, "cancel now", hours + 5))
    return touches


def end(weeks: int = WEEKS) -> datetime:
    """Return the instant so many weeks after the start."""
    return START + timedelta(weeks=weeks)


def business_in(folder: Path, count_customers: int = 120, **options: Any) -> Workspace:
    """Return a lake with a business and its journeys."""
    sections = options.pop("sections", {})
    workspace = workspace_in(folder, now=end(), **{"targets": TARGETS, **sections})
    load(workspace, touches_of(count_customers, **options))
    build_journeys(workspace)
    return workspace


def add_late_rows(workspace: Workspace, after: datetime) -> None:
    """Load rows that became known only after an instant: earlier touchpoints, outcomes, and merges of customers."""
    hours = (after - START) / timedelta(hours=1)
    late = [
        Touch(f"p{number}", what, happened, lag=hours + 1 - happened)
        for number in range(30)
        for what, happened in (("visit home", 1.0 - 200), ("buy", 1_000.0 + number), ("cancel now", 1_500.0))
    ]
    links = [
        Link(f"p{number + side}", f"mail {number}", hours + 2, "anonymous_id")
        for number in range(0, 40, 2)
        for side in (0, 1)
    ]
    load(workspace, late, links=links, load_id="late", loaded_at=after + timedelta(hours=3))
    build_journeys(replace(workspace, now=after + timedelta(hours=3)))
