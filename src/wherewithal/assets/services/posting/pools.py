"""Pools of a book (capital allowances, written-down value, CCA): what they should say of their assets, less what is said.

A pool is a function of the facts of all its assets. What came in and went out is read from the value rows that every
event has posted for its asset by itself; what the pools add to them has roles of its own (POOL_...).
"""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wherewithal.assets.drafts import RunException
from wherewithal.assets.services.context import BookFacts, Context
from wherewithal.assets.services.posting.history import (
    AssetHistory,
    Event,
    linked,
    load_histories,
    reversed_ids,
)
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import (
    FIRST_YEAR_CLAIM,
    OPENED,
    MoveCosts,
    Reader,
    events_of,
    last_version,
    may_pool,
    without_claim,
)
from wherewithal.assets.services.posting.values import (
    CARRYING_EFFECT,
    POOL_ROLES,
    Accounts,
    ValueKey,
    effect_of,
)
from wherewithal.core.assets.facts import Kind, ValueRow
from wherewithal.core.assets.pooling import Ending, Member, Move, Pooled, Standing, pooled, pooled_since
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.first_year_claims import claims_of
from wherewithal.core.depreciation.packs import built_in
from wherewithal.core.depreciation.pool_facts import Addition, PoolPeriod
from wherewithal.core.depreciation.terms import TermsError
from wherewithal.core.posting import AccountRole, Role
from wherewithal.kit import db

CLEARING = frozenset({AccountRole.ASSET_DISPOSAL})
STAYS = {int(role): effect_of(role, CLEARING) for role in Role if role >= 100}
BACKWARDS = frozenset({Kind.REVERSAL, Kind.ERROR_CORRECTION})
GRANT = int(Role.GRANT_DEDUCTED)

_SAID = """
    SELECT effective_on, event_id, asset_id, class_id, role, sum(amount)::bigint
    FROM assets_value
    WHERE company_id = %(company)s AND book_id = %(book)s AND asset_id = ANY (%(assets)s) AND role <> ALL (%(pools)s)
      AND (%(as_of)s::date IS NULL OR effective_on <= %(as_of)s)
      AND (%(known_at)s::timestamptz IS NULL OR recorded_at <= %(known_at)s)
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount) <> 0
"""
_BOOKED = f"""
    SELECT asset_id, event_id, role, class_id, cost_centre_id, debit_account_id, credit_account_id, effective_on,
           sum(amount)::bigint
    FROM assets_value
    WHERE company_id = %(company)s AND book_id = %(book)s AND role IN ({", ".join(map(str, POOL_ROLES))})
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(amount) <> 0
"""  # noqa: S608 - our own numbers, those of an index


_BOOKED_OF = f"""
    SELECT asset_id, event_id, role, class_id, cost_centre_id, debit_account_id, credit_account_id, effective_on,
           sum(amount)::bigint
    FROM assets_value
    WHERE company_id = %(company)s AND book_id = %(book)s AND role IN ({", ".join(map(str, POOL_ROLES))})
      AND (asset_id = ANY (%(assets)s) OR (asset_id = 0 AND event_id = ANY (%(events)s)))
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(amount) <> 0
"""  # noqa: S608 - our own numbers, those of an index


@dataclass(slots=True)
class PoolBook:
    """The assets in the pools of a book, by pack, and what moved them. exceptions: assets left out, and why."""

    context: Context
    book: BookFacts
    histories: dict[int, AssetHistory] = field(default_factory=dict)
    members: dict[str, list[Member]] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    exceptions: list[RunException] = field(default_factory=list)
    dead: dict[int, set[int]] = field(default_factory=dict)
    ends: dict[str, list[Ending]] = field(default_factory=dict)

    def centre_on(self, asset_id: int, day: datetime.date) -> int:
        """Who bears what is charged for an asset on a day."""
        history = self.histories[asset_id]
        if asset_id not in self.dead:
            self.dead[asset_id] = reversed_ids(history.events)
        return history.cost_centre_on(day, self.dead[asset_id])

    def worked_out(
        self, pack: str, *, charged_through: datetime.date | None, shown_through: datetime.date
    ) -> Pooled:
        """Leaves out assets that the pack has no answer for. Raises PackError where it has none for any of them."""
        span = _Span(charged_through, shown_through)
        members = self.members[pack]
        try:
            return self._worked_out(pack, members, span)
        except PackError as error:
            faults = self._at_fault(pack, sorted(members, key=lambda each: each.joined_on), error, span)
            if len(faults) in (0, len(members)):
                raise
        self.members[pack] = [member for member in members if member.asset_id not in faults]
        answer = self._worked_out(pack, self.members[pack], span)
        self.exceptions += [_exception(self.histories[each], error) for each, error in faults.items()]
        return answer

    def _worked_out(self, pack: str, members: Sequence[Member], span: "_Span") -> Pooled:
        return pooled(
            built_in(pack),
            self.book.calendar,
            members,
            self.moves,
            charged_through=span.charged_through,
            shown_through=span.shown_through,
            centre_on=self.centre_on,
            ends=self.ends.get(pack, ()),
        )

    def _at_fault(
        self, pack: str, members: Sequence[Member], error: PackError, span: "_Span"
    ) -> dict[int, PackError]:
        """Which of these members have no answer also when they are alone, by halves: `error` is that of all of them."""
        if len(members) == 1:
            return {members[0].asset_id: error}
        found: dict[int, PackError] = {}
        middle = len(members) // 2
        for half in (members[:middle], members[middle:]):
            try:
                self._worked_out(pack, half, span)
            except PackError as its_own:
                found |= self._at_fault(pack, half, its_own, span)
        return found


class _Span(NamedTuple):
    """Charged and shown through which days."""

    charged_through: datetime.date | None
    shown_through: datetime.date


class Differences(NamedTuple):
    """rows: should less booked. left_out: assets that the rules have no answer for. stopped: packs without any answer,
    whose rows stay as they are."""

    rows: dict[ValueKey, int]
    left_out: list[RunException]
    stopped: list[str]


def has_pools(book: BookFacts, histories: Iterable[AssetHistory]) -> bool:
    """Whether any of these assets may be in a pool of the book."""
    return any(may_pool(history.terms.get(book.book_id)) for history in histories)


def pool_changes(
    context: Context,
    book: BookFacts,
    accounts: Accounts,
    pending: Mapping[ValueKey, int],
    *,
    changed: Mapping[int, AssetHistory] | None = None,
) -> tuple[dict[ValueKey, int], list[RunException]]:
    """Should less booked of all pools of a book through its horizon; and assets that the rules have no answer for.

    pending: rows of assets by themselves that are about to be written. changed: histories that know more than is
    written. Holds the pools of the book until the transaction ends. Raises Refused where no account plays a role.
    """
    db.fetch_all(
        "SELECT pg_advisory_xact_lock(hashtextextended('assets_pools ' || %s::text || ' ' || %s::text, 0))",
        (context.company_id, book.book_id),
    )
    if changed:
        late = _late_changes(context, book, accounts, pending, changed)
        if late is not None:
            return late, []
    found = pool_differences(context, book, accounts, pending, changed=changed)
    return found.rows, found.left_out


def _late_changes(
    context: Context,
    book: BookFacts,
    accounts: Accounts,
    pending: Mapping[ValueKey, int],
    changed: Mapping[int, AssetHistory],
) -> dict[ValueKey, int] | None:
    """The same for what happens after the last year that was charged, without a look at any other asset: all that pools
    say since is what moves on its own day. None where that is not enough: the past is touched, or cost goes from one
    asset or class to another, or an asset waits outside its pool.
    """
    charged_on = _charged_on(book)
    if not (_is_late(changed, charged_on) and all(key.effective_on > charged_on for key in pending)):
        return None
    reading = PoolBook(context, book, dict(changed))
    members = _members(reading, costs_of_moves(context.company_id, changed.values()))
    if reading.exceptions:
        return None
    given = {"company": context.company_id, "book": book.book_id, "assets": sorted(changed)}
    moves = _moves(
        [
            *db.fetch_all(_SAID, given | {"pools": list(POOL_ROLES), "as_of": None, "known_at": None}),
            *_pending_rows(pending, members),
        ]
    )
    events = [event.event_id for history in changed.values() for event in history.events]
    said = {ValueKey(*row[:8]): row[8] for row in db.fetch_all(_BOOKED_OF, given | {"events": events})}
    standing = _standing(members, moves, said, charged_on)
    if standing is None:
        return None
    rows = {key: -amount for key, amount in said.items() if key.effective_on > charged_on}
    for pack in {pack for pack, _ in members.values()}:
        mine = [member for each, member in members.values() if each == pack]
        ids = {member.asset_id for member in mine}
        stands = {key: had for key, had in standing.items() if key[0] in ids}
        old = {asset_id for asset_id, _ in stands}
        known = [
            move
            for move in moves
            if move.asset_id in ids and (move.on > charged_on or move.asset_id not in old)
        ]
        if any(move.transferred for move in known):
            return None
        found = pooled_since(built_in(pack), book.calendar, mine, known, stands, centre_on=reading.centre_on)
        for key, amount in found.items():
            debit, credit = accounts.of(key.role, key.class_id, key.on)
            row = ValueKey(
                key.asset_id, key.cause_id, key.role, key.class_id, key.cost_centre_id, debit, credit, key.on
            )
            rows[row] = rows.get(row, 0) + amount
    return {row: amount for row, amount in rows.items() if amount}


def _charged_on(book: BookFacts) -> datetime.date:
    """The last day of the last fiscal year that the book was run through."""
    if book.horizon_on is None:
        return datetime.date.min
    year = book.calendar.year(book.horizon_on)
    return year.last if year.last <= book.horizon_on else year.first - ONE_DAY


def _is_late(changed: Mapping[int, AssetHistory], charged_on: datetime.date) -> bool:
    """Whether all that is new came after a day, also what it takes back."""
    for history in changed.values():
        by_id = {event.event_id: event for event in history.events}
        for event in history.events:
            if event.recorded_at is not None:
                continue
            named = by_id.get(event.of_event_id or 0) if event.kind == Kind.REVERSAL else event
            if event.kind == Kind.ERROR_CORRECTION or named is None or named.kind in BACKWARDS:
                return False
            if min(event.effective_on, named.effective_on) <= charged_on:
                return False
    return True


def _standing(
    members: Mapping[int, tuple[str, Member]],
    moves: Iterable[Move],
    said: Mapping[ValueKey, int],
    charged_on: datetime.date,
) -> dict[tuple[int, int], Standing] | None:
    """What assets had in their pools by asset and class on a day, by what is booked. None if one that was in its pool then
    was never charged: it waits outside."""
    old = {key for key, (_, member) in members.items() if member.joined_on <= charged_on}
    cost: dict[tuple[int, int], int] = {}
    taken: dict[tuple[int, int], int] = {}
    for move in moves:
        if move.asset_id in old and move.on <= charged_on:
            key = (move.asset_id, move.class_id)
            cost[key] = cost.get(key, 0) + move.carrying
    for row, amount in said.items():
        if row.asset_id in old and row.effective_on <= charged_on:
            key = (row.asset_id, row.class_id)
            taken[key] = taken.get(key, 0) - CARRYING_EFFECT[row.role] * amount
    if {asset_id for asset_id, _ in taken} != old:
        return None
    return {key: Standing(cost.get(key, 0), taken.get(key, 0)) for key in cost.keys() | taken.keys()}


def pool_differences(
    context: Context,
    book: BookFacts,
    accounts: Accounts,
    pending: Mapping[ValueKey, int],
    *,
    changed: Mapping[int, AssetHistory] | None = None,
) -> Differences:
    """As `pool_changes`, for those who only look."""
    wanted: dict[ValueKey, int] = {}
    booked = _booked(context.company_id, book.book_id)
    known = changed or {}
    if (
        not booked
        and not pooled_ids(context.company_id, book.book_id)
        and not has_pools(book, known.values())
    ):
        return Differences({}, [], [])
    reading = read_pools(context, book, pending=pending, changed=known)
    stopped: list[str] = []
    for pack in sorted(reading.members):
        try:
            answer = reading.worked_out(
                pack, charged_through=book.horizon_on, shown_through=datetime.date.min
            )
        except PackError as error:
            reading.exceptions += [
                _exception(reading.histories[member.asset_id], error) for member in reading.members[pack]
            ]
            booked = _without(booked, reading, pack)
            stopped.append(pack)
            continue
        for key, amount in answer.rows.items():
            debit, credit = accounts.of(key.role, key.class_id, key.on)
            row = ValueKey(
                key.asset_id, key.cause_id, key.role, key.class_id, key.cost_centre_id, debit, credit, key.on
            )
            wanted[row] = wanted.get(row, 0) + amount
    for row, amount in booked.items():
        wanted[row] = wanted.get(row, 0) - amount
    rows = {row: amount for row, amount in wanted.items() if amount}
    return Differences(rows, reading.exceptions, stopped)


def _without(booked: Mapping[ValueKey, int], reading: PoolBook, pack: str) -> dict[ValueKey, int]:
    """What is booked of other packs. What left a pool stands under the event of an asset that was in it."""
    assets = {member.asset_id for member in reading.members[pack]}
    events = {event.event_id for asset_id in assets for event in reading.histories[asset_id].events}
    return {
        row: amount
        for row, amount in booked.items()
        if row.asset_id not in assets and row.event_id not in events
    }


def _booked(company_id: int, book_id: int) -> dict[ValueKey, int]:
    rows = db.fetch_all(_BOOKED, {"company": company_id, "book": book_id})
    return {ValueKey(*row[:8]): row[8] for row in rows}


def pooled_ids(company_id: int, book_id: int) -> list[int]:
    """Assets that may be in a pool of the book, by the terms it began to read them with."""
    rows = db.fetch_all(
        "SELECT terms_id, terms::text FROM assets_terms WHERE company_id = %s AND jsonb_exists(terms, 'pack')",
        (company_id,),
    )
    fitting = [terms_id for terms_id, text in rows if may_pool(text)]
    if not fitting:
        return []
    found = db.fetch_all(
        "SELECT asset_id FROM assets_asset_book WHERE company_id = %s AND book_id = %s AND terms_id = ANY (%s)"
        " ORDER BY asset_id",
        (company_id, book_id, fitting),
    )
    return [row[0] for row in found]


def read_pools(
    context: Context,
    book: BookFacts,
    *,
    pending: Mapping[ValueKey, int] | None = None,
    changed: Mapping[int, AssetHistory] | None = None,
    instead: Mapping[int, Sequence[ValueRow]] | None = None,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> PoolBook:
    """Who is in the pools of a book, and what moved them; by a day, as known at an instant.

    pending: rows to be added to those that are written; instead: rows of assets that count instead of what is written.
    """
    company_id = context.company_id
    ids = linked(company_id, pooled_ids(company_id, book.book_id))
    histories = load_histories(company_id, ids) | dict(changed or {})
    for history in histories.values():
        history.events = [event for event in history.events if _is_known(event, as_of, known_at)]
    reading = PoolBook(context, book, histories)
    costs = costs_of_moves(company_id, histories.values())
    members = _members(reading, costs)
    for pack, member in members.values():
        reading.members.setdefault(pack, []).append(member)
    reading.ends = _ends(reading, members, costs)
    rows = db.fetch_all(
        _SAID,
        {
            "company": company_id,
            "book": book.book_id,
            "assets": sorted(members.keys() - (instead or {}).keys()),
            "pools": list(POOL_ROLES),
            "as_of": as_of,
            "known_at": known_at,
        },
    )
    rows += [
        (row.effective_on, row.cause_id, asset_id, row.class_id, row.role, row.amount)
        for asset_id, given in (instead or {}).items()
        for row in given
        if asset_id in members
    ]
    reading.moves = _moves([*rows, *_pending_rows(pending or {}, members)])
    return reading


def _is_known(event: Event, as_of: datetime.date | None, known_at: datetime.datetime | None) -> bool:
    """Reversals and corrections have their effect where the event stands that they name, whatever their own day."""
    if as_of is not None and event.effective_on > as_of and event.kind not in BACKWARDS:
        return False
    return known_at is None or event.recorded_at is None or event.recorded_at <= known_at


def _pending_rows(pending: Mapping[ValueKey, int], members: Collection[int]) -> Iterable[tuple[Any, ...]]:
    for key, amount in pending.items():
        if key.asset_id in members and key.role not in POOL_ROLES:
            yield key.effective_on, key.event_id, key.asset_id, key.class_id, key.role, amount


def _moves(rows: Iterable[tuple[Any, ...]]) -> list[Move]:
    """Value rows by event, asset and class."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for on, event_id, asset_id, class_id, role, amount in rows:
        sums = found.setdefault((on, event_id, asset_id, class_id), [0, 0, 0, 0, 0])
        effect = CARRYING_EFFECT[role] * amount
        if 100 <= role <= 113 or 160 <= role <= 169 or role == GRANT:
            sums[0] += effect
        elif 150 <= role <= 159:
            sums[1] += effect
        elif 170 <= role <= 179:
            sums[2] -= effect
        sums[3] += STAYS[role] * amount
        sums[4] += effect
    return [Move(*key, *sums) for key, sums in found.items() if any(sums)]


# --- who is in which pool -----------------------------------------------------------------------------------------


def _members(reading: PoolBook, costs: MoveCosts) -> dict[int, tuple[str, Member]]:
    """By asset: the pack and how it joined."""
    found: dict[int, tuple[str, Member]] = {}
    for asset_id, history in reading.histories.items():
        reader = Reader(reading.context, reading.book, history, costs)
        try:
            joined = _joined(reader)
            if joined is not None:
                _check_claim(reading.book, *joined)
                found[asset_id] = joined
        except (PackError, TermsError) as error:
            reading.exceptions.append(_exception(history, error))
    return found | _takers(reading, found)


def _joined(reader: Reader) -> tuple[str, Member] | None:
    heard = events_of(reader.history, reader.book.book_id)
    mine = sorted(heard, key=lambda each: (each.effective_on, each.phase, each.key))
    for event in mine:
        values = reader.values(event)
        since = values.get("in_service_on")
        if event.kind != Kind.IN_SERVICE and (event.kind not in OPENED or since is None):
            continue
        served_on = event.effective_on if since is None else datetime.date.fromisoformat(since)
        version = last_version(event, mine)
        if version is not None:
            values = reader.values(version)
            stated_on = values.get("in_service_on")
            served_on = served_on if stated_on is None else datetime.date.fromisoformat(stated_on)
        answer = reader.pool(version or event, values)
        if answer is None:
            return None
        return _member(reader, event, served_on, *answer)
    return None


def _member(
    reader: Reader, event: Event, served_on: datetime.date, stated: Any, pool: str
) -> tuple[str, Member]:
    asset_id = reader.history.asset_id
    opened = event.kind in OPENED
    joined_on = event.effective_on if opened else served_on
    pack = built_in(stated.pack)
    known = {"acquired_on": min(reader.acquired_on(served_on), served_on)}
    facts = pack.facts_of(without_claim(stated), pack.asset_class(stated.pack_class), known)
    single = pack.rule("pools", pool).params.get("per_asset", False)
    member = Member(
        asset_id,
        f"{pool}#{asset_id}" if single else pool,
        joined_on,
        event.key,
        event.event_id,
        served_on if opened else None,
        stated.elections.get(FIRST_YEAR_CLAIM),
        facts,
    )
    return pack.code, member


def _ends(
    reading: PoolBook, members: Mapping[int, tuple[str, Member]], costs: MoveCosts
) -> dict[str, list[Ending]]:
    """Which pools of which pack ended when: an end is told of an asset, and is that of its pool or of all of them."""
    found: dict[str, list[Ending]] = {}
    for asset_id, (pack, member) in members.items():
        reader = Reader(reading.context, reading.book, reading.histories[asset_id], costs)
        for event in events_of(reader.history, reading.book.book_id):
            if event.kind == Kind.POOL_END:
                every = bool(reader.values(event).get("all_pools"))
                for named in reading.members if every else (pack,):
                    pool = None if every else member.pool
                    found.setdefault(named, []).append(Ending(pool, event.effective_on))
    return found


def _takers(reading: PoolBook, found: Mapping[int, tuple[str, Member]]) -> dict[int, tuple[str, Member]]:
    """Assets made of parts of assets in pools are in the same pools."""
    owner = {event.event_id: key for key, history in reading.histories.items() for event in history.events}
    parts = [
        (event, asset_id)
        for asset_id, history in reading.histories.items()
        for event in history.alive()
        if event.kind == Kind.PART_IN and asset_id not in found
    ]
    takers: dict[int, tuple[str, Member]] = {}
    for event, asset_id in sorted(parts, key=lambda each: (each[0].effective_on, each[0].key)):
        known = {**found, **takers}.get(owner.get(event.of_event_id or 0, 0))
        if known is None or asset_id in takers or known[1].joined_on > event.effective_on:
            continue
        pack, giver = known
        takers[asset_id] = (
            pack,
            Member(
                asset_id, giver.pool, event.effective_on, event.key, event.event_id, None, giver.allowance,
                giver.facts, of_parts=True,
            ),
        )  # fmt: skip
    return takers


def _check_claim(book: BookFacts, pack: str, member: Member) -> None:
    """Raises PackError for a first-year claim that is not granted, so that it stops no other asset."""
    if member.allowance is None:
        return
    year = book.calendar.year(member.joined_on)
    addition = Addition(1, member.joined_on, member.allowance, member.facts)
    if member.before_on is None or member.before_on >= year.first:
        code = member.pool.partition("#")[0]
        claims_of(built_in(pack), [(code, addition)], PoolPeriod(year.first, year.last, facts=member.facts))


def _exception(history: AssetHistory, error: PackError | TermsError) -> RunException:
    return RunException(history.asset_id, history.tag, f"terms.{error.field}", error.rule, error.message)
