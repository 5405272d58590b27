"""An asset becomes goods in each book at what that book carries it at (IAS 16.68A), and is sold at that."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import STRAIGHT, Firm, check_whole
from tests.assets.test_from_stock import Store, at

from wherewithal.assets import services
from wherewithal.assets.values import AssetDraft
from wherewithal.items import services as items_services
from wherewithal.items.values import ItemDraft
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound
from wherewithal.ledger import services as ledger_services
from wherewithal.ledger.services import RateDraft
from wherewithal.reporting import explain, verify
from wherewithal.stock import services as stock_services
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft


@pytest.fixture
def store(firm: Firm) -> Store:
    """Books in euros (40 months under tax, 60 otherwise) and one in yen; a laptop for 800.00 in service since 10 January."""
    firm.book("tax")
    firm.book("yen", currency="JPY")
    rates = [
        RateDraft("EUR", "JPY", date(2026, 1, 1), Decimal(160)),
        RateDraft("EUR", "JPY", date(2026, 7, 1), Decimal(170)),
    ]
    ledger_services.set_exchange_rates(company_id=firm.company_id, actor_id=None, rates=rates)
    for book in ("tax", "yen"):
        stock_services.fill_book(company_id=firm.company_id, actor_id=None, book_id=firm.books[book])
    firm.class_("LAP", terms={"": STRAIGHT, "tax": STRAIGHT | {"life_months": "40"}})
    return Store(firm)


def back(store: Store, asset_id: int, key: str = "back", on: str = "07-10") -> Any:
    return services.return_to_stock(
        company_id=store.firm.company_id,
        actor_id=None,
        idempotency_key=key,
        effective_at=at(on),
        asset_id=asset_id,
        to_location_id=store.place,
    )


def passes(firm: Firm) -> None:
    report = verify.run(company_id=firm.company_id, deep=True)
    assert [(c.name, c.findings) for c in report.checks if not c.passed] == []
    check_whole(firm)


def test_each_book_carries_the_goods_at_its_own_amount(store: Store) -> None:
    firm = store.firm
    laptop = store.take(asset=AssetDraft("Laptop", "LAP")).asset_id
    for book in firm.books:
        firm.run("2026-06-30", book)
    done = back(store, laptop)
    # six months: 800.00 x 6/60, x 6/40, and JPY 128,000 x 6/60
    worth = {"main": 72_000, "tax": 68_000, "yen": 115_200}
    for book, amount in worth.items():
        assert firm.balance("inventory", book) == amount + 2 * (128_000 if book == "yen" else 80_000)
        assert firm.balance("asset_stock_clearing", book) == 0
        assert firm.balance("disposal_gain", book) == firm.balance("disposal_loss", book) == 0
        assert firm.nbv(laptop, book) == 0
        told = explain.move_cost(
            company_id=firm.company_id, move_id=done.move_ids[0], book_id=firm.books[book]
        )
        assert any("alone carried" in child.statement for child in told.children) == (book != "main")
    before = firm.counts()
    assert back(store, laptop).batch.repeated
    assert firm.counts() == before
    passes(firm)
    with db.company_transaction(company_id=firm.company_id):
        db.execute(
            "INSERT INTO stock_move_cost SELECT company_id, cost_id + 1000, move_id, item_id, effective_on, kind, 5, 'USD',"
            " batch_id, document_id, recorded_at, book_id FROM stock_move_cost WHERE book_id = %s",
            (firm.books["tax"],),
        )
    failed = [c.name for c in verify.run(company_id=firm.company_id, deep=True).checks if not c.passed]
    assert failed == ["costs of moves", "costs recomputed"]


def test_what_is_sold_costs_each_book_its_own_amount_whatever_became_known_meanwhile(store: Store) -> None:
    """FIFO in tax, moving average in the others. A price correction of the two that were in stock leaves the third alone."""
    firm = store.firm
    stock_services.set_cost_method(
        company_id=firm.company_id, actor_id=None, book_id=firm.books["tax"], method="fifo"
    )
    laptop = store.take(asset=AssetDraft("Laptop", "LAP")).asset_id
    ledger_services.close_period(
        company_id=firm.company_id, book_id=firm.book_id, end_on=date(2026, 7, 31), actor_id=None
    )
    done = back(
        store, laptop
    )  # no run so far: the event charges what is due, and July is closed in the primary book
    sold = LineDraft(store.item, 1, from_location_id=store.place, lot_code="S2")
    store.stock(DocumentDraft(DocumentKind.ISSUE, at("08-01"), [sold]), "sale")
    # average of 800.00 x 2 and 720.00; the oldest layer of 800.00; average of JPY 128,000 x 2 and 115,200
    costs = {"main": 77_333, "tax": 80_000, "yen": 123_733}
    for book, cost in costs.items():
        assert firm.balance("cost_of_sales", book) == cost
        assert firm.balance("asset_stock_clearing", book) == 0
    passes(firm)
    # The whole return never happened: nothing is left of it in any book, and of a repeated request neither.
    undo: dict[str, Any] = {"idempotency_key": "undo", "effective_at": at("08-02")}
    given = {"company_id": firm.company_id, "actor_id": None, **undo}
    gone = services.take_back_goods(**given, event_id=done.batch.event_ids[0])
    before = firm.counts()
    again = services.take_back_goods(**given, event_id=done.batch.event_ids[0])
    assert (again.move_ids, again.batch.event_ids, again.batch.repeated) == (
        gone.move_ids,
        gone.batch.event_ids,
        True,
    )
    (bought,) = firm.query("SELECT event_id FROM assets_event WHERE kind = 'in_service'")[0]
    with pytest.raises(NotFound):  # no goods went with that
        services.take_back_goods(**given | {"idempotency_key": "other"}, event_id=bought)
    assert firm.counts() == before
    for book in firm.books:
        firm.run("2026-07-31", book)
        unit = 128_000 if book == "yen" else 80_000
        assert firm.balance("cost_of_sales", book) == unit
        assert firm.balance("inventory", book) == unit
        assert firm.balance("asset_stock_clearing", book) == 0
        life = 40 if book == "tax" else 60
        assert firm.nbv(laptop, book) == unit - (7 * unit * 2 + life) // (2 * life)
    passes(firm)


def test_an_asset_that_some_books_have_written_off(store: Store) -> None:
    """Six months at 5 and at 60: one laptop is worth nothing to tax alone, another one nothing to the primary book alone."""
    firm = store.firm
    short = STRAIGHT | {"life_months": "5"}
    firm.class_("TAXLESS", terms={"": STRAIGHT, "tax": short})
    firm.class_("MAINLESS", terms={"": STRAIGHT, "main": short})
    laptops = [
        store.take(code, asset=AssetDraft(code, code, tag=code), lot_code=serial).asset_id
        for code, serial in (("TAXLESS", "S1"), ("MAINLESS", "S2"))
    ]
    for laptop in laptops:
        back(store, laptop, f"back {laptop}")
    for book, worth in {"main": 72_000 + 0, "tax": 0 + 72_000, "yen": 2 * 115_200}.items():
        assert firm.balance("inventory", book) == worth + (128_000 if book == "yen" else 80_000)
        assert firm.balance("asset_stock_clearing", book) == 0
        assert firm.balance("disposal_loss", book) == firm.balance("disposal_gain", book) == 0
        assert [firm.nbv(laptop, book) for laptop in laptops] == [0, 0]
    passes(firm)


def test_what_becomes_known_of_the_asset_later_is_a_gain_or_loss_of_its_disposal(store: Store) -> None:
    """60.00 more of cost, found after the return: 54.00 (51.00, JPY 8,640) were left on that day. Goods stay as they are."""
    firm = store.firm
    laptop = store.take(asset=AssetDraft("Laptop", "LAP")).asset_id
    back(store, laptop)
    inventory = {book: firm.balance("inventory", book) for book in firm.books}
    firm.event("cost_addition", laptop, "2026-01-10", amount=Decimal(60))
    for book, loss in {"main": 5_400, "tax": 5_100, "yen": 8_640}.items():
        assert (firm.balance("disposal_loss", book), firm.balance("disposal_gain", book)) == (loss, 0)
        assert firm.balance("inventory", book) == inventory[book]
        assert firm.balance("asset_stock_clearing", book) == 0
    passes(firm)


def test_a_book_added_or_filled_later_takes_the_amount_of_the_move(store: Store) -> None:
    firm = store.firm
    firm.book("gaap")  # assets are told of at once; goods only when the book is filled with them
    laptop = store.take(asset=AssetDraft("Laptop", "LAP")).asset_id
    back(store, laptop)
    later = services.add_book(
        company_id=firm.company_id, actor_id=None, code="later", name="Later", standard="management"
    )
    stock_services.fill_book(company_id=firm.company_id, actor_id=None, book_id=firm.books["gaap"])
    firm.books["later"] = later
    for book in ("gaap", "later"):
        firm.run("2026-07-31", book)
        assert firm.balance("inventory", book) == 160_000 + 72_000, book
        assert firm.balance("asset_stock_clearing", book) == 0
    passes(firm)


def test_fewer_came_than_was_said(store: Store) -> None:
    """Four screens for 800.00 came back as three after all, which lowers what they are by 100.00: books with an amount of
    their own lower it in proportion. The three are worth what their books say when they are sold."""
    firm = store.firm
    draft = ItemDraft(sku="SCREEN", name="Screen")
    (item,) = items_services.create_items(company_id=firm.company_id, actor_id=None, items=[draft])
    line = LineDraft(item, 4, to_location_id=store.place, unit_cost=Decimal(200))
    store.stock(DocumentDraft(DocumentKind.RECEIPT, at("01-05"), [line]), "screens")
    wall = store.take(asset=AssetDraft("Wall", "LAP"), item_id=item, qty=4, lot_code=None).asset_id
    done = services.return_to_stock(
        company_id=firm.company_id, actor_id=None, idempotency_key="back", effective_at=at("07-10"), asset_id=wall,
        to_location_id=store.place, qty=4,
    )  # fmt: skip
    (move,) = done.move_ids
    less = LineDraft(of_move_id=move, qty=-1, amount=Decimal(100))
    store.stock(DocumentDraft(DocumentKind.AMENDMENT, at("07-11"), [less]), "less")
    for book, worth, loss in (("main", 62_000, 10_000), ("tax", 51_000, 17_000), ("yen", 86_400, 28_800)):
        firm.run("2026-07-31", book)
        laptops = 3 * (128_000 if book == "yen" else 80_000)
        assert firm.balance("inventory", book) == worth + laptops
        assert firm.balance("disposal_loss", book) == loss
        assert firm.balance("asset_stock_clearing", book) == 0
    sold = LineDraft(item, 3, from_location_id=store.place)
    store.stock(DocumentDraft(DocumentKind.ISSUE, at("08-01"), [sold]), "sale")
    costs = {book: firm.balance("cost_of_sales", book) for book in firm.books}
    assert costs == {"main": 62_000, "tax": 51_000, "yen": 86_400}
    passes(firm)
