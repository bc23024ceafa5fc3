import pytest

from journeys.touchpoints.masking import mask_text
from tests.journeys.sources.drawn import evaluate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to ann@example.org.", "write to [email]."),
        ("call +49 30 123456, or 030 1234567", "call [phone], or [phone]"),
        ("call 0049 30 123456", "call [phone]"),
        ("call (030) 123 45 67", "call [phone]"),
        ("call 555-123-4567", "call [phone]"),
        ("card 4111 1111 1111 1111 please", "card [number] please"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN [account]"),
        ("IBAN DE89370400440532013000", "IBAN [account]"),
        ("ticket 1234567", "ticket [number]"),
        ("order 4711, 3 items for 12.50 on 2026-03-01", "order 4711, 3 items for 12.50 on 2026-03-01"),
        ("", ""),
        (None, None),
    ],
)
def test_mask_text(engine, text, expected):
    """Addresses, phone numbers, accounts and long numbers become their kind; short numbers and dates stay."""
    assert evaluate(engine, [text], mask_text) == [expected]
