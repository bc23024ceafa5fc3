"""The plan against the ledger, drawn and against a receiver that is simulated step by step."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.activation.ledger import Delivery
from scoring.activation.plan import Plan, Wanted, canonical_json, payload_hash, plan

KEY = "20260301T000000Z"
LATER = "20260302T000000Z"


def wish(key: str, table: str = "at_risk", **content: object) -> Wanted:
    return Wanted(f"{table}:{key}", table, key, content)


def known(key: str, state: str, operation: str = "add", table: str = "at_risk", **content: object) -> Delivery:
    text = canonical_json(content)
    return Delivery(
        destination="crm",
        delivery_key=f"{table}:{key}",
        delivered_table=table,
        snapshot_key=KEY,
        customer_id=key,
        operation=operation,  # type: ignore[arg-type]
        revision=1,
        payload_hash=payload_hash(text),
        state=state,  # type: ignore[arg-type]
        attempts=1,
        response_id=None,
        before=None,
        after=text,
        run_id="before",
        sent_at=None,
    )


def planned(wanted: list[Wanted], rows: list[Delivery], key: str = LATER) -> Plan:
    return plan(wanted, rows, destination="crm", snapshot_key=key, run_id="run")


@pytest.mark.parametrize(
    ("title", "wanted", "row", "expected"),
    [
        ("nothing known", [wish("a")], None, {"add": 1}),
        ("delivered and equal", [wish("a")], known("a", "delivered"), {"unchanged": 1}),
        ("delivered and other", [wish("a", x=1)], known("a", "delivered"), {"change": 1}),
        ("delivered and gone", [], known("a", "delivered"), {"withdraw": 1}),
        ("never answered and equal", [wish("a")], known("a", "sent"), {"add": 1}),
        ("never sent and equal", [wish("a")], known("a", "pending"), {"add": 1}),
        ("never sent and gone: it may have arrived", [], known("a", "pending"), {"withdraw": 1}),
        ("refused and equal", [wish("a")], known("a", "rejected"), {"refused": 1}),
        ("refused and other", [wish("a", x=1)], known("a", "rejected"), {"add": 1}),
        ("refused and gone: it is not there", [], known("a", "rejected"), {}),
        ("given up and equal", [wish("a")], known("a", "dead"), {"given_up": 1}),
        ("withdrawn and gone", [], known("a", "delivered", "withdraw"), {}),
        ("withdrawal never answered", [], known("a", "sent", "withdraw"), {"withdraw": 1}),
        ("withdrawn and back", [wish("a")], known("a", "delivered", "withdraw"), {"add": 1}),
        ("decision of an earlier snapshot", [], known("a", "delivered", table="decisions"), {}),
    ],
)
def test_drawn(title: str, wanted: list[Wanted], row: Delivery | None, expected: dict[str, int]) -> None:
    """Each case of the ledger and the wish leads to one operation."""
    found = planned(wanted, [row] if row else []).counts
    assert {name: count for name, count in found.items() if count} == expected, title


def test_changed_decision_of_the_same_snapshot_is_withdrawn() -> None:
    """A decision that the same snapshot no longer makes is taken back."""
    row = known("a", "delivered", table="decisions")
    assert planned([], [row], key=KEY).counts["withdraw"] == 1


def test_change_keeps_what_was_there() -> None:
    """A change carries the content before it and the next revision."""
    (change,) = planned([wish("a", x=2)], [known("a", "delivered", x=1)]).change
    assert (change.before, change.after, change.revision, change.state) == ('{"x":1}', '{"x":2}', 2, "pending")


def test_resend_keeps_its_revision() -> None:
    """What was never answered is sent again as it was planned, so that the receiver recognises it."""
    row = known("a", "sent", x=1)
    assert planned([wish("a", x=1)], [row]).resend == (row,)


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), max_size=3),
            st.lists(st.sampled_from(["delivered", "lost answer", "not sent"]), min_size=3, max_size=3),
        ),
        max_size=6,
    )
)
def test_receiver_ends_with_what_is_wanted(pushes: list[tuple[dict[str, int], list[str]]]) -> None:
    """Whatever was lost on the way, after one undisturbed push the receiver holds exactly the wishes."""
    ledger: dict[str, Delivery] = {}
    receiver: dict[str, str | None] = {}
    last: dict[str, int] = {}
    for wishes, luck in [*pushes, (None, ["delivered"] * 9)]:
        last = last if wishes is None else wishes
        wanted = [wish(key, x=value) for key, value in last.items()]
        changes = planned(wanted, list(ledger.values()))
        for number, row in enumerate(changes.deliveries):
            fate = luck[number % len(luck)]
            if fate != "not sent":
                receiver[row.delivery_key] = None if row.operation == "withdraw" else row.after
            ledger[row.delivery_key] = replace(row, state="delivered" if fate == "delivered" else "pending")
    there = {key: text for key, text in receiver.items() if text is not None}
    assert there == {f"at_risk:{key}": canonical_json({"x": value}) for key, value in last.items()}
    again = planned([wish(key, x=value) for key, value in last.items()], list(ledger.values()))
    assert again.deliveries == ()
