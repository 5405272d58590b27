"""Order of entry does not matter for assets either: random histories, the fold against a naive second opinion.

WHEREWITHAL_ASSET_HISTORIES sets how many (default 600; 20,000 take a quarter of an hour on a quiet machine), and
WHEREWITHAL_ASSET_HISTORIES_SEED the first seed. A failure prints the seed and the history, shrunk to what still fails.
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from tests.core.assets import histories
from tests.core.assets.generator import LAST, Story, generate
from tests.core.assets.histories import (
    Books,
    agree,
    check_balances,
    check_standing,
    engine,
    fails,
    flat,
    known_by,
    naive,
    run,
    told,
)

from wherewithal.core.assets import ending, fold, measurement, service, state
from wherewithal.core.assets import run as running
from wherewithal.core.assets.facts import (
    PHASES,
    Disposal,
    DisposalKind,
    ErrorCorrection,
    EstimateChange,
    Fact,
    PartialDisposal,
    Reversal,
)
from wherewithal.core.assets.run import Run
from wherewithal.core.depreciation.terms import Method
from wherewithal.core.posting import RULES, AccountRole, Role

COUNT = int(os.environ.get("WHEREWITHAL_ASSET_HISTORIES", "600"))
FIRST_SEED = int(os.environ.get("WHEREWITHAL_ASSET_HISTORIES_SEED", "1"))
CHUNKS = 10


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_order_of_entry_does_not_matter(chunk: int) -> None:
    """Two orders of entry, runs and closings between, as of several days, and only the assets that are linked."""
    first = FIRST_SEED + chunk * COUNT // CHUNKS
    last = FIRST_SEED + (chunk + 1) * COUNT // CHUNKS
    print(f"seeds {first} to {last - 1}")
    for seed in range(first, last):
        try:
            run(generate(seed))
        except Exception as error:
            raise AssertionError(told(seed)) from error


@pytest.mark.parametrize("seed", range(1, 80))
def test_every_method_is_right_as_of_any_day_and_in_any_order(seed: int) -> None:
    """What the second opinion cannot say, the fold has to agree with itself about."""
    story = generate(seed, every_method=True)
    whole = flat(engine(story, story.facts, LAST))
    agree(flat(engine(story, story.facts[::-1], LAST)), whole, "another order")
    for day in (date(2023, 1, 31), date(2023, 9, 10), date(2023, 12, 31)):
        early = engine(story, known_by(story.facts, day), day)
        agree(flat(early), {key: amount for key, amount in whole.items() if key[1] <= day}, f"as of {day}")
        check_balances(early, day)
        late = flat(engine(story, story.facts, LAST, after_on=day))
        agree(late, {key: amount for key, amount in whole.items() if key[1] > day}, f"after {day}")
    check_standing(story)


# --- properties ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1, 80))
def test_an_event_and_its_reversal_leave_no_trace(seed: int) -> None:
    """Whatever it was, and whatever it had done to other assets; and reversing the reversal brings it back."""
    story = generate(seed)
    pick = random.Random(seed)
    asset, wrong = pick.choice(story.facts)
    named = {fact.of for _, fact in story.facts if isinstance(fact, Reversal | ErrorCorrection)}
    if wrong.event_id in named or isinstance(wrong, Reversal):
        return
    last = date(2024, 6, 1)
    away = Reversal(event_id=9001, key=b"reversal of fact", effective_on=last, of=wrong.event_id)
    back = Reversal(event_id=9002, key=b"reversal of that", effective_on=last, of=9001)
    without = [each for each in story.facts if each[1].event_id != wrong.event_id]
    reversed_once = flat(engine(story, [*story.facts, (asset, away)], LAST))
    agree(reversed_once, flat(engine(story, without, LAST)), "reversed")
    reversed_twice = flat(engine(story, [*story.facts, (asset, away), (asset, back)], LAST))
    agree(reversed_twice, flat(engine(story, story.facts, LAST)), "reversed twice")


@pytest.mark.parametrize("seed", range(1, 120))
def test_a_part_and_then_the_rest_is_the_whole(seed: int) -> None:
    """In every account, to the cent: what is disposed of in two pieces on a day is what is disposed of at once."""
    story = generate(seed)
    place = next((n for n, (_, fact) in enumerate(story.facts) if isinstance(fact, Disposal)), None)
    if place is None or {fact.of for _, fact in story.facts if hasattr(fact, "of")} & {
        story.facts[place][1].event_id
    }:
        return
    asset, whole = story.facts[place]
    assert isinstance(whole, Disposal)
    if whole.how is DisposalKind.TO_STOCK and not whole.proceeds:
        return  # then stock takes in what is there, which is less without the part
    part = PartialDisposal(
        event_id=9001, key=b"a part goes away", effective_on=whole.effective_on, how=DisposalKind.SCRAP,
        share=Fraction(2, 7), proceeds=0, costs=0,
    )  # fmt: skip
    in_two = engine(story, [*story.facts, (asset, part)], LAST)
    at_once = engine(story, story.facts, LAST)
    for each in story.classes:
        assert by_account(in_two[each].rows) == by_account(at_once[each].rows)


def by_account(rows: list[Any]) -> Counter[tuple[str, int]]:
    """Balances by account, gain and loss on disposal as one."""
    found: Counter[tuple[str, int]] = Counter()
    for row in rows:
        rule = RULES[Role(row.role)]
        for account, amount in ((rule.debit, row.amount), (rule.credit, -row.amount)):
            is_result = account in (AccountRole.DISPOSAL_GAIN, AccountRole.DISPOSAL_LOSS)
            found["result" if is_result else account.value, row.class_id] += amount
    return Counter({key: amount for key, amount in found.items() if amount})


@pytest.mark.parametrize("seed", range(1, 15))
def test_monthly_quarterly_and_yearly_runs_book_the_same(seed: int) -> None:
    """Facts first and runs after, or each fact between two runs."""
    story = generate(seed)
    booked = []
    for months in (1, 3, 12):
        books = Books(story)
        todo = sorted(story.facts, key=lambda each: each[1].event_id)
        ends = [
            date.fromordinal(date(2023 + n // 12, n % 12 + 1, 1).toordinal() - 1)
            for n in range(months, 18, months)
        ]
        for end in [*ends, LAST]:
            books.enter(todo[:2])
            del todo[:2]
            books.run(end)
        if todo:
            books.enter(todo)
            books.run(LAST)
        booked.append(books.sums(lambda _: True))
    assert booked[0] == booked[1] == booked[2] == naive(story, story.facts, LAST)


def test_nothing_is_charged_but_what_there_is() -> None:
    """By the end of every life: charges and losses are what came in less what is left, in every story."""
    far = date(2045, 12, 31)
    for seed in range(1, 120):
        story = generate(seed)
        for each in engine(story, story.facts, far).values():
            segment = each.standing.segment
            if segment is not None and segment.terms.method is Method.STRAIGHT_LINE and not segment.idle:
                left = max(segment.residual, min(segment.opening, segment.residual))
                assert each.standing.charged == max(segment.opening - left, 0)


# --- the tests can fail --------------------------------------------------------------------------------------------


def _keyless(fact: Fact) -> tuple[date, int, bytes]:
    return fact.effective_on, PHASES[fact.kind], bytes([fact.event_id % 256])


def _dated_at_month_end(self: Run, fact: Fact) -> None:
    through = self.last_day_before(fact)
    self.advance(through)
    self.charge(through, self.calendar.period(fact.effective_on).last)


def _floored(total: int, weights: Any) -> list[int]:
    return [total * weight // sum(weights) for weight in weights]


def _from_cost(run: Run, fact: EstimateChange) -> None:
    """Spreads what is booked wrongly: as if nothing had been charged."""
    run.cut(fact)
    if run.bundle.in_service_on is not None:
        run.bundle.accumulated = 0
        service._take_terms(run, fact, fact.terms, remaining_life=fact.remaining_life)


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "order by serial instead of content key": lambda m: m.setattr(fold, "order_key", _keyless),
    "no phases": lambda m: m.setattr(fold, "order_key", lambda fact: (fact.effective_on, 0, fact.key)),
    "no end of day": lambda m: m.setattr(running, "is_end_of_day", lambda fact: False),
    "a charge before an event dated later": lambda m: m.setattr(Run, "cut", _dated_at_month_end),
    "parts that lose cents": lambda m: m.setattr(state, "allocate", _floored),
    "a reversal of impairment without ceiling": lambda m: m.setattr(
        measurement, "reversal", lambda carrying, recoverable, unimpaired: max(recoverable - carrying, 0)
    ),
    "the same convention at disposal": lambda m: m.setattr(
        ending,
        "accrued_at_disposal",
        lambda segment, calendar, on, usage: running.accrued(segment, calendar, on),
    ),
    "reversals that do nothing": lambda m: m.setattr(
        fold, "standing", lambda facts: [fact for fact in facts if not isinstance(fact, Reversal)]
    ),
    "estimate changes that forget what was charged": lambda m: m.setitem(
        fold.HANDLERS, "estimate_change", _from_cost
    ),
    "only the asset itself is looked at": lambda m: m.setattr(
        histories, "linked", lambda facts, assets: assets
    ),
    "nothing is caught up": lambda m: m.setattr(ending, "catch_up", lambda run, fact, bundle: None),
    "no restatement": lambda m: m.setattr(fold, "_restatements", lambda histories: []),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_each_rule_is_needed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken on purpose, every rule is missed by some history."""
    MUTANTS[name](monkeypatch)
    assert any(fails(generate(seed)) is not None for seed in range(1, 400))


def test_the_stories_pass_as_they_are() -> None:
    """So that the test above says something."""
    for seed in range(1, 60):
        assert fails(generate(seed)) is None


def test_a_story_does_not_depend_on_how_its_facts_are_listed() -> None:
    for seed in range(1, 60):
        story = generate(seed)
        mixed = Story(seed, story.classes, list(reversed(story.facts)))
        agree(flat(engine(mixed, mixed.facts, LAST)), flat(engine(story, story.facts, LAST)), f"seed {seed}")
