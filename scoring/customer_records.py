"""What the lake knows of customers as of a snapshot: their attributes, and the identifiers a CRM knows them by."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from journeys.identities.attributes import latest_attributes
from journeys.identities.customers import customers_at
from journeys.lake.delta import Lake
from journeys.lake.tables import TIMESTAMP


def known_attributes(
    connection: Any, lake: Lake, snapshot_at: datetime, attributes: Collection[str], *, versions: Mapping[str, int]
) -> pd.DataFrame:
    """Return customer_id, attribute, value of these attributes as known at the snapshot.

    An attribute belongs to the customer to whom its identifier belonged at the snapshot.
    """
    if not attributes:
        return pd.DataFrame({"customer_id": [], "attribute": [], "value": []}, dtype=object)
    stated = lake.scan(connection, "customer_attributes", version=versions.get("customer_attributes"))
    asked = stated.filter(stated.attribute.isin(sorted(attributes)))
    found = latest_attributes(asked, _owners(connection, lake, snapshot_at, versions), snapshot_at)
    rows: pd.DataFrame = found.order_by("customer_id", "attribute").execute()
    return rows


def crm_identifiers(
    connection: Any, lake: Lake, snapshot_at: datetime, customer_ids: Collection[str], *, versions: Mapping[str, int]
) -> pd.DataFrame:
    """Return customer_id, identifier_id, type, value, known_at of these customers, from the vault.

    The answer holds personal data: it may go into messages and files for a destination, nowhere else.
    """
    asked = ibis.memtable(
        pd.DataFrame({"customer_id": sorted(customer_ids)}, dtype=object), schema={"customer_id": "string"}
    )
    owners = _owners(connection, lake, snapshot_at, versions).semi_join(asked, "customer_id")
    named = lake.scan(connection, "identifier_vault", version=versions.get("identifier_vault"))
    vault = named.group_by("identifier_id", "type", "value").agg(known_at=named.known_at.min())
    found: pd.DataFrame = (
        owners.join(vault, "identifier_id")
        .select("customer_id", "identifier_id", "type", "value", "known_at")
        .execute()
    )
    return found


def vault_values(
    connection: Any, lake: Lake, identifier_ids: Collection[str], *, versions: Mapping[str, int]
) -> dict[str, tuple[str, str]]:
    """Return type and value of these identifiers by identifier_id, without those that were erased."""
    asked = ibis.memtable(
        pd.DataFrame({"identifier_id": sorted(identifier_ids)}, dtype=object), schema={"identifier_id": "string"}
    )
    vault = lake.scan(connection, "identifier_vault", version=versions.get("identifier_vault")).semi_join(
        asked, "identifier_id"
    )
    rows = vault.select("identifier_id", "type", "value").execute().sort_values(["identifier_id", "value"])
    return {identifier: (kind, value) for identifier, kind, value in rows.itertuples(index=False)}


def _owners(connection: Any, lake: Lake, snapshot_at: datetime, versions: Mapping[str, int]) -> ibis.Table:
    """Return identifier_id and customer_id as believed at the snapshot."""
    instant = ibis.memtable(pa.table({"snapshot_at": pa.array([snapshot_at], TIMESTAMP)}))
    return customers_at(lake.scan(connection, "customers", version=versions.get("customers")), instant).select(
        "identifier_id", "customer_id"
    )
