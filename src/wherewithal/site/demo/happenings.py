"""What happens to single assets of the demo company, one of each kind that a page wants to show.

Told by month of the story and day of the month; the books that hear of an event are named where it is not all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from wherewithal.core.depreciation.calendar import add_months
from wherewithal.site.demo.equipment import GAAP, IFRS, TAX
from wherewithal.site.demo.owner import Owner
from wherewithal.site.demo.plan import Asset, AssetEvent

LEASES = (  # name, place, centre, month of the story, months, monthly rent, yearly rate
    ("Hall 4, Linz harbour", "LNZ", "LOG", 1, 60, "4800.00", "0.045"),
    ("Photocopiers, ten of them", "GRZ-OFF", "ADM", 2, 48, "390.00", "0.05"),
    ("Electric car of the sales manager", "GRZ-OFF", "SAL", 5, 36, "610.00", "0.052"),
    ("Reach truck", "LNZ", "LOG", 9, 48, "745.00", "0.05"),
)
INDEX_AFTER, INDEX_FACTOR = 12, "1.031"


@dataclass(frozen=True, slots=True)
class Happening:
    """An event on a day of a month of the story."""

    month: int
    day: int
    kind: str
    tag: str
    values: Mapping[str, Any] = field(default_factory=dict)
    books: tuple[str | None, ...] = (None,)
    key: str | None = None
    of: str | None = None
    party: str | None = None
    note: str = ""


def _sold(proceeds: str) -> dict[str, Any]:
    return {"how": "sale", "proceeds": Decimal(proceeds)}


def _money(**amounts: str) -> dict[str, Decimal]:
    return {name: Decimal(amount) for name, amount in amounts.items()}


SCRAP = {"how": "scrap"}
HAPPENINGS = (
    Happening(1, 11, "transfer", "MA-0012", {"location": "LNZ", "cost_centre": "LOG"}),
    Happening(2, 6, "check_out", "IT-0003", {"custodian_user": "demo.buyer"}),
    Happening(2, 7, "accept", "IT-0003", {"signature": "Beate Brandl"}),
    Happening(2, 18, "transfer", "IT-0051", {"status": "under_maintenance"}),
    Happening(2, 25, "transfer", "IT-0051", {"status": "in_service"}),
    Happening(3, 5, "check_out", "IT-0004", {"custodian_user": "demo.planner"}),
    Happening(3, 6, "accept", "IT-0004", {"signature": "Paula Pichler"}),
    Happening(4, 17, "disposal", "VE-0001", _sold("9800.00"), party="AUTO"),
    Happening(5, 9, "cost_addition", "MA-0001", _money(amount="8750.00"), party="ALPEN", note="Robot arm"),
    Happening(6, 14, "check_in", "IT-0004", {"location": "GRZ-OFF"}),
    Happening(6, 20, "disposal", "IT-0001", SCRAP),
    Happening(6, 20, "disposal", "IT-0002", SCRAP),
    Happening(
        7, 1, "estimate_change", "MA-0009",
        {"terms": {"method": "straight_line", "life_months": "72", "convention": "full_month"}, "remaining_life": True},
        (IFRS, GAAP), note="Overhauled: it will run six more years",
    ),
    Happening(8, 30, "revaluation", "LA-0001", _money(value="790000.00"), (IFRS,), note="Valuer's report"),
    Happening(8, 30, "revaluation", "BU-0001", _money(value="1180000.00"), (IFRS,), note="Valuer's report"),
    Happening(9, 12, "partial_disposal", "FU-RACK", {**_sold("2600.00"), "quantity": 4}, note="Four bays sold"),
    Happening(10, 3, "idle", "MA-0020", note="Waits for the new housing"),
    Happening(10, 28, "impairment", "TO-0001", _money(recoverable="2100.00"), (IFRS, GAAP), key="jug mould",
              note="The jug is discontinued"),
    Happening(11, 5, "disposal", "MA-0031", _sold("1500.00"), key="wrong compressor", note="Sold to a garage"),
    Happening(11, 6, "reversal", "MA-0031", of="wrong compressor", note="It was the other compressor"),
    Happening(11, 6, "disposal", "MA-0032", _sold("1500.00"), note="Sold to a garage"),
    Happening(12, 2, "grant", "BU-0008", _money(amount="24000.00"), note="Energy efficiency programme"),
    Happening(13, 1, "resume", "MA-0020"),
    Happening(13, 15, "check_out", "VE-0016", {"custodian_user": "demo.controller"}),
    Happening(14, 8, "disposal", "VE-0014", _sold("17900.00"), party="AUTO"),
    Happening(15, 21, "disposal", "IT-0055", {"how": "loss"}, note="Fell into the dock"),
    Happening(16, 30, "impairment_reversal", "TO-0001", _money(recoverable="3000.00"), (IFRS,),
              note="The jug sells again in Slovenia"),
    Happening(17, 19, "partial_disposal", "BU-0003", {"how": "scrap", "share": "1/4"}, note="One boiler of four"),
    Happening(18, 4, "transfer", "VE-0008", {"location": "GRZ", "cost_centre": "PRD"}),
    Happening(19, 10, "held_for_sale", "MA-0011", _money(fair_value_less_costs="31000.00"), (IFRS, GAAP)),
    Happening(21, 15, "disposal", "MA-0011", _sold("30500.00"), note="To a maker in Maribor"),
    Happening(22, 11, "check_out", "VE-0017", {"custodian_user": "demo.maintenance"}),
)  # fmt: skip


def tell(owner: Owner, open_days: list[date]) -> None:
    """Each on the first working day from its own on; what one day has is entered together."""
    _racks(owner, open_days)
    _filling_line(owner, open_days)
    for number, lease in enumerate(LEASES):
        _lease(owner, open_days, number, *lease)
    by_day: dict[date, list[AssetEvent]] = {}
    for one in HAPPENINGS:
        on = add_months(owner.desk.start, one.month).replace(day=min(one.day, 28))
        entered = _entered(open_days, on)
        for book in one.books if entered else ():
            key = f"{one.key} {book}" if one.key and book else one.key
            event = AssetEvent(
                one.kind,
                one.tag,
                on,
                one.values,
                book=book,
                key=key,
                of=one.of,
                party=one.party,
                note=one.note,
            )
            by_day.setdefault(entered or on, []).append(event)
    for day, events in sorted(by_day.items()):
        owner.write(day, "09:20", f"assets {day}", *events)


def _entered(open_days: list[date], on: date) -> date | None:
    """The first working day from that one on; None if the story is over by then."""
    return next((day for day in open_days if day >= on), None)


def _racks(owner: Owner, open_days: list[date]) -> None:
    """Twelve bays of a rack as one asset, bought in the first month."""
    on = add_months(owner.desk.start, 0).replace(day=20)
    day = _entered(open_days, on)
    if day is None:
        return
    rack = Asset("FU-RACK", "Narrow-aisle rack, twelve bays", "FURN", "LNZ-PICK", "LOG", "FOERDER", qty=12)
    bought = AssetEvent(
        "acquisition", rack.tag, on, _money(cost="21600.00"), party="FOERDER", reference="B-10077"
    )
    owner.write(day, "09:40", "racks", bought, AssetEvent("in_service", rack.tag, on), assets=(rack,))


def _filling_line(owner: Owner, open_days: list[date]) -> None:
    """Built for three months, then settled to the three machines that it became."""
    line = Asset("UC-0001", "Filling line for cartridges", "AUC", "GRZ-WIP", "PRD", "ALPEN")
    for number, amount in enumerate(("41500.00", "67250.00", "18900.00")):
        on = owner.month(4 + number).replace(day=24)
        day = _entered(open_days, on)
        if day is not None:
            cost = AssetEvent("construction_cost", line.tag, on, _money(amount=amount), party="ALPEN")
            owner.write(day, "10:05", f"line {number}", cost, assets=() if number else (line,))
    on = owner.month(7).replace(day=8)
    day = _entered(open_days, on)
    if day is None:
        return
    parts = [
        Asset(f"MA-LINE-{number}", name, "MACH", "GRZ-WIP", "PRD", "ALPEN")
        for number, name in enumerate(("Filler", "Capper", "Labeller"), 1)
    ]
    settle = {"weights": [0, 60, 25, 15], "construction_only": True}
    events = [AssetEvent("part_out", line.tag, on, settle, key="line settled")]
    for number, part in enumerate(parts, 1):
        taken = {"part": number, "capitalise": True}
        events.append(AssetEvent("part_in", part.tag, on, taken, of="line settled"))
        events.append(AssetEvent("in_service", part.tag, add_months(on.replace(day=1), 1)))
    last = events[-1].on
    entered = _entered(open_days, last)
    if entered is not None:
        owner.write(entered, "10:15", "line settled", *events, assets=tuple(parts))


def _lease(
    owner: Owner, open_days: list[date], number: int, name: str, place: str, centre: str, month: int, months: int,
    rent: str, rate: str,
) -> None:  # fmt: skip
    """On the balance sheet under IFRS 16, on a straight line under ASC 842, an expense for US tax."""
    on = owner.month(month)
    day = _entered(open_days, on)
    if day is None:
        return
    asset = Asset(owner.tag("ROU"), name, "ROU", place, centre, "LESSOR")
    ends_on = add_months(on, months) - timedelta(1)
    month_ends = [add_months(on, past) - timedelta(1) for past in range(1, months + 1)]
    values = {
        "payments": [(month_end, Decimal(rent)) for month_end in month_ends], "ends_on": ends_on,
        "rate": rate, "interval_months": 1, "in_arrears": True, "standard": "ifrs16",
    }  # fmt: skip
    by_book = {GAAP: {"standard": "asc842_operating"}, TAX: {"standard": "exempt"}}
    event = AssetEvent("lease", asset.tag, on, values, by_book=by_book, party="LESSOR")
    owner.write(day, "11:10", f"lease {number}", event, assets=(asset,))
    if number == 0 and (later := _entered(open_days, add_months(on, INDEX_AFTER))) is not None:
        index = {"change": "index", "factor": INDEX_FACTOR}
        change = AssetEvent(
            "lease_change", asset.tag, add_months(on, INDEX_AFTER), index, note="Consumer prices"
        )
        owner.write(later, "11:20", f"lease {number} index", change)
