from datetime import date

import pytest

from wherewithal.items import queries, services
from wherewithal.items.values import ItemDraft, LotDraft, LotStatus
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Refused


@pytest.fixture
def items(company: int) -> tuple[int, int, int]:
    milk, drill, sand = services.create_items(
        company_id=company,
        actor_id=None,
        items=[
            ItemDraft(sku="MILK", name="Milk", tracking="lot", shelf_life_days=30),
            ItemDraft(sku="DRILL", name="Drill", tracking="serial"),
            ItemDraft(sku="SAND", name="Sand"),
        ],
    )
    return milk, drill, sand


def count(company: int) -> int:
    with db.company_transaction(company_id=company):
        return int(db.fetch_all("SELECT count(*) FROM items_lot")[0][0])


def test_dates_follow_from_manufacture_and_shelf_life(company: int, items: tuple[int, int, int]) -> None:
    [made, told] = services.create_lots(
        company_id=company,
        actor_id=None,
        lots=[
            LotDraft(items[0], "M1", manufactured_on=date(2026, 1, 31)),
            LotDraft(items[0], "M2", expires_on=date(2026, 6, 1), best_before_on=date(2026, 5, 1)),
        ],
    )
    with db.company_transaction(company_id=company):
        lots = queries.lots_by_id(company, [made, told])
    m1, m2 = lots[made], lots[told]
    assert (m1.expires_on, m1.best_before_on, m1.removal_on) == (date(2026, 3, 2),) * 3
    assert m1.alert_on == date(2026, 2, 27)  # a tenth of 30 days earlier
    assert (m2.best_before_on, m2.removal_on, m2.alert_on) == (
        date(2026, 5, 1),
        date(2026, 6, 1),
        date(2026, 5, 29),
    )
    assert not m1.is_serial


def test_ten_thousand_serials_in_one_batch(company: int, items: tuple[int, int, int]) -> None:
    drafts = [LotDraft(items[1], f"SN{number:05}") for number in range(10_000)]
    ids = services.create_lots(company_id=company, actor_id=None, lots=drafts)
    with db.company_transaction(company_id=company):
        lots = queries.lots_by_id(company, ids)
    assert [lots[lot_id].code for lot_id in ids] == [draft.code for draft in drafts]
    assert all(lot.is_serial for lot in lots.values())


def test_refusals_write_nothing(company: int, items: tuple[int, int, int]) -> None:
    services.create_lots(company_id=company, actor_id=None, lots=[LotDraft(items[0], "HERE")])
    with pytest.raises(Refused) as refused:
        services.create_lots(
            company_id=company,
            actor_id=None,
            lots=[
                LotDraft(items[0], "HERE"),
                LotDraft(items[0], "TWICE"),
                LotDraft(items[0], "TWICE"),
                LotDraft(items[2], "BULK"),
                LotDraft(10**6, "GHOST"),
                LotDraft(items[0], ""),
                LotDraft(items[0], "S", status=9),
                LotDraft(items[0], "D", expires_on=date(2026, 1, 1), best_before_on=date(2026, 1, 2)),
            ],
        )
    assert [(p.row, p.rule) for p in refused.value.problems] == [
        (0, "unique"),
        (2, "unique"),
        (3, "item_tracked"),
        (4, "exists"),
        (5, "required"),
        (6, "choice"),
        (7, "dates_in_order"),
    ]
    assert count(company) == 1


def test_ensure_finds_or_makes(company: int, items: tuple[int, int, int]) -> None:
    [known] = services.create_lots(company_id=company, actor_id=None, lots=[LotDraft(items[0], "A")])
    with db.company_transaction(company_id=company):
        found = services.ensure_lots(
            company_id=company, lots=[LotDraft(items[0], "A"), LotDraft(items[0], "B")]
        )
    assert found[(items[0], "A")] == known
    assert set(found) == {(items[0], "A"), (items[0], "B")}
    assert count(company) == 2


def test_status_is_kept_with_its_history(company: int, items: tuple[int, int, int]) -> None:
    ids = services.create_lots(company_id=company, actor_id=None, lots=[LotDraft(items[0], c) for c in "ABC"])
    changed = services.set_lot_status(
        company_id=company, actor_id=None, lot_ids=ids[:2], status=LotStatus.RECALLED
    )
    again = services.set_lot_status(company_id=company, actor_id=None, lot_ids=ids, status=LotStatus.RECALLED)
    assert (changed, again) == (2, 1)
    with db.company_transaction(company_id=company):
        trail = db.fetch_all(
            "SELECT row_id, old ->> 'status', new ->> 'status' FROM kit_audit_change"
            " WHERE table_name = 'items_lot' AND action = 'update' ORDER BY id"
        )
    assert trail == [(str(lot_id), "0", "3") for lot_id in ids]
    with db.company_transaction(company_id=company):
        history = queries.lot_history(company, ids[0])
    assert [(h["action"], h["new"]["status"]) for h in history] == [("insert", 0), ("update", 3)]
    with pytest.raises(NotFound):
        services.set_lot_status(company_id=company, actor_id=None, lot_ids=[ids[0], 10**9], status=0)
    with pytest.raises(Refused):
        services.set_lot_status(company_id=company, actor_id=None, lot_ids=ids, status=7)


def test_dates_can_be_corrected_but_not_the_code(company: int, items: tuple[int, int, int]) -> None:
    [lot_id] = services.create_lots(company_id=company, actor_id=None, lots=[LotDraft(items[0], "A")])
    services.update_lot(
        company_id=company, actor_id=None, lot_id=lot_id, changes={"expires_on": date(2026, 1, 1)}
    )
    with pytest.raises(Refused):
        services.update_lot(
            company_id=company, actor_id=None, lot_id=lot_id, changes={"alert_on": date(2026, 1, 2)}
        )
    with pytest.raises(Refused):
        services.update_lot(company_id=company, actor_id=None, lot_id=lot_id, changes={"code": "B"})
    with db.company_transaction(company_id=company):
        lot = queries.get_lot(company, lot_id)
        assert lot is not None
        assert (lot["expires_on"], lot["alert_on"], lot["sku"]) == (date(2026, 1, 1), None, "MILK")
        assert [row["code"] for row in queries.list_lots(company, item_id=items[0], code_prefix="A")] == ["A"]
