"""What people decided of identities: two customers who were joined and are not the same are put apart."""

import hashlib
from typing import Any

import ibis
import pyarrow as pa

from journeys.config.errors import DataError
from journeys.engine import connect
from journeys.identities.graph import microseconds
from journeys.identities.resolve import Apart
from journeys.lake.workspace import Workspace


def people_apart(identifiers: ibis.Table, decisions: ibis.Table) -> list[Apart]:
    """Return the decisions of `identity_decisions` on numbered identifiers."""
    left = identifiers.select(one="node", left_identifier_id="identifier_id")
    right = identifiers.select(other="node", right_identifier_id="identifier_id")
    found = decisions.filter(decisions.decision == "apart")
    found = found.join(left, "left_identifier_id").join(right, "right_identifier_id")
    rows = found.select("one", "other", at=microseconds(found.known_at)).order_by("at", "one", "other").to_pyarrow()
    return [Apart(row["one"], row["other"], row["at"]) for row in rows.to_pylist()]


def put_apart(workspace: Workspace, merge_id: str, reason: str) -> dict[str, Any]:
    """Decide that the two customers of a merge are not the same, from now on; the next build parts them.

    What was believed before stays as it was, and so does every snapshot taken then.

    Args:
        workspace: project, lake and clock.
        merge_id: the merge, or the beginning of its id that no other has.
        reason: why, in the words of whoever decides.

    Returns:
        The merge that is undone, as a row of `identity_merges`.

    Raises:
        DataError: when there is no such merge, or several.
    """
    lake = workspace.lake
    with connect(memory=workspace.memory) as connection:
        merges = lake.scan(connection, "identity_merges")
        found = connection.to_pyarrow(merges.filter(merges.merge_id.startswith(merge_id)).limit(2)).to_pylist()
        if len(found) != 1:
            what = "There is no merge" if not found else "There are several merges"
            raise DataError(f"{what} whose id begins with '{merge_id}'; see the table identity_merges.")
        merge: dict[str, Any] = found[0]
        founders = lake.scan(connection, "customers")
        kept, merged = (
            _founder(connection, founders, merge[name]) for name in ("kept_customer_id", "merged_customer_id")
        )
    told = "\x1f".join(("apart", kept, merged))
    row = {
        "decision_id": hashlib.sha256(told.encode()).hexdigest()[:32],
        "left_identifier_id": kept,
        "right_identifier_id": merged,
        "decision": "apart",
        "reason": reason,
        "known_at": workspace.now,
    }
    schema = lake.table("identity_decisions").schema
    lake.add_new("identity_decisions", pa.Table.from_pylist([row], schema=schema), run_id=workspace.run_id)
    return merge


def _founder(connection: Any, customers: ibis.Table, customer_id: str) -> str:
    """Return the identifier that founded a customer."""
    is_founder = customers.identifier_id.left(24) == customer_id.removeprefix("c_")
    found: list[str] = connection.to_pyarrow(customers.filter(is_founder).select("identifier_id").distinct())[
        "identifier_id"
    ].to_pylist()
    return found[0]
