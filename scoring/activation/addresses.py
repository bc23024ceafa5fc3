"""Which network addresses a message may go to."""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from journeys.config.errors import DestinationError

Resolve = Callable[[str, int], list[str]]
"""Takes a host and a port, returns the addresses behind it."""

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system's resolver gives them.

    Raises:
        OSError: when the name is not known.
    """
    found = socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def checked_address(url: str, *, allow_private: bool, resolve: Resolve) -> str:
    """Return an address behind `url` that may be connected to; the caller must connect to that very one.

    Every address behind the name is checked, as it may be any of them that answers. Link-local,
    multicast and unspecified addresses are refused always, since cloud machines keep their
    credentials there; loopback and private ones unless `allow_private`.

    Raises:
        DestinationError: when the address is not usable, not known or not permitted.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise DestinationError(f"'{url}' is no web address; write it as in https://crm.example.com/hooks.")
    if parts.username or parts.password:
        raise DestinationError("A webhook's address must not hold a password; the signature proves who sends.")
    try:
        found = resolve(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
    except (OSError, UnicodeError) as error:
        msg = f"The host {parts.hostname} is not known ({error}); check the address under destinations."
        raise DestinationError(msg) from error
    addresses = [_unwrapped(ip_address(text)) for text in found]
    for address in addresses:
        is_near = address.is_loopback or (address.is_private and not address.is_link_local)
        if not (_is_public(address) or (allow_private and is_near and not address.is_unspecified)):
            msg = (
                f"The webhook host {parts.hostname} leads to the address {address}, which is not a public one; "
                "if that is meant, set allow_private_address (loopback and private networks only)."
            )
            raise DestinationError(msg)
    if parts.scheme == "http" and any(_is_public(address) for address in addresses):
        raise DestinationError(f"Messages to {parts.hostname} would travel unencrypted; use an https address.")
    return found[0]


def _is_public(address: Address) -> bool:
    return address.is_global and not address.is_multicast


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 one that stands for it (mapped, 6to4, NAT64)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
