"""Where depreciation stands after each event, kept so that a run need not read the history of every asset again."""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from wherewithal.assets.services.context import BookFacts
from wherewithal.assets.services.posting.history import linked
from wherewithal.assets.services.registering import intern_terms
from wherewithal.assets.terms import as_json, canonical, parse
from wherewithal.assets.values import Aspect
from wherewithal.core.assets.fold import Folded, Standing
from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar
from wherewithal.core.depreciation.terms import Method, Terms
from wherewithal.core.depreciation.vector import Columns, Ints, accumulated, blocks
from wherewithal.kit import db

STILL, BULK, SLOW = 0, 1, 2
COLUMNS = (
    ("company_id", "int"),
    ("book_id", "int"),
    ("asset_id", "bigint"),
    ("way", "smallint"),
    ("class_id", "int"),
    ("cause_id", "bigint"),
    ("through_on", "date"),
    ("in_service_on", "date"),
    ("starts_on", "date"),
    ("cost", "bigint"),
    ("opening", "bigint"),
    ("residual", "bigint"),
    ("terms_id", "bigint"),
    ("charged", "bigint"),
)


class StandingRow(NamedTuple):
    """One asset in one book, and the day up to which the book spoke of it."""

    asset_id: int
    standing: Standing
    way: int
    through_on: datetime.date


class SaidOf(Protocol):
    """What a book should say about some assets."""

    @property
    def folded(self) -> dict[int, Folded]: ...
    @property
    def through_on(self) -> datetime.date: ...


def standing_rows(book: BookFacts, said: SaidOf) -> Iterator[StandingRow]:
    """Where the assets stand now."""
    del book
    for asset_id, answer in said.folded.items():
        yield StandingRow(asset_id, answer.standing, _way(answer.standing), said.through_on)


def _way(standing: Standing) -> int:
    segment = standing.segment
    if not standing.simple:
        return SLOW
    if segment is None:
        return STILL
    plain = segment.elapsed_months is None and not segment.elapsed_units and not segment.idle
    return BULK if plain and segment.terms.method is not Method.UNITS else SLOW


def keep_standings(company_id: int, book_id: int, rows: Sequence[StandingRow]) -> None:
    """Put these in place of what was known of the assets in the book."""
    if not rows:
        return
    texts: dict[Terms, str] = {}
    for row in rows:
        if row.way == BULK and row.standing.segment is not None:
            terms = row.standing.segment.terms
            if terms not in texts:
                texts[terms] = canonical(as_json(terms))
    ids = intern_terms(company_id, set(texts.values()))
    db.execute(
        "DELETE FROM assets_standing WHERE company_id = %s AND book_id = %s AND asset_id = ANY (%s)",
        (company_id, book_id, [row.asset_id for row in rows]),
    )
    db.insert_rows("assets_standing", COLUMNS, [_row(company_id, book_id, row, texts, ids) for row in rows])


def _row(
    company_id: int, book_id: int, row: StandingRow, texts: Mapping[Terms, str], ids: Mapping[str, int]
) -> tuple[object, ...]:
    segment = row.standing.segment
    head = (
        company_id,
        book_id,
        row.asset_id,
        row.way,
        row.standing.class_id,
        row.standing.cause_id,
        row.through_on,
    )
    if row.way != BULK or segment is None:
        return (*head, None, None, None, None, None, None, None)
    return (
        *head,
        segment.in_service_on,
        segment.starts_on,
        segment.cost,
        segment.opening,
        segment.residual,
        ids[texts[segment.terms]],
        row.standing.charged,
    )


# --- charging in bulk ---------------------------------------------------------------------------------------------


class Charge(NamedTuple):
    """Depreciation of one asset at the end of one period."""

    asset_id: int
    cause_id: int
    class_id: int
    cost_centre_id: int
    effective_on: datetime.date
    amount: int


_READ = """
    SELECT s.asset_id, s.cause_id, s.class_id, coalesce(a.cost_centre_id, 0), s.through_on - date '0001-01-01' + 1,
           s.in_service_on - date '0001-01-01' + 1, s.starts_on - date '0001-01-01' + 1, s.cost, s.opening, s.residual,
           s.terms_id, coalesce(s.charged, 0)
    FROM assets_standing s JOIN assets_asset a ON a.company_id = s.company_id AND a.id = s.asset_id
    WHERE s.company_id = %(company)s AND s.book_id = %(book)s AND s.way = 1 AND s.through_on < %(through)s
    ORDER BY s.asset_id
"""
_SLOW = """
    SELECT asset_id FROM assets_standing WHERE company_id = %(company)s AND book_id = %(book)s AND way = 2
    UNION
    SELECT p.asset_id FROM assets_placement p
    WHERE p.company_id = %(company)s AND p.aspect = %(aspect)s AND p.effective_on > %(since)s
      AND EXISTS (SELECT FROM assets_standing s WHERE s.company_id = p.company_id AND s.book_id = %(book)s
                  AND s.asset_id = p.asset_id AND s.way = 1)
    ORDER BY 1
"""


class Bulk(NamedTuple):
    """Assets of which nothing moves but depreciation, as columns. `rows`: asset, cause, class, cost centre, ...

    booked_on: up to which day (ordinal) the book spoke of each at its last event; charged: what of its segment was
    charged by then, -1 where a run has charged a period since.
    """

    rows: list[tuple[int, ...]]
    columns: Columns
    booked_on: "np.ndarray[tuple[int], np.dtype[np.int32]]"
    charged: Ints


def read_bulk(
    company_id: int, book: BookFacts, through_on: datetime.date, without: Collection[int]
) -> Bulk | None:
    """All of them but these, that the book spoke of before a day; None if there are none."""
    given = {"company": company_id, "book": book.book_id, "through": through_on}
    rows = [row for row in db.fetch_all(_READ, given) if row[0] not in without]
    if not rows:
        return None
    columns = list(zip(*rows, strict=True))
    terms_ids, terms_at = np.unique(np.array(columns[10], dtype=np.int64), return_inverse=True)
    known = Columns(
        terms=_terms(company_id, [int(one) for one in terms_ids]),
        terms_at=terms_at.astype(np.int32),
        in_service_on=np.array(columns[5], dtype=np.int32),
        starts_on=np.array(columns[6], dtype=np.int32),
        cost=np.array(columns[7], dtype=np.int64),
        opening=np.array(columns[8], dtype=np.int64),
        residual=np.array(columns[9], dtype=np.int64),
    )
    booked_on = np.array(columns[4], dtype=np.int32)
    run_to = (
        period_ends(book.calendar, book.horizon_on, book.horizon_on)[0].toordinal() if book.horizon_on else 0
    )
    charged = np.where(booked_on >= run_to, np.array(columns[11], dtype=np.int64), -1)
    return Bulk(rows, known, booked_on, charged)


def charges_of(
    company_id: int, book: BookFacts, through_on: datetime.date, without: Collection[int]
) -> tuple[Iterable[Charge], list[int]]:
    """The charges between what is booked and a day, of all assets of which nothing else moves; and the others' ids.

    Assets whose cost centre changes after the last run are read one by one, because the day decides who bears it.
    """
    given = {
        "company": company_id,
        "book": book.book_id,
        "aspect": int(Aspect.COST_CENTRE),
        "since": book.horizon_on or datetime.date(1900, 1, 1),
    }
    found = {row[0] for row in db.fetch_all(_SLOW, given)}
    slow = sorted(linked(company_id, found) - set(without))  # what hangs together is read together
    bulk = read_bulk(company_id, book, through_on, {*slow, *without})
    if bulk is None:
        return (), slow
    ends = period_ends(book.calendar, _since(book, bulk), through_on)
    return _charges(bulk, accumulated(bulk.columns, book.calendar, ends), ends), slow


def _since(book: BookFacts, bulk: Bulk) -> datetime.date:
    return book.horizon_on or datetime.date.fromordinal(int(bulk.booked_on.min()))


def charges_by_class(
    book: BookFacts, bulk: Bulk, through_on: datetime.date
) -> Iterator[tuple[int, datetime.date, int]]:
    """(class, end of period, charge) to come of all these assets together, through a day."""
    ends = period_ends(book.calendar, _since(book, bulk), through_on)
    if len(ends) < 2:
        return
    classes, class_at = np.unique(
        np.array([row[2] for row in bulk.rows], dtype=np.int64), return_inverse=True
    )
    totals = np.zeros((len(classes), len(ends)), dtype=np.int64)
    for rows, accrued in blocks(bulk.columns, book.calendar, ends):
        for at in range(1, len(ends)):
            due = _due(accrued, at, ends, bulk.booked_on[rows], bulk.charged[rows])
            np.add.at(totals[:, at], class_at[rows], due)
    for place, class_id in enumerate(classes.tolist()):
        for at in range(1, len(ends)):
            yield class_id, ends[at], int(totals[place, at])


def period_ends(calendar: Calendar, since: datetime.date, through_on: datetime.date) -> list[datetime.date]:
    """The last end of a period by `since`, then those after it up to `through_on`."""
    period = calendar.period(since)
    ends = [period.last if period.last == since else period.first - ONE_DAY]
    while (last := calendar.period(ends[-1] + ONE_DAY).last) <= through_on:
        ends.append(last)
    return ends


def _due(
    accrued: Ints,
    at: int,
    ends: Sequence[datetime.date],
    booked_on: "np.ndarray[tuple[int], np.dtype[np.int32]]",
    charged: Ints,
) -> Ints:
    """What is due at an end: what has accrued by it less what had by the end before.

    What was charged by the last event stands in for the end before in the period of that event, which may have charged
    a part of it.
    """
    due: Ints = accrued[:, at] - accrued[:, at - 1]
    here = (booked_on >= ends[at - 1].toordinal()) & (booked_on < ends[at].toordinal()) & (charged >= 0)
    due[here] = (accrued[:, at] - charged)[here]
    due[booked_on >= ends[at].toordinal()] = 0
    return due


def _charges(bulk: Bulk, accrued: Ints, ends: Sequence[datetime.date]) -> Iterator[Charge]:
    """Row by row where something is due."""
    for at in range(1, len(ends)):
        due = _due(accrued, at, ends, bulk.booked_on, bulk.charged)
        (places,) = np.nonzero(due)
        for place, amount in zip(places.tolist(), due[places].tolist(), strict=True):
            row = bulk.rows[place]
            yield Charge(row[0], row[1], row[2], row[3], ends[at], amount)


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
