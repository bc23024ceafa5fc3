import pytest
from pydantic import ValidationError

from journeys.config.playbook import Condition, Playbook


def test_a_condition_needs_a_bound() -> None:
    """A condition without a bound would hold for nobody or everybody, and is refused."""
    with pytest.raises(ValidationError, match="a condition needs 'at_least' or 'at_most'"):
        Condition(feature="count_support_30d")


@pytest.mark.parametrize("bounds", [{"at_least": 0}, {"at_most": 0}, {"at_least": 1, "at_most": 2}])
def test_zero_is_a_bound(bounds: dict[str, float]) -> None:
    """One bound is enough, and zero is one."""
    assert Condition(feature="count_support_30d", **bounds).model_dump(exclude_none=True).keys() >= bounds.keys()


@pytest.mark.parametrize("share", [-0.01, 0.51])
def test_holdout_share_has_limits(share: float) -> None:
    """No more than half of the customers are held out, and no fewer than none."""
    with pytest.raises(ValidationError, match="holdout_share"):
        Playbook(holdout_share=share)
