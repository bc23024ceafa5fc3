"""The ledger of deliveries: what each destination was sent, and what is still to be sent.

It holds no personal data: contents name an identifier by its keyed hash, and the sender looks the
value up when the message leaves.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from journeys.config.errors import DataError

SCHEMA_VERSION = 1

State = Literal["pending", "sent", "delivered", "rejected", "dead"]
Operation = Literal["add", "change", "withdraw"]

_METADATA = sa.MetaData()
_VERSION = sa.Table("ledger_version", _METADATA, sa.Column("schema_version", sa.Integer, primary_key=True))
_DELIVERIES = sa.Table(
    "deliveries",
    _METADATA,
    sa.Column("destination", sa.String(120), primary_key=True),
    sa.Column("delivery_key", sa.String(400), primary_key=True),
    sa.Column("delivered_table", sa.String(120), nullable=False),
    sa.Column("snapshot_key", sa.String(40), nullable=False),
    sa.Column("customer_id", sa.String(200), nullable=False, index=True),
    sa.Column("operation", sa.String(20), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("payload_hash", sa.String(64), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("response_id", sa.String(400)),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Column("run_id", sa.String(120), nullable=False),
    sa.Column("sent_at", sa.DateTime),
)


@dataclass(frozen=True)
class Delivery:
    """One row of the ledger: what a destination was last sent, or is to be sent, under one key.

    Attributes:
        destination: name of the destination in `journey.yaml`.
        delivery_key: what the content is about; one key, one row.
        delivered_table: the table it comes from.
        snapshot_key: the snapshot whose push planned it.
        customer_id: whom it is about.
        operation: whether it is new there, changes what is there, or takes it back.
        revision: how often this key's content has changed; part of the message's id.
        payload_hash: hash of `after`.
        state: `pending` (to be sent), `sent` (left, without an answer), `delivered`, `rejected` (refused
            for its content) or `dead` (given up).
        attempts: requests made for this revision.
        response_id: what the destination called it, or why it refused.
        before: the content delivered before, as JSON, None where there was none.
        after: the content to be there, as JSON; for a withdrawal, the last content.
        run_id: the run that planned it.
        sent_at: when the last attempt was made.
    """

    destination: str
    delivery_key: str
    delivered_table: str
    snapshot_key: str
    customer_id: str
    operation: Operation
    revision: int
    payload_hash: str
    state: State
    attempts: int
    response_id: str | None
    before: str | None
    after: str | None
    run_id: str
    sent_at: datetime | None


class Ledger:
    """Deliveries in SQLite or PostgreSQL, at an address as SQLAlchemy writes it.

    Raises:
        DataError: where the address is not usable, the database does not answer or a newer release wrote it.
    """

    def __init__(self, url: str) -> None:
        try:
            self._where = make_url(url).render_as_string(hide_password=True)
            self._engine = sa.create_engine(url)
        except (SQLAlchemyError, ModuleNotFoundError) as error:
            reason = str(error).splitlines()[0]
            raise DataError(f"The ledger's address is not usable ({reason}); write it as SQLAlchemy does.") from error
        with self._begin() as connection:
            _METADATA.create_all(connection)
            stored = connection.execute(sa.select(sa.func.max(_VERSION.c.schema_version))).scalar()
            if stored is None:
                connection.execute(_VERSION.insert().values(schema_version=SCHEMA_VERSION))
            elif stored > SCHEMA_VERSION:
                msg = f"The ledger {self._where} was written by a newer release (schema {stored}); update desirelines."
                raise DataError(msg)

    def close(self) -> None:
        """Give the database's connections back."""
        self._engine.dispose()

    def deliveries(self, destination: str, *, tables: Sequence[str]) -> list[Delivery]:
        """Return what the ledger knows of these tables at a destination, by key."""
        chosen = (
            sa.select(_DELIVERIES)
            .where(_DELIVERIES.c.destination == destination, _DELIVERIES.c.delivered_table.in_(list(tables)))
            .order_by(_DELIVERIES.c.delivery_key)
        )
        with self._begin() as connection:
            return [_delivery(row) for row in connection.execute(chosen).mappings()]

    def put(self, deliveries: Iterable[Delivery]) -> None:
        """Write deliveries, each in the place of the row of its key, all in one transaction."""
        rows = [_row(delivery) for delivery in deliveries]
        if not rows:
            return
        key = (
            _DELIVERIES.c.destination == sa.bindparam("old_destination"),
            _DELIVERIES.c.delivery_key == sa.bindparam("old_key"),
        )
        old = [{"old_destination": row["destination"], "old_key": row["delivery_key"]} for row in rows]
        with self._begin() as connection:
            connection.execute(_DELIVERIES.delete().where(*key), old)
            connection.execute(_DELIVERIES.insert(), rows)

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            msg = f"The ledger {self._where} does not answer ({reason}); check its address and that it may be written."
            raise DataError(msg) from error


def _row(delivery: Delivery) -> dict[str, Any]:
    sent_at = delivery.sent_at
    # Both databases keep the instant without its zone, which is always UTC.
    return {**delivery.__dict__, "sent_at": sent_at.astimezone(UTC).replace(tzinfo=None) if sent_at else None}


def _delivery(row: Any) -> Delivery:
    sent_at = row["sent_at"]
    return Delivery(**{**row, "sent_at": sent_at.replace(tzinfo=UTC) if sent_at else None})
