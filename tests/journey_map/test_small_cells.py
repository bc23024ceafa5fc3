import math

import pytest

from journey_map.document import Estimate, Rate
from journey_map.small_cells import publish_count, publish_estimate, publish_number, publish_rate


@pytest.mark.parametrize(
    ("count", "customers", "shown"),
    [(0, None, 0), (1, None, None), (9, None, None), (10, None, 10), (500, 9, None), (500, 10, 500)],
)
def test_counts_from_one_to_nine_are_not_published(count, customers, shown):
    """A cell of one to nine, or behind which so few customers stand, is not shown; none at all is."""
    assert publish_count(count, customers) == shown


def test_a_rate_does_not_give_its_numerator_away():
    """A numerator under ten leaves only the bound below which the rate lies."""
    assert publish_rate(4, 500, (0.008, 0.003, 0.02)) == Rate(None, 500, None, None, None, 0.02)
    assert publish_rate(40, 500, (0.08, 0.06, 0.11)) == Rate(40, 500, 0.08, 0.06, 0.11)


def test_a_bound_that_says_nothing_is_left_out():
    """Of twelve, 'under 83 %' would say nothing."""
    assert publish_rate(4, 12, (0.3, 0.1, 0.6)) == Rate(None, 12, None, None, None)


def test_a_small_denominator_hides_the_whole_rate():
    """Neither numerator nor denominator of a small cell is shown."""
    nothing = Rate(None, None, None, None, None)
    assert publish_rate(4, 8, (0.5, 0.2, 0.8)) == nothing
    assert publish_rate(40, 80, (None, None, None), customers=5) == nothing


def test_unknown_numbers_stay_unknown():
    """NaN and None are both 'not known'; an estimate of few customers is nothing."""
    assert publish_number(math.nan) is None
    assert publish_number(None) is None
    assert publish_estimate((5.0, 3.0, 9.0), customers=5) == Estimate(None, None, None)
    assert publish_estimate((50.0, math.nan, 90.0), customers=50) == Estimate(50.0, None, 90.0)
