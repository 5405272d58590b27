"""Reports against figures worked out by hand, on past days and as known at past instants."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import STRAIGHT, Firm, check_whole, day

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.ledger import services as ledger_services
from wherewithal.ledger.services import RateDraft


def ask(firm: Firm, query: Any, **values: Any) -> Any:
    with db.company_transaction(company_id=firm.company_id, read_only=True):
        return query(firm.company_id, **{"book_id": firm.book_id} | values)


def recorded(firm: Firm) -> datetime.datetime:
    """The instant of the latest row."""
    found: datetime.datetime = firm.query("SELECT max(recorded_at) FROM assets_value")[0][0]
    return found


def rates(firm: Firm, currency: str, to_currency: str, *on: tuple[str, str]) -> None:
    drafts = [RateDraft(currency, to_currency, day(text), Decimal(rate)) for text, rate in on]
    ledger_services.set_exchange_rates(company_id=firm.company_id, actor_id=None, rates=drafts)


def months(count: int, **more: str) -> dict[str, dict[str, str]]:
    return {"": STRAIGHT | {"life_months": str(count)} | more}


def test_what_left_with_gain_or_loss(firm: Firm) -> None:
    """A third of a machine sold at a gain, one held for sale and sold at a loss, a lease ended early with a penalty: its
    right of use was consumed through 29 June, 1,200.00 x (5 + 29/30) / 12."""
    machine = firm.buy("6000.00", "2026-01-01", service="2026-01-01", tag="A")
    held = firm.buy("1200.00", "2026-01-01", service="2026-01-01", tag="B")
    firm.class_("ROU", kind="right_of_use")
    lease = {
        "payments": [[f"2026-{month:02}-01", "100.00"] for month in range(1, 13)],
        "ends_on": "2026-12-31",
        "rate": "0",
    }
    begin = EventDraft("lease", day("2026-01-01"), asset_no=0, values=lease)
    (leased,) = firm.record(begin, assets=[AssetDraft("Van", "ROU", tag="C")]).asset_ids
    firm.run("2026-06-30")
    firm.event("lease_change", leased, "2026-06-30", change="termination", penalty=Decimal("30.00"))
    firm.event(
        "partial_disposal", machine, "2026-07-01", how="sale", share="1/3",
        proceeds=Decimal("2000.00"), costs=Decimal("50.00"),
    )  # fmt: skip
    firm.event("held_for_sale", held, "2026-06-30", fair_value_less_costs=Decimal("1000.00"))
    before = recorded(firm)
    firm.event("disposal", held, "2026-08-10", how="sale", proceeds=Decimal("950.00"))
    days = {"from_on": day("2026-06-01"), "to_on": day("2026-08-31")}
    rows = ask(firm, queries.disposals, **days)
    assert [(r.tag, r.how, r.cost, r.accumulated, r.carrying, r.proceeds, r.costs, r.gain) for r in rows] == [
        ("C", "termination", 120_000, 59_667, 60_333, 60_000, 3_000, -3_333),
        ("A", "sale", 200_000, 20_000, 180_000, 200_000, 5_000, 15_000),
        ("B", "sale", 0, 0, 100_000, 95_000, 0, -5_000),
    ]
    assert all(row.gain == row.proceeds - row.costs - row.carrying for row in rows)
    # the column of the roll-forward is their sum
    rolled = ask(firm, queries.roll_forward, **days)
    assert sum(row.cost["disposals"] for row in rolled) == -320_000
    assert sum(row.carrying["disposals"] for row in rolled) == -340_333
    (mach,) = [row for row in rolled if row.class_code == "MACH"]
    # 7,200.00 - 600.00 by May; June 120.00; July and August two thirds of 100.00; held: cost 1,200.00, loss 80.00
    assert (mach.opening_cost, mach.opening_carrying) == (720_000, 660_000)
    assert (mach.cost["held_for_sale"], mach.carrying["held_for_sale"]) == (-120_000, -8_000)
    assert mach.carrying["depreciation"] == -12_000
    assert (mach.closing_cost, mach.closing_carrying) == (400_000, 360_000)
    ends = [day("2025-12-31"), day("2026-05-31"), day("2026-08-31")]
    stood = {row.class_id: row.carrying for row in ask(firm, queries.carrying_by_class, days=ends)}
    assert stood[mach.class_id] == (0, 660_000, 360_000)
    # known before the sale, and on an earlier day
    assert [row.tag for row in ask(firm, queries.disposals, **days, known_at=before)] == ["C", "A"]
    assert [row.tag for row in ask(firm, queries.disposals, **days | {"to_on": day("2026-06-30")})] == ["C"]
    check_whole(firm)


def test_additions_are_the_column_of_the_roll_forward(firm: Firm) -> None:
    machine = firm.buy("6000.00", "2026-01-10", service="2026-01-10", tag="A")
    before = recorded(firm)
    firm.event("cost_addition", machine, "2026-02-01", amount=Decimal("590.00"), reference="B-17")
    days = {"from_on": day("2026-01-01"), "to_on": day("2026-03-31")}
    rows = ask(firm, queries.additions, **days)
    assert [(r.tag, r.kind, str(r.effective_on), r.amount, r.reference) for r in rows] == [
        ("A", "acquisition", "2026-01-10", 600_000, ""),
        ("A", "cost_addition", "2026-02-01", 59_000, "B-17"),
    ]
    (rolled,) = ask(firm, queries.roll_forward, **days)
    assert rolled.cost["additions"] == 659_000
    (rolled,) = ask(firm, queries.roll_forward, **days, known_at=before)
    assert rolled.cost["additions"] == 600_000
    assert [row.amount for row in ask(firm, queries.additions, **days, known_at=before)] == [600_000]


def test_a_roll_forward_in_another_currency_shows_exchange_differences(firm: Firm) -> None:
    """1,200.00 EUR at 1.10 and 600.00 EUR at 1.20; 30.00 EUR a month; closing at 1.25."""
    rates(firm, "EUR", "USD", ("2025-12-31", "1.10"), ("2026-01-15", "1.20"), ("2026-03-31", "1.25"))
    firm.buy("1200.00", "2025-12-31", service="2026-01-01")
    firm.buy("600.00", "2026-01-15", service="2026-01-15")
    firm.run("2026-03-31")
    days = {"from_on": day("2026-01-01"), "to_on": day("2026-03-31")}
    (row,) = ask(firm, queries.roll_forward, **days, currency="USD")
    assert (row.opening_cost, row.opening_carrying) == (132_000, 132_000)
    assert (row.cost["additions"], row.carrying["additions"]) == (72_000, 72_000)
    assert row.carrying["depreciation"] == -(3_600 + 3_600 + 3_750)
    assert (row.closing_cost, row.closing_carrying) == (225_000, 213_750)
    assert (row.cost["exchange"], row.carrying["exchange"]) == (21_000, 20_700)
    (own,) = ask(firm, queries.roll_forward, **days)
    assert (own.cost["exchange"], own.carrying["exchange"], own.closing_carrying) == (0, 0, 171_000)
    assert ask(firm, queries.roll_forward, **days, currency="EUR") == [own]
    with pytest.raises(Refused) as refused:
        ask(firm, queries.roll_forward, **days, currency="GBP")
    assert [(p.field, p.rule) for p in refused.value.problems] == [("currency", "rate")]


def test_fully_depreciated_and_still_there(firm: Firm) -> None:
    """Three months of life; with a residual; lengthened; a residual that came later; sold since."""

    def bought(tag: str, terms: dict[str, dict[str, str]]) -> int:
        return firm.buy("300.00", "2026-01-01", service="2026-01-01", tag=tag, terms=terms)

    bought("A", months(3))
    bought("B", months(3, residual="30.00"))
    longer, valued = bought("C", months(3)), bought("D", months(4))
    sold = bought("E", months(3, residual_percent="10"))
    firm.event("estimate_change", longer, "2026-03-01", terms=STRAIGHT | {"life_months": "12"})
    firm.event(
        "estimate_change", valued, "2026-03-01", terms=STRAIGHT | {"life_months": "1", "residual": "60.00"}
    )
    firm.run("2026-06-30")
    before = recorded(firm)
    firm.event("disposal", sold, "2026-05-10", how="scrap")

    def used(on: str | None, **more: Any) -> list[tuple[str, int, str]]:
        rows = ask(firm, queries.fully_depreciated, as_of=None if on is None else day(on), **more)
        return [(row.tag, row.carrying, str(row.last_charged_on)) for row in rows]

    march = [("A", 0, "2026-03-31"), ("B", 3_000, "2026-03-31"), ("D", 6_000, "2026-03-31")]
    assert used("2026-02-28") == []
    assert used("2026-03-31") == [*march, ("E", 3_000, "2026-03-31")]
    assert used("2026-06-30") == march
    assert used(None) == march
    assert used("2026-06-30", known_at=before) == [*march, ("E", 3_000, "2026-03-31")]


def test_two_books_of_two_currencies_on_a_past_day(firm: Firm) -> None:
    """EUR 20.00 a month; USD 55.00 a month of 1,320.00 at 1.10; the tax base at the rate of the day (IAS 12.41)."""
    rates(firm, "EUR", "USD", ("2026-01-01", "1.10"))
    rates(firm, "USD", "EUR", ("2026-03-31", "0.90"), ("2026-06-30", "0.80"))
    firm.book("tax", currency="USD")
    firm.buy(
        "1200.00", "2026-01-01", service="2026-01-01",
        terms={"": STRAIGHT, "tax": STRAIGHT | {"life_months": "24"}},
    )  # fmt: skip
    firm.run("2026-06-30")
    before = recorded(firm)
    firm.run("2026-06-30", "tax")

    def compared(on: str, **more: Any) -> list[tuple[int, int, int, int]]:
        given = {"tax_book_id": firm.books["tax"], "rate": Decimal("0.3"), "as_of": day(on)} | more
        rows = ask(firm, queries.compare_books, **given)
        return [(row.carrying, row.tax_base, row.difference, row.deferred_tax) for row in rows]

    assert compared("2026-06-30") == [(108_000, 79_200, 28_800, 8_640)]
    assert compared("2026-03-31") == [(114_000, 103_950, 10_050, 3_015)]
    assert compared("2026-06-30", by="asset") == compared("2026-06-30")
    assert compared("2026-06-30", known_at=before) == [(108_000, 105_600, 2_400, 720)]
    with pytest.raises(Refused):
        compared("2026-02-28")


def test_a_class_is_compared_as_it_was(firm: Firm) -> None:
    firm.book("tax")
    machine = firm.buy("1200.00", "2026-01-01", service="2026-01-01")
    firm.class_("TOOL", terms={"": STRAIGHT})
    firm.event("class_transfer", machine, "2026-03-31", class_id=firm.classes["TOOL"])

    def classes(on: str) -> list[tuple[str, int]]:
        given = {"tax_book_id": firm.books["tax"], "rate": Decimal("0.25"), "as_of": day(on)}
        return [(r.code, r.carrying) for r in ask(firm, queries.compare_books, **given) if r.carrying]

    assert classes("2026-01-31") == [("MACH", 118_000)]
    assert classes("2026-04-30") == [("TOOL", 114_000)]


def test_register_and_ledger_agree_by_posting_day(firm: Firm) -> None:
    """Entered after January was closed: the ledger has it in February, and so has the register by posting day."""
    ledger_services.close_period(
        company_id=firm.company_id,
        book_id=firm.book_id,
        end_on=day("2026-01-31"),
        actor_id=None,
        reason="done",
    )
    firm.buy("6000.00", "2026-01-10", service="2026-01-10")
    before = recorded(firm)
    firm.run("2026-02-28")

    def tied(**values: Any) -> dict[int, int]:
        rows = ask(firm, queries.tie_out, **values)
        assert all(row.difference == 0 for row in rows)
        return {row.register: row.ledger for row in rows if row.ledger}

    assert tied(as_of=day("2026-01-31")) == {}
    assert tied(as_of=day("2026-02-27")) == {600_000: 600_000, -10_000: -10_000}
    assert tied(as_of=day("2026-02-28")) == {600_000: 600_000, -20_000: -20_000}
    assert tied(known_at=before) == {600_000: 600_000}
    services.depreciate(
        company_id=firm.company_id, actor_id=None, book_id=firm.book_id, through_on=day("2026-03-31")
    )
    assert tied() == {600_000: 600_000, -30_000: -30_000}
