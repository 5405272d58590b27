"""What people do about assets beside entering what happened: they plan, book, look for them, keep one too long."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from wherewithal.core.depreciation.calendar import add_months
from wherewithal.site.demo.desk import Desk, at
from wherewithal.site.demo.equipment import GAAP, IFRS
from wherewithal.site.demo.owner import Owner
from wherewithal.site.demo.plan import AssetEvent, Audit, Booking, Budget, Scenario

BUDGET_DAY = 2  # of December
TAKEN, DUE_BACK, PART_GIVEN = 40, 12, 3  # days before the story ends
WELL = "BU-0001"
BOOKINGS = (  # asset, user, days from the last one, from, to, what for
    ("VE-0002", "demo.buyer", -6, "07:30", "15:00", "Trade fair in Wels, stand material"),
    ("VE-0008", "demo.planner", 1, "08:00", "12:00", "Moving the pallet racks"),
    ("VE-0002", "demo.maintenance", 2, "07:00", "16:30", "Service visits in Salzburg"),
    ("VE-0002", "demo.buyer", 5, "09:00", "17:00", "Samples from Traun"),
)


def tell(owner: Owner, open_days: list[date]) -> None:
    """All of it; the last things just before the story ends."""
    desk = owner.desk
    _obligation(owner, open_days)
    _lately(owner, open_days)
    for before, day in pairwise(open_days):
        if day.month == 12 and before < day.replace(day=BUDGET_DAY) <= day:
            _budget(desk, day)
        if before.month == 12 and day.month == 1:
            name = f"Year end {before.year}, Linz"
            desk.steps.append(Audit(at(day, "13:30"), "storekeeper", name, "LNZ", 27))
    last = open_days[-1]
    desk.steps.append(Audit(at(last, "13:40"), "storekeeper", "Offices in Graz", "GRZ-OFF", 9, seen=20))
    _scenario(desk, last)
    for tag, user, days, begins, ends, purpose in BOOKINGS:
        on = desk.today + timedelta(days)
        entered = at(min(on, last), "08:45") if days < 0 else at(last, "08:45")
        booked: tuple[datetime, datetime] = at(on, begins), at(on, ends)
        desk.steps.append(Booking(entered, "storekeeper", tag, *booked, user, purpose))


def _budget(desk: Desk, day: date) -> None:
    year = day.year + 1
    desk.steps.append(Budget(at(day, "16:20"), "accountant", str(year), date(year, 1, 1), date(year, 12, 31)))


def _scenario(desk: Desk, last: date) -> None:
    """Against a plan to renew the fleet."""
    on = add_months(last.replace(day=1), 2)
    desk.steps.append(
        Scenario(
            at(last, "14:10"),
            "accountant",
            "Keep the fleet two more years",
            "Instead of replacing the vans and trucks when they are written off.",
            keep=("VEH", 24, on),
            buy=("Battery packs for the fork lift trucks", "MACH", Decimal("38400.00"), on),
            sell=("VE-0019", Decimal("11500.00"), add_months(on, 3)),
        )
    )


def _obligation(owner: Owner, open_days: list[date]) -> None:
    """The well of the works has to be sealed when the land is given back."""
    on = owner.month(3).replace(day=10)
    day = next((each for each in open_days if each >= on), None)
    if day is None:
        return
    flows = [(add_months(on, 12 * 20), Decimal("86000.00"))]
    events = [
        AssetEvent(
            "decommissioning", WELL, on, {"flows": flows, "rate": "0.0375"}, book=book,
            note="The well is to be sealed in twenty years",
        )
        for book in (IFRS, GAAP)
    ]  # fmt: skip
    owner.write(day, "09:50", "well", *events)


def _lately(owner: Owner, open_days: list[date]) -> None:
    """A camera that should be back by now; a part that was taken from one machine and not put into another yet."""
    today = owner.desk.today
    taken, given = (
        next((each for each in open_days if each >= today - timedelta(days)), open_days[-1])
        for days in (TAKEN, PART_GIVEN)
    )
    borrowed = {"custodian_user": "demo.planner", "expected_on": today - timedelta(DUE_BACK)}
    if len(open_days) > TAKEN:
        owner.write(taken, "08:20", "lent", AssetEvent("check_out", "IT-0006", taken, borrowed))
        part = AssetEvent(
            "part_out", "MA-0014", given, {"weights": [85, 15]}, note="The gear box, for another press"
        )
        owner.write(given, "15:30", "gear box", part)
