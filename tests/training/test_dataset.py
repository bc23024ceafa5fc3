"""The training set of a target."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.catalogue import features_of
from journeys.build import build_journeys
from journeys.config.errors import DataError
from journeys.config.targets import Target
from journeys.lake.workspace import Workspace
from tests.journeys.made_up import RAW, Touch, customer, load, workspace_in
from tests.training.businesses import TARGETS, add_late_rows, business_in, end
from training.dataset import Dataset, build_dataset

KNOWN_UNTIL = end(14)
KINDS: dict[str, dict[str, Any]] = {
    "calendar": {"every": "2w"},
    "days after the start": {"days_after_start": [1, 7]},
    "touches after the start": {"touches_after_start": [2]},
}


def _target(snapshots: dict[str, Any]) -> Target:
    return Target.model_validate({**TARGETS["purchase"], "horizon": "2w", "snapshots": snapshots})


def _comparable(dataset: Dataset) -> pd.DataFrame:
    return dataset.rows.assign(label=dataset.labels)


@pytest.fixture(scope="module")
def before_and_after(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Dataset, Dataset]]:
    """Return the training sets of one earlier instant, built before and after later rows and merges came."""
    workspace = business_in(tmp_path_factory.mktemp("late"), 40)
    before = {kind: build_dataset(workspace, kind[:4], _target(how), KNOWN_UNTIL) for kind, how in KINDS.items()}
    add_late_rows(workspace, KNOWN_UNTIL)
    after = {kind: build_dataset(workspace, kind[:4], _target(how), KNOWN_UNTIL) for kind, how in KINDS.items()}
    return {kind: (before[kind], after[kind]) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_known_later_changes_no_earlier_training_set(
    before_and_after: dict[str, tuple[Dataset, Dataset]], kind: str
) -> None:
    """Rows, features and labels of an earlier instant stay as they were when late rows and merges have come."""
    before, after = before_and_after[kind]
    assert len(before.labels) > 50
    assert 0 < before.labels.mean() < 1
    pd.testing.assert_frame_equal(_comparable(after), _comparable(before))


def test_later_rows_count_later(tmp_path: Path) -> None:
    """The same late rows do change a training set of a time at which they were known."""
    workspace = business_in(tmp_path, 40)
    target = _target(KINDS["calendar"])
    before = build_dataset(workspace, "purchase", target, end(18))
    add_late_rows(workspace, KNOWN_UNTIL)
    after = build_dataset(workspace, "purchase", target, end(18))
    assert after.rows["customer_id"].nunique() < before.rows["customer_id"].nunique() or after.labels.sum() != (
        before.labels.sum()
    )


def test_rows_are_in_time_order_and_readable(before_and_after: dict[str, tuple[Dataset, Dataset]]) -> None:
    """Rows are sorted by snapshot and customer, labels are 0 or 1, and no text is offered to a model."""
    dataset = before_and_after["calendar"][0]
    keys = dataset.rows[["snapshot_at", "customer_id"]]
    pd.testing.assert_frame_equal(keys, keys.sort_values(["snapshot_at", "customer_id"], ignore_index=True))
    assert set(np.unique(dataset.labels)) == {0.0, 1.0}
    assert "label" not in dataset.rows
    assert {"stage", "last_touchpoint"}.isdisjoint(dataset.names)
    assert set(dataset.names) < set(dataset.rows.columns)
    assert set(dataset.read) == {"touchpoints", "touchpoint_owners", "customers"}


def test_only_the_eligible_are_in_it(before_and_after: dict[str, tuple[Dataset, Dataset]]) -> None:
    """Everybody was seen within the observation window and has an open journey."""
    rows = before_and_after["calendar"][0].rows
    assert rows["days_since_last_touchpoint"].max() <= 30
    assert rows["is_journey_open"].astype(bool).all()


def _drawn(folder: Path, **sections: Any) -> Workspace:
    """Return a lake with two customers, one of whom buys on day 20, loaded many years later."""
    workspace = workspace_in(folder, now=datetime(2036, 1, 1, tzinfo=UTC), targets=TARGETS, **sections)
    touches = [Touch("a", "visit home", 24 * day) for day in range(0, 60, 5)]
    touches += [Touch("b", "visit home", 24 * day) for day in range(0, 60, 5)]
    touches.append(Touch("a", "buy", 24 * 20 + 6))
    load(workspace, touches, loaded_at=datetime(2036, 1, 1, tzinfo=UTC))
    build_journeys(workspace)
    return workspace


def test_a_first_load_of_old_data_trains(tmp_path: Path) -> None:
    """History loaded years after it happened has the training rows and labels of its own time."""
    workspace = _drawn(tmp_path)
    known_until = datetime(2026, 3, 1, tzinfo=UTC)
    dataset = build_dataset(workspace, "purchase", _target({"every": "1w"}), known_until)
    labels = {
        (row.customer_id, row.snapshot_at.date().isoformat()): label
        for row, label in zip(dataset.rows.itertuples(), dataset.labels, strict=True)
    }
    days = ["2026-01-11", "2026-01-18", "2026-01-25", "2026-02-01", "2026-02-08", "2026-02-15"]
    expected = {(customer("b"), day): 0.0 for day in days}
    # On 25 January the journey of a has ended by buying, and the next has not begun.
    expected |= {(customer("a"), day): float(day < "2026-01-20") for day in days if day != "2026-01-25"}
    assert labels == expected
    written = workspace.lake.read("customer_features").to_pandas()
    assert set(written["snapshot_key"]) == {"training_purchase"}
    assert set(features_of(workspace.project.config)) < set(written.columns)


@pytest.mark.parametrize(("lagging", "days"), [("web", 10), ("desk", 0)])
def test_labels_wait_for_the_sources_that_tell(tmp_path: Path, lagging: str, days: int) -> None:
    """The newest snapshot is as much earlier as the slowest source of the outcome lags, and of no other."""
    sources = {name: dict(declared) for name, declared in RAW["sources"].items()}
    sources[lagging]["lag"] = "10d"
    workspace = business_in(tmp_path, 20, sections={"sources": sources})
    for kind in ("calendar", "days after the start"):
        dataset = build_dataset(workspace, "purchase", _target(KINDS[kind]), KNOWN_UNTIL)
        assert dataset.lag == timedelta(days=days)
        latest = dataset.rows["snapshot_at"].max()
        waited = pd.Timestamp(KNOWN_UNTIL) - latest - pd.Timedelta(days=14 + days)
        assert pd.Timedelta(0) <= waited < pd.Timedelta(days=10)


@pytest.mark.parametrize(
    ("known_until", "sentence"),
    [
        (
            datetime(2026, 1, 15, tzinfo=UTC),
            "Target 'purchase' looks 14 days ahead (gap and horizon), but the data cover only 14 days before 2026-01-15; "
            "shorten targets.purchase.horizon or load more history.",
        ),
        (
            datetime(2026, 1, 16, tzinfo=UTC),
            "Target 'purchase': no customer has a snapshot whose horizon had passed by 2026-01-16.",
        ),
        (
            datetime(2025, 12, 1, tzinfo=UTC),
            "There are no journeys to learn from; run 'desirelines ingest' and 'desirelines build' first.",
        ),
    ],
    ids=["history as long as the horizon", "no snapshot yet", "nothing known yet"],
)
def test_too_little_history_is_told(tmp_path: Path, known_until: datetime, sentence: str) -> None:
    """What cannot be learned from is refused with its reason."""
    with pytest.raises(DataError) as caught:
        build_dataset(_drawn(tmp_path), "purchase", _target({"every": "1w"}), known_until)
    assert str(caught.value) == sentence


def test_an_empty_lake_is_told(tmp_path: Path) -> None:
    """Before anything was loaded there is nothing to learn from."""
    with pytest.raises(DataError, match="There are no journeys to learn from"):
        build_dataset(workspace_in(tmp_path), "purchase", _target({"every": "1w"}), end())
