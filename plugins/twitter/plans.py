"""What X's plans let an app read in a day, and what a day costs. Figures change: each can be typed over. No I/O.

Source: https://docs.x.com/x-api/getting-started/pricing and https://docs.x.com/x-api/fundamentals/rate-limits, August 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tidings import translatable

__all__ = ["PLANS", "PLAN_NAMES", "USUAL_PRICE", "Budget", "budget_of", "price_of"]

USUAL_PRICE = Decimal("5.00")
"""US dollars for 1,000 posts read, pay-per-use, in August 2026. Direct messages and people cost twice as much."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be used in a day (UTC): `calls` to the API, and `reads`, which are posts and messages that X hands out."""

    calls: int
    reads: int


PLANS: Mapping[str, Budget] = {
    "pay_per_use": Budget(calls=5000, reads=2000),
    "free": Budget(calls=90, reads=3),
    "basic": Budget(calls=900, reads=500),
    "pro": Budget(calls=8000, reads=33_000),
    "enterprise": Budget(calls=40_000, reads=1_000_000),
}
PLAN_NAMES: Mapping[str, str] = {
    "pay_per_use": translatable("Pay per use"),
    "free": translatable("Free (older plan)"),
    "basic": translatable("Basic (older plan)"),
    "pro": translatable("Pro (older plan)"),
    "enterprise": translatable("Enterprise"),
}


def budget_of(settings: Mapping[str, Any]) -> Budget:
    """The budget of the plugin's settings: typed figures, else those of the plan."""
    usual = PLANS.get(str(settings.get("plan")), PLANS["pay_per_use"])
    return Budget(
        calls=int(settings.get("calls_per_day") or usual.calls), reads=int(settings.get("reads_per_day") or usual.reads)
    )


def price_of(settings: Mapping[str, Any], reads: int) -> Decimal:
    """What so many reads cost at the price of the settings."""
    try:
        price = Decimal(str(settings.get("price_per_1000") or USUAL_PRICE).replace(",", "."))
    except InvalidOperation:
        price = USUAL_PRICE
    return (price * reads / 1000).quantize(Decimal("0.01"))
