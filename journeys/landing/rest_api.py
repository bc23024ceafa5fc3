"""The one door to dlt: its client of REST APIs, which knows paginators, authentication and retries.

Only the client is used, and not dlt's pipelines. A pipeline splits records into columns, coerces their
types and renames their fields; it lands nothing of an extraction that failed at its last page; and a
package that it could not finish stands in the way of every later run. Here each record lands whole, as
the API gave it, through the same log as rows of databases do (`journeys.landing.log`). dlt's telemetry
and its search for settings in files and variables belong to pipelines, and never start.
"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from dlt.common import jsonpath
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.sources.helpers.requests.retry import Client
from dlt.sources.helpers.rest_client.auth import APIKeyAuth, AuthConfigBase, BearerTokenAuth, HttpBasicAuth
from dlt.sources.helpers.rest_client.client import RESTClient
from dlt.sources.rest_api.config_setup import create_paginator

from journeys.config.errors import ConfigError, DataError
from journeys.config.extraction import ApiExtraction, ApiResource
from journeys.landing.marks import Mark


@dataclass(frozen=True)
class Patience:
    """How long an API is waited for.

    Attributes:
        attempts: requests for one page. Tried again are 429, 5xx, timeouts and dropped connections.
        backoff_seconds: the first wait, doubled with each; an API that says Retry-After is obeyed.
        longest_wait_seconds: the longest wait between two attempts.
        timeout_seconds: to connect, and between two pieces of an answer.
    """

    attempts: int = 6
    backoff_seconds: float = 1.0
    longest_wait_seconds: float = 300.0
    timeout_seconds: tuple[float, float] = (10.0, 120.0)


def fetch_pages(
    extraction: ApiExtraction, resource: ApiResource, mark: Mark | None, secret: str | None, patience: Patience
) -> Iterator[list[Any]]:
    """Yield the pages of records of one resource that are as new as `mark`.

    Args:
        extraction: the API.
        resource: which of its lists.
        mark: the latest cursor seen, sent as the resource's parameter; None asks for everything.
        secret: the connection's secret.
        patience: how long it is waited for.

    Raises:
        ConfigError: when the secret cannot be shown in the way that is declared.
        DataError: when the API cannot be reached, refuses, or answers with something else than pages of records.
    """
    client = RESTClient(
        extraction.base_url,
        headers=extraction.headers,
        auth=_authentication(extraction, secret),
        session=_session(extraction.base_url, patience),
        config=RuntimeConfiguration(dlthub_telemetry=False, http_show_error_body=False),
    )
    params: dict[str, Any] = dict(resource.params)
    if resource.cursor and mark is not None:
        params[resource.cursor.parameter] = resource.cursor.format.replace("{}", _sent(mark))
    asked: Any = None
    is_found, count_pages = False, 0
    try:
        for page in client.paginate(
            resource.path,
            params=params,
            paginator=create_paginator(resource.paginator.model_dump(exclude_none=False)),  # type: ignore[arg-type]
            data_selector=resource.data_selector or "$",
        ):
            count_pages += 1
            is_found = is_found or _has_records(resource, page)
            yield list(page)
            following = (page.request.url, repr(page.request.params))
            if following == asked:  # an API whose last page leads to itself
                break
            asked = following
    except requests.RequestException as error:
        raise DataError(_sentence(resource, error, count_pages)) from None
    except (ValueError, TypeError, KeyError) as error:  # dlt's own, which quote the answer: its kind has to do
        raise DataError(
            f"page {count_pages + 1} of {resource.path} is not what 'paginator' says ({type(error).__name__}); "
            "compare it with the API's documentation."
        ) from None
    if not is_found:
        raise DataError(f"no answer of {resource.path} has '{resource.data_selector}'; set 'data_selector' right.")


def _session(base_url: str, patience: Patience) -> requests.Session:
    # The undecorated initializer: the other one looks for settings in files, variables and Airflow.
    client = Client.__new__(Client)
    inspect.unwrap(Client.__init__)(
        client,
        raise_for_status=False,
        request_timeout=patience.timeout_seconds,
        request_max_attempts=patience.attempts,
        request_backoff_factor=patience.backoff_seconds,
        request_max_retry_delay=patience.longest_wait_seconds,
    )
    session: requests.Session = client.session
    # Only this address is reached: a page or redirect that leads elsewhere would be shown the secret.
    adapter = session.get_adapter(base_url)
    session.adapters.clear()
    origin = urlsplit(base_url)
    session.mount(f"{origin.scheme}://{origin.netloc}/", adapter)
    return session


def _authentication(extraction: ApiExtraction, secret: str | None) -> AuthConfigBase | None:
    if secret is None:
        return None
    how = extraction.authentication
    if how.kind == "bearer":
        return BearerTokenAuth(token=secret)
    if how.kind == "api_key":
        return APIKeyAuth(name=how.name, api_key=how.prefix + secret)
    user, colon, password = secret.partition(":")
    if not colon:
        raise ConfigError(
            f"the secret of connection '{extraction.connection}' is not user:password, as basic needs it."
        )
    return HttpBasicAuth(username=user, password=password)


def _sent(mark: Mark) -> str:
    if isinstance(mark, datetime):
        return mark.astimezone(UTC).isoformat().replace("+00:00", "Z") if mark.tzinfo else mark.isoformat()
    return mark.isoformat() if isinstance(mark, date) else str(mark)


def _has_records(resource: ApiResource, page: Any) -> bool:
    if resource.data_selector is None:
        answer = page.response.json() if len(page) <= 1 else page
        if isinstance(answer, dict):
            keys = ", ".join(sorted(answer)[:12])
            raise DataError(
                f"the answer of {resource.path} is no list; name the list in 'data_selector' (it has {keys})."
            )
        return True
    # A path with a pattern matches nothing in an empty list.
    is_plain = not set(resource.data_selector) & set("*?:")
    return bool(page) or not is_plain or bool(jsonpath.find_values(resource.data_selector, page.response.json()))


def _sentence(resource: ApiResource, error: requests.RequestException, count_pages: int) -> str:
    """Return what went wrong, without the answer, which may hold anything."""
    came = f" after {count_pages} pages" if count_pages else ""
    status = None if error.response is None else error.response.status_code
    if status in {401, 403}:
        return f"{resource.path} refused the connection's secret ({status}){came}; check it and its rights."
    if status is not None:
        return f"{resource.path} answered {status}{came}; what came before is kept, run again when it is well."
    if isinstance(error, requests.exceptions.InvalidSchema):
        return f"{resource.path} leads to another address than base_url{came}, where the secret must not go."
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return f"{resource.path} answered something else than JSON{came}; check 'path'."
    kind = "did not answer in time" if isinstance(error, requests.Timeout) else "could not be reached"
    return f"{resource.path} {kind}{came}; what came before is kept, run again when it is well."
