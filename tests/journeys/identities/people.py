"""People in families, some of whom are told of twice: an invented register whose truth is known."""

import random
from typing import NamedTuple

_SYLLABLES = ("ba", "ke", "li", "mo", "ru", "ta", "ven", "sor", "ny", "dal", "per", "mi", "gos", "han")
_SLIPS = ("given_name", "family_name", "birth_date", "postcode", "city", "street")


class Told(NamedTuple):
    """What one record tells of a person."""

    record: str
    person: int
    values: dict[str, str]


def people_told(count: int, *, seed: int = 1, copies: float = 0.35) -> list[Told]:  # noqa: C901 - one kind of slip after the other
    """Return records of `count` people: families share name and address, and a copy has slips or another address.

    One family in ten has a son of his father's name.
    """
    rng = random.Random(seed)

    def word(syllables: int) -> str:
        return "".join(rng.choice(_SYLLABLES) for _ in range(syllables))

    given, family = [word(2) for _ in range(150)], [word(3) for _ in range(500)]
    cities, streets = [word(3) for _ in range(60)], [word(4) for _ in range(300)]

    def address() -> dict[str, str]:
        city = rng.randrange(len(cities))
        street = f"{rng.choice(streets)} {rng.randint(1, 80)}"
        return {"city": cities[city], "street": street, "postcode": str(10_000 + city * 100 + rng.randint(0, 40))}

    def person(home: dict[str, str], place: int) -> dict[str, str]:
        born = rng.randint(1940, 1985) if place < 2 else rng.randint(1990, 2010)
        name = rng.choices(given, [1 / (rank + 3) for rank in range(len(given))])[0]
        told = {**home, "given_name": name, "birth_date": f"{born}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"}
        if rng.random() < 0.6:
            told["email"] = f"{name}.{home['family_name']}{rng.randint(1, 99)}@post.example"
        return told

    def copy_of(told: dict[str, str]) -> dict[str, str]:
        copied = told | (address() if rng.random() < 0.25 else {})
        for name in _SLIPS:
            chance = rng.random()
            if chance < 0.12:
                at = rng.randrange(len(copied[name]) - 1)
                copied[name] = copied[name][:at] + copied[name][at + 1 :]
            elif chance < 0.2:
                del copied[name]
        if rng.random() < 0.4:
            copied.pop("email", None)
        return copied

    records: list[Told] = []
    number = 0
    while number < count:
        home = {**address(), "family_name": rng.choices(family, [1 / (rank + 5) for rank in range(len(family))])[0]}
        father = None
        for place in range(rng.choice([1, 1, 2, 3, 4])):
            told = person(home, place)
            if father and place == 2 and rng.random() < 0.1:
                told["given_name"] = father["given_name"]
            father = father or told
            records.append(Told(f"r{len(records):05d}", number, told))
            if rng.random() < copies:
                records.append(Told(f"r{len(records):05d}", number, copy_of(told)))
            number += 1
    return records
