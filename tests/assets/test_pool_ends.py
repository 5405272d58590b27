"""A business ends, and with it its pools: what is left is lost, or charged, in that year, and nothing else is claimed."""

from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import Firm, day
from tests.assets.test_pool_posting import (
    CLASS_8,
    COMPUTER,
    PLANT,
    SPECIAL,
    carried,
    claiming,
    pools,
    proven,
)

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit.errors import Refused


def test_the_final_period_of_a_pool(firm: Firm) -> None:
    """Capital Allowances Act 2001, s.55(4), s.56(7), s.65(1): no writing-down allowance but a balancing allowance in the
    period in which the activity ends; s.38B and s.46(2), exclusion 1: nothing is claimed at once in it.

    10,000 of 2023, 18 % = 1,800: 8,200 goes on. In 2024 2,000 are bought with a claim to AIA; sold for 5,000 and 1,500:
    8,200 + 2,000 - 6,500 = 3,700.
    """
    firm.book("tax")
    old = firm.buy("10000.00", "2023-05-01", service="2023-05-01", terms={"tax": PLANT})
    new = firm.buy("2000.00", "2024-02-01", service="2024-02-01", terms={"tax": claiming(PLANT, "aia")})
    firm.event("disposal", old, "2024-05-20", how="sale", proceeds=Decimal(5000))
    firm.event("disposal", new, "2024-05-31", how="sale", proceeds=Decimal(1500))
    firm.run("2024-12-31", "tax")
    # going on: 2,000 at once; (8,200 - 6,500) x 18 %
    assert pools(firm)["2024-12-31", "first year"] == 200_000
    assert pools(firm)["2024-12-31", "allowance"] == 30_600
    end = EventDraft("pool_end", day("2024-05-31"), asset_id=new, book="tax")
    (told,) = [book for book in firm.preview(end) if book.code == "tax"]
    assert sum(row.amount for row in told.rows) != 0
    before = firm.balance("depreciation_expense", "tax")
    event = firm.event("pool_end", new, "2024-05-31", book="tax")
    found = pools(firm)
    assert found["2024-12-31", "lost"] == 370_000
    assert ("2024-12-31", "first year") not in found
    assert ("2024-12-31", "allowance") not in found
    assert carried(firm) == 0
    assert firm.run("2025-12-31", "tax").total == 0
    proven(firm)
    firm.event("reversal", new, "2024-05-31", of_event_id=event)
    assert firm.balance("depreciation_expense", "tax") == before + 25_092  # 1,394 x 18 % in 2025
    proven(firm)


def test_what_is_sold_after_the_end_is_income_and_other_pools_go_on(firm: Firm) -> None:
    """The main pool of 1,800 ends with an asset in it, sold in the year after for 500; the special pool stays: 6 %."""
    firm.book("tax")
    main = firm.buy("10000.00", "2023-05-01", service="2023-05-01", terms={"tax": PLANT})
    firm.buy("1000000.00", "2023-05-01", service="2023-05-01", terms={"tax": SPECIAL})
    firm.event("pool_end", main, "2024-06-30")
    firm.run("2024-12-31", "tax")
    assert pools(firm)["2024-12-31", "lost"] == 820_000
    assert (firm.nbv(main, "tax"), carried(firm)) == (0, 88_360_000)
    firm.event("disposal", main, "2025-03-01", how="sale", proceeds=Decimal(500))
    firm.run("2025-12-31", "tax")
    assert pools(firm)["2025-12-31", "charge"] == 50_000
    proven(firm)


def test_every_pool_of_the_book_ends_with_one_event(firms: Any) -> None:
    """Two pools of the United Kingdom; a block of India (s.50 of the Income-tax Act 1961: the loss is of the block) and a
    class of Canada (subsection 20(16): terminal loss), which end by the same event though assets are left in them."""
    firm = firms()
    firm.book("tax")
    one = firm.buy("10000.00", "2023-05-01", service="2023-05-01", terms={"tax": PLANT})
    firm.buy("1000000.00", "2023-05-01", service="2023-05-01", terms={"tax": SPECIAL})
    # also if it is this book alone that hears so
    for said in ({"all_pools": True}, {"by_book": {"tax": {"all_pools": True}}}):
        end = firm.event("pool_end", one, "2024-06-30", **said)
        firm.run("2024-12-31", "tax")
        assert pools(firm)["2024-12-31", "lost"] == 820_000 + 94_000_000
        assert carried(firm) == 0
        proven(firm)
        firm.event("reversal", one, "2024-06-30", of_event_id=end)
    for terms, lost in ((COMPUTER, 60_000), (CLASS_8, 90_000)):
        other = firms()
        other.book("tax")
        asset = other.buy("1000.00", "2022-02-01", service="2022-02-01", terms={"tax": terms})
        other.run("2022-12-31", "tax")
        assert other.nbv(asset, "tax") == lost  # 40 % of the block; half of 20 % of the class
        other.event("pool_end", asset, "2023-08-31")
        other.run("2023-12-31", "tax")
        assert pools(other)["2023-12-31", "lost"] == lost
        assert carried(other) == 0
        proven(other)


def test_only_a_pool_can_end(firm: Firm) -> None:
    firm.book("tax")
    asset = firm.buy("1000.00", "2024-01-01", service="2024-01-01", terms={"": {"method": "none"}})
    before = firm.counts()
    with pytest.raises(Refused) as refused:
        firm.event("pool_end", asset, "2024-05-31")
    assert [(p.field, p.rule) for p in refused.value.problems] == [("kind", "pool")]
    assert firm.counts() == before
    # nor that of an asset which is in none yet
    served, waits = (
        firm.buy("1000.00", "2024-01-01", service=on, terms={"tax": PLANT}) for on in ("2024-02-01", None)
    )
    before = firm.counts()
    for asset, on in ((served, "2024-01-31"), (waits, "2024-05-31")):
        with pytest.raises(Refused) as refused:
            firm.event("pool_end", asset, on, book="tax")
        assert [(p.field, p.rule) for p in refused.value.problems] == [("effective_on", "after_service")]
    assert firm.counts() == before
    # what was taken of an asset in a pool is in it too
    split = EventDraft("part_out", day("2024-03-01"), asset_id=served, values={"weights": [1, 2]})
    taken = EventDraft("part_in", day("2024-03-01"), asset_no=0, of_no=0)
    half = AssetDraft("Half", "MACH", terms={"tax": PLANT})
    firm.event("pool_end", firm.record(split, taken, assets=[half]).asset_ids[0], "2024-05-31", book="tax")
    firm.run("2024-12-31", "tax")
    # what waits outside stays, and what is depreciated by no method
    assert (carried(firm), firm.nbv(waits, "tax")) == (200_000, 100_000)


def test_after_the_last_charged_year_only_the_assets_of_the_event_are_read(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What moves on its own day is known from what is booked; the rest of the pool is asked for older days alone."""
    firm.book("tax")
    one = firm.buy("10000.00", "2023-05-01", service="2023-05-01", terms={"tax": PLANT})
    firm.buy("6000.00", "2023-05-01", service="2023-05-01", terms={"tax": SPECIAL})
    firm.run("2024-12-31", "tax")
    with monkeypatch.context() as patched:
        patched.setattr("wherewithal.assets.services.posting.pools.read_pools", _nobody_asks)
        firm.event("cost_addition", one, "2025-02-01", amount=Decimal(1000))
        part = firm.event(
            "partial_disposal", one, "2025-03-01", how="sale", share="1/4", proceeds=Decimal(500)
        )
        # 3,276 were deducted of 10,000; a quarter of it goes with a quarter of 11,000
        assert pools(firm, asset_id=one)["2025-03-01", "retired"] == 81_900
        firm.event("reversal", one, "2025-03-01", of_event_id=part)
        new = firm.buy("700.00", "2025-04-01", service="2025-04-01", terms={"tax": PLANT})
        firm.event("disposal", new, "2025-05-01", how="scrap")
        firm.event("disposal", one, "2025-06-01", how="sale", proceeds=Decimal(2000))
        with pytest.raises(AssertionError):
            firm.run("2025-12-31", "tax")
    proven(firm)
    firm.run("2025-12-31", "tax")
    proven(firm)


def _nobody_asks(*_given: Any, **_named: Any) -> None:
    raise AssertionError("all pools of the book were asked for")
