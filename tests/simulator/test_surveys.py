"""Who is asked, and who answers."""

import json

import numpy as np

from simulator.surveys import STAGES, delighted_lines, first_heard, make_surveys, poll_lines, stage_of_week
from simulator.visits import signed_up_at
from simulator.weeks import SUBSCRIBER
from tests.simulator.businesses import business


def _surveys(*, has_arc: bool = True) -> tuple:
    one = business(3000, 8)
    known_at = signed_up_at(one.people, one.visits)
    return one, known_at, make_surveys(one.people, one.lives, known_at, has_arc=has_arc, seed=one.seed)


def test_the_unhappy_answer_more_readily() -> None:
    """About a third answer, and those who do felt worse than those who were asked."""
    _, _, surveys = _surveys()
    assert 0.2 < surveys.is_answered.mean() < 0.45
    assert surveys.feeling[surveys.is_answered].mean() < surveys.feeling.mean() - 0.05


def test_feelings_follow_the_planted_arc() -> None:
    """Onboarding is felt worse than adoption by more than half of what is planted; without an arc, by less."""
    gaps = []
    for has_arc in (True, False):
        _, _, surveys = _surveys(has_arc=has_arc)
        of = [surveys.feeling[surveys.stage == STAGES.index(name)].mean() for name in ("onboarding", "adoption")]
        gaps.append(of[1] - of[0])
    assert gaps[0] - gaps[1] > 0.8


def test_a_stage_is_kept_until_joining_or_leaving() -> None:
    """Within one spell nobody goes back; subscribers are in the four later stages, others in the three earlier ones."""
    lives = business().lives
    stage, is_subscriber = stage_of_week(lives), lives.state == SUBSCRIBER
    assert (stage[is_subscriber] >= 3).all()
    assert (stage[~is_subscriber] <= 2).all()
    same = is_subscriber[:, 1:] == is_subscriber[:, :-1]
    assert (np.diff(stage, axis=1)[same] >= 0).all()


def test_answers_and_questions_are_told() -> None:
    """Delighted lists every answer, the survey tool every question; some say how they heard of the business."""
    one, known_at, surveys = _surveys()
    answers = [json.loads(line.text) for line in delighted_lines(one.people, surveys, seed=one.seed)]
    assert len(answers) == surveys.is_answered.sum()
    assert len({answer["id"] for answer in answers}) == len(answers)
    assert any(answer["comment"] for answer in answers)
    rows = [line.text.split(",") for line in poll_lines(one.people, one.lives, surveys, known_at, seed=one.seed)]
    assert sum(row[2] == "survey_sent" for row in rows) == len(surveys.person)
    heard = [row[3] for row in rows if row[2] == "how_did_you_hear"]
    assert {"podcast", "friend", "review_site", "paid_search"} <= set(heard)
    assert set(heard) <= set(first_heard(one.lives, known_at))
