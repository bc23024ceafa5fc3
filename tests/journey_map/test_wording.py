from datetime import UTC, datetime

import pytest

from journey_map import wording
from journey_map.document import Estimate, Rate

PLAIN = str.maketrans({"\u202f": " ", "\u00a0": " ", "\u2013": "-", "\u2026": "~"})


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (wording.say_count(5540), "5,540"),
        (wording.say_count(None), "<10"),
        (wording.say_count(0), "0"),
        (wording.say_share(0.4435), "44.4 %"),
        (wording.say_share(None), "not enough data"),
        (wording.say_rate(None), "not enough data"),
        (wording.say_rate(Rate(None, 500, None, None, None, 0.02)), "under 2.0 %"),
        (wording.say_interval(Rate(40, 100, 0.4, 0.309, 0.498)), "30.9-49.8 %"),
        (wording.say_interval(Rate(None, None, None, None, None)), ""),
        (wording.say_of(Rate(None, 5540, None, None, None)), "<10 of 5,540"),
        (wording.say_range(Estimate(1.0, 12_400.0, 13_950.0)), "12,400-14,000"),
        (wording.say_range(Estimate(1.0, 18.64e6, 19.53e6)), "18.6-19.5 million"),
        (wording.say_range(Estimate(1.0, 990_000.0, 1.2e6)), "990,000-1.20 million"),
        (wording.say_range(Estimate(1.0, None, None)), ""),
        (wording.say_amount(26_572.06), "26,600"),
        (wording.say_amount(433.4), "433"),
        (wording.say_amount(0.0), "0"),
        (wording.say_amount(999_600.0), "1.00 million"),
        (wording.say_amount(None), "not enough data"),
        (wording.say_hours(0.0001), "under 1 s"),
        (wording.say_hours(0.001), "3.6 s"),
        (wording.say_hours(0.5), "30 min"),
        (wording.say_hours(30), "30 h"),
        (wording.say_hours(240), "10 days"),
        (wording.say_hours(None), "not enough data"),
        (wording.shorten("payment", 7), "payment"),
        (wording.shorten("W_Nabellen offertes", 9), "W_Na~rtes"),
        (wording.say_name("at_risk"), "at risk"),
    ],
)
def test_numbers_in_words(said, text):
    """Each number is written with the unit and precision that it can bear."""
    assert said.translate(PLAIN) == text


def test_instants_are_on_the_clock_of_the_business():
    """An instant is shown in the project's time zone, which it names."""
    instant = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert wording.say_instant(instant, "Europe/Berlin") == "1 February 2026, 00:30 (Europe/Berlin)"
    assert wording.say_instant(None, "UTC") == "not enough data"
