"""Assets of which nothing moves but depreciation, all of them at once, as columns: what is due of each, period by period."""

import datetime
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from wherewithal.assets.services.context import BookFacts
from wherewithal.assets.services.posting.history import linked
from wherewithal.assets.services.posting.values import Accounts, BookPosting, ValueColumns
from wherewithal.assets.terms import parse
from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar
from wherewithal.core.depreciation.terms import Terms
from wherewithal.core.depreciation.vector import Columns, Ints, accumulated, blocks
from wherewithal.core.posting import Role
from wherewithal.kit import db
from wherewithal.kit.columns import read_columns
from wherewithal.kit.errors import Problem, Refused

_READ = """
    SELECT s.asset_id, s.cause_id, s.class_id::bigint, coalesce(a.cost_centre_id, 0)::bigint,
           (s.through_on - date '0001-01-01' + 1)::bigint, (s.in_service_on - date '0001-01-01' + 1)::bigint,
           (s.starts_on - date '0001-01-01' + 1)::bigint, s.cost, s.opening, s.residual, s.terms_id,
           coalesce(s.charged, 0)
    FROM assets_standing s JOIN assets_asset a ON a.company_id = s.company_id AND a.id = s.asset_id
    WHERE s.company_id = %(company)s AND s.book_id = %(book)s AND s.way = 1 AND s.through_on < %(through)s
"""
_SLOW = "SELECT asset_id FROM assets_standing WHERE company_id = %s AND book_id = %s AND way = 2"
_PLACED = """
    SELECT p.asset_id, max(p.effective_on - date '0001-01-01' + 1)::bigint FROM assets_placement p
    WHERE p.company_id = %(company)s AND p.aspect = 4 AND p.effective_on > %(since)s GROUP BY p.asset_id
"""
_COLUMNS = (
    "asset_id", "cause_id", "class_id", "cost_centre_id", "booked_on", "in_service_on", "starts_on", "cost", "opening",
    "residual", "terms_id", "charged",
)  # fmt: skip


class Bulk(NamedTuple):
    """Assets and their running segments, a row each, by asset.

    booked_on: up to which day (ordinal) the book spoke of each at its last event; charged: what of its segment was
    charged by then, -1 where a run has charged a period since.
    """

    asset_id: Ints
    cause_id: Ints
    class_id: Ints
    cost_centre_id: Ints
    columns: Columns
    booked_on: Ints
    charged: Ints


class Charges(NamedTuple):
    """What is due: the row of the asset in `bulk`, the place of the day in `days`, the amount; by day, then by asset."""

    bulk: Bulk
    days: Sequence[datetime.date]
    row: Ints
    day_at: Ints
    amount: Ints

    def without_classes(self, class_ids: Sequence[int]) -> "Charges":
        kept = ~np.isin(self.bulk.class_id[self.row], np.array(class_ids, dtype=np.int64))
        return self._replace(row=self.row[kept], day_at=self.day_at[kept], amount=self.amount[kept])


def read_bulk(
    company_id: int, book: BookFacts, through_on: datetime.date, without: Collection[int]
) -> Bulk | None:
    """All of them but these, that the book spoke of before a day; None if there are none."""
    given = {"company": company_id, "book": book.book_id, "through": through_on}
    read = read_columns(_READ, _COLUMNS, given)
    read = read[:, np.argsort(read[0], kind="stable")]
    if without:
        read = read[:, ~np.isin(read[0], np.array(sorted(without), dtype=np.int64))]
    if not read.shape[1]:
        return None
    (
        asset_id,
        cause_id,
        class_id,
        centre_id,
        booked_on,
        in_service_on,
        starts_on,
        cost,
        opening,
        residual,
        *rest,
    ) = read
    terms_ids, terms_at = np.unique(rest[0], return_inverse=True)
    known = Columns(
        terms=_terms(company_id, terms_ids.tolist()),
        terms_at=terms_at.astype(np.int32),
        in_service_on=in_service_on.astype(np.int32),
        starts_on=starts_on.astype(np.int32),
        cost=cost,
        opening=opening,
        residual=residual,
    )
    run_to = (
        period_ends(book.calendar, book.horizon_on, book.horizon_on)[0].toordinal() if book.horizon_on else 0
    )
    charged = np.where(booked_on >= run_to, rest[1], -1)
    return Bulk(asset_id, cause_id, class_id, centre_id, known, booked_on, charged)


def charges_of(
    company_id: int, book: BookFacts, through_on: datetime.date, without: Collection[int]
) -> tuple[Charges | None, list[int]]:
    """The charges between what is booked and a day, of all assets of which nothing else moves; and the others' ids.

    Assets whose cost centre changes after the last run are read one by one, because the day decides who bears it.
    """
    found = {row[0] for row in db.fetch_all(_SLOW, (company_id, book.book_id))}
    bulk = read_bulk(company_id, book, through_on, without)
    if bulk is not None:
        found.update(_placed_anew(company_id, book, bulk))
    slow = sorted(linked(company_id, found) - set(without))  # what hangs together is read together
    bulk = bulk and _leaving_out(bulk, slow)
    if bulk is None:
        return None, slow
    ends = period_ends(book.calendar, _since(book, bulk), through_on)
    due = _due(accumulated(bulk.columns, book.calendar, ends), ends, bulk.booked_on, bulk.charged)
    day_at, row = np.nonzero(due.T)
    return Charges(bulk, ends[1:], row, day_at, due[row, day_at]), slow


class ChargeAccounts(NamedTuple):
    """Debit and credit of charges: they go by day and class, of which there are few pairs. pair: that of each charge."""

    pair: Ints
    day_at: list[int]
    debit: Ints
    credit: Ints


def accounts_of(accounts: Accounts, charges: Charges) -> tuple[ChargeAccounts, dict[int, Problem]]:
    """The accounts of all charges; and what is wrong with classes that have none on one of their days."""
    missing: dict[int, Problem] = {}
    class_ids, class_at = np.unique(charges.bulk.class_id, return_inverse=True)
    key = charges.day_at * len(class_ids) + class_at[charges.row]
    pairs = np.flatnonzero(np.bincount(key))
    found = np.zeros((2, len(pairs)), dtype=np.int64)
    days, classes = (pairs // len(class_ids)).tolist(), class_ids[pairs % len(class_ids)].tolist()
    for at, (day, class_id) in enumerate(zip(days, classes, strict=True)):
        try:
            found[:, at] = accounts.of(Role.DEPRECIATION, class_id, charges.days[day])
        except Refused as refusal:
            missing.setdefault(class_id, refusal.problems[0])
    return ChargeAccounts(np.searchsorted(pairs, key), days, *found), missing


def columns_of(posting: BookPosting, charges: Charges, accounts: ChargeAccounts) -> ValueColumns:
    """Charges as rows of value, and the lines that they add up to."""
    bulk, row, pair = charges.bulk, charges.row, accounts.pair
    group = np.array([posting.group(charges.days[day]) for day in accounts.day_at], dtype=np.int64)
    centre = bulk.cost_centre_id[row]
    key = pair << 32 | centre
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    sums = np.add.reduceat(charges.amount[order], starts) if len(order) else charges.amount
    first = order[starts]
    lines = (
        group[pair[first]],
        accounts.debit[pair[first]],
        accounts.credit[pair[first]],
        centre[first],
        sums,
    )
    return ValueColumns(
        role=Role.DEPRECIATION,
        asset_id=bulk.asset_id[row],
        event_id=bulk.cause_id[row],
        class_id=bulk.class_id[row],
        cost_centre_id=centre,
        debit=accounts.debit[pair],
        credit=accounts.credit[pair],
        amount=charges.amount,
        group=group[pair],
        lines=[tuple(line) for line in np.array(lines).T.tolist()],
    )


def _placed_anew(company_id: int, book: BookFacts, bulk: Bulk) -> list[int]:
    """Assets whose cost centre changes after what is booked of them."""
    since = book.horizon_on or datetime.date(1900, 1, 1)
    asset_id, placed_on = read_columns(
        _PLACED, ("asset_id", "on_day"), {"company": company_id, "since": since}
    )
    at = np.minimum(np.searchsorted(bulk.asset_id, asset_id), len(bulk.asset_id) - 1)
    later = (bulk.asset_id[at] == asset_id) & (placed_on > bulk.booked_on[at])
    return [int(one) for one in asset_id[later]]


def _leaving_out(bulk: Bulk, asset_ids: Collection[int]) -> Bulk | None:
    """All but these; None if there are no others."""
    kept = ~np.isin(bulk.asset_id, np.array(sorted(asset_ids), dtype=np.int64))
    if kept.all():
        return bulk
    if not kept.any():
        return None
    known = bulk.columns
    columns = Columns(
        terms=known.terms,
        terms_at=known.terms_at[kept],
        in_service_on=known.in_service_on[kept],
        starts_on=known.starts_on[kept],
        cost=known.cost[kept],
        opening=known.opening[kept],
        residual=known.residual[kept],
    )
    return Bulk(
        asset_id=bulk.asset_id[kept],
        cause_id=bulk.cause_id[kept],
        class_id=bulk.class_id[kept],
        cost_centre_id=bulk.cost_centre_id[kept],
        columns=columns,
        booked_on=bulk.booked_on[kept],
        charged=bulk.charged[kept],
    )


def charges_by_class(
    book: BookFacts, bulk: Bulk, through_on: datetime.date, *, cost_centres: bool = True
) -> Iterator[tuple[int, int, datetime.date, int]]:
    """(class, cost centre, end of period, charge) to come of all these assets together, through a day; without cost
    centres all under 0."""
    ends = period_ends(book.calendar, _since(book, bulk), through_on)
    centre_id = bulk.cost_centre_id if cost_centres else np.zeros_like(bulk.class_id)
    keys, place_at = np.unique(bulk.class_id << 32 | centre_id, return_inverse=True)
    places = np.array([keys >> 32, keys & 0xFFFFFFFF])
    totals = np.zeros((places.shape[1], len(ends) - 1), dtype=np.int64)
    for rows, accrued in blocks(bulk.columns, book.calendar, ends):
        due = _due(accrued, ends, bulk.booked_on[rows], bulk.charged[rows])
        order = np.argsort(place_at[rows], kind="stable")
        mine = place_at[rows][order]
        starts = np.concatenate(([0], np.flatnonzero(np.diff(mine)) + 1))
        totals[mine[starts]] += np.add.reduceat(due[order], starts, axis=0)
    for (class_id, centre), charges in zip(places.T.tolist(), totals.tolist(), strict=True):
        for end, amount in zip(ends[1:], charges, strict=True):
            yield class_id, centre, end, amount


def _since(book: BookFacts, bulk: Bulk) -> datetime.date:
    return book.horizon_on or datetime.date.fromordinal(int(bulk.booked_on.min()))


def period_ends(calendar: Calendar, since: datetime.date, through_on: datetime.date) -> list[datetime.date]:
    """The last end of a period by `since`, then those after it up to `through_on`."""
    period = calendar.period(since)
    ends = [period.last if period.last == since else period.first - ONE_DAY]
    while (last := calendar.period(ends[-1] + ONE_DAY).last) <= through_on:
        ends.append(last)
    return ends


def _due(accrued: Ints, ends: Sequence[datetime.date], booked_on: Ints, charged: Ints) -> Ints:
    """What is due at each end but the first: what has accrued by it less what had by the end before.

    Nothing is due by the day up to which a book has spoken of an asset. In the period of that day, what was charged by
    then stands in for the end before, because the event of the day may have charged a part of the period.
    """
    due: Ints = np.diff(accrued, axis=1)
    known = np.searchsorted(
        np.array([end.toordinal() for end in ends]), booked_on, side="right"
    )  # ends by that day
    (spoken,) = np.nonzero(known)
    if not len(spoken):
        return due
    due[np.arange(1, len(ends)) < known[:, None]] = 0
    partly = spoken[(known[spoken] < len(ends)) & (charged[spoken] >= 0)]
    due[partly, known[partly] - 1] = accrued[partly, known[partly]] - charged[partly]
    return due


def _terms(company_id: int, ids: Sequence[int]) -> list[Terms]:
    """The terms of these ids, in their order."""
    found: dict[int, str] = dict(
        db.fetch_all(
            "SELECT terms_id, terms::text FROM assets_terms WHERE company_id = %s AND terms_id = ANY (%s)",
            (company_id, list(ids)),
        )
    )
    terms = [parse(found[one]).terms for one in ids]
    assert all(one is not None for one in terms), "a segment runs by terms, not by a pack"
    return [one for one in terms if one is not None]
