"""Where depreciation stands after each event, kept so that a run need not read the history of every asset again."""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from wherewithal.assets.services.context import BookFacts
from wherewithal.assets.services.registering import intern_terms
from wherewithal.assets.terms import as_json, canonical, parse
from wherewithal.assets.values import Aspect
from wherewithal.core.assets.fold import Folded, Standing
from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar
from wherewithal.core.depreciation.terms import Method, Terms
from wherewithal.core.depreciation.vector import Columns, Ints, accumulated
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


def charges_of(
    company_id: int, book: BookFacts, through_on: datetime.date, without: Collection[int]
) -> tuple[Iterable[Charge], list[int]]:
    """The charges between what is booked and a day, of all assets of which nothing else moves; and the others' ids.

    Assets whose cost centre changes after the last run are read one by one, because the day decides who bears it.
    """
    given = {
        "company": company_id,
        "book": book.book_id,
        "through": through_on,
        "aspect": int(Aspect.COST_CENTRE),
        "since": book.horizon_on or datetime.date(1900, 1, 1),
    }
    slow = [row[0] for row in db.fetch_all(_SLOW, given) if row[0] not in without]
    out = {*slow, *without}
    rows = [row for row in db.fetch_all(_READ, given) if row[0] not in out]
    if not rows:
        return (), slow
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
    since = book.horizon_on or datetime.date.fromordinal(int(booked_on.min()))
    ends = period_ends(book.calendar, since, through_on)
    accrued = accumulated(known, book.calendar, ends)
    first = (book.horizon_on or datetime.date(1, 1, 1)).toordinal()
    charged = np.where(booked_on >= first, np.array(columns[11], dtype=np.int64), -1)
    return _charges(rows, accrued, booked_on, charged, ends), slow


def period_ends(calendar: Calendar, since: datetime.date, through_on: datetime.date) -> list[datetime.date]:
    """The last end of a period by `since`, then those after it up to `through_on`."""
    period = calendar.period(since)
    ends = [period.last if period.last == since else period.first - ONE_DAY]
    while (last := calendar.period(ends[-1] + ONE_DAY).last) <= through_on:
        ends.append(last)
    return ends


def _charges(
    rows: Sequence[tuple[int, ...]],
    accrued: Ints,
    booked_on: "np.ndarray[tuple[int], np.dtype[np.int32]]",
    charged: Ints,
    ends: Sequence[datetime.date],
) -> Iterator[Charge]:
    """Row by row where something is due: what has accrued by an end less what had by the end before.

    charged: what was booked of those that no run has touched since their last event (-1: others); it stands in for the
    end before in the period of that event, which may have charged a part of it.
    """
    for at in range(1, len(ends)):
        due = accrued[:, at] - accrued[:, at - 1]
        here = (booked_on >= ends[at - 1].toordinal()) & (booked_on < ends[at].toordinal()) & (charged >= 0)
        due[here] = (accrued[:, at] - charged)[here]
        due[booked_on >= ends[at].toordinal()] = 0
        (places,) = np.nonzero(due)
        for place, amount in zip(places.tolist(), due[places].tolist(), strict=True):
            row = rows[place]
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
