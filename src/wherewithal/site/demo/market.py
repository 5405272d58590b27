"""Prices, exchange rates and demand of the demo: seeded random walks, rounded as people would quote them."""

import math
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random

from wherewithal.site.demo.catalogue import RECIPES, Product, products

FIRST_RATE = Decimal("1.0830")  # dollars for one euro when the story begins
WEEKLY_SWING = 0.006
RATE_SEED = 1999
RATE_WEEKS = 112


def euros(dollars: Decimal) -> Decimal:
    """The same rate the other way round: euros for one dollar, to six places as it is quoted."""
    return (1 / dollars).quantize(Decimal("0.000001"), ROUND_HALF_EVEN)


class Market:
    """What things cost on a day. Asked in the order of the days, it answers the same for the same seed."""

    def __init__(self, random: Random, start: date) -> None:
        self._random = random
        self._start = start
        self._level: dict[str, float] = {product.sku: 1.0 for product in products()}
        self._month = (start.year, start.month)
        self.rates = list(exchange_rates(start))

    def unit_cost(self, product: Product, day: date) -> Decimal:
        """The supplier's price in the supplier's currency: drifts by some per cent a month, upwards on the whole."""
        while self._month < (day.year, day.month):
            self._month = (self._month[0] + self._month[1] // 12, self._month[1] % 12 + 1)
            for sku in self._level:
                self._level[sku] *= 1 + self._random.gauss(0.004, 0.018)
        step = Decimal("0.01") if product.cost >= 5 else Decimal("0.001")
        return (product.cost * Decimal(self._level[product.sku])).quantize(step, ROUND_HALF_EVEN)

    def dollars(self, day: date) -> Decimal:
        """The rate in force on a day: the latest on or before it."""
        return next((rate for on, rate in reversed(self.rates) if on <= day), FIRST_RATE)

    def in_euro(self, cents: int, currency: str, day: date) -> int:
        """Cents of a currency in euro cents, at the rate of the day."""
        if currency == "EUR":
            return cents
        return int((cents * euros(self.dollars(day))).quantize(Decimal(1), ROUND_HALF_EVEN))

    def demand_factor(self, day: date) -> float:
        """Season (people think of water in early summer), growth of a tenth a year, and the mood of the day."""
        season = 1 + 0.22 * math.cos(2 * math.pi * ((day.timetuple().tm_yday - 165) / 365))
        growth = float(1.1 ** ((day - self._start).days / 365))
        return season * growth * self._random.uniform(0.7, 1.3)


def exchange_rates(start: date) -> Iterator[tuple[date, Decimal]]:
    """Week by week, how many dollars one euro buys."""
    random = Random(RATE_SEED)  # its own, so that the rates do not hang on how many orders there were
    level = float(FIRST_RATE)
    for week in range(RATE_WEEKS):
        yield start + timedelta(7 * week), Decimal(level).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
        level *= 1 + random.gauss(0, WEEKLY_SWING)


def weekly_usage() -> dict[str, Decimal]:
    """How much of each item an ordinary week uses up, sold or built in; base units."""
    usage = {product.sku: Decimal(product.weekly_demand) for product in products()}
    for recipe in reversed(RECIPES):  # the recipes go from parts to products
        for sku, qty in recipe.parts:
            usage[sku] += usage[recipe.sku] * Decimal(qty)
    return usage
