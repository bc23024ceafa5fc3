"""The steps of scoring on a drawn business."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from journeys.config.errors import ConfigError, DataError, DestinationError
from journeys.identities.customers import build_customers
from journeys.lake.workspace import Workspace
from scoring.run import decide_actions, push_decisions, score_customers
from tests.scoring.conftest import LONG_AGO, PLAYBOOK, SNAPSHOT, FakeChampion, read_table, write_table

Make = Callable[..., Workspace]
Write = Callable[..., None]

CUSTOMERS = [
    {"customer_id": "a", "days_since_last_touchpoint": 38.0, "contract_value": 1000, "owner": "Ines"},
    {"customer_id": "b", "days_since_last_touchpoint": 30.0, "journey_amount": 400.0},
    {"customer_id": "c", "days_since_last_touchpoint": 20.0},
    {"customer_id": "d", "days_since_last_touchpoint": 8.0},
    {"customer_id": "e", "days_since_last_touchpoint": 2.0},
    {"customer_id": "f", "days_since_last_touchpoint": 5.0, "is_journey_open": False},
    {"customer_id": "g", "days_since_last_touchpoint": 120.0},
]
VALUE = {"per_conversion_amount": 100, "at_risk_attribute": "contract_value"}


def champion_for_churn(_workspace: Workspace, target: str) -> FakeChampion | None:
    return FakeChampion() if target == "churn" else None


def test_scores_and_lists(make_workspace: Make, write_customers: Write) -> None:
    """Those to whom a target applies are scored; the high tier is listed with value, owner and action."""
    workspace = make_workspace(value=VALUE)
    write_customers(workspace, CUSTOMERS)
    report = score_customers(workspace, SNAPSHOT, find_champion=champion_for_churn)

    scores = read_table(workspace, "scores")
    assert sorted(scores[scores.target == "churn"].customer_id) == ["a", "b", "c", "d", "e"]
    churn = scores[scores.target == "churn"].set_index("customer_id")
    assert churn.value.to_dict() == pytest.approx({"a": 0.95, "b": 0.75, "c": 0.5, "d": 0.2, "e": 0.05})
    assert set(churn.unit) == {"probability"}
    assert churn.tier.to_dict() == {"a": "high", "b": "high", "c": "medium", "d": "medium", "e": "low"}
    assert json.loads(churn.reasons["a"])[0]["sentence"] == "No touchpoint for 38 days (usually 20)"
    purchase = scores[scores.target == "purchase"]
    assert set(purchase.unit) == {"class"}
    assert set(purchase.score_basis) == {"rule"}
    assert (purchase["class"] == purchase["tier"]).all()

    listed = read_table(workspace, "at_risk").set_index("customer_id")
    assert listed.value_at_risk_amount.to_dict() == pytest.approx({"a": 950.0, "b": 300.0})
    assert listed["rank"].to_dict() == {"a": 1, "b": 2}
    assert listed.owner.to_dict() == {"a": "Ines", "b": None}
    assert listed.suggested_action.to_dict() == {"a": "Call about the renewal.", "b": "Call about the renewal."}
    assert read_table(workspace, "hot_leads").value_at_risk_amount.isna().all()
    assert report.counts == {"customers": 7, "scores": 10, "at_risk": 2, "hot_leads": 2}
    assert report.notes == (
        "Target purchase has no champion: its customers are ranked by rule, without a probability.",
    )


def test_second_run_writes_the_same(make_workspace: Make, write_customers: Write) -> None:
    """Running a step again for the same snapshot replaces its partition by equal rows."""
    workspace = make_workspace()
    write_customers(workspace, CUSTOMERS)
    tables = ["scores", "at_risk", "hot_leads", "decisions", "assignments", "contacts"]
    seen = []
    for _ in range(2):
        score_customers(workspace, SNAPSHOT, find_champion=champion_for_churn)
        decide_actions(workspace, SNAPSHOT)
        push_decisions(workspace, SNAPSHOT, environment={})
        seen.append([read_table(workspace, name) for name in tables])
    for first, second in zip(*seen, strict=True):
        pd.testing.assert_frame_equal(first, second)


def test_earlier_snapshots_stay(make_workspace: Make, write_customers: Write) -> None:
    """Scoring a later snapshot leaves the rows of the earlier one as they were."""
    workspace = make_workspace()
    later = SNAPSHOT + timedelta(days=1)
    write_customers(workspace, CUSTOMERS)
    write_customers(workspace, CUSTOMERS[:3], later)
    score_customers(workspace, SNAPSHOT, find_champion=champion_for_churn)
    score_customers(workspace, later, find_champion=champion_for_churn)
    assert read_table(workspace, "scores").groupby("snapshot_key").size().to_dict() == {
        "20260301T000000Z": 10,
        "20260302T000000Z": 6,
    }


@pytest.mark.parametrize("step", [score_customers, decide_actions])
def test_missing_features_are_told(make_workspace: Make, step: Callable[..., Any]) -> None:
    """Without features of the snapshot both steps say which command to run."""
    with pytest.raises(DataError, match=r"no features at the snapshot 2026-03-01.*desirelines.*features"):
        step(make_workspace(), SNAPSHOT)


def test_missing_scores_are_told(make_workspace: Make, write_customers: Write) -> None:
    """Deciding and pushing before scoring says which command to run."""
    workspace = make_workspace()
    write_customers(workspace, CUSTOMERS)
    with pytest.raises(DataError, match=r"no scores at the snapshot.*score' first"):
        decide_actions(workspace, SNAPSHOT)
    with pytest.raises(DataError, match=r"no scores at the snapshot.*score' first"):
        push_decisions(workspace, SNAPSHOT, environment={})


def test_nobody_to_score_is_no_error(make_workspace: Make, write_customers: Write) -> None:
    """A snapshot at which no target applies to anybody scores, decides and pushes nothing."""
    workspace = make_workspace()
    write_customers(workspace, CUSTOMERS[-1:])
    report = score_customers(workspace, SNAPSHOT, find_champion=champion_for_churn)
    assert "Target churn applies to nobody at this snapshot." in report.notes
    assert decide_actions(workspace, SNAPSHOT).counts["decisions"] == 0
    push_decisions(workspace, SNAPSHOT, environment={})


def test_unknown_feature_of_a_condition_is_told(make_workspace: Make, write_customers: Write) -> None:
    """A condition on a feature that does not exist names the nearest one."""
    action = {**PLAYBOOK["actions"][0], "when": [{"feature": "days_since_last_touch", "at_least": 1}]}
    workspace = make_workspace(playbook={"actions": [action]})
    write_customers(workspace, CUSTOMERS)
    with pytest.raises(ConfigError, match=r"'days_since_last_touch'.*days_since_last_touchpoint"):
        score_customers(workspace, SNAPSHOT, find_champion=champion_for_churn)


def test_decisions_and_holdout(make_workspace: Make, write_customers: Write) -> None:
    """Each eligible customer gets one action; the held-out get theirs in another arm, and everybody stays in it."""
    people = [{"customer_id": f"c{n:03}", "days_since_last_touchpoint": 20.0 + n / 10} for n in range(100)]
    workspace = make_workspace(playbook={**PLAYBOOK, "holdout_share": 0.5})
    write_customers(workspace, people)
    score_customers(workspace, SNAPSHOT, find_champion=champion_for_churn)
    report = decide_actions(workspace, SNAPSHOT)
    decisions = read_table(workspace, "decisions")
    assert len(decisions) == 100
    assert 30 < report.counts["holdout"] < 70
    assert report.counts["holdout"] + report.counts["treated"] == 100
    push_decisions(workspace, SNAPSHOT, environment={})
    before = read_table(workspace, "assignments")
    assert sorted(before.unit_id) == [row["customer_id"] for row in people]

    unshared = make_workspace(playbook={**PLAYBOOK, "holdout_share": 0.0})
    decide_actions(unshared, SNAPSHOT)
    push_decisions(unshared, SNAPSHOT, environment={})
    pd.testing.assert_frame_equal(read_table(workspace, "assignments"), before)
    after = read_table(workspace, "decisions")
    assert dict(zip(after.customer_id, after.arm, strict=True)) == dict(
        zip(decisions.customer_id, decisions.arm, strict=True)
    )


def test_contact_policy_counts_earlier_decisions(make_workspace: Make, write_customers: Write) -> None:
    """An action taken yesterday rests; with the cap reached nothing is done, and the trace says so."""
    workspace = make_workspace(playbook={**PLAYBOOK, "contact_policy": {"per_7_days": 2, "per_30_days": 6}})
    arms = []
    for day in range(3):
        at = SNAPSHOT + timedelta(days=day)
        write_customers(workspace, CUSTOMERS[:1], at)
        score_customers(workspace, at, find_champion=champion_for_churn)
        decide_actions(workspace, at)
        push_decisions(workspace, at, environment={})
        decisions = read_table(workspace, "decisions")
        arms.append(decisions[decisions.snapshot_at == pd.Timestamp(at)].iloc[0])
    assert [row.action for row in arms] == ["call", "send_guide", None]
    assert [row.arm for row in arms] == ["treated", "treated", "none"]
    assert json.loads(arms[1].trace) == {"call": "cool_off", "send_guide": "chosen"}
    assert json.loads(arms[2].trace) == {"call": "contact_policy", "send_guide": "contact_policy"}


def test_a_rehearsal_is_no_contact(make_workspace: Make, write_customers: Write) -> None:
    """What was decided and only rehearsed gives nobody an arm, and does not rest an action."""
    workspace = make_workspace()
    actions = []
    for day, dry_run in enumerate([True, False, False]):
        at = SNAPSHOT + timedelta(days=day)
        write_customers(workspace, CUSTOMERS[:1], at)
        score_customers(workspace, at, find_champion=champion_for_churn)
        decide_actions(workspace, at)
        push_decisions(workspace, at, environment={}, dry_run=dry_run)
        assert read_table(workspace, "assignments").empty == dry_run
        decisions = read_table(workspace, "decisions")
        actions += decisions[decisions.snapshot_at == pd.Timestamp(at)].action.to_list()
    assert actions == ["call", "call", "send_guide"]


def test_a_rehearsal_of_what_was_pushed_forgets_nothing(make_workspace: Make, write_customers: Write) -> None:
    """Decisions rehearsed anew for a snapshot that was pushed leave what was told as it is."""
    workspace = make_workspace()
    write_customers(workspace, CUSTOMERS[:1])
    score_customers(workspace, SNAPSHOT, find_champion=champion_for_churn)
    decide_actions(workspace, SNAPSHOT)
    push_decisions(workspace, SNAPSHOT, environment={})
    before = read_table(workspace, "contacts")
    assert before.action.tolist() == ["call"]
    other = make_workspace(playbook={**PLAYBOOK, "actions": PLAYBOOK["actions"][1:]})
    assert decide_actions(other, SNAPSHOT).counts["treated"] == 1
    push_decisions(other, SNAPSHOT, environment={}, dry_run=True)
    pd.testing.assert_frame_equal(read_table(workspace, "contacts"), before)


@pytest.mark.parametrize(("tables", "count_contacts"), [(["decisions"], 0), (["at_risk"], 1)])
def test_who_could_not_be_told_does_not_rest(
    make_workspace: Make, write_customers: Write, tables: list[str], count_contacts: int
) -> None:
    """Where the destination of the decisions cannot be reached nobody was contacted; its lists are another matter."""
    crm = {"type": "webhook", "url": "https://crm.example/hook", "secret_env": "NOT_SET", "tables": tables}
    workspace = make_workspace(destinations={"crm": crm})
    write_customers(workspace, CUSTOMERS[:1])
    score_customers(workspace, SNAPSHOT, find_champion=champion_for_churn)
    decide_actions(workspace, SNAPSHOT)
    with pytest.raises(DestinationError, match="NOT_SET"):
        push_decisions(workspace, SNAPSHOT, environment={})
    assert len(read_table(workspace, "contacts")) == count_contacts


def test_the_arm_of_a_decision_stays(make_workspace: Make, write_customers: Write) -> None:
    """A share that changes between deciding and pushing moves nobody out of the arm decided for."""
    workspace = make_workspace(playbook={**PLAYBOOK, "holdout_share": 0.5})
    people = [{"customer_id": f"c{n:03}", "days_since_last_touchpoint": 38.0} for n in range(20)]
    write_customers(workspace, people)
    score_customers(workspace, SNAPSHOT, find_champion=champion_for_churn)
    decide_actions(workspace, SNAPSHOT)
    push_decisions(make_workspace(playbook={**PLAYBOOK, "holdout_share": 0.0}), SNAPSHOT, environment={})
    decided = read_table(workspace, "decisions").set_index("customer_id").arm
    assigned = read_table(workspace, "assignments").set_index("unit_id").arm
    assert set(decided) == {"holdout", "treated"}
    assert assigned.to_dict() == decided.to_dict()


@pytest.mark.parametrize("merged_after", [timedelta(hours=12), -timedelta(days=400)])
def test_a_merge_forgets_no_contact_and_no_holdout(
    make_workspace: Make, write_customers: Write, merged_after: timedelta
) -> None:
    """Whoever remains of two rests from what either was told, and is held out if either was.

    So it is when the link is of these days, and when history loaded since says that both were always one.
    """
    workspace = make_workspace(playbook={**PLAYBOOK, "holdout_share": 0.5})
    earlier, later = (f"c_{digit * 24}" for digit in "12")
    names = {earlier: "1" * 32, later: "2" * 32}

    def resolved(links: list[tuple[str, str]]) -> None:
        """Write the customers as the rules of identity find them."""
        kind = {"source": "web", "load_id": "l1"}
        named = [
            {**kind, "identifier_id": name, "type": "anonymous_id", "value": name, "known_at": LONG_AGO}
            for name in names.values()
        ]
        seen = [
            {
                **kind,
                "left_identifier_id": left,
                "right_identifier_id": right,
                "count_records": 1,
                **dict.fromkeys(("left_type", "right_type"), "anonymous_id"),
                **dict.fromkeys(("known_at", "last_known_at"), SNAPSHOT + merged_after),
            }
            for left, right in links
        ]
        write_table(workspace, "identifier_vault", named)
        write_table(workspace, "identifier_links", seen)
        build_customers(workspace)

    def decided(at: Any, people: list[str], links: list[tuple[str, str]]) -> dict[str, tuple[str, str]]:
        write_customers(workspace, [{"customer_id": who, "days_since_last_touchpoint": 38.0} for who in people], at)
        resolved(links)
        score_customers(workspace, at, find_champion=champion_for_churn)
        decide_actions(workspace, at)
        push_decisions(workspace, at, environment={})
        found = read_table(workspace, "decisions")
        found = found[found.snapshot_at == pd.Timestamp(at)]
        return {who: (action, arm) for who, action, arm in found[["customer_id", "action", "arm"]].to_numpy()}

    arms = {"unit_type": "customer", "experiment": "global_holdout", "assigned_at": LONG_AGO}
    given = [{**arms, "unit_id": earlier, "arm": "treated"}, {**arms, "unit_id": later, "arm": "holdout"}]
    write_table(workspace, "assignments", given)
    first = decided(SNAPSHOT, [earlier, later], [])
    assert first == {earlier: ("call", "treated"), later: ("call", "holdout")}
    # Only what the second one was told is known, so that the answer can come from nowhere else.
    told = read_table(workspace, "contacts")
    write_table(workspace, "contacts", told[told.customer_id == later].to_dict("records"))
    links = [(names[earlier], names[later])]
    assert decided(SNAPSHOT + timedelta(days=1), [earlier], links) == {earlier: ("send_guide", "holdout")}


def test_attributes_as_known_at_the_snapshot(make_workspace: Make, write_customers: Write) -> None:
    """The latest value that was valid and known at the snapshot counts, through the customer of that time."""
    workspace = make_workspace()
    write_customers(workspace, CUSTOMERS[:2])
    stated = [
        # value, valid_from, known_at: relative to the snapshot in days
        ("old", -20, -20),
        ("current", -10, -10),
        ("announced", 5, -10),
        ("known later", -5, 5),
    ]
    rows = [
        {
            "identifier_id": "user-a",
            "attribute": "owner",
            "valid_from": SNAPSHOT + timedelta(days=valid),
            "known_at": SNAPSHOT + timedelta(days=known),
            "value": value,
            "source": "crm",
            "load_id": "load",
        }
        for value, valid, known in stated
    ]
    write_table(workspace, "customer_attributes", rows)
    write_table(
        workspace,
        "customers",
        [
            {
                "identifier_id": "user-a",
                "customer_id": "a",
                "known_at": LONG_AGO,
                "known_to": SNAPSHOT + timedelta(days=1),
            },
            {"identifier_id": "user-a", "customer_id": "b", "known_at": SNAPSHOT + timedelta(days=1), "known_to": None},
        ],
    )
    score_customers(workspace, SNAPSHOT, find_champion=champion_for_churn)
    assert read_table(workspace, "at_risk").set_index("customer_id").owner.to_dict() == {"a": "current"}
