"""Pools are posted by the same run as everything else: what they should say of their assets less what is said.

Figures by hand from published rules; the sources stand with each test.
"""

import contextlib
import random
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import Firm, check_whole, day

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.ledger import services as ledger_services
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
    with db.company_transaction(company_id=firm.company_id):
        span: dict[str, Any] = {
            "book_id": firm.books["tax"],
            "from_on": day("2024-01-01"),
            "to_on": day("2024-12-31"),
        }
        (roll,) = queries.roll_forward(firm.company_id, **span)
        (sold,) = queries.disposals(firm.company_id, **span)
        totals = queries.register_totals(firm.company_id, book_id=firm.books["tax"])
        beside: dict[str, Any] = {
            "book_id": firm.book_id,
            "tax_book_id": firm.books["tax"],
            "rate": Decimal(1),
        }
        bases = {
            by: [row.tax_base for row in queries.compare_books(firm.company_id, by=by, **beside)]
            for by in ("class", "asset")
        }
    # 18 % less of 700, 8,100 and 1,200: what has left is part of the tax base, of its class and of no asset
    assert bases == {"class": [820_000], "asset": [57_400, 664_200, 98_400]}
    # cost 13,200 - 1,200; 3,000 brought forward: what came, what was got, what was charged, what is left
    assert (roll.carrying["additions"], roll.carrying["disposals"], roll.carrying["depreciation"]) == (
        1_020_000,
        -20_000,
        -180_000,
    )
    assert (roll.closing_carrying, totals.carrying) == (820_000, 820_000)
    assert (sold.cost, sold.accumulated, sold.proceeds, sold.gain) == (120_000, 30_000, 20_000, 0)
    services.reverse_run(company_id=firm.company_id, actor_id=None, run_id=run.run_id or 0)
    assert carried(firm) == 1_000_000
    assert pools(firm) == {("2024-06-30", "retired"): 70_000}
    firm.event("reversal", old, "2024-06-30", of_event_id=part)
    assert (pools(firm), carried(firm)) == ({}, 1_020_000)
    proven(firm)


def test_what_is_claimed_at_once_belongs_to_its_asset(firm: Firm) -> None:
    """Capital Allowances Act 2001 s.51A (AIA), s.45O, s.59A (special rate 50 %), s.59C (its disposal): 2024, one company.

    10,000 with full expensing, 8,000 with 50 % (the rest joins the special pool after the year), 5,000 with AIA, and
    2,000 without a claim. Sold in 2025: the fully expensed one for 4,000 (all of it a balancing charge) and the other
    for 3,000 (half of it a charge, half out of the pool).
    """
    firm.book("tax")
    full = firm.buy(
        "10000.00", "2024-02-01", service="2024-02-01", terms={"tax": claiming(PLANT, "full-expensing")}
    )
    half = firm.buy(
        "8000.00", "2024-03-01", service="2024-03-01", terms={"tax": claiming(SPECIAL, "special-50")}
    )
    aia = firm.buy("5000.00", "2024-04-01", service="2024-04-01", terms={"tax": claiming(PLANT, "aia")})
    plain = firm.buy("2000.00", "2024-04-01", service="2024-04-01", terms={"tax": PLANT})
    assert firm.run("2024-12-31", "tax").total == 1_000_000 + 400_000 + 500_000 + 36_000
    assert pools(firm, asset_id=full) == {("2024-12-31", "first year"): 1_000_000}
    assert pools(firm, asset_id=half) == {("2024-12-31", "first year"): 400_000}
    assert pools(firm, asset_id=aia) == {("2024-12-31", "first year"): 500_000}
    assert [firm.nbv(asset, "tax") for asset in (full, half, aia, plain)] == [0, 400_000, 0, 164_000]
    firm.event("disposal", full, "2025-05-01", how="sale", proceeds=Decimal(4000))
    firm.event("disposal", half, "2025-05-01", how="sale", proceeds=Decimal(3000))
    run = firm.run("2025-12-31", "tax")
    # special: 4,000 - 1,500 = 2,500 at 6 % = 150; main: 1,640 at 18 % = 295.20
    assert run.total == 15_000 + 29_520
    assert firm.balance("disposal_gain", "tax") == -400_000 - 150_000
    assert carried(firm) == 235_000 + 134_480
    assert [firm.nbv(asset, "tax") for asset in (full, half, aia, plain)] == [0, 0, 0, 134_480]
    proven(firm)


def test_more_than_the_cost_can_be_deductible(firm: Firm) -> None:
    """Super-deduction (Finance Act 2021 s.9): 130 % of 10,000 in 2022; the asset is down to nothing, not below."""
    firm.book("tax")
    asset = firm.buy(
        "10000.00", "2022-02-01", service="2022-02-01", terms={"tax": claiming(PLANT, "super-deduction")}
    )
    assert firm.run("2022-12-31", "tax").total == 1_300_000
    assert firm.nbv(asset, "tax") == 0
    assert firm.balance("depreciation_expense", "tax") == 1_300_000
    assert firm.balance("retained_earnings", "tax") == -300_000
    proven(firm)


def test_a_single_asset_pool_ends_with_its_asset(firm: Firm) -> None:
    """gov.uk: a pool of one asset of 10,000, half private: 1,800 leave it, 900 are claimed. Sold for 5,000: 3,200 lost,
    half of it deductible (Capital Allowances Act 2001 s.208)."""
    firm.book("tax")
    half = {"private_use": True, "business_use": "0.5", "tax": "income"}
    cars = [
        firm.buy("10000.00", "2024-05-01", service="2024-05-01", terms={"tax": PLANT | {"elections": half}})
        for _ in range(2)
    ]
    assert firm.run("2024-12-31", "tax").total == 2 * 90_000
    assert [firm.nbv(car, "tax") for car in cars] == [820_000, 820_000]
    firm.event("disposal", cars[0], "2025-05-01", how="sale", proceeds=Decimal(5000))
    assert firm.run("2025-12-31", "tax").total == 160_000 + 73_800
    assert [firm.nbv(car, "tax") for car in cars] == [0, 672_400]
    assert carried(firm) == 672_400
    proven(firm)


def test_a_rate_that_changes_in_the_year_is_a_hybrid(firm: Firm) -> None:
    """Special rate 8 % to 6 % on 1 April 2019 (Finance Act 2019 s.31): 90 days and 275 of 365 give 6.50 %, rounded up."""
    firm.book("tax")
    asset = firm.buy("10000.00", "2018-05-01", service="2018-05-01", terms={"tax": SPECIAL})
    assert firm.run("2019-12-31", "tax").total == 80_000 + 59_800
    assert firm.nbv(asset, "tax") == 1_000_000 - 139_800


def test_blocks_of_india(firms: Any) -> None:
    """Income-tax Act s.32, s.43(6), s.50; rule 5: 500,000 + 200,000 + 100,000 (used for less than 180 days) at 15 %:
    112,500. A block of 40,000 (computers) out of which 55,000 is got: 15,000 of gain; of 10,000: a loss of 30,000."""
    firm = firms(currency="INR", country="IN", fiscal_year_start_month=4)
    firm.book("tax")
    plant = {"pack": "in-tax", "pack_class": "plant"}
    old = opened(firm, "900000.00", "400000.00", "2023-04-01", "2020-05-01", plant)
    firm.buy("200000.00", "2023-06-01", service="2023-06-01", terms={"tax": plant})
    late = firm.buy("100000.00", "2023-12-01", service="2023-12-01", terms={"tax": plant})
    computer = opened(firm, "100000.00", "60000.00", "2023-04-01", "2021-05-01", COMPUTER)
    firm.event("disposal", computer, "2023-07-01", how="sale", proceeds=Decimal(55000))
    assert firm.balance("disposal_gain", "tax") == 0
    assert firm.run("2024-03-31", "tax").total == 11_250_000
    assert firm.balance("disposal_gain", "tax") == -1_500_000
    assert carried(firm) == 68_750_000
    # what is got for an asset is got out of the block, even more than it had cost
    firm.event("disposal", late, "2024-05-01", how="sale", proceeds=Decimal(120000))
    firm.run("2025-03-31", "tax")
    assert carried(firm) == round((68_750_000 - 12_000_000) * Decimal("0.85"))
    second = opened(firm, "100000.00", "60000.00", "2024-04-01", "2021-05-01", COMPUTER)
    firm.event("disposal", second, "2024-07-01", how="sale", proceeds=Decimal(10000))
    assert firm.balance("disposal_loss", "tax") == 3_000_000
    assert firm.nbv(second, "tax") == firm.nbv(computer, "tax") == 0
    assert firm.nbv(old, "tax") > 0
    proven(firm)


def test_classes_of_canada(firms: Any) -> None:
    """Class 8, 150,000, half-year rule (a published problem): 15,000, 27,000, 21,600, 17,280. Recapture: 69,120 are
    left when it is sold for 80,000. Terminal loss: 5,000 less half a year's 20 % less 1,000."""
    firm = firms(currency="CAD", country="CA")
    firm.book("tax")
    first = firm.buy("150000.00", "2014-05-01", service="2014-05-01", terms={"tax": CLASS_8})
    charges = [firm.run(f"{year}-12-31", "tax").total for year in range(2014, 2018)]
    assert charges == [1_500_000, 2_700_000, 2_160_000, 1_728_000]
    assert firm.nbv(first, "tax") == 6_912_000
    firm.event("disposal", first, "2018-03-01", how="sale", proceeds=Decimal(80000))
    firm.run("2018-12-31", "tax")
    assert firm.balance("disposal_gain", "tax") == -1_088_000
    assert carried(firm) == 0
    last = firm.buy("5000.00", "2019-01-15", service="2019-01-15", terms={"tax": CLASS_8})
    firm.run("2019-12-31", "tax")
    firm.event("disposal", last, "2020-02-01", how="scrap", proceeds=Decimal(1000))
    firm.run("2020-12-31", "tax")
    assert firm.balance("disposal_loss", "tax") == 350_000
    assert carried(firm) == 0
    # what is got above cost is a gain of the day, and no part of the class
    own = {"pack": "ca", "pack_class": "class-10.1", "elections": {"incentive": False}}
    cars = [firm.buy("50000.00", "2021-05-01", service="2021-05-01", terms={"tax": own}) for _ in range(2)]
    assert firm.run("2021-12-31", "tax").total == 2 * 450_000  # 30,000 count, each car is a class of its own
    assert [firm.nbv(car, "tax") for car in cars] == [2_550_000, 2_550_000]
    proven(firm)


def test_a_pool_of_a_year_goes_on_when_its_assets_go(firm: Firm) -> None:
    """Einkommensteuergesetz § 6 Abs. 2a: 900 in fifths; what is sold changes nothing, what is got for it is income."""
    firm.book("tax")
    terms = {"pack": "de", "pack_class": "movable", "elections": {"low_value": "pool", "life_years": "10"}}
    asset = firm.buy("900.00", "2024-05-01", service="2024-05-01", terms={"tax": terms})
    assert firm.run("2024-12-31", "tax").total == 18_000
    firm.event("disposal", asset, "2025-03-01", how="sale", proceeds=Decimal(300))
    assert firm.balance("disposal_gain", "tax") == -30_000
    assert [firm.run(f"{year}-12-31", "tax").total for year in range(2025, 2030)] == [18_000] * 4 + [0]
    assert (firm.nbv(asset, "tax"), carried(firm)) == (0, 0)
    proven(firm)


STORY: list[tuple[Any, ...]] = [
    ("buy", "2022-03-01", "10000.00", PLANT),
    ("buy", "2022-09-01", "6000.00", claiming(PLANT, "aia")),
    ("buy", "2023-02-01", "4000.00", SPECIAL),
    ("cost_addition", "2023-06-01", 0, {"amount": "1000.00"}),
    ("partial_disposal", "2023-08-01", 0, {"how": "sale", "share": "1/4", "proceeds": "900.00"}),
    ("class_transfer", "2024-02-01", 2, {"class_id": "FLEET"}),
    ("disposal", "2024-06-30", 1, {"how": "sale", "proceeds": "7000.00"}),
    ("disposal", "2025-05-01", 0, {"how": "sale", "proceeds": "15000.00", "costs": "50.00"}),
    ("pool_end", "2025-09-30", 2, {}),
]


def _told(firm: Firm, order: list[int], runs: list[str]) -> dict[tuple[str, str], int]:
    """The story in an order of entry, with runs between; what each account says of each day."""
    firm.book("tax")
    firm.class_("FLEET", terms={"tax": PLANT})
    found: dict[int, int] = {}
    for place, number in enumerate(order):
        kind, on, what, values = STORY[number]
        if kind == "buy":
            found[number] = firm.buy(what, on, service=on, terms={"tax": values})
        else:
            values = {name: firm.classes.get(value, value) for name, value in values.items()}
            firm.event(kind, found[what], on, key=f"{firm.company_id}-{number}", **values)
        if place < len(runs) and runs[place]:
            firm.run(runs[place], "tax")
    firm.run("2025-12-31", "tax")
    proven(firm)
    rows = firm.query(
        "SELECT l.effective_on::text, a.code, sum(l.amount)::bigint FROM ledger_line l JOIN ledger_account a"
        " ON a.id = l.account_id WHERE l.book_id = %s GROUP BY 1, 2 HAVING sum(l.amount) <> 0",
        firm.books["tax"],
    )
    return {(on, code): amount for on, code, amount in rows}


def test_the_order_of_entry_does_not_matter(firms: Any) -> None:
    expected = _told(firms(), [0, 1, 2, 3, 4, 5, 6, 7, 8], [])
    assert expected
    assert (
        _told(firms(), [0, 1, 2, 3, 4, 5, 6, 7, 8], ["2022-12-31", "", "2023-11-30", "", "2024-12-31"])
        == expected
    )
    assert _told(firms(), [1, 0, 2, 8, 5, 6, 3, 4, 7], ["2025-12-31", "", "2025-12-31"]) == expected


def test_a_late_event_posts_the_difference_in_the_open_period(firm: Firm) -> None:
    firm.book("tax")
    asset = firm.buy("10000.00", "2023-02-01", service="2023-02-01", terms={"tax": PLANT})
    firm.run("2024-12-31", "tax")
    assert firm.nbv(asset, "tax") == 672_400
    ledger_services.close_period(
        company_id=firm.company_id,
        actor_id=None,
        book_id=firm.books["tax"],
        end_on=day("2023-12-31"),
        reason="filed",
    )
    told = firm.preview(
        EventDraft("cost_addition", day("2023-03-01"), asset_id=asset, values={"amount": Decimal(1000)})
    )
    (tax,) = [book for book in told if book.code == "tax"]
    assert [(row.effective_on, row.posting_on, row.amount) for row in tax.rows] == [
        (day("2023-03-01"), day("2024-01-01"), 100_000),
        (day("2023-12-31"), day("2024-01-01"), 18_000),
        (day("2024-12-31"), day("2024-12-31"), 14_760),
    ]
    firm.event("cost_addition", asset, "2023-03-01", amount=Decimal(1000))
    assert firm.nbv(asset, "tax") == 739_640  # 11,000 by 18 % twice
    assert firm.nbv(asset, "tax", "2023-12-31") == 902_000
    assert firm.run("2024-12-31", "tax").row_count == 0
    proven(firm)


def test_one_bad_claim_stops_nobody_else(firm: Firm) -> None:
    firm.book("tax")
    good = firm.buy("1000.00", "2022-05-01", service="2022-05-01", terms={"tax": PLANT})
    bad = firm.buy(
        "3000.00", "2022-05-01", service="2022-05-01", terms={"tax": claiming(PLANT, "full-expensing")}
    )
    before = firm.counts()
    told = services.preview_depreciation(
        company_id=firm.company_id, actor_id=None, book_id=firm.books["tax"], through_on=day("2022-12-31")
    )
    assert firm.counts() == before
    assert told.total == 100_000  # a pool of 1,000 may be written off at once
    run = firm.run("2022-12-31", "tax")
    assert [(each.asset_id, each.field, each.rule) for each in run.exceptions] == [
        (bad, "terms.allowance", "granted")
    ]
    assert (firm.nbv(good, "tax"), firm.nbv(bad, "tax")) == (0, 300_000)


def _closing(firm: Firm, on: str) -> int:
    """What the computations carry forward at the end of a year, all pools together."""
    with db.company_transaction(company_id=firm.company_id):
        report = queries.pool_report(
            firm.company_id, book_id=firm.books["tax"], from_on=day(on), to_on=day(on)
        )
    assert report.left_out == ()
    return sum(row.year.closing for row in report.computations)


KINDS = (
    "buy",
    "buy",
    "cost",
    "part",
    "sell",
    "class",
    "split",
    "back",
    "again",
    "wrong",
    "held",
    "end",
    "run",
)
TERMS = [PLANT, SPECIAL, claiming(PLANT, "aia"), claiming(SPECIAL, "special-50"), CLASS_8]


@dataclass
class Luck:
    """A firm to which anything happens: what it has, what was done, what was sold."""

    firm: Firm
    dice: random.Random
    fleet: int
    assets: list[int] = field(default_factory=list)
    done: list[tuple[int, int, str]] = field(default_factory=list)
    sold: list[tuple[int, int]] = field(default_factory=list)

    def happens(self) -> None:
        firm, dice = self.firm, self.dice
        on = str(date(dice.randint(2023, 2026), dice.randint(1, 12), dice.randint(1, 28)))
        what = dice.choice(KINDS) if self.assets else "buy"
        if what == "buy":
            cost = f"{dice.randint(1, 10**6) / 100:.2f}"
            self.assets.append(firm.buy(cost, on, service=on, terms={"tax": dice.choice(TERMS)}))
        elif what == "split":
            made = firm.record(
                EventDraft(
                    "part_out", day(on), asset_id=dice.choice(self.assets), values={"weights": [2, 1]}
                ),
                EventDraft("part_in", day(on), asset_no=0, of_no=0, values={"part": 1}),
                assets=[AssetDraft("Part", "MACH", terms={"tax": PLANT})],
            )
            self.assets += made.asset_ids
        elif what == "back" and self.done:
            event_id, asset, on = self.done.pop(dice.randrange(len(self.done)))
            firm.event("reversal", asset, on, of_event_id=event_id)
        elif what == "again" and self.sold:
            event_id, asset = dice.choice(self.sold)
            self.note("reinstatement", asset, "2026-12-20", of_event_id=event_id)
        elif what == "run":
            firm.run(str(date(dice.randint(2022, 2027), 12, 31)), "tax")
        else:
            self.one(what, dice.choice(self.assets), on)

    def one(self, what: str, asset: int, on: str) -> None:
        dice = self.dice
        sale = {"how": "sale", "proceeds": Decimal(dice.randint(0, 10**6)) / 100}
        if what == "cost":
            self.note("cost_addition", asset, on, amount=Decimal(dice.randint(-20_000, 100_000)) / 100)
        elif what == "part":
            self.note("partial_disposal", asset, on, **sale, share=f"1/{dice.randint(2, 5)}")
        elif what == "sell":
            self.sold.append((self.note("disposal", asset, on, **sale), asset))
        elif what == "class":
            self.note("class_transfer", asset, on, class_id=self.fleet)
        elif what == "held":
            self.note("held_for_sale", asset, on, fair_value_less_costs=Decimal(10**8))
        elif what == "end":
            self.note("pool_end", asset, on, all_pools=dice.random() < 0.5)
        elif what == "wrong":
            rows = self.firm.query(
                "SELECT event_id FROM assets_event WHERE asset_id = %s AND kind = 'in_service'", asset
            )
            served = rows[0][0] if rows else 0
            self.note("error_correction", asset, on, of_event_id=served, book="tax", terms=dice.choice(TERMS))

    def note(self, kind: str, asset: int, on: str, **values: Any) -> int:
        event_id = self.firm.event(kind, asset, on, **values)
        self.done.append((event_id, asset, on))
        return event_id


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_book_carries_what_the_pools_carry_forward(firm: Firm, seed: int) -> None:
    """Random purchases, credits, sales, moves, errors and reversals, entered late and early, with runs between them."""
    firm.book("tax")
    luck = Luck(firm, random.Random(seed), firm.class_("FLEET"))
    for _ in range(40):
        with contextlib.suppress(Refused):
            luck.happens()
    firm.run("2027-12-31", "tax")
    proven(firm)
    for year in ("2023", "2024", "2025", "2026", "2027"):
        assert carried(firm, f"{year}-12-31") == _closing(firm, f"{year}-12-31")
    for role in ("asset_disposal", "asset_transfer_clearing"):
        assert firm.balance(role, "tax") == 0


def test_a_book_filled_later_and_an_account_mapped_anew_have_their_pools(firm: Firm) -> None:
    """18 % of 6,000 after 4,000 were got out of 10,000; on another account since it was mapped."""
    firm.class_("PLANT", terms={"": PLANT})
    asset = firm.buy("4000.00", "2023-02-01", service="2023-02-01", class_code="PLANT")
    firm.buy("6000.00", "2023-02-01", service="2023-02-01", class_code="PLANT")
    firm.event("disposal", asset, "2023-06-01", how="sale", proceeds=Decimal(4000))
    book_id = firm.book("tax")
    given = {"company_id": firm.company_id, "actor_id": None, "book_id": book_id}
    services.fill_book(**given)  # type: ignore[arg-type]
    assert carried(firm) == 600_000
    firm.run("2023-12-31", "tax")
    assert carried(firm) == 492_000
    proven(firm)
    with db.company_transaction(company_id=firm.company_id):
        category = queries.class_by_code(firm.company_id, "PLANT").category_id
    account_id = ledger_services.add_account(
        company_id=firm.company_id,
        actor_id=None,
        code="1525",
        name="Allowances",
        classification="noncurrent_asset",
    )
    role = "accumulated_depreciation"
    services.map_account(**given, account_role=role, account_id=account_id, category_id=category)  # type: ignore[arg-type]
    rows = firm.query("SELECT sum(amount)::bigint FROM ledger_line WHERE account_id = %s", account_id)
    assert rows == [(-108_000,)]
    proven(firm)


def test_cost_that_comes_too_late_for_a_claim_joins_the_pool_without_it(firm: Firm) -> None:
    """Finance Act 2021 s.9: the super-deduction of 130 % ended on 2023-03-31; the main rate is 18 % (CAA 2001 s.56).

    1,000,000 written down 2022: 820,000, 2023: 672,400; 500 joins in 2024: 18 % of 672,900 = 121,122. Class 8 of
    Canada is not touched: 10,000 at half of 20 % in 2022 = 1,000; 1,800; 1,440.
    """
    firm.book("tax")
    claimed = firm.buy(
        "10000.00", "2022-02-01", service="2022-02-01", terms={"tax": claiming(PLANT, "super-deduction")}
    )
    plain = firm.buy("1000000.00", "2022-02-01", service="2022-02-01", terms={"tax": PLANT})
    other = firm.buy("10000.00", "2022-02-01", service="2022-02-01", terms={"tax": CLASS_8})
    firm.run("2022-12-31", "tax")
    assert (firm.nbv(claimed, "tax"), firm.nbv(plain, "tax"), firm.nbv(other, "tax")) == (
        0,
        82_000_000,
        900_000,
    )
    firm.event("cost_addition", claimed, "2024-05-01", amount=Decimal(500))
    run = firm.run("2024-12-31", "tax")
    assert (run.total, run.exceptions) == (14_760_000 + 12_112_200 + 180_000 + 144_000, ())
    assert (carried(firm), firm.nbv(other, "tax")) == (67_240_000 + 50_000 - 12_112_200 + 576_000, 576_000)
    assert _closing(firm, "2024-12-31") == carried(firm)
    proven(firm)


def test_an_asset_without_an_answer_is_left_out_alone(firm: Firm) -> None:
    """From before the rates that the pack knows. What was mistyped by a century is an old one, and stops nothing either.

    18 % of 8,200 and 6,724; 20 % of 9,000 and 7,200; 40 % of 1,000.01, a cent being left of what came
    in 1924.
    """
    firm.book("tax")
    good = firm.buy("10000.00", "2022-02-01", service="2022-02-01", terms={"tax": PLANT})
    other = firm.buy("10000.00", "2022-02-01", service="2022-02-01", terms={"tax": CLASS_8})
    old = firm.buy("500.00", "1990-02-01", service="1990-02-01", terms={"tax": PLANT})
    typed = firm.buy("1000.00", "1924-02-01", service="1924-02-01", terms={"tax": COMPUTER})
    block = firm.buy("1000.00", "2024-02-01", service="2024-02-01", terms={"tax": COMPUTER})
    run = firm.run("2024-12-31", "tax")
    assert [(each.asset_id, each.field, each.rule) for each in run.exceptions] == [
        (old, "terms.main", "known")
    ]
    assert [firm.nbv(each, "tax") for each in (good, other, old, typed, block)] == [
        1_000_000 - 180_000 - 147_600 - 121_032,
        1_000_000 - 100_000 - 180_000 - 144_000,
        50_000,
        1,
        60_000,
    ]
    assert firm.run("2024-12-31", "tax").row_count == 0
    with db.company_transaction(company_id=firm.company_id):
        report = queries.pool_report(
            firm.company_id, book_id=firm.books["tax"], from_on=day("2024-01-01"), to_on=day("2024-12-31")
        )
    assert [each.asset_id for each in report.left_out] == [old]
    assert {(row.pack, row.year.closing) for row in report.computations} == {
        ("ca", 576_000),
        ("in-tax", 60_001),
        ("uk", 551_368),
    }
    proven(firm)
    # sold outside its pool: nothing takes up what it was carried at above its price, and verify says so
    firm.event("disposal", old, "2024-12-01", how="sale", proceeds=Decimal(100))
    assert firm.balance("asset_disposal", "tax") == 40_000
    (check,) = [each for each in verify.run(company_id=firm.company_id).checks if each.findings]
    assert [(check.name, each.expected, each.found) for each in check.findings] == [("pools", "0", "40000")]


def test_a_pack_without_any_answer_keeps_what_is_posted_and_verify_names_it(firm: Firm) -> None:
    firm.book("tax")
    firm.buy("500.00", "1990-02-01", service="1990-02-01", terms={"tax": PLANT})
    other = firm.buy("10000.00", "2022-02-01", service="2022-02-01", terms={"tax": CLASS_8})
    run = firm.run("2022-12-31", "tax")
    assert (run.total, len(run.exceptions), firm.nbv(other, "tax")) == (100_000, 1, 900_000)
    (check,) = [each for each in verify.run(company_id=firm.company_id).checks if each.findings]
    assert [(check.name, each.where) for each in check.findings] == [
        ("pools", "book tax, pools of the pack uk")
    ]
