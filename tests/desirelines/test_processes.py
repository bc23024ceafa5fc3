"""Programs in sessions of their own: all that they start ends with them."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from desirelines.processes import end_session, ended_by_signals, session_members, start_in_session

_FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in sys.argv else signal.SIG_DFL)
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN) if {deaf} else None; time.sleep(600)"
subprocess.Popen([sys.executable, "-c", child.format(deaf="deaf" in sys.argv)], process_group=0)
print("ready", flush=True)
time.sleep(600)
"""


def _started(folder: Path, *arguments: str) -> "tuple[object, int]":
    log = folder / "log"
    process = start_in_session([sys.executable, "-c", _FAMILY, *arguments], os.environ, log)
    deadline = time.monotonic() + 20
    while "ready" not in log.read_text() or len(session_members(process.pid)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process, process.pid


def test_a_child_in_a_group_of_its_own_ends_too(tmp_path: Path) -> None:
    """Airflow gives each task a process group of its own; it is of the session all the same."""
    process, session = _started(tmp_path)
    assert len(session_members(session)) == 2
    end_session(process)  # type: ignore[arg-type]
    assert session_members(session) == []


def test_who_does_not_listen_is_ended_by_force(tmp_path: Path) -> None:
    """After its patience is over, nothing is left of a session that ignores the polite signal."""
    process, session = _started(tmp_path, "deaf")
    end_session(process, patience=0.5)  # type: ignore[arg-type]
    assert session_members(session) == []


def test_a_program_gets_no_input_and_its_output_is_kept(tmp_path: Path) -> None:
    """What it prints on both streams is appended to the log."""
    (tmp_path / "log").write_text("before\n")
    code = "import sys; print(repr(sys.stdin.read())); print('to the error stream', file=sys.stderr)"
    start_in_session([sys.executable, "-c", code], os.environ, tmp_path / "log").wait()
    assert sorted((tmp_path / "log").read_text().splitlines()) == ["''", "before", "to the error stream"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_block_in_an_orderly_way(number: signal.Signals) -> None:
    """What stands in `finally` runs, the exit code says which signal it was, and the handlers are as before."""
    before = signal.getsignal(number)
    cleaned: list[bool] = []
    with pytest.raises(SystemExit) as left:
        _wait_for(number, cleaned)
    assert left.value.code == 128 + number
    assert cleaned == [True]
    assert signal.getsignal(number) == before


def _wait_for(number: signal.Signals, cleaned: list[bool]) -> None:
    with ended_by_signals():
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
        finally:
            cleaned.append(True)
