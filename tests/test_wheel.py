"""The wheel: it builds, and holds every package and its data."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["setuptools"]["packages"]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names in a wheel built from a copy, so that the checkout stays as it is."""
    copy = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", PROJECT["project"]["readme"], "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    for package in {package.split(".")[0] for package in PACKAGES}:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(copy / "dist"), str(copy)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-2000:]
    (wheel,) = (copy / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_package_of_the_repository_is_declared() -> None:
    """Every folder with Python files below a declared room is a package, and declared."""
    rooms = {package.split(".")[0] for package in PACKAGES}
    found = {path.parent.relative_to(ROOT) for room in rooms for path in (ROOT / room).rglob("*.py")}
    assert {".".join(folder.parts) for folder in found if not folder.name.startswith((".", "__"))} == set(PACKAGES)


def test_every_module_is_in_the_wheel(names: set[str]) -> None:
    """What the repository imports, the wheel holds."""
    modules = {
        f"{package.replace('.', '/')}/{path.name}"
        for package in PACKAGES
        for path in (ROOT / package.replace(".", "/")).glob("*.py")
    }
    assert modules <= names


def test_package_data_are_in_the_wheel(names: set[str]) -> None:
    """The demonstration's journey.yaml and the pages' templates are shipped."""
    patterns: dict[str, list[str]] = PROJECT["tool"]["setuptools"]["package-data"]
    data = {
        path.relative_to(ROOT).as_posix()
        for package, globs in patterns.items()
        for pattern in globs
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    assert "simulator/journey.yaml" in data
    assert data <= names


def test_the_command_is_in_the_wheel(names: set[str]) -> None:
    """The wheel brings the `desirelines` command and the licence."""
    assert any(name.endswith(".dist-info/entry_points.txt") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_image_copies_every_package() -> None:
    """The Dockerfile and its list of what may enter the build name every room."""
    rooms = {package.split(".")[0] for package in PACKAGES}
    dockerfile = (ROOT / "docker/Dockerfile").read_text()
    allowed = (ROOT / "docker/Dockerfile.dockerignore").read_text().splitlines()
    assert {room for room in rooms if f"COPY {room} {room}\n" not in dockerfile or f"!{room}" not in allowed} == set()
