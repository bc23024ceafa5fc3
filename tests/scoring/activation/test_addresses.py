"""Which addresses a message may go to."""

import socket

import pytest

from journeys.config.errors import DestinationError
from scoring.activation.addresses import checked_address, resolve_host


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "localhost",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:10.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
    ],
)
def test_addresses_that_are_not_public_are_refused(host: str) -> None:
    """Every way of writing a loopback, private, link-local or multicast address is refused."""
    with pytest.raises(DestinationError, match="not a public one"):
        checked_address(f"https://{host}/hook", allow_private=False, resolve=resolve_host)


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "0.0.0.0", "[::]", "224.0.0.1", "[ff02::1]"]
)
def test_some_are_refused_even_with_the_permission(host: str) -> None:
    """The permission opens loopback and private networks, not link-local, unspecified or multicast addresses."""
    with pytest.raises(DestinationError, match="not a public one"):
        checked_address(f"http://{host}/hook", allow_private=True, resolve=resolve_host)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.1", "192.168.1.1"])
def test_private_ones_with_the_permission(host: str) -> None:
    """Loopback and private networks may be used where journey.yaml permits them, unencrypted too."""
    assert checked_address(f"http://{host}/hook", allow_private=True, resolve=resolve_host) == host.strip("[]")


def test_every_address_behind_a_name_is_checked() -> None:
    """One private address among the public ones is enough to refuse."""
    with pytest.raises(DestinationError, match=r"10\.0\.0\.1, which is not a public one"):
        checked_address(
            "https://crm.example.com", allow_private=False, resolve=lambda *_: ["93.184.216.34", "10.0.0.1"]
        )


def test_the_checked_address_is_the_one_to_use() -> None:
    """The name is resolved once, so that it cannot lead elsewhere at the second question."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    found = checked_address("https://crm.example.com", allow_private=False, resolve=lambda *_: next(answers))
    assert found == "93.184.216.34"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://crm.example.com/hook", "unencrypted"),
        ("ftp://crm.example.com", "no web address"),
        ("crm.example.com/hook", "no web address"),
        ("https://user:secret@crm.example.com", "must not hold a password"),
    ],
)
def test_unusable_addresses(url: str, sentence: str) -> None:
    """What is no encrypted web address is refused with a sentence that repeats no password."""
    with pytest.raises(DestinationError, match=sentence) as error:
        checked_address(url, allow_private=False, resolve=lambda *_: ["93.184.216.34"])
    assert "secret" not in str(error.value)


def test_unknown_host() -> None:
    """A host that nobody knows is one sentence."""

    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(DestinationError, match=r"The host crm\.invalid is not known"):
        checked_address("https://crm.invalid", allow_private=False, resolve=unknown)
