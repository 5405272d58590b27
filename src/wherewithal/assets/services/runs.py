"""Depreciation of a book brought up to a day, and taken back: runs are not facts, they move the horizon of the book."""

import datetime
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from django.db import connection
from psycopg.types.json import Jsonb

from wherewithal.assets.drafts import RunException, RunResult
from wherewithal.assets.parts import parts_under_way
from wherewithal.assets.services.classes import db_now
from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.posting.bulk import (
    ChargeAccounts,
    Charges,
    accounts_of,
    charges_of,
    columns_of,
)
from wherewithal.assets.services.posting.decide import (
    LONG_AGO,
    Said,
    booked,
    changes,
    groups_of,
    horizon_of,
)
from wherewithal.assets.services.posting.history import AssetHistory, linked, load_histories
from wherewithal.assets.services.posting.moves import assets_of_changed_moves, costs_of_moves
from wherewithal.assets.services.posting.pools import pool_changes
from wherewithal.assets.services.posting.preview import entries_of
from wherewithal.assets.services.posting.reading import MoveCosts, Reader
from wherewithal.assets.services.posting.standing import StandingRow, standing_rows
from wherewithal.assets.services.posting.values import Accounts, BookPosting, ValueKey, posting_of
from wherewithal.assets.services.posting.write import Batch, take_ids, write
from wherewithal.assets.services.record import cost_centre_codes, hold_books
from wherewithal.core.assets.facts import ValueRow
from wherewithal.core.assets.fold import History, fold
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.terms import TermsError
from wherewithal.core.lease.terms import LeaseError
from wherewithal.core.posting import Role
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, NotFound, Problem, Refused, refuse
from wherewithal.ledger import queries as ledger_queries

CHUNK = 2_000
DEPRECIATION = (
    Role.DEPRECIATION,
    Role.FIRST_YEAR_ALLOWANCE,
    Role.DEPRECIATION_CATCH_UP,
    Role.PRIOR_PERIOD_DEPRECIATION,
    Role.POOL_ALLOWANCE,
    Role.POOL_FIRST_YEAR,
    Role.POOL_BALANCING_ALLOWANCE,
)
Progress = Callable[[int, int, str], None]
"""(assets done, of how many, what is being done)"""


def _nobody(done: int, total: int, doing: str) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class Work:
    """One book while its assets are gone through."""

    context: Context
    book: BookFacts
    accounts: Accounts
    changes: dict[ValueKey, int] = field(default_factory=dict)
    exceptions: list[RunException] = field(default_factory=list)
    charges: tuple[Charges, ChargeAccounts] | None = None
    standings: list[StandingRow] = field(default_factory=list)
    asset_count: int = 0


def depreciate(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    through_on: datetime.date,
    idempotency_key: str | None = None,
    recorded_at: datetime.datetime | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Charge a book's depreciation up to the end of a day: what is due to date less what is booked, in one transaction.

    A second run to the same day posts nothing, and a run to a day before the first asset is none. An asset that cannot
    be charged is named in `exceptions` and left as it was; the next run comes back to it. Killed half-way nothing is
    posted, and running again is all there is to do.
    """

    def work() -> RunResult:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            key = idempotency_key or ""
            earlier = _earlier(company_id, key, book_id, through_on) if key else None
            if earlier is not None:
                return earlier
            run, posting = _worked(company_id, book_id, through_on, progress or _nobody)
            return _keep(run, posting, company_id, actor_id, through_on, key, recorded_at)

    return work() if connection.in_atomic_block else db.run_retrying(work)


def preview_depreciation(
    *, company_id: int, actor_id: int | None, book_id: int, through_on: datetime.date
) -> RunResult:
    """What `depreciate` would post, by the same code; nothing is kept. `entries` names the lines."""

    def work() -> RunResult:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            run, posting = _worked(company_id, book_id, through_on, _nobody)
            names = {a.account_id: (a.code, a.name) for a in ledger_queries.accounts(company_id)}
            result = _result(run, posting, through_on)
            return replace(result, entries=entries_of(posting, names, cost_centre_codes(company_id)))

    return work() if connection.in_atomic_block else db.run_retrying(work)


def reverse_run(
    *,
    company_id: int,
    actor_id: int | None,
    run_id: int,
    recorded_at: datetime.datetime | None = None,
) -> RunResult:
    """Take back the latest run of a book: its horizon returns to where that run began. What events need stays."""

    def work() -> RunResult:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            run = _standing_run(company_id, run_id)
            book_id, from_on = run
            first_open = hold_books(company_id, for_run=book_id)
            _refuse_not_latest(company_id, book_id, run_id)
            context = load_context(company_id)
            book = replace(context.book(book_id), horizon_on=from_on)
            job = begin(context, book)
            wanted = _assets_with_rows_after(company_id, book_id, from_on or LONG_AGO)
            for part in parts(company_id, wanted):
                difference(job, part)
            pool_difference(job)
            posting = posting_for(job, first_open[book_id])
            return _keep(
                job, posting, company_id, actor_id, from_on or LONG_AGO, "", recorded_at, of_run_id=run_id
            )

    return work() if connection.in_atomic_block else db.run_retrying(work)


# --- going through a book -----------------------------------------------------------------------------------------


def _worked(
    company_id: int, book_id: int, through_on: datetime.date, progress: Progress
) -> tuple[Work, BookPosting]:
    """Hold the book, go through its assets; what is to be posted. The book's own horizon is still the old one."""
    first_open = hold_books(company_id, for_run=book_id)
    if book_id not in first_open:
        raise NotFound(
            Problem("book_id", "exists", say("There is no such book in this company."), value=str(book_id))
        )
    context = load_context(company_id)
    book = context.book(book_id)
    if not book.filled:
        message = say(
            "The book {book_code} was added later: post the facts there are in it first (fill it).",
            book_code=book.code,
        )
        raise refuse("book_id", "filled", message)
    if not 1900 <= through_on.year < 2200:
        raise refuse(
            "through_on", "day", say("A day lies between 1900-01-01 and 2199-12-31."), value=through_on
        )
    job = begin(context, book)
    again = linked(company_id, _to_look_at_again(company_id, book_id))
    total = _count(company_id, book_id)
    progress(0, total, say("Working out charges"))
    done = 0
    if book.horizon_on is None or through_on > book.horizon_on:
        slow = charge_in_bulk(job, through_on, again)
        done = total - len(slow) - len(again)
        for part in parts(company_id, slow):
            progress(done, total, say("Reading assets one by one"))
            _extend(job, part, through_on)
            done += len(part)
    job.book = replace(book, horizon_on=max(through_on, book.horizon_on or through_on))
    for part in parts(company_id, sorted(again)):
        progress(done, total, say("Looking again at what was left out or costs something else by now"))
        difference(job, part)
        done += len(part)
    pool_difference(job)
    job.exceptions += _parts_under_way(company_id, through_on)
    progress(total, total, say("Posting"))
    return job, posting_for(job, first_open[book_id])


def _count(company_id: int, book_id: int) -> int:
    row = db.fetch_one(
        "SELECT count(*) FROM assets_standing WHERE company_id = %s AND book_id = %s", (company_id, book_id)
    )
    return int(row[0]) if row else 0


def _parts_under_way(company_id: int, through_on: datetime.date) -> Iterator[RunException]:
    """Parts that nobody has taken are charged nowhere."""
    for row in parts_under_way(company_id, as_of=through_on):
        message = say(
            "Part {part}, given on {day}, was taken by no asset: it is charged nowhere.",
            part=row.part,
            day=row.effective_on,
        )
        yield RunException(row.asset_id, row.tag, "of_event_id", "taken", message)


def posting_for(job: Work, first_open: datetime.date | None) -> BookPosting:
    """What the work comes to."""
    posting = posting_of(job.book, job.changes, first_open)
    if job.charges is not None:
        posting.add_columns(columns_of(posting, *job.charges))
    posting.standings = job.standings
    return posting


def charge_in_bulk(job: Work, through_on: datetime.date, again: Collection[int]) -> list[int]:
    """Charge every asset of which nothing moves but depreciation, all at once; those that have to be read one by one."""
    charges, slow = charges_of(job.context.company_id, job.book, through_on, again)
    if charges is None:
        return slow
    accounts, missing = accounts_of(job.accounts, charges)
    if missing:
        _leave_out(job, missing)
        charges = charges.without_classes(sorted(missing))
        accounts, _ = accounts_of(job.accounts, charges)
    job.charges = charges, accounts
    job.asset_count += int(np.count_nonzero(np.bincount(charges.row)))
    return slow


def _leave_out(job: Work, missing: Mapping[int, Problem]) -> None:
    """Assets of classes without accounts, whole."""
    rows = db.fetch_all(
        "SELECT s.asset_id, a.tag, s.class_id FROM assets_standing s"
        " JOIN assets_asset a ON a.company_id = s.company_id AND a.id = s.asset_id"
        " WHERE s.company_id = %s AND s.book_id = %s AND s.way = 1 AND s.class_id = ANY (%s) ORDER BY a.tag",
        (job.context.company_id, job.book.book_id, sorted(missing)),
    )
    for asset_id, tag, class_id in rows:
        problem = missing[class_id]
        job.exceptions.append(RunException(asset_id, tag, problem.field, problem.rule, problem.message))


def begin(context: Context, book: BookFacts) -> Work:
    resolver = ledger_queries.account_resolver(context.company_id, [book.book_id])
    return Work(context, book, Accounts(context, book, resolver))


def parts(company_id: int, asset_ids: Sequence[int]) -> Iterator[dict[int, AssetHistory]]:
    """Histories of some thousand assets at a time, those that hang together in one part."""
    seen: set[int] = set()
    for start in range(0, len(asset_ids), CHUNK):
        wanted = linked(company_id, set(asset_ids[start : start + CHUNK])) - seen
        seen |= wanted
        if wanted:
            yield load_histories(company_id, wanted)


def _extend(job: Work, histories: Mapping[int, AssetHistory], through_on: datetime.date) -> None:
    """What comes after the horizon of each asset: all before is booked, because every event saw to that."""
    move_costs = costs_of_moves(job.context.company_id, histories.values())
    for group in groups_of(histories):
        rows = _rows(job, group, move_costs, through_on, after_horizon=True)
        if rows is None:
            continue
        _add(job, {asset.asset_id: asset for asset in group}, rows, {})


def difference(job: Work, histories: Mapping[int, AssetHistory]) -> None:
    """All that these assets should say less all that is booked of them."""
    company_id, book_id = job.context.company_id, job.book.book_id
    move_costs = costs_of_moves(company_id, histories.values())
    said = booked(company_id, book_id, histories)
    by_asset: dict[int, dict[ValueKey, int]] = {}
    for key, amount in said.items():
        by_asset.setdefault(key.asset_id, {})[key] = amount
    for group in groups_of(histories):
        rows = _rows(job, group, move_costs, job.book.horizon_on or LONG_AGO, after_horizon=False)
        if rows is None:
            continue
        mine = {key: amount for asset in group for key, amount in by_asset.get(asset.asset_id, {}).items()}
        _add(job, {asset.asset_id: asset for asset in group}, rows, mine)


def pool_difference(job: Work) -> None:
    """All that the book's pools should say through its horizon less all that is booked of them."""
    try:
        found, left_out = pool_changes(job.context, job.book, job.accounts, job.changes)
    except Refused as refusal:
        problem = refusal.problems[0]
        job.exceptions.append(RunException(0, "", problem.field, problem.rule, problem.message))
        return
    named = {exception.asset_id for exception in job.exceptions}
    job.exceptions += [exception for exception in left_out if exception.asset_id not in named]
    job.asset_count += len({key.asset_id for key in found if key.asset_id})
    job.changes |= found


def _add(
    job: Work,
    histories: Mapping[int, AssetHistory],
    rows: Mapping[int, Sequence[ValueRow]],
    said: dict[ValueKey, int],
) -> None:
    try:
        found = changes(job.accounts, histories, rows, said)
    except Refused as refusal:
        problem = refusal.problems[0]
        _except(job, histories.values(), problem.field, problem.rule, problem.message)
        return
    job.asset_count += len({key.asset_id for key in found})
    job.changes |= found


def _rows(
    job: Work,
    group: Sequence[AssetHistory],
    move_costs: MoveCosts,
    through_on: datetime.date,
    *,
    after_horizon: bool,
) -> dict[int, list[ValueRow]] | None:
    try:
        facts = {asset.asset_id: Reader(job.context, job.book, asset, move_costs).facts() for asset in group}
        horizon = max(horizon_of(job.book, mine) for mine in facts.values())
        if after_horizon and horizon >= through_on:
            return {}
        histories = [History(asset.asset_id, asset.class_id, facts[asset.asset_id]) for asset in group]
        after_on = horizon if after_horizon else datetime.date.min
        folded = fold(histories, job.book.calendar, max(through_on, horizon), after_on=after_on)
    except (TermsError, PackError) as error:
        _except(job, group, f"terms.{error.field}", error.rule, error.message)
        return None
    except LeaseError as error:
        _except(job, group, f"values.{error.field}", error.rule, error.message)
        return None
    if not after_horizon:
        said = Said(folded, max(through_on, horizon))
        job.standings += standing_rows(job.book, said, group, move_costs)
    return {asset_id: answer.rows for asset_id, answer in folded.items()}


def _except(job: Work, assets: Iterable[AssetHistory], name: str, rule: str, message: str) -> None:
    job.exceptions += [RunException(asset.asset_id, asset.tag, name, rule, message) for asset in assets]


def _to_look_at_again(company_id: int, book_id: int) -> set[int]:
    """Assets that were left out, and those made of goods that cost something else by now.

    Each run looks again at what was left out before and names what it has to leave out itself. So the latest run that
    stands, and what was taken back after it, name them all.
    """
    left_out = db.fetch_all(
        """
        SELECT (x ->> 'asset_id')::bigint FROM assets_run r CROSS JOIN jsonb_array_elements(r.exceptions) x
        WHERE r.company_id = %(company)s AND r.book_id = %(book)s AND r.run_id >= coalesce((
            SELECT max(s.run_id) FROM assets_run s
            WHERE s.company_id = %(company)s AND s.book_id = %(book)s AND s.of_run_id IS NULL
              AND NOT EXISTS (SELECT FROM assets_run t WHERE t.company_id = s.company_id AND t.of_run_id = s.run_id)), 0)
        """,
        {"company": company_id, "book": book_id},
    )
    return {row[0] for row in left_out} | assets_of_changed_moves(company_id, book_id)


def _assets_with_rows_after(company_id: int, book_id: int, day: datetime.date) -> list[int]:
    rows = db.fetch_all(
        "SELECT DISTINCT asset_id FROM assets_value WHERE company_id = %s AND book_id = %s AND effective_on > %s"
        " AND asset_id > 0 ORDER BY asset_id",
        (company_id, book_id, day),
    )
    return [row[0] for row in rows]


# --- keeping ------------------------------------------------------------------------------------------------------


def _result(job: Work, posting: BookPosting, through_on: datetime.date) -> RunResult:
    return RunResult(
        run_id=None,
        book_id=posting.book.book_id,
        from_on=job.context.book(posting.book.book_id).horizon_on,
        through_on=through_on,
        asset_count=job.asset_count,
        row_count=posting.row_count,
        total=posting.total(DEPRECIATION),
        exceptions=tuple(job.exceptions),
    )


def _keep(
    job: Work,
    posting: BookPosting,
    company_id: int,
    actor_id: int | None,
    through_on: datetime.date,
    key: str,
    recorded_at: datetime.datetime | None,
    *,
    of_run_id: int | None = None,
) -> RunResult:
    result = _result(job, posting, through_on)
    if (
        not posting.row_count
        and not job.exceptions
        and of_run_id is None
        and _reached(job, posting, through_on)
    ):
        return result
    run_id = take_ids(1)[0]
    recorded_at = recorded_at or db_now()
    batch = Batch(
        company_id=company_id,
        batch_id=run_id,
        idempotency_key=key or f"\x01run {run_id}",  # no caller's key has control characters
        request_hash=_hash(posting.book.book_id, through_on),
        recorded_at=recorded_at,
        actor_id=actor_id,
        source="depreciation",
        reference=f"DR-{run_id}",
        description=f"Depreciation through {through_on}",
        postings=[posting],
        cost_centres=cost_centre_codes(company_id),
    )
    entry_ids = write(batch)
    db.execute(
        "INSERT INTO assets_run (company_id, run_id, book_id, from_on, through_on, of_run_id, asset_count, row_count,"
        " total, exceptions, entry_ids, recorded_at, actor_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            company_id,
            run_id,
            posting.book.book_id,
            result.from_on,
            through_on,
            of_run_id,
            result.asset_count,
            result.row_count,
            result.total,
            Jsonb([_exception_json(exception) for exception in result.exceptions]),
            entry_ids,
            recorded_at,
            actor_id,
        ),
    )
    db.execute(
        "UPDATE assets_book SET horizon_on = %s WHERE company_id = %s AND book_id = %s",
        (posting.book.horizon_on, company_id, posting.book.book_id),
    )
    return replace(result, run_id=run_id, entry_ids=tuple(entry_ids))


def _reached(job: Work, posting: BookPosting, through_on: datetime.date) -> bool:
    """The book has been run to the day, or it has nothing up to then: a first run begins with its first asset."""
    known = job.context.book(posting.book.book_id).horizon_on
    if known is None:
        return not _has_facts(job.context.company_id, through_on)
    return known >= through_on


def _has_facts(company_id: int, through_on: datetime.date) -> bool:
    row = db.fetch_one(
        "SELECT EXISTS (SELECT FROM assets_event WHERE company_id = %s AND effective_on <= %s)",
        (company_id, through_on),
    )
    return bool(row and row[0])


def _exception_json(exception: RunException) -> dict[str, object]:
    return {
        "asset_id": exception.asset_id,
        "tag": exception.tag,
        "field": exception.field,
        "rule": exception.rule,
        "message": exception.message,
    }


def _hash(book_id: int, through_on: datetime.date) -> bytes:
    return hashlib.sha256(f"run {book_id} {through_on}".encode()).digest()


def _earlier(company_id: int, key: str, book_id: int, through_on: datetime.date) -> RunResult | None:
    row = db.fetch_one(
        "SELECT b.request_hash, r.run_id, r.book_id, r.from_on, r.through_on, r.asset_count, r.row_count, r.total,"
        " r.exceptions, r.entry_ids FROM assets_batch b"
        " LEFT JOIN assets_run r ON r.company_id = b.company_id AND r.run_id = b.batch_id"
        " WHERE b.company_id = %s AND b.idempotency_key = %s",
        (company_id, key),
    )
    if row is None:
        return None
    digest, run_id, book, from_on, through, asset_count, row_count, total, exceptions, entry_ids = row
    if run_id is None or bytes(digest) != _hash(book_id, through_on):
        message = say("This key was used for another request: take a new key for a new one.")
        raise Conflict(Problem("idempotency_key", "same_request", message, value=key))
    found = tuple(RunException(**exception) for exception in exceptions)
    return RunResult(
        run_id, book, from_on, through, asset_count, row_count, total, found, tuple(entry_ids), repeated=True
    )


def _standing_run(company_id: int, run_id: int) -> tuple[int, datetime.date | None]:
    row = db.fetch_one(
        "SELECT book_id, from_on, of_run_id FROM assets_run WHERE company_id = %s AND run_id = %s",
        (company_id, run_id),
    )
    if row is None:
        raise NotFound(Problem("run_id", "exists", say("There is no such run."), value=str(run_id)))
    if row[2] is not None:
        raise refuse(
            "run_id", "kind", say("That run took another one back: run the depreciation again instead.")
        )
    return row[0], row[1]


def _refuse_not_latest(company_id: int, book_id: int, run_id: int) -> None:
    """Runs are taken back one by one, the latest first."""
    row = db.fetch_one(
        "SELECT max(r.run_id) FROM assets_run r WHERE r.company_id = %(company)s AND r.book_id = %(book)s"
        " AND r.of_run_id IS NULL AND NOT EXISTS (SELECT 1 FROM assets_run x WHERE x.company_id = r.company_id"
        " AND x.of_run_id = r.run_id)",
        {"company": company_id, "book": book_id},
    )
    if row is None or row[0] != run_id:
        message = say("Only the latest run of a book that stands can be taken back.")
        raise refuse("run_id", "latest", message, value=run_id)
