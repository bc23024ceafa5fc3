"""The steps in their order, over a made-up business."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desirelines import chain
from desirelines.doors import Settings, connection_from, open_workspace
from journeys.config.errors import DataError
from journeys.lake.workspace import Workspace
from tests.end_to_end.businesses import END, make_project

STEPS = ["ingest", "journeys", "insights", "features", "train", "train", "score", "decide", "map", "push"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    project = make_project(tmp_path_factory.mktemp("chain"), customers=80, months=3)
    return open_workspace(Settings(project.project_dir, project.data_dir), "test", now=datetime(2026, 3, 2, tzinfo=UTC))


def test_all_steps_run_in_their_order(workspace: Workspace) -> None:
    """From the files to the deliveries; a target whose data allow no model says why, and the rest goes on."""
    told: list[tuple[str, int, int]] = []
    watched = Workspace(**{**workspace.__dict__, "progress": lambda *what: told.append(what)})
    reports, at = chain.run_all(watched, lambda _: END, connections=connection_from({}), environment={})
    assert at == END
    assert [report.step.split(" ")[0] for report in reports] == STEPS
    assert told[-1] == ("done", 10, 10)
    assert all(done <= total for _, done, total in told)


def test_a_step_alone_says_what_it_misses(tmp_path: Path) -> None:
    """Scoring before there are features names the step that makes them."""
    project = make_project(tmp_path, customers=5, months=1)
    workspace = open_workspace(Settings(project.project_dir, project.data_dir), "test")
    with pytest.raises(DataError, match="features"):
        chain.score(workspace, END)


def test_an_unknown_target_is_refused_with_the_nearest(workspace: Workspace) -> None:
    """Before any model library is loaded."""
    with pytest.raises(DataError, match=r"There is no target 'chrun' in journey.yaml; did you mean churn"):
        chain.train(workspace, "chrun", END)
