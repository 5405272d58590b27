"""Goods documents from the form to the rows."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from tests.web.shop import Shop, new_shop, text_of, this_day

from wherewithal.kit import db
from wherewithal.ledger import queries as ledger
from wherewithal.people import permissions
from wherewithal.web.desk import Desk


def form(*lines: dict[str, str], key: str = "key-1", **header: str) -> dict[str, str]:
    """What the browser would send."""
    data = {
        "effective_at": "2026-03-02T13:00",
        "idempotency_key": key,
        "lines-TOTAL_FORMS": str(len(lines)),
        "lines-INITIAL_FORMS": "0",
        **header,
    }
    for number, line in enumerate(lines):
        data |= {f"lines-{number}-{name}": value for name, value in line.items()}
    return data


def post(shop: Shop, kind: str, data: dict[str, Any], role: str = "warehouse") -> Any:
    return shop.client(role).post(shop.url(f"stock/documents/new/{kind}"), data)


def balance(shop: Shop, code: str) -> int:
    """Minor units on an account of the primary book."""
    with db.company_transaction(company_id=shop.company_id):
        rows = ledger.trial_balance(shop.company_id, shop.book_id).rows
    return sum(row.closing for row in rows if row.code == code)


def test_a_receipt_is_recorded_and_shown(shop: Shop):
    line = {"item": "SEAL-35", "qty": "48", "to_location": "A-1", "unit_cost": "2.50"}
    response = post(shop, "receipt", form(line, party="NORDIC", reference="DN 77"))
    assert response.status_code == 302
    page = shop.client("controller").get(response.headers["Location"])
    assert "DN 77" in text_of(page)
    assert "Nordic Seals AB" in text_of(page)
    [move] = shop.moves()
    why = shop.url(f"stock/moves/{move.move_id}/why")
    csv = shop.client("controller").get(response.headers["Location"] + "?export=csv").content.decode()
    assert 'Quantity,Unit,"Unit cost, EUR","Value, EUR"' in csv
    assert re.search(r",48,pcs,2\.50*,120(\.00)?\s*$", csv), csv
    assert re.search(f"<a[^>]*{why}[^>]*>.*?120.00", text_of(page))
    assert ">2.50<" in text_of(page)  # not 2.5: it is money
    without = text_of(shop.client("warehouse").get(response.headers["Location"]))
    assert [text for text in ("Unit cost", "120.00", why) if text in without] == []
    assert (move.sku, move.qty, move.from_code, move.to_code) == ("SEAL-35", 48, "SUPPLIER", "A-1")
    assert move.amount == 12_000
    assert move.effective_at.isoformat() == "2026-03-02T12:00:00+00:00"  # 13:00 in Berlin
    assert balance(shop, "1200") == 12_000


def test_a_scanned_barcode_and_bin_do_what_the_codes_do(shop: Shop):
    line = {"item": "4006381333931", "qty": "2", "to_location": "BIN-A1", "unit_cost": "1"}
    assert post(shop, "receipt", form(line)).status_code == 302
    [move] = shop.moves()
    assert (move.sku, move.to_code) == ("SEAL-35", "A-1")


def test_a_form_begins_with_the_place_of_ones_last_document_of_the_kind(shop: Shop):
    def begun(client: Client, path: str) -> dict[str, str]:
        return dict(client.get(shop.url(f"stock/documents/new/{path}")).context["lines"].forms[0].initial)

    client, colleague = shop.client("warehouse"), shop.client("warehouse")
    line = {"item": "SEAL-35", "qty": "2", "to_location": "A-1", "unit_cost": "1"}
    wrong = form(line | {"qty": "0", "to_location": "A-2"})
    assert client.post(shop.url("stock/documents/new/receipt"), wrong).status_code == 422
    assert begun(client, "receipt") == {}
    assert client.post(shop.url("stock/documents/new/receipt"), form(line)).status_code == 302
    assert begun(client, "receipt") == {"to_location": "A-1"}
    assert begun(client, "receipt?item=SEAL-35&to_location=A-2") == {"item": "SEAL-35", "to_location": "A-2"}
    assert begun(client, "issue") == begun(colleague, "receipt") == {}
    other = new_shop()
    page = other.client("warehouse").get(other.url("stock/documents/new/receipt"))
    assert page.context["lines"].forms[0].initial == {}


def test_sending_the_same_form_twice_records_one_document(shop: Shop):
    data = form({"item": "SEAL-35", "qty": "3", "to_location": "A-1", "unit_cost": "2"})
    first, second = post(shop, "receipt", data), post(shop, "receipt", data)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(shop.moves()) == 1


def test_faults_stand_beside_their_fields_and_nothing_is_lost(shop: Shop):
    good = {"item": "SEAL-35", "qty": "5", "to_location": "A-1", "unit_cost": "2.50"}
    bad = {"item": "NO-SUCH", "qty": "minus", "to_location": "NOWHERE", "unit_cost": "9.99"}
    response = post(shop, "receipt", form(good, bad, reference="Keep me"))
    seen = text_of(response)
    assert response.status_code == 422
    assert "There is no item “NO-SUCH”" in seen
    assert "There is no location “NOWHERE”" in seen
    assert "Write a number such as" in seen
    for typed in ("Keep me", "NO-SUCH", "minus", "9.99", "2.50"):
        assert f'value="{typed}"' in seen
    assert shop.moves() == []


def test_a_refusal_of_the_use_case_stands_beside_its_line(shop: Shop):
    lines = (
        {"item": "SEAL-35", "qty": "5", "to_location": "A-1", "unit_cost": "2.50"},
        {"item": "SEAL-40", "qty": "2.5", "to_location": "A-1", "unit_cost": "1"},
    )
    response = post(shop, "receipt", form(*lines))
    assert response.status_code == 422
    seen = text_of(response)
    assert "SEAL-40 is counted in whole pcs" in seen
    assert 'id="id_lines-1-qty_error"' in seen
    assert shop.moves() == []
    assert shop.count("ledger_entry") == 0


def test_going_below_zero_is_refused_with_the_moment_named(shop: Shop):
    shop.receive("SEAL-35", 3, "2.00")
    response = post(shop, "issue", form({"item": "SEAL-35", "qty": "4", "from_location": "A-1"}))
    assert response.status_code == 422
    assert shop.on_hand("SEAL-35") == 3
    assert 'value="4"' in text_of(response)


def test_an_issue_takes_its_cost_to_cost_of_sales(shop: Shop):
    shop.receive("SEAL-35", 10, "2.50")
    line = {"item": "SEAL-35", "qty": "4", "from_location": "A-1"}
    assert post(shop, "issue", form(line, party="LINDAU", effective_at="2026-03-03T09:00")).status_code == 302
    assert shop.on_hand("SEAL-35") == 6
    assert balance(shop, "1200") == 1_500
    assert balance(shop, "5000") == 1_000


def test_a_transfer_moves_between_bins(shop: Shop):
    shop.receive("SEAL-35", 10, "2.50")
    line = {"item": "SEAL-35", "qty": "4", "from_location": "A-1", "to_location": "A-2"}
    assert post(shop, "transfer", form(line, effective_at="2026-03-03T09:00")).status_code == 302
    assert [move.to_code for move in shop.moves()] == ["A-2", "A-1"]
    assert balance(shop, "1200") == 2_500


def test_a_count_records_the_difference(shop: Shop):
    shop.receive("SEAL-35", 10, "2.50")
    line = {"item": "SEAL-35", "counted_qty": "8", "to_location": "A-1"}
    assert post(shop, "adjustment", form(line, effective_at="2026-03-03T09:00")).status_code == 302
    assert shop.on_hand("SEAL-35") == 8
    assert balance(shop, "1200") == 2_000


def test_lots_and_serials(shop: Shop):
    resin = {"item": "RESIN", "qty": "12.5", "unit_cost": "4", "lot": "L-9", "expires_on": "2026-09-01"}
    motors = {"item": "MOTOR", "unit_cost": "400", "lot": "M1, M2 M3"}
    lines = [line | {"to_location": "A-1"} for line in (resin, motors)]
    assert post(shop, "receipt", form(*lines)).status_code == 302
    assert sorted((move.sku, move.lot_code, move.qty) for move in shop.moves()) == [
        ("MOTOR", "M1", 1),
        ("MOTOR", "M2", 1),
        ("MOTOR", "M3", 1),
        ("RESIN", "L-9", 12_500),
    ]
    assert shop.on_hand("RESIN") == 12_500


def test_a_return_goes_back_at_the_cost_it_came(shop: Shop):
    result = shop.receive("SEAL-35", 10, "2.50")
    document_id, move_id = result.documents[0].document_id, result.documents[0].move_ids[0]
    client = shop.client("warehouse")
    path = shop.url(f"stock/documents/{document_id}/return-to-supplier")
    assert "SEAL-35" in text_of(client.get(path))
    head = {"effective_at": "2026-03-04T09:00", "idempotency_key": "k"}
    assert client.post(path, head | {f"move_{move_id}": ""}).status_code == 422
    assert client.post(path, head | {f"move_{move_id}": "11"}).status_code == 422
    assert shop.on_hand("SEAL-35") == 10
    assert client.post(path, head | {f"move_{move_id}": "4"}).status_code == 302
    assert shop.on_hand("SEAL-35") == 6
    assert balance(shop, "1200") == 1_500


def test_a_reversal_undoes_the_document_and_needs_a_reason(shop: Shop):
    result = shop.receive("SEAL-35", 10, "2.50")
    path = shop.url(f"stock/documents/{result.documents[0].document_id}/reverse")
    assert shop.client("warehouse").get(path).status_code == 403
    client = shop.client("controller")
    assert client.post(path, {"note": "", "idempotency_key": "k"}).status_code == 422
    assert shop.on_hand("SEAL-35") == 10
    assert (
        client.post(path, {"note": "Delivered to the wrong site", "idempotency_key": "k"}).status_code == 302
    )
    assert shop.on_hand("SEAL-35") == 0
    assert balance(shop, "1200") == 0


def test_a_slip_is_taken_back_by_who_made_it_until_the_end_of_that_day(shop: Shop, monkeypatch):
    """A colleague may not, nor who may no longer record such documents, nor anybody from the warehouse tomorrow."""
    clerk, colleague = shop.client("warehouse"), shop.client("warehouse")
    line = {"item": "SEAL-35", "qty": "3", "to_location": "A-1", "unit_cost": "2"}
    seen = text_of(clerk.post(shop.url("stock/documents/new/receipt"), form(line), follow=True))
    [path] = re.findall(r'<form method="post" action="([^"]+/reverse)">', seen)
    document, reverse = path.removesuffix("/reverse"), {"note": "Twice", "idempotency_key": "k"}

    def refused(client: Client) -> bool:
        assert "Reverse" not in text_of(client.get(document))
        assert client.get(path).status_code == 403
        answer = client.post(path, reverse)
        assert shop.on_hand("SEAL-35") == 3
        return answer.status_code == 403 and "Controller" in text_of(answer)

    assert refused(colleague)
    assert new_shop().client("warehouse").post(path, reverse).status_code == 404
    with monkeypatch.context() as narrowed:
        narrowed.setitem(permissions.ROLES, "warehouse", frozenset({"stock.read", "stock.issue"}))
        assert refused(clerk)
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(Desk, "today", property(lambda _desk: this_day() + timedelta(days=1)))
        assert refused(clerk)
    assert "Reverse" in text_of(clerk.get(document))
    assert clerk.post(path, reverse).status_code == 302
    assert shop.on_hand("SEAL-35") == 0


def test_an_empty_document_is_refused(shop: Shop):
    response = post(shop, "receipt", form({}))
    assert response.status_code == 422
    assert "Fill in at least one line" in text_of(response)


def test_removed_lines_do_not_count(shop: Shop):
    good = {"item": "SEAL-35", "qty": "5", "to_location": "A-1", "unit_cost": "2.50"}
    gone = {"item": "NO-SUCH", "qty": "x", "DELETE": "on"}
    assert post(shop, "receipt", form(gone, good)).status_code == 302
    assert len(shop.moves()) == 1


@pytest.mark.parametrize(
    ("typed", "expected"), [("1,234", Decimal(1234)), ("1 234", Decimal(1234)), ("12.0", Decimal(12))]
)
def test_numbers_are_read_as_people_write_them(shop: Shop, typed: str, expected: Decimal):
    line = {"item": "SEAL-35", "qty": typed, "to_location": "A-1", "unit_cost": "0"}
    assert post(shop, "receipt", form(line)).status_code == 302
    assert shop.on_hand("SEAL-35") == expected


@pytest.mark.parametrize(
    "value", ["1e400", "NaN", "Infinity", "9" * 60, "1,2,3", "\0", "--5", "1.0000000001"]
)
def test_odd_numbers_are_refused_and_never_crash(shop: Shop, value: str):
    line = {"item": "SEAL-35", "qty": value, "to_location": "A-1", "unit_cost": "1"}
    assert post(shop, "receipt", form(line)).status_code == 422
    assert shop.moves() == []


def test_one_bill_is_spread_over_lines_of_several_receipts(shop: Shop):
    first = shop.receive("SEAL-35", 10, "2.00").documents[0]  # 20.00
    second = shop.receive("RESIN", 5, "12.00", lot_code="L-1").documents[0]  # 60.00
    client, url = shop.client("controller"), shop.url("stock/documents/new/landed_cost")

    options = text_of(client.get(shop.url("pick/receipt"), {"text": second.number}))
    assert f'data-value="{second.number}/1"' in options
    assert "RESIN Epoxy resin, 5 kg" in options
    # Receipts chosen in the list are the lines to begin with.
    begun = text_of(client.post(url, {"chosen": [first.document_id, second.document_id]}))
    assert [number in begun for number in (first.number, second.number)] == [True, True]

    receipts = ({"receipt": first.number}, {"receipt": f"{second.number}/1"})
    bill = {"amount": "10.01", "allocate_by": "value", "reference": "FREIGHT 7"}
    look = text_of(client.post(url, form(*receipts, **bill, preview="1"), headers={"HX-Request": "true"}))
    assert "10.01" in look
    assert balance(shop, "1200") == 8_000  # still only looked at
    # Two things are wrong in words: a line that is not there, and an amount by hand for a whole spread.
    wrong = client.post(url, form({"receipt": "GR-0"}, {"receipt": second.number}, allocate_by="value"))
    assert wrong.status_code == 422
    assert "There is no receipt “GR-0”" in text_of(wrong)
    assert "Say how much is to be spread" in text_of(wrong)
    twice = client.post(url, form(receipts[1], {"receipt": second.number}, **bill))
    assert "Name each receipt once" in text_of(twice)
    assert balance(shop, "1200") == 8_000

    assert client.post(url, form(*receipts, **bill)).status_code == 302
    assert balance(shop, "1200") == 9_001
    with db.company_transaction(company_id=shop.company_id):
        sql = "SELECT amount FROM stock_move_cost WHERE company_id = %s ORDER BY move_id"
        [(seals,), (resin,)] = db.fetch_all(sql, (shop.company_id,))
    assert (seals, resin) == (250, 751)  # a quarter, and the rest

    by_hand = ({"receipt": first.number, "amount": "1"}, {"receipt": second.number, "amount": "2"})
    done = client.post(url, form(*by_hand, key="key-2", allocate_by="manual"))
    assert done.status_code == 302
    assert balance(shop, "1200") == 9_301
    assert shop.client("warehouse").get(url).status_code == 403
