from pathlib import Path

import pytest

from journeys.config.errors import ConfigError, DataError
from journeys.config.sources import Source
from journeys.touchpoints.files import find_files
from tests.journeys.touchpoints.shop import ORDERS, shop_in


def _find(folder: Path, pattern: str, name: str = "orders"):
    return find_files(shop_in(folder).project, name, Source.model_validate(ORDERS | {"files": pattern}))


def test_files_in_the_order_of_their_names(tmp_path):
    """Files are found below the data folder, sorted, with their bytes; folders are none."""
    for name in ("b/2.csv", "a/1.csv", "a/9.csv", "a/x.csv/y.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    found = _find(tmp_path, "**/*.csv")
    assert [file.name for file in found] == ["a/1.csv", "a/9.csv", "a/x.csv/y.csv", "b/2.csv"]
    assert [file.size for file in found] == [7, 7, 13, 7]
    assert [file.path.read_text() for file in found] == [file.name for file in found]


def test_a_file_is_its_source_name_and_content(tmp_path):
    """The same file is the same load again; another source, name or content is another one."""

    def load_id(source="orders", name="a.csv", content="x"):
        (tmp_path / name).write_text(content)
        return _find(tmp_path, name, source)[0].load_id

    first = load_id()
    assert load_id() == first
    assert len({first, load_id(source="other"), load_id(name="b.csv"), load_id(content="y")}) == 4


@pytest.mark.parametrize("pattern", ["../*.csv", "orders/../../*.csv"])
def test_patterns_stay_below_the_data_folder(tmp_path, pattern):
    """A pattern that leaves the data folder is refused."""
    with pytest.raises(ConfigError) as raised:
        _find(tmp_path, pattern)
    assert str(raised.value) == (f"sources.orders.files: '{pattern}' leaves the data folder; write a pattern below it.")


@pytest.mark.parametrize("pattern", ["/srv/orders/*.csv", ""])
def test_what_is_no_pattern(tmp_path, pattern):
    """An absolute or empty pattern is refused with an example of one."""
    with pytest.raises(ConfigError) as raised:
        _find(tmp_path, pattern)
    assert str(raised.value) == (
        f"sources.orders.files: '{pattern}' is no pattern below the data folder, as in 'crm/*.csv'."
    )


def test_nothing_matches(tmp_path):
    """Where no file is, the pattern and the folder are named."""
    with pytest.raises(DataError) as raised:
        _find(tmp_path, "orders/*.csv")
    assert str(raised.value) == (
        f"sources.orders.files: no file matches 'orders/*.csv' in {tmp_path}; put it there or pass --data."
    )


def test_hidden_files_are_not_read(tmp_path):
    """What begins with a point is still written, or a system's own."""
    for name in (".a.csv", ".a.csv.part", "b.csv"):
        (tmp_path / name).write_text("x")
    assert [file.name for file in _find(tmp_path, "*")] == ["b.csv"]


def test_a_source_that_waits_for_messages(tmp_path):
    """A source with intake has no files before the first message, and that is no fault."""
    source = Source.model_validate(
        {"vendor": "segment", "files": "app/*.jsonl", "intake": {"secret_env": "APP_SECRET"}}
    )
    assert find_files(shop_in(tmp_path).project, "app", source) == []
