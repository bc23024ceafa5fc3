"""The files of a source, and the identity of each: its name and its content."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from journeys.config.errors import ConfigError, DataError
from journeys.config.project import Project
from journeys.config.sources import Source


@dataclass(frozen=True)
class SourceFile:
    """One file of a source.

    Attributes:
        path: where it is.
        name: its path below the data folder.
        file_hash: SHA-256 of its bytes.
        load_id: the same for the same source, name and content; loading it twice changes nothing.
        size: its bytes.
    """

    path: Path
    name: str
    file_hash: str
    load_id: str
    size: int


def find_files(project: Project, source_name: str, source: Source) -> list[SourceFile]:
    """Return the files that a source's pattern matches, in the order of their names.

    Hidden files, as those that are still written, are none of them. A source with `intake` or `extract` may have none yet.

    Raises:
        ConfigError: when the pattern is no pattern below the data folder.
        DataError: when nothing matches, or a file cannot be read.
    """
    where = f"sources.{source_name}.files"
    if ".." in Path(source.files).parts:
        raise ConfigError(f"{where}: '{source.files}' leaves the data folder; write a pattern below it.")
    try:
        found = project.data_dir.glob(source.files)
        paths = sorted(path for path in found if path.is_file() and not path.name.startswith("."))
    except (NotImplementedError, ValueError):  # what pathlib raises for an absolute pattern, and for none
        raise ConfigError(
            f"{where}: '{source.files}' is no pattern below the data folder, as in 'crm/*.csv'."
        ) from None
    if not paths and source.intake is None and source.extract is None:
        raise DataError(
            f"{where}: no file matches '{source.files}' in {project.data_dir}; put it there or pass --data."
        )
    return [_identify(project.data_dir, path, source_name) for path in paths]


def _identify(data_dir: Path, path: Path, source_name: str) -> SourceFile:
    name = path.relative_to(data_dir).as_posix()
    try:
        with path.open("rb") as stream:
            file_hash = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{name} cannot be read ({error.strerror}); check its rights.") from error
    load_id = hashlib.sha256(f"{source_name}\n{name}\n{file_hash}".encode()).hexdigest()[:32]
    return SourceFile(path, name, file_hash, load_id, path.stat().st_size)
