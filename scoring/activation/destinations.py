"""From a destination's declaration to its sender."""

from collections.abc import Mapping
from pathlib import Path

from journeys.config.destinations import Destination, WebhookDestination
from scoring.activation.file import FileSender
from scoring.activation.shipment import Sender
from scoring.activation.webhook import WebhookSender
from scoring.activation.wire import Wire


def open_sender(
    name: str, destination: Destination, *, home: Path, environment: Mapping[str, str], wire: Wire
) -> Sender:
    """Return the sender of a declared destination.

    Args:
        name: its name in `journey.yaml`.
        destination: its section.
        home: where relative folders start.
        environment: where its secrets are.
        wire: clock, pauses and resolver for those that use the network.
    """
    if isinstance(destination, WebhookDestination):
        return WebhookSender(name, destination, environment, wire)
    return FileSender(home / destination.folder)
