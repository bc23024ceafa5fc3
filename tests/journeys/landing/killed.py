"""Extractions that are killed: a process that forks one for each job, and kills it at a line of `journeys.landing`.

Started as a program it reads jobs, one a line of JSON, and answers each with the exit status of its child and
with the lines that the child came to. `line` 0 kills nobody.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

ROOM = "journeys/landing/"
LOG = "journeys/landing/log.py"


def _extract(job: dict[str, Any], answer: int) -> None:
    from journeys.landing import extract
    from tests.journeys.landing.desk import QUICK, workspace_of

    extract._API_BLOCK_ROWS = extract._SQL_BLOCK_ROWS = job["block_rows"]
    lines = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal lines
        if job["where"] not in frame.f_code.co_filename:
            return None
        if event == "line":
            lines += 1
            if lines == job["line"]:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    workspace = workspace_of(Path(job["folder"]), now=datetime.fromisoformat(job["now"]), **job["sources"])
    sys.settrace(trace)
    extracted = extract.extract_sources(workspace, list(job["sources"]), lambda _: job["secret"], patience=QUICK)
    sys.settrace(None)
    os.write(answer, json.dumps({"lines": lines, "failures": extracted.failures}).encode())


def _work() -> None:
    import journeys.landing.extract  # noqa: F401 - loaded once, for all children

    _tell("ready")
    for line in sys.stdin:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            try:
                _extract(json.loads(line), write)
            finally:
                os._exit(0)
        os.close(write)
        with os.fdopen(read) as stream:
            said = stream.read()
        _, status = os.waitpid(child, 0)
        fate = {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}
        _tell(json.dumps(fate | json.loads(said or "{}")))


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Killer:
    """Runs extractions in children, and kills them."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(
        self, folder: Path, sources: dict[str, Any], *, now: datetime, secret: str, line: int = 0, where: str = ROOM,
        block_rows: int = 60,
    ) -> dict[str, Any]:  # fmt: skip
        """Extract the sources, killed at a line; return the signal, and where nobody was killed the lines and failures."""
        job = {
            "folder": str(folder),
            "sources": sources,
            "now": now.isoformat(),
            "secret": secret,
            "line": line,
            "where": where,
            "block_rows": block_rows,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def killer() -> Iterator[Killer]:
    """Start the process that forks."""
    command = [sys.executable, "-m", "tests.journeys.landing.killed"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Killer(process)
        assert process.stdin is not None
        process.stdin.close()


if __name__ == "__main__":
    _work()
