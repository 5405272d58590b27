"""Goods become an asset and go back; what they cost follows, and the account between comes to nothing."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import Firm, check_whole, day, make_firm
from tests.assets.test_concurrency import at_once

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.services import runs
from wherewithal.assets.values import AssetDraft
from wherewithal.items import services as items_services
from wherewithal.items.values import ItemDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.reporting import verify
from wherewithal.stock import queries as stock_queries
from wherewithal.stock import services as stock_services
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services import LocationDraft


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}T12:00:00").replace(tzinfo=UTC)


class Store:
    """A firm with a bin and three laptops by serial number at 800.00, received on 5 January."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        (self.place,) = stock_services.create_locations(
            company_id=firm.company_id, actor_id=None, locations=[LocationDraft("B", "Bin", "bin")]
        )
        draft = ItemDraft(sku="LAPTOP", name="Laptop", tracking="serial")
        (self.item,) = items_services.create_items(company_id=firm.company_id, actor_id=None, items=[draft])
        line = LineDraft(
            self.item, 3, to_location_id=self.place, unit_cost=Decimal(800), serials=("S1", "S2", "S3")
        )
        result = self.stock(DocumentDraft(DocumentKind.RECEIPT, at("01-05"), [line]), "receipt")
        self.receipts = result.documents[0].move_ids

    def stock(self, document: DocumentDraft, key: str) -> Any:
        return stock_services.record(
            company_id=self.firm.company_id, actor_id=None, idempotency_key=key, documents=[document]
        )

    def on_hand(self) -> Decimal:
        with db.company_transaction(company_id=self.firm.company_id):
            rows = stock_queries.on_hand(self.firm.company_id, as_of=None)
        return sum((row.qty for row in rows), Decimal(0))

    def take(self, key: str = "take", **values: Any) -> Any:
        given: dict[str, Any] = {
            "effective_at": at("01-10"),
            "item_id": self.item,
            "qty": 1,
            "from_location_id": self.place,
            "lot_code": "S1",
            "in_service": True,
        } | values
        if "asset_id" not in given:
            given.setdefault("asset", AssetDraft("Laptop of Ada", "MACH", tag="LAP-1"))
        return services.issue_to_asset(
            company_id=self.firm.company_id, actor_id=None, idempotency_key=key, **given
        )


@pytest.fixture
def store(firm: Firm) -> Store:
    return Store(firm)


def test_goods_become_an_asset_with_their_cost_and_their_serial(store: Store) -> None:
    firm = store.firm
    firm.book("tax")
    stock_services.fill_book(company_id=firm.company_id, actor_id=None, book_id=firm.books["tax"])
    taken = store.take()
    assert (firm.nbv(taken.asset_id), firm.nbv(taken.asset_id, "tax")) == (80_000, 80_000)
    assert firm.balance("inventory") == 160_000
    for book in ("main", "tax"):
        assert firm.balance("asset_stock_clearing", book) == 0
    with db.company_transaction(company_id=firm.company_id):
        asset = queries.asset(firm.company_id, taken.asset_id)
    assert asset.item_id == store.item
    assert firm.query("SELECT code FROM items_lot WHERE id = %s", asset.lot_id) == [("S1",)]
    again = store.take()
    assert again.batch.repeated
    assert firm.balance("inventory") == 160_000
    check_whole(firm)


def test_a_price_that_becomes_known_later_follows(store: Store) -> None:
    firm = store.firm
    taken = store.take()
    firm.run("2026-02-28")
    stock_services.correct_price(
        company_id=firm.company_id,
        actor_id=None,
        idempotency_key="bill",
        effective_at=at("03-05"),
        lines=[LineDraft(of_move_id=store.receipts[0], amount=Decimal(60))],
    )
    firm.run("2026-03-31")
    # at the moving average each of the three now cost 820.00: three months of sixty are 41.00
    assert firm.nbv(taken.asset_id) == 82_000 - 4_100
    assert firm.balance("asset_stock_clearing") == 0
    report = verify.run(company_id=firm.company_id)
    assert [check.name for check in report.checks if not check.passed] == []


def test_a_price_known_after_a_transfer_is_listed(store: Store, firms: Any) -> None:
    """800.00 were handed over; then the laptop cost 820.00 here. Taken back and handed over anew, both say the same."""
    firm, other = store.firm, firms()
    laptop = store.take(in_service=False).asset_id
    given = {"to_company_id": other.company_id, "asset_id": laptop, "effective_on": day("2026-02-28")}
    mine: dict[str, Any] = {"company_id": firm.company_id, "actor_id": None}
    for key, known in (("one", 80_000), ("two", 82_000)):
        (there,) = services.transfer_to_company(
            **mine, **given, class_code="MACH", idempotency_key=key
        ).asset_ids
        assert other.nbv(there) == known
        if known == 82_000:
            break
        stock_services.correct_price(
            company_id=firm.company_id,
            actor_id=None,
            idempotency_key="bill",
            effective_at=at("03-05"),
            lines=[LineDraft(of_move_id=store.receipts[0], amount=Decimal(60))],
        )
        firm.run("2026-03-31")
        assert firm.nbv(laptop) == 0
        report = verify.run(company_id=firm.company_id)
        (failed,) = [check for check in report.checks if not check.passed]
        (finding,) = failed.findings
        assert (failed.name, finding.found) == ("handed over", "-82000")
        assert finding.expected.startswith("-80000 as handed over")
        ((out,),) = firm.query("SELECT event_id FROM assets_event WHERE kind = 'intercompany_out'")
        services.take_back_transfer(**mine, idempotency_key="back", event_id=out)
    assert verify.run(company_id=firm.company_id).passed


def test_parts_add_to_cost(store: Store) -> None:
    firm = store.firm
    machine = firm.buy("1000.00", "2026-01-01")
    store.take(asset_id=machine, kind="cost_addition", in_service=False, lot_code="S2")
    assert firm.nbv(machine) == 180_000
    assert firm.balance("asset_stock_clearing") == 0
    move = firm.query("SELECT move_id FROM assets_event WHERE move_id IS NOT NULL")[0][0]
    with pytest.raises(Refused) as caught:
        firm.record(EventDraft("cost_addition", day("2026-02-01"), asset_id=machine, move_id=move))
    assert caught.value.problems[0].rule == "once"


def test_an_asset_goes_back_to_stock_at_what_it_is_worth(store: Store) -> None:
    firm = store.firm
    taken = store.take()
    firm.run("2026-06-30")
    back = services.return_to_stock(
        company_id=firm.company_id,
        actor_id=None,
        idempotency_key="back",
        effective_at=at("07-10"),
        asset_id=taken.asset_id,
        to_location_id=store.place,
    )
    # six months of 13.33 (80.00) are gone
    assert firm.nbv(taken.asset_id) == 0
    assert firm.balance("inventory") == 160_000 + 72_000
    assert firm.balance("asset_stock_clearing") == 0
    assert len(back.move_ids) == 1
    with db.company_transaction(company_id=firm.company_id):
        assert queries.asset(firm.company_id, taken.asset_id).status.name == "DISPOSED"
    again = services.return_to_stock(
        company_id=firm.company_id,
        actor_id=None,
        idempotency_key="back",
        effective_at=at("07-10"),
        asset_id=taken.asset_id,
        to_location_id=store.place,
    )
    assert again.batch.repeated
    report = verify.run(company_id=firm.company_id, deep=True)
    assert [check.name for check in report.checks if not check.passed] == []


def test_a_move_is_taken_once_however_often_it_was_taken_back(store: Store) -> None:
    firm = store.firm
    taken = store.take(in_service=False)
    (move,) = taken.move_ids
    acquired = taken.batch.event_ids[0]

    def reverse(asset: int, of: int) -> int:
        draft = EventDraft("reversal", day("2026-01-10"), asset_id=asset, of_event_id=of)
        return firm.record(draft).event_ids[0]

    def take_again() -> int:
        again = EventDraft("acquisition", day("2026-01-10"), asset_no=0, move_id=move)
        return firm.record(again, assets=[AssetDraft("Laptop of Bob", "MACH")]).asset_ids[0]

    def refused(work: Any) -> None:
        before = firm.counts()
        with pytest.raises(Refused) as caught:
            work()
        assert [(p.field, p.rule) for p in caught.value.problems] == [("move_id", "once")]
        assert firm.counts() == before

    back = reverse(taken.asset_id, acquired)
    forth = reverse(taken.asset_id, back)
    refused(take_again)  # it was taken back and that was taken back: it is taken
    reverse(taken.asset_id, forth)
    bob = take_again()
    assert (firm.nbv(taken.asset_id), firm.nbv(bob)) == (0, 80_000)
    assert firm.balance("asset_stock_clearing") == 0
    last = firm.query("SELECT max(event_id) FROM assets_event WHERE asset_id = %s", taken.asset_id)[0][0]
    refused(lambda: reverse(taken.asset_id, last))  # Bob has it meanwhile
    report = verify.run(company_id=firm.company_id, deep=True)
    assert [check.name for check in report.checks if not check.passed] == []


def test_a_run_reads_again_only_assets_whose_goods_cost_something_else_by_now(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three laptops are two assets; the book says so of each once. Only a bill that changes the cost brings them back."""
    firm = store.firm
    first = store.take().asset_id
    second = store.take(
        "second", lot_code="S2", asset=AssetDraft("Laptop of Bob", "MACH", tag="LAP-2")
    ).asset_id
    read: list[set[int]] = []
    difference = runs.difference

    def counted(job: Any, histories: Any) -> None:
        read.append(set(histories))
        difference(job, histories)

    monkeypatch.setattr(runs, "difference", counted)
    firm.run("2026-02-28")
    firm.run("2026-03-31")
    assert read == []
    stock_services.correct_price(
        company_id=firm.company_id,
        actor_id=None,
        idempotency_key="bill",
        effective_at=at("04-05"),
        lines=[LineDraft(of_move_id=store.receipts[0], amount=Decimal(60))],
    )
    firm.run("2026-04-30")
    assert read == [{first, second}]  # at the moving average each costs 820.00 now
    assert firm.nbv(first) == firm.nbv(second) == 82_000 - 5_467
    firm.run("2026-05-31")
    assert len(read) == 1
    check_whole(firm)


def test_an_asset_and_its_goods_part_only_as_a_whole(store: Store) -> None:
    """Without the goods the value would wait between stock and assets for ever."""
    firm = store.firm
    laptop = store.take().asset_id
    (went,) = firm.query("SELECT move_id FROM assets_event WHERE move_id IS NOT NULL")[0]

    def back(key: str) -> Any:
        return services.return_to_stock(
            company_id=firm.company_id, actor_id=None, idempotency_key=key, effective_at=at("07-10"),
            asset_id=laptop, to_location_id=store.place,
        )  # fmt: skip

    def refused(work: Any) -> tuple[str, str]:
        before = (firm.counts(), firm.query("SELECT count(*) FROM stock_move"))
        with pytest.raises(Refused) as caught:
            work()
        assert (firm.counts(), firm.query("SELECT count(*) FROM stock_move")) == before
        (problem,) = caught.value.problems
        return problem.field, problem.rule

    to_stock = {"how": "to_stock"}
    half = to_stock | {"share": Decimal("0.5")}
    for kind, values, move in (
        ("disposal", to_stock, None),
        ("partial_disposal", half, None),
        ("disposal", {"how": "sale"}, went),
    ):
        draft = EventDraft(kind, day("2026-07-10"), asset_id=laptop, values=values, move_id=move)
        found = refused(lambda draft=draft: firm.record(draft))
        assert found == (("move_id", "once") if move else ("how", "with_goods"))
    done = back("back")
    (event,) = done.batch.event_ids
    assert refused(lambda: firm.event("reinstatement", laptop, "2026-08-01", of_event_id=event)) == (
        "of_event_id",
        "with_goods",
    )
    taken_back = firm.event("reversal", laptop, "2026-07-10", of_event_id=event)
    (came,) = done.move_ids
    wrong = EventDraft(
        "cost_addition", day("2026-07-10"), asset_id=laptop, values={"amount": Decimal(1)}, move_id=came
    )
    assert refused(lambda: firm.record(wrong)) == ("move_id", "way")
    assert refused(lambda: back("again")) == ("serials", "one_place")  # the goods are in stock already
    forth = firm.event("reversal", laptop, "2026-07-10", of_event_id=taken_back)
    assert verify.run(company_id=firm.company_id, deep=True).passed
    (document,) = firm.query("SELECT document_id FROM stock_move WHERE move_id = %s", came)[0]
    stock_services.reverse(
        company_id=firm.company_id, actor_id=None, idempotency_key="undo", effective_at=at("08-01"),
        document_id=document,
    )  # fmt: skip
    firm.run("2026-08-31")
    failed = [check for check in verify.run(company_id=firm.company_id).checks if not check.passed]
    assert [(check.name, check.findings[0].found) for check in failed] == [
        ("stock to assets", f"move {came} was reversed")
    ]
    firm.event("reversal", laptop, "2026-07-10", of_event_id=forth)
    assert verify.run(company_id=firm.company_id, deep=True).passed
    assert firm.nbv(laptop) == 80_000 - 10_667


@pytest.mark.django_db(transaction=True)
def test_the_same_return_at_once_is_one() -> None:
    store = Store(make_firm())
    firm, asset_id = store.firm, store.take().asset_id

    def back() -> Any:
        return services.return_to_stock(
            company_id=firm.company_id,
            actor_id=None,
            idempotency_key="back",
            effective_at=at("07-10"),
            asset_id=asset_id,
            to_location_id=store.place,
        )

    answers: list[Any] = at_once(back, back, back)
    assert [
        len(set(part)) for part in zip(*((a.move_ids, a.batch.batch_id) for a in answers), strict=True)
    ] == [1, 1]
    assert firm.balance("inventory") == 160_000 + 72_000
    check_whole(firm)
