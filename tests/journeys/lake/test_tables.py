import pyarrow as pa
import pytest

from journeys.lake.tables import BOOLEAN, NUMBER, STRING, STRINGS, TABLES, TIMESTAMP, Table

ALL = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())


@pytest.mark.parametrize(("key", "partition"), [(("absent",), ()), (("a",), ("absent",))])
def test_key_and_partition_are_columns(key: tuple[str, ...], partition: tuple[str, ...]) -> None:
    """A key or partition that names no column is refused with its name."""
    with pytest.raises(ValueError, match=r"table drawn: key or partition names no column: \['absent'\]"):
        Table("drawn", "One row", key, {"a": STRING}, partition)


def test_only_keys_are_required() -> None:
    """Columns of the key are not null, the others may be."""
    schema = Table("drawn", "One row", ("a",), {"a": STRING, "b": NUMBER}).schema
    assert schema == pa.schema([pa.field("a", STRING, nullable=False), pa.field("b", NUMBER)])


@ALL
def test_column_grammar(table: Table) -> None:
    """A column's ending or beginning says its type."""
    for name, kind in table.columns.items():
        expected = {
            name.endswith("_id"): STRING,
            name.endswith(("_at", "_to", "_from")) and name.startswith(("known_", "valid_")): TIMESTAMP,
            name.endswith("_at"): TIMESTAMP,
            name.endswith("_ids"): STRINGS,
            name.startswith(("is_", "has_")): BOOLEAN,
            name.startswith("count_"): pa.int64(),
            name.endswith("_amount"): NUMBER,
        }.get(True, kind)
        assert kind == expected, name


@ALL
def test_each_table_says_its_grain_and_key(table: Table) -> None:
    """Every table has a sentence about one row, a key, and a version of its schema."""
    assert len(table.grain.split()) >= 4
    assert table.key
    assert table.schema_version >= 1


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("touchpoints", ("touchpoint_id",)),
        ("identifier_vault", ("identifier_id", "load_id")),
        ("quarantine", ("quarantine_id",)),
        ("customers", ("identifier_id", "known_at")),
        ("scores", ("customer_id", "target", "snapshot_at")),
        ("assignments", ("unit_type", "unit_id", "experiment")),
        ("runs", ("run_id",)),
    ],
)
def test_keys_of_the_contract(name: str, key: tuple[str, ...]) -> None:
    """The keys that other rooms rely on stay as they are."""
    assert TABLES[name].key == key


@pytest.mark.parametrize(
    "name",
    ["touchpoints", "touchpoint_texts", "identifier_vault", "identifier_links", "quarantine", "customer_attributes"],
)
def test_what_a_load_writes_is_parted_by_load(name: str) -> None:
    """A load replaces its own partition, so that it may be done again."""
    assert TABLES[name].partition_by == ("load_id",)
