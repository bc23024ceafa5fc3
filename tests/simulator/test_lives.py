"""The weeks that people live, and what can be known from them."""

import numpy as np
import pytest

from simulator.calendar_time import WEEK
from simulator.weeks import FORMER, PROSPECT, SUBSCRIBER, TRIAL
from tests.simulator.businesses import business


def _auc(is_positive: np.ndarray, score: np.ndarray) -> float:
    """Return the share of pairs that the score orders rightly, ties by rank."""
    ranks = score.argsort(kind="stable").argsort(kind="stable")
    positives = int(is_positive.sum())
    return float((ranks[is_positive].mean() - (positives - 1) / 2) / (len(score) - positives))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_enough_people_join_and_leave_to_learn_from(seed: int) -> None:
    """Two thousand people in twelve months: about a third subscribe, 3 to 6 % of subscribers leave a month."""
    one = business(2000, 12, seed)
    lives, inside = one.lives, one.lives.changed_at < one.end
    joins, leaves = lives.joins & inside, lives.leaves & inside
    weeks = ((lives.state == SUBSCRIBER) & (lives.week_start < one.end)).sum()
    assert 0.28 < joins.any(axis=1).mean() < 0.5
    assert joins.sum() >= 250
    assert leaves.sum() >= 190
    assert 0.03 < leaves.sum() / weeks * 30.4375 / 7 < 0.06


def test_hazards_rank_those_who_join_and_leave() -> None:
    """Who joins or leaves in a week had the higher hazard, and only those who could had one."""
    lives = business(2000, 12).lives
    subscribes = lives.state == SUBSCRIBER
    assert not lives.join_hazard[subscribes].any()
    assert not lives.leave_hazard[~subscribes].any()
    assert _auc(lives.leaves[subscribes], lives.leave_hazard[subscribes]) > 0.78
    assert _auc(lives.joins[~subscribes], lives.join_hazard[~subscribes]) > 0.85


def test_leaving_can_be_seen_coming_from_what_vendors_record() -> None:
    """Four weeks of use, tickets and failed payments alone rank those who leave in the next four."""
    one = business(2000, 12)
    lives = one.lives
    weeks = lives.state.shape[1]
    rows, labels = [], []
    for week in range(8, weeks - 4):
        stays = (lives.state[:, week - 4 : week + 1] == SUBSCRIBER).all(axis=1) & (
            lives.week_start[:, week + 4] < one.end
        )
        before = slice(week - 4, week)
        use = (lives.usage_sessions + lives.onboarding_sessions)[:, before].sum(axis=1)
        trouble = lives.tickets[:, before].sum(axis=1) + 2 * lives.is_payment_failed[:, before].sum(axis=1)
        rows.append((trouble - 0.5 * use)[stays])
        labels.append(lives.leaves[:, week : week + 4].any(axis=1)[stays])
    assert _auc(np.concatenate(labels), np.concatenate(rows)) > 0.65


def test_states_follow_from_joining_and_leaving() -> None:
    """Whoever joined subscribes in the next week; whoever left is a former subscriber; nobody else changes so."""
    lives = business().lives
    now, following = lives.state[:, :-1], lives.state[:, 1:]
    joins, leaves = lives.joins[:, :-1], lives.leaves[:, :-1]
    assert (following[joins] == SUBSCRIBER).all()
    assert (following[leaves] == FORMER).all()
    stays = ~joins & ~leaves
    assert ((now == SUBSCRIBER) == (following == SUBSCRIBER))[stays].all()
    assert np.isin(following[stays & (now == PROSPECT)], [PROSPECT, TRIAL]).all()


def test_changes_lie_within_their_week() -> None:
    """Everybody begins as a prospect; joining and leaving happen inside the week that says so."""
    lives = business().lives
    assert (lives.state[:, 0] == PROSPECT).all()
    changes = lives.joins | lives.leaves
    assert (lives.changed_at >= lives.week_start).all()
    assert (lives.changed_at[changes] < lives.week_start[changes] + WEEK).all()
