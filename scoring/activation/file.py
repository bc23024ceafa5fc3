"""Destination `file`: a folder a push, with CSV for people, Parquet for machines, and a manifest."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from journeys.config.errors import DestinationError
from journeys.lake.tables import TABLES
from scoring.activation.ledger import Delivery, Ledger
from scoring.activation.payloads import IDENTIFIER_COLUMNS
from scoring.activation.people_csv import write_people_csv
from scoring.activation.shipment import Receipt, Shipment

MANIFEST_VERSION = 1
PUSHES = "pushes"
"""Name under which the ledger keeps whole pushes, beside the rows in them."""


class FileSender:
    """Writes each push into `folder/destination/<snapshot_key>-<hash>/`; the same content is written once.

    The folder appears whole: it is written under another name, `_SUCCESS` last, and then renamed.

    Args:
        folder: where pushes go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def push(self, shipment: Shipment, ledger: Ledger) -> Receipt:
        """Write the folder of this push unless the ledger says that this very content was delivered.

        Raises:
            DestinationError: where the folder cannot be written.
        """
        shipment = shipment.without_held_out()
        content = _content_hash(shipment)
        pushes = ledger.deliveries(shipment.destination, tables=[PUSHES])
        last = next((row for row in pushes if row.snapshot_key == shipment.snapshot_key), None)
        is_same = last is not None and last.payload_hash == content
        # Coming back to an earlier content is news too: the revision gives it a folder of its own.
        revision = 1 if last is None else last.revision + (not is_same)
        name = hashlib.sha256(f"{content}:{revision}".encode()).hexdigest()[:12]
        final = self._folder / shipment.destination / f"{shipment.snapshot_key}-{name}"
        if last is not None and is_same and last.state == "delivered":
            return Receipt(
                notes=(f"Destination {shipment.destination} has nothing new; what it was given last is {final}",)
            )
        pending = [*shipment.plan.deliveries, _whole_push(shipment, content, revision)]
        ledger.put(pending)
        if not (final / "_SUCCESS").exists():
            with _told(self._folder):
                _write_folder(final, shipment, content)
        ledger.put(
            replace(row, state="delivered", attempts=row.attempts + 1, sent_at=shipment.made_at) for row in pending
        )
        paths = tuple(str(path) for path in sorted(final.iterdir()) if path.suffix)
        return Receipt(count_delivered=len(shipment.plan.deliveries), paths=paths)


def _content_hash(shipment: Shipment) -> str:
    """Return a hash of the snapshot and all rows: what decides whether a push says anything new."""
    digest = hashlib.sha256(f"{MANIFEST_VERSION}:{shipment.snapshot_key}".encode())
    for name, rows in sorted(shipment.tables.items()):
        digest.update(f"\n{name}:{','.join(rows.columns)}\n".encode())
        digest.update(rows.to_json(orient="values", date_format="iso", double_precision=15).encode())
    return digest.hexdigest()


def _whole_push(shipment: Shipment, content: str, revision: int) -> Delivery:
    return Delivery(
        destination=shipment.destination,
        delivery_key=f"{PUSHES}:{shipment.snapshot_key}",
        delivered_table=PUSHES,
        snapshot_key=shipment.snapshot_key,
        customer_id="",
        operation="add",
        revision=revision,
        payload_hash=content,
        state="pending",
        attempts=0,
        response_id=None,
        before=None,
        after=None,
        run_id=shipment.run_id,
        sent_at=None,
    )


def _write_folder(final: Path, shipment: Shipment, content: str) -> None:
    part = final.with_name(f".{final.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name, rows in shipment.tables.items():
        write_people_csv(_for_people(rows), part / f"{name}.csv")
        pq.write_table(_exact(name, rows), part / f"{name}.parquet")
    counts = {name: len(rows) for name, rows in shipment.tables.items()}
    files = [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "rows": counts[path.stem],
        }
        for path in sorted(part.iterdir())
    ]
    manifest = {
        "manifest_version": MANIFEST_VERSION,
        "project": shipment.project,
        "destination": shipment.destination,
        "snapshot_at": shipment.snapshot_at.isoformat(),
        "snapshot_key": shipment.snapshot_key,
        "run_id": shipment.run_id,
        "made_at": shipment.made_at.isoformat(),
        "content_hash": content,
        "schema_versions": {name: TABLES[name].schema_version for name in shipment.tables},
        "model_versions": dict(shipment.model_versions),
        "files": files,
    }
    (part / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (part / "_SUCCESS").touch()
    if final.exists():  # left by something else, as ours appear whole
        shutil.rmtree(final)
    part.rename(final)


def _for_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that a person reads, the identifier first, numbers as precise as they mean anything."""
    place = [name for name in ("rank", "priority") if name in rows]
    first = [*IDENTIFIER_COLUMNS, *place, "customer_id"]
    hidden = {"identifier_id", "snapshot_key", "trace", "choice_probability", *first}
    shown = rows[[*first, *(name for name in rows.columns if name not in hidden)]]
    if "score_basis" in shown:
        is_rule = shown["score_basis"] == "rule"
        unit = is_rule.map({True: "points by rule, no probability", False: "probability"})
        shown.insert(list(shown.columns).index("value") + 1, "unit", unit)
    digits = {name: 2 if name.endswith("_amount") else 3 for name in shown.select_dtypes("float").columns}
    return shown.round(digits)


def _exact(name: str, rows: pd.DataFrame) -> pa.Table:
    schema = TABLES[name].schema
    for column in IDENTIFIER_COLUMNS:
        schema = schema.append(pa.field(column, pa.string()))
    return pa.Table.from_pandas(rows[schema.names], schema=schema, preserve_index=False).replace_schema_metadata(None)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = (
            f"Cannot write to {folder} ({error.strerror}); make the folder writable or name another under destinations."
        )
        raise DestinationError(msg) from error
