"""The parts of a local Airflow, started together; run as a program, in a session of its own.

`airflow standalone` would do, but for its log servers, which listen on every address of the machine.
Here the parts read the logs from the folder that they share, and only the API listens, on 127.0.0.1.
"""

import subprocess
import sys
import time
from pathlib import Path

PARTS = {
    "api-server": (),
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
    "triggerer": ("--skip-serve-logs",),
}
"""Airflow's command to its options."""


def main() -> int:
    """Bring the database up to date, start the parts, and return when the first of them has ended.

    Half an Airflow looks alive and does nothing, so whoever started this ends the others then.
    """
    airflow = str(Path(sys.executable).parent / "airflow")
    subprocess.run([airflow, "db", "migrate"], check=True)
    running = [subprocess.Popen([airflow, name, *options]) for name, options in PARTS.items()]
    while all(process.poll() is None for process in running):
        time.sleep(0.2)
    return 1


if __name__ == "__main__":
    sys.exit(main())
