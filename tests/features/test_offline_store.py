"""Feast's offline store over the lake."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from feast import FileSource

from features import offline_store
from features.offline_store import LakeOfflineStore, LakeOfflineStoreConfig
from tests.journeys.made_up import Touch, load, workspace_in


def test_reads_tables_of_the_lake_as_they_are(tmp_path: Path) -> None:
    """A table is read whole, partition columns among them, and the file format needs no extension."""
    workspace = workspace_in(tmp_path)
    load(workspace, [Touch("a", "use", 0), Touch("b", "buy", 1)])
    load(workspace, [Touch("a", "use", 2)], load_id="l2")
    source = FileSource(path=workspace.lake.uri("touchpoints"), timestamp_field="event_at")
    table = offline_store._read(source, "").to_pyarrow()
    assert table.num_rows == 3
    assert set(table["load_id"].to_pylist()) == {"l1", "l2"}
    assert table.schema.field("event_at").type == pa.timestamp("us", tz="UTC")


def test_feast_may_not_write(tmp_path: Path) -> None:
    """Writing features through Feast is refused with a sentence."""
    with pytest.raises(RuntimeError, match=r"written by features\.build alone"):
        offline_store._refuse_to_write(None, None, tmp_path, "", "append")


def test_configuration_names_the_class() -> None:
    """The type in Feast's configuration is this class, which filters by the created column."""
    kind: Any = LakeOfflineStoreConfig().type
    assert kind == f"{LakeOfflineStore.__module__}.{LakeOfflineStore.__qualname__}"
    assert LakeOfflineStore.supports_filter_by_created_timestamp
