"""The prose: what it links to is there."""

import re
from pathlib import Path

import pytest

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
