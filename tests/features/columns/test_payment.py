"""What was paid."""

from typing import Any

from features.columns import payment
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch


def test_amounts(engine: Any) -> None:
    """Transactions are summed over 90 days; the journey's amount is its largest, missing where none is named."""
    touches = [
        Touch("a", "buy", 0, amount=100.0),
        Touch("a", "buy", 1_000, amount=7.5),
        Touch("a", "buy", 1_001),
        Touch("a", "use", 1_002, amount=3.0),
        Touch("a", "use", 1_003, amount=4.0),
    ]
    functions = (payment.count_transactions_90d, payment.journey_amount, payment.transactions_90d_amount)
    assert values_of(engine, touches, 2_400, *functions) == [2, 4.0, 7.5]
    assert values_of(engine, [Touch("a", "use", 0)], 1, *functions) == [0, None, 0.0]
