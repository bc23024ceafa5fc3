"""Scored, decided and pushed: a drawn business against real files and a real receiver."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from journeys.config.errors import DestinationError
from journeys.lake.workspace import StepReport, Workspace
from scoring.activation.wire import Wire
from scoring.run import decide_actions, push_decisions, score_customers
from tests.scoring.activation.receiver import SECRET, Receiver, receiving
from tests.scoring.conftest import PLAYBOOK, SNAPSHOT, FakeChampion, read_table

Make = Callable[..., Workspace]
Write = Callable[..., None]

PEOPLE = [{"customer_id": f"c{n:02}", "days_since_last_touchpoint": 38.0 - n} for n in range(20)]
ENVIRONMENT = {"CRM_SECRET": SECRET}
WIRE = Wire(clock=lambda: datetime.now(tz=UTC), sleep=lambda _: None)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def destinations(receiver: Receiver, **webhook: Any) -> dict[str, Any]:
    return {
        "folder": {"type": "file", "folder": "out"},
        "crm": {
            "type": "webhook",
            "url": receiver.url,
            "secret_env": "CRM_SECRET",
            "tables": ["at_risk", "decisions"],
            "allow_private_address": True,
            **webhook,
        },
    }


def prepare(workspace: Workspace, at: datetime = SNAPSHOT) -> None:
    score_customers(workspace, at, find_champion=lambda _workspace, _target: FakeChampion())
    decide_actions(workspace, at)


def push(workspace: Workspace, at: datetime = SNAPSHOT, **options: Any) -> StepReport:
    return push_decisions(workspace, at, environment=ENVIRONMENT, wire=WIRE, **options)


def test_second_push_sends_nothing(make_workspace: Make, write_customers: Write, receiver: Receiver) -> None:
    """The first push tells each destination everything, the second nothing; dry runs count and leave no trace."""
    workspace = make_workspace(destinations=destinations(receiver))
    write_customers(workspace, PEOPLE)
    prepare(workspace)
    count = len(read_table(workspace, "at_risk")) + len(read_table(workspace, "decisions"))

    counted = push(workspace, dry_run=True).counts
    assert (counted["crm_add"], counted["crm_unchanged"]) == (count, 0)
    assert not receiver.requests
    assert not (workspace.project.home / "out").exists()

    first = push(workspace)
    assert (first.counts["crm_add"], first.counts["crm_delivered"]) == (count, count)
    assert len(receiver.requests) == count
    assert {Path(path).name for path in first.paths} >= {"at_risk.csv", "hot_leads.csv", "decisions.parquet"}
    written = sorted((workspace.project.home / "out").rglob("*"))

    prepare(workspace)
    second = push(workspace)
    assert (second.counts["crm_add"], second.counts["crm_unchanged"]) == (0, count)
    assert second.counts["folder_unchanged"] == count + len(read_table(workspace, "hot_leads"))
    assert second.paths == ()
    assert len(receiver.requests) == count
    assert sorted((workspace.project.home / "out").rglob("*")) == written


def test_next_snapshot_sends_the_difference(make_workspace: Make, write_customers: Write, receiver: Receiver) -> None:
    """Those who left the list are withdrawn, those still on it and unchanged are left alone, decisions are new."""
    workspace = make_workspace(destinations=destinations(receiver))
    later = SNAPSHOT + timedelta(days=1)
    write_customers(workspace, PEOPLE)
    prepare(workspace)
    push(workspace)
    before = read_table(workspace, "at_risk")
    count = len(receiver.requests)
    write_customers(workspace, [{**row, "days_since_last_touchpoint": 1.0} for row in PEOPLE[:1]] + PEOPLE[1:], later)
    prepare(workspace, later)
    report = push(workspace, later)
    kinds = pd.Series([row["body"]["type"] for row in receiver.requests[count:]]).value_counts().to_dict()
    assert kinds["at_risk.withdrawn"] == 1
    assert kinds["at_risk.updated"] >= 1
    assert "decision.withdrawn" not in kinds
    assert report.counts["crm_withdraw"] == 1
    assert "c00" in set(before.customer_id)

    note = push(workspace, SNAPSHOT).notes[0]
    assert "already has the later snapshot 20260302T000000Z" in note


def test_held_out_reach_no_destination(make_workspace: Make, write_customers: Write, receiver: Receiver) -> None:
    """No byte of the files and no message names a held-out customer, though the tables list them."""
    workspace = make_workspace(
        destinations=destinations(receiver, identifier="email"), playbook={**PLAYBOOK, "holdout_share": 0.5}
    )
    write_customers(workspace, PEOPLE)
    prepare(workspace)
    push(workspace)
    assignments = read_table(workspace, "assignments")
    held_out = set(assignments[assignments.arm == "holdout"].unit_id)
    listed = set(read_table(workspace, "at_risk").customer_id) | set(read_table(workspace, "decisions").customer_id)
    assert held_out & listed
    told = {row["body"]["data"]["customer_id"] for row in receiver.requests}
    assert told
    assert not told & held_out
    content = b"".join(path.read_bytes() for path in (workspace.project.home / "out").rglob("*.csv"))
    for customer_id in held_out:
        assert customer_id.encode() not in content
    assert {row["body"]["data"]["identifier"]["type"] for row in receiver.requests} == {"email"}


def test_unknown_identifier_is_left_out_and_told(
    make_workspace: Make, write_customers: Write, receiver: Receiver
) -> None:
    """Customers whom the CRM cannot know are left out, and the report says how many."""
    workspace = make_workspace(destinations={"crm": destinations(receiver, identifier="phone")["crm"]})
    write_customers(workspace, PEOPLE)
    prepare(workspace)
    report = push(workspace)
    assert report.notes == ("Destination crm: 20 customers have no identifier of type 'phone' and were left out.",)
    assert not receiver.requests


def test_one_destination_down_does_not_stop_the_other(
    make_workspace: Make, write_customers: Write, receiver: Receiver
) -> None:
    """An unreachable webhook is one sentence; the files are written all the same."""
    with receiving() as gone:
        pass
    workspace = make_workspace(destinations=destinations(gone))
    write_customers(workspace, PEOPLE)
    prepare(workspace)
    with pytest.raises(DestinationError, match=r"Destination crm .* cannot be reached"):
        push(workspace)
    assert len(list((workspace.project.home / "out").rglob("_SUCCESS"))) == 1


def test_a_missing_secret_does_not_stop_the_others(
    make_workspace: Make, write_customers: Write, receiver: Receiver
) -> None:
    """Without its signing secret a destination is told nothing, with its sentence; the others are served."""
    workspace = make_workspace(destinations=destinations(receiver))
    write_customers(workspace, PEOPLE)
    prepare(workspace)
    with pytest.raises(DestinationError, match="CRM_SECRET, which is not set"):
        push_decisions(workspace, SNAPSHOT, environment={}, wire=WIRE)
    assert receiver.requests == []
    assert list((workspace.project.home / "out").rglob("_SUCCESS"))


def test_no_personal_data_in_lake_or_ledger(make_workspace: Make, write_customers: Write, receiver: Receiver) -> None:
    """After a push, no e-mail stands in any file but the vault and the files for people."""
    workspace = make_workspace(destinations=destinations(receiver, identifier="email"))
    write_customers(workspace, PEOPLE)
    prepare(workspace)
    push(workspace)
    home = workspace.project.home
    allowed = {home / "lake" / "identifier_vault", home / "out"}
    found = [path for path in home.rglob("*") if path.is_file() and b"c05@example.com" in path.read_bytes()]
    assert [path for path in found if not any(place in path.parents for place in allowed)] == []
