"""One pass over the facts of one asset: time goes by (charges) and facts happen (handlers), rows come out.

Every charge is what is due by a day less what is charged, so rounding heals itself and it does not matter how often
one looks. Charges are dated at period ends, and on the day of a fact that changes the terms of what follows.
"""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from wherewithal.core.assets.facts import Fact, SurplusPolicy
from wherewithal.core.assets.order import is_end_of_day
from wherewithal.core.assets.state import NEVER, Bundle, State, Track
from wherewithal.core.depreciation.accrual import accruals, accrued, service
from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar
from wherewithal.core.depreciation.terms import Segment
from wherewithal.core.measurement.decommissioning import Obligation, obligation_on, provision_at_start
from wherewithal.core.measurement.grants import released
from wherewithal.core.measurement.revaluation import surplus_used
from wherewithal.core.posting import Role


class RowKey(NamedTuple):
    effective_on: datetime.date
    cause_id: int
    role: int
    class_id: int


class Step(NamedTuple):
    """Why: what a fact (or the passing of time) did. amounts: what was read or worked out, by name."""

    on: datetime.date
    event_id: int
    rule: str
    amounts: tuple[tuple[str, int], ...]


_AT_ONCE = 24
"""Periods that are charged at once: what is due by the ends of many is worked out in one go."""

Parts = dict[tuple[int, int], Bundle]
"""What PART_OUT facts gave, by (event, number of the part), until a PART_IN fact takes it."""


class Run:
    """The fold of one asset. `rows` and `steps` are its answer, `state` is where it stands."""

    def __init__(
        self,
        class_id: int,
        calendar: Calendar,
        *,
        parts: Parts | None = None,
        after_on: datetime.date = datetime.date.min,
        explains: bool = False,
    ) -> None:
        self.calendar = calendar
        self.state = State(class_id)
        self.parts: Parts = {} if parts is None else parts
        self.after_on = after_on
        self.rows: dict[RowKey, int] = {}
        self.steps: list[Step] = []
        self.explains = explains

    @property
    def bundle(self) -> Bundle:
        return self.state.bundle

    # --- answers

    def emit(
        self, on: datetime.date, cause_id: int, role: Role, amount: int, class_id: int | None = None
    ) -> None:
        if amount and on > self.after_on:
            key = RowKey(on, cause_id, role, self.state.class_id if class_id is None else class_id)
            self.rows[key] = self.rows.get(key, 0) + amount

    def add(self, fact: Fact, role: Role, amount: int) -> None:
        """A row of a fact on its own day."""
        self.emit(fact.effective_on, fact.event_id, role, amount)

    def note(self, on: datetime.date, event_id: int, rule: str, **amounts: int) -> None:
        if self.explains:
            self.steps.append(Step(on, event_id, rule, tuple(amounts.items())))

    # --- time

    def advance(self, on: datetime.date) -> None:
        """Charges each period that ends by the end of day `on`."""
        state = self.state
        if on <= state.charged_through:
            return
        if self._is_idle_forever():
            state.charged_through = on
            return
        if self.after_on > state.charged_through:
            self._skip(min(on, self.after_on))
        while not self._is_idle_forever():
            ends = self._period_ends(state.charged_through, on)
            dues = self._dues(ends)
            for end, due in zip(ends, dues, strict=True):
                self._charge(end, end, due)
            if len(ends) < _AT_ONCE:
                break
            state.charged_through = ends[-1]
        state.charged_through = on

    def _period_ends(self, after: datetime.date, on: datetime.date) -> list[datetime.date]:
        """The next ends of periods through a day, not too many at once."""
        ends: list[datetime.date] = []
        period = self.calendar.period(after + ONE_DAY)
        while period.last <= on and len(ends) < _AT_ONCE:
            ends.append(period.last)
            period = self.calendar.period(period.last + ONE_DAY)
        return ends

    def _dues(self, days: Sequence[datetime.date]) -> Sequence[int]:
        """What the running segment has to have charged by each day."""
        bundle = self.bundle
        if bundle.segment is None or bundle.held:
            return [bundle.charged] * len(days)
        last = days[-1] if days else bundle.segment.starts_on
        return accruals(self.seen(bundle.segment, last), self.calendar, days, bundle.usage)

    def _skip(self, on: datetime.date) -> None:
        """To the last period end by the end of a day, without looking at those before it."""
        period = self.calendar.period(on)
        last = on if period.last == on else period.first - ONE_DAY
        if last > self.state.charged_through:
            self.charge(last, last)
            self.state.charged_through = last

    def _is_idle_forever(self) -> bool:
        """Nothing can be charged until another fact comes."""
        bundle = self.bundle
        if bundle.obligations:
            return False
        segment = bundle.segment
        if segment is None or bundle.held:
            return True
        return bundle.charged == max(segment.opening - segment.residual, 0)

    def cut(self, fact: Fact) -> None:
        """Charges what is due when a fact happens; the part of a period is dated on the day of the fact."""
        through = self.last_day_before(fact)
        self.advance(through)
        self.charge(through, fact.effective_on)

    @staticmethod
    def last_day_before(fact: Fact) -> datetime.date:
        """The last day that is charged by the terms before a fact: its own, or the day before."""
        return fact.effective_on if is_end_of_day(fact) else fact.effective_on - ONE_DAY

    def charge(self, through: datetime.date, on: datetime.date) -> None:
        """Charges what is due through the end of a day, dated `on`."""
        self._charge(through, on, self._dues([through])[0])

    def _charge(self, through: datetime.date, on: datetime.date, due: int) -> None:
        bundle = self.bundle
        if bundle.segment is not None:
            self._depreciate(bundle, bundle.segment, on, due)
        if bundle.obligations:
            self._unwind(bundle, through, on)

    def _depreciate(self, bundle: Bundle, segment: Segment, on: datetime.date, due: int) -> None:
        amount = due - bundle.charged
        if not amount:
            return
        bundle.accumulated += amount
        bundle.charged = due
        self.emit(on, bundle.terms_event, Role.DEPRECIATION, amount)
        self.note(on, bundle.terms_event, "depreciation", due=due, charged_before=due - amount, charge=amount)
        depreciable = segment.opening - segment.residual
        if bundle.surplus_policy is SurplusPolicy.AS_USED and bundle.surplus_base:
            gone = surplus_used(bundle.surplus_base, due, depreciable)
            self.emit(on, bundle.terms_event, Role.SURPLUS_USED, gone - bundle.surplus_gone)
            bundle.surplus -= gone - bundle.surplus_gone
            bundle.surplus_gone = gone
        if bundle.grant_base:
            gone = released(bundle.grant_base, due, depreciable)
            self.emit(on, bundle.terms_event, Role.GRANT_RELEASED, gone - bundle.grant_gone)
            bundle.grant -= gone - bundle.grant_gone
            bundle.grant_gone = gone

    def _unwind(self, bundle: Bundle, through: datetime.date, on: datetime.date) -> None:
        due = sum(owed(obligation, through) for obligation in bundle.obligations)
        amount = due - bundle.provision
        self.emit(on, bundle.provision_event, Role.DECOMMISSIONING_UNWOUND, amount)
        if amount:
            self.note(on, bundle.provision_event, "unwinding", provision=due, finance_cost=amount)
        bundle.provision = due

    # --- segments

    def restart(
        self,
        fact: Fact,
        *,
        added: int = 0,
        from_here: bool = False,
        starts_on: datetime.date | None = None,
    ) -> None:
        """A new segment after a fact: its terms spread what is now there over what is left of the life.

        added: by how much the fact changed what the asset would be carried at without impairment.
        from_here: the life in the terms counts from here. starts_on: if not right after what is charged.
        """
        bundle, before = self.bundle, self.last_day_before(fact)
        track = self._track_at(bundle, before)
        if track is not None:
            track = Track(None, track.carrying + added)
        if bundle.held:
            bundle.missed += self.due(bundle, before) - bundle.charged
        old = bundle.segment
        bundle.segment, bundle.unimpaired = None, track
        bundle.units += sum((units for _, units in bundle.usage), Fraction(0))
        bundle.usage = ()
        if from_here:
            bundle.units = Fraction(0)
        bundle.at_disposal = None
        bundle.charged = bundle.surplus_gone = bundle.grant_gone = 0
        bundle.surplus_base, bundle.grant_base = bundle.surplus, bundle.grant
        if bundle.terms is None or bundle.in_service_on is None or self.state.gone:
            return
        bundle.segment = Segment(
            in_service_on=bundle.in_service_on,
            starts_on=max(starts_on or before + ONE_DAY, bundle.in_service_on),
            cost=max(bundle.cost - bundle.allowances, 0),
            opening=bundle.depreciated_cost - bundle.missed,
            residual=max(bundle.residual, 0),
            terms=bundle.terms.terms,
            elapsed_months=self._elapsed(old, before, from_here),
            elapsed_units=bundle.units,
            idle=self.state.idle,
        )
        if track is not None:
            bundle.unimpaired = Track(replace(bundle.segment, opening=track.carrying), track.carrying)

    def _elapsed(self, old: Segment | None, before: datetime.date, from_here: bool) -> Fraction | None:
        """What of the life is used up where a segment begins; None = counted from going into service."""
        if from_here:
            return Fraction(0)
        if old is None or old.elapsed_months is None:
            return None
        return service(self.seen(old, before), self.calendar, before)

    def seen(self, segment: Segment, on: datetime.date) -> Segment:
        """The segment as one sees it on a day: an open end of idleness lies somewhere in a later year.

        What has accrued by the day does not depend on where; but a method that walks by years has to get to one.
        """
        if not segment.idle or segment.idle[-1][1] != NEVER:
            return segment
        *others, (first, _) = segment.idle
        year = self.calendar.year(self.calendar.year(max(on, first)).last + ONE_DAY)
        return replace(segment, idle=(*others, (first, year.last)))

    def due(self, bundle: Bundle, on: datetime.date) -> int:
        """What the running segment of a bundle has to have charged by the end of a day."""
        if bundle.segment is None:
            return 0
        return accrued(self.seen(bundle.segment, on), self.calendar, on, bundle.usage)

    def _track_at(self, bundle: Bundle, on: datetime.date) -> Track | None:
        """The unimpaired track, brought to the end of a day."""
        track = bundle.unimpaired
        if track is None or track.segment is None:
            return track
        segment = self.seen(track.segment, on)
        return Track(None, track.carrying - accrued(segment, self.calendar, on, bundle.usage))

    def unimpaired_on(self, on: datetime.date, bundle: Bundle) -> int:
        """What a bundle would be carried at, at the end of a day, had it never been impaired."""
        track = self._track_at(bundle, on)
        return bundle.depreciated_cost if track is None else track.carrying

    def start_track(self) -> None:
        """From here on there is a carrying amount without impairment beside the real one."""
        bundle = self.bundle
        if bundle.unimpaired is None:
            segment = bundle.segment
            carrying = bundle.depreciated_cost if segment is None else segment.opening
            bundle.unimpaired = Track(segment, carrying)

    def set_idle(self, spans: Sequence[tuple[datetime.date, datetime.date]]) -> None:
        """Other spans out of use, which change nothing before today."""
        self.state.idle = tuple(spans)
        bundle = self.bundle
        if bundle.segment is not None:
            bundle.segment = replace(bundle.segment, idle=self.state.idle)
        if bundle.unimpaired is not None and bundle.unimpaired.segment is not None:
            segment = replace(bundle.unimpaired.segment, idle=self.state.idle)
            bundle.unimpaired = bundle.unimpaired._replace(segment=segment)


@lru_cache(maxsize=4096)
def owed(obligation: Obligation, on: datetime.date) -> int:
    """The provision for an obligation at the end of a day: what fell due and was not settled is still in it."""
    if on < obligation.starts_on:
        return provision_at_start(obligation)
    overdue = sum(amount for day, amount in obligation.flows if day <= on)
    return obligation_on(obligation, on) + overdue
