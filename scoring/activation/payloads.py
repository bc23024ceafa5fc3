"""What leaves for a destination: rows with the CRM's own identifier, and their contents without it."""

import json
import math
from collections.abc import Collection
from typing import Any

import pandas as pd

from journeys.config.destinations import DeliveredTable
from journeys.config.identifiers import Identities
from scoring.activation.plan import Wanted
from scoring.holdout import TREATED

IDENTIFIER_COLUMNS = ("identifier_type", "identifier")
"""The two columns with personal data that are joined to a table's own."""


def identifier_per_customer(
    identifiers: pd.DataFrame, identities: Identities, wanted_type: str | None = None
) -> pd.DataFrame:
    """Return customer_id, identifier_id, identifier_type, identifier: one row a customer.

    Args:
        identifiers: customer_id, identifier_id, type, value, known_at, as `crm_identifiers` returns them.
        identities: the priorities of the types; the strongest type is taken, its latest known value.
        wanted_type: only this type counts, where the destination names one.
    """
    rows = identifiers if wanted_type is None else identifiers[identifiers["type"] == wanted_type]
    priority = {name: identities.type_of(name).priority for name in rows["type"].unique()}
    rows = rows.assign(priority=rows["type"].map(priority).astype(float))
    rows = rows.sort_values(
        ["customer_id", "priority", "type", "known_at", "identifier_id"], ascending=[True, True, True, False, True]
    )
    rows = rows.drop_duplicates("customer_id").rename(columns={"type": "identifier_type", "value": "identifier"})
    return rows[["customer_id", "identifier_id", *IDENTIFIER_COLUMNS]].reset_index(drop=True)


def rows_to_deliver(table: DeliveredTable, rows: pd.DataFrame, held_out: Collection[str]) -> pd.DataFrame:
    """Return the rows of a table that may leave: nothing about the held-out, and of the decisions those that treat.

    In the order in which people work through them.
    """
    if table == "decisions":
        rows = rows[rows["arm"] == TREATED]
    order = ["priority", "decision_id"] if table == "decisions" else ["target", "rank"]
    return rows[~rows["customer_id"].isin(held_out)].sort_values(order, ignore_index=True)


def wanted_rows(table: DeliveredTable, rows: pd.DataFrame, *, currency: str) -> list[Wanted]:
    """Return each row's key and content; contents hold identifiers by hash only.

    What differs from night to night without meaning for the reader (snapshot, rank, percentile) is not
    part of a list's content, so that a row is sent again only when it says something else.
    """
    build = _decision if table == "decisions" else _listed
    found = []
    for row in rows.to_dict("records"):
        key = row["decision_id"] if table == "decisions" else f"{row['target']}:{row['customer_id']}"
        payload = {**build(row), "currency": currency}
        found.append(Wanted(f"{table}:{key}", table, row["customer_id"], payload))
    return found


def _listed(row: dict[Any, Any]) -> dict[str, Any]:
    return {
        **_texts(row, "customer_id", "identifier_id", "target", "stage", "owner", "suggested_action", "score_basis"),
        "score": _number(row["value"], 3),
        "unit": "probability" if row["score_basis"] == "model" else "class",
        "tier": row["tier"],
        "value_at_risk_amount": _number(row["value_at_risk_amount"], 2),
        "reasons": json.loads(row["reasons"] or "[]"),
    }


def _decision(row: dict[Any, Any]) -> dict[str, Any]:
    return {
        **_texts(row, "decision_id", "customer_id", "identifier_id", "target", "action", "channel", "text"),
        **_texts(row, "uplift_source", "policy_version"),
        "uplift": _number(row["uplift"], 4),
        "expected_value_amount": _number(row["expected_value_amount"], 2),
        "priority": _number(row["priority"], 0),
    }


def _texts(row: dict[Any, Any], *names: str) -> dict[str, str | None]:
    return {name: None if pd.isna(row[name]) else str(row[name]) for name in names}


def _number(value: Any, digits: int) -> float | None:
    return None if value is None or math.isnan(value) else round(float(value), digits)
