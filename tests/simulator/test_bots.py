"""Programs."""

import numpy as np

from simulator.bots import STEALTHY_SHARE, make_bots
from simulator.calendar_time import DAY, SECOND


def test_programs_are_fast_and_a_few_take_their_time() -> None:
    """Most open a page every second or two, the disguised every eight or nine; all within the time."""
    bots = make_bots(200, start=0, end=60 * DAY, seed=1, count_pages=6)
    assert abs(bots.is_stealthy.mean() - STEALTHY_SHARE) < 0.1
    for is_stealthy, low, high in ((False, 1.2, 1.4), (True, 8.0, 9.0)):
        of = np.flatnonzero(bots.is_stealthy == is_stealthy)
        pauses = np.concatenate([np.diff(np.sort(bots.at[bots.bot == one])) for one in of]) / SECOND
        assert low <= np.median(pauses) <= high
    assert bots.at.min() >= 0
