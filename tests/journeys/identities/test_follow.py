"""Following links one by one: what dissolves, and what is written down of it."""

from journeys.config.identifiers import Identities
from journeys.identities.follow import APART, ENDED, LINKED, Event, broken_rule, follow

KINDS = {0: "user_id", 1: "email", 2: "device_id", 3: "email", 4: "user_id"}
RULES = Identities()


def _event(at: int, kind: str, strong: int, weak: int) -> Event:
    strength = sum(RULES.type_of(KINDS[node]).priority for node in (strong, weak))
    return Event(at, strength, strong, weak, kind)


def test_a_link_that_ends_parts_what_it_joined() -> None:
    """Only those move whose customer changes, each with the reason."""
    events = [_event(1, LINKED, 0, 1), _event(2, LINKED, 1, 2), _event(5, ENDED, 1, 2)]
    history = follow(KINDS, events, RULES)
    assert history.changes == [
        (1, 1, 0, "link:user_id-email"),
        (2, 2, 0, "link:email-device_id"),
        (2, 5, 2, "shared:device_id"),
    ]
    assert [merge[:2] for merge in history.merges] == [(0, 1), (0, 2)]


def test_another_way_keeps_them_together() -> None:
    """Where another link joins the same, nothing changes and no merge is told again."""
    events = [_event(1, LINKED, 0, 1), _event(2, LINKED, 1, 2), _event(3, LINKED, 0, 2), _event(5, ENDED, 1, 2)]
    history = follow(KINDS, events, RULES)
    assert max(at for _, at, _, _ in history.changes) == 2
    assert len(history.merges) == 2


def test_a_refused_link_is_followed_when_nothing_forbids_it_any_more() -> None:
    """What was refused for a user waits; when that user's link ends, it is followed."""
    events = [_event(1, LINKED, 0, 1), _event(2, LINKED, 4, 1), _event(6, ENDED, 0, 1)]
    history = follow(KINDS, events, RULES)
    assert history.refusals == [(4, 1, "unique:user_id", 2)]
    assert (4, 6, 1, "link:user_id-email") in history.changes
    assert [merge[5] for merge in history.merges] == [1, 6]


def test_apart_is_written_down_once() -> None:
    """Two put apart: the link between them is refused from then on."""
    events = [_event(1, LINKED, 1, 3), _event(4, APART, 1, 3)]
    history = follow(KINDS, events, RULES)
    assert history.refusals == [(1, 3, "apart", 4)]
    assert history.changes[-1] == (3, 4, 3, "apart")


def test_broken_rule() -> None:
    """References count for nothing; the size is looked at first."""
    assert broken_rule({"user_id": 1, "zendesk_ticket_id": 500}, RULES) is None
    assert broken_rule({"user_id": 2}, RULES) == "unique:user_id"
    assert broken_rule({"email": 6}, RULES) == "limit:email"
    assert broken_rule({"anonymous_id": 51}, RULES) == "max_component"
