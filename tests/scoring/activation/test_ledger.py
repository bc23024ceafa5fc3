"""The ledger on SQLite, and on PostgreSQL where one answers."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from journeys.config.errors import DataError
from scoring.activation.ledger import SCHEMA_VERSION, Delivery, Ledger

ROW = Delivery(
    destination="crm",
    delivery_key="at_risk:churn:a",
    delivered_table="at_risk",
    snapshot_key="20260301T000000Z",
    customer_id="a",
    operation="add",
    revision=1,
    payload_hash="hash",
    state="pending",
    attempts=0,
    response_id=None,
    before=None,
    after='{"name":"Zoë"}',
    run_id="run-1",
    sent_at=None,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    given = os.environ.get(
        "DESIRELINES_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test?connect_timeout=2"
    )
    schema = f"desirelines_{secrets.token_hex(6)}"
    try:
        engine = sa.create_engine(given)
        with engine.begin() as connection:
            connection.execute(sa.schema.CreateSchema(schema))
    except ModuleNotFoundError as error:
        pytest.skip(f"the driver for PostgreSQL is not installed ({error.name})")
    except sa.exc.OperationalError:
        pytest.skip("no PostgreSQL answers; name one in DESIRELINES_TEST_POSTGRES_URL")
    yield str(
        sa.make_url(given)
        .update_query_dict({"options": f"-csearch_path={schema}"})
        .render_as_string(hide_password=False)
    )
    with engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
    engine.dispose()


def test_rows_come_back_as_they_went(url: str) -> None:
    """Each field survives, instants in UTC to the microsecond; a second write takes the row's place."""
    ledger = Ledger(url)
    sent = replace(ROW, state="sent", attempts=2, sent_at=datetime(2026, 3, 1, 12, 30, 1, 5, tzinfo=UTC))
    other = replace(ROW, delivery_key="hot_leads:buy:b", delivered_table="hot_leads")
    ledger.put([ROW, other])
    ledger.put([sent])
    assert ledger.deliveries("crm", tables=["at_risk"]) == [sent]
    assert ledger.deliveries("crm", tables=["at_risk", "hot_leads"]) == [sent, other]
    assert ledger.deliveries("elsewhere", tables=["at_risk"]) == []
    ledger.close()


def test_survives_reopening(url: str) -> None:
    """A second process finds the rows of the first."""
    first = Ledger(url)
    first.put([ROW])
    first.close()
    second = Ledger(url)
    assert second.deliveries("crm", tables=["at_risk"]) == [ROW]
    second.close()


def test_put_is_one_transaction(url: str) -> None:
    """Where one row cannot be written, none is."""
    ledger = Ledger(url)
    ledger.put([ROW])
    with pytest.raises(DataError, match="does not answer"):
        ledger.put([replace(ROW, state="dead"), replace(ROW, delivery_key="k", payload_hash=None)])  # type: ignore[arg-type]
    assert ledger.deliveries("crm", tables=["at_risk"]) == [ROW]
    ledger.close()


def test_newer_schema_is_refused(url: str) -> None:
    """A ledger of a newer release is not touched."""
    Ledger(url).close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE ledger_version SET schema_version = :version"), {"version": SCHEMA_VERSION + 1}
        )
    engine.dispose()
    with pytest.raises(DataError, match="written by a newer release"):
        Ledger(url)


def test_unwritable_place_is_one_sentence(tmp_path: Path) -> None:
    """A ledger that cannot be opened says where and what to do."""
    with pytest.raises(DataError, match=r"The ledger sqlite:.* does not answer"):
        Ledger(f"sqlite:///{tmp_path / 'missing' / 'ledger.db'}")


def test_password_is_not_shown() -> None:
    """An error names the database without its password."""
    with pytest.raises(DataError, match="is not usable") as error:
        Ledger("sqlite://user:hidden@/nowhere/at/all/ledger.db")
    assert "hidden" not in str(error.value)
