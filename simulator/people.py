"""Who the people of the business are: what they are like, and by which names vendors know them."""

from dataclasses import dataclass

import numpy as np

from simulator.calendar_time import WEEK, place_in_week
from simulator.randomness import Flags, Integers, Numbers, hex_ids, stream, uuids

_FIRST = ["Ada", "Bela", "Chidi", "Dana", "Emil", "Farah", "Goran", "Hana", "Ines", "Jonas", "Kira", "Luca"]
_FIRST += ["Mara", "Nils", "Olga", "Pia", "Quinn", "Rosa", "Sami", "Tara", "Umut", "Vera", "Wim", "Yara"]
_LAST = ["Abel", "Brandt", "Costa", "Duarte", "Eriksen", "Fischer", "Gomez", "Haas", "Ito", "Jansen", "Keller"]
_LAST += ["Lund", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Silva", "Tanaka", "Urban", "Vogel"]
_COMPANY = ["northwind", "bluebay", "cedar", "delta", "elm", "foxglove", "granite", "harbour", "iris", "juniper"]
OWNERS = ["Success North", "Success South", "Success East", "Success West"]

PLANS = ["starter", "team", "business"]
PLAN_PRICE_CENTS = np.array([4_900, 14_900, 49_000])
SEGMENTS = ["smb", "enterprise"]
SHARED_DEVICE_SHARE = 0.03


@dataclass(frozen=True)
class People:
    """One entry a person in each array.

    Attributes:
        arrived_at: microseconds; the person's first day near the business.
        is_enterprise: segment.
        leaning: what intent and engagement come back to; the person's lasting nature.
        frailty: lasting log-odds of leaving that no event shows.
        first_plan: index into PLANS.
        devices: anonymous identifiers, one tuple a person; a shared device stands with two people.
    """

    arrived_at: Integers
    is_enterprise: Flags
    leaning: Numbers
    frailty: Numbers
    first_plan: Integers
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


def make_people(count: int, *, start: int, end: int, seed: int) -> People:
    """Draw `count` people who arrive between two instants, more of them early than late."""
    nature = stream(seed, "people.nature")
    arrival = stream(seed, "people.arrival")
    span = max(end - start - WEEK, WEEK)
    week = start + (arrival.beta(1.0, 1.7, count) * span).astype(np.int64)
    is_enterprise = nature.random(count) < 0.25
    first_plan = np.where(is_enterprise, 1 + (nature.random(count) < 0.6), (nature.random(count) < 0.35).astype(int))
    name, email, phone = _addresses(count, is_enterprise, seed)
    return People(
        arrived_at=place_in_week(week, arrival.random(count), arrival.random(count)),
        is_enterprise=is_enterprise,
        leaning=nature.normal(0.0, 0.8, count) + 0.2 * is_enterprise,
        frailty=nature.normal(0.0, 0.4, count),
        first_plan=first_plan,
        user_id=[f"u_{text}" for text in hex_ids(seed, "people.user_id", count, 12)],
        crm_id=[f"crm-{number:06d}" for number in range(100_001, 100_001 + count)],
        stripe_id=[f"cus_{text}" for text in hex_ids(seed, "people.stripe_id", count, 14)],
        name=name,
        email=email,
        phone=phone,
        owner=[OWNERS[number] for number in nature.integers(0, len(OWNERS), count)],
        devices=_devices(count, seed),
    )


def _addresses(count: int, is_enterprise: Flags, seed: int) -> tuple[list[str], list[str], list[str]]:
    """Names, e-mail addresses and phone numbers, all of them reserved for examples."""
    draw = stream(seed, "people.addresses")
    first = [_FIRST[number] for number in draw.integers(0, len(_FIRST), count)]
    last = [_LAST[number] for number in draw.integers(0, len(_LAST), count)]
    company = [_COMPANY[number] for number in draw.integers(0, len(_COMPANY), count)]
    private = [("example.com", "example.org", "example.net")[number] for number in draw.integers(0, 3, count)]
    email = [
        f"{first[i]}.{last[i]}{i}@{f'{company[i]}{i // 7}.example.com' if is_enterprise[i] else private[i]}".lower()
        for i in range(count)
    ]
    # 555-0100 to 555-0199 are kept for fiction in every area code.
    phone = [f"+1-{201 + i // 100 % 799}-555-01{i % 100:02d}" for i in range(count)]
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
