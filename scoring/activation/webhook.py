"""Destination `webhook`: one signed message a changed row (Standard Webhooks)."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

import httpx
from standardwebhooks import Webhook

from journeys.config.destinations import WebhookDestination
from journeys.config.errors import ConfigError, DestinationError
from scoring.activation.addresses import checked_address
from scoring.activation.ledger import Delivery, Ledger
from scoring.activation.messages import message, message_id
from scoring.activation.shipment import Receipt, Shipment
from scoring.activation.wire import Wire

ATTEMPTS_A_PUSH = 5
"""Requests for one message in one push; the rest of them waits for the next push."""
ATTEMPTS_IN_ALL = 15
"""After so many requests over all pushes a message is given up (`dead`)."""
FAILURES_IN_A_ROW = 3
"""So many messages unanswered one after the other mean that the receiver is down: the push stops."""
LONGEST_WAIT_SECONDS = 120.0
"""A receiver that asks for a longer pause is asked again by the next push."""
LARGEST_BYTES = 20_000

_TIMEOUT = httpx.Timeout(15.0, connect=10.0)


@dataclass(frozen=True)
class _Answer:
    """What came back: a status, or the reason why none did."""

    text: str
    status: int | None = None
    request_id: str | None = None
    retry_after: str | None = None
    may_have_arrived: bool = False

    @property
    def is_passing(self) -> bool:
        """Whether the receiver may answer differently a little later."""
        return self.status is not None and (self.status in {408, 425, 429} or self.status >= 500)


class WebhookSender:
    """Sends each change as one message; what was accepted is marked at once, so a stopped push goes on where it stood.

    Args:
        name: name of the destination.
        settings: its section of `journey.yaml`.
        environment: where the signing secret is, under `settings.secret_env`.
        wire: clock, pauses and resolver.

    Raises:
        ConfigError: where the secret is missing or is none.
    """

    def __init__(self, name: str, settings: WebhookDestination, environment: Mapping[str, str], wire: Wire) -> None:
        self._name = name
        self._settings = settings
        self._wire = wire
        self._signer = _signer(name, settings.secret_env, environment)

    def push(self, shipment: Shipment, ledger: Ledger) -> Receipt:
        """Write the changes into the ledger, send them one by one, and mark each.

        Raises:
            DestinationError: where the address is not permitted, the receiver cannot be reached, or refuses
                all messages; what was accepted before stays marked, the rest stays for the next push.
        """
        shipment = shipment.without_held_out()
        deliveries = shipment.plan.deliveries
        if not deliveries:
            return Receipt()
        address = checked_address(
            self._settings.url, allow_private=self._settings.allow_private_address, resolve=self._wire.resolve
        )
        ledger.put(delivery for delivery in deliveries if delivery.attempts == 0)
        states: list[str] = []
        failures = 0
        with httpx.Client(
            timeout=_TIMEOUT, follow_redirects=False, trust_env=False, verify=self._wire.certificates
        ) as client:
            for delivery in deliveries:
                outcome = self._deliver(client, address, delivery, shipment)
                ledger.put([outcome])
                states.append(outcome.state)
                failures = failures + 1 if outcome.state in {"pending", "sent", "dead"} else 0
                if failures == FAILURES_IN_A_ROW:
                    left = len(deliveries) - states.count("delivered") - states.count("rejected")
                    raise self._error(
                        f"did not answer {FAILURES_IN_A_ROW} messages in a row ({outcome.response_id}); "
                        f"{left} changes are left for the next push"
                    )
        left = len(states) - states.count("delivered") - states.count("rejected")
        notes = []
        if states.count("rejected"):
            notes.append(
                f"Destination {self._name} refused {states.count('rejected')} messages for their content; the ledger says which."
            )
        if left:
            notes.append(f"Destination {self._name} did not accept {left} messages; the next push sends them again.")
        return Receipt(states.count("delivered"), states.count("rejected"), left, notes=tuple(notes))

    def _deliver(self, client: httpx.Client, address: str, delivery: Delivery, shipment: Shipment) -> Delivery:
        """Send one change until it is answered or its attempts are used up; return its new row of the ledger."""
        body = message(delivery, project=shipment.project, identifiers=shipment.identifiers)
        if body is None:
            return replace(delivery, state="rejected", response_id="the identifier was erased")
        if len(body.encode()) > LARGEST_BYTES:
            return replace(delivery, state="rejected", response_id=f"longer than {LARGEST_BYTES} bytes")
        answer = _Answer("was not asked")
        for attempt in range(ATTEMPTS_A_PUSH):
            sent_at = self._wire.clock().astimezone(UTC)
            answer = self._post(client, address, body, message_id(delivery), sent_at)
            delivery = replace(
                delivery,
                attempts=delivery.attempts + 1,
                sent_at=sent_at,
                response_id=answer.text,
                state="sent" if answer.may_have_arrived else delivery.state,
            )
            if answer.status is not None and not answer.is_passing:
                return self._settled(delivery, answer)
            pause = 0.5 * 2**attempt * (1 + self._wire.jitter())
            pause = max(pause, self._asked_pause(answer.retry_after))
            if attempt < ATTEMPTS_A_PUSH - 1:
                self._wire.sleep(pause)
        if answer.status is None and not answer.may_have_arrived:
            raise self._error(f"{answer.text}; start it or mend its address, the next push sends what is left")
        return replace(delivery, state="dead") if delivery.attempts >= ATTEMPTS_IN_ALL else delivery

    def _settled(self, delivery: Delivery, answer: "_Answer") -> Delivery:
        """Return the row of a message that was accepted or refused; raise where all messages would be refused."""
        status = answer.status or 0
        if 200 <= status < 300:
            return replace(delivery, state="delivered", response_id=answer.request_id)
        if status == 410:
            raise self._error("says that it is gone for good (410); remove it from destinations")
        if 300 <= status < 400:
            raise self._error(f"redirects elsewhere ({status}), which is not followed; write the final address")
        if status in {401, 403, 404, 405, 407}:
            raise self._error(f"refuses all messages ({status}); check its address and its signing secret")
        return replace(delivery, state="rejected")

    def _post(self, client: httpx.Client, address: str, body: str, webhook_id: str, at: datetime) -> "_Answer":
        """Post to the very address that was checked, under the name of the host."""
        parts = urlsplit(self._settings.url)
        literal = f"[{address}]" if ":" in address else address
        target = urlunsplit(parts._replace(netloc=f"{literal}:{parts.port}" if parts.port else literal, fragment=""))
        headers = {
            "host": parts.netloc,
            "content-type": "application/json",
            "user-agent": "desirelines",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._signer.sign(webhook_id, at, body),
        }
        request = client.build_request(
            "POST", target, content=body.encode(), headers=headers, extensions={"sni_hostname": parts.hostname}
        )
        try:
            response = client.send(request, stream=True)
            try:
                # A short answer is read so that the connection can be used again; a long one is none of ours.
                if int(response.headers.get("content-length", LARGEST_BYTES)) < LARGEST_BYTES:
                    with suppress(httpx.DecodingError):  # answered all the same
                        response.read()
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return _Answer(f"cannot be reached ({type(error).__name__})")
        except httpx.TransportError as error:
            # The message may have arrived; its id stays the same, so that the receiver can tell.
            return _Answer(f"no answer ({type(error).__name__})", may_have_arrived=True)
        found = response.headers
        status = response.status_code
        return _Answer(f"HTTP {status}", status, found.get("x-request-id"), found.get("retry-after"))

    def _asked_pause(self, retry_after: str | None) -> float:
        """Return the seconds that the receiver asks to wait, as a number or as a date."""
        if not retry_after:
            return 0.0
        try:
            seconds = float(retry_after)
        except ValueError:
            try:
                seconds = (parsedate_to_datetime(retry_after) - self._wire.clock()).total_seconds()
            except (ValueError, TypeError):
                return 0.0
        if not seconds <= LONGEST_WAIT_SECONDS:
            raise self._error(f"asks to wait {seconds:.0f} s; push again after that")
        return max(0.0, seconds)

    def _error(self, what: str) -> DestinationError:
        return DestinationError(f"Destination {self._name} ({urlsplit(self._settings.url).hostname}) {what}.")


def _signer(name: str, secret_env: str, environment: Mapping[str, str]) -> Webhook:
    secret = environment.get(secret_env)
    if not secret:
        msg = f"Destination {name} signs with the secret in the environment variable {secret_env}, which is not set."
        raise ConfigError(msg)
    try:
        return Webhook(secret)
    except Exception as error:
        msg = f"The secret in {secret_env} is no signing secret; it looks like whsec_ and base64 after it."
        raise ConfigError(msg) from error
