"""The loan applications through `desirelines run`: seconds, share of each step, peak memory.

    .venv/bin/python benchmarks/loan_applications_run.py FOLDER_OF_EVENTS_CSV_GZ

Targets: 60 s or less, under 3 GiB.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

from desirelines.chain import run_all
from desirelines.doors import Settings, connection_from, open_workspace, snapshot_of

STARTED = time.perf_counter()
EXAMPLE = Path(__file__).parents[1] / "examples" / "loan_applications"


def main() -> None:
    """Run every step in this process and print what each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    marks: list[tuple[str, float]] = []

    def note(what: str, _done: int, _total: int) -> None:
        marks.append((what, time.perf_counter() - STARTED))

    with tempfile.TemporaryDirectory() as home:
        settings = Settings(project=EXAMPLE, data=data, home=Path(home))
        workspace = open_workspace(settings, "run", progress=note)
        run_all(workspace, snapshot_of, connections=connection_from({}), environment={})
    seconds = time.perf_counter() - STARTED
    steps = [(what, at) for what, at in marks if what != "journeys"]
    print(f"{'start':24}{steps[0][1]:8.1f} s {steps[0][1] / seconds:6.1%}")
    for (what, at), (_, until) in zip(steps, [*steps[1:], ("", seconds)], strict=True):
        if until - at > 0.005:
            print(f"{what:24}{until - at:8.1f} s {(until - at) / seconds:6.1%}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{'whole run':24}{seconds:8.1f} s, peak memory {peak:.2f} GiB")


if __name__ == "__main__":
    main()
