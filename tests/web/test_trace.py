"""Where a lot came from and where it went; what lies in places and what it is worth."""

from datetime import timedelta
from decimal import Decimal

from tests.web.shop import NOON, Shop, new_shop, text_of

from wherewithal.kit import db
from wherewithal.parties import queries as parties
from wherewithal.stock import queries as stock
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft


def party(shop: Shop, code: str) -> int:
    with db.company_transaction(company_id=shop.company_id):
        return parties.party_ids(shop.company_id, [code])[code]


def lot_ids(shop: Shop) -> dict[str, int]:
    return {move.lot_code: move.lot_id for move in shop.moves() if move.lot_id}


def story(shop: Shop) -> dict[str, int]:
    """NORDIC sends resin L-1; it and seals become motor M-1; the motor goes to LINDAU."""
    a1, ids = shop.location_ids["A-1"], shop.item_ids
    got = LineDraft(ids["RESIN"], Decimal(5), to_location_id=a1, lot_code="L-1", unit_cost=Decimal(2))
    shop.record(DocumentDraft(DocumentKind.RECEIPT, NOON, [got], party_id=party(shop, "NORDIC")))
    shop.receive("SEAL-35", 10, "1.00")
    lines = [
        LineDraft(ids["RESIN"], Decimal(2), from_location_id=a1, lot_code="L-1", consumed=True),
        LineDraft(ids["SEAL-35"], Decimal(3), from_location_id=a1, consumed=True),
        LineDraft(ids["MOTOR"], Decimal(1), to_location_id=a1, serials=["M-1"]),
    ]
    shop.record(DocumentDraft(DocumentKind.PRODUCTION, NOON + timedelta(days=1), lines))
    sold = LineDraft(ids["MOTOR"], Decimal(1), from_location_id=a1, serials=["M-1"])
    customer = party(shop, "LINDAU")
    shop.record(DocumentDraft(DocumentKind.ISSUE, NOON + timedelta(days=2), [sold], party_id=customer))
    return lot_ids(shop)


def links(shop: Shop, sku: str, lot_id: int) -> list[tuple[int, str, str]]:
    with db.company_transaction(company_id=shop.company_id):
        found = stock.trace(shop.company_id, item_id=shop.item_ids[sku], lot_id=lot_id)
    named = {node: label[0] for node, label in found.labels.items()}
    return sorted((link.level, named[link.source], named[link.target]) for link in found.links)


def test_a_serial_leads_back_to_its_supplier_and_a_lot_forward_to_the_customer(shop: Shop):
    lots = story(shop)
    assert links(shop, "MOTOR", lots["M-1"]) == [
        (-2, "Nordic Seals AB", "L-1"),
        (-1, "L-1", "M-1"),
        (-1, "SEAL-35", "M-1"),
        (1, "M-1", "Waterworks Lindau"),
    ]
    assert links(shop, "RESIN", lots["L-1"]) == [
        (-1, "Nordic Seals AB", "L-1"),
        (1, "L-1", "M-1"),
        (2, "M-1", "Waterworks Lindau"),
    ]


def test_what_was_reversed_is_not_followed(shop: Shop):
    lots = story(shop)
    made = next(move for move in shop.moves() if move.document_kind == "issue")
    undo = DocumentDraft(DocumentKind.REVERSAL, NOON + timedelta(days=3), of_document_id=made.document_id)
    shop.record(undo)
    assert (1, "M-1", "Waterworks Lindau") not in links(shop, "MOTOR", lots["M-1"])


def test_the_page_draws_it_with_links_and_says_it_as_a_list(shop: Shop):
    lots = story(shop)
    client = shop.client("warehouse")
    seen = text_of(client.get(shop.url(f"lots/{lots['M-1']}")))
    assert "<svg" in seen
    made_of = shop.url(f"lots/{lots['L-1']}")
    assert f'href="{made_of}"' in seen
    assert "Nordic Seals AB" in seen
    assert "Who made and blocked it" in seen
    assert shop.client("administrator").get(new_shop().url(f"lots/{lots['M-1']}")).status_code == 404


def test_places_show_what_lies_in_them_and_below(shop: Shop):
    shop.receive("SEAL-35", 10, "2.50")
    with db.company_transaction(company_id=shop.company_id):
        found = stock.contents(shop.company_id, book_id=shop.book_id)
        bare = stock.contents(shop.company_id)
    assert [(lies.location_id, lies.items, lies.value) for lies in found.values()] == [
        (shop.location_ids["A-1"], 1, 2_500)
    ]
    assert bare[shop.location_ids["A-1"]].value is None
    seen = text_of(shop.client("auditor").get(shop.url("stock/locations?export=csv")))
    main = next(line for line in seen.splitlines() if "Main warehouse" in line)
    assert "25" in main
    assert "Value" not in text_of(shop.client("warehouse").get(shop.url("stock/locations?export=csv")))
