"""The register, the timeline and the reports, on figures worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import STRAIGHT, Firm, check_whole, day

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.queries import sorting
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.stock import services as stock_services
from wherewithal.stock.services import LocationDraft


def _two(firm: Firm) -> tuple[int, int]:
    """A machine of 12,000 (200 a month from February) and one of 6,000 (100 a month from March), run through June;
    the second is sold on 10 June for 5,000."""
    first = firm.buy("12000.00", "2026-01-10", service="2026-02-01", tag="A-1", name="Lathe")
    second = firm.buy("6000.00", "2026-03-05", service="2026-03-05", tag="A-2", name="Drill")
    firm.run("2026-05-31")
    firm.event("disposal", second, "2026-06-10", how="sale", proceeds=Decimal(5000))
    firm.run("2026-06-30")
    return first, second


def test_the_register_says_what_each_asset_is_worth_on_a_day_and_as_known(firm: Firm) -> None:
    _two(firm)
    with db.company_transaction(company_id=firm.company_id):
        now = queries.register(firm.company_id, book_id=firm.book_id)
        then = queries.register(firm.company_id, book_id=firm.book_id, as_of=day("2026-04-30"))
        totals = queries.register_totals(firm.company_id, book_id=firm.book_id)
        used = queries.register(
            firm.company_id, book_id=firm.book_id, filters=queries.RegisterFilter(in_use=True)
        )
    assert [(r.tag, r.status.name, r.cost, r.carrying) for r in now] == [
        ("A-1", "IN_SERVICE", 1_200_000, 1_100_000),
        ("A-2", "DISPOSED", 0, 0),
    ]
    assert [(r.tag, r.status.name, r.carrying) for r in then] == [
        ("A-1", "IN_SERVICE", 1_140_000),
        ("A-2", "IN_SERVICE", 580_000),
    ]
    assert totals == (2, 1_200_000, 100_000, 1_100_000)
    assert [r.tag for r in used] == ["A-1"]
    check_whole(firm)


def test_the_roll_forward_leads_from_opening_to_closing(firm: Firm) -> None:
    _two(firm)
    with db.company_transaction(company_id=firm.company_id):
        (row,) = queries.roll_forward(
            firm.company_id, book_id=firm.book_id, from_on=day("2026-02-01"), to_on=day("2026-06-30")
        )
        (gone,) = queries.disposals(
            firm.company_id, book_id=firm.book_id, from_on=day("2026-02-01"), to_on=day("2026-06-30")
        )
        tied = queries.tie_out(firm.company_id, book_id=firm.book_id)
    assert (row.opening_cost, row.opening_carrying) == (1_200_000, 1_200_000)
    assert row.cost["additions"] == 600_000
    assert row.carrying["depreciation"] == -(5 * 20_000 + 3 * 10_000)
    assert (row.cost["disposals"], row.carrying["disposals"]) == (-600_000, -570_000)
    assert (row.closing_cost, row.closing_carrying) == (1_200_000, 1_100_000)
    assert (gone.cost, gone.accumulated, gone.carrying, gone.proceeds, gone.gain) == (
        600_000, 30_000, 570_000, 500_000, -70_000,
    )  # fmt: skip
    assert tied
    assert all(account.difference == 0 for account in tied)


def test_the_schedule_goes_on_where_the_postings_end(firm: Firm) -> None:
    first, _ = _two(firm)
    with db.company_transaction(company_id=firm.company_id):
        (book,) = queries.schedule(firm.company_id, first)
    charges = [row for row in book.rows if row.charge]
    assert len(charges) == 60
    assert sum(row.charge for row in charges) == 1_200_000
    assert [row.posted for row in charges] == [True] * 5 + [False] * 55
    assert (charges[-1].to_on, charges[-1].carrying) == (day("2031-01-31"), 0)


def test_two_books_side_by_side(firm: Firm) -> None:
    firm.book("tax")
    services.update_class(
        company_id=firm.company_id,
        actor_id=None,
        class_id=firm.classes["MACH"],
        terms={"tax": STRAIGHT | {"life_months": "24"}},
    )
    machine = firm.buy("12000.00", "2026-01-10", service="2026-01-10")
    firm.run("2026-12-31")
    firm.run("2026-12-31", "tax")
    with db.company_transaction(company_id=firm.company_id):
        values = queries.book_values(firm.company_id, machine)
        (row,) = queries.compare_books(
            firm.company_id, book_id=firm.book_id, tax_book_id=firm.books["tax"], rate=Decimal("0.3")
        )
    assert [(v.code, v.carrying) for v in values] == [("main", 960_000), ("tax", 600_000)]
    assert (row.difference, row.deferred_tax) == (360_000, 108_000)
    check_whole(firm)


def test_the_timeline_tells_money_and_place(firm: Firm) -> None:
    first, _ = _two(firm)
    centre = services.create_cost_centre(company_id=firm.company_id, actor_id=None, code="CC1", name="Shop")
    firm.event("transfer", first, "2026-05-01", cost_centre_id=centre)
    with db.company_transaction(company_id=firm.company_id):
        rows = queries.timeline(firm.company_id, first)
        (now, _) = queries.register(firm.company_id)
    assert [(row.kind, row.effects.get(firm.book_id)) for row in rows] == [
        ("registered", None), ("acquisition", 1_200_000), ("in_service", None), ("transfer", None),
    ]  # fmt: skip
    assert now.cost_centre_code == "CC1"
    # what was charged in May and June now belongs to the cost centre
    lines = firm.query(
        "SELECT memo, sum(amount)::bigint FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id"
        " WHERE a.code = '6500' GROUP BY memo ORDER BY memo"
    )
    assert lines == [("CC1", 40_000), (None, 90_000)]
    check_whole(firm)


def test_an_event_taken_back_leaves_no_trace_in_the_balances(firm: Firm) -> None:
    machine = firm.buy("12000.00", "2026-01-10", service="2026-02-01")
    firm.run("2026-06-30")
    before = firm.charges(machine)
    sale = firm.event("disposal", machine, "2026-04-15", how="scrap")
    assert firm.nbv(machine) == 0
    firm.record(EventDraft("reversal", day("2026-04-15"), asset_id=machine, of_event_id=sale))
    assert firm.charges(machine) == before
    assert firm.nbv(machine) == 1_100_000
    assert firm.balance("disposal_loss") == 0
    assert firm.query("SELECT status FROM assets_asset") == [(2,)]
    check_whole(firm)


def test_the_register_is_sorted_by_what_people_sort_by(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five assets; every order, both ways, page by page of two, now and as of a day; singly and in one go."""
    yard, hall = (
        stock_services.create_locations(
            company_id=firm.company_id, actor_id=None, locations=[LocationDraft(code, code, "warehouse")]
        )[0]
        for code in ("YARD", "HALL")
    )
    made = [
        ("T-1", "lathe", "MACH", "500.00", yard),
        ("T-2", "Drill", "MACH", "900.00", hall),
        ("T-3", "Meadow", "LAND", "700.00", None),
        ("T-4", "Drill", "MACH", "500.00", hall),
        ("T-5", "Acre", "LAND", "100.00", yard),
    ]
    ids = [
        firm.buy(cost, "2026-01-10", tag=tag, name=name, class_code=class_code, location_id=place)
        for tag, name, class_code, cost, place in made
    ]
    # T-4 serves from the 15th; T-2 from the 11th, corrected to the 20th; T-1 not at all: that was taken back.
    firm.event("in_service", ids[3], "2026-01-15")
    served = firm.event("in_service", ids[1], "2026-01-11")
    right = {"terms": STRAIGHT, "in_service_on": day("2026-01-20")}
    firm.event("error_correction", ids[1], "2026-01-31", of_event_id=served, **right)
    mistaken = firm.event("in_service", ids[0], "2026-01-12")
    firm.event("reversal", ids[0], "2026-01-12", of_event_id=mistaken)

    def ordered(sort: str, *, descending: bool = False, **more: Any) -> str:
        found: list[queries.Placed] = []
        while True:
            after = found[-1].place if found else None
            page = queries.sorted_register(
                firm.company_id,
                sort=queries.Sort(sort),
                descending=descending,
                book_id=firm.book_id,
                after=after,
                limit=2,
                **more,
            )
            found += page
            if len(page) < 2:
                break
        return "".join(each.row.tag[-1] for each in found)

    wanted = {"tag": "12345", "name": "52413", "class": "35124", "location": "32415", "cost": "51432"} | {
        "in_service": "42135"
    }
    with db.company_transaction(company_id=firm.company_id):
        for few in (sorting.FEW_SORTED, 1):  # one by one, and all in one go
            monkeypatch.setattr(sorting, "FEW_SORTED", few)
            for then in ({}, {"as_of": day("2026-02-01")}):
                for sort, tags in {**wanted, "carrying": wanted["cost"]}.items():
                    assert ordered(sort, **then) == tags, (sort, then, few)
                    assert ordered(sort, descending=True, **then) == tags[::-1], (sort, then, few)
        serve = {row.tag: row.in_service_on for row in queries.register(firm.company_id)}
        assert serve == dict.fromkeys(("T-1", "T-3", "T-5")) | {
            "T-4": day("2026-01-15"),
            "T-2": day("2026-01-20"),
        }
        early = queries.register(firm.company_id, as_of=day("2026-01-18"))
        assert [row.tag for row in early if row.in_service_on] == ["T-4"]
        machines = queries.RegisterFilter(class_id=firm.classes["MACH"])
        assert ordered("cost", filters=machines) == "142"
        assert ordered("location", filters=machines) == "241"


def test_amounts_are_for_those_who_see_the_ledger(firm: Firm) -> None:
    _two(firm)
    with db.company_transaction(company_id=firm.company_id):
        with pytest.raises(Refused):
            queries.sorted_register(firm.company_id, sort=queries.Sort.COST)
        (row, *_) = queries.sorted_register(firm.company_id, sort=queries.Sort.CLASS)
        assert row.row.cost is None
