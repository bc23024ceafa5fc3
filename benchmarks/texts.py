"""How well sentiment and topics of texts are found, on texts that people have rated.

    python benchmarks/texts.py FOLDER [MODEL]

FOLDER holds `sentiment_vader/hutto_ICWSM_2014.tar.gz` (Hutto and Gilbert 2014), `survey_comments/text_data.csv` (comments of
patients, NHS) and `support_intents/train.csv` (BANKING77). Everything is scored by the product's own functions. A text is in one
fold only, however often it occurs. Rows whose criticality is no number from -9 to 9 (as '-o') are left out and counted. MODEL is a folder with all-MiniLM-L6-v2; with it, the rungs that would use it
are measured a second time.
"""

import csv
import re
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats
from sklearn.metrics import normalized_mutual_info_score, roc_auc_score

from journeys.texts.embedding import Embedding
from journeys.texts.head import Labels, Numbers, auc_with_interval, fit_head, fold_of, unseen_shares
from journeys.texts.lexicon import ENGLISH, valences
from journeys.texts.sentiment import FEW_LABELS, MANY_LABELS, NEGATIVE, POSITIVE, sentiment_of
from journeys.texts.topics import topics_of

RATED = ("tweets", "amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets")
RUNGS = (25, 200, 500, 1500, 5000)
_SEED = 7
_DRAWS = 5


class Row(NamedTuple):
    """One figure of the table."""

    what: str
    value: str
    target: str
    seconds: float


def lexicon_rows(path: Path) -> Iterator[Row]:
    """Yield how the lexicon's value of a text goes with the mean of twenty people's."""
    for name in RATED:
        with tarfile.open(path) as archive:
            member = archive.extractfile(f"hutto_ICWSM_2014/{name}_GroundTruth.txt")
            assert member is not None
            lines = [line.split("\t", 2) for line in member.read().decode().splitlines() if line.strip()]
        started = time.perf_counter()
        found = stats.pearsonr([float(line[1]) for line in lines], valences([line[2] for line in lines])[:, 0])
        low, high = found.confidence_interval()
        value = f"{found.statistic:.3f} ({low:.3f} to {high:.3f}, {len(lines):,})"
        target = "at least .87" if name == "tweets" else ""
        yield Row(f"lexicon against 20 people, {name}: r", value, target, time.perf_counter() - started)


def comment_rows(path: Path, model: Path | None) -> Iterator[Row]:
    """Yield how well negative comments are told from others by the lexicon, and by a head taught on other comments."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [row for row in rows if re.fullmatch(r"-?\d", row["criticality"]) and row["feedback"].strip()]
    texts = [row["feedback"] for row in kept]
    is_negative = np.array([int(row["criticality"]) < 0 for row in kept])
    yield Row("comments left out: no number, or no text", f"{len(rows) - len(kept)} of {len(rows):,}", "", 0.0)
    started = time.perf_counter()
    compound = valences(texts)[:, 0]
    yield Row("negative comments by the lexicon: AUC", _auc(is_negative, -compound), "", time.perf_counter() - started)
    labels = Labels(texts, np.where(is_negative, NEGATIVE, POSITIVE).astype(np.int64), np.ones(len(texts)))
    started = time.perf_counter()
    unseen = unseen_shares(labels, fit_head, (NEGATIVE, POSITIVE))[:, 0]
    folds = fold_of(labels)
    each = [roc_auc_score(is_negative[folds == fold], unseen[folds == fold]) for fold in np.unique(folds)]
    value = f"{_auc(is_negative, unseen)}; folds {', '.join(f'{one:.3f}' for one in each)}"
    yield Row("negative comments by a head, five folds: AUC", value, "at least .92", time.perf_counter() - started)
    yield from _rung_rows(texts, is_negative, None)
    if model is not None:
        yield from _rung_rows(texts, is_negative, model)


def _rung_rows(texts: Sequence[str], is_negative: np.ndarray, model: Path | None) -> Iterator[Row]:
    """Yield the same by the ladder with so many labels drawn; the figure is of the comments that were not drawn."""
    different, first = np.unique(np.asarray(texts, dtype=object).astype(str), return_index=True)
    bad = is_negative[first]
    encode = None
    if model is not None:
        started = time.perf_counter()
        points = Embedding(model)(different.tolist())
        seconds = time.perf_counter() - started
        yield Row("texts embedded a second", f"{len(different) / seconds:.0f}", "", seconds)
        place = {text: row for row, text in enumerate(different.tolist())}

        def encode(some: Sequence[str]) -> Numbers:
            return points[[place[text] for text in some]]

    for count in RUNGS if model is None else [rung for rung in RUNGS if FEW_LABELS <= rung <= MANY_LABELS]:
        started, found, bases = time.perf_counter(), [], set()
        for draw in range(_DRAWS):
            rated = np.random.default_rng([_SEED, draw]).permutation(len(different))[:count]
            classes = np.where(bad[rated], NEGATIVE, POSITIVE).astype(np.int64)
            labels = Labels(different[rated].tolist(), classes, np.ones(count))
            sentiment = sentiment_of(different.tolist(), ENGLISH, labels, encode)
            others = np.setdiff1d(np.arange(len(different)), rated)
            found.append(roc_auc_score(bad[others], -sentiment.value[others]))
            bases.add(sentiment.basis)
        value = f"{np.mean(found):.3f} (least {min(found):.3f}, most {max(found):.3f} of {_DRAWS} draws)"
        what = f"negative comments, {count:,} labels, {' or '.join(sorted(bases))}{' with embedding' if encode else ''}: AUC"
        yield Row(what, value, "", (time.perf_counter() - started) / _DRAWS)


def intent_rows(path: Path) -> Iterator[Row]:
    """Yield how often a head names the right one of 77 intents of a question it has not seen, and how the topics agree."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    texts = [row["text"] for row in rows]
    names, classes = np.unique([row["category"] for row in rows], return_inverse=True)
    labels = Labels(texts, classes.astype(np.int64), np.ones(len(texts)))
    started = time.perf_counter()
    unseen = unseen_shares(labels, fit_head, range(len(names)))
    is_right = unseen.argmax(axis=1) == classes
    low, high = _wilson(int(is_right.sum()), len(texts))
    value = f"{is_right.mean():.3f} ({low:.3f} to {high:.3f}, {len(texts):,})"
    yield Row(f"{len(names)} intents by a head, five folds: share right", value, "", time.perf_counter() - started)
    started = time.perf_counter()
    different = sorted(set(texts))
    intent = dict(zip(texts, classes.tolist(), strict=True))
    topics = topics_of(different, ENGLISH)
    told = [(intent[text], topic) for text, topic in zip(different, topics.names, strict=True) if topic]
    agreement = normalized_mutual_info_score([one for one, _ in told], [topic for _, topic in told])
    value = f"{agreement:.3f} ({topics.count_topics} topics, stability {topics.stability:.2f}, {len(told):,} texts with one)"
    yield Row("topics against intents: normalised mutual information", value, "", time.perf_counter() - started)


def _auc(is_case: np.ndarray, score: Numbers) -> str:
    area, low, high = auc_with_interval(is_case, score, np.ones(len(score)))
    return f"{area:.3f} ({low:.3f} to {high:.3f}, {len(score):,})"


def _wilson(count: int, total: int) -> tuple[float, float]:
    interval = stats.binomtest(count, total).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def main(folder: Path, model: Path | None) -> None:
    """Print the table."""
    print(f"head of lexicon and words from {FEW_LABELS} labels, of words and their parts above {MANY_LABELS}\n")
    print("| score | value | target | seconds |\n|---|---|---|---|")
    for rows in (
        lexicon_rows(folder / "sentiment_vader/hutto_ICWSM_2014.tar.gz"),
        comment_rows(folder / "survey_comments/text_data.csv", model),
        intent_rows(folder / "support_intents/train.csv"),
    ):
        for row in rows:
            print(f"| {row.what} | {row.value} | {row.target} | {row.seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
