"""Entries: whole, balanced, unchanged, numbered without gaps, chained, and in periods that were open."""

import datetime
from collections.abc import Callable
from functools import partial

from wherewithal.core.words import say
from wherewithal.ledger import queries as ledger_queries
from wherewithal.reporting.checks.values import Check, Finding, Found, query, together


def entries_balance(company_id: int) -> Found:
    """Every entry has lines that sum to zero and carry its dates; every line has its entry."""
    return query(
        """
        SELECT coalesce(e.book_id, l.book_id), coalesce(e.entry_id, l.entry_id), l.total, e.entry_id IS NULL
        FROM (SELECT * FROM ledger_entry WHERE company_id = %(company)s) e
        FULL JOIN (
            SELECT book_id, entry_id, sum(amount) AS total,
                   min(effective_on) AS effective_from, max(effective_on) AS effective_to,
                   min(posting_on) AS posting_from, max(posting_on) AS posting_to,
                   min(recorded_at) AS recorded_from, max(recorded_at) AS recorded_to
            FROM ledger_line WHERE company_id = %(company)s
            GROUP BY book_id, entry_id
        ) l ON l.book_id = e.book_id AND l.entry_id = e.entry_id
        WHERE l.total IS DISTINCT FROM 0 OR e.entry_id IS NULL
           OR (l.effective_from, l.effective_to, l.posting_from, l.posting_to, l.recorded_from, l.recorded_to)
              IS DISTINCT FROM
              (e.effective_on, e.effective_on, e.posting_on, e.posting_on, e.recorded_at, e.recorded_at)
        ORDER BY 1, 2
        """,
        {"company": company_id},
        _unbalanced,
    )


def _unbalanced(book_id: int, entry_id: int, total: int | None, orphaned: bool) -> Finding:
    where = f"book {book_id}, entry {entry_id}"
    if orphaned:
        return Finding(say("lines without an entry"), where, "an entry", "none")
    if total is None:
        return Finding(say("an entry without lines"), where, "lines that sum to 0", "no lines")
    if total:
        return Finding(say("an entry that does not balance"), where, "sum 0", f"sum {total}")
    return Finding(say("lines that carry other dates than their entry"), where, "the entry's dates", "others")


def entry_contents(company_id: int) -> Found:
    """The hash of each entry with its lines is the one that was sealed when it was posted."""
    return query(
        """
        SELECT coalesce(s.book_id, e.book_id), s.year, s.number, coalesce(s.entry_id, e.entry_id),
               encode(s.content_hash, 'hex'), encode(e.content_hash, 'hex')
        FROM (SELECT * FROM ledger_entry_seal WHERE company_id = %(company)s) s
        FULL JOIN (
            SELECT e.book_id, e.entry_id, ledger_content_hash(ledger_canonical(
                       e.company_id, e.book_id, e.entry_id, e.effective_on, e.posting_on, e.recorded_at,
                       e.source, e.batch_id, e.reference, e.description, e.actor_id, l.lines)) AS content_hash
            FROM ledger_entry e
            LEFT JOIN (
                SELECT x.book_id, x.entry_id, string_agg(
                           ledger_canonical_line(x.line_no, x.account_id, x.amount, x.currency::text,
                                                 x.document_amount, x.rate, x.memo), '' ORDER BY x.line_no) AS lines
                FROM ledger_line x WHERE x.company_id = %(company)s
                GROUP BY x.book_id, x.entry_id
            ) l USING (book_id, entry_id)
            WHERE e.company_id = %(company)s
        ) e ON e.book_id = s.book_id AND e.entry_id = s.entry_id
        WHERE s.content_hash IS DISTINCT FROM e.content_hash
        ORDER BY 1, 2, 3
        """,
        {"company": company_id},
        _changed,
    )


def _changed(
    book_id: int, year: int | None, number: int | None, entry_id: int, sealed: str | None, now: str | None
) -> Finding:
    if sealed is None:
        where = f"book {book_id}, entry {entry_id}"
        return Finding(say("an entry that was never sealed"), where, "a number and a hash", "none")
    where = f"book {book_id}, entry {entry_id} (number {number} of {year})"
    if now is None:
        return Finding(say("a sealed entry that is gone"), where, sealed[:16], "no entry")
    return Finding(say("an entry that was changed after it was posted"), where, sealed[:16], now[:16])


def entry_chain(company_id: int) -> Found:
    """The numbers of each book and year run from 1 without a gap, and each link follows from the one before."""
    return together(
        query(
            """
            WITH link AS (
                SELECT s.book_id, s.year, s.number, s.entry_id, s.chain_hash,
                       row_number() OVER w AS position,
                       ledger_chain_step(lag(s.chain_hash) OVER w,
                                         ledger_genesis(s.company_id, s.book_id, s.year), s.content_hash) AS follows
                FROM ledger_entry_seal s WHERE s.company_id = %(company)s
                WINDOW w AS (PARTITION BY s.book_id, s.year ORDER BY s.number)
            )
            SELECT book_id, year, min(number), min(position) FILTER (WHERE number <> position),
                   (array_agg(entry_id ORDER BY number))[1], count(*)
            FROM link WHERE number <> position OR chain_hash <> follows
            GROUP BY book_id, year
            ORDER BY 1, 2
            """,
            {"company": company_id},
            _broken_link,
        ),
        query(
            """
            SELECT coalesce(h.book_id, s.book_id), coalesce(h.year, s.year), h.number, s.number
            FROM (SELECT * FROM ledger_chain_head WHERE company_id = %(company)s AND number > 0) h
            FULL JOIN (
                SELECT DISTINCT ON (book_id, year) book_id, year, number, chain_hash
                FROM ledger_entry_seal WHERE company_id = %(company)s
                ORDER BY book_id, year, number DESC
            ) s ON s.book_id = h.book_id AND s.year = h.year
            WHERE (h.number, h.chain_hash) IS DISTINCT FROM (s.number, s.chain_hash)
            ORDER BY 1, 2
            """,
            {"company": company_id},
            lambda book_id, year, head, last: Finding(
                say("the head of a chain is not its last link"), f"book {book_id}, year {year}", f"number {head}",
                f"number {last}",
            ),
        ),
        query(
            """
            SELECT s.book_id, s.year, s.number, s.entry_id,
                   ledger_fiscal_year(e.posting_on, c.fiscal_year_start_month)
            FROM ledger_entry_seal s
            JOIN ledger_entry e ON (e.company_id, e.book_id, e.entry_id) = (s.company_id, s.book_id, s.entry_id)
            JOIN ledger_company c ON c.id = s.company_id
            WHERE s.company_id = %(company)s
              AND s.year <> ledger_fiscal_year(e.posting_on, c.fiscal_year_start_month)
            """,
            {"company": company_id},
            lambda book_id, year, number, entry_id, right: Finding(
                say("an entry numbered in another year"), f"book {book_id}, entry {entry_id}", f"year {right}",
                f"number {number} of {year}",
            ),
        ),
    )  # fmt: skip


def _broken_link(
    book_id: int, year: int, number: int, gap_at: int | None, entry_id: int, count: int
) -> Finding:
    where = f"book {book_id}, year {year}, number {number} (entry {entry_id}; {count} links in all)"
    if gap_at is not None and gap_at <= number:
        return Finding(say("a gap in the numbers of entries"), where, f"number {gap_at}", f"number {number}")
    return Finding(
        say("a link of the chain that does not follow from the one before"), where, "its hash", "another"
    )


def closed_periods(company_id: int) -> Found:
    """Nothing was recorded into a period while it was closed."""
    return query(
        """
        WITH span AS (
            SELECT book_id, end_on, to_state, recorded_at AS closed_at,
                   lead(recorded_at, 1, 'infinity') OVER (PARTITION BY book_id, end_on ORDER BY id) AS open_at
            FROM ledger_period_event WHERE company_id = %(company)s
        )
        SELECT e.book_id, e.entry_id, e.posting_on, e.recorded_at, min(s.end_on), min(s.closed_at)
        FROM ledger_entry e
        JOIN span s ON s.book_id = e.book_id AND s.to_state > 0 AND e.posting_on <= s.end_on
                   AND e.recorded_at > s.closed_at AND e.recorded_at < s.open_at
        WHERE e.company_id = %(company)s
        GROUP BY e.book_id, e.entry_id, e.posting_on, e.recorded_at
        ORDER BY 1, 2
        """,
        {"company": company_id},
        partial(_too_late, ledger_queries.instants(company_id)),
    )


def _too_late(
    instant: Callable[[datetime.datetime], str],
    book_id: int,
    entry_id: int,
    posting_on: datetime.date,
    recorded_at: datetime.datetime,
    end_on: datetime.date,
    closed_at: datetime.datetime,
) -> Finding:
    return Finding(
        say("an entry recorded in a period that was closed"),
        f"book {book_id}, entry {entry_id}, posted on {posting_on}",
        f"recorded before {instant(closed_at)}, when the month to {end_on} was closed",
        f"recorded {instant(recorded_at)}",
    )


CHECKS = (
    Check(
        say("entries balance"),
        say("Every entry is whole: its lines sum to zero and carry its dates."),
        entries_balance,
    ),
    Check(
        say("entries unchanged"),
        say("Every entry says what it said when it was posted: its content has the hash that was sealed."),
        entry_contents,
    ),
    Check(
        say("entry chain"),
        say("Entries are numbered without a gap per book and year, and each is chained to the one before."),
        entry_chain,
    ),
    Check(
        say("closed periods"), say("Nothing was recorded in a period after it was closed."), closed_periods
    ),
)
