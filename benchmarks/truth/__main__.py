"""Does the product find what is true? Every area scored in simulated worlds, one table.

    python -m benchmarks.truth --results FOLDER [--quick] [--only AREA ...] [--readme README.md]

Each world's scores are kept in the folder, so that a run that was stopped goes on where it was, and a change of the code
runs anew only what rests on it.
"""

import argparse
import hashlib
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.truth import business, friction, moments, segments
from benchmarks.truth.scores import Area, Job, Scores, project_folder, table

AREAS: tuple[Area, ...] = (business.AREA, friction.AREA, moments.AREA, segments.AREA)
BEGINS, ENDS = "<!-- truth begins -->", "<!-- truth ends -->"


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description="Score every area in worlds whose truth is known.")
    parser.add_argument("--results", type=Path, required=True, help="folder in which scores are kept")
    parser.add_argument("--quick", action="store_true", help="few small worlds, to see that it works")
    parser.add_argument("--only", nargs="*", choices=[area.name for area in AREAS], help="these areas alone")
    parser.add_argument("--readme", type=Path, help="page whose table is replaced")
    asked = parser.parse_args()
    areas = [area for area in AREAS if not asked.only or area.name in asked.only]
    results: dict[str, dict[str, list[Scores]]] = defaultdict(lambda: defaultdict(list))
    for area in areas:
        jobs = area.jobs(is_quick=asked.quick)
        for number, job in enumerate(jobs, start=1):
            sys.stderr.write(f"\r{area.name}: {number} of {len(jobs)} worlds ({job.name})        ")
            results[area.name][job.world].append(scores_of(area, job, asked.results))
        sys.stderr.write("\n")
    made = table(areas, results)
    print(made)
    if asked.readme:
        write_table(asked.readme, made)


def scores_of(area: Area, job: Job, folder: Path) -> Scores:
    """Return the scores of a job, from the folder or by running it."""
    path = folder / f"{job.name}-{code_hash(area)}.json"
    if path.exists():
        kept: Scores = json.loads(path.read_text(encoding="utf-8"))["scores"]
        return kept
    started = time.monotonic()
    scores = area.run(job)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {"scores": {name: list(values) for name, values in scores.items()}, "seconds": time.monotonic() - started}
    )
    written = path.with_suffix(".tmp")
    written.write_text(text, encoding="utf-8")
    written.replace(path)
    return scores


def code_hash(area: Area) -> str:
    """Return a hash of all that an area's scores rest on."""
    digest = hashlib.sha256()
    for name in area.depends:
        path = project_folder() / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.relative_to(project_folder()).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def write_table(page: Path, made: str) -> None:
    """Put the table between its two marks on a page.

    Raises:
        SystemExit: when the page has no marks.
    """
    text = page.read_text(encoding="utf-8")
    before, begins, rest = text.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not begins or not ends:
        sys.exit(f"{page} has no {BEGINS} and {ENDS}; put them where the table is to stand.")
    page.write_text(f"{before}{BEGINS}\n{made}\n{ENDS}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
