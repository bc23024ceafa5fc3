"""Identifier types: how strong each is, and how many of it one customer may have."""

from pydantic import Field

from journeys.config.base import Name, Section


class IdentifierType(Section):
    """How an identifier of this type may join others.

    `priority` orders edges from strong (1) to weak. `is_unique` means that two different values
    never belong to one customer. `limit` is how many values of this type one customer may have.
    `is_reference` marks what customers have many of, as deals and tickets: it has no limit and does not
    count towards `max_component`.
    """

    priority: int = Field(ge=1)
    is_unique: bool = False
    limit: int = Field(default=5, ge=1)
    is_reference: bool = False


DEFAULT_TYPES: dict[str, IdentifierType] = {
    "user_id": IdentifierType(priority=1, is_unique=True, limit=1),
    "crm_id": IdentifierType(priority=2, is_unique=True, limit=1),
    "email": IdentifierType(priority=3, limit=5),
    "phone": IdentifierType(priority=4, limit=5),
    "device_id": IdentifierType(priority=5, limit=10),
    "anonymous_id": IdentifierType(priority=6, limit=50),
    **{
        f"{vendor}_contact_id": IdentifierType(priority=2, is_unique=True, limit=1)
        for vendor in ("hubspot", "salesforce", "intercom")
    },
    **{
        f"{thing}_id": IdentifierType(priority=8, is_reference=True)
        for thing in (
            *("hubspot_deal", "hubspot_ticket", "hubspot_engagement", "salesforce_opportunity", "salesforce_case"),
            *("intercom_conversation", "zendesk_ticket", "stripe_charge", "stripe_subscription", "qualtrics_response"),
        )
    },
}
"""Order and limits in the manner of the identity products; unknown types come last, with limit 5."""


class Identities(Section):
    """Rules of identity: types beside the built-in ones, and values that identify nobody."""

    types: dict[Name, IdentifierType] = {}
    blocked_values: list[str] = Field(
        default=[], description="Patterns with * beside the built-in ones (null, zeros, test@...)"
    )
    max_component: int = Field(default=50, description="Most identifiers that one customer may have")

    def type_of(self, name: str) -> IdentifierType:
        """Return the rules of an identifier type: the project's, the built-in, or those of the weakest."""
        return self.types.get(name) or DEFAULT_TYPES.get(name) or IdentifierType(priority=9)
