"""How stock is costed, decided from the page."""

from datetime import timedelta
from fractions import Fraction

import pytest
from tests.web.shop import NOON, Shop, text_of

from wherewithal.kit import db
from wherewithal.stock import queries as stock
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft


def value(shop: Shop) -> stock.ValuationTotal:
    with db.company_transaction(company_id=shop.company_id):
        return stock.valuation_total(shop.company_id, book_id=shop.book_id)


def issue(shop: Shop, qty: int) -> None:
    line = LineDraft(shop.item_ids["SEAL-35"], qty, from_location_id=shop.location_ids["A-1"])
    shop.record(DocumentDraft(DocumentKind.ISSUE, NOON + timedelta(days=5), [line]))


def test_a_method_is_chosen_and_what_was_posted_is_corrected(shop: Shop):
    shop.receive("SEAL-35", 10, "1.00")
    shop.receive("SEAL-35", 10, "3.00", at=NOON + timedelta(days=1))
    issue(shop, 10)
    assert value(shop).value == 2_000  # ten at the average of 2.00
    client = shop.client("controller")
    data = {"method-category_id": "", "method-method": "fifo", "method-effective_on": ""}
    assert client.post(shop.url("costing/method"), data).status_code == 302
    assert value(shop).value == 3_000  # the ten that came last
    assert "FIFO" in text_of(client.get(shop.url("costing")))


def test_standard_costs_are_listed_with_their_days(shop: Shop):
    shop.receive("SEAL-35", 10, "4.00")
    client = shop.client("controller")
    assert "Standard costs decided so far" not in text_of(client.get(shop.url("costing")))
    for cost, day in (("4.25", "2026-01-01"), ("4.3333", "2026-06-01")):
        typed = {"standard-item": "SEAL-35", "standard-cost": cost, "standard-effective_on": day}
        assert client.post(shop.url("costing/standard"), typed).status_code == 302
    page = client.get(shop.url("costing"))
    assert [(row.sku, str(row.effective_on)) for row in page.context["standards"].rows] == [
        ("SEAL-35", "2026-06-01"),
        ("SEAL-35", "2026-01-01"),
    ]
    assert "4.3333" in text_of(page)
    with db.company_transaction(company_id=shop.company_id):
        late, early = stock.standard_costs(shop.company_id, shop.book_id)
        assert stock.standard_costs(shop.company_id, shop.book_id, after=late.standard_id) == [early]
    assert (late.per_base_unit, early.per_base_unit) == (Fraction(43333, 100), 425)


def test_what_the_standard_forbids_is_refused(shop: Shop):
    data = {"method-category_id": "", "method-method": "lifo", "method-effective_on": ""}
    response = shop.client("controller").post(shop.url("costing/method"), data)
    assert response.status_code == 422
    assert shop.count("stock_cost_policy") == 0


def test_goods_are_written_down_and_up_again_to_cost_only(shop: Shop):
    shop.receive("SEAL-35", 10, "4.00")
    client = shop.client("controller")
    data = {
        "writedown-on": "2026-03-31",
        "writedown-item": "SEAL-35",
        "writedown-unit_value": "2.50",
        "writedown-reason": "The customer changed its pumps",
        "writedown-idempotency_key": "one",
    }
    assert client.post(shop.url("costing/writedown"), data).status_code == 302
    assert (value(shop).value, value(shop).allowance) == (4_000, 1_500)
    later = data | {
        "writedown-on": "2026-04-30",
        "writedown-unit_value": "9",
        "writedown-idempotency_key": "two",
    }
    assert client.post(shop.url("costing/writedown"), later).status_code == 302
    assert value(shop).allowance == 0


def test_an_estimate_without_a_figure_is_refused_and_kept(shop: Shop):
    data = {"writedown-on": "2026-03-31", "writedown-item": "SEAL-35", "writedown-reason": "Old"}
    response = shop.client("controller").post(
        shop.url("costing/writedown"), data | {"writedown-idempotency_key": "k"}
    )
    assert response.status_code == 422
    assert 'value="Old"' in text_of(response)


def test_only_those_who_may_decide(shop: Shop):
    data = {"method-category_id": "", "method-method": "fifo"}
    assert shop.client("auditor").post(shop.url("costing/method"), data).status_code == 403
    assert "Set method" not in text_of(shop.client("auditor").get(shop.url("costing")))
    assert shop.count("stock_cost_policy") == 0


@pytest.mark.parametrize(
    ("what", "typed", "shown"),
    [
        ("standard", {"item": "SEAL-35", "cost": "2.50"}, "5.00"),  # ten at 2.00 become ten at 2.50
        ("writedown", {"on": "2026-03-31", "item": "SEAL-35", "unit_value": "1.20", "reason": "Old"}, "8.00"),
        ("method", {"method": "fifo"}, "no book posts an entry"),
        ("method", {"method": "nonsense"}, "Fill in the form"),
    ],
)
def test_a_decision_shows_what_it_will_post_and_keeps_nothing(
    shop: Shop, what: str, typed: dict[str, str], shown: str
):
    shop.receive("SEAL-35", 10, "2.00")
    client = shop.client("controller")
    if what == "standard":
        assert client.post(shop.url("costing/method"), {"method-method": "standard"}).status_code == 302
    before = [shop.count(table) for table in ("ledger_entry", "stock_cost_policy", "stock_nrv_estimate")]
    data = {f"{what}-{name}": value for name, value in typed.items()}
    data |= {f"{what}-idempotency_key": "k", "preview": "1"}
    response = client.post(shop.url(f"costing/{what}"), data, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert shown in text_of(response)
    after = [shop.count(table) for table in ("ledger_entry", "stock_cost_policy", "stock_nrv_estimate")]
    assert after == before
