"""The pen and the die of the story of assets."""

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from wherewithal.core.depreciation.calendar import add_months
from wherewithal.site.demo.desk import Desk, at
from wherewithal.site.demo.equipment import GAAP, IFRS, Equipment
from wherewithal.site.demo.plan import Asset, AssetBatch, AssetEvent

PREFIXES = {
    "LAND": "LA", "BLDG": "BU", "MACH": "MA", "TOOL": "TO", "VEH": "VE", "FURN": "FU", "IT": "IT", "SOFT": "SW",
    "INTANG": "IN", "ROU": "RU", "AUC": "UC",
}  # fmt: skip


class Owner:
    """Writes the story into the desk's steps; knows which tags are taken."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = Random(seed)
        self.tags: dict[str, int] = {}

    def write(
        self, on: date, clock: str, key: str, *events: AssetEvent, assets: tuple[Asset, ...] = ()
    ) -> None:
        """Enter what happened, unless the story is over by then."""
        if on <= self.desk.today and all(event.on <= on for event in events):
            self.desk.steps.append(AssetBatch(at(on, clock), "accountant", key, assets, events))

    def tag(self, asset_class: str) -> str:
        self.tags[asset_class] = self.tags.get(asset_class, 0) + 1
        return f"{PREFIXES[asset_class]}-{self.tags[asset_class]:04}"

    def euros(self, kind: Equipment) -> Decimal:
        return Decimal(self.random.randint(kind.low, kind.high) // 10 * 10).quantize(Decimal("0.01"))

    def asset(self, kind: Equipment, name: str = "", **more: Any) -> Asset:
        terms = {"residual_percent": kind.residual_percent} if kind.residual_percent != "0" else {}
        return Asset(
            tag=self.tag(kind.asset_class),
            name=name or kind.name,
            asset_class=kind.asset_class,
            place=kind.place,
            centre=kind.centre,
            supplier=kind.supplier,
            serial_no=f"{self.random.randrange(10**8):08}" if kind.supplier else "",
            terms=dict.fromkeys((IFRS, GAAP), terms) if terms else {},
            **more,
        )

    def month(self, number: int) -> date:
        """The first day of a month of the story."""
        return add_months(self.desk.start, number)
