"""Importing Feast without what takes most of the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typeguard


@contextmanager
def unchecked_import() -> Iterator[None]:
    """Let what is imported inside leave out the run-time checks of argument types by typeguard.

    Feast has 242 of its functions rewritten for them, again in every process that imports it, which takes
    longer than all else in the import (`benchmarks/README.md`). They look at declarations only, and those
    of `feature_repo` are built by a test at each change.
    """

    def unchanged(target: Any = None, **_settings: Any) -> Any:
        return target if target is not None else unchanged

    checked = typeguard.typechecked
    typeguard.typechecked = unchanged
    try:
        yield
    finally:
        typeguard.typechecked = checked
