"""Questions by which nothing can be changed."""

from datetime import timedelta
from pathlib import Path

import pytest

from desirelines.query import ask
from journeys.config.errors import DataError
from journeys.lake.workspace import Workspace
from tests.desirelines.places import NOW, add_touchpoints, add_vault, workspace_in


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = workspace_in(tmp_path / "shop")
    add_touchpoints(made, [NOW - timedelta(hours=hours) for hours in range(3)])
    add_vault(made)
    return made


def test_a_question_is_answered(workspace: Workspace) -> None:
    """Tables of the lake go by their names."""
    answer = ask(workspace, "select source, count(*) as count_touchpoints from touchpoints group by source")
    assert answer.to_pylist() == [{"source": "shop", "count_touchpoints": 3}]


@pytest.mark.parametrize("query", ["show tables", " SHOW ALL TABLES; "])
def test_the_tables_are_listed(workspace: Workspace, query: str) -> None:
    """What can be asked about is listed, and nothing that the engine calls by names of its own."""
    assert ask(workspace, query).to_pylist() == [{"table": "touchpoints"}]


def test_an_unknown_table_names_the_nearest(workspace: Workspace) -> None:
    """A table that is not there, with the one that may be meant."""
    with pytest.raises(DataError, match=r"^There is no table 'touchpoint'; .*touchpoints"):
        ask(workspace, "select * from touchpoint")


@pytest.mark.parametrize(
    "query",
    [
        "delete from touchpoints",
        "copy touchpoints to 'x.csv'",
        "select 1; select 2",
        "create table x as select 1",
        "set enable_external_access = true",
        "attach 'x.db'",
        "install httpfs",
        "pragma database_list",
    ],
)
def test_only_one_select_is_allowed(workspace: Workspace, query: str) -> None:
    """Whatever is not one SELECT is refused before it runs."""
    with pytest.raises(DataError, match="not one SELECT"):
        ask(workspace, query)


@pytest.mark.parametrize(
    "query", ["select * from identifier_vault", "select * from read_parquet('{lake}/identifier_vault/**/*.parquet')"]
)
def test_the_vault_stays_closed(workspace: Workspace, query: str) -> None:
    """Neither by name nor by its files."""
    with pytest.raises(DataError, match=r"cannot be answered.*identifier_vault is not open to queries") as caught:
        ask(workspace, query.format(lake=workspace.lake.root))
    assert "someone@example.org" not in str(caught.value)


@pytest.mark.parametrize("query", ["select * from read_csv('/etc/passwd')", "select * from '/etc/passwd'"])
def test_files_elsewhere_cannot_be_read(workspace: Workspace, query: str) -> None:
    """Only the lake is open."""
    with pytest.raises(DataError, match="cannot be answered"):
        ask(workspace, query)


def test_a_wrong_question_is_one_sentence(workspace: Workspace) -> None:
    """The first line of the engine's own words."""
    with pytest.raises(DataError) as caught:
        ask(workspace, "selekt 1")
    assert "\n" not in str(caught.value)
