"""An asset goes to another company: both halves or none, and it goes on there as its twin goes on here."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import STRAIGHT, Firm, check_whole, day

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import BatchResult, EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, NotFound, Refused
from wherewithal.ledger import services as ledger_services
from wherewithal.reporting import verify

ON = "2026-06-15"
ROLES = (
    "asset_cost",
    "accumulated_depreciation",
    "accumulated_impairment",
    "asset_held_for_sale",
    "construction_in_progress",
    "revaluation_surplus",
    "grant_deferred",
    "decommissioning_provision",
)


def proven(*firms: Firm) -> None:
    for firm in firms:
        report = verify.run(company_id=firm.company_id, deep=True)
        assert {check.name: check.findings for check in report.checks if not check.passed} == {}


def send(firm: Firm, other: Firm, asset: int, on: str = ON, key: str = "move", **more: Any) -> BatchResult:
    return services.transfer_to_company(
        company_id=firm.company_id,
        to_company_id=other.company_id,
        actor_id=None,
        idempotency_key=key,
        asset_id=asset,
        effective_on=day(on),
        class_code="MACH",
        **more,
    )


def balances(firm: Firm) -> dict[str, int]:
    return {role: firm.balance(role) for role in ROLES if firm.balance(role)}


History = Callable[[Firm, int], None]


def _plain(firm: Firm, asset: int) -> None:
    firm.event("cost_addition", asset, "2026-03-10", amount=Decimal(700))


def _all_at_once(firm: Firm, asset: int) -> None:
    firm.event("grant", asset, "2026-01-01", amount=Decimal(1200))
    firm.event("decommissioning", asset, "2026-01-01", flows=[["2031-05-20", Decimal(1000)]], rate="0.05")
    firm.event("revaluation", asset, "2026-02-28", value=Decimal(9000), surplus_policy="as_used")
    firm.event("impairment", asset, "2026-04-10", recoverable=Decimal(5000))


def _impaired(firm: Firm, asset: int) -> None:
    firm.event("impairment", asset, "2026-04-10", recoverable=Decimal(4000))


def _held(firm: Firm, asset: int) -> None:
    firm.event("held_for_sale", asset, "2026-03-31", fair_value_less_costs=Decimal(5500))


def _idle(firm: Firm, asset: int) -> None:
    firm.event("idle", asset, "2026-02-01")
    firm.event("resume", asset, "2026-03-01")
    firm.event("idle", asset, "2026-05-01")


def _nothing(_firm: Firm, _asset: int) -> None:
    pass


def _recovers(firm: Firm, asset: int) -> None:
    firm.event("impairment_reversal", asset, "2026-09-30", recoverable=Decimal(99999))


def _back_to_use(firm: Firm, asset: int) -> None:
    firm.event("back_to_use", asset, "2026-09-30")


def _resumes(firm: Firm, asset: int) -> None:
    firm.event("resume", asset, "2026-09-01")


@pytest.mark.parametrize(
    ("terms", "before", "after"),
    [
        (STRAIGHT, _plain, _nothing),
        (STRAIGHT, _all_at_once, _recovers),
        (STRAIGHT, _impaired, _recovers),
        (STRAIGHT, _held, _back_to_use),
        (STRAIGHT | {"suspends_while_idle": True}, _idle, _resumes),
        ({"method": "declining", "factor": "2", "life_months": "60", "residual": "500"}, _plain, _nothing),
        ({"method": "table", "table": ["0.2", "0.32", "0.192", "0.288"]}, _impaired, _recovers),
    ],
    ids=["added", "everything", "impaired", "held", "idle", "declining", "table"],
)
def test_it_goes_on_there_as_its_twin_goes_on_here(
    firms: Callable[[], Firm], terms: dict[str, Any], before: History, after: History
) -> None:
    """One company keeps the asset, another one hands its like over: at the end of 2028 both carry the same."""
    stays, gives, takes = firms(), firms(), firms()
    mine = stays.buy("6000.00", "2026-01-01", service="2026-01-01", terms={"": terms})
    theirs = gives.buy("6000.00", "2026-01-01", service="2026-01-01", terms={"": terms})
    before(stays, mine)
    before(gives, theirs)
    (taken,) = send(gives, takes, theirs).asset_ids
    assert balances(gives) == {}
    assert gives.balance("intercompany_clearing") + takes.balance("intercompany_clearing") == 0
    after(stays, mine)
    after(takes, taken)
    for firm in (stays, takes, gives):
        firm.run("2028-12-31")
    assert balances(takes) == balances(stays)
    assert takes.nbv(taken) == stays.nbv(mine) != 0
    proven(gives, takes)


def test_who_it_is_goes_with_it_and_each_half_names_the_other(firms: Callable[[], Firm]) -> None:
    gives, takes = firms(), firms()
    chairs = gives.buy(
        "1200.00",
        "2026-01-01",
        service="2026-01-01",
        tag="CH-1",
        name="Chairs",
        qty=12,
        serial_no="S-9",
        purchase_reference="PO 7",
        warranty_until=day("2028-01-01"),
        insured_until=day("2027-01-01"),
        insurance_reference="P 3",
        note="Red.",
    )
    gives.event("partial_disposal", chairs, "2026-02-01", how="scrap", quantity=2)
    moved = send(gives, takes, chairs, tag="T-1")
    with db.company_transaction(company_id=takes.company_id):
        there = queries.asset(takes.company_id, moved.asset_ids[0])
        (arrived,) = [row for row in queries.timeline(takes.company_id, there.asset_id) if row.reference]
    with db.company_transaction(company_id=gives.company_id):
        here = queries.asset(gives.company_id, chairs)
        (left,) = [row for row in queries.timeline(gives.company_id, chairs) if row.reference]
    assert (there.tag, there.name, there.qty, there.serial_no) == ("T-1", "Chairs", 10, "S-9")
    assert (there.purchase_reference, there.insurance_reference) == ("PO 7", "P 3")
    assert (there.warranty_until, there.insured_until) == (day("2028-01-01"), day("2027-01-01"))
    ((code,),) = gives.query("SELECT code FROM ledger_company")
    ((their_code,),) = takes.query("SELECT code FROM ledger_company")
    assert there.note == f"Red.\nFormerly CH-1 of {code}."
    assert (arrived.reference, left.reference) == (f"{code} CH-1", f"{their_code} T-1")
    assert (here.status.name, there.status.name) == ("DISPOSED", "IN_SERVICE")
    again = send(gives, takes, chairs, tag="T-1")
    assert (again.repeated, again.asset_ids) == (True, moved.asset_ids)
    with pytest.raises(Conflict):
        send(gives, takes, chairs, on="2026-06-16")
    # ten are there, half of them go
    takes.event("partial_disposal", there.asset_id, "2026-07-01", how="scrap", quantity=5)
    with pytest.raises(Refused):
        takes.event("partial_disposal", there.asset_id, "2026-07-02", how="scrap", quantity=6)
    proven(gives, takes)


def test_units_used_and_the_meter_go_on(firms: Callable[[], Firm]) -> None:
    """1,000 units for 1,000.00: 120 used here, the meter goes on from 120 there."""
    gives, takes = firms(), firms()
    units = {"": {"method": "units", "total_units": "1000"}}
    press = gives.buy("1000.00", "2026-01-01", service="2026-01-01", terms=units)
    gives.event("meter_reading", press, "2026-03-31", reading="120")
    (there,) = send(gives, takes, press).asset_ids
    with pytest.raises(Refused, match="backwards"):
        takes.event("meter_reading", there, "2026-07-31", reading="119")
    takes.event("meter_reading", there, "2026-07-31", reading="150")
    assert takes.nbv(there) == 85_000
    takes.event("meter_reading", there, "2026-12-31", reading="2000")
    assert takes.nbv(there) == 0
    proven(gives, takes)


def test_at_its_carrying_amount_nothing_is_depreciated_there_yet(firms: Callable[[], Firm]) -> None:
    """6,000.00 over five years: 5,500.00 at the end of May, and the first half of June; 54.5 months are left."""
    gives, takes = firms(), firms()
    machine = gives.buy("6000.00", "2026-01-01", service="2026-01-01")
    (there,) = send(gives, takes, machine, on="2026-05-31", basis="carrying_amount").asset_ids
    assert balances(takes) == {"asset_cost": 550_000}
    assert gives.balance("intercompany_clearing") == 550_000
    takes.run("2026-06-30")
    assert (takes.nbv(there), takes.balance("accumulated_depreciation")) == (540_000, -10_000)
    takes.run("2030-12-31")
    assert takes.nbv(there) == 0
    table = gives.buy(
        "6000.00",
        "2026-01-01",
        service="2026-01-01",
        terms={"": {"method": "table", "table": ["0.5", "0.5"]}},
    )
    with pytest.raises(Refused) as caught:
        send(gives, takes, table, key="other", basis="carrying_amount")
    assert [(p.field, p.rule) for p in caught.value.problems] == [("terms", "required")]
    send(gives, takes, table, key="other", basis="carrying_amount", terms={"": STRAIGHT})
    proven(gives, takes)


def test_at_a_price_the_gain_is_shown_here(firms: Callable[[], Firm]) -> None:
    """Carried at 5,500.00 and sold for 5,800.00: a gain of 300.00, and five new years there: 96.67 a month."""
    gives, takes = firms(), firms()
    machine = gives.buy("6000.00", "2026-01-01", service="2026-01-01")
    gives.event("grant", machine, "2026-01-01", amount=Decimal(1200))
    given: dict[str, Any] = {"on": "2026-05-31", "basis": "price", "price": Decimal(5800)}
    (there,) = send(gives, takes, machine, **given).asset_ids
    assert gives.balance("disposal_gain") == -30_000
    written = gives.counts(), takes.counts()
    assert send(gives, takes, machine, **given | {"price": Decimal("5800.00")}).repeated
    others: list[dict[str, Any]] = [
        given | {"price": Decimal(5900)},
        given | {"tag": "OTHER"},
        given | {"terms": {"": STRAIGHT}},
        {"on": "2026-05-31"},
        {"on": "2026-05-31", "basis": "carrying_amount"},
    ]
    for other in others:
        with pytest.raises(Conflict) as caught:
            send(gives, takes, machine, **other)
        assert [(p.field, p.rule) for p in caught.value.problems] == [("idempotency_key", "same_request")]
    assert (gives.counts(), takes.counts()) == written
    assert gives.balance("grant_income") == -120_000
    assert gives.balance("intercompany_clearing") == 580_000 == -takes.balance("intercompany_clearing")
    assert balances(gives) == {}
    assert balances(takes) == {"asset_cost": 580_000}
    takes.run("2026-06-30")
    assert takes.nbv(there) == 580_000 - 9_667
    proven(gives, takes)


def test_at_a_price_it_begins_anew_whatever_the_price_is(firms: Callable[[], Firm]) -> None:
    """Out of use here and given for nothing, it is in use there: 1,200.00 added on its first day, 20.00 a month."""
    gives, takes = firms(), firms()
    suspends = {"": STRAIGHT | {"suspends_while_idle": True}}
    machine = gives.buy("6000.00", "2026-01-01", service="2026-01-01", terms=suspends)
    gives.event("idle", machine, "2026-05-01")
    given: dict[str, Any] = {"on": "2026-05-31", "basis": "price", "price": Decimal(0), "terms": suspends}
    (there,) = send(gives, takes, machine, **given).asset_ids
    takes.event("cost_addition", there, "2026-06-01", amount=Decimal(1200))
    takes.run("2026-12-31")
    assert takes.nbv(there) == 106_000
    proven(gives, takes)


def test_a_pack_goes_by_the_day_of_service_however_that_is_known(firms: Callable[..., Firm]) -> None:
    """5-year property of 10,000 in service on 2023-11-20, by straight line and the middle of quarters since 2025: 2.5 %
    (1.5 months) and three times 20 % leave 3,750. As it was taken over, and as a correction and its own later terms say it.
    """

    def us(**elections: Any) -> dict[str, Any]:
        return {"pack": "us", "pack_class": "5-year", "elections": {"bonus": False} | elections}

    gives, takes = (firms(country="US", currency="USD") for _ in range(2))
    new = us(method="straight_line", convention="mid_quarter")
    machine, late = (
        gives.buy("10000.00", "2023-02-01", service=on, terms={"": us()})
        for on in ("2023-11-20", "2023-02-20")
    )
    ((served,),) = gives.query(
        "SELECT event_id FROM assets_event WHERE kind = 'in_service' AND asset_id = %s", late
    )
    right = {"in_service_on": "2023-11-20", "terms": us()}
    gives.event("error_correction", late, "2024-01-31", of_event_id=served, **right)
    (there,) = send(gives, takes, machine, on="2024-12-31").asset_ids
    for firm, asset in ((takes, there), (gives, late)):
        changed = firm.event("terms_catch_up", asset, "2025-01-01", terms=new)
        firm.run("2026-12-31")
        assert firm.nbv(asset) == 375_000
        firm.event("reversal", asset, "2025-01-01", of_event_id=changed)
    proven(gives, takes)


def test_what_is_in_a_pool_goes_from_pool_to_pool(firms: Callable[[], Firm]) -> None:
    """CAA 2001 s.267(2): as if sold at a price that gives rise to neither a balancing allowance nor a balancing charge;
    s.56: 18 %. 2022 leaves 8,200 of 2 x 5,000, half of it each. 2023: 4,100 less 738 on either side.

    At a price: 300 are got, 7,900 less 1,422 here; there 300 may be written off at once, being below 1,000 (s.56A).
    """
    for more, here, there_, charged in (
        ({}, 410_000, 410_000, (73_800, 73_800)),
        ({"basis": "carrying_amount"}, 410_000, 410_000, (73_800, 73_800)),
        ({"basis": "price", "price": Decimal(300)}, 790_000, 30_000, (142_200, 30_000)),
    ):
        gives, takes = firms(), firms()
        for firm in (gives, takes):
            firm.book("tax")
            firm.class_("PLANT", terms={"tax": {"pack": "uk", "pack_class": "plant"}, "": STRAIGHT})
        gives.buy("5000.00", "2022-01-01", service="2022-01-01", class_code="PLANT")
        plant = gives.buy("5000.00", "2022-01-01", service="2022-01-01", class_code="PLANT")
        if not more:  # a book that was not run yet gives up the same
            gives.run("2022-12-31", "tax")
        given: dict[str, Any] = {
            "company_id": gives.company_id,
            "to_company_id": takes.company_id,
            "actor_id": None,
            "asset_id": plant,
            "effective_on": day("2023-06-30"),
            "class_code": "PLANT",
        }
        before = gives.counts(), takes.counts()
        services.preview_transfer(**given, **more)
        assert (gives.counts(), takes.counts()) == before
        (there,) = services.transfer_to_company(**given, **more, idempotency_key="move").asset_ids
        gives.run("2022-12-31", "tax")
        assert (gives.nbv(plant, "tax"), takes.nbv(there, "tax")) == (0, there_)
        rows = gives.query(
            "SELECT sum(carrying_amount)::bigint FROM assets_value WHERE book_id = %s", gives.books["tax"]
        )
        assert rows == [(here,)]
        for firm, amount in zip((gives, takes), charged, strict=True):
            firm.run("2023-12-31", "tax")
            assert firm.balance("depreciation_expense", "tax") == amount + (180_000 if firm is gives else 0)
            assert firm.balance("asset_disposal", "tax") == 0
            assert firm.balance("disposal_gain", "tax") == firm.balance("disposal_loss", "tax") == 0
        sums = [firm.balance("intercompany_clearing", "tax") for firm in (gives, takes)]
        assert sum(sums) == 0
        assert sums[0] == there_
        proven(gives, takes)


def test_components_go_with_their_whole(firms: Callable[[], Firm]) -> None:
    """A lathe, its spindle, the bearing of the spindle and a table that was scrapped; there the bearing has no class of
    its own. Each keeps its name, its cost and its depreciation, and its place in the tree."""
    gives, takes = firms(), firms()
    for firm in (gives, takes):
        firm.class_("TOOLING", terms={"": STRAIGHT})
    gives.class_("BEARINGS", terms={"": STRAIGHT})
    lathe = gives.buy("6000.00", "2026-01-01", service="2026-01-01", name="Lathe", tag="L-1")
    parts = {
        name: gives.buy(
            cost, "2026-01-01", service="2026-01-01", name=name, class_code=code, parent_tag=of, tag=tag
        )
        for name, cost, code, of, tag in (
            ("Spindle", "1200.00", "TOOLING", "L-1", "L-2"),
            ("Bearing", "600.00", "BEARINGS", "L-2", "L-3"),
            ("Table", "300.00", "MACH", "L-1", "L-4"),
        )
    }
    gives.event("disposal", parts["Table"], "2026-03-01", how="scrap")
    # what was bought later cannot have gone with it then, and is named
    chuck = gives.buy("60.00", "2026-08-01", service="2026-08-01", name="Chuck", parent_tag="L-1", tag="L-5")
    with pytest.raises(Refused, match="L-5: The asset was not there yet"):
        send(gives, takes, lathe)
    gives.event("disposal", chuck, "2026-08-01", how="scrap")
    before = gives.nbv(lathe), *(gives.nbv(each) for each in parts.values())
    counts = gives.counts(), takes.counts()
    here, there = services.preview_transfer(
        company_id=gives.company_id,
        to_company_id=takes.company_id,
        actor_id=None,
        asset_id=lathe,
        effective_on=day(ON),
        class_code="MACH",
    )
    assert len({row.asset_id for book in there for row in book.rows}) == 3
    assert len({row.asset_id for book in here for row in book.rows}) == 3
    assert (gives.counts(), takes.counts()) == counts
    ids = send(gives, takes, lathe).asset_ids
    assert send(gives, takes, lathe).repeated
    found = takes.query(
        "SELECT a.id, a.name, p.name, c.code FROM assets_asset a JOIN assets_class c ON c.id = a.class_id"
        " LEFT JOIN assets_asset p ON p.id = a.parent_id ORDER BY a.id"
    )
    assert found == [
        (ids[0], "Lathe", None, "MACH"),
        (ids[1], "Spindle", "Lathe", "TOOLING"),
        (ids[2], "Bearing", "Spindle", "MACH"),
    ]
    assert balances(takes)["asset_cost"] == 780_000
    assert gives.nbv(lathe) == gives.nbv(parts["Bearing"]) == 0
    ((out,),) = gives.query(
        "SELECT event_id FROM assets_event WHERE kind = 'intercompany_out' AND asset_id = %s",
        parts["Bearing"],
    )
    for firm in (gives, takes):
        firm.run("2026-12-31")
    proven(gives, takes)
    # taken back from any of its parts, all of it is back
    whole = {"company_id": gives.company_id, "actor_id": None, "event_id": out}
    services.preview_take_back(**whole)
    services.take_back_transfer(**whole, idempotency_key="back")
    assert services.take_back_transfer(**whole, idempotency_key="back").repeated
    assert [takes.nbv(each) for each in ids] == [0, 0, 0]
    gives.event("reversal", parts["Table"], "2026-03-01", of_event_id=_disposal(gives, parts["Table"]))
    assert before[0] > gives.nbv(lathe) > 0
    # sold, the price is shared by what they are carried at: 6,000 : 1,200 : 600 : 300
    sold = send(gives, takes, lathe, key="sold", basis="price", price=Decimal("8100.01")).asset_ids
    assert [takes.nbv(each, on="2026-06-15") for each in sold] == [600_001, 120_000, 30_000, 60_000]
    proven(gives, takes)


def _disposal(firm: Firm, asset: int) -> int:
    ((event,),) = firm.query(
        "SELECT event_id FROM assets_event WHERE kind = 'disposal' AND asset_id = %s", asset
    )
    return int(event)


def test_what_is_refused_is_written_in_neither_company(firms: Callable[[], Firm]) -> None:
    gives, takes = firms(), firms()
    machine = gives.buy("6000.00", "2026-01-01", service="2026-01-01")
    sold = gives.buy("6000.00", "2026-01-01", service="2026-01-01")
    gives.event("disposal", sold, "2026-02-01", how="scrap")
    gives.class_("ROU", kind="right_of_use", terms={"": {"method": "none"}})
    lease = EventDraft(
        "lease",
        day("2026-01-01"),
        asset_no=0,
        values={"payments": [["2026-12-31", Decimal(1000)]], "ends_on": "2026-12-31", "rate": "0.1"},
    )
    (rented,) = gives.record(lease, assets=[AssetDraft("Shop", "ROU")]).asset_ids
    twice = gives.buy("6000.00", "2026-01-01")
    for on in ("2026-01-01", "2026-02-01"):
        gives.event("decommissioning", twice, on, flows=[["2031-01-01", Decimal(100)]], rate="0.05")
    before = gives.counts(), takes.counts()

    def refused(asset: int, **more: Any) -> list[tuple[str, str]]:
        with pytest.raises(Refused) as caught:
            send(gives, takes, asset, **more)
        assert (gives.counts(), takes.counts()) == before
        return [(problem.field, problem.rule) for problem in caught.value.problems]

    assert refused(machine, basis="gift") == [("basis", "known")]
    assert refused(machine, basis="price") == [("price", "with_basis")]
    assert refused(machine, price=Decimal(5)) == [("price", "with_basis")]
    assert ("effective_on", "after_acquisition") in refused(machine, on="2025-12-31")
    assert refused(sold) == [("effective_on", "before_disposal")]
    assert refused(rented) == [("kind", "lease")]
    assert refused(twice) == [("asset_id", "obligations")]
    assert refused(machine, location_id=987_654) == [("location_id", "exists")]
    with pytest.raises(Refused):
        send(gives, gives, machine)
    with pytest.raises(Refused):
        services.transfer_to_company(
            company_id=gives.company_id,
            to_company_id=takes.company_id,
            actor_id=None,
            idempotency_key="move",
            asset_id=machine,
            effective_on=day(ON),
            class_code="NONE",
        )
    assert (gives.counts(), takes.counts()) == before


def test_a_calendar_chosen_late_leaves_what_was_handed_over(firms: Callable[[], Firm]) -> None:
    """By periods of four weeks the asset would have left with 3992.86 rather than 4008.33."""
    gives, takes = firms(), firms()
    theirs = gives.buy("5200.00", "2026-01-05", service="2026-01-05", terms={"": {"life_months": "24"}})
    send(gives, takes, theirs)
    with pytest.raises(Refused) as caught:
        services.set_calendar(
            company_id=gives.company_id,
            actor_id=None,
            book_id=gives.book_id,
            calendar={"pattern": "weeks_13", "weekday": 6},
        )
    assert [(p.field, p.rule) for p in caught.value.problems] == [("calendar", "transfer")]
    assert gives.balance("intercompany_clearing") == 400_833 == -takes.balance("intercompany_clearing")


def test_a_transfer_is_taken_back_as_a_whole(firms: Callable[[], Firm]) -> None:
    gives, takes = firms(), firms()
    machine = gives.buy("6000.00", "2026-01-01", service="2026-01-01")
    gives.run("2026-06-30")
    before = gives.nbv(machine)
    for key in ("move", "back"):  # of something else over there: that is nobody's business here
        other = EventDraft("acquisition", day("2026-01-01"), asset_no=0, values={"cost": Decimal(1)})
        takes.record(other, assets=[AssetDraft("Other", "MACH")], key=key)
    (there,) = send(gives, takes, machine).asset_ids
    ((out,),) = gives.query("SELECT event_id FROM assets_event WHERE kind = 'intercompany_out'")
    ((came,),) = takes.query("SELECT event_id FROM assets_event WHERE kind = 'intercompany_in'")
    for firm, asset, event in ((gives, machine, out), (takes, there, came)):
        with pytest.raises(Refused) as caught:
            firm.event("reversal", asset, ON, of_event_id=event)
        assert [(p.field, p.rule) for p in caught.value.problems] == [("of_event_id", "transfer")]
    # what becomes known late of the time before was not handed over: it waits until the transfer is taken back
    with pytest.raises(Refused) as caught:
        gives.event("cost_addition", machine, "2026-02-01", amount=Decimal(5))
    assert [(p.field, p.rule) for p in caught.value.problems] == [("effective_on", "transfer")]
    ((acquired,),) = gives.query("SELECT event_id FROM assets_event WHERE kind = 'acquisition'")
    with pytest.raises(Refused):
        gives.event("reversal", machine, "2026-01-01", of_event_id=acquired)
    whole = {"company_id": gives.company_id, "actor_id": None, "event_id": out}
    sold = takes.event("disposal", there, "2026-07-01", how="scrap")
    with pytest.raises(Refused):
        services.take_back_transfer(**whole, idempotency_key="back")
    takes.event("reversal", there, "2026-07-01", of_event_id=sold)
    services.take_back_transfer(**whole, idempotency_key="back")
    assert services.take_back_transfer(**whole, idempotency_key="back").repeated
    with pytest.raises(NotFound):
        services.take_back_transfer(**whole, idempotency_key="once more")
    assert (gives.nbv(machine), takes.nbv(there)) == (before, 0)
    assert gives.balance("intercompany_clearing") == takes.balance("intercompany_clearing") == 0
    gives.event("cost_addition", machine, "2026-02-01", amount=Decimal(5))
    # the key of another batch answers nothing
    (here,) = gives.query("SELECT event_id FROM assets_event WHERE kind = 'cost_addition'")
    # what was left over there still has its tag, which somebody may have written on the thing
    ((left,),) = takes.query("SELECT tag FROM assets_asset WHERE id = %s", there)
    with pytest.raises(Conflict, match=rf"{left} is there already \(Thing\)") as conflict:
        send(gives, takes, machine, key="same tag", tag=left)
    assert [(p.field, p.rule, p.value) for p in conflict.value.problems] == [("tag", "unique", left)]
    send(gives, takes, machine, key="again")
    ((again,),) = gives.query(
        "SELECT event_id FROM assets_event WHERE kind = 'intercompany_out' AND event_id > %s", here[0]
    )
    written = gives.counts(), takes.counts()
    for key in ("move", "again", "back"):
        with pytest.raises(Conflict) as conflict:
            services.take_back_transfer(**whole | {"event_id": again}, idempotency_key=key)
        assert [(p.field, p.rule) for p in conflict.value.problems] == [("idempotency_key", "same_request")]
    assert (gives.counts(), takes.counts()) == written
    for firm in (gives, takes):
        check_whole(firm)
    proven(gives, takes)


def test_books_of_another_currency_take_after_theirs_or_the_primary_one(firms: Callable[..., Firm]) -> None:
    """The main books are both in euros; `us` here is in dollars and has no match there; `uk` there is in pounds."""
    gives, takes = firms(), firms()
    gives.book("us", currency="USD")
    takes.book("uk", currency="GBP")
    rate = ledger_services.RateDraft
    for firm, code, price in ((gives, "USD", "1.25"), (takes, "GBP", "0.80")):
        ledger_services.set_exchange_rates(
            company_id=firm.company_id,
            actor_id=None,
            rates=[rate("EUR", code, day("2026-01-01"), Decimal(price))],
        )
    machine = gives.buy("6000.00", "2026-01-01", service="2026-01-01")
    here, there = services.preview_transfer(
        company_id=gives.company_id,
        to_company_id=takes.company_id,
        actor_id=None,
        asset_id=machine,
        effective_on=day("2026-05-31"),
        class_code="MACH",
    )
    moved = send(gives, takes, machine, on="2026-05-31")
    (asset,) = moved.asset_ids
    assert (gives.nbv(machine), gives.nbv(machine, "us")) == (0, 0)
    assert (takes.nbv(asset), takes.nbv(asset, "uk")) == (550_000, 440_000)
    shown = {
        book.code: sum(row.amount for row in book.rows if row.role == "intercompany_cost") for book in here
    }
    assert shown == {"main": -600_000, "us": -750_000}
    shown = {
        book.code: sum(row.amount for row in book.rows if row.role == "intercompany_cost") for book in there
    }
    assert shown == {"main": 600_000, "uk": 480_000}
    proven(gives, takes)


def test_amounts_in_terms_are_those_of_the_currency_over_there(firms: Callable[[], Firm]) -> None:
    """At 150 yen a euro a residual of 600.00 is 90,000; of a plan of 1,000.01, 2,000.00 and 2,999.99 the sums are 150,001.5
    (to the even one: 150,002), 450,001.5 (450,002) and 900,000."""
    gives, takes = firms(), firms()
    takes.book("jp", currency="JPY")
    rate = ledger_services.RateDraft("EUR", "JPY", day("2025-01-01"), Decimal(150))
    ledger_services.set_exchange_rates(company_id=takes.company_id, actor_id=None, rates=[rate])
    plan = {"method": "amounts", "amounts": ["100001", "200000", "299999"]}
    machine, planned = (
        gives.buy("6000.00", "2025-01-01", service="2025-01-01", terms={"": terms})
        for terms in (STRAIGHT | {"residual": "600"}, plan)
    )
    (residual,) = send(gives, takes, machine, on="2025-12-31", key="residual").asset_ids
    (there,) = send(gives, takes, planned, on="2025-12-31", key="plan").asset_ids
    takes.run("2026-12-31", "jp")
    assert takes.nbv(there, "jp", on="2025-12-31") == 900_000 - 150_002
    assert takes.nbv(there, "jp") == 900_000 - 450_002
    takes.run("2030-12-31", "jp")
    assert (takes.nbv(residual, "jp"), takes.nbv(there, "jp")) == (90_000, 0)
    proven(gives, takes)


def test_what_would_change_a_part_that_was_handed_over_waits_too(firms: Callable[[], Firm]) -> None:
    """Half of the machine went to another asset, and that to the other company: a late bill for the whole is refused."""
    gives, takes = firms(), firms()
    machine = gives.buy("6000.00", "2026-01-01", service="2026-01-01")
    split = gives.record(
        EventDraft("part_out", day("2026-02-28"), asset_id=machine, values={"weights": [1, 1]}),
        EventDraft("part_in", day("2026-02-28"), asset_no=0, of_no=0),
        assets=[AssetDraft("Half", "MACH")],
    )
    send(gives, takes, split.asset_ids[0])
    before = gives.counts()
    with pytest.raises(Refused) as caught:
        gives.event("cost_addition", machine, "2026-02-01", amount=Decimal(100))
    assert [(p.field, p.rule) for p in caught.value.problems] == [("effective_on", "transfer")]
    assert gives.counts() == before
    gives.event("cost_addition", machine, "2026-03-01", amount=Decimal(100))  # of what stayed
    proven(gives, takes)
