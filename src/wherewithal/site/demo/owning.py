"""What happens to the demo company's assets: what was there on the first day, what is bought, used up, let and sold.

A story of its own beside that of the goods, with a die of its own, told month by month. Amounts in euros.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from wherewithal.assets.terms import canonical, parse
from wherewithal.core.depreciation.accrual import accrued
from wherewithal.core.depreciation.calendar import Calendar, add_months
from wherewithal.core.depreciation.terms import Segment
from wherewithal.site.demo import happenings, keeping, settling, upkeep
from wherewithal.site.demo.desk import Desk, at
from wherewithal.site.demo.equipment import (
    COMPONENTS,
    GAAP,
    IFRS,
    OLD_TAX_TERMS,
    TAX,
    TERMS,
    Equipment,
    equipment,
)
from wherewithal.site.demo.owner import Owner
from wherewithal.site.demo.plan import Asset, AssetEvent, Depreciate

BOOKS = (IFRS, GAAP, TAX)
BOUGHT_A_MONTH = (4, 5)
NOT_BOUGHT = ("LAND", "BLDG", "INTANG")
PURCHASES_ENTERED = 20  # day of the month


class _Books(Owner):
    """What comes from the old books, and what every month brings."""

    def begin(self, day: date) -> None:
        """What the books open with, most of it part-way through its life."""
        assets: list[Asset] = []
        events: list[AssetEvent] = []
        for kind in equipment():
            for number in range(kind.count):
                months = 1 + round((12 * kind.oldest - 2) * (number + 1) / kind.count)
                service = add_months(self.desk.start, -months) + timedelta(self.random.randrange(28))
                asset, cost = self.asset(kind), self.euros(kind)
                for one, price in self._with_components(asset, kind, cost):
                    one, event = self._opened(one, price, service)
                    assets.append(one)
                    events.append(event)
        self.write(day, "06:20", "opening", *events, assets=tuple(assets))

    def _with_components(
        self, asset: Asset, kind: Equipment, cost: Decimal
    ) -> Iterator[tuple[Asset, Decimal]]:
        yield asset, cost
        for name, share, months in COMPONENTS if kind.asset_class == "BLDG" else ():
            part = self.asset(kind, f"{kind.name.split(',')[0]}, {name}", parent=asset.tag)
            terms = {"life_months": months}
            yield replace(part, terms={IFRS: terms}), (cost * share / 1000).quantize(Decimal("0.01"))

    def _opened(self, asset: Asset, cost: Decimal, service: date) -> tuple[Asset, AssetEvent]:
        """The asset with the terms of the books that it comes from, and its balances there."""
        values: dict[str, Any] = {"cost": cost, "in_service_on": service}
        if asset.asset_class not in TERMS:
            return asset, AssetEvent("opening", asset.tag, self.desk.start, values)
        rate = self.desk.market.dollars(self.desk.start)
        dollars = (cost * rate).quantize(Decimal("0.01"))
        asset = replace(asset, terms={**asset.terms, TAX: OLD_TAX_TERMS[asset.asset_class]})
        by_book = {code: {"accumulated": self._used_up(asset, code, cost, service)} for code in (IFRS, GAAP)}
        by_book[TAX] = {"cost": dollars, "accumulated": self._used_up(asset, TAX, dollars, service)}
        return asset, AssetEvent("opening", asset.tag, self.desk.start, values, by_book=by_book)

    def _used_up(self, asset: Asset, book: str, cost: Decimal, service: date) -> Decimal:
        """What a book had depreciated by the eve of the first day."""
        defaults = TERMS[asset.asset_class]
        own = asset.terms.get(book, {})
        stated = parse(canonical({**({} if book == TAX else defaults.get(book, defaults[""])), **own}))
        assert stated.terms is not None, "what was there on the first day has no terms from a pack"
        cents = int(cost * 100)
        segment = Segment(
            in_service_on=service, starts_on=service, cost=cents, opening=cents,
            residual=stated.residual_of(cents, 2), terms=stated.terms,
        )  # fmt: skip
        return Decimal(accrued(segment, Calendar(), self.desk.start - timedelta(1))).scaleb(-2)

    def purchases(self, day: date) -> None:
        """What was bought and put to use this month, entered from the bills."""
        kinds = [kind for kind in equipment() if kind.asset_class not in NOT_BOUGHT]
        assets: list[Asset] = []
        events: list[AssetEvent] = []
        for _ in range(self.random.choice(BOUGHT_A_MONTH)):
            kind = self.random.choice(kinds)
            bought = day.replace(day=self.random.randint(2, 12))
            warranty = add_months(bought, 24)
            asset = self.asset(
                kind, reference=f"B-{self.random.randrange(10**5):05}", warranty_until=warranty
            )
            assets.append(asset)
            cost = self.euros(kind)
            events += _bought(asset, bought, bought + timedelta(self.random.randrange(6)), cost)
        self.write(day, "10:40", f"bought {day:%Y-%m}", *events, assets=tuple(assets))

    def run(self, day: date) -> None:
        """Before the month before is closed, its depreciation is posted: in the tax book once a quarter."""
        end_on = day.replace(day=1) - timedelta(1)
        for minute, book in enumerate(BOOKS if end_on.month % 3 == 0 else BOOKS[:-1]):
            self.desk.steps.append(Depreciate(at(day, f"17:{40 + minute}"), "accountant", book, end_on))


def _bought(
    asset: Asset, bought: date, service: date, cost: Decimal, **head: Any
) -> tuple[AssetEvent, AssetEvent]:
    reference = asset.reference
    acquired = AssetEvent(
        "acquisition", asset.tag, bought, {"cost": cost}, party=asset.supplier, reference=reference, **head
    )
    return acquired, AssetEvent("in_service", asset.tag, service)


def tell(desk: Desk, open_days: list[date], seed: int) -> None:
    """All of it, up to the last of the days."""
    owner = _Books(desk, seed)
    owner.begin(open_days[0])
    happenings.tell(owner, open_days)
    for before, day in pairwise(open_days):
        if before.day < PURCHASES_ENTERED <= day.day:
            owner.purchases(day)
        if before.day < keeping.CLOSING_DAY <= day.day and day.replace(day=1) > desk.start:
            owner.run(day)
    upkeep.tell(owner, open_days)
    settling.settle(desk, open_days)
