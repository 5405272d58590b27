"""The parts of every list: columns, totals, chosen rows, views that people keep, and who may do what with them."""

import csv
import io
import json
import re
from base64 import urlsafe_b64encode
from dataclasses import replace
from html import unescape

from django.http import QueryDict
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.items import services as items
from wherewithal.items.values import ItemDraft
from wherewithal.kit import db
from wherewithal.people import queries as people
from wherewithal.web import tables


def heads(html: str) -> list[str]:
    found = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', html, re.S)
    return [unescape(re.sub(r"<[^>]+>", "", head)).strip() for head in found]


def views_of(shop: Shop, user_id: int, list_name: str = "items.items") -> list[tuple[str, str, bool]]:
    with db.company_transaction(company_id=shop.company_id, actor_id=user_id):
        return [
            (view.name, view.query, view.shared)
            for view in people.saved_views(shop.company_id, list_name=list_name)
        ]


def test_the_chosen_columns_are_shown_in_their_order_and_exported_so(shop: Shop):
    client = shop.client("planner")
    seen = text_of(client.get(shop.url("items?cols=unit_code,name,nonsense")))
    assert heads(seen) == ["SKU", "Unit", "Name"]  # the row's heading is always there
    content = client.get(shop.url("items?q=resin&cols=unit_code,name&export=csv")).content
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) == [
        ["SKU", "Unit", "Name"],
        ["RESIN", "kg", "Epoxy resin"],
    ]
    assert heads(text_of(client.get(shop.url("items?cols=")))) == heads(
        text_of(client.get(shop.url("items")))
    )


def test_the_last_line_adds_up_the_columns_that_are_shown(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    client = shop.client("controller")

    def last_line(query: str) -> list[str]:
        html = text_of(client.get(shop.url(f"finance/trial-balance{query}")))
        foot = html[html.index("<tfoot>") : html.index("</tfoot>")]
        return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", foot)]

    assert last_line("?from=2026-01-01") == ["Total", "", "", "0.00", "120.00", "120.00", "0.00"]
    assert last_line("?from=2026-01-01&cols=credit,closing") == ["Total", "120.00", "0.00"]


def test_a_list_with_more_than_fits_a_phone_side_by_side_has_cards_there(shop: Shop):
    """SKU, name, place and two quantities do not; tag, name and one amount do, and accounts stay a table with its sums."""
    shop.receive("SEAL-35", 5, "2.00")
    client = shop.client("administrator")
    goods = text_of(client.get(shop.url("stock/on-hand")))
    assert '<table class="data cards"' in goods
    row = goods.partition("<tbody>")[2].partition("</tr>")[0]
    labels = re.findall('data-label="([^"]*)"', row)
    assert labels == ["Location", "On hand", "Reserved", "Blocked", "Available"]  # the name needs none
    for path in ("finance/trial-balance", "finance/entries"):
        assert "data-label" not in text_of(client.get(shop.url(path)))


def test_a_cursor_that_nothing_can_be_asked_for_is_the_first_page(shop: Shop):
    """Numbers that no column holds, NUL, half a letter: made by hand, answered like any other that was tampered with."""
    ask = tables.read_ask(tables.Table("items", "", ()), QueryDict())
    for text, number in (("x", 2**63), ("x", -(2**63) - 1), ("x\0", 1), ("\ud800", 1)):
        assert replace(ask, after=[text, number]).place(str, int) is None
    assert replace(ask, after=["x", 2**63 - 1]).place(str, int) == ("x", 2**63 - 1)
    cursor = urlsafe_b64encode(b'["x\\u0000", 1]').decode()
    assert text_of(shop.client("planner").get(shop.url(f"items?after={cursor}"))).count("SEAL-35")
    large = 2**40  # fits where amounts are kept, not where places are
    for path, place in (
        ("finance/valuation?", ["x", large]),
        ("finance/valuation?sort=value&", [1, "x", large]),
        ("costing?", [large]),
    ):
        cursor = urlsafe_b64encode(json.dumps(place).encode()).decode()
        assert shop.client("controller").get(shop.url(f"{path}after={cursor}")).status_code == 200


def test_a_view_is_kept_found_replaced_and_removed_with_a_way_back(shop: Shop):
    client = shop.client("warehouse")
    user_id = int(client.session["_auth_user_id"])
    seen = text_of(client.get(shop.url("items?q=seal&kind=spare&cols=name&as_of=2026-03-05&after=WzFd")))
    query = re.search(r'name="query" value="([^"]*)"', seen)
    assert query is not None
    assert unescape(query[1]) == "q=seal&kind=spare&cols=name"  # neither the day nor the place in the list
    kept = {"list": "items.items", "query": unescape(query[1]), "back": shop.url("items?q=seal")}
    for name in ("My  seals", "My seals"):
        response = client.post(shop.url("views/save"), kept | {"name": name})
        assert response.headers["Location"] == shop.url("items?q=seal")
    assert views_of(shop, user_id) == [("My seals", "q=seal&kind=spare&cols=name", False)]
    shown = client.get(shop.url("items?as_of=2026-03-05"))
    address = shop.url("items?as_of=2026-03-05&q=seal&kind=spare&cols=name").replace("&", "&amp;")
    assert f'href="{address}"' in text_of(shown)

    [view] = shown.context["table"].views
    response = client.post(shop.url(f"views/{view.view_id}/delete"), {"back": shop.url("items")}, follow=True)
    assert views_of(shop, user_id) == []
    undo = re.search(r'<form method="post" action="([^"]+/views/save[^"]*)">(.*?)</form>', text_of(response))
    assert undo is not None
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', undo[2]))
    client.post(undo[1], {name: unescape(value) for name, value in fields.items()})
    assert views_of(shop, user_id) == [("My seals", "q=seal&kind=spare&cols=name", False)]


def test_a_view_is_shared_by_those_who_may_and_seen_by_the_others(shop: Shop):
    planner, warehouse, auditor = shop.client("planner"), shop.client("warehouse"), shop.client("auditor")
    kept = {"list": "items.items", "query": "q=seal", "name": "Seals", "shared": "on"}
    assert warehouse.post(shop.url("views/save"), kept).status_code == 403
    assert auditor.post(shop.url("views/save"), kept).status_code == 403
    planner_id, auditor_id = int(planner.session["_auth_user_id"]), int(auditor.session["_auth_user_id"])
    assert views_of(shop, planner_id) == []
    assert planner.post(shop.url("views/save"), kept).status_code == 302
    planner.post(shop.url("views/save"), {"list": "items.items", "query": "q=x", "name": "Own"})
    assert [name for name, _query, _shared in views_of(shop, planner_id)] == ["Own", "Seals"]
    assert views_of(shop, auditor_id) == [("Seals", "q=seal", True)]
    assert "Remove the view" not in text_of(auditor.get(shop.url("items")))

    [view] = auditor.get(shop.url("items")).context["table"].views
    assert auditor.post(shop.url(f"views/{view.view_id}/delete")).status_code == 403
    assert (
        new_shop().client("administrator").post(shop.url(f"views/{view.view_id}/delete")).status_code == 404
    )
    assert views_of(shop, auditor_id) == [("Seals", "q=seal", True)]
    assert shop.client("administrator").post(shop.url(f"views/{view.view_id}/delete")).status_code == 302
    assert views_of(shop, auditor_id) == []


def test_views_of_another_company_are_not_there(shop: Shop):
    other = new_shop()
    administrator = other.client("administrator")
    kept = {"list": "items.items", "query": "q=seal", "name": "Theirs", "shared": "on"}
    administrator.post(other.url("views/save"), kept)
    [view] = administrator.get(other.url("items")).context["table"].views
    client = shop.client("administrator")
    assert client.get(shop.url("items")).context["table"].views == []
    assert client.post(shop.url(f"views/{view.view_id}/delete")).status_code == 404
    assert len(administrator.get(other.url("items")).context["table"].views) == 1


def test_a_view_that_cannot_be_kept_is_refused(shop: Shop):
    client = shop.client("planner")
    for odd in (
        {"name": ""},
        {"name": "x" * 81},
        {"name": "ok", "query": "q=" + "x" * 4001},
        {"name": "ok", "list": ""},
    ):
        response = client.post(shop.url("views/save"), {"list": "items.items", "query": ""} | odd)
        assert response.status_code == 400, odd
    assert shop.count("people_saved_view") == 0
    assert client.get(shop.url("views/save")).status_code == 405


def test_the_way_back_of_a_form_stays_inside_the_company(shop: Shop):
    client = shop.client("planner")
    for odd in ("https://example.com/", "//example.com", "/c/another/items", "javascript:alert(1)"):
        response = client.post(shop.url("views/save"), {"list": "a.b", "name": "n", "query": "", "back": odd})
        assert response.headers["Location"] == shop.url(), odd


def test_chosen_items_are_retired_and_used_again(shop: Shop):
    shop.receive("SEAL-35", 5, "2.00")
    client = shop.client("planner")
    ids, where = shop.item_ids, shop.url("items/state")
    assert f'name="chosen" value="{ids["RESIN"]}"' in text_of(client.get(shop.url("items")))
    asked = {"chosen": [ids["SEAL-35"], ids["RESIN"]], "state": "no", "back": shop.url("items?sort=-sku")}
    seen = client.post(where, asked, follow=True)
    assert "2 items are retired." in text_of(seen)
    assert seen.redirect_chain[-1][0] == shop.url("items?sort=-sku")

    def retired() -> list[str]:
        return [row["sku"] for row in client.get(shop.url("items?active=no")).context["table"].rows]

    assert retired() == ["RESIN", "SEAL-35"]
    way_back = seen.content.decode().partition("toast-note")[2].partition("</form>")[0]
    assert re.findall(r'name="chosen" value="(\d+)"', way_back) == [str(ids["SEAL-35"]), str(ids["RESIN"])]
    assert 'name="state" value="yes"' in way_back
    again = asked | {"chosen": [ids["RESIN"], ids["SEAL-40"]], "state": "yes"}
    partly = text_of(client.post(where, again, follow=True))
    assert "1 item is in use again." in partly
    assert (
        'name="chosen" value' not in partly.partition("toast-note")[2]
    )  # one was in use before, and stays so
    assert retired() == ["SEAL-35"]
    assert shop.client("auditor").post(where, again).status_code == 403
    assert 'name="chosen"' not in text_of(shop.client("auditor").get(shop.url("items")))
    assert client.post(where, asked | {"state": "gone"}).status_code == 400
    assert new_shop().client("planner").post(where, asked).status_code == 404
    assert client.get(where).status_code == 405
    assert retired() == ["SEAL-35"]


def test_chosen_lots_get_a_status_together(shop: Shop):
    for code in ("L-1", "L-2", "L-3"):
        shop.receive("RESIN", 5, "2.00", lot_code=code)
    client = shop.client("warehouse")
    shown = client.get(shop.url("lots"))
    ids = {row["code"]: row["id"] for row in shown.context["table"].rows}
    assert f'name="chosen" value="{ids["L-1"]}"' in text_of(shown)
    asked = {"chosen": [ids["L-1"], ids["L-3"]], "status": "1", "back": shop.url("lots")}
    seen = text_of(client.post(shop.url("lots/status"), asked, follow=True))
    assert "2 lots are now “Quarantined”." in seen

    def statuses() -> list[int]:
        return [row["status"] for row in client.get(shop.url("lots")).context["table"].rows]

    assert statuses() == [1, 0, 1]
    assert 'name="chosen"' not in text_of(shop.client("auditor").get(shop.url("lots")))
    assert shop.client("auditor").post(shop.url("lots/status"), asked | {"status": "0"}).status_code == 403
    assert client.post(shop.url("lots/status"), asked | {"status": "77"}).status_code == 400
    other = new_shop().client("warehouse")
    assert other.post(shop.url("lots/status"), asked | {"status": "0"}).status_code == 404
    assert statuses() == [1, 0, 1]


def test_a_changed_status_can_be_taken_back_from_the_message(shop: Shop):
    shop.receive("RESIN", 5, "2.00", lot_code="L-1")
    client = shop.client("warehouse")
    [row] = client.get(shop.url("lots")).context["table"].rows
    here = shop.url(f"lots/{row['id']}")
    seen = text_of(client.post(here, {"status": "2"}, follow=True))
    assert f'<form method="post" action="{here}">' in seen
    assert '<input type="hidden" name="status" value="0">' in seen


def test_lists_are_sorted_either_way_a_page_at_a_time(shop: Shop):
    drafts = [ItemDraft(f"N-{number:03}", f"Nut {999 - number}") for number in range(120)]
    items.create_items(company_id=shop.company_id, actor_id=shop.admin_id, items=drafts)
    client = shop.client("planner")
    for query, expected in (
        ("q=nut", [draft.sku for draft in drafts]),
        ("q=nut&sort=-sku", [draft.sku for draft in reversed(drafts)]),
        ("q=nut&sort=name", [draft.sku for draft in reversed(drafts)]),
        ("q=nut&sort=-name", [draft.sku for draft in drafts]),
    ):
        seen: list[str] = []
        address: str | None = shop.url(f"items?{query}")
        while address:
            shown = client.get(address).context["table"]
            seen += [row["sku"] for row in shown.rows]
            address = shown.next_url or None
        assert seen == expected, query
    content = client.get(shop.url("items?q=nut&sort=-sku&cols=name&export=csv")).content.decode("utf-8-sig")
    assert [line.split(",")[0] for line in content.splitlines()][:3] == ["SKU", "N-119", "N-118"]


def test_a_whole_list_is_sorted_by_any_of_its_columns(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    client = shop.client("controller")

    def closings(query: str) -> list[int]:
        return [
            row.closing for row in client.get(shop.url(f"finance/trial-balance{query}")).context["table"].rows
        ]

    assert closings("?sort=closing") == sorted(closings(""))
    assert closings("?sort=-closing") == sorted(closings(""), reverse=True)
    assert closings("?sort=nonsense") == closings("")


def test_a_document_can_be_taken_back_from_the_message(shop: Shop):
    client = shop.client("administrator")
    recorded = shop.receive("SEAL-35", 5, "2.00")
    form = {
        "effective_at": "2026-03-02T13:00",
        "idempotency_key": "k-1",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-item": "SEAL-35",
        "lines-0-qty": "3",
        "lines-0-to_location": "A-1",
        "lines-0-unit_cost": "2",
    }
    seen = text_of(client.post(shop.url("stock/documents/new/receipt"), form, follow=True))
    assert shop.on_hand("SEAL-35") == 8
    undo = re.search(r'<form method="post" action="([^"]+/reverse)">(.*?)</form>', seen)
    assert undo is not None
    assert not undo[1].endswith(f"/{recorded.documents[0].document_id}/reverse")
    fields = {n: unescape(v) for n, v in re.findall(r'name="(\w+)" value="([^"]*)"', undo[2])}
    for status in (302, 422):  # asked again, there is nothing left to take back
        assert client.post(undo[1], fields).status_code == status
        assert shop.on_hand("SEAL-35") == 5
