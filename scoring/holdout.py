"""The persistent holdout: customers who are never acted upon, so that effects can be measured."""

import hashlib
from collections.abc import Iterable, Mapping

import pandas as pd

EXPERIMENT = "global_holdout"
UNIT_TYPE = "customer"
HOLDOUT, TREATED = "holdout", "treated"

_BUCKETS = 10_000


def bucket(project: str, customer_id: str) -> int:
    """Return a customer's bucket, 0 to 9,999: the SHA-256 of `project:customer_id` modulo their number.

    The project's name is the salt, so that a person known to two projects may be held out of one only.
    """
    digest = hashlib.sha256(f"{project}:{customer_id}".encode()).digest()
    return int.from_bytes(digest, "big") % _BUCKETS


def arms(customer_ids: Iterable[str], *, project: str, share: float, assigned: Mapping[str, str]) -> dict[str, str]:
    """Return the arm of each customer, `holdout` or `treated`.

    Args:
        customer_ids: whose arm is asked.
        project: the project's name.
        share: the share to hold out; it decides only for customers who have no arm yet.
        assigned: arms given before, which stay whatever the share has become since.
    """
    limit = round(share * _BUCKETS)
    return {
        customer_id: assigned.get(customer_id) or (HOLDOUT if bucket(project, customer_id) < limit else TREATED)
        for customer_id in customer_ids
    }


def held_out(given: Mapping[str, str]) -> frozenset[str]:
    """Return those of the customers whose arm is the holdout."""
    return frozenset(customer_id for customer_id, arm in given.items() if arm == HOLDOUT)


def assigned_arms(assignments: pd.DataFrame, became: Mapping[str, str]) -> dict[str, str]:
    """Return customer to arm from the table `assignments`, this experiment's rows only.

    Of customers who turned out to be one, whoever remains is held out when any of them was: nobody may
    be acted upon of whom it was promised that nobody would.

    Args:
        assignments: the table.
        became: customers merged away, and who they are now.
    """
    mine = assignments[(assignments["unit_type"] == UNIT_TYPE) & (assignments["experiment"] == EXPERIMENT)]
    given: dict[str, str] = {}
    for customer_id, arm in zip(mine["unit_id"], mine["arm"], strict=True):
        now = became.get(customer_id, customer_id)
        given[now] = HOLDOUT if HOLDOUT in {arm, given.get(now)} else arm
    return given


def new_units(given: Mapping[str, str], assigned: Mapping[str, str], *, at: pd.Timestamp) -> pd.DataFrame:
    """Return a row of `assignments` for each customer who has none yet.

    Args:
        given: customer to arm, of everybody who is exposed.
        assigned: customers who have an arm by an earlier row, their own or that of somebody who became them.
        at: when they were first exposed.
    """
    new = sorted(given.keys() - assigned.keys())
    return pd.DataFrame(
        {
            "unit_type": UNIT_TYPE,
            "unit_id": new,
            "experiment": EXPERIMENT,
            "arm": [given[customer_id] for customer_id in new],
            "assigned_at": at,
        }
    )
