"""Pools are posted by the same run as everything else: what they should say of their assets less what is said.

Figures by hand from published rules; the sources stand with each test.
"""

from decimal import Decimal
from typing import Any

from tests.assets.conftest import Firm, check_whole, day

from wherewithal.assets import services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.reporting import verify

PLANT = {"pack": "uk", "pack_class": "plant"}
SPECIAL = {"pack": "uk", "pack_class": "integral-features"}
CLASS_8 = {"pack": "ca", "pack_class": "class-8", "elections": {"incentive": False}}
COMPUTER = {"pack": "in-tax", "pack_class": "computer"}


def claiming(terms: dict[str, Any], claim: str) -> dict[str, Any]:
    return terms | {"elections": terms.get("elections", {}) | {"allowance": claim}}


def pools(firm: Firm, *, asset_id: int | None = None) -> dict[tuple[str, str], int]:
    """What the pools say, by day and role, net; of an asset, or of what left (0)."""
    rows = firm.query(
        "SELECT effective_on::text, role, sum(amount)::bigint FROM assets_value WHERE (role BETWEEN 124 AND 128 OR role"
        " IN (240, 241)) AND (%s::bigint IS NULL OR asset_id = %s) GROUP BY 1, 2 HAVING sum(amount) <> 0 ORDER BY 1, 2",
        asset_id,
        asset_id,
    )
    names = {
        124: "allowance",
        125: "first year",
        126: "outside",
        127: "charge",
        128: "lost",
        240: "retired",
        241: "moved",
    }
    return {(on, names[role]): amount for on, role, amount in rows}


def carried(firm: Firm, on: str | None = None) -> int:
    """Cost less depreciation of the book `tax`, from its value rows."""
    rows = firm.query(
        "SELECT coalesce(sum(carrying_amount), 0)::bigint FROM assets_value WHERE book_id = %s"
        " AND (%s::date IS NULL OR effective_on <= %s)",
        firm.books["tax"],
        on,
        on,
    )
    return int(rows[0][0])


def opened(firm: Firm, cost: str, accumulated: str, on: str, since: str, terms: Any) -> int:
    """An asset that was there when the book opened, written down to some part of its cost."""
    values = {"cost": Decimal(cost), "accumulated": Decimal(accumulated), "in_service_on": since}
    draft = EventDraft("opening", day(on), asset_no=0, values=values)
    return firm.record(draft, assets=[AssetDraft("Old", "MACH", terms={"tax": terms})]).asset_ids[0]


def proven(firm: Firm) -> None:
    """verify finds nothing wrong, from the first fact on."""
    check_whole(firm)
    report = verify.run(company_id=firm.company_id, deep=True)
    assert [(r.name, r.findings) for r in report.checks if r.findings] == []


def test_the_main_pool_is_charged_by_a_run_and_what_is_sold_leaves_it(firm: Firm) -> None:
    """HMRC, "Work out what you can claim": 9,000 brought forward + 1,200 - 200 = 10,000; 18 % = 1,800; 8,200 goes on.

    9,000 is what was left of 12,000 when the books opened. Sold in the second year for 200: an asset of 1,000.
    """
    firm.book("tax")
    old = opened(firm, "12000.00", "3000.00", "2024-01-01", "2022-03-01", PLANT)
    firm.buy("1200.00", "2024-05-01", service="2024-05-01", terms={"tax": PLANT})
    part = firm.event("partial_disposal", old, "2024-06-30", how="sale", share="1/10", proceeds=Decimal(200))
    # what left was carried at 900 and brought 200: 700 stay in the pool, nothing is gained or lost
    assert pools(firm) == {("2024-06-30", "retired"): 70_000}
    assert firm.balance("disposal_gain", "tax") == firm.balance("disposal_loss", "tax") == 0
    assert firm.run("2024-11-30", "tax").total == 0
    run = firm.run("2024-12-31", "tax")
    assert (run.total, run.exceptions) == (180_000, ())
    assert carried(firm) == 820_000
    assert firm.balance("depreciation_expense", "tax") == 180_000
    again = firm.run("2024-12-31", "tax")
    assert (again.run_id, again.row_count, again.total) == (None, 0, 0)
    # 8,100 and 1,200 of the assets, 700 of what left: each bears its share of 1,800
    assert pools(firm, asset_id=old)["2024-12-31", "allowance"] == 145_800
    assert pools(firm, asset_id=0)["2024-12-31", "allowance"] == 12_600
    proven(firm)
    services.reverse_run(company_id=firm.company_id, actor_id=None, run_id=run.run_id or 0)
    assert carried(firm) == 1_000_000
    assert pools(firm) == {("2024-06-30", "retired"): 70_000}
    firm.event("reversal", old, "2024-06-30", of_event_id=part)
    assert (pools(firm), carried(firm)) == ({}, 1_020_000)
    proven(firm)
