"""The parts of a local Airflow, started together; run as a program, in a session of its own.

`airflow standalone` would do, but for its log servers, which listen on every address of the machine.
Here the parts read the logs from the folder that they share, and only the API listens, on 127.0.0.1.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from desirelines.processes import end_members

PARTS = {
    "api-server": (),
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
    "triggerer": ("--skip-serve-logs",),
}
"""Airflow's command to its options."""


def main() -> int:
    """Bring the database up to date, start the parts, and end them all when one has ended or nobody waits for them.

    Half an Airflow looks alive and does nothing; and whoever started it may have been killed.
    """
    airflow = str(Path(sys.executable).parent / "airflow")
    starter = os.getppid()
    subprocess.run([airflow, "db", "migrate"], check=True)
    running = [subprocess.Popen([airflow, name, *options]) for name, options in PARTS.items()]
    while os.getppid() == starter and all(process.poll() is None for process in running):
        time.sleep(0.2)
    end_members(os.getsid(0), spare=os.getpid(), reap=lambda: [process.poll() for process in running])
    return 1


if __name__ == "__main__":
    sys.exit(main())
