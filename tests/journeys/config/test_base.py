import pytest
from pydantic import ValidationError

from journeys.config.base import Name, Section


class _Thing(Section):
    name: Name


@pytest.mark.parametrize("name", ["a", "hot_leads", "step_2", "a" * 60])
def test_usable_names(name: str) -> None:
    """Lower-case letters, digits and underscores make a name."""
    assert _Thing(name=name).name == name


@pytest.mark.parametrize(
    "name", ["", "2nd", "_a", "Hot", "hot leads", "hot-leads", "../a", "a;b", "é", "a" * 61, "a\n"]
)
def test_unusable_names_are_refused(name: str) -> None:
    """What would harm a path, an address or a model's name is refused with what is allowed."""
    with pytest.raises(ValidationError, match="is not a usable name: lower-case letters, digits and underscores"):
        _Thing(name=name)


def test_a_section_is_closed_and_frozen() -> None:
    """A section takes no unknown setting, and does not change after loading."""
    with pytest.raises(ValidationError, match="Extra inputs"):
        _Thing.model_validate({"name": "a", "nmae": "b"})
    with pytest.raises(ValidationError, match="frozen"):
        _Thing(name="a").name = "b"
