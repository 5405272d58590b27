"""What a book should say of its pools: the one pure function from the cost of assets and what was got for them to rows.

A pool is computed year by year (`core.depreciation.pools`). Each asset is carried at its share of its pool, in
proportion to what it was carried at before; what an asset leaves behind when it goes (it was carried at more, or less,
than was got for it) stays in the pool beside its assets, as its rest. So

    what the assets of a pool are carried at + its rest = the closing balance of its computation

holds at the end of every year. What is deductible at once belongs to the asset it was claimed for.
"""

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

from wherewithal.core.depreciation.calendar import Calendar, FiscalYear
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.first_year_claims import Claim, claims_of
from wherewithal.core.depreciation.packs import Pack
from wherewithal.core.depreciation.pool_facts import Addition, Disposal, PoolPeriod, PoolYear
from wherewithal.core.depreciation.pools import PoolAnswer, pools_with_claims, rule_code
from wherewithal.core.money import allocate
from wherewithal.core.posting import Role

THE_POOLS = 0
"""Stands for the asset in rows of what left a pool and is still written down in it."""


@dataclass(frozen=True, slots=True)
class Member:
    """An asset in a pool. pool: its code, of pools of single assets with "#" and the asset. key: orders members that
    joined on one day, by content. cause_id: the event by which it joined. before_on: it came with its past, in service
    since that day. allowance: the first-year claim asked for. facts: what rules may ask about it. of_parts: it was made
    of parts of an asset of the pool."""

    asset_id: int
    pool: str
    joined_on: datetime.date
    key: bytes
    cause_id: int
    before_on: datetime.date | None = None
    allowance: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    of_parts: bool = False


class Move(NamedTuple):
    """What the value rows of one event did to one asset and class, pools left aside. Amounts in minor units.

    added: cost that came (negative: a credit); transferred: between assets or classes; left: what it was carried at
    that went by disposal; stays: the part of it that was not got for it, which its pool keeps; carrying: all effects.
    """

    on: datetime.date
    event_id: int
    asset_id: int
    class_id: int
    added: int
    transferred: int
    left: int
    stays: int
    carrying: int


class Ending(NamedTuple):
    """The business that a pool served ended on a day. pool: its code; None: every pool."""

    pool: str | None
    on: datetime.date


class Standing(NamedTuple):
    """What an asset has in its pool under a class: its cost, and what was deducted of it."""

    cost: int
    taken: int


class PoolRowKey(NamedTuple):
    """What a row is about. asset_id: THE_POOLS for the rest of a pool."""

    on: datetime.date
    cause_id: int
    role: Role
    asset_id: int
    class_id: int
    cost_centre_id: int


class PoolResult(NamedTuple):
    """One pool in one fiscal year. added: all that was spent, also what was deducted at once; disposed: what it gave up
    for what left."""

    code: str
    first: datetime.date
    last: datetime.date
    year: PoolYear
    added: int
    disposed: int


class Pooled(NamedTuple):
    """rows: what the book should say. years: the computations behind it."""

    rows: dict[PoolRowKey, int]
    years: list[PoolResult]


class _Rest(NamedTuple):
    class_id: int
    cost_centre_id: int


@dataclass(slots=True)
class _Holding:
    """What an asset has in its pool under one class: its cost, and what was deducted of it."""

    member: Member
    class_id: int
    cost: int = 0
    taken: int = 0

    @property
    def left(self) -> int:
        return self.cost - self.taken


@dataclass(slots=True)
class _Pool:
    """One pool on its way through the years. classes: those an asset has been of. rests: what
    departed assets left behind. causes: by which event."""

    code: str
    first: Member
    opening: int = 0
    carry: Mapping[str, int] = field(default_factory=dict)
    holdings: dict[tuple[int, int], _Holding] = field(default_factory=dict)
    classes: dict[int, list[int]] = field(default_factory=dict)
    rests: dict[_Rest, int] = field(default_factory=dict)
    causes: dict[_Rest, int] = field(default_factory=dict)
    latest: _Rest | None = None
    additions: list[tuple[Member, datetime.date, int]] = field(default_factory=list)
    disposals: list[Disposal] = field(default_factory=list)

    def holding(self, member: Member, class_id: int) -> _Holding:
        key = (member.asset_id, class_id)
        if key not in self.holdings:
            self.holdings[key] = _Holding(member, class_id)
            self.classes.setdefault(member.asset_id, []).append(class_id)
        return self.holdings[key]

    def leave(self, rest: _Rest, amount: int, cause_id: int) -> None:
        self.rests[rest] = self.rests.get(rest, 0) + amount
        self.causes[rest], self.latest = cause_id, rest


@dataclass(slots=True)
class _Run:
    """One pass over the years."""

    pack: Pack
    calendar: Calendar
    members: Mapping[int, Member]
    centre_on: Callable[[int, datetime.date], int]
    common: Mapping[str, Any]
    ends: Collection[Ending] = ()
    pools: dict[str, _Pool] = field(default_factory=dict)
    rows: dict[PoolRowKey, int] = field(default_factory=dict)
    carrying: dict[int, int] = field(default_factory=dict)
    waiting: dict[int, list[Move]] = field(default_factory=dict)

    # --- rows

    def emit(self, on: datetime.date, holding: _Holding, role: Role, amount: int, cause_id: int = 0) -> None:
        member = holding.member
        centre = self.centre_on(member.asset_id, on)
        key = PoolRowKey(on, cause_id or member.cause_id, role, member.asset_id, holding.class_id, centre)
        self.rows[key] = self.rows.get(key, 0) + amount

    def emit_rest(self, on: datetime.date, rest: _Rest, role: Role, amount: int, cause_id: int) -> None:
        key = PoolRowKey(on, cause_id, role, THE_POOLS, *rest)
        self.rows[key] = self.rows.get(key, 0) + amount

    def rest_of(self, on: datetime.date, asset_id: int, class_id: int) -> _Rest:
        return _Rest(class_id, self.centre_on(asset_id, on))

    # --- what happens in a year

    def day(self, moves: Sequence[Move], year: FiscalYear) -> None:
        """Everything of one day: what joins and is added, what goes from one to another, what leaves."""
        on = moves[0].on
        inside: list[Move] = []
        for move in moves:
            member = self.members[move.asset_id]
            self.carrying[move.asset_id] = self.carrying.get(move.asset_id, 0) + move.carrying + move.left
            if on < member.joined_on:
                self.waiting.setdefault(move.asset_id, []).append(move)
                continue
            self.join(member, year)
            self.add(member, move, move.added)
            if move.transferred:
                inside.append(move)
        for code, group in _by_pool(self.members, inside).items():
            if sum(move.transferred for move in group):
                for move in group:
                    self.add(self.members[move.asset_id], move, move.transferred)
            else:
                self.hand_over(self.pools[code], group)
        for move in moves:
            if move.left or move.stays:
                if on >= self.members[move.asset_id].joined_on:
                    self.retire(self.members[move.asset_id], move)
                self.carrying[move.asset_id] -= move.left

    def join(self, member: Member, year: FiscalYear) -> None:
        """What an asset had cost before it went into service joins with it."""
        self.pools.setdefault(member.pool, _Pool(member.pool, member))
        for move in self.waiting.pop(member.asset_id, ()):
            self.add(
                member, move._replace(on=max(member.joined_on, year.first)), move.added + move.transferred
            )

    def add(self, member: Member, move: Move, amount: int) -> None:
        if not amount:
            return
        pool = self.pools[member.pool]
        holding = pool.holding(member, move.class_id)
        holding.cost += amount
        if amount > 0:
            self._bring(pool, member, move.on, amount)
        else:
            self._give_back(pool, holding, move, -amount)

    def _bring(self, pool: _Pool, member: Member, on: datetime.date, amount: int) -> None:
        year = self.calendar.year(on)
        if member.before_on is None or member.before_on >= year.first or on != member.joined_on:
            pool.additions.append((member, on, amount))
            return
        rule = self.pack.rule("pools", rule_code(pool.code))
        if rule.kind == "level":
            age = year.first.year - self.calendar.year(member.before_on).first.year
            years = int(rule.params["years"])
            pool.carry = {**pool.carry, str(age): pool.carry.get(str(age), 0) + amount}
            amount -= self.pack.rounded(Fraction(amount * min(age, years), years))
        pool.opening += amount

    def _give_back(self, pool: _Pool, holding: _Holding, move: Move, amount: int) -> None:
        """Cost that was credited: out of the year's additions of the asset as far as it goes, else out of the pool."""
        for number, (member, on, added) in enumerate(pool.additions):
            if member.asset_id == move.asset_id and added > 0:
                part = min(amount, added)
                pool.additions[number] = (member, on, added - part)
                amount -= part
        if amount:
            pool.disposals.append(Disposal(amount, move.on, None, holding.member.allowance))
        over = -holding.left
        if over > 0:
            rest = self.rest_of(move.on, move.asset_id, move.class_id)
            self.emit(move.on, holding, Role.POOL_MOVED, -over, move.event_id)
            self.emit_rest(move.on, rest, Role.POOL_MOVED, over, move.event_id)
            holding.taken -= over
            pool.leave(rest, -over, move.event_id)

    def hand_over(self, pool: _Pool, moves: Sequence[Move]) -> None:
        """Cost goes from one asset (or class) to another of the same pool, and what was deducted of it goes with it."""
        given = 0
        takers = [move for move in moves if move.transferred > 0]
        for move in moves:
            if move.transferred < 0:
                holding = pool.holding(self.members[move.asset_id], move.class_id)
                share = _share(holding.taken, -move.transferred, holding.cost)
                holding.cost += move.transferred
                holding.taken -= share
                given += share
                self.emit(move.on, holding, Role.POOL_MOVED, -share, move.event_id)
        for move, share in zip(takers, allocate(given, [move.transferred for move in takers]), strict=True):
            holding = pool.holding(self.members[move.asset_id], move.class_id)
            holding.cost += move.transferred
            holding.taken += share
            self.emit(move.on, holding, Role.POOL_MOVED, share, move.event_id)

    def retire(self, member: Member, move: Move) -> None:
        """What was deducted of it goes with it; what it was carried at above (or below) what was got stays."""
        pool = self.pools[member.pool]
        holding = pool.holding(member, move.class_id)
        there = self.carrying[member.asset_id]
        if move.left < 0:
            cost, taken = move.left, 0
        elif move.left >= there:
            cost, taken = holding.cost, holding.taken
        else:
            cost, taken = (_share(part, move.left, there) for part in (holding.cost, holding.taken))
        holding.cost -= cost
        holding.taken -= taken
        rest = self.rest_of(move.on, member.asset_id, move.class_id)
        self.emit(move.on, holding, Role.POOL_RETIRED, taken, move.event_id)
        self.emit_rest(move.on, rest, Role.POOL_RETIRED, move.stays - taken, move.event_id)
        pool.leave(rest, move.stays - taken, move.event_id)
        got = move.left - move.stays
        if got:
            year = self.calendar.year(move.on)
            unclaimed = self.is_last(pool.code, year) and member.joined_on >= year.first
            allowance = None if unclaimed else member.allowance
            pool.disposals.append(Disposal(got, move.on, None, allowance))

    # --- the end of a year

    def is_last(self, code: str, year: FiscalYear) -> bool:
        """Whether the business that a pool serves ends in this year."""
        return any(end.pool in (None, code) and year.first <= end.on <= year.last for end in self.ends)

    def year_end(self, year: FiscalYear, *, posts: bool) -> Iterable[PoolResult]:
        periods = {code: self._period(pool, year) for code, pool in sorted(self.pools.items())}
        if not periods:
            return []
        states = {code: (pool.opening, pool.carry) for code, pool in self.pools.items()}
        answers = pools_with_claims(self.pack, states, periods)
        found = []
        for code, answer in answers.items():
            pool = self.pools[code]
            if posts:
                self._post(pool, answer, year.last)
            if answer.year.opening or answer.year.closing or answer.year.lines[2:]:
                added = sum(amount for _, _, amount in pool.additions)
                disposed = sum(disposal.proceeds for disposal in pool.disposals)
                found.append(PoolResult(code, year.first, year.last, answer.year, added, disposed))
            pool.opening, pool.carry = answer.year.closing, answer.year.carry
            pool.additions, pool.disposals = [], []
        return found

    def _period(self, pool: _Pool, year: FiscalYear) -> PoolPeriod:
        """What happened in a year; a pool of one asset knows how much of its use is business."""
        additions = tuple(
            self._addition(pool, member, on, amount, year) for member, on, amount in pool.additions if amount
        )
        return PoolPeriod(
            year.first,
            year.last,
            additions,
            tuple(pool.disposals),
            ceased=self.is_last(pool.code, year),
            empty=not any(holding.cost > 0 for holding in pool.holdings.values()),
            facts=self.common,
            business_use=Fraction(pool.first.facts.get("business_use", 1))
            if "#" in pool.code
            else Fraction(1),
        )

    def _addition(
        self, pool: _Pool, member: Member, on: datetime.date, amount: int, year: FiscalYear
    ) -> Addition:
        """Cost that came after the asset is claimed with it where that is granted on its own day, else it joins plainly."""
        asked = Addition(amount, on, member.allowance, member.facts)
        if member.allowance is None or not (member.of_parts or on > member.joined_on):
            return asked
        try:
            period = PoolPeriod(year.first, year.last, facts=self.common)
            claims_of(self.pack, [(rule_code(pool.code), asked)], period)
        except PackError:
            return Addition(amount, on, None, member.facts)
        return asked

    def _post(self, pool: _Pool, answer: PoolAnswer, on: datetime.date) -> None:
        members = [member for member, _, amount in pool.additions if amount]
        for member, claim in zip(members, answer.claims, strict=True):
            if claim.code is not None and claim.claimed:
                self._first_year(pool, member, claim, on)
        year = answer.year
        holdings = sorted(pool.holdings.values(), key=lambda each: (*_order(each.member), each.class_id))
        holdings = [holding for holding in holdings if holding.left]
        rests = sorted(pool.rests)
        before = [holding.left for holding in holdings] + [pool.rests[rest] for rest in rests]
        after = _shared(year.closing, before)
        gone = [old - new for old, new in zip(before, after, strict=True)]
        owed = {
            Role.POOL_ALLOWANCE: year.claim,
            Role.POOL_BALANCING_ALLOWANCE: year.balancing_allowance,
            Role.POOL_BALANCING_CHARGE: -year.balancing_charge,
        }
        owed[Role.POOL_OUTSIDE] = sum(before) - year.closing - sum(owed.values())
        self._charge_assets(holdings, gone, owed, on)
        for rest, amount in zip(rests, gone[len(holdings) :], strict=True):
            self.emit_rest(on, rest, Role.POOL_ALLOWANCE, amount, pool.causes[rest])
            owed[Role.POOL_ALLOWANCE] -= amount
            pool.rests[rest] -= amount
        bearer = pool.latest or self.rest_of(on, pool.first.asset_id, _class_of(pool))
        cause = pool.causes.get(bearer, pool.first.cause_id)
        missing = sum(owed.values())
        for role, amount in owed.items():
            shown = -amount if role is Role.POOL_BALANCING_CHARGE else amount
            self.emit_rest(on, bearer, role, shown, cause)
        if missing:
            pool.leave(bearer, -missing, cause)

    def _charge_assets(
        self, holdings: Sequence[_Holding], gone: Sequence[int], owed: dict[Role, int], on: datetime.date
    ) -> None:
        """Assets bear the allowance, then what is not deductible; what they bear more the rest of the pool gives back."""
        open_ = list(gone[: len(holdings)])
        for role in (Role.POOL_ALLOWANCE, Role.POOL_OUTSIDE):
            whole = min(max(owed[role], 0), sum(open_))
            if whole > 0:
                parts = allocate(whole, open_)
                for number, (holding, part) in enumerate(zip(holdings, parts, strict=True)):
                    self.emit(on, holding, role, part)
                    open_[number] -= part
                owed[role] -= whole
        for holding, part in zip(holdings, open_, strict=True):
            self.emit(on, holding, Role.POOL_ALLOWANCE, part)
            owed[Role.POOL_ALLOWANCE] -= part
        for holding, amount in zip(holdings, gone, strict=False):
            holding.taken += amount

    def _first_year(self, pool: _Pool, member: Member, claim: Claim, on: datetime.date) -> None:
        gone = claim.addition.amount - claim.to_pool - claim.later
        classes = pool.classes[member.asset_id]
        holding = max((pool.holdings[member.asset_id, each] for each in classes), key=lambda each: each.left)
        if holding.left >= gone:
            self.emit(on, holding, Role.POOL_FIRST_YEAR, claim.claimed)
            self.emit(on, holding, Role.POOL_OUTSIDE, gone - claim.claimed)
            holding.taken += gone
            return
        rest = self.rest_of(on, member.asset_id, holding.class_id)
        self.emit_rest(on, rest, Role.POOL_FIRST_YEAR, claim.claimed, member.cause_id)
        self.emit_rest(on, rest, Role.POOL_OUTSIDE, gone - claim.claimed, member.cause_id)
        pool.leave(rest, -gone, pool.causes.get(rest, member.cause_id))


def pooled(
    pack: Pack,
    calendar: Calendar,
    members: Sequence[Member],
    moves: Sequence[Move],
    *,
    charged_through: datetime.date | None,
    shown_through: datetime.date,
    centre_on: Callable[[int, datetime.date], int],
    ends: Collection[Ending] = (),
) -> Pooled:
    """All pools of one pack in one book.

    A year is charged on its last day, if `charged_through` has come to it: what is due by any day depends on nothing
    later. What leaves moves its cost on its own day. A year in which a pool ends is its last one: what is left of it is
    lost or charged, and whatever comes to it later begins anew. Raises PackError where the pack has no answer.
    """
    by_id = {member.asset_id: member for member in members}
    known = sorted(
        (move for move in moves if move.asset_id in by_id), key=lambda move: _move_order(by_id, move)
    )
    if not members or not known:
        return Pooled({}, [])
    run = _Run(pack, calendar, by_id, centre_on, _common(pack, members), ends)
    diary = _Diary.of(members, known)
    end = max(diary.days[-1], shown_through, charged_through or shown_through)
    found: list[PoolResult] = []
    for year in calendar.years(diary.days[0]):
        if year.first > end:
            break
        diary.live(run, year)
        posts = charged_through is not None and year.last <= charged_through
        if posts or year.first <= shown_through:
            found += run.year_end(year, posts=posts)
    rows = {key: amount for key, amount in run.rows.items() if amount}
    return Pooled(rows, found)


def pooled_since(
    pack: Pack,
    calendar: Calendar,
    members: Sequence[Member],
    moves: Sequence[Move],
    standing: Mapping[tuple[int, int], Standing],
    *,
    centre_on: Callable[[int, datetime.date], int],
) -> dict[PoolRowKey, int]:
    """What pools say of some of their assets since the last year that was charged: what moves on its own day.

    moves: of these assets; of those that were in a pool before, only what came since. standing: what these had then, by
    asset and class. Cost that goes from one asset or class to another is not among the moves: who takes part in that on
    one day is a matter of the whole pool.
    """
    by_id = {member.asset_id: member for member in members}
    run = _Run(pack, calendar, by_id, centre_on, _common(pack, members))
    for (asset_id, class_id), had in standing.items():
        member = by_id[asset_id]
        holding = run.pools.setdefault(member.pool, _Pool(member.pool, member)).holding(member, class_id)
        holding.cost, holding.taken = had
        run.carrying[asset_id] = run.carrying.get(asset_id, 0) + had.cost
    known = sorted(moves, key=lambda move: _move_order(by_id, move))
    diary = _Diary.of([member for member in members if not _stands(standing, member)], known)
    if diary.days:
        for year in calendar.years(diary.days[0]):
            if year.first > diary.days[-1]:
                break
            diary.live(run, year)
    return {key: amount for key, amount in run.rows.items() if amount}


def _stands(standing: Mapping[tuple[int, int], Standing], member: Member) -> bool:
    return any(asset_id == member.asset_id for asset_id, _ in standing)


class _Diary(NamedTuple):
    """Who joins and what moves, by day."""

    days: list[datetime.date]
    joining: Mapping[datetime.date, Sequence[Member]]
    moved: Mapping[datetime.date, Sequence[Move]]

    @classmethod
    def of(cls, members: Iterable[Member], known: Sequence[Move]) -> "_Diary":
        moved = {day: list(group) for day, group in groupby(known, key=lambda move: move.on)}
        joining = {
            day: list(group)
            for day, group in groupby(sorted(members, key=_order), key=lambda each: each.joined_on)
        }
        return cls(sorted({*moved, *joining}), joining, moved)

    def live(self, run: _Run, year: FiscalYear) -> None:
        """Everything of one year but its end."""
        for day in self.days[bisect_left(self.days, year.first) : bisect_right(self.days, year.last)]:
            for member in self.joining.get(day, ()):
                run.join(member, year)
            if day in self.moved:
                run.day(self.moved[day], year)


def _common(pack: Pack, members: Sequence[Member]) -> dict[str, Any]:
    """What rules of a year may ask: what is so of all members alike (which tax the owner pays), else as usual."""
    first, *others = members
    alike = {
        name: value
        for name, value in first.facts.items()
        if name in pack.facts and all(other.facts.get(name) == value for other in others)
    }
    return pack.default_facts() | alike


def _order(member: Member) -> tuple[datetime.date, bytes]:
    return member.joined_on, member.key


def _move_order(members: Mapping[int, Member], move: Move) -> tuple[object, ...]:
    return (move.on, *_order(members[move.asset_id]), move.class_id, move.left, move.added)


def _by_pool(members: Mapping[int, Member], moves: Iterable[Move]) -> dict[str, list[Move]]:
    found: dict[str, list[Move]] = {}
    for move in moves:
        found.setdefault(members[move.asset_id].pool, []).append(move)
    return found


def _share(amount: int, part: int, whole: int) -> int:
    """The part of an amount that goes with a part of a whole, to the nearest minor unit."""
    return amount if part >= whole else round(Fraction(amount * part, whole))


def _shared(closing: int, before: Sequence[int]) -> list[int]:
    """The closing balance in proportion to what there was before; what was below nothing bears none of it."""
    weights = [max(amount, 0) for amount in before]
    return allocate(closing, weights) if any(weights) else [0] * len(before)


def _class_of(pool: _Pool) -> int:
    return pool.classes.get(pool.first.asset_id, [0])[0]
