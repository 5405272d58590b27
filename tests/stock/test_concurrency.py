"""Many at once on few items: no deadlock reaches anybody, nothing goes below zero, and every book is what it would be
had one clerk entered the same facts."""

import contextlib
import os
import random
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from tests.core.oracle import should
from tests.stock.conftest import Shop, at, check_whole, make_shop

from wherewithal.items.values import Tracking
from wherewithal.kit import db, trial
from wherewithal.kit.errors import Refused
from wherewithal.stock import queries, services
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft

pytestmark = pytest.mark.django_db(transaction=True)

SEED = int(os.environ.get("WHEREWITHAL_SEED", random.randrange(10**6)))


def at_once(workers: int, work: Callable[[int], None]) -> None:
    """Run `work` in so many threads; the first error of any of them is raised, with the seed."""
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the test's own thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise AssertionError(f"seed {SEED}: {len(errors)} of {workers} failed") from errors[0]


def record(shop: Shop, key: str, kind: str, when: object, *lines: LineDraft, **head: object) -> bool:
    """Whether it was accepted."""
    draft = DocumentDraft(DocumentKind(kind), when, lines, **head)  # type: ignore[arg-type]
    try:
        services.record(company_id=shop.company_id, actor_id=None, idempotency_key=key, documents=[draft])
    except Refused:
        return False
    return True


def check_against_oracle(shop: Shop, *book_ids: int) -> None:
    check_whole(shop)
    for book_id in book_ids:
        with db.company_transaction(company_id=shop.company_id):
            facts = queries.facts_of_items(shop.company_id, book_id=book_id, item_ids=shop.items.values())
        rows, _ = should(facts.moves, {item: list(each) for item, each in facts.policies.items()})
        booked = shop.query(
            "SELECT move_id, cause_id, role, scope_id, item_id, lot_id, effective_on - date '0001-01-01' + 1,"
            " sum(amount)::bigint FROM stock_value WHERE book_id = %s GROUP BY 1, 2, 3, 4, 5, 6, effective_on",
            book_id,
        )
        found = {tuple(row[:-1]): row[-1] for row in booked if row[-1]}
        assert found == {key: amount for key, amount in rows.items() if amount}, f"seed {SEED}"


def test_sixteen_writers_on_few_items() -> None:
    """Receipts, issues, transfers, production rings, now and back-dated; refusals are fine, anything else is not."""
    shop = make_shop()
    items = [shop.item(sku) for sku in ("A", "B", "C")]
    bins = [shop.places[code] for code in ("A-1", "A-2", "B-1")]
    for sku in ("A", "B", "C"):
        shop.receive(sku, 200, 3, at("01-01"))
    shop.issue("A", 1, at("03-01"))

    def work(number: int) -> None:
        rng = random.Random(SEED * 100 + number)
        for turn in range(8):
            when = at("02-01") + timedelta(minutes=rng.randrange(60 * 24 * 40))
            item, other = rng.sample(items, 2)
            source, target = rng.sample(bins, 2)
            qty, key = rng.randint(1, 5), f"{number}-{turn}"
            kind = rng.choice(("receipt", "receipt", "issue", "issue", "transfer", "production"))
            if kind == "receipt":
                record(
                    shop,
                    key,
                    kind,
                    when,
                    LineDraft(item, qty, to_location_id=target, unit_cost=Decimal(rng.randint(1, 9))),
                )
            elif kind == "issue":
                record(shop, key, kind, when, LineDraft(item, qty, from_location_id=source))
            elif kind == "transfer":
                record(
                    shop,
                    key,
                    kind,
                    when,
                    LineDraft(item, qty, from_location_id=source, to_location_id=target),
                )
            else:
                eaten = LineDraft(item, qty, from_location_id=source, consumed=True)
                record(shop, key, kind, when, eaten, LineDraft(other, qty, to_location_id=target))

    at_once(16, work)
    check_against_oracle(shop, shop.book_id)


def test_claims_against_issues() -> None:
    """Ten on hand, forty who want one each, half by reservation and half at once: ten get one."""
    shop = make_shop()
    shop.receive("X", 10, 1, at("01-01"))
    x, place = shop.items["X"], shop.places["A-1"]
    got: list[int] = []

    def work(number: int) -> None:
        for turn in range(5):
            key = f"{number}-{turn}"
            if number % 2:
                accepted = record(shop, key, "issue", at("01-02"), LineDraft(x, 1, from_location_id=place))
            else:
                draft = services.ReservationDraft(x, place, Decimal(1))
                try:
                    services.reserve(
                        company_id=shop.company_id, actor_id=None, idempotency_key=key, lines=[draft],
                        now=at("01-02"), today=at("01-02").date(),
                    )  # fmt: skip
                    accepted = True
                except Refused:
                    accepted = False
            if accepted:
                got.append(number)

    at_once(8, work)
    assert len(got) == 10
    assert shop.query("SELECT qty - reserved FROM stock_quant WHERE item_id = %s", x) == [(0,)]
    check_against_oracle(shop, shop.book_id)


def test_the_same_request_many_times_at_once() -> None:
    """Eight send the same receipt with the same key: it is recorded once, all get the same answer."""
    shop = make_shop()
    line = LineDraft(shop.item("X"), 1, to_location_id=shop.places["A-1"], unit_cost=Decimal(1))
    answers: list[object] = []

    def work(number: int) -> None:
        result = services.record(
            company_id=shop.company_id,
            actor_id=None,
            idempotency_key="once",
            documents=[DocumentDraft(DocumentKind.RECEIPT, at("01-01"), [line])],
        )
        answers.append((result.batch_id, result.documents, result.entry_ids))

    at_once(8, work)
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert shop.on_hand("X") == 1


def test_a_method_changes_while_goods_move() -> None:
    shop = make_shop()
    shop.receive("X", 100, 1, at("01-01"))
    shop.receive("X", 100, 2, at("01-02"))
    x, place = shop.items["X"], shop.places["A-1"]

    def work(number: int) -> None:
        if number == 0:
            for method in ("fifo", "moving_average", "fifo"):
                shop.policy(method)
            return
        for turn in range(10):
            record(shop, f"{number}-{turn}", "issue", at("01-03"), LineDraft(x, 1, from_location_id=place))

    at_once(5, work)
    assert shop.on_hand("X") == 160
    assert shop.state("X") == (160, 6000 + 100 * 200 + 0)
    check_against_oracle(shop, shop.book_id)


def test_the_same_new_lot_comes_in_at_several_doors_at_once() -> None:
    """Whoever comes second waits, then finds the lot there; a trial of it sees nothing worse than others at work."""
    shop = make_shop()
    item = shop.item("DYE", tracking=Tracking.LOT)
    doors = threading.Barrier(6)

    def work(number: int) -> None:
        def take() -> bool:
            line = LineDraft(
                item, Decimal(2), to_location_id=shop.places["A-1"], lot_code="D-1", unit_cost=Decimal(1)
            )
            return record(shop, f"dye-{number}", "receipt", at("01-01"), line)

        doors.wait()
        if number % 2:
            assert take()
        else:
            with contextlib.suppress(trial.Busy):
                trial.tried(company_id=shop.company_id, actor_id=None, work=take)

    at_once(6, work)
    assert shop.query(
        "SELECT code, sum(qty)::int FROM stock_quant JOIN items_lot l ON l.id = lot_id GROUP BY 1"
    ) == [("D-1", 6)]
    check_whole(shop)
