"""What people write: a few hundred different comments, in words that fit what they feel; some say one thing and mean another."""

from simulator.randomness import Numbers

_OPENINGS = {
    "good": ["I really like", "We are very happy with", "Great work on", "It is a pleasure to use", "Love"],
    "mixed": ["We have a question about", "Not sure yet about", "Some things work and some do not in", "Neutral on"],
    "bad": ["We are frustrated with", "Very disappointed by", "It is annoying to deal with", "Terrible time with"],
}
_THINGS = ["the dashboard", "the data import", "the reports", "the pricing page", "your support", "the set-up"]
_THINGS += ["the sharing of reports", "the search", "the invoices", "the trial", "the automations"]
_ENDINGS = {
    "good": ["it saves us hours every week.", "everything just works.", "the team is delighted.", "thank you!"],
    "mixed": ["we will see how it goes.", "it does what it says.", "please tell us more.", "it is okay."],
    "bad": ["it keeps failing.", "nobody answers us.", "it wastes our time.", "we are close to giving up."],
}
_IRONY = ["Well, that was a wonderful way to lose a morning.", "Brilliant, another error. Just what we needed."]
_GERMAN = {
    "good": ["Wir sind sehr zufrieden, vielen Dank.", "Klasse, es spart uns viel Zeit."],
    "mixed": ["Geht so, wir schauen weiter.", "Wir haben noch eine Frage dazu."],
    "bad": ["Leider sehr ärgerlich, es geht ständig etwas schief.", "Wir sind enttäuscht, niemand antwortet."],
}
_GERMAN_SHARE, _NOISE_SHARE = 0.12, 0.15
_BAD_BELOW, _GOOD_ABOVE = -0.3, 0.4


def comment(feeling: float, uniform: Numbers) -> str:
    """Return a comment of somebody who feels so; four uniform numbers choose the words."""
    kind = "bad" if feeling < _BAD_BELOW else "good" if feeling > _GOOD_ABOVE else "mixed"
    if uniform[0] < _GERMAN_SHARE:
        return _one_of(_GERMAN[kind], uniform[1])
    if uniform[0] < _GERMAN_SHARE + _NOISE_SHARE:
        kind = "mixed"
        if feeling < _BAD_BELOW:
            return _one_of(_IRONY, uniform[1])
    opening, thing = _one_of(_OPENINGS[kind], uniform[1]), _one_of(_THINGS, uniform[2])
    return f"{opening} {thing}, {_one_of(_ENDINGS[kind], uniform[3])}"


def _one_of(texts: list[str], uniform: float) -> str:
    return texts[min(int(uniform * len(texts)), len(texts) - 1)]
