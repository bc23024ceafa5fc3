"""People and the identifiers they leave, of which some are shared: whose each is, is known.

Beside a person's own address, telephone and cookies there are computers that two people use, kiosks on
which hundreds log in, telephones of households, and one made-up number that thousands gave. Of the
cookies, three in ten never see a login, so that nobody can tell whose they are.

Two files are written as a vendor would: `web/visits.parquet` (visits, some of them logins) and
`crm/contacts.parquet` (address and telephone). The truth goes to a folder of its own.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.randomness import Flags, Integers, Numbers, hex_ids, stream

FIRST_SECOND = 1_735_689_600
"""1 January 2025, 00:00 UTC."""

SECONDS_A_DAY = 86_400
DAYS = 365
NOBODY = -1

SHARE_WITHOUT_LOGIN = 0.3
SHARE_SHARED = 0.02
LOGINS_A_KIOSK = 300
SHARE_VISITS_BY_LAST_LOGIN = 0.95
"""Of the visits without a name on a shared computer, those by whoever logged in last."""


@dataclass(frozen=True)
class Size:
    """How many there are of each; the defaults are those for which the figures are published."""

    people: int = 200_000
    kiosks: int = 40
    junk_phone_people: int = 3_000
    household_phones: int = 4_000

    def scaled(self, people: int) -> "Size":
        """Return a smaller or larger world of the same mixture."""
        factor = people / self.people
        return Size(
            people,
            max(1, round(self.kiosks * factor)),
            max(20, round(self.junk_phone_people * factor)),
            max(1, round(self.household_phones * factor)),
        )


def write_shared_identifiers(exports: Path, truth: Path, *, size: Size, seed: int) -> None:
    """Write the exports of such a world, and apart from them whose every identifier and visit is.

    Args:
        exports: folder of the vendors' files.
        truth: folder of `identifiers.parquet` (type, value, person; -1 for nobody's) and `visits.parquet`
            (visit_id, person, is_on_shared, is_named).
        size: how many people and shared things.
        seed: of all randomness.
    """
    people = size.people
    emails = [f"person-{number}@mail.example" for number in range(people)]
    own_cookies = 1 + stream(seed, "cookies").poisson(1.2, people)
    main = np.repeat(np.arange(people), own_cookies)
    count = len(main)
    random = stream(seed, "computers")
    has_login = random.random(count) >= SHARE_WITHOUT_LOGIN
    is_shared = has_login & (random.random(count) < SHARE_SHARED)
    second = np.where(is_shared, random.integers(0, people, count), NOBODY)
    visits = _visits_of_computers(seed, main, second, has_login)
    kiosks = _visits_of_kiosks(seed, people, size.kiosks, first_cookie=count)
    visits = {name: np.concatenate([visits[name], kiosks[name]]) for name in visits}
    cookies = np.array(hex_ids(seed, "cookie values", count + size.kiosks, 24))
    ids = np.array(hex_ids(seed, "visits", len(visits["cookie"]), 24))
    order = np.argsort(visits["second"], kind="stable")
    visits = {name: values[order] for name, values in visits.items()}
    is_named = visits["is_login"].astype(bool)
    named = np.array(emails, dtype=object)[visits["person"]]
    named[~is_named] = None
    _write(
        exports / "web" / "visits.parquet",
        visit_id=pa.array(ids),
        event=pa.array(np.where(is_named, "Logged in", "Viewed a page")),
        at=_instants(visits["second"]),
        cookie=pa.array(cookies[visits["cookie"]]),
        email=pa.array(named, pa.string()),
    )
    phones, owners = _phones(seed, size)
    joined_at = FIRST_SECOND + stream(seed, "joined").integers(0, 30 * SECONDS_A_DAY, people)
    _write(
        exports / "crm" / "contacts.parquet",
        email=pa.array(emails),
        phone=pa.array(phones),
        event=pa.array(["Contact created"] * people),
        at=_instants(joined_at),
    )
    own = np.unique(np.array(phones)[owners != NOBODY])
    shared_phones = np.unique(np.array(phones)[owners == NOBODY])
    owner_of = dict(zip(phones, owners.tolist(), strict=True))
    _write(
        truth / "identifiers.parquet",
        type=pa.array(
            ["email"] * people + ["anonymous_id"] * len(cookies) + ["phone"] * (len(own) + len(shared_phones))
        ),
        value=pa.array([*emails, *cookies.tolist(), *own.tolist(), *shared_phones.tolist()]),
        person=pa.array(
            [
                *range(people),
                *main.tolist(),
                *[NOBODY] * size.kiosks,
                *(owner_of[phone] for phone in own.tolist()),
                *[NOBODY] * len(shared_phones),
            ]
        ),
    )
    shares = np.concatenate([is_shared, np.zeros(size.kiosks, bool)])
    _write(
        truth / "visits.parquet",
        visit_id=pa.array(ids),
        person=pa.array(visits["person"]),
        is_on_shared=pa.array(shares[visits["cookie"]]),
        is_named=pa.array(is_named),
    )


def _visits_of_computers(seed: int, main: Integers, second: Integers, has_login: Flags) -> dict[str, Integers]:
    """Return cookie, person, second, is_login of the visits with each person's own cookies."""
    random = stream(seed, "sittings")
    count = len(main)
    parts: list[dict[str, Integers]] = []
    for user, most, logs_in in (
        (main, 1 + random.poisson(2.0, count), has_login),
        (second, np.where(second == NOBODY, 0, 1 + random.poisson(0.8, count)), second != NOBODY),
    ):
        cookie = np.repeat(np.arange(count), most)
        starts = FIRST_SECOND + random.integers(30 * SECONDS_A_DAY, DAYS * SECONDS_A_DAY, len(cookie))
        parts.append(_sitting(random, cookie, user[cookie], starts, logs_in[cookie], main[cookie], second[cookie]))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _sitting(
    random: np.random.Generator,
    cookie: Integers,
    user: Integers,
    starts: Integers,
    logs_in: Flags,
    main: Integers,
    second: Integers,
) -> dict[str, Integers]:
    """Return the visits of sittings: a login where there is one, and pages without a name after it."""
    pages = random.poisson(2.0, len(cookie))
    page = np.repeat(np.arange(len(cookie)), pages)
    later = starts[page] + 30 + random.integers(0, 3_600, len(page))
    other = np.where(user == main, second, main)[page]
    is_other = (random.random(len(page)) > SHARE_VISITS_BY_LAST_LOGIN) & (second[page] != NOBODY)
    login = np.flatnonzero(logs_in)
    return {
        "cookie": np.concatenate([cookie[login], cookie[page]]),
        "person": np.concatenate([user[login], np.where(is_other, other, user[page])]),
        "second": np.concatenate([starts[login], later]),
        "is_login": np.concatenate([np.ones(len(login), np.int64), np.zeros(len(page), np.int64)]),
    }


def _visits_of_kiosks(seed: int, people: int, kiosks: int, *, first_cookie: int) -> dict[str, Integers]:
    random = stream(seed, "kiosks")
    cookie = np.repeat(np.arange(kiosks), LOGINS_A_KIOSK) + first_cookie
    person = random.integers(0, people, len(cookie))
    starts = FIRST_SECOND + random.integers(30 * SECONDS_A_DAY, DAYS * SECONDS_A_DAY, len(cookie))
    nobody = np.full(len(cookie), NOBODY)
    return _sitting(random, cookie, person, starts, np.ones(len(cookie), bool), person, nobody)


def _phones(seed: int, size: Size) -> tuple[list[str], Integers]:
    """Return the telephone number of each person, and whose it is: nobody's where several gave it."""
    people = size.people
    numbers = np.array([f"+1555{number:08d}" for number in range(people)])
    owners = np.arange(people)
    shuffled = stream(seed, "phones").permutation(people)
    junk, rest = shuffled[: size.junk_phone_people], shuffled[size.junk_phone_people :]
    numbers[junk] = "+12025550100"
    owners[junk] = NOBODY
    one, other = rest[: size.household_phones], rest[size.household_phones : 2 * size.household_phones]
    numbers[other] = numbers[one]
    owners[one] = owners[other] = NOBODY
    return numbers.tolist(), owners


def _instants(seconds: Integers | Numbers) -> pa.Array:
    return pa.array(np.asarray(seconds, np.int64) * 1_000_000, pa.timestamp("us", tz="UTC"))


def _write(path: Path, **columns: pa.Array) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
