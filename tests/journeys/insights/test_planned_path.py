from journeys.insights.planned_path import planned_path, steps_reached
from tests.journeys.insights.drawn import Drawn, config_of, tables_of


def _reached(connection, drawn, config):
    steps, journeys, _ = tables_of(connection, drawn)
    rows = steps_reached(steps, journeys, planned_path(config)).to_pyarrow().to_pylist()
    return {(row["journey_id"], row["step_number"]): row["next_at"] is not None for row in rows}


def test_without_named_steps_the_stages_are_the_path():
    """A project that names no steps is followed through its stages."""
    path = planned_path(config_of())
    assert [(step.step_number, step.name, step.stage, step.touchpoint) for step in path] == [
        (1, "first", "first", None),
        (2, "second", "second", None),
        (3, "third", "third", None),
    ]


def test_a_named_step_knows_the_stage_that_it_enters():
    """A step's stage is the one whose pattern it matches, or none."""
    path = planned_path(config_of(journeys={"steps": ["a", "x"]}))
    assert [(step.stage, step.touchpoint) for step in path] == [("first", "a"), (None, "x")]


def test_order_is_loose_but_never_backwards(connection):
    """Other touchpoints may lie between two steps; a next step that came before does not count."""
    config = config_of(journeys={"steps": ["a", "b"]})
    drawn = [
        Drawn("c1", [("a", 0), ("x", 1), ("x", 2), ("b", 3)]),
        Drawn("c2", [("b", 0), ("a", 1)]),
        Drawn("c3", [("b", 0), ("a", 1), ("b", 2)]),
        Drawn("c4", [("b", 0), ("a", 0)]),
    ]
    reached = _reached(connection, drawn, config)
    assert [reached[f"j000{number}", 1] for number in range(4)] == [True, False, True, True]


def test_a_touchpoint_does_not_follow_itself(connection):
    """Where one touchpoint stands for two steps in a row, the second needs another touchpoint."""
    config = config_of(journeys={"steps": ["a", "a"]})
    reached = _reached(connection, [Drawn("c1", [("a", 0)]), Drawn("c2", [("a", 0), ("a", 0)])], config)
    assert reached["j0000", 1] is False
    assert reached["j0001", 1] is True


def test_a_step_may_be_a_pattern(connection):
    """'*' stands for anything; a name that looks like a pattern still stands for itself."""
    config = config_of(journeys={"steps": ["view *", "pay[1]"]})
    drawn = [Drawn("c1", [("view red", 0), ("pay[1]", 1)]), Drawn("c2", [("view", 0), ("pay1x", 1)])]
    assert _reached(connection, drawn, config) == {("j0000", 1): True, ("j0000", 2): False}
