"""An account is mapped anew: what is posted moves to it at once, and whatever comes later finds it there."""

import random
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from tests.stock.conftest import Shop, at, check_whole, make_shop
from tests.stock.test_concurrency import at_once

from wherewithal.kit.errors import NotFound, Refused
from wherewithal.ledger import services as ledger
from wherewithal.reporting import verify
from wherewithal.stock import services
from wherewithal.stock.drafts import LineDraft
from wherewithal.stock.services.nrv import NrvEstimate


def account(shop: Shop, code: str, classification: str = "current_asset") -> int:
    return ledger.add_account(
        company_id=shop.company_id, actor_id=None, code=code, name=code, classification=classification
    )


def put(
    shop: Shop, role: str, account_id: int, category: str | None = None, on: date | None = None
) -> list[int]:
    given = {} if on is None else {"effective_on": on}
    return services.map_account(
        company_id=shop.company_id,
        actor_id=None,
        book_id=shop.book_id,
        account_role=role,
        account_id=account_id,
        category_id=shop.query("SELECT id FROM items_category WHERE code = %s", category)[0][0]
        if category
        else None,
        **given,
    )


def on_account(shop: Shop, account_id: int, *, until: str | None = None) -> int:
    """The balance by posting date."""
    day = f"2026-{until}" if until else "9999-12-31"
    rows = shop.query(
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_line WHERE account_id = %s AND posting_on <= %s",
        account_id, day,
    )  # fmt: skip
    return int(rows[0][0])


def default(shop: Shop, role: str) -> int:
    rows = shop.query(
        "SELECT account_id FROM ledger_account_map WHERE account_role = %s AND book_id = %s ORDER BY id LIMIT 1",
        role, shop.book_id,
    )  # fmt: skip
    return int(rows[0][0])


def proved(shop: Shop) -> None:
    check_whole(shop)
    report = verify.run(company_id=shop.company_id, deep=True)
    assert report.passed, [check for check in report.checks if check.total]


def close(shop: Shop, day: date) -> None:
    ledger.close_period(
        company_id=shop.company_id, actor_id=None, book_id=shop.book_id, end_on=day, reason="month end"
    )


def filled(shop: Shop) -> Shop:
    """Bolts in category `metal`, ten at 2.00 in January, four sold in February; nuts in `all`, five at 1.00."""
    shop.category("metal")
    shop.item("BOLT", category_code="metal")
    shop.receive("BOLT", 10, "2.00", at("01-10"))
    shop.issue("BOLT", 4, at("02-10"))
    shop.receive("NUT", 5, "1.00", at("01-11"))
    return shop


@pytest.fixture
def busy(shop: Shop) -> Shop:
    return filled(shop)


def test_the_whole_balance_moves(busy: Shop) -> None:
    old, new = default(busy, "inventory"), account(busy, "1291")
    entries = put(busy, "inventory", new)
    assert len(entries) == 3  # one a day: 10 and 11 January, 10 February
    assert (on_account(busy, old), on_account(busy, new)) == (0, 1700)
    assert on_account(busy, new, until="01-31") == 2500
    proved(busy)


def test_of_a_category_only_its_goods(busy: Shop) -> None:
    old, new = default(busy, "inventory"), account(busy, "1291")
    put(busy, "inventory", new, "metal")
    assert (on_account(busy, old), on_account(busy, new)) == (500, 1200)
    proved(busy)


def test_a_later_back_dated_fact_finds_all_on_one_account(busy: Shop) -> None:
    """Ten more at 4.00 on 5 January, learnt after the mapping: average 3.00, so four cost 12.00 and 48.00 is left."""
    old, new = default(busy, "inventory"), account(busy, "1291")
    put(busy, "inventory", new, "metal")
    busy.receive("BOLT", 10, "4.00", at("01-05"))
    assert busy.state("BOLT") == (16, 4800)
    assert (on_account(busy, old), on_account(busy, new)) == (500, 4800)
    proved(busy)


def test_the_part_of_closed_periods_moves_on_the_first_open_day(busy: Shop) -> None:
    close(busy, date(2026, 1, 31))
    old, new = default(busy, "inventory"), account(busy, "1291")
    put(busy, "inventory", new)
    assert (on_account(busy, old, until="01-31"), on_account(busy, new, until="01-31")) == (2500, 0)
    assert (on_account(busy, old, until="02-01"), on_account(busy, new, until="02-01")) == (0, 2500)
    assert (on_account(busy, old), on_account(busy, new)) == (0, 1700)
    proved(busy)


def test_there_and_back_again(busy: Shop) -> None:
    old, new = default(busy, "inventory"), account(busy, "1291")
    put(busy, "inventory", new)
    put(busy, "inventory", old)
    assert put(busy, "inventory", old) == []  # said twice, posted once
    assert (on_account(busy, old), on_account(busy, new)) == (1700, 0)
    busy.receive("BOLT", 10, "4.00", at("01-05"))
    assert (on_account(busy, old), on_account(busy, new)) == (5300, 0)
    proved(busy)


def test_goods_on_their_way_and_allowances_move_too(shops: Callable[..., Shop]) -> None:
    """Transit is a pool of its own where warehouses have costs of their own."""
    busy = filled(shops(cost_scope="warehouse"))
    busy.record(
        "dispatch", at("02-11"),
        [LineDraft(busy.items["NUT"], 2, from_location_id=busy.places["A-1"], to_location_id=busy.places["TRANSIT"])],
    )  # fmt: skip
    transit, allowance = account(busy, "1292"), account(busy, "1293")
    services.write_down(
        company_id=busy.company_id, actor_id=None, idempotency_key="nrv", book_id=busy.book_id, on=date(2026, 2, 28),
        estimates=[NrvEstimate("old", item_id=busy.items["BOLT"], unit_value=Decimal(1))],
    )  # fmt: skip
    was = on_account(busy, default(busy, "nrv_allowance"))
    assert was == -600  # six at 2.00, worth 1.00 each
    put(busy, "goods_in_transit", transit)
    put(busy, "nrv_allowance", allowance)
    assert on_account(busy, transit) == 200
    assert on_account(busy, default(busy, "goods_in_transit")) == 0
    assert (on_account(busy, default(busy, "nrv_allowance")), on_account(busy, allowance)) == (0, -600)
    proved(busy)


def test_other_roles_move_from_their_day_on(busy: Shop) -> None:
    busy.issue("BOLT", 1, at("03-10"))
    old, new = default(busy, "cost_of_sales"), account(busy, "5991", "expense")
    put(busy, "cost_of_sales", new, on=date(2026, 3, 1))
    assert (on_account(busy, old), on_account(busy, new)) == (800, 200)
    busy.receive("BOLT", 10, "4.00", at("01-05"))
    assert (on_account(busy, old), on_account(busy, new)) == (1200, 300)
    proved(busy)


def test_a_day_to_come_changes_nothing_yet(busy: Shop) -> None:
    old, new = default(busy, "cost_of_sales"), account(busy, "5991", "expense")
    assert put(busy, "cost_of_sales", new, on=date(2026, 6, 1)) == []
    busy.issue("BOLT", 1, at("05-31"))
    busy.issue("BOLT", 1, at("06-01"))
    assert (on_account(busy, old), on_account(busy, new)) == (1000, 200)
    proved(busy)


def test_what_is_refused_writes_nothing(busy: Shop) -> None:
    before = busy.counts()
    new = account(busy, "1291")
    with pytest.raises(Refused) as refusal:
        put(busy, "inventory", new, on=date(2026, 3, 1))
    assert [(p.field, p.rule) for p in refusal.value.problems] == [("effective_on", "always")]
    with pytest.raises(NotFound):
        services.map_account(
            company_id=busy.company_id, actor_id=None, book_id=busy.book_id, account_role="inventory",
            account_id=new, category_id=2_000_000_000,
        )  # fmt: skip
    with pytest.raises(NotFound):
        services.map_account(
            company_id=busy.company_id,
            actor_id=None,
            book_id=2_000_000_000,
            account_role="inventory",
            account_id=new,
        )
    assert busy.counts() == before


@pytest.mark.django_db(transaction=True)
def test_postings_of_the_same_moment_end_on_one_account(transactional_db: None) -> None:
    """Two clerks receive and issue, new items too, while the account is mapped there and back."""
    from_here = make_busy()
    old, new = default(from_here, "inventory"), account(from_here, "1291")

    def work(number: int) -> None:
        rng = random.Random(number)
        for step in range(12):
            if number == 2:
                if step % 3 == 0:
                    put(from_here, "inventory", new if step % 2 == 0 else old)
                time.sleep(0.1)  # whoever maps without a pause makes others begin again too often
                continue
            sku = rng.choice(["BOLT", f"NEW-{number}-{step}"])
            when = at(f"03-{rng.randint(1, 28):02d}", f"{number + 10}:{step:02d}")
            services.receive(
                company_id=from_here.company_id,
                actor_id=None,
                idempotency_key=f"w{number}-{step}",
                lines=[
                    LineDraft(
                        items[sku],
                        3,
                        to_location_id=from_here.places["A-1"],
                        amount=Decimal(rng.randint(1, 9)),
                    )
                ],
                effective_at=when,
            )

    items = {"BOLT": from_here.items["BOLT"]}
    for number in (0, 1):
        for step in range(12):
            items[f"NEW-{number}-{step}"] = from_here.item(f"NEW-{number}-{step}")
    at_once(3, work)
    put(from_here, "inventory", new)
    assert on_account(from_here, old) == 0
    proved(from_here)


def make_busy() -> Shop:
    shop = make_shop()
    shop.receive("BOLT", 10, "2.00", at("01-10"))
    return shop
