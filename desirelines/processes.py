"""Starting a program in a session of its own, and ending everything that it started."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import psutil


def start_in_session(command: Sequence[str], variables: Mapping[str, str], log_path: Path) -> subprocess.Popen[bytes]:
    """Start `command` as the leader of a new session, its output appended to `log_path`."""
    with log_path.open("ab") as log:
        return subprocess.Popen(
            command, env=dict(variables), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def session_members(session: int) -> list[int]:
    """Return the processes of a session, whatever process group they moved to."""
    members = []
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            if os.getsid(pid) == session and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                members.append(pid)
    return members


def end_session(leader: "subprocess.Popen[bytes]", *, patience: float = 10.0) -> None:
    """End every process of the session that `leader` leads: politely, and after `patience` seconds by force."""
    end_members(leader.pid, patience=patience, reap=leader.poll)
    leader.wait()


def end_members(
    session: int, *, spare: int | None = None, patience: float = 10.0, reap: Callable[[], object] = lambda: None
) -> None:
    """End every process of a session but `spare`, calling `reap` while waiting for them.

    Ending the leader alone, or its process group alone, is not enough: Airflow gives each task a group of its own.
    """
    deadline = time.monotonic() + patience
    polite = True
    while members := [pid for pid in session_members(session) if pid != spare]:
        if polite or time.monotonic() > deadline:
            for pid in members:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM if polite else signal.SIGKILL)
        polite = False
        reap()
        time.sleep(0.1)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let a termination signal leave the block as `SystemExit`, so that what was started in it is ended."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
