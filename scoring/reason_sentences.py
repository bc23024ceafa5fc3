"""The wording of reasons: one sentence for a feature's value, beside what is usual."""

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class _Form:
    """How features whose name matches `pattern` are worded.

    In the texts `{amount}` is the value with its unit, `{what}` and `{days}` are the name's own parts.

    Attributes:
        pattern: a regular expression over the whole name.
        text: the sentence.
        unit: `days`, `hours`, `share`, a plural noun, or nothing.
        below: the sentence where the value is smaller than usual, if another one reads better.
        missing: the sentence where there is no value.
    """

    pattern: str
    text: str
    unit: str = ""
    below: str = ""
    missing: str = ""


_FORMS = (
    _Form(
        r"days_since_(?P<what>.+)_stage_touchpoint",
        "No touchpoint of stage {what} for {amount}",
        "days",
        "Last touchpoint of stage {what} {amount} ago",
        "No touchpoint of stage {what} in this journey",
    ),
    _Form(
        r"days_since_(?P<what>.+)_channel",
        "Nothing through {what} for {amount}",
        "days",
        "Last touchpoint through {what} {amount} ago",
        "Nothing through {what} in this journey",
    ),
    _Form(
        r"days_since_last_(?P<what>.+)",
        "No {what} for {amount}",
        "days",
        "Last {what} {amount} ago",
        "No {what} so far",
    ),
    _Form(r"days_since_first_touchpoint", "First seen {amount} ago", "days"),
    _Form(r"days_since_journey_start", "Journey began {amount} ago", "days"),
    _Form(r"days_since_(?P<what>.+)", "{amount} since {what}", "days"),
    _Form(r"days_in_stage", "In the current stage for {amount}", "days"),
    _Form(r"days_to_stage", "Reached the current stage after {amount}", "days"),
    _Form(r"days_unanswered", "Our last message is unanswered for {amount}", "days"),
    _Form(r"count_touchpoints_journey", "{amount} in this journey", "touchpoints"),
    _Form(r"count_distinct_touchpoints", "{amount} in this journey", "different touchpoints"),
    _Form(r"count_(?P<what>.+)_stage_touchpoints", "{amount} of stage {what} in this journey", "touchpoints"),
    _Form(r"count_(?P<what>.+)_channel_touchpoints", "{amount} through {what} in this journey", "touchpoints"),
    _Form(r"count_waits_over_(?P<days>\d+)d", "{amount} of more than {span} in this journey", "pauses"),
    _Form(r"count_loops", "Went back to an earlier touchpoint {amount}", "times"),
    _Form(r"count_repeats", "Repeated the same touchpoint {amount}", "times"),
    _Form(r"count_journeys", "{amount} so far", "journeys"),
    _Form(r"count_support_(?P<days>\d+)d", "{amount} in the last {days}", "support contacts"),
    _Form(r"count_(?P<what>.+)_(?P<days>\d+)d", "{amount} in the last {days}", "{what}"),
    _Form(r"count_(?P<what>.+)", "{amount}", "{what}"),
    _Form(
        r"trend_touchpoints_(?P<days>\d+)d",
        "{amount} of the touchpoints of the last {twice} fell in the last {days}",
        "share",
        missing="No touchpoint in the last {twice}",
    ),
    _Form(
        r"trend_(?P<what>.+)_(?P<days>\d+)d",
        "{amount} of the {what} use of the last {twice} fell in the last {days}",
        "share",
        missing="No {what} use in the last {twice}",
    ),
    _Form(
        r"share_(?P<what>.+)_(?P<days>\d+)d",
        "{amount} of the touchpoints in the last {days} were {what}",
        "share",
        missing="No touchpoint in the last {days}",
    ),
    _Form(r"share_(?P<what>.+)", "Share of {what}: {amount}", "share"),
    _Form(
        r"hours_to_(?P<what>.+)_stage",
        "Reached stage {what} after {amount}",
        "hours",
        missing="Has not reached stage {what} in this journey",
    ),
    _Form(r"hours_last_wait", "The latest pause lasted {amount}", "hours"),
    _Form(r"hours_longest_silence", "Longest silence in this journey: {amount}", "hours"),
    _Form(
        r"hours_(?P<what>longest|mean)_wait",
        "{what} pause between touchpoints: {amount}",
        "hours",
        missing="Only one touchpoint in this journey",
    ),
    _Form(r"(?P<what>.+)_(?P<days>\d+)d_amount", "Amount of {what} in the last {days}: {amount}"),
    _Form(r"journey_amount", "Largest amount in this journey: {amount}", missing="No amount in this journey yet"),
    _Form(r"stage_number", "Stands at stage number {amount}"),
    _Form(r"(?P<unit>days|hours|minutes)_(?P<what>.+)", "{what}: {amount}", "{unit}"),
    _Form(r"(?P<what>.+)_(?P<days>\d+)d", "{what} in the last {days}: {amount}"),
    _Form(r"(?P<what>.+)", "{what}: {amount}"),
)
"""The first form whose pattern matches words a feature; the last ones follow the column grammar alone."""

_TEXTS = {
    "stage": "Now in stage {}",
    "last_touchpoint": "Last touchpoint was {}",
    "previous_touchpoint": "Before the last touchpoint came {}",
}
_NOUNS = {
    "communication": "message",
    "product": "use of the product",
    "support": "support contact",
    "website": "visit to the website",
}
"""Nouns for the last touchpoint of a category, where the category's own name is none."""


def sentence(name: str, value: object, usual: float | None) -> str:
    """Return what the feature `name` says of a customer, in plain words.

    Args:
        name: the feature's column name; unknown ones are worded from the column grammar.
        value: the customer's value, None where it is not known.
        usual: the median over the customers scored together; None for texts.

    >>> sentence("days_since_last_touchpoint", 12.0, 3.0)
    'No touchpoint for 12 days (usually 3)'
    >>> sentence("count_support_30d", 1.0, 0.0)
    '1 support contact in the last 30 days (usually 0)'
    >>> sentence("stage", "checkout", None)
    'Now in stage checkout'
    """
    if isinstance(value, bool):
        return f"{_capital(_words(re.sub('^(is|has)_', '', name)))}: {'yes' if value else 'no'}"
    if isinstance(value, int | float):
        return _number(name, float(value), usual)
    if value is not None:
        return _TEXTS.get(name, _capital(_words(name)) + ": {}").format(_words(str(value)))
    form, parts = _form(name)
    return _capital(form.missing.format(**parts)) if form.missing else f"{_capital(_words(name))} is not known"


def _number(name: str, value: float, usual: float | None) -> str:
    form, parts = _form(name)
    unit = form.unit.format(**parts)
    amount = _amount(value, unit)
    beside = "" if usual is None else _amount(usual, unit)
    # Hours become days when they are many, so what is usual needs its unit; elsewhere the number is enough.
    shown = beside if unit in {"hours", "share"} else beside.partition(" ")[0]
    clause = f" (usually {shown})" if beside and beside != amount else ""
    text = form.below if form.below and usual is not None and value < usual else form.text
    return _capital(text.format(amount=amount, **parts)) + clause


@cache
def _form(name: str) -> tuple[_Form, dict[str, str]]:
    """Return the form of a feature, and the parts of its name in words."""
    for form in _FORMS:
        match = re.fullmatch(form.pattern, name)
        if match:
            parts = {key: _words(part) for key, part in match.groupdict().items()}
            if form.pattern.startswith("days_since_last_"):
                parts["what"] = _NOUNS.get(parts["what"], parts["what"])
            if "days" in parts:
                days = int(parts["days"])
                span = _amount(days, "days") if days > 1 else "a day"
                parts |= {"span": span, "days": span.removeprefix("a "), "twice": _amount(2 * days, "days")}
            return form, parts
    raise AssertionError(name)  # the last pattern matches every name


def _amount(value: float, unit: str) -> str:
    """Return a number as people say it: whole from ten on, else one decimal; shares in percent, many hours in days."""
    if unit == "share":
        return f"{100 * value:.0f} %"
    if unit == "hours" and abs(value) >= 72:
        value, unit = value / 24, "days"
    rounded = (round(value) if abs(value) >= 10 else round(value, 1)) + 0.0  # -0.0 becomes 0.0
    number = f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:.1f}"
    if number == "1" and unit.endswith("s"):
        unit = unit[:-1]
    return f"{number} {unit}".rstrip()


def _words(name: str) -> str:
    return name.replace("_", " ")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
