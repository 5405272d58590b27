from datetime import date
from decimal import Decimal

import pytest

from wherewithal.items import queries, services
from wherewithal.items.values import BarcodeDraft, ItemDraft, ItemUnitDraft, LotDraft
from wherewithal.kit import db


@pytest.fixture
def catalogue(company: int) -> int:
    services.create_items(
        company_id=company,
        actor_id=None,
        items=[
            ItemDraft(
                sku="SCR-440",
                name="Wood screw, ø 4 × 40",
                tracking="lot",
                units=[ItemUnitDraft("case", 12)],
                barcodes=[BarcodeDraft("4006381333931"), BarcodeDraft("10614141543219", "case")],
            ),
            ItemDraft(sku="SCR-4", name="Sheet metal screw"),
            ItemDraft(sku="SERUM", name="Sérum physiologique", tracking="serial"),
            ItemDraft(sku="OLD", name="Wooden thing", active=False),
        ],
    )
    return company


def skus(company: int, text: str, *, active_only: bool = True) -> list[str]:
    with db.company_transaction(company_id=company):
        return [row["sku"] for row in queries.find_items(company, text, active_only=active_only)]


def test_find_by_sku_barcode_or_words(catalogue: int) -> None:
    assert skus(catalogue, "scr-4") == ["SCR-4", "SCR-440"]  # the exact one first
    assert skus(catalogue, "4006381333931") == ["SCR-440"]
    assert skus(catalogue, "screw") == ["SCR-4", "SCR-440"]
    assert skus(catalogue, "screw wood") == ["SCR-440"]
    assert skus(catalogue, "serum PHYSIO") == ["SERUM"]
    assert skus(catalogue, "ø 4") == ["SCR-440"]
    assert skus(catalogue, "wood") == ["SCR-440"]
    assert skus(catalogue, "wood", active_only=False) == ["OLD", "SCR-440"]
    assert (
        skus(catalogue, "nothing such")
        == skus(catalogue, "")
        == skus(catalogue, "%")
        == skus(catalogue, "\0")
        == []
    )


def test_a_list_is_filtered_and_paged_by_key(catalogue: int) -> None:
    with db.company_transaction(company_id=catalogue):
        first = queries.list_items(catalogue, limit=3)
        rest = queries.list_items(catalogue, after=(first[-1]["sku"], first[-1]["id"]))
        assert [row["sku"] for row in first + rest] == ["OLD", "SCR-4", "SCR-440", "SERUM"]
        narrowed = queries.list_items(
            catalogue, filters=queries.ItemFilter(text="screw wood", active=True, tracking=1)
        )
        assert [row["sku"] for row in narrowed] == ["SCR-440"]
        root = narrowed[0]["category_id"]
        assert len(queries.list_items(catalogue, filters=queries.ItemFilter(category_id=root))) == 4


def scan(company: int, text: str) -> tuple[str, str, Decimal, str | None] | None:
    with db.company_transaction(company_id=company):
        found = queries.find_by_scan(company, text)
    return found and (found.sku, found.unit_code, found.qty, found.lot_code)


def test_scans(catalogue: int) -> None:
    with db.company_transaction(company_id=catalogue):
        item_id = queries.item_ids_by_sku(catalogue, ["SCR-440"])["SCR-440"]
        serum_id = queries.item_ids_by_sku(catalogue, ["SERUM"])["SERUM"]
    lots = [
        LotDraft(item_id, "LOT42"),
        LotDraft(serum_id, "SN-9"),
        LotDraft(item_id, "SAME"),
        LotDraft(serum_id, "SAME"),
    ]
    services.create_lots(company_id=catalogue, actor_id=None, lots=lots)
    assert scan(catalogue, "4006381333931") == ("SCR-440", "pcs", Decimal(1), None)
    assert scan(catalogue, "10614141543219") == ("SCR-440", "case", Decimal(1), None)
    assert scan(catalogue, "SERUM") == ("SERUM", "pcs", Decimal(1), None)
    assert scan(catalogue, "SN-9") == ("SERUM", "pcs", Decimal(1), "SN-9")
    assert scan(catalogue, "SAME") is None  # two items have it
    assert scan(catalogue, "who knows") is None
    assert scan(catalogue, "(01)04006381333931(10)LOT42(37)24") == ("SCR-440", "pcs", Decimal(24), "LOT42")


def test_an_element_string_tells_lot_and_dates(catalogue: int) -> None:
    with db.company_transaction(company_id=catalogue):
        found = queries.find_by_scan(catalogue, "]C101040063813339311727123110NEW-LOT")
    assert found is not None
    assert (found.lot_code, found.lot_id, found.expires_on) == ("NEW-LOT", None, date(2027, 12, 31))
