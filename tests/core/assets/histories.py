"""Enters a story in some order, batch by batch, as the books do it, and compares with the naive second opinion.

What is booked is kept as differences; runs move the horizon and closings the posting day, at random places.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

from tests.core.assets.generator import DAYS, LAST, Story, generate
from tests.core.assets.naive import Naive

from wherewithal.core.assets.facts import ErrorCorrection, Fact, PartIn, PartOut, Reversal
from wherewithal.core.assets.fold import Folded, History, fold
from wherewithal.core.depreciation.accrual import accrued
from wherewithal.core.depreciation.calendar import Calendar
from wherewithal.core.posting import RULES, AccountRole, Role

CALENDAR = Calendar()
Entered = list[tuple[int, Fact]]
Sums = dict[tuple[object, ...], int]


class Books:
    """What is booked: (asset, day, cause, role, class) -> differences, each with a posting day."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.facts: Entered = []
        self.horizon = date(2022, 12, 31)
        self.open_from = date(2022, 1, 1)
        self.booked: list[tuple[tuple[object, ...], int, date]] = []

    def enter(self, batch: Entered) -> None:
        """Only the assets linked with those of the batch are looked at."""
        self.facts += batch
        closure = linked(self.facts, {asset for asset, _ in batch})
        self.post(closure)

    def run(self, through: date) -> None:
        self.horizon = max(self.horizon, through)
        left = set(self.story.classes)
        while left:
            closure = linked(self.facts, {min(left)})
            self.post(closure)
            left -= closure

    def post(self, closure: set[int]) -> None:
        mine = [each for each in self.facts if each[0] in closure]
        through = max([self.horizon, *(fact.effective_on for _, fact in mine)])
        due = {
            (asset, *row[:4]): row.amount
            for asset, folded in engine(self.story, mine, through, closure).items()
            for row in folded.rows
        }
        was = self.sums(lambda key: key[0] in closure)
        for key in {**due, **was}:
            change = due.get(key, 0) - was.get(key, 0)
            if change:
                posting_on = max(key[1], self.open_from)
                self.booked.append((key, change, posting_on))

    def sums(self, keep: Callable[[tuple[object, ...]], bool]) -> Sums:
        found: Sums = defaultdict(int)
        for key, amount, _ in self.booked:
            if keep(key):
                found[key] += amount
        return {key: amount for key, amount in found.items() if amount}


def linked(facts: Entered, assets: set[int]) -> set[int]:
    """The assets that PART_OUT and PART_IN connect with these, either way."""
    owner = {fact.event_id: asset for asset, fact in facts if isinstance(fact, PartOut)}
    pairs = [
        (owner[fact.of], asset) for asset, fact in facts if isinstance(fact, PartIn) and fact.of in owner
    ]
    found, grown = set(assets), True
    while grown:
        more = {b for a, b in pairs if a in found} | {a for a, b in pairs if b in found}
        grown = bool(more - found)
        found |= more
    return found


def engine(
    story: Story, facts: Entered, through: date, only: set[int] | None = None, **options: object
) -> dict[int, Folded]:
    histories = [
        History(asset, klass, mine)
        for asset, (klass, mine) in story.history(facts).items()
        if only is None or asset in only
    ]
    return fold(histories, CALENDAR, through, **options)


def naive(story: Story, facts: Entered, through: date) -> Sums:
    rows = Naive(story.history(facts), through).rows
    return {(asset, *key): amount for asset, mine in rows.items() for key, amount in mine.items()}


def known_by(facts: Entered, day: date) -> Entered:
    """The facts whose place is not after a day, all corrections, and what they correct (whose place may differ)."""
    named = {fact.of for _, fact in facts if isinstance(fact, ErrorCorrection)}
    return [
        (asset, fact)
        for asset, fact in facts
        if fact.effective_on <= day or fact.event_id in named or isinstance(fact, Reversal | ErrorCorrection)
    ]


# --- the checks --------------------------------------------------------------------------------------------------


def run(story: Story) -> None:
    """Raises AssertionError where any of the properties does not hold."""
    expected = naive(story, story.facts, LAST)
    for order in range(2):
        pick = random.Random(story.seed * 7919 + order)
        books = entered(story, pick, shuffled=bool(order))
        agree(books.sums(lambda _: True), expected, f"order {order}")
    days = random.Random(story.seed).sample([*DAYS, date(2023, 5, 20), date(2023, 8, 31)], 3)
    for day in days:
        early = {key: amount for key, amount in expected.items() if key[1] <= day}
        agree(naive(story, known_by(story.facts, day), day), early, f"the second opinion as of {day}")
        folded = engine(story, known_by(story.facts, day), day)
        agree(flat(folded), early, f"as of {day}")
        check_balances(folded, day)
        late = engine(story, story.facts, LAST, after_on=day)
        agree(flat(late), {key: amount for key, amount in expected.items() if key[1] > day}, f"after {day}")
    check_standing(story)


def entered(story: Story, pick: random.Random, *, shuffled: bool) -> Books:
    """The story entered in an order in which facts come after those they name, with runs and closings between."""
    books = Books(story)
    todo = list(story.facts)
    if shuffled:
        pick.shuffle(todo)
        todo = named_first(todo)
    while todo:
        size = pick.randint(1, 4)
        books.enter(todo[:size])
        del todo[:size]
        if pick.random() < 0.3:
            books.run(pick.choice(DAYS))
        if pick.random() < 0.2:
            books.open_from = max(books.open_from, pick.choice(DAYS) + timedelta(days=1))
    books.run(LAST)
    return books


def named_first(facts: Entered) -> Entered:
    done: Entered = []
    names: set[int] = set()
    left = list(facts)
    while left:
        for each in left:
            if getattr(each[1], "of", None) is None or each[1].of in names:
                break
        left.remove(each)
        done.append(each)
        names.add(each[1].event_id)
    return done


def flat(folded: dict[int, Folded]) -> Sums:
    return {(asset, *row[:4]): row.amount for asset, each in folded.items() for row in each.rows}


def agree(found: Sums, expected: Sums, what: str) -> None:
    if found != expected:
        wrong = sorted(key for key in {**found, **expected} if found.get(key) != expected.get(key))
        lines = [f"{key}: {found.get(key, 0)} instead of {expected.get(key, 0)}" for key in wrong[:8]]
        raise AssertionError("\n".join([what, *lines]))


_OPEN = {
    AccountRole.ASSET_COST: lambda b: b.cost,
    AccountRole.ACCUMULATED_DEPRECIATION: lambda b: -b.accumulated,
    AccountRole.ACCUMULATED_IMPAIRMENT: lambda b: -b.impairment,
    AccountRole.CONSTRUCTION_IN_PROGRESS: lambda b: b.construction,
    AccountRole.ASSET_HELD_FOR_SALE: lambda b: b.held,
    AccountRole.REVALUATION_SURPLUS: lambda b: -b.surplus,
    AccountRole.DECOMMISSIONING_PROVISION: lambda b: -b.provision,
    AccountRole.GRANT_DEFERRED: lambda b: -b.grant,
}


def check_balances(folded: dict[int, Folded], day: date) -> None:
    """What the state says is what the rows come to, class by class; clearing comes to nothing."""
    for asset, each in folded.items():
        accounts: dict[tuple[AccountRole, int], int] = defaultdict(int)
        for row in each.rows:
            rule = RULES[Role(row.role)]
            accounts[rule.debit, row.class_id] += row.amount
            accounts[rule.credit, row.class_id] -= row.amount
        balances = each.balances
        for role, value in _OPEN.items():
            for klass in (7, 8, 9):
                expected = value(balances) if klass == balances.class_id else 0
                found = accounts[role, klass]
                assert found == expected, f"{role.value} of {asset} in {klass} on {day}: {found}, {expected}"
        disposal = sum(amount for (role, _), amount in accounts.items() if role is AccountRole.ASSET_DISPOSAL)
        assert disposal == 0, f"disposal of {asset} leaves {disposal} in clearing"


def check_standing(story: Story) -> None:
    """A bulk run may charge a standing segment by itself."""
    through, later = date(2024, 6, 30), date(2024, 9, 30)
    now, then = engine(story, story.facts, through), engine(story, story.facts, later)
    for asset, each in now.items():
        stands = each.standing
        if stands.simple and stands.segment is not None:
            charge = accrued(stands.segment, CALENDAR, later) - stands.charged
            rows = [row for row in then[asset].rows if row.effective_on > through]
            assert sum(row.amount for row in rows) == charge
            assert all(row.cause_id == stands.cause_id and row.class_id == stands.class_id for row in rows)


def fails(story: Story) -> Exception | None:
    try:
        run(story)
    except Exception as error:  # noqa: BLE001 - whatever it is, the story is to be shrunk to it
        return error
    return None


def shrink(story: Story) -> Story:
    """Facts left out one by one as long as the story still fails."""
    shorter = True
    while shorter:
        shorter = False
        for place in range(len(story.facts) - 1, -1, -1):
            gone = story.facts[place][1].event_id
            left = [
                each for each in story.facts if each[1].event_id != gone and getattr(each[1], "of", 0) != gone
            ]
            less = Story(story.seed, story.classes, left)
            if left and fails(less):
                story, shorter = less, True
                break
    return story


def told(seed: int) -> str:
    story = shrink(generate(seed))
    return "\n".join(
        [f"seed {seed}", *(f"{asset}: {fact}" for asset, fact in story.facts), str(fails(story))]
    )
