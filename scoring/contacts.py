"""Contacts: which decisions reached somebody, or would have."""

from collections.abc import Collection

import pandas as pd

from scoring.activation.ledger import Delivery
from scoring.holdout import HOLDOUT, TREATED

CONTACT_ARMS = (TREATED, HOLDOUT)


def may_be_told(row: Delivery) -> bool:
    """Return whether a destination has, or may have, what the ledger says of a decision."""
    return row.operation != "withdraw" and row.state in {"sent", "delivered"}


def contacts_of(decisions: pd.DataFrame, told: Collection[str] | None) -> pd.DataFrame:
    """Return decision_id, customer_id, action, arm of the decisions that count as contacts.

    A treated customer is contacted when a destination was told. The holdout would have been contacted in
    the same push, so it rests as the others do, unless of those to be told nobody was: the arms stay comparable.

    Args:
        decisions: the snapshot's.
        told: customers about whom a destination was told; None where none takes decisions, and people take
            them from the lake.
    """
    acted = decisions[decisions["arm"].isin(CONTACT_ARMS)]
    is_treated = acted["arm"] == TREATED
    if told is not None:
        is_told = acted["customer_id"].isin(list(told))
        reached = bool(is_told.any()) or not is_treated.any()
        acted = acted[(is_treated & is_told) | (~is_treated & reached)]
    return acted[["decision_id", "customer_id", "action", "arm"]]


def decided_arms(decisions: pd.DataFrame) -> dict[str, str]:
    """Return customer to arm of those for whom an action was decided."""
    acted = decisions[decisions["arm"].isin(CONTACT_ARMS)]
    return dict(zip(acted["customer_id"], acted["arm"], strict=True))
