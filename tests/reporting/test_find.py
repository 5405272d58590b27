"""Finding anything, by any code or name, with a slip of the fingers or without, and nothing of others."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.web.depot import new_depot
from tests.web.shop import Shop, new_shop

from wherewithal.kit import db
from wherewithal.parties import services as parties
from wherewithal.parties.values import PartyDraft
from wherewithal.reporting.find import Hit, find
from wherewithal.stock import services as stock
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services import LocationDraft

ONE = Decimal(1)


@pytest.fixture
def shop(db: None) -> Shop:
    return new_shop()


def found(shop: Shop, text: str, **options: object) -> list[Hit]:
    with db.company_transaction(company_id=shop.company_id):
        return find(shop.company_id, text, **options)  # type: ignore[arg-type]


def codes(shop: Shop, text: str, **options: object) -> list[tuple[str, str]]:
    return [(hit.kind, hit.code) for hit in found(shop, text, **options)]


def test_each_kind_is_found_by_its_codes_and_names(shop: Shop):
    result = shop.receive("RESIN", 5, "2.00", lot_code="LOT-77")
    number = result.documents[0].number
    for text in ("SEAL-35", "seal-35", "4006381333931", "35x52x7", "shaft 35x"):
        assert ("item", "SEAL-35") in codes(shop, text), text
    assert codes(shop, "LOT-7") == [("lot", "LOT-77")]
    assert codes(shop, "lot-77") == [("lot", "LOT-77")]
    assert ("document", number) in codes(shop, number)
    assert ("document", number) in codes(shop, number.lower())
    assert codes(shop, "nordic") == [("party", "NORDIC")]
    assert codes(shop, "seals ab") == [("party", "NORDIC")]  # any word of a name
    assert codes(shop, "lindau") == [("party", "LINDAU")]
    assert ("location", "A-1") in codes(shop, "BIN-A1")
    assert codes(shop, "main ware") == [("location", "MAIN")]


def test_assets_are_found_by_tag_serial_and_any_word(shop: Shop):
    depot = new_depot(shop)
    depot.buy("12000.00")
    [asset] = depot.assets()
    word = asset.name.split()[-1]
    assert ("asset", asset.tag) in codes(shop, asset.tag.lower())
    assert ("asset", asset.tag) in codes(shop, word)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("epxoy", "RESIN"),  # two letters swapped
        ("shft seal", "SEAL-35"),  # one missing
        ("epoxyy", "RESIN"),  # one too many
        ("motpr", "MOTOR"),  # one wrong
        ("epixy res", "RESIN"),  # the last word is only begun
        ("SAEL-35", "SEAL-35"),  # in a code
        ("nrodic", "NORDIC"),
        ("watrworks", "LINDAU"),
        ("warehuose", "MAIN"),
        ("LTO-77", "LOT-77"),
    ],
)
def test_one_slip_is_mended(shop: Shop, typed: str, code: str):
    shop.receive("RESIN", 5, "2.00", lot_code="LOT-77")
    hits = [hit for hit in found(shop, typed) if hit.code == code]
    assert [hit.near for hit in hits] == [True], typed


def test_what_was_typed_comes_before_what_was_meant(shop: Shop):
    who = {"company_id": shop.company_id, "actor_id": shop.admin_id}
    drafts = [
        PartyDraft(code="P-2", name="Stein", is_supplier=True),
        PartyDraft(code="P-1", name="Steim", is_supplier=True),
    ]
    parties.create_parties(parties=drafts, **who)
    assert [(hit.code, hit.near) for hit in found(shop, "stein")] == [("P-2", False), ("P-1", True)]


def test_the_exact_code_comes_first(shop: Shop):
    who = {"company_id": shop.company_id, "actor_id": shop.admin_id}
    drafts = [
        PartyDraft(code=f"10{number}", name=f"Trader 10{number}", is_supplier=True) for number in range(9)
    ]
    parties.create_parties(parties=[*drafts, PartyDraft(code="10", name="Ten", is_supplier=True)], **who)
    assert codes(shop, "10", kinds=["party"], limit=3) == [
        ("party", "10"),
        ("party", "100"),
        ("party", "101"),
    ]


def test_documents_are_found_by_what_they_refer_to(shop: Shop):
    place = shop.location_ids["A-1"]
    line = LineDraft(item_id=shop.item_ids["SEAL-35"], qty=ONE, to_location_id=place, unit_cost=ONE)
    when = datetime(2026, 3, 2, 12, tzinfo=UTC)
    shop.record(DocumentDraft(DocumentKind.RECEIPT, when, [line], reference="DN-4711-B"))
    assert [(hit.kind, hit.name) for hit in found(shop, "dn-4711")] == [("document", "DN-4711-B")]
    assert [(hit.kind, hit.near) for hit in found(shop, "DN-4771-B")] == [("document", True)]


def test_a_changed_name_is_found_and_the_old_one_is_not(shop: Shop):
    place = {"company_id": shop.company_id, "actor_id": shop.admin_id}
    stock.create_locations(locations=[LocationDraft("COLD", "Kühlhaus Größe 2", "zone", "MAIN")], **place)
    assert codes(shop, "kuhlhaus") == [("location", "COLD")]
    assert codes(shop, "GRÖSSE") == [("location", "COLD")]
    [hit] = found(shop, "kuhlhaus")
    stock.update_location(location_id=hit.id, name="Freezer", **place)
    assert codes(shop, "kuhlhaus") == []
    assert codes(shop, "freezer") == [("location", "COLD")]


def test_only_the_kinds_asked_for_and_only_this_company(shop: Shop):
    shop.receive("RESIN", 5, "2.00", lot_code="LOT-77")
    other = new_shop()
    assert codes(shop, "seal", kinds=["party"]) == [("party", "NORDIC")]
    assert codes(shop, "seal", kinds=[]) == []
    assert codes(other, "LOT-77") == []
    assert {hit.id for hit in found(other, "seal", kinds=["item"])} == {
        other.item_ids["SEAL-35"],
        other.item_ids["SEAL-40"],
    }
    with db.company_transaction(company_id=shop.company_id):
        assert find(other.company_id, "seal") == []  # row-level security, whatever is asked


@pytest.mark.parametrize("odd", ["", " ", "\0", "%", "_", "'", "\\", "💩", "a" * 5000, "- - -", "..", "ß"])
def test_odd_texts_find_nothing_and_break_nothing(shop: Shop, odd: str):
    assert [hit for hit in found(shop, odd) if hit.kind not in ("item", "location", "party")] == []


def test_a_common_word_hides_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """However few things of the commonest word are looked at, the rarest one leads to what has both."""
    monkeypatch.setattr("wherewithal.reporting.find.MOST_OF_A_WORD", 3)
    monkeypatch.setattr("wherewithal.reporting.find.COUNTED", 5)
    drafts = [
        PartyDraft(code=f"T-{number}", name=f"Trading house {number}", is_supplier=True)
        for number in range(20)
    ]
    drafts.append(PartyDraft(code="Z", name="Trading house Zwiesel", is_supplier=True))
    parties.create_parties(company_id=shop.company_id, actor_id=shop.admin_id, parties=drafts)
    assert codes(shop, "trading house zwi") == [("party", "Z")]
    assert codes(shop, "trading huose zwiseel") == [("party", "Z")]


def test_who_names_a_code_gets_that_thing_and_nothing_like_it(shop: Shop):
    assert codes(shop, "seal-35") == [("item", "SEAL-35")]
