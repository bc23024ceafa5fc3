import re

from journey_map.drawing import COLUMN, HEIGHT, river_path


def _points(path):
    return [tuple(map(float, pair.split(","))) for pair in re.findall(r"[\d.]+,[\d.]+", path)]


def test_one_stage_is_a_straight_band():
    """With one stage of all customers the band fills its column."""
    assert river_path([1.0]) == "M0,0 L100,0 L100,100 L0,100 Z"
    assert river_path([]) == ""


def test_the_band_is_as_wide_as_the_share():
    """In the middle of each column the two edges lie a stage's share apart, around the middle."""
    shares = [1.0, 0.5, 0.1]
    points = _points(river_path(shares))
    for column, share in enumerate(shares):
        edges = {
            y
            for x, y in points
            if column * COLUMN <= x <= (column + 1) * COLUMN and abs(x / COLUMN - column - 0.5) <= 0.21
        }
        assert max(edges) - min(edges) == share * HEIGHT
        assert max(edges) + min(edges) == HEIGHT


def test_an_unpublished_share_is_a_hairline():
    """What may not be shown is drawn as thin as nothing."""
    assert {y for _, y in _points(river_path([None]))} == {49.5, 50.5}
