"""Hypothesis' journeys: few names and few customers, so that repeats, ties and small cells are common."""

from hypothesis import strategies as st

from tests.journeys.insights.drawn import Drawn


@st.composite
def drawn_journeys(draw: st.DrawFn) -> list[Drawn]:
    """Draw up to forty journeys of up to 25 customers over four touchpoints."""
    journeys = []
    for _ in range(draw(st.integers(1, 40))):
        names = draw(st.lists(st.sampled_from("abcx"), min_size=1, max_size=7))
        waits = draw(st.lists(st.integers(0, 3), min_size=len(names), max_size=len(names)))
        hours = [float(sum(waits[: place + 1])) for place in range(len(names))]
        customer = f"c{draw(st.integers(1, 25))}"
        kind = draw(st.sampled_from(["positive", "negative", "neutral", "open"]))
        journeys.append(Drawn(customer, list(zip(names, hours, strict=True)), kind))
    return journeys
