"""Destinations: where lists and triggers are delivered."""

from typing import Annotated, Literal

from pydantic import Field

from journeys.config.base import Name, Section

DeliveredTable = Literal["at_risk", "hot_leads", "decisions"]


class FileDestination(Section):
    """A folder in which each push writes CSV and Parquet with a manifest."""

    type: Literal["file"]
    folder: str = Field(description="Folder; relative ones start from the home folder")
    tables: list[DeliveredTable] = ["at_risk", "hot_leads", "decisions"]
    identifier: str | None = Field(
        default=None, description="Identifier type by which the CRM knows the customer; without it, the strongest"
    )


class WebhookDestination(Section):
    """An address that receives signed messages (Standard Webhooks), one a customer that changed."""

    type: Literal["webhook"]
    url: str
    secret_env: str = Field(description="Name of the environment variable that holds the signing secret (whsec_...)")
    tables: list[DeliveredTable] = ["decisions"]
    identifier: str | None = None
    allow_private_address: bool = Field(default=False, description="Permit loopback and private networks")


Destination = Annotated[FileDestination | WebhookDestination, Field(discriminator="type")]
Destinations = dict[Name, Destination]
