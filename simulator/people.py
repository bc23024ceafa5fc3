"""Who the people of the business are: what they are like, and by which names vendors know them."""

from dataclasses import dataclass

import numpy as np

from simulator.calendar_time import WEEK, place_in_week
from simulator.causes import GROUPS
from simulator.randomness import Flags, Integers, Numbers, hex_ids, stream, uuids

_FIRST = ["Ada", "Bela", "Chidi", "Dana", "Emil", "Farah", "Goran", "Hana", "Ines", "Jonas", "Kira", "Luca"]
_FIRST += ["Mara", "Nils", "Olga", "Pia", "Quinn", "Rosa", "Sami", "Tara", "Umut", "Vera", "Wim", "Yara"]
_LAST = ["Abel", "Brandt", "Costa", "Duarte", "Eriksen", "Fischer", "Gomez", "Haas", "Ito", "Jansen", "Keller"]
_LAST += ["Lund", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Silva", "Tanaka", "Urban", "Vogel"]
_COMPANY = ["northwind", "bluebay", "cedar", "delta", "elm", "foxglove", "granite", "harbour", "iris", "juniper"]
OWNERS = ["Success North", "Success South", "Success East", "Success West"]

PLANS = ["starter", "team", "business"]
PLAN_PRICE_CENTS = np.array([4_900, 14_900, 49_000])
_REGION_SHARES = [0.4, 0.2, 0.25, 0.15]
_INDUSTRY_SHARES = [0.35, 0.2, 0.3, 0.15]
_FICTION_PHONES = 79_900
"""Phone numbers that are kept for fiction; more people than that have none."""
SHARED_DEVICE_SHARE = 0.03


@dataclass(frozen=True)
class People:
    """One entry a person in each array.

    Attributes:
        arrived_at: microseconds; the person's first day near the business.
        is_enterprise: of a large company, which lives otherwise: keener, longer contracts, dearer plans.
        company_size: index into GROUPS["company_size"], as it is told.
        region: index into GROUPS["region"].
        industry: index into GROUPS["industry"].
        leaning: what intent and engagement come back to; the person's lasting nature.
        frailty: lasting log-odds of leaving that no event shows.
        first_plan: index into PLANS.
        candour: lasting log-odds of answering when asked.
        devices: anonymous identifiers, one tuple a person; a shared device stands with two people.
    """

    arrived_at: Integers
    is_enterprise: Flags
    company_size: Integers
    region: Integers
    industry: Integers
    leaning: Numbers
    frailty: Numbers
    first_plan: Integers
    candour: Numbers
    user_id: list[str]
    crm_id: list[str]
    stripe_id: list[str]
    name: list[str]
    email: list[str]
    phone: list[str]
    owner: list[str]
    devices: list[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.user_id)

    def is_in(self, split: str, group: str) -> Flags:
        """Return who is of this group of GROUPS."""
        result: Flags = getattr(self, split) == GROUPS[split].index(group)
        return result

    def group_of(self, split: str, person: int) -> str:
        """Return one person's group in a split."""
        return GROUPS[split][int(getattr(self, split)[person])]


def make_people(
    count: int, *, start: int, end: int, seed: int, first_number: int = 0, do_groups_differ: bool = True
) -> People:
    """Draw `count` people who arrive between two instants, more of them early than late.

    `first_number` is that of the first of them, where a business is made of several parts. Where groups do not differ, what is
    told of a person's company is chance.
    """
    nature = stream(seed, "people.nature")
    arrival = stream(seed, "people.arrival")
    span = max(end - start - WEEK, WEEK)
    week = start + (arrival.beta(1.0, 1.7, count) * span).astype(np.int64)
    is_enterprise = nature.random(count) < 0.25
    first_plan = np.where(is_enterprise, 1 + (nature.random(count) < 0.6), (nature.random(count) < 0.35).astype(int))
    name, email, phone = _addresses(count, is_enterprise, seed, first_number)
    groups = stream(seed, "people.groups")
    told = is_enterprise if do_groups_differ else stream(seed, "people.told").permutation(is_enterprise)
    return People(
        arrived_at=place_in_week(week, arrival.random(count), arrival.random(count)),
        is_enterprise=is_enterprise,
        company_size=told.astype(np.int64),
        region=groups.choice(len(_REGION_SHARES), count, p=_REGION_SHARES),
        industry=groups.choice(len(_INDUSTRY_SHARES), count, p=_INDUSTRY_SHARES),
        leaning=nature.normal(0.0, 0.8, count) + 0.2 * is_enterprise,
        frailty=nature.normal(0.0, 0.4, count),
        first_plan=first_plan,
        candour=groups.normal(0.0, 0.7, count),
        user_id=[f"u_{text}" for text in hex_ids(seed, "people.user_id", count, 12)],
        crm_id=[f"crm-{number:06d}" for number in range(100_001 + first_number, 100_001 + first_number + count)],
        stripe_id=[f"cus_{text}" for text in hex_ids(seed, "people.stripe_id", count, 14)],
        name=name,
        email=email,
        phone=phone,
        owner=[OWNERS[number] for number in nature.integers(0, len(OWNERS), count)],
        devices=_devices(count, seed),
    )


def _addresses(count: int, is_enterprise: Flags, seed: int, start: int) -> tuple[list[str], list[str], list[str]]:
    """Names, e-mail addresses and phone numbers, all of them reserved for examples."""
    draw = stream(seed, "people.addresses")
    first = [_FIRST[number] for number in draw.integers(0, len(_FIRST), count)]
    last = [_LAST[number] for number in draw.integers(0, len(_LAST), count)]
    company = [_COMPANY[number] for number in draw.integers(0, len(_COMPANY), count)]
    private = [("example.com", "example.org", "example.net")[number] for number in draw.integers(0, 3, count)]
    email = [
        f"{first[i]}.{last[i]}{start + i}"
        f"@{f'{company[i]}{(start + i) // 7}.example.com' if is_enterprise[i] else private[i]}".lower()
        for i in range(count)
    ]
    # 555-0100 to 555-0199 are kept for fiction in every area code.
    numbers = range(start, start + count)
    phone = [f"+1-{201 + i // 100}-555-01{i % 100:02d}" if i < _FICTION_PHONES else "" for i in numbers]
    return [f"{one} {other}" for one, other in zip(first, last, strict=True)], email, phone


def _devices(count: int, seed: int) -> list[tuple[str, ...]]:
    """Anonymous identifiers a person leaves behind: devices and reset cookies, a few of them shared."""
    draw = stream(seed, "people.devices")
    sizes = 1 + draw.poisson(0.6, count)
    names = uuids(seed, "people.anonymous_id", int(sizes.sum()))
    ends = np.cumsum(sizes)
    devices = [tuple(names[end - size : end]) for size, end in zip(sizes.tolist(), ends.tolist(), strict=True)]
    for person in np.flatnonzero(draw.random(count) < SHARED_DEVICE_SHARE).tolist():
        other = int(draw.integers(0, count))
        devices[person] = (*devices[person], devices[other][0]) if other != person else devices[person]
    return devices
