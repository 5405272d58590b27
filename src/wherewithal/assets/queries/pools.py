"""Pools and blocks of a tax book (capital allowances, written-down value, CCA): the computation of each, year by year."""

import datetime
from dataclasses import dataclass

from wherewithal.assets.services.context import load_context
from wherewithal.assets.services.posting.pools import PoolBook, read_pools
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.packs import built_in
from wherewithal.core.depreciation.pool_facts import PoolYear
from wherewithal.core.depreciation.pools import rule_code
from wherewithal.core.words import say
from wherewithal.kit.errors import refuse

MOST_YEARS = 60


@dataclass(frozen=True, slots=True)
class PoolLeftOut:
    """An asset that the rules of its pack have no answer for, and why."""

    asset_id: int
    tag: str
    message: str


@dataclass(frozen=True, slots=True)
class PoolComputation:
    """One pool of a pack in one fiscal year of the book, in minor units.

    code: of pools of one asset with "#" and its tag. charged: the year's allowances are posted, because the book's
    depreciation was run to its end. added: all that was spent, also what was deducted at once; disposed: what the pool
    gave up for what left.
    """

    pack: str
    code: str
    title: str
    from_on: datetime.date
    to_on: datetime.date
    charged: bool
    added: int
    disposed: int
    year: PoolYear

    @property
    def other(self) -> int:
        """What else changed the pool: what is deductible beyond cost, what is not deductible (private use)."""
        year = self.year
        moved = self.added - year.first_year - self.disposed - year.claim + year.balancing_charge
        return year.closing - year.opening - moved + year.balancing_allowance


@dataclass(frozen=True, slots=True)
class PoolLineRow:
    """One line of a computation. amount: with its sign in the pool; for opening and closing the balance."""

    pack: str
    code: str
    title: str
    from_on: datetime.date
    to_on: datetime.date
    line: str
    amount: int
    note: str
    charged: bool


@dataclass(frozen=True, slots=True)
class PoolReport:
    """The computations of a book by pool and year, and assets that are in none of them."""

    computations: tuple[PoolComputation, ...]
    left_out: tuple[PoolLeftOut, ...]


def pool_report(
    company_id: int,
    *,
    book_id: int,
    from_on: datetime.date | None = None,
    to_on: datetime.date,
    known_at: datetime.datetime | None = None,
) -> PoolReport:
    """The computations of all pools for the fiscal years that have a day from `from_on` (None: since ever) to `to_on`.

    Facts through `to_on` count, as known at an instant: the last year is as it stands on that day. Refused where it is
    too far ahead of what joined last and of what was charged.
    """
    context = load_context(company_id)
    book = context.book(book_id)
    reading = read_pools(context, book, as_of=to_on, known_at=known_at)
    found: list[PoolComputation] = []
    stopped: list[PoolLeftOut] = []
    for code in sorted(reading.members):
        latest = max(member.joined_on for member in reading.members[code])
        if to_on.year - max(latest, book.horizon_on or latest).year > MOST_YEARS:
            raise refuse(
                "to_on",
                "range",
                say("At most {most_years} years ahead are worked out.", most_years=MOST_YEARS),
                value=to_on,
            )
        try:
            years = reading.worked_out(code, charged_through=None, shown_through=to_on).years
        except PackError as error:
            stopped += [
                PoolLeftOut(member.asset_id, reading.histories[member.asset_id].tag, error.message)
                for member in reading.members[code]
            ]
            continue
        found += [
            PoolComputation(
                code,
                _shown(reading, each.code),
                built_in(code).rule("pools", rule_code(each.code)).title,
                each.first,
                each.last,
                book.horizon_on is not None and each.last <= book.horizon_on,
                each.added,
                each.disposed,
                each.year,
            )
            for each in years
            if from_on is None or each.last >= from_on
        ]
    left_out = [PoolLeftOut(each.asset_id, each.tag, each.message) for each in reading.exceptions]
    return PoolReport(
        tuple(sorted(found, key=lambda each: (each.pack, each.code, each.from_on))),
        (*left_out, *stopped),
    )


def _shown(reading: PoolBook, code: str) -> str:
    """The code of a pool of one asset with its tag."""
    pool, _, asset_id = code.partition("#")
    return f"{pool}#{reading.histories[int(asset_id)].tag}" if asset_id else pool


def pool_of_asset(
    company_id: int, asset_id: int, *, book_id: int, on: datetime.date
) -> PoolComputation | None:
    """The computation of the pool that an asset is in, for the fiscal year that has a day; None if it is in none."""
    context = load_context(company_id)
    book = context.book(book_id)
    reading = read_pools(context, book)
    mine = (
        (pack, each.pool)
        for pack, found in reading.members.items()
        for each in found
        if each.asset_id == asset_id
    )
    pack, pool = next(mine, ("", ""))
    if not pack:
        return None
    year = book.calendar.year(on)
    report = pool_report(company_id, book_id=book_id, from_on=year.first, to_on=year.last)
    shown = _shown(reading, pool)
    return next(
        (row for row in report.computations if (row.pack, row.code, row.to_on) == (pack, shown, year.last)),
        None,
    )


def pool_lines(report: PoolReport) -> list[PoolLineRow]:
    """The computations line by line, as they are filed: brought forward, what came and went, allowances, carried forward."""
    return [
        PoolLineRow(
            each.pack, each.code, each.title, each.from_on, each.to_on, line.code, line.amount, line.note, each.charged
        )
        for each in report.computations
        for line in each.year.lines
    ]  # fmt: skip
