"""Identifier types: how strong each is, how many of it one customer may have, and when it is shared."""

from pydantic import Field

from journeys.config.base import Name, Section

VENDOR_CONTACTS = tuple(f"{vendor}_contact_id" for vendor in ("hubspot", "salesforce", "intercom"))
"""Types by which vendors know a person."""

PROFILE_TYPES = ("given_name", "family_name", "birth_date", "postcode", "city", "street")
"""Types that describe a person and identify nobody alone."""

_ONE_PERSON = dict.fromkeys(("user_id", "crm_id", *VENDOR_CONTACTS, "email"), 1)


class IdentifierType(Section):
    """How an identifier of this type may join others.

    `priority` orders links from strong (1) to weak. `is_unique` means that two different values
    never belong to one customer. `limit` is how many values of this type one customer may have.
    `shared_above` says how many different values of a stronger type one value may be seen with; one
    that is seen with more is shared, as the computer of a family, and joins nobody unless most records
    on it are of one. `is_reference` marks what customers have many of, as deals and tickets: it has no
    limit and does not count towards `max_component`. `is_account` marks what many customers belong to,
    as their company: it says to which account they belong, and joins nobody. `is_profile` marks what
    describes a person and identifies nobody alone, as a name: it joins nobody, and is compared only in
    search of probable links.
    """

    priority: int = Field(ge=1)
    is_unique: bool = False
    limit: int = Field(default=5, ge=1)
    shared_above: dict[Name, int] = _ONE_PERSON
    is_reference: bool = False
    is_account: bool = False
    is_profile: bool = False


DEFAULT_TYPES: dict[str, IdentifierType] = {
    "user_id": IdentifierType(priority=1, is_unique=True, limit=1),
    "crm_id": IdentifierType(priority=2, is_unique=True, limit=1, shared_above={"user_id": 1}),
    # Two contacts of one address are one person twice: the address stays with the first of them.
    "email": IdentifierType(priority=3, limit=5, shared_above={"user_id": 1}),
    "phone": IdentifierType(priority=4, limit=5),
    "device_id": IdentifierType(priority=5, limit=10),
    "anonymous_id": IdentifierType(priority=6, limit=50),
    **{
        name: IdentifierType(priority=2, is_unique=True, limit=1, shared_above={"user_id": 1})
        for name in VENDOR_CONTACTS
    },
    **{
        f"{thing}_id": IdentifierType(priority=8, is_reference=True)
        for thing in (
            *("hubspot_deal", "hubspot_ticket", "hubspot_engagement", "salesforce_opportunity", "salesforce_case"),
            *("intercom_conversation", "zendesk_ticket", "stripe_charge", "stripe_subscription", "qualtrics_response"),
        )
    },
    **{
        name: IdentifierType(priority=9, is_account=True)
        for name in (
            *("account_id", "group_id", "hubspot_company_id", "salesforce_account_id", "intercom_company_id"),
            "zendesk_organization_id",
        )
    },
    **{name: IdentifierType(priority=10, is_profile=True) for name in PROFILE_TYPES},
}
"""Order and limits in the manner of the identity products; unknown types come last, with limit 5."""


class Probable(Section):
    """Links between customers that are probable and not certain: proposals, which nothing else reads."""

    is_on: bool = Field(default=False, description="Search for customers who are probably the same person")
    min_probability: float = Field(default=0.99, gt=0.5, lt=1, description="Less probable links are not told")


class Identities(Section):
    """Rules of identity: types beside the built-in ones, and values that identify nobody."""

    types: dict[Name, IdentifierType] = {}
    blocked_values: list[str] = Field(
        default=[], description="Patterns with * beside the built-in ones (null, zeros, test@...)"
    )
    max_component: int = Field(default=50, description="Most identifiers that one customer may have")
    dominant_share: float = Field(
        default=0.6, gt=0.5, le=1, description="Share of the records on a shared identifier that makes it one owner's"
    )
    max_owners: int = Field(
        default=5, ge=1, description="An identifier shared by more than so many, as a kiosk's, is nobody's"
    )

    probable: Probable = Probable()

    @property
    def profile_types(self) -> list[str]:
        """Types that describe a person and identify nobody alone."""
        return [name for name in {**DEFAULT_TYPES, **self.types} if self.type_of(name).is_profile]

    def type_of(self, name: str) -> IdentifierType:
        """Return the rules of an identifier type: the project's, the built-in, or those of the weakest."""
        return self.types.get(name) or DEFAULT_TYPES.get(name) or IdentifierType(priority=9)
