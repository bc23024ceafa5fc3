"""The touchpoints from which everything is derived: those that count, of whom they are, in the project's currency."""

from collections.abc import Mapping
from typing import Any

import ibis

from journeys.config.currencies import Rate, read_rates
from journeys.identities.owners import with_owners
from journeys.lake.workspace import Workspace
from journeys.touchpoints.flags import counted
from journeys.touchpoints.money import in_currency

TOUCHPOINT_TABLES = ("touchpoints", "touchpoint_owners", "touchpoint_flags")
"""Tables whose versions a run pins to read touchpoints."""


def scan_touchpoints(workspace: Workspace, connection: Any, versions: Mapping[str, int]) -> ibis.Table:
    """Return the table `touchpoints` at pinned versions: without what is flagged, owners first, amounts converted."""
    config = workspace.project.config

    def scan(name: str) -> ibis.Table:
        return workspace.lake.scan(connection, name, version=versions.get(name))

    touchpoints = counted(scan("touchpoints"), scan("touchpoint_flags"), config.quality)
    owned = with_owners(touchpoints, scan("touchpoint_owners"))
    return in_currency(owned, read_project_rates(workspace), config.currency, config.zone)


def read_project_rates(workspace: Workspace) -> list[Rate]:
    """Return the project's rates of currencies; none where it names no table."""
    table = workspace.project.config.currency_rates
    return read_rates(workspace.project.project_dir / table) if table else []
