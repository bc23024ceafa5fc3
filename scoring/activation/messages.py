"""The messages that tell a receiver of changes: deterministic, so that one sent twice is recognised."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from scoring.activation.ledger import Delivery
from scoring.activation.plan import canonical_json

_TOLD = {"at_risk": "updated", "hot_leads": "updated", "decisions": "made"}
_SUBJECT = {"decisions": "decision"}


def message_id(delivery: Delivery) -> str:
    """Return the id of a change's message: the same whenever it is sent, another for another content or revision."""
    parts = (delivery.destination, delivery.delivery_key, delivery.operation, delivery.revision, delivery.payload_hash)
    return "msg_" + hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]


def message(delivery: Delivery, *, project: str, identifiers: Mapping[str, tuple[str, str]]) -> str | None:
    """Return the body of a change's message, the same whenever it is sent; None where the person was erased.

    Args:
        delivery: the change; its content names the identifier by hash.
        project: name of the project.
        identifiers: type and value by identifier_id.
    """
    content: dict[str, Any] = json.loads(delivery.after or "{}")
    recipient = identifiers.get(str(content.pop("identifier_id", None)))
    if recipient is None:
        return None
    table = delivery.delivered_table
    event = "withdrawn" if delivery.operation == "withdraw" else _TOLD[table]
    identifier = {"type": recipient[0], "value": recipient[1]}
    return canonical_json(
        {
            "type": f"{_SUBJECT.get(table, table)}.{event}",
            "timestamp": _instant(delivery.snapshot_key),
            "data": {**content, "identifier": identifier, "project": project},
        }
    )


def _instant(snapshot_key: str) -> str:
    """Return a snapshot's key as an instant in ISO 8601.

    >>> _instant("20260301T020000Z")
    '2026-03-01T02:00:00Z'
    """
    day, _, time = snapshot_key.partition("T")
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}T{time[:2]}:{time[2:4]}:{time[4:]}"
