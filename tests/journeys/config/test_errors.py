import pytest

from journeys.config.errors import nearest


@pytest.mark.parametrize(
    ("name", "known", "clause"),
    [
        ("catalgo", ["catalog", "cart"], "did you mean catalog?"),
        ("CATALOG", ["Catalog", "cart"], "did you mean Catalog?"),
        ("stage_a", ["stage_b", "stage_c", "cart"], "did you mean stage_c or stage_b?"),
        ("home", ["Page Viewed: Home", "Page Viewed: Blog"], "did you mean Page Viewed: Home?"),
        ("a", ["Page Viewed: Home"], "known: Page Viewed: Home"),
        ("zzz", ["catalog", "cart"], "known: cart, catalog"),
        ("zzz", [], "nothing is known by that name"),
        ("zzz", [f"n{number:02}" for number in range(13)], f"known: {', '.join(f'n{n:02}' for n in range(12))}, ..."),
    ],
)
def test_nearest(name: str, known: list[str], clause: str) -> None:
    """The nearest names are proposed; where none is near, what is known is listed, twelve at most."""
    assert nearest(name, known) == clause
