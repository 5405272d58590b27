"""Lower of cost and net realisable value: written down for a day, reversed up to cost, released with the goods.

The figures follow IAS 2.9 (the lower of the two), 2.29 (item by item) and 2.33 (a reversal goes up to cost).
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.stock.conftest import Shop, at, check_whole

from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, NotFound, Refused
from wherewithal.stock import queries, services
from wherewithal.stock.services import NrvEstimate

pytestmark = pytest.mark.django_db
MARCH, JUNE = date(2026, 3, 31), date(2026, 6, 30)


def write_down(shop: Shop, on: date, *estimates: NrvEstimate, key: str | None = None) -> list[int]:
    return services.write_down(
        company_id=shop.company_id,
        actor_id=None,
        idempotency_key=key or f"nrv-{next(shop.keys)}",
        book_id=shop.book_id,
        on=on,
        estimates=estimates,
    )


def by_unit(shop: Shop, sku: str, value: str) -> NrvEstimate:
    return NrvEstimate("price list", item_id=shop.items[sku], unit_value=Decimal(value))


def carried(shop: Shop, sku: str, as_of: date | None = None) -> tuple[int, int]:
    """(cost, allowance) of an item."""
    with db.company_transaction(company_id=shop.company_id):
        rows = queries.valuation(
            shop.company_id, book_id=shop.book_id, as_of=as_of, item_ids=[shop.items[sku]]
        )
    return (sum(row.value for row in rows), sum(row.allowance for row in rows))


def test_written_down_to_what_it_will_fetch(shop: Shop) -> None:
    """10 at 5.00 cost 50.00 and will fetch 4.20 each: 8.00 are written down; cost stays."""
    shop.receive("LAMP", 10, 5, at("03-01"))
    (entry_id,) = write_down(shop, MARCH, by_unit(shop, "LAMP", "4.20"))
    assert carried(shop, "LAMP") == (5000, 800)
    assert carried(shop, "LAMP", date(2026, 3, 30)) == (5000, 0)
    assert (shop.balance("nrv_writedown"), shop.balance("nrv_allowance")) == (800, -800)
    assert shop.query("SELECT effective_on FROM ledger_entry WHERE entry_id = %s", entry_id) == [(MARCH,)]
    check_whole(shop)


def test_never_above_cost(shop: Shop) -> None:
    shop.receive("LAMP", 10, 5, at("03-01"))
    assert write_down(shop, MARCH, by_unit(shop, "LAMP", "9.00")) == []
    assert carried(shop, "LAMP") == (5000, 0)


def test_reversed_up_to_cost(shop: Shop) -> None:
    """In June the lamps will fetch 4.80, then 7.00: the allowance falls to 2.00, then to nothing."""
    shop.receive("LAMP", 10, 5, at("03-01"))
    write_down(shop, MARCH, by_unit(shop, "LAMP", "4.20"))
    write_down(shop, date(2026, 4, 30), by_unit(shop, "LAMP", "4.80"))
    assert carried(shop, "LAMP") == (5000, 200)
    write_down(shop, JUNE, by_unit(shop, "LAMP", "7.00"))
    assert carried(shop, "LAMP") == (5000, 0)
    assert carried(shop, "LAMP", MARCH) == (5000, 800)
    assert shop.balance("nrv_writedown") == 0
    # Over time: what the balance sheet showed at the end of each month, and within one.
    for last, value in ((date(2026, 5, 10), 4800), (date(2026, 3, 30), 5000), (JUNE, 5000)):
        with db.company_transaction(company_id=shop.company_id):
            rows = queries.value_by_category(
                shop.company_id, book_id=shop.book_id, first=date(2026, 3, 1), last=last
            )
        shown = {row.day: row.value for row in rows}
        months = {MARCH: 4200, date(2026, 4, 30): 4800, date(2026, 5, 31): 4800, JUNE: 5000}
        assert shown == {day: stood for day, stood in months.items() if day < last} | {last: value}


def test_what_was_sold_takes_its_allowance_along(shop: Shop) -> None:
    """All lamps are sold in April; the next assessment, of another item, releases their allowance."""
    shop.receive("LAMP", 10, 5, at("03-01"))
    shop.receive("SHADE", 10, 1, at("03-01"))
    write_down(shop, MARCH, by_unit(shop, "LAMP", "4.20"))
    shop.issue("LAMP", 10, at("04-10"))
    write_down(shop, JUNE, by_unit(shop, "SHADE", "0.50"))
    assert shop.balance("nrv_allowance") == -500
    assert carried(shop, "SHADE") == (1000, 500)


def test_a_category_by_share_and_an_item_of_its_own(shop: Shop) -> None:
    """Old stock is worth 70 % of cost, but the lamp 4.00: 0.30 x 20.00 + 10.00 = 16.00."""
    category = shop.category("OLD")
    shop.item("LAMP", category_code="OLD")
    shop.item("CORD", category_code="OLD")
    shop.receive("LAMP", 10, 5, at("03-01"))
    shop.receive("CORD", 20, 1, at("03-01"))
    share = NrvEstimate("slow movers", category_id=category, share=Decimal("0.7"))
    write_down(shop, MARCH, share, by_unit(shop, "LAMP", "4.00"))
    assert carried(shop, "CORD") == (2000, 600)
    assert carried(shop, "LAMP") == (5000, 1000)


def test_a_late_receipt_changes_cost_and_so_the_allowance(shop: Shop) -> None:
    """10 lamps at 7.00 of 15 March, entered later: 20 cost 120.00 and fetch 84.00, so 36.00 are written down."""
    shop.receive("LAMP", 10, 5, at("03-01"))
    write_down(shop, MARCH, by_unit(shop, "LAMP", "4.20"))
    shop.receive("LAMP", 10, 7, at("03-15"))
    assert carried(shop, "LAMP") == (12000, 3600)
    assert carried(shop, "LAMP", MARCH) == (12000, 3600)
    check_whole(shop)


def test_the_order_of_entry_does_not_matter(shops: Any) -> None:
    one, two = shops(), shops()
    one.receive("LAMP", 10, 5, at("03-01"))
    one.receive("LAMP", 10, 7, at("03-15"))
    write_down(one, MARCH, by_unit(one, "LAMP", "4.20"))
    two.receive("LAMP", 10, 7, at("03-15"))
    write_down(two, MARCH, by_unit(two, "LAMP", "4.20"))
    two.receive("LAMP", 10, 5, at("03-01"))
    assert carried(one, "LAMP") == carried(two, "LAMP") == (12000, 3600)
    assert one.balance("nrv_allowance") == two.balance("nrv_allowance") == -3600


def test_a_replay_leaves_the_allowance_alone(shop: Shop) -> None:
    """A receipt of April is entered after one of May: nothing of March changes."""
    shop.receive("LAMP", 10, 5, at("03-01"))
    write_down(shop, MARCH, by_unit(shop, "LAMP", "4.20"))
    shop.receive("LAMP", 1, 5, at("05-01"))
    shop.receive("LAMP", 1, 5, at("04-01"))
    assert carried(shop, "LAMP") == (6000, 800)


def test_the_latest_estimate_for_a_day_counts_and_a_key_counts_once(shop: Shop) -> None:
    shop.receive("LAMP", 10, 5, at("03-01"))
    first = write_down(shop, MARCH, by_unit(shop, "LAMP", "4.20"), key="k")
    assert write_down(shop, MARCH, by_unit(shop, "LAMP", "4.20"), key="k") == first
    with pytest.raises(Conflict):
        write_down(shop, MARCH, by_unit(shop, "LAMP", "4.30"), key="k")
    write_down(shop, MARCH, by_unit(shop, "LAMP", "4.50"))
    assert carried(shop, "LAMP") == (5000, 500)


@pytest.mark.parametrize(
    ("estimate", "fault"),
    [
        ({"unit_value": Decimal(1)}, ("item_id", "one_of")),
        ({"item_id": 1, "category_id": 1, "share": Decimal(1)}, ("item_id", "one_of")),
        ({"item_id": 10**6, "share": Decimal(1)}, ("item_id", "exists")),
        ({"item_id": 0}, ("unit_value", "one_of")),
        ({"item_id": 0, "unit_value": Decimal(-1)}, ("unit_value", "range")),
        ({"item_id": 0, "share": Decimal("1.1")}, ("share", "range")),
        ({"item_id": 0, "share": Decimal(1), "reason": " "}, ("reason", "required")),
    ],
)
def test_refused_estimates_write_nothing(
    shop: Shop, estimate: dict[str, Any], fault: tuple[str, str]
) -> None:
    item = shop.item("LAMP")
    shop.receive("LAMP", 10, 5, at("03-01"))
    before = shop.counts()
    values = {"reason": "price list"} | estimate
    if values.get("item_id") == 0:
        values["item_id"] = item
    with pytest.raises(Refused) as caught:
        write_down(shop, MARCH, NrvEstimate(**values))
    assert fault in [(problem.field, problem.rule) for problem in caught.value.problems]
    assert shop.counts() == before
    assert shop.query("SELECT count(*) FROM stock_nrv_estimate") == [(0,)]


def test_a_book_of_another_company_is_not_there(shops: Any) -> None:
    one, two = shops(), shops()
    one.receive("LAMP", 10, 5, at("03-01"))
    with pytest.raises(NotFound):
        services.write_down(
            company_id=one.company_id,
            actor_id=None,
            idempotency_key="k",
            book_id=two.book_id,
            on=MARCH,
            estimates=[by_unit(one, "LAMP", "1")],
        )
