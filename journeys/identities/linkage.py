"""How probable it is that two profiles are of one person: Fellegi and Sunter's model, by splink, its only door.

Each comparison of two profiles ends at one of its levels. How often each level is seen in pairs that match (m) is
learned by expectation maximisation, how often in others (u) from a random sample, and the probability follows from
their ratios, as if comparisons were independent [1]. They are not where people live together: name, street,
postcode and town are those of the whole family. So these four are one comparison, `home`. What is left between
members of a family are the given name and the date of birth.

[1] Fellegi, Sunter: A Theory for Record Linkage. Journal of the American Statistical Association 64 (1969).
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import ibis
import splink.comparison_level_library as levels
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison
from splink.internals.exceptions import EMTrainingException

from journeys.engine import materialize

COLUMNS = ("given_name", "family_name", "birth_date", "postcode", "city", "street", "email", "phone")
"""What is compared; `birth_date` as eight digits, the year first, and `phone` as its last digits."""

LARGEST_BLOCK = 200
"""Values that more profiles share are not searched for pairs, so that these grow as the profiles, not as their square."""

_Block: TypeAlias = tuple[str, ...]

_BLOCKS: tuple[_Block, ...] = (
    *(
        ("birth_date",),
        ("email",),
        ("phone",),
        ("given_name", "family_name"),
        ("street", "postcode"),
        ("street", "city"),
    ),
    *(("given_name", "postcode"), ("family_name", "postcode"), ("given_name", "city"), ("family_name", "city")),
)
"""Pairs are looked at that agree in all columns of one of these."""

_CERTAIN: tuple[_Block, ...] = (("given_name", "family_name", "birth_date"), ("email",), ("phone",))
_CERTAIN_SHARE = 0.7
"""Of the pairs of one person, those that agree in one of `_CERTAIN`; the prior follows, and forgives a rough guess."""

_LEARNED_FROM: tuple[_Block, ...] = (
    *(("given_name", "family_name"), ("birth_date",), ("email",), ("phone",)),
    *(("family_name", "birth_date"), ("given_name", "birth_date"), ("given_name", "street")),
)
"""Pairs that agree in these teach the other comparisons, one after the other until all are learned."""

_CONVERGENCE = (1e-4, 1e-3, 1e-2)
"""Change of a parameter at which learning ends. Of clean data it must end early: what no pair of one person shows would
be taken to be impossible, which no model can hold."""

_SAMPLED_PAIRS = 2e6
_SEED = 1


class TooLittleToLearnError(Exception):
    """The profiles hold too few pairs of one person, or too little of each, for a model."""


@dataclass(frozen=True)
class _Comparison:
    """A comparison: the columns it reads, when nothing is known, and its levels with a word for each, best first."""

    name: str
    columns: tuple[str, ...]
    unknown: Any
    steps: Sequence[tuple[str, Any]]

    def created(self) -> CustomComparison:
        return CustomComparison(
            output_column_name=self.name,
            comparison_levels=[self.unknown, *(level for _, level in self.steps), levels.ElseLevel()],
        )

    def word(self, pairs: ibis.Table) -> ibis.Value:
        """Return the word of the level that each pair reached."""
        words = ibis.array(["unlike", *(word for word, _ in reversed(self.steps))])
        reached = pairs[f"gamma_{self.name}"]
        return (reached < 0).ifelse("unknown", words[ibis.greatest(reached, 0)])


def probable_pairs(connection: Any, profiles: ibis.Table, min_probability: float) -> ibis.Table:
    """Return left_customer_id, right_customer_id, probability, evidence of the pairs that are probable enough.

    `evidence` is JSON of comparisons and the level that each reached, without any value. Father and son may have one
    name and one home. So two whose dates of birth are both known and unlike are never a pair, however alike the rest
    is, nor are two of whom neither a date of birth nor an equal e-mail address or telephone is known.

    Args:
        connection: where to compute, with one thread, for else the sample is another each time.
        profiles: customer_id and those of `COLUMNS` that there are, null where unknown.
        min_probability: less probable pairs are left out.

    Raises:
        TooLittleToLearnError: when no model can be learned.
    """
    compared = list(_comparisons([column for column in COLUMNS if column in profiles.columns]))
    blocks = [block for block in _BLOCKS if set(block) <= set(profiles.columns)]
    searched = profiles.mutate(**{_block_name(block): _block(profiles, block) for block in blocks})
    searched = materialize(connection, searched.order_by("customer_id"), "profiles")
    linker = _learned(connection, searched, compared, [_block_name(block) for block in blocks])
    found = linker.inference.predict(threshold_match_probability=min_probability)
    pairs = connection.table(found.physical_name)
    words = {comparison.name: comparison.word(pairs) for comparison in compared}
    born = words.get("birth_date", ibis.literal("unknown"))
    has_same = [words[name] == "equal" for name in ("email", "phone") if name in words]
    pairs = pairs.filter(born != "unlike", ibis.or_(born != "unknown", *has_same))
    evidence = ibis.struct(words)
    return pairs.select(
        left_customer_id=ibis.least(pairs.customer_id_l, pairs.customer_id_r),
        right_customer_id=ibis.greatest(pairs.customer_id_l, pairs.customer_id_r),
        probability=pairs.match_probability.round(6),
        evidence=evidence.cast("json").cast("string"),
    )


def _learned(connection: Any, profiles: ibis.Table, compared: Sequence[_Comparison], blocks: Sequence[str]) -> Linker:
    """Return a model that has learned how often pairs match, and how often they reach each level."""
    certain = [block for block in _CERTAIN if _has_pairs(profiles, block)]
    lessons = [block for block in _LEARNED_FROM if _has_pairs(profiles, block)]
    if len(compared) < 2 or not certain:
        raise TooLittleToLearnError
    for convergence in _CONVERGENCE:
        settings = SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="customer_id",
            comparisons=[comparison.created() for comparison in compared],
            blocking_rules_to_generate_predictions=[block_on(block) for block in blocks],
            retain_matching_columns=True,  # without it, the levels are left out too
            retain_intermediate_calculation_columns=True,
            em_convergence=convergence,
        )
        database = DuckDBAPI(connection.con)
        registered = database.register(connection.con.table(profiles.get_name()))
        linker = Linker(registered, settings, log_level=logging.ERROR)
        try:
            _learn(linker, compared, certain, lessons)
        except (EMTrainingException, ValueError):
            continue  # a model in which a step failed is no longer whole
        return linker
    raise TooLittleToLearnError


def _learn(
    linker: Linker, compared: Sequence[_Comparison], certain: Sequence[_Block], lessons: Sequence[_Block]
) -> None:
    """Let a model learn.

    Raises:
        ValueError: where a level is taken to be impossible.
        EMTrainingException: where the pairs of a lesson tell nothing.
        TooLittleToLearnError: where no lesson tells of a comparison.
    """
    training = linker.training
    rules = [block_on(*_bounded(block)) for block in certain]
    training.estimate_probability_two_random_records_match([*rules], recall=_CERTAIN_SHARE)
    training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=_SEED)
    untrained = {comparison.name: comparison for comparison in compared}
    for block in lessons:
        taught = [name for name, comparison in untrained.items() if not set(comparison.columns) & set(block)]
        if taught:
            training.estimate_parameters_using_expectation_maximisation(block_on(*_bounded(block)))
            for name in taught:
                del untrained[name]
    if untrained:
        raise TooLittleToLearnError


def _comparisons(columns: Sequence[str]) -> Iterator[_Comparison]:
    """Yield the comparisons that these columns allow."""
    if "given_name" in columns:
        steps = [
            ("equal", levels.ExactMatchLevel("given_name", term_frequency_adjustments=True)),
            ("alike", levels.JaroWinklerLevel("given_name", 0.92)),
            ("somewhat alike", levels.JaroWinklerLevel("given_name", 0.8)),
        ]
        if "family_name" in columns:
            steps.append(("swapped", levels.ColumnsReversedLevel("given_name", "family_name", symmetrical=True)))
        names = tuple(column for column in ("given_name", "family_name") if column in columns)
        yield _Comparison("given_name", names, levels.NullLevel("given_name"), steps)
    if "birth_date" in columns:
        steps = [
            ("equal", levels.ExactMatchLevel("birth_date")),
            ("one slip apart", levels.DamerauLevenshteinLevel("birth_date", 1)),
            ("two slips apart", levels.DamerauLevenshteinLevel("birth_date", 2)),
        ]
        yield _Comparison("birth_date", ("birth_date",), levels.NullLevel("birth_date"), steps)
    home = tuple(column for column in ("family_name", "postcode", "city", "street") if column in columns)
    if home:
        unknown = [levels.NullLevel(column) for column in home]
        yield _Comparison("home", home, _all(unknown), list(_home_steps(home)))
    if "email" in columns:
        steps = [("equal", levels.ExactMatchLevel("email")), ("alike", levels.JaroWinklerLevel("email", 0.9))]
        yield _Comparison("email", ("email",), levels.NullLevel("email"), steps)
    if "phone" in columns:
        steps = [("equal", levels.ExactMatchLevel("phone"))]
        yield _Comparison("phone", ("phone",), levels.NullLevel("phone"), steps)


def _home_steps(columns: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yield the levels of the family's name and address together."""
    near: list[Any] = []
    if "postcode" in columns:
        near.append(levels.LevenshteinLevel("postcode", 1))
    if "city" in columns:
        near.append(levels.JaroWinklerLevel("city", 0.9))
    place = levels.Or(*near) if len(near) > 1 else next(iter(near), None)
    street = levels.JaroWinklerLevel("street", 0.9) if "street" in columns else None
    address = _all([level for level in (street, place) if level is not None]) if street is not None else None
    has_name = "family_name" in columns
    name = levels.JaroWinklerLevel("family_name", 0.88)
    if address is not None:
        if has_name:
            yield "name and address", levels.And(name, address)
        yield "address", address
    if has_name:
        if place is not None:
            same = levels.And(levels.ExactMatchLevel("family_name"), place)
            yield "name and place", same.configure(tf_adjustment_column="family_name")
            yield "name alike, and place", levels.And(name, place)
        yield "name", levels.ExactMatchLevel("family_name", term_frequency_adjustments=True)
        yield "name alike", name
    if place is not None:
        yield "place", place


def _all(parts: Sequence[Any]) -> Any:
    return levels.And(*parts) if len(parts) > 1 else parts[0]


def _block_name(block: _Block) -> str:
    return "block_" + "_".join(block)


def _block(profiles: ibis.Table, block: _Block) -> ibis.Value:
    """Return the values of a block as one, null where one is unknown or too many profiles share them."""
    value = ibis.literal("\x1f").join([profiles[column] for column in block])
    is_known = ibis.and_(*(profiles[column].notnull() for column in block))
    count = profiles.count().over(ibis.window(group_by=[profiles[column] for column in block]))
    return (is_known & (count <= LARGEST_BLOCK)).ifelse(value, ibis.null("string"))


def _has_pairs(profiles: ibis.Table, block: _Block) -> bool:
    """Return whether any two profiles agree in all columns of a block, and not too many."""
    columns = [column for column in _bounded(block) if column in profiles.columns]
    if not set(block) <= set(columns):
        return False
    known = profiles.drop_null(columns)
    return bool(
        known.group_by(columns)
        .agg(profiles=known.count())
        .filter(lambda table: table.profiles > 1)
        .count()
        .to_pyarrow()
        .as_py()
    )


def _bounded(block: _Block) -> list[str]:
    """Return a block with the column that bounds it: splink has to see which comparisons a block decides."""
    return [*block, _block_name(block)] if block in _BLOCKS else list(block)
