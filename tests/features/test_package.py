"""The package under test is the real one."""

from pathlib import Path

import feature_repo
import features
import training


def test_tests_do_not_shadow_the_packages() -> None:
    """The folders of tests that are called like a package are not imported in its place."""
    tests = Path(__file__).parents[1]
    for package in (features, feature_repo, training):
        assert package.__file__ is not None
        assert tests not in Path(package.__file__).parents
        assert Path(package.__file__).parent.name == package.__name__
