"""What equipment costs and brings is paid a month later: bills, rents, grants, and what buyers owe."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

from wherewithal.site.demo.desk import Desk, at
from wherewithal.site.demo.plan import AssetBatch, AssetEvent, Journal

PAID_ON = 15
BANK, LOAN = "1000", "2600"
DRAWN = 2_400_000_00  # cents
OWED = {"acquisition": "cost", "construction_cost": "amount", "cost_addition": "amount"}
ACCOUNTS = {  # clearing account -> what the entry is called
    "2030": "Equipment bills paid",
    "2040": "Rents of leases paid",
    "1385": "Received for equipment sold",
    "1390": "Grants received",
}


def settle(desk: Desk, open_days: list[date]) -> None:
    """From the fifteenth on, what the months before have left open."""
    loan = ((BANK, DRAWN), (LOAN, -DRAWN))
    day = open_days[0]
    desk.steps.append(Journal(at(day, "06:10"), "controller", day, "Loan for equipment drawn", loan))
    still_open = sorted(_open_amounts(desk))
    for before, day in pairwise(open_days):
        if before.day < PAID_ON <= day.day:
            due = [one for one in still_open if one[0] < day.replace(day=1)]
            still_open = still_open[len(due) :]
            _pay(desk, day, due)


def _pay(desk: Desk, day: date, due: list[tuple[date, str, int]]) -> None:
    totals: dict[str, int] = defaultdict(int)
    for _, account, cents in due:
        totals[account] += cents
    for minute, (account, title) in enumerate(ACCOUNTS.items()):
        if totals[account]:
            lines = ((account, totals[account]), (BANK, -totals[account]))
            desk.steps.append(
                Journal(at(day, f"15:{20 + minute}"), "controller", day, f"{title}, {day:%B %Y}", lines)
            )


def _open_amounts(desk: Desk) -> Iterator[tuple[date, str, int]]:
    """(day, clearing account, cents to debit it with) of everything that has been entered and stands."""
    events = [event for step in desk.steps if isinstance(step, AssetBatch) for event in step.events]
    reversed_keys = {event.of for event in events if event.kind == "reversal"}
    raised = {event.tag: event for event in events if event.kind == "lease_change"}
    for event in events:
        if event.key is None or event.key not in reversed_keys:
            yield from _amounts(event, raised.get(event.tag))


def _amounts(event: AssetEvent, raised: AssetEvent | None) -> Iterator[tuple[date, str, int]]:
    if event.kind in OWED:
        yield event.on, "2030", _cents(event.values[OWED[event.kind]])
    elif event.kind in ("disposal", "partial_disposal") and "proceeds" in event.values:
        yield event.on, "1385", -_cents(event.values["proceeds"])
    elif event.kind == "grant":
        yield event.on, "1390", -_cents(event.values["amount"])
    elif event.kind == "lease":
        for on, rent in event.values["payments"]:
            factor = Decimal(raised.values["factor"]) if raised and raised.on <= on else 1
            yield on, "2040", _cents(rent * factor)


def _cents(amount: Decimal) -> int:
    return int(amount * 100)
