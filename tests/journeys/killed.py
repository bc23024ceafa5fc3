"""A lake whose writer is killed before one of its writes."""

from collections.abc import Mapping, Sequence

from journeys.lake.delta import Batches, Lake


class KilledError(Exception):
    """The process ended here."""


class KilledLake(Lake):
    """A lake that raises KilledError instead of making the write number `fatal`, counted from 0."""

    def __init__(self, root: str, *, fatal: int) -> None:
        super().__init__(root)
        self._left = fatal

    def replace(
        self, name: str, data: Batches, *, run_id: str, where: Mapping[str, Sequence[str | int]] | None = None
    ) -> int:
        """Replace a table, unless this is the fatal write."""
        if self._left == 0:
            raise KilledError(name)
        self._left -= 1
        return super().replace(name, data, run_id=run_id, where=where)
