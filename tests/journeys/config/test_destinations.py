import pytest

from journeys.config.destinations import FileDestination, WebhookDestination
from journeys.config.errors import ConfigError
from journeys.config.journey_yaml import parse_config
from tests.journeys.config.drawn import shop_with


def test_types_have_their_own_settings() -> None:
    """A file destination and a webhook are told apart by `type`; neither sends more than is said."""
    raw = shop_with("destinations.hook", {"type": "webhook", "url": "https://crm.example", "secret_env": "CRM_SECRET"})
    found = parse_config(raw).destinations
    assert isinstance(found["crm"], FileDestination)
    assert found["crm"].tables == ["at_risk", "hot_leads", "decisions"]
    assert isinstance(found["hook"], WebhookDestination)
    assert found["hook"].tables == ["decisions"]
    assert not found["hook"].allow_private_address


@pytest.mark.parametrize(
    ("destination", "sentence"),
    [
        ({"type": "fax"}, "destinations.crm: Input tag 'fax' found using 'type' does not match any of"),
        ({"type": "webhook", "url": "https://crm.example"}, "destinations.crm.secret_env: Field required"),
        (
            {"type": "file", "folder": "crm", "secret": "whsec"},
            "destinations.crm.secret: 'secret' is not a setting here; known: folder, identifier, tables, type",
        ),
    ],
)
def test_wrong_destinations(destination: dict[str, str], sentence: str) -> None:
    """A type that does not exist, a missing setting and a foreign one are each named where they stand."""
    with pytest.raises(ConfigError) as raised:
        parse_config(shop_with("destinations.crm", destination))
    assert sentence in str(raised.value)
