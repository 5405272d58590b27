"""Scenarios that are kept, forecasts with cash by day and by cost centre, budgets frozen from them, and variances.

All figures by hand: MACH is straight line over sixty months from the month of service.
"""

from dataclasses import astuple
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from tests.assets.conftest import Firm, day, make_firm

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.plans import CashKind, Figures, ForecastRow, Part, Projection
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, NotFound, Refused

PLANS = ("scenario", "scenario_line", "budget", "budget_line")


def called(firm: Firm, use_case: Any, **values: Any) -> Any:
    return use_case(company_id=firm.company_id, actor_id=None, **values)


def plans(firm: Firm) -> dict[str, int]:
    """Rows of plans, and everything that no plan may touch."""
    return firm.counts() | {name: firm.query(f"SELECT count(*) FROM assets_{name}")[0][0] for name in PLANS}


def read(firm: Firm, query: Any, *args: Any, **values: Any) -> Any:
    with db.company_transaction(company_id=firm.company_id, read_only=True):
        return query(firm.company_id, *args, **values)


def months(found: Projection, *names: str) -> list[tuple[Any, ...]]:
    return [(row.from_on.month, *(getattr(row, name) for name in names)) for row in found.rows]


def test_a_scenario_is_kept_edited_and_copied(firm: Firm) -> None:
    truck = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-06-30")
    before = firm.counts()
    plan = called(firm, services.create_scenario, name="Trucks", note="What if?")
    longer = called(firm, services.planned_longer_use, on=day("2026-07-01"), months=24, asset_ids=[truck])
    keep = called(firm, services.put_scenario_line, scenario_id=plan, label="Two more years", events=longer)
    assets, events = services.planned_purchase(
        name="Press", class_code="MACH", cost=Decimal("1200.00"), acquired_on=day("2027-01-01")
    )
    called(firm, services.put_scenario_line, scenario_id=plan, label="A press", assets=assets, events=events)
    kept = read(firm, queries.scenario, plan)
    assert [(line.position, line.label) for line in kept.lines] == [(1, "Two more years"), (2, "A press")]
    assert kept.lines[1].assets == tuple(assets)
    assert kept.lines[1].events[0].values == {"cost": "1200.00"}

    copy = called(firm, services.copy_scenario, scenario_id=plan, name="Trucks, sold")
    sale = services.planned_sale(asset_id=truck, on=day("2027-07-01"), proceeds=Decimal("3000.00"))
    first = read(firm, queries.scenario, copy).lines[0].line_id
    called(firm, services.put_scenario_line, scenario_id=copy, line_id=first, label="Sold", events=sale)
    called(firm, services.update_scenario, scenario_id=copy, note="Sold instead", active=False)
    assert read(firm, queries.scenario, plan).lines[0].line_id == keep
    names = [
        (s.name, s.note, s.active, s.copied_from_id, s.line_count) for s in read(firm, queries.scenarios)
    ]
    assert names == [("Trucks", "What if?", True, None, 2), ("Trucks, sold", "Sold instead", False, plan, 2)]
    assert [s.name for s in read(firm, queries.scenarios, active=True)] == ["Trucks"]

    def years(scenario_id: int | None) -> list[tuple[int, int, int]]:
        found = called(
            firm, services.project, through_on=day("2028-12-31"), scenario_id=scenario_id, by="year"
        )
        return [(row.to_on.year, row.charge, row.cash) for row in found.rows]

    # 100.00 a month; kept longer 5,400.00 over 54 + 24 months: 69.23 1/13 a month, and 20.00 of the press
    assert years(None) == [(2026, 60_000, 0), (2027, 120_000, 0), (2028, 120_000, 0)]
    assert years(plan) == [(2026, 41_538, 0), (2027, 83_077 + 24_000, -120_000), (2028, 83_077 + 24_000, 0)]
    assert years(copy) == [(2026, 60_000, 0), (2027, 60_000 + 24_000, 180_000), (2028, 24_000, 0)]
    assert firm.counts() == before

    called(firm, services.remove_scenario_line, scenario_id=copy, line_id=first)
    assert [line.label for line in read(firm, queries.scenario, copy).lines] == ["A press"]


def test_a_scenario_is_refused_as_a_posting_would_be(firm: Firm) -> None:
    truck = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    plan = called(firm, services.create_scenario, name="Plan")
    services_sale = services.planned_sale(asset_id=truck, on=day("2027-07-01"), proceeds=Decimal("3000.00"))
    called(firm, services.put_scenario_line, scenario_id=plan, label="Sold", events=services_sale)
    before = plans(firm)

    def refused(rule: type[Refused], use_case: Any, **values: Any) -> list[tuple[str, str, int | None]]:
        with pytest.raises(rule) as caught:
            called(firm, use_case, **values)
        assert plans(firm) == before
        return [(p.field, p.rule, p.row) for p in caught.value.problems]

    again = services.planned_sale(asset_id=truck, on=day("2027-08-01"), proceeds=Decimal(1))
    found = refused(Refused, services.put_scenario_line, scenario_id=plan, label="Twice", events=again)
    assert [row for _, _, row in found] == [1]  # the second line, counted from 0 as rows are
    assets, events = services.planned_purchase(
        name="Press", class_code="NOPE", cost=Decimal(1), acquired_on=day("2027-01-01")
    )
    line = {"scenario_id": plan, "label": "Press"}
    refused(Refused, services.put_scenario_line, **line, assets=assets, events=events)
    assert refused(Refused, services.put_scenario_line, **line) == [("events", "required", None)]
    assert refused(Refused, services.put_scenario_line, scenario_id=plan, label=" ", events=again) == [
        ("label", "required", None)
    ]
    assert refused(NotFound, services.put_scenario_line, **line, line_id=10**9, events=again)
    assert refused(NotFound, services.remove_scenario_line, scenario_id=plan, line_id=10**9)
    assert refused(NotFound, services.copy_scenario, scenario_id=10**9, name="Other")
    for taken in ("Plan", " plan ", "PLAN"):
        assert refused(Conflict, services.create_scenario, name=taken) == [("name", "unique", None)]
    assert refused(Conflict, services.copy_scenario, scenario_id=plan, name="Plan")
    assert refused(Refused, services.planned_longer_use, on=day("2027-01-01"), months=0, asset_ids=[truck])
    assert refused(Refused, services.planned_longer_use, on=day("2027-01-01"), months=1, asset_ids=[10**9])
    assert refused(NotFound, services.project, through_on=day("2027-12-31"), scenario_id=10**9)


def test_a_name_is_changed_to_no_other_scenario_s(firm: Firm) -> None:
    plan = called(firm, services.create_scenario, name="Plan")
    called(firm, services.create_scenario, name="Other")
    with pytest.raises(Conflict) as caught:
        called(firm, services.update_scenario, scenario_id=plan, name="oTHER ")
    assert [(p.field, p.rule) for p in caught.value.problems] == [("name", "unique")]
    called(firm, services.update_scenario, scenario_id=plan, name=" plan ")  # its own, in another case
    assert [row.name for row in read(firm, queries.scenarios)] == ["Other", "plan"]


def test_a_refusal_names_the_line_at_fault(firm: Firm) -> None:
    truck = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    plan = called(firm, services.create_scenario, name="Plan")
    sale = services.planned_sale(asset_id=truck, on=day("2027-07-01"), proceeds=Decimal(1))
    called(firm, services.put_scenario_line, scenario_id=plan, label="Sold", events=sale)
    before = plans(firm)
    with pytest.raises(Refused, match=r"^Row 2: "):
        called(firm, services.put_scenario_line, scenario_id=plan, label="Sold again", events=sale)
    assert plans(firm) == before


def test_a_line_that_fits_no_longer_is_left_out_and_listed(firm: Firm) -> None:
    """A press is planned, a truck is to be sold; the truck is scrapped before that."""
    truck = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    car = firm.buy("1200.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-06-30")
    plan = called(firm, services.create_scenario, name="Plan")
    sale = services.planned_sale(asset_id=truck, on=day("2027-07-01"), proceeds=Decimal("3000.00"))
    sold = called(firm, services.put_scenario_line, scenario_id=plan, label="Truck sold", events=sale)
    gone = services.planned_sale(asset_id=car, on=day("2027-01-01"), proceeds=Decimal("500.00"))
    called(firm, services.put_scenario_line, scenario_id=plan, label="Car sold", events=gone)
    assert called(firm, services.lines_left_out, scenario_id=plan) == []
    firm.event("disposal", truck, "2026-07-31", how="scrap")
    before = plans(firm)

    asked = {"through_on": day("2027-12-31"), "scenario_id": plan, "by": "year"}
    found = called(firm, services.project, **asked)
    # the truck's July, and the car: 20.00 a month from July to December, then sold
    assert [(row.to_on.year, row.charge, row.cash) for row in found.rows] == [
        (2026, 22_000, 0),
        (2027, 0, 50_000),
    ]
    (left_out,) = found.left_out
    assert (left_out.line_id, left_out.position, left_out.label) == (sold, 1, "Truck sold")
    assert left_out.message
    assert called(firm, services.lines_left_out, scenario_id=plan) == [left_out]
    assert plans(firm) == before

    days = {"from_on": day("2027-01-01"), "to_on": day("2027-12-31")}
    budget = called(firm, services.freeze_budget, name="2027", scenario_id=plan, **days)
    kept = read(firm, queries.budget, budget).scenario["lines"]
    assert [(line["label"], line.get("left_out")) for line in kept] == [
        ("Truck sold", left_out.message),
        ("Car sold", None),
    ]
    (whole,) = called(
        firm, services.compare_with_budget, budget_id=budget, book_id=firm.book_id, scenario_id=plan
    )
    assert whole.expected == whole.found == Figures(proceeds=50_000, cash=50_000)
    with pytest.raises(Refused) as caught:  # what is asked for without a scenario is refused
        called(firm, services.project, through_on=day("2027-12-31"), events=sale)
    assert {p.row for p in caught.value.problems} == {0}


def test_longer_use_of_assets_that_more_happened_to(firm: Firm) -> None:
    """Three machines of 6,000.00 over 60 months from January 2026, all kept twelve months longer from January 2027.

    The first has 48 months left from July on: 112.50 a month, 4,725.00 over 42 + 12 months from January: 87.50. The
    second: 4,800.00 over 48 + 12: 80.00. The third was impaired to 2,700.00 at the end of June: 50.00 a month, then
    2,400.00 over 48 + 12: 40.00.
    """
    first, second, third = (firm.buy("6000.00", "2026-01-01", service="2026-01-01") for _ in range(3))
    terms = {"method": "straight_line", "life_months": "48", "convention": "full_month"}
    firm.event("estimate_change", first, "2026-07-01", terms=terms, remaining_life=True)
    firm.event("impairment", third, "2026-06-30", recoverable=Decimal("2700.00"))
    firm.run("2026-12-31")

    def year(*asset_ids: int, **chosen: Any) -> int:
        longer = {"on": day("2027-01-01"), "months": 12, "asset_ids": asset_ids} | chosen
        events = called(firm, services.planned_longer_use, **longer)
        found = called(firm, services.project, through_on=day("2027-12-31"), by="year", events=events)
        return sum(row.charge for row in found.rows)

    anyway = 135_000 + 120_000 + 60_000
    assert year(first) == anyway - 135_000 + 105_000
    assert year(second) == anyway - 120_000 + 96_000
    assert year(third) == anyway - 60_000 + 48_000
    assert year(class_id=firm.classes["MACH"]) == 105_000 + 96_000 + 48_000
    events = called(firm, services.planned_longer_use, on=day("2027-01-01"), months=12, asset_ids=[first])
    assert [(e.values["terms"]["life_months"], e.values["remaining_life"]) for e in events] == [("54", True)]
    with pytest.raises(Refused) as caught:  # it ends in June 2030
        called(firm, services.planned_longer_use, on=day("2030-07-01"), months=12, asset_ids=[first])
    assert [(p.field, p.rule) for p in caught.value.problems] == [("asset_ids", "running")]


def test_a_run_to_a_day_before_the_first_asset_is_none(firm: Firm) -> None:
    empty = firm.counts()
    assert firm.run("1900-01-01").run_id is None
    assert firm.counts() == empty
    firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    before = firm.counts()
    assert firm.run("2025-12-31").run_id is None
    assert firm.counts() == before
    found = called(firm, services.project, through_on=day("2026-12-31"), by="year")
    assert [(row.from_on, row.charge) for row in found.rows] == [(day("2026-01-01"), 120_000)]
    assert (firm.run("2026-01-31").from_on, firm.run("2026-02-28").from_on) == (None, day("2026-01-31"))


def test_cash_by_day_and_what_it_is_for(firm: Firm) -> None:
    """Bought, leased and sold: each payment on its day, and in its column."""
    truck = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-06-30")
    firm.class_("ROU", kind="right_of_use")
    lease = {
        "payments": [["2026-07-01", "100.00"], ["2026-10-01", "100.00"]],
        "ends_on": "2026-12-31",
        "rate": "0",
    }
    assets = [AssetDraft("Press", "MACH"), AssetDraft("Van", "ROU")]
    events = [
        EventDraft("acquisition", day("2026-08-15"), asset_no=0, values={"cost": Decimal("1200.00")}),
        EventDraft("in_service", day("2026-08-15"), asset_no=0),
        EventDraft("lease", day("2026-07-01"), asset_no=1, values=lease),
        EventDraft(
            "disposal",
            day("2026-11-30"),
            asset_id=truck,
            values={"how": "sale", "proceeds": Decimal("5000.00"), "costs": Decimal("40.00")},
        ),
    ]
    found = called(firm, services.project, through_on=day("2026-12-31"), assets=assets, events=events)
    mach, rou = firm.classes["MACH"], firm.classes["ROU"]
    assert [(c.class_id, str(c.on), c.kind, c.amount) for c in found.cash] == [
        (mach, "2026-08-15", CashKind.PURCHASE, -120_000),
        (mach, "2026-11-30", CashKind.OTHER, -4_000),
        (mach, "2026-11-30", CashKind.PROCEEDS, 500_000),
        (rou, "2026-07-01", CashKind.LEASE, -10_000),
        (rou, "2026-10-01", CashKind.LEASE, -10_000),
    ]
    names = ("purchases", "proceeds", "lease_payments", "cash")
    by_month: dict[int, list[int]] = {}
    for month, *amounts in months(found, *names):
        by_month[month] = [a + b for a, b in zip(by_month.get(month, [0] * 4), amounts, strict=True)]
    assert by_month == {
        7: [0, 0, -10_000, -10_000],
        8: [-120_000, 0, 0, -120_000],
        9: [0, 0, 0, 0],
        10: [0, 0, -10_000, -10_000],
        11: [0, 500_000, 0, 496_000],
        12: [0, 0, 0, 0],
    }


def test_by_cost_centre_and_a_change_of_it(firm: Firm) -> None:
    """6,000.00 charged to A; from September the machine belongs to B and takes its net book value along."""
    centre = {
        code: called(firm, services.create_cost_centre, code=code, name=f"Centre {code}") for code in "AB"
    }
    machine = firm.buy("6000.00", "2026-01-01", service="2026-01-01", cost_centre_id=centre["A"])
    firm.buy("600.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-06-30")
    firm.event("transfer", machine, "2026-09-01", cost_centre_id=centre["B"])
    found = called(firm, services.project, through_on=day("2026-10-31"), cost_centres=True)
    rows = {
        (row.cost_centre_id, row.to_on.month): (row.charge, row.carrying)
        for row in found.rows
        if row.charge or row.carrying
    }
    assert rows == {
        (centre["A"], 7): (10_000, 530_000),
        (centre["A"], 8): (10_000, 520_000),
        (centre["B"], 9): (10_000, 510_000),
        (centre["B"], 10): (10_000, 500_000),
        (0, 7): (1_000, 53_000),
        (0, 8): (1_000, 52_000),
        (0, 9): (1_000, 51_000),
        (0, 10): (1_000, 50_000),
    }
    together = called(firm, services.project, through_on=day("2026-10-31"))
    assert months(together, "charge", "carrying") == [
        (7, 11_000, 583_000), (8, 11_000, 572_000), (9, 11_000, 561_000), (10, 11_000, 550_000)
    ]  # fmt: skip


def test_the_year_so_far_is_what_is_booked(firm: Firm) -> None:
    """From January although the book has been run through June: the same rows, booked first, then ahead."""
    firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.buy("1200.00", "2026-04-01", service="2026-04-01")
    firm.run("2026-06-30")
    found = called(firm, services.project, from_on=day("2026-03-01"), through_on=day("2026-08-31"))
    assert months(found, "charge", "carrying", "purchases", "booked") == [
        (3, 10_000, 570_000, 0, True),
        (4, 12_000, 678_000, -120_000, True),
        (5, 12_000, 666_000, 0, True),
        (6, 12_000, 654_000, 0, True),
        (7, 12_000, 642_000, 0, False),
        (8, 12_000, 630_000, 0, False),
    ]
    later = called(firm, services.project, from_on=day("2027-01-01"), through_on=day("2027-12-31"), by="year")
    assert [(row.from_on, row.charge, row.carrying) for row in later.rows] == [
        (day("2027-01-01"), 144_000, 438_000)
    ]


def test_a_budget_stands_while_the_world_goes_on(firm: Firm) -> None:
    """Budgeted: 100.00 a month and a press of 1,200.00 in March. What came: a press of 1,500.00 in February."""
    centre = called(firm, services.create_cost_centre, code="A", name="Centre A")
    firm.buy("6000.00", "2026-01-01", service="2026-01-01", cost_centre_id=centre)
    firm.run("2026-12-31")
    plan = called(firm, services.create_scenario, name="Press")
    assets, events = services.planned_purchase(
        name="Press", class_code="MACH", cost=Decimal("1200.00"), acquired_on=day("2027-03-01")
    )
    line = called(
        firm, services.put_scenario_line, scenario_id=plan, label="Press", assets=assets, events=events
    )
    year = {"from_on": day("2027-01-01"), "to_on": day("2027-12-31")}
    budget = called(firm, services.freeze_budget, name="2027", scenario_id=plan, note="Approved", **year)
    frozen = read(firm, queries.budget_rows, budget)
    assert sum(row.charge for row in frozen) == 12 * 10_000 + 10 * 2_000
    assert sum(row.purchases for row in frozen) == -120_000
    assert sum(row.carrying for row in frozen if row.to_on == day("2027-12-31")) == 360_000 + 100_000

    called(firm, services.remove_scenario_line, scenario_id=plan, line_id=line)
    second = called(firm, services.freeze_budget, name="2027", **year)
    stored = [(b.name, b.version, b.scenario_id, b.note) for b in read(firm, queries.budgets)]
    assert stored == [("2027", 2, None, ""), ("2027", 1, plan, "Approved")]
    assert read(firm, queries.budget, budget).scenario["lines"][0]["events"][0]["values"] == {
        "cost": "1200.00"
    }
    assert sum(row.charge for row in read(firm, queries.budget_rows, second)) == 120_000
    assert read(firm, queries.budget_rows, budget) == frozen

    firm.buy("1500.00", "2027-02-01", service="2027-02-01")
    firm.run("2027-03-31")

    def compared(*parts: Part, **values: Any) -> list[tuple[Any, ...]]:
        given = {"budget_id": budget, "book_id": firm.book_id, "parts": parts} | values
        found = called(firm, services.compare_with_budget, **given)
        return [
            (row.cost_centre_id, row.to_on and row.to_on.month, row.expected.charge, row.found.charge,
             row.variance.charge, row.variance.carrying, row.variance.purchases, row.booked)
            for row in found
        ]  # fmt: skip

    # the whole year: 11 x 25.00 instead of 10 x 20.00; carrying 1,500 - 275 instead of 1,200 - 200
    assert compared() == [(None, None, 140_000, 147_500, 7_500, 22_500, -30_000, False)]
    # the first quarter, which is booked: 2 x 25.00 instead of 20.00
    assert compared(only_booked=True) == [(None, None, 32_000, 35_000, 3_000, 27_000, -30_000, True)]
    assert compared(Part.COST_CENTRE, only_booked=True) == [
        (0, None, 2_000, 5_000, 3_000, 27_000, -30_000, True),
        (centre, None, 30_000, 30_000, 0, 0, 0, True),
    ]
    assert compared(Part.PERIOD, through_on=day("2027-04-30")) == [
        (None, 1, 10_000, 10_000, 0, 0, 0, True),
        (None, 2, 10_000, 12_500, 2_500, 147_500, -150_000, True),
        (None, 3, 12_000, 12_500, 500, 27_000, 120_000, True),
        (None, 4, 12_000, 12_500, 500, 26_500, 0, False),
    ]


def test_a_budget_is_refused_and_never_changed(firm: Firm) -> None:
    firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-06-30")
    budget = called(
        firm, services.freeze_budget, name="H2", from_on=day("2026-07-01"), to_on=day("2026-12-31")
    )
    other = firm.book("other")
    before = plans(firm)

    def refused(kind: type[Refused], use_case: Any, **values: Any) -> tuple[str, str]:
        with pytest.raises(kind) as caught:
            called(firm, use_case, **values)
        assert plans(firm) == before
        (problem,) = caught.value.problems
        return problem.field, problem.rule

    half = {"name": "H2", "from_on": day("2026-07-01"), "to_on": day("2026-12-31")}
    freeze, compare = services.freeze_budget, services.compare_with_budget
    assert refused(Refused, freeze, **half | {"name": " "}) == ("name", "required")
    assert refused(Refused, freeze, **half | {"to_on": day("2026-12-30")}) == ("to_on", "period")
    assert refused(Refused, freeze, **half | {"from_on": day("2026-07-02")}) == ("from_on", "period")
    assert refused(Refused, freeze, **half | {"to_on": day("2026-01-31")}) == ("from_on", "order")
    assert refused(Refused, freeze, **half | {"to_on": day("2039-12-31")}) == ("through_on", "range")
    assert refused(Refused, freeze, **half, book_ids=[10**9]) == ("books", "exists")
    assert refused(NotFound, freeze, **half, scenario_id=10**9) == ("scenario_id", "exists")
    assert refused(NotFound, compare, budget_id=10**9, book_id=firm.book_id) == ("budget_id", "exists")
    assert refused(Refused, compare, budget_id=budget, book_id=other) == ("book", "budgeted")


@pytest.mark.django_db(transaction=True)
def test_postgresql_keeps_a_budget_as_it_is() -> None:
    """In transactions of their own, as the application's role."""
    firm = make_firm()
    firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-06-30")
    half = {"name": "H2", "from_on": day("2026-07-01"), "to_on": day("2026-12-31")}
    budget = called(firm, services.freeze_budget, **half)
    before = plans(firm)
    attacks = {
        "UPDATE assets_budget SET note = 'x'": ("WH002", "42501"),
        "DELETE FROM assets_budget_line": ("WH002", "42501"),
        "UPDATE assets_budget_line SET charge = 0": ("WH002", "42501"),
        "INSERT INTO assets_budget_line SELECT company_id, budget_id, book_id, class_id, 77, from_on, to_on,"
        " 1, 1, 1, 1, 1, 1, 1 FROM assets_budget_line LIMIT 1": ("WH304",),
    }
    for attack, states in attacks.items():
        with pytest.raises(psycopg.Error) as caught, db.company_transaction(company_id=firm.company_id):
            db.execute(attack)
        assert caught.value.sqlstate in states
    assert plans(firm) == before
    assert sum(row.charge for row in read(firm, queries.budget_rows, budget)) == 60_000


def test_other_companies_see_no_plans(firms: Any) -> None:
    one, other = firms(), firms()
    plan = called(one, services.create_scenario, name="Ours")
    assert read(other, queries.scenarios) == []
    with pytest.raises(NotFound):
        called(other, services.copy_scenario, scenario_id=plan, name="Stolen")
    assert called(other, services.create_scenario, name="Ours") != plan


def test_figures_are_all_of_a_forecast_row() -> None:
    """What can be budgeted is what is forecast."""
    row = ForecastRow(1, 2, day("2026-01-01"), day("2026-01-31"), *range(1, 8))
    assert Figures(1, 2, 3, 5, 6, 7, 4) == Figures(**{name: getattr(row, name) for name in Figures.__slots__})
    assert astuple(Figures()) == (0,) * 7


def test_what_was_booked_as_known_at_an_instant(firm: Firm) -> None:
    """6,000 over sixty months: 100 a month. By the first instant January to March are charged; cost of 590 that
    comes in late adds 10 a month from February on, April to June are charged, and that run is taken back."""

    def now() -> Any:
        return firm.query("SELECT clock_timestamp()")[0][0]

    truck = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    budget = called(
        firm, services.freeze_budget, name="2026", from_on=day("2026-01-01"), to_on=day("2026-12-31")
    )
    never = now()
    firm.run("2026-03-31")
    spring = now()
    firm.event("cost_addition", truck, "2026-02-01", amount=Decimal("590.00"))
    run = firm.run("2026-06-30")
    summer = now()
    assert run.run_id is not None
    called(firm, services.reverse_run, run_id=run.run_id)
    given = {"budget_id": budget, "book_id": firm.book_id}

    def compared(known_at: Any, *parts: Part) -> list[tuple[int, int, int]]:
        rows = called(firm, services.compare_with_budget, **given, parts=parts, known_at=known_at)
        return [(row.expected.charge, row.found.charge, row.found.carrying) for row in rows]

    assert compared(never, Part.CLASS) == []
    assert compared(spring, Part.CLASS) == [(30_000, 30_000, 570_000)]
    assert compared(spring, Part.PERIOD) == [(10_000, 10_000, 600_000 - 10_000 * n) for n in (1, 2, 3)]
    assert compared(summer, Part.CLASS) == [(60_000, 65_000, 659_000 - 65_000)]
    assert compared(now(), Part.CLASS) == [(30_000, 32_000, 659_000 - 32_000)]  # the run was taken back
    plan = called(firm, services.create_scenario, name="Plan")
    for values, field in (({"scenario_id": plan}, "scenario_id"), ({"parts": [Part.COST_CENTRE]}, "by")):
        with pytest.raises(Refused) as refused:
            called(firm, services.compare_with_budget, **given, known_at=spring, **values)
        assert [(p.field, p.rule) for p in refused.value.problems] == [(field, "with_known_at")]
