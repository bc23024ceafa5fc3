"""The steps of this room in order: identities and journeys, then what they show."""

from datetime import datetime

from journeys.engine import connect
from journeys.episodes.build import build_episodes
from journeys.identities.attributes import latest_attributes
from journeys.identities.customers import build_customers, current_customers
from journeys.identities.probable import build_probable_links
from journeys.insights.compute import compute_insights
from journeys.lake.workspace import StepReport, Workspace


def build_journeys(workspace: Workspace) -> StepReport:
    """Resolve identities, rebuild the journeys that changed, then search for probable links where that is on."""
    identities = build_customers(workspace)
    journeys = build_episodes(workspace)
    probable = build_probable_links(workspace)
    return StepReport(
        step="journeys",
        counts={**identities.counts, **journeys.counts, **probable.counts},
        read={**identities.read, **journeys.read, **probable.read},
        written={**identities.written, **journeys.written, **probable.written},
        notes=probable.notes,
    )


def build_insights(workspace: Workspace, snapshot_at: datetime) -> StepReport:
    """Recompute every insight from the journeys of today and replace the insight tables whole.

    Insights look at all journeys there are; `snapshot_at` only says which attributes were valid.
    """
    lake = workspace.lake
    read = lake.versions(["journey_steps", "journeys", "customer_attributes", "customers"])
    with connect(memory=workspace.memory) as connection:
        customers = current_customers(lake.scan(connection, "customers", version=read.get("customers")))
        attributes = lake.scan(connection, "customer_attributes", version=read.get("customer_attributes"))
        tables = compute_insights(
            lake.scan(connection, "journey_steps", version=read.get("journey_steps")),
            lake.scan(connection, "journeys", version=read.get("journeys")),
            latest_attributes(attributes, customers, snapshot_at),
            workspace.project.config,
        )
    written = {name: lake.replace(name, rows, run_id=workspace.run_id) for name, rows in tables.items()}
    return StepReport(
        step="insights",
        counts={name: rows.num_rows for name, rows in tables.items()},
        read=read,
        written=written,
    )
