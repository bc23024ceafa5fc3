"""What the CRM says of its customers: a row whenever something about one of them changed."""

import csv
import io

import numpy as np

from simulator.calendar_time import DAY, HOUR, MINUTE, WEEK, iso_texts
from simulator.causes import GROUPS
from simulator.delivery import Line
from simulator.lives import Lives
from simulator.people import PLANS, People
from simulator.randomness import stream
from simulator.stripe import monthly_amount_cents
from simulator.visits import Visits, signed_up_at
from simulator.weeks import TERM_WEEKS

COLUMNS = [
    "crm_id",
    "user_id",
    "email",
    "phone",
    "segment",
    "region",
    "industry",
    "plan",
    "owner",
    "contract_value",
    "renewal_date",
]
COLUMNS += ["valid_from", "updated_at"]


def crm_lines(people: People, lives: Lives, visits: Visits, *, end: int, seed: int) -> list[Line]:
    """Return the rows in the order in which the CRM wrote them, within a day of the change."""
    yearly = monthly_amount_cents(lives) * 12 // 100
    changes: list[tuple[int, int, str, str, str]] = []
    signed_up = signed_up_at(people, visits)
    changes += [(int(signed_up[person]), person, "none", "", "") for person in np.flatnonzero(signed_up < end).tolist()]
    # A week's plan is the one it began with: an upgrade or a renewal is told from the week after.
    grows = (lives.is_upgraded | (lives.seats_added > 0) | lives.is_renewed) & ~lives.leaves
    for flags, after in ((lives.joins, 0), (grows, 1)):
        for person, week in zip(*(axis.tolist() for axis in np.nonzero(flags)), strict=True):
            if week + after >= flags.shape[1]:
                continue
            at = int(lives.changed_at[person, week])
            plan = PLANS[int(lives.plan[person, week + after])]
            term = TERM_WEEKS[int(people.is_enterprise[person])] * WEEK
            started_at = int(lives.subscribed_at[person, week]) or at
            renewal_at = started_at + ((at - started_at) // term + 1) * term
            day = iso_texts(np.array([renewal_at]))[0][:10]
            changes.append((at, person, plan, str(int(yearly[person, week + after])), day))
    leavers = zip(*(axis.tolist() for axis in np.nonzero(lives.leaves)), strict=True)
    changes += [(int(lives.changed_at[person, week]) + MINUTE, person, "none", "0", "") for person, week in leavers]
    changes = sorted(change for change in changes if change[0] < end)
    lags = (stream(seed, "crm.lag").random(len(changes)) ** 2 * DAY).astype(np.int64) + HOUR
    changed_at = np.array([change[0] for change in changes], np.int64)
    valid_from, updated_at = iso_texts(changed_at), iso_texts(changed_at + lags)
    lines = []
    for index, (instant, person, plan, value, renewal) in enumerate(changes):
        row = [people.crm_id[person], people.user_id[person], people.email[person], people.phone[person]]
        row += [*(people.group_of(split, person) for split in GROUPS), plan, people.owner[person], value, renewal]
        row += [valid_from[index], updated_at[index]]
        lines.append(Line(instant + int(lags[index]), csv_line(row)))
    return sorted(lines, key=lambda line: line.delivered_at)


def csv_line(values: list[str]) -> str:
    """Return one line of CSV without its end."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(values)
    return buffer.getvalue()
