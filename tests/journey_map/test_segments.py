"""Segments on the map."""

import pandas as pd

from journey_map.segments import MOST_OF_A_SPLIT, segment_differences


def _row(segment: str, touchpoint: str, difference: float, **changes: object) -> dict[str, object]:
    return {
        "segment": segment, "from_touchpoint": touchpoint, "to_touchpoint": "b", "rate": 0.3, "rate_others": 0.3 - difference,
        "difference": difference, "difference_low": difference - 0.02, "difference_high": difference + 0.02,
        "count_out": 500, "count_customers": 200, "count_customers_others": 300,
    } | changes  # fmt: skip


def test_a_split_of_two_says_a_thing_once() -> None:
    """The other group's row is the same with the sign turned; of a split of three, other groups say other things."""
    rows = [
        _row("size=small", "a", 0.1),
        _row("size=large", "a", -0.1),
        _row("region=east", "a", 0.1),
        _row("region=west", "a", -0.05),
    ]
    found = segment_differences(pd.DataFrame(rows))
    assert [one.group for one in found] == ["region=east", "region=west", "size=small"]


def test_few_of_a_split_and_nobody_s_own_cell() -> None:
    """The largest of each split are shown; a group of nine, or nine others, is not."""
    rows = [_row("size=small", f"t{number}", 0.1 + number / 100) for number in range(20)]
    rows += [_row("region=east", "a", 0.1, count_customers=9), _row("region=west", "a", 0.2, count_customers_others=9)]
    found = segment_differences(pd.DataFrame(rows))
    assert len(found) == MOST_OF_A_SPLIT
    assert {one.group for one in found} == {"size=small"}


def test_nothing_is_nothing() -> None:
    """An empty table gives no rows."""
    assert segment_differences(pd.DataFrame([_row("size=small", "a", 0.1)]).head(0)) == ()
