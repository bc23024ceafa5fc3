"""What is planted, and taken away."""

import pytest

from simulator.causes import ABANDON, GROUPS, NOTHING, REPEAT, STALL, draw_causes


@pytest.mark.parametrize("seed", range(20))
def test_five_frictions_of_three_kinds_at_different_places(seed: int) -> None:
    """Each seed plants the same kinds elsewhere, each for a group that there is."""
    causes = draw_causes(seed)
    assert [one.kind for one in causes.frictions] == [ABANDON, ABANDON, ABANDON, STALL, REPEAT]
    assert len({(one.step, one.split) for one in causes.frictions}) == 5
    assert all(one.group in GROUPS[one.split] for one in (*causes.frictions, *causes.habits))
    assert len({one.split for one in causes.habits}) == 3


def test_each_cause_can_be_taken_away_alone() -> None:
    """Without one of them all others are as they were; what does nothing is no cause."""
    causes = draw_causes(1)
    names = causes.names()
    assert len(set(names)) == len(names)
    assert "pushes.retargeting" not in names
    for name in names:
        left = causes.without(name).names()
        assert left == [other for other in names if other != name]


def test_nothing_is_planted_in_a_null_business() -> None:
    """All touches are there and none does anything; a name that is unknown is refused with those that there are."""
    assert NOTHING.names() == []
    assert NOTHING.touches.keys() == draw_causes(1).touches.keys()
    with pytest.raises(ValueError, match=r"No cause is named pushes.radio; there are friction"):
        draw_causes(1).without("pushes.radio")
