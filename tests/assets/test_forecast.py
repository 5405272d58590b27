"""Forecasts: the plain one, and what if."""

import datetime
from decimal import Decimal

import pytest
from tests.assets.conftest import STRAIGHT, Firm, day

from wherewithal.assets import services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit.errors import Refused


def years(firm: Firm, through: str, **scenario: object) -> list[tuple[int, int, int, int]]:
    """(year, charge, net book value, cash) over all classes."""
    rows = services.forecast(
        company_id=firm.company_id, actor_id=None, through_on=day(through), by="year", **scenario  # type: ignore[arg-type]
    )  # fmt: skip
    found: dict[int, list[int]] = {}
    for row in rows:
        cell = found.setdefault(row.to_on.year, [0, 0, 0])
        cell[0] += row.charge
        cell[1] += row.carrying
        cell[2] += row.cash
    return [(year, *cell) for year, cell in sorted(found.items())]  # type: ignore[misc]


def test_what_the_years_will_cost(firm: Firm) -> None:
    """6,000.00 over five years from January 2026, run through June: 100.00 a month."""
    truck = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-06-30")
    assert years(firm, "2028-12-31") == [
        (2026, 60_000, 480_000, 0),
        (2027, 120_000, 360_000, 0),
        (2028, 120_000, 240_000, 0),
    ]
    before = firm.counts()
    # what if it is kept two more years: 5,400 over 54 + 24 months from July 2026
    longer = EventDraft(
        "estimate_change",
        day("2026-07-01"),
        asset_id=truck,
        values={"terms": STRAIGHT | {"life_months": "78"}},
    )
    assert years(firm, "2027-12-31", events=[longer])[1][1] == 83_077
    # and if another one is bought for 1,200 in January 2027 and this one sold for 3,000 in July 2027
    scenario = {
        "assets": [AssetDraft("New", "MACH")],
        "events": [
            EventDraft("acquisition", day("2027-01-01"), asset_no=0, values={"cost": Decimal(1200)}),
            EventDraft("in_service", day("2027-01-01"), asset_no=0),
            EventDraft(
                "disposal", day("2027-07-01"), asset_id=truck, values={"how": "sale", "proceeds": 3000}
            ),
        ],
    }
    assert years(firm, "2028-12-31", **scenario) == [
        (2026, 60_000, 480_000, 0),
        (2027, 60_000 + 24_000, 96_000, -120_000 + 300_000),
        (2028, 24_000, 72_000, 0),
    ]
    assert firm.counts() == before


def test_at_most_ten_years(firm: Firm) -> None:
    firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    with pytest.raises(Refused):
        years(firm, str(datetime.date(2040, 1, 1)))


def test_pools_lie_ahead_as_well(firm: Firm) -> None:
    """10,000 in the main pool of the United Kingdom at 18 %; what if an asset of 4,000 is sold for 2,000 in 2025."""
    plant = {"": {"pack": "uk", "pack_class": "plant"}}
    firm.buy("6000.00", "2023-02-01", service="2023-02-01", terms=plant)
    lathe = firm.buy("4000.00", "2023-02-01", service="2023-02-01", terms=plant)
    firm.run("2024-12-31")
    assert years(firm, "2025-12-31") == [(2025, 121_032, 551_368, 0)]
    sale = EventDraft(
        "disposal", day("2025-05-01"), asset_id=lathe, values={"how": "sale", "proceeds": Decimal(2000)}
    )
    before = firm.counts()
    # (6,724 - 2,000) by 18 %
    assert years(firm, "2025-12-31", events=[sale]) == [(2025, 85_032, 387_368, 200_000)]
    assert firm.counts() == before
    firm.record(sale)
    assert years(firm, "2025-12-31") == [(2025, 85_032, 387_368, 200_000)]
