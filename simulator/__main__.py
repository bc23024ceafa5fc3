"""Write a business: `python -m simulator FOLDER --truth FOLDER [--customers 2000] [--level realistic] [--seed 1] [--twins]`."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from simulator.levels import LEVELS
from simulator.truth import write_truth
from simulator.write import write_business


def main() -> None:
    """Write the exports, and the truth where it is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Write the exports of a business whose truth is known.",
        epilog="python -m simulator /data/exports --truth /data/truth --customers 100000 --level hostile --seed 4 --twins",
    )
    parser.add_argument("folder", type=Path, help="receives a folder for each vendor")
    parser.add_argument("--truth", type=Path, help="receives what the business knows and does not tell")
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--end", type=datetime.fromisoformat, default="2026-07-01T00:00:00+00:00")
    parser.add_argument("--level", choices=LEVELS, default="realistic")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--twins", action="store_true", help="with the truth, also what each cause did (slow)")
    asked = parser.parse_args()
    business = {"customers": asked.customers, "months": asked.months, "end": asked.end, "seed": asked.seed}
    level = LEVELS[asked.level]

    def say(text: str) -> None:
        sys.stderr.write(f"{text}\n")

    try:
        counts = write_business(asked.folder, **business, level=level, on_part=lambda done: say(f"{done} people"))
        say(", ".join(f"{name}: {count}" for name, count in counts.items()))
        if asked.truth:
            write_truth(
                asked.truth, **business, level=level, has_twins=asked.twins, on_twin=lambda name: say(f"without {name}")
            )
    except (ValueError, OSError) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
