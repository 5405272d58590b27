"""What a change touches: append or replay, from which day, which items, what lies outside."""

from datetime import date

from tests.core.story import DAY, Story
from tests.core.test_periodic import Tens

from wherewithal.core.costing import window
from wherewithal.core.costing.difference import difference, key_of, rows_of, sums
from wherewithal.core.costing.engine import replay
from wherewithal.core.costing.facts import Method, Policy, Prior
from wherewithal.core.costing.state import dump

FIFO = [Policy(0, 0, Method.FIFO)]
PERIODIC = [Policy(0, 0, Method.PERIODIC, None, Tens())]


def assembly(story: Story, *, takes: int, gives: int, event: int, day: int, key: int = 0) -> tuple[int, int]:
    used = story.move("stock", "production", 1, item=takes, event=event, day=day, key=key or None)
    made = story.move(
        "production", "stock", 1, item=gives, event=event, day=day, key=key + 1 if key else None
    )
    return used, made


def test_edges_and_their_closure() -> None:
    story = Story(Method.FIFO, items=range(1, 6))
    assembly(story, takes=1, gives=2, event=91, day=5)
    assembly(story, takes=2, gives=3, event=92, day=6)
    assembly(story, takes=1, gives=2, event=93, day=3)
    assembly(story, takes=4, gives=4, event=94, day=9)
    edges = window.edges_of(story.facts.values())
    assert edges == {(1, 2): 5, (2, 3): 6}
    assert window.closure({1}, edges, since=0) == {1, 2, 3}
    assert window.closure({1}, edges, since=6) == {1}
    assert window.closure({2}, edges, since=6) == {2, 3}
    assert window.closure({3}, edges, since=0) == {3}
    assert window.closure({3}, edges, since=0, periodic={2, 3}) == {2, 3}


def test_a_replay_starts_where_snapshots_and_periods_start() -> None:
    fives = Tens().first_day
    assert window.start_day(17, {1}, {1: FIFO}, snapshot_day=lambda day: day) == 17
    assert window.start_day(17, {1}, {1: FIFO}, snapshot_day=fives) == 10
    assert window.start_day(17, {1}, {1: PERIODIC}, snapshot_day=lambda day: day) == 10
    cut_short = [*PERIODIC, Policy(17 * DAY, 17, Method.FIFO)]
    assert window.start_day(17, {1}, {1: cut_short}, snapshot_day=lambda day: day) == 10
    assert window.start_day(18, {1}, {1: cut_short}, snapshot_day=lambda day: day) == 18
    april = date(2024, 4, 1).toordinal()
    assert window.month_start(april + 23) == window.month_start(april) == april


def test_reach_widens_until_nothing_changes() -> None:
    edges = {(1, 2): 12, (3, 2): 14}
    policies = {1: FIFO, 2: FIFO, 3: FIFO}
    assert window.reach(13, {3}, edges, policies, snapshot_day=lambda day: day) == (13, {2, 3})
    periodic = {1: PERIODIC, 2: PERIODIC, 3: PERIODIC}
    assert window.reach(13, {3}, edges, periodic, snapshot_day=lambda day: day) == (10, {1, 2, 3})
    assert window.reach(13, {3}, edges, policies, before=periodic, snapshot_day=lambda day: day) == (
        10,
        {1, 2, 3},
    )


def test_only_what_comes_after_everything_is_appended() -> None:
    story = Story(Method.FIFO)
    story.receive(5, 50, day=4)
    story.amend(1, 1)
    new, amendment = story.facts.values()
    assert window.is_append([new], {}, {1: FIFO})
    assert window.is_append([new], {1: new.at - 1}, {1: FIFO})
    assert not window.is_append([new], {1: new.at}, {1: FIFO})
    assert not window.is_append([amendment], {}, {1: FIFO})
    assert not window.is_append([new], {}, {1: PERIODIC})


def test_the_pools_an_append_reads() -> None:
    story = Story(Method.FIFO)
    story.move("north", "south", 1, lot=7)
    moves = list(story.facts.values())
    assert window.pools_touched(moves, {1: FIFO}) == {(1, 1, 0), (2, 1, 0)}
    specific = [Policy(0, 0, Method.SPECIFIC)]
    assert window.pools_touched(moves, {1: specific}) == {(1, 1, 0), (2, 1, 0), (1, 1, 7), (2, 1, 7)}


def test_a_change_within_an_instant_reaches_all_items_of_what_it_feeds() -> None:
    """The new event makes item 2; another of the same instant uses 2 and 5 to make 3, so 5 matters too."""
    story = Story(Method.FIFO, items=range(1, 7))
    used, _ = assembly(story, takes=1, gives=2, event=91, day=5)
    assembly(story, takes=2, gives=3, event=92, day=5)
    story.move("stock", "production", 1, item=5, event=92, day=5)
    assembly(story, takes=5, gives=6, event=93, day=5)
    moves = list(story.facts.values())
    changed = [move for move in moves if move.event_id == 91]
    assert window.items_reordered(changed, moves) == {1, 2, 3, 5}
    reversal = story.facts[story.reverse(used)]._replace(event_id=777)
    assert window.items_reordered([reversal], moves) == {1, 2, 3, 5}, "a reversal means what it reverses"
    assert window.tied_instants(moves, {5}) == {5 * DAY}
    assert window.tied_instants(moves, {6}) == set()
    assert window.originals_before([story.facts[used]]) == set()


def test_what_lies_outside_the_window() -> None:
    story = Story(Method.FIFO)
    story.receive(10, 100, day=1)
    out = story.issue(4, day=2)
    story.move("customer", "stock", 1, of=out, day=3)
    back = story.move("stock", "supplier", 2, of=1, day=4)
    rows = story.told().rows
    facts = story.facts
    returned = [facts[3]]
    assert window.prior_of([facts[out]], returned, rows, before=3) == Prior(4, 4, 40, None)
    assert window.prior_of([facts[out]], returned, rows, before=None) == Prior(4, 3, 30, None)
    assert window.prior_of([facts[1]], [facts[back]], rows, before=4) == Prior(10, 10, 0, 100)
    assert window.prior_of([facts[1]], [facts[back]], rows, before=5) == Prior(10, 8, 0, 80)
    story.reverse(1)
    assert window.prior_of([facts[1], facts[5]], [], rows, before=None) == Prior(0, 0, 0, None)


def test_posting_the_difference() -> None:
    """A late receipt: what is booked and what should be differ by just what must be posted."""
    story = Story(Method.FIFO)
    story.receive(5, 50, day=2)
    story.issue(5, day=3)
    booked = sums(story.told().rows)
    story.receive(5, 20, day=1)
    changed = difference(sums(story.told().rows), booked)
    assert {(key[0], key[2]): amount for key, amount in changed.items()} == {(3, 1): 20, (2, 20): -30}
    assert [row.stock_amount for row in rows_of(changed)] == [20, 30]
    assert difference(booked, booked) == {}
    assert difference({}, {"key": 4}) == {"key": -4}
    assert len({key_of(row) for row in story.told().rows}) == 3


def test_a_window_gives_what_a_full_pass_gives_and_leaves_its_states_alone() -> None:
    story = Story(Method.AVERAGE)
    for day in range(1, 40):
        if day % 3:
            story.receive(day, day * 7, day=day)
        else:
            story.issue(day, day=day)
    moves, since = list(story.facts.values()), 20
    full = replay(moves, policies=story.policies, states={}, since=0, snapshot_day=Tens().first_day)
    assert {day for _, day in full.snapshots} == {0, 10, 20, 30}
    states = window.states_at(since, {}, {(0, 1, 0): (20, full.snapshots[(0, 1, 0), 20])})
    before = dump(states[0, 1, 0])
    part = replay(
        [move for move in moves if move.day >= since],
        policies=story.policies,
        states=states,
        since=since,
        snapshot_day=Tens().first_day,
    )
    assert part.rows == [row for row in full.rows if row.day >= since]
    assert dump(part.states[0, 1, 0]) == dump(full.states[0, 1, 0])
    assert part.snapshots == {key: data for key, data in full.snapshots.items() if key[1] >= since}
    assert dump(states[0, 1, 0]) == before
