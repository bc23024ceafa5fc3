"""The prose: what it links to is there."""

import re
from pathlib import Path

import pytest
import yaml

from journeys.config.journey_yaml import parse_config

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*/README.md")), *sorted(ROOT.glob("examples/*/README.md"))]  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    """A relative link or picture names a file of the repository."""
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_benchmark_named_is_there(page: Path) -> None:
    """A command in a page runs a file that exists."""
    named = re.findall(r"benchmarks/\w+\.py", page.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


_SETTINGS = [
    pytest.param(block, id=f"{page.name}-{place}")
    for page in PAGES
    for place, block in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
]


@pytest.mark.parametrize("block", _SETTINGS)
def test_every_setting_shown_is_one(block: str) -> None:
    """What a page says of `journey.yaml` is accepted as it stands, in a project that says what it leaves out."""
    events = {"vendor": "segment", "files": "segment/*.jsonl"}
    least = {
        "project": "shown",
        "sources": {"website": events},
        "stages": [{"name": "seen", "enters_on": ["*"]}],
        "outcomes": [{"name": "bought", "kind": "positive", "touchpoints": ["Order"]}],
    }
    shown = yaml.safe_load(block)
    parse_config({**least, **shown, "sources": {**least["sources"], **shown.get("sources", {})}})
