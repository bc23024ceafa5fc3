"""Files of lines: the same bytes each time, and never two businesses in one folder."""

import gzip
import io
from pathlib import Path


def refuse_strangers(folder: Path, expected: set[str]) -> None:
    """Two businesses in one folder would look like one that never was."""
    strangers = sorted(path.name for path in folder.glob("*.*") if path.name not in expected)
    if strangers:
        raise ValueError(f"{folder} holds {strangers[0]}, which is not of this business; choose an empty folder.")


def write_lines(path: Path, lines: list[str]) -> None:
    """Write lines, compressed where the name ends in .gz, with the same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = ("\n".join(lines) + "\n").encode()
    if path.suffix == ".gz":
        buffer = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=6) as file:
            file.write(content)
        content = buffer.getvalue()
    path.write_bytes(content)
