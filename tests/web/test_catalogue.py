"""Categories, what they declare and how they are costed; units."""

from datetime import UTC, date, datetime

import pytest
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.items import queries as items
from wherewithal.kit import db
from wherewithal.stock import services as stock
from wherewithal.stock.queries import CostPolicy
from wherewithal.web.views.catalogue import in_force

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def category_id(shop: Shop, code: str = "spare") -> int:
    with db.company_transaction(company_id=shop.company_id):
        return items.category_ids(shop.company_id)[code]


def change(*lines: dict[str, str], name: str = "Spares") -> dict[str, str]:
    data = {"code": "spare", "name": name, "lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0"}
    for number, line in enumerate(lines):
        data |= {f"lines-{number}-{field}": value for field, value in line.items()}
    return data


def test_a_category_declares_what_its_items_have(shop: Shop):
    client, path = shop.client("buyer"), shop.url(f"items/categories/{category_id(shop)}")
    colour = {"code": "colour", "label": "Colour", "type": "choice", "choices": "red; blue", "required": "on"}
    assert client.post(path, change(colour, name="Spare parts")).status_code == 302
    with db.company_transaction(company_id=shop.company_id):
        specs = items.attribute_specs_by_category(shop.company_id)["spare"]
    assert (specs["colour"].choices, specs["colour"].required) == (("red", "blue"), True)
    assert "Spare parts" in text_of(client.get(shop.url("items/categories")))
    assert "red; blue" in text_of(client.get(path))
    wrong = client.post(path, change(colour | {"choices": ""}))
    assert wrong.status_code == 422


def test_the_tree_shows_how_each_category_is_costed(shop: Shop):
    stock.set_cost_method(
        company_id=shop.company_id, actor_id=shop.admin_id, book_id=shop.book_id, method="fifo",
        category_id=category_id(shop),
    )  # fmt: skip
    seen = text_of(shop.client("auditor").get(shop.url("items/categories?export=csv")))
    assert "FIFO" in next(line for line in seen.splitlines() if "Spares" in line)
    assert "FIFO" not in text_of(shop.client("warehouse").get(shop.url("items/categories?export=csv")))
    assert "since ever" in text_of(
        shop.client("auditor").get(shop.url(f"items/categories/{category_id(shop)}"))
    )


def test_of_two_decisions_for_one_day_the_later_holds_and_those_to_come_do_not_yet():
    day = date(2026, 3, 31)
    rows = [
        CostPolicy(1, "A", "lifo", date(2026, 4, 1), NOW, None),
        CostPolicy(1, "A", "fifo", date(2026, 1, 1), NOW, None),
        CostPolicy(1, "A", "standard", date(2026, 1, 1), NOW, None),
        CostPolicy(None, None, "specific", date(1900, 1, 1), NOW, None),
    ]  # the latest recorded first
    assert in_force(rows, day) == {1: "fifo", None: "specific"}


def test_a_unit_is_added_once(shop: Shop):
    client, path = shop.client("planner"), shop.url("items/units")
    assert client.post(path, {"code": "reel", "name": "Reel"}).status_code == 302
    again = client.post(path, {"code": "reel", "name": "Reel"})
    assert again.status_code == 422
    assert "There is a unit reel already" in text_of(again)
    assert "Reel" in text_of(client.get(path))


@pytest.mark.parametrize("path", ["items/categories/{id}", "items/units"])
def test_a_wrong_role_changes_nothing_and_another_company_is_not_there(shop: Shop, path: str):
    address = path.format(id=category_id(shop))
    refused = shop.client("auditor").post(shop.url(address), change(name="Mine") | {"code": "x"})
    assert refused.status_code == 403
    assert "Buyer" in text_of(refused)
    theirs = category_id(new_shop())
    client = shop.client("administrator")
    assert client.get(shop.url(f"items/categories/{theirs}")).status_code == 404
    assert shop.count("items_category") == new_shop().count("items_category")
