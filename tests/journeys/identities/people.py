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


class _Register:
    """Where names, homes and slips are drawn from."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.given, self.family = [self.word(2) for _ in range(150)], [self.word(3) for _ in range(500)]
        self.cities, self.streets = [self.word(3) for _ in range(60)], [self.word(4) for _ in range(300)]

    def word(self, syllables: int) -> str:
        return "".join(self.rng.choice(_SYLLABLES) for _ in range(syllables))

    def name(self, names: list[str]) -> str:
        """Draw a name, some of which are much more frequent than others."""
        return self.rng.choices(names, [1 / (rank + 4) for rank in range(len(names))])[0]

    def address(self) -> dict[str, str]:
        city = self.rng.randrange(len(self.cities))
        street = f"{self.rng.choice(self.streets)} {self.rng.randint(1, 80)}"
        postcode = str(10_000 + city * 100 + self.rng.randint(0, 40))
        return {"city": self.cities[city], "street": street, "postcode": postcode}

    def person(self, home: dict[str, str], place: int) -> dict[str, str]:
        """Draw the member of a family who is first, second ... in it."""
        born = self.rng.randint(1940, 1985) if place < 2 else self.rng.randint(1990, 2010)
        day = f"{self.rng.randint(1, 12):02d}{self.rng.randint(1, 28):02d}"
        told = {**home, "given_name": self.name(self.given), "birth_date": f"{born}{day}"}
        if self.rng.random() < 0.6:
            told["email"] = f"{told['given_name']}.{home['family_name']}{self.rng.randint(1, 99)}@post.example"
        return told

    def copy_of(self, told: dict[str, str]) -> dict[str, str]:
        """Draw what another record tells of the same person."""
        copied = told | (self.address() if self.rng.random() < 0.25 else {})
        for name in _SLIPS:
            chance = self.rng.random()
            if chance < 0.12:
                at = self.rng.randrange(len(copied[name]) - 1)
                copied[name] = copied[name][:at] + copied[name][at + 1 :]
            elif chance < 0.2:
                del copied[name]
        chance = self.rng.random()
        if chance < 0.4:
            copied.pop("email", None)
        elif chance < 0.5:
            copied["email"] = f"{self.word(4)}@mail.example"
        return copied


def people_told(count: int, *, seed: int = 1, copies: float = 0.35) -> list[Told]:
    """Return records of about `count` people: families share name and address, and a copy has slips or another address.

    In one family in ten, the third is named as the first: father and son.
    """
    register = _Register(seed)
    rng = register.rng
    records: list[Told] = []
    number = 0
    while number < count:
        home = {**register.address(), "family_name": register.name(register.family)}
        members = [register.person(home, place) for place in range(rng.choice([1, 1, 2, 3, 4]))]
        if len(members) > 2 and rng.random() < 0.1:
            members[2]["given_name"] = members[0]["given_name"]
        for told in members:
            records.append(Told(f"r{len(records):05d}", number, told))
            if rng.random() < copies:
                records.append(Told(f"r{len(records):05d}", number, register.copy_of(told)))
            number += 1
    return records
