"""What each book should say of some assets, less what it says: the rows still to be booked."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from wherewithal.assets.services.context import BookFacts, Context
from wherewithal.assets.services.posting.history import AssetHistory, reversed_ids
from wherewithal.assets.services.posting.reading import MoveCosts, Reader
from wherewithal.assets.services.posting.values import POOL_ROLES, Accounts, ValueKey
from wherewithal.core.assets.facts import Fact, ValueRow
from wherewithal.core.assets.fold import Folded, History, fold
from wherewithal.core.lease.terms import LeaseError
from wherewithal.kit import db
from wherewithal.kit.errors import refuse

LONG_AGO = datetime.date(1900, 1, 1)

_BOOKED = """
    SELECT asset_id, event_id, role, class_id, cost_centre_id, debit_account_id, credit_account_id, effective_on,
           sum(amount)::bigint
    FROM assets_value
    WHERE company_id = %(company)s AND book_id = %(book)s AND asset_id = ANY (%(assets)s) AND role <> ALL (%(pools)s)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(amount) <> 0
"""


def booked(company_id: int, book_id: int, asset_ids: Collection[int]) -> dict[ValueKey, int]:
    """What a book says of these assets by themselves; what they have from their pools is left aside."""
    given = {"company": company_id, "book": book_id, "assets": sorted(asset_ids), "pools": list(POOL_ROLES)}
    rows = db.fetch_all(_BOOKED, given)
    return {ValueKey(*row[:8]): row[8] for row in rows}


class Said(NamedTuple):
    """What a book should say about some assets, through a day."""

    folded: dict[int, Folded]
    through_on: datetime.date

    def rows(self) -> dict[int, list[ValueRow]]:
        return {asset_id: answer.rows for asset_id, answer in self.folded.items()}


def horizon_of(book: BookFacts, facts: Iterable[Fact]) -> datetime.date:
    """Up to which day the book speaks of assets with these facts: the last run, or the last event if that is later."""
    days = [fact.effective_on for fact in facts]
    return max([book.horizon_on or LONG_AGO, *days])


def should(
    context: Context,
    book: BookFacts,
    group: Sequence[AssetHistory],
    move_costs: MoveCosts,
    *,
    through_on: datetime.date | None = None,
) -> Said:
    """What one book should say about assets that hang together, through its horizon (or another day).

    Refused where the terms of a lease and its changes do not fit together.
    """
    histories = []
    horizon = LONG_AGO
    for history in group:
        facts = Reader(context, book, history, move_costs).facts()
        horizon = max(horizon, horizon_of(book, facts))
        histories.append(History(history.asset_id, history.class_id, facts))
    through_on = through_on or horizon
    try:
        return Said(fold(histories, book.calendar, through_on), through_on)
    except LeaseError as error:
        raise refuse(f"values.{error.field}", error.rule, error.message) from error


def changes(
    accounts: Accounts,
    histories: Mapping[int, AssetHistory],
    rows: Mapping[int, Sequence[ValueRow]],
    said: dict[ValueKey, int],
) -> dict[ValueKey, int]:
    """Should less booked, by key. Uses `said` up."""
    found: dict[ValueKey, int] = {}
    for asset_id, wanted in rows.items():
        history = histories[asset_id]
        dead = reversed_ids(history.events)
        centres: dict[datetime.date, int] = {}
        for row in wanted:
            centre = centres.get(row.effective_on)
            if centre is None:
                centre = centres[row.effective_on] = history.cost_centre_on(row.effective_on, dead)
            debit, credit = accounts.of(row.role, row.class_id, row.effective_on)
            key = ValueKey(
                asset_id, row.cause_id, row.role, row.class_id, centre, debit, credit, row.effective_on
            )
            found[key] = found.get(key, 0) + row.amount
    for key, amount in said.items():
        found[key] = found.get(key, 0) - amount
    return {key: amount for key, amount in found.items() if amount}


def groups_of(histories: Mapping[int, AssetHistory]) -> list[list[AssetHistory]]:
    """Assets that hang together by parts are read together; nearly all stand alone."""
    owner = {event.event_id: asset_id for asset_id, history in histories.items() for event in history.events}
    root = {asset_id: asset_id for asset_id in histories}

    def find(asset_id: int) -> int:
        while root[asset_id] != asset_id:
            asset_id = root[asset_id]
        return asset_id

    for asset_id, history in histories.items():
        for event in history.events:
            if event.kind == "part_in" and event.of_event_id in owner:
                root[find(asset_id)] = find(owner[event.of_event_id])
    groups: dict[int, list[AssetHistory]] = {}
    for asset_id in sorted(histories):
        groups.setdefault(find(asset_id), []).append(histories[asset_id])
    return list(groups.values())
