"""Lists: search, filters, pages, days past, and files that hold exactly what is shown."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook
from tests.web.depot import new_depot
from tests.web.shop import NOON, Shop, text_of, this_day, unique

from wherewithal.items import services as items
from wherewithal.items.values import ItemDraft
from wherewithal.kit import db
from wherewithal.parties import services as parties
from wherewithal.parties.values import PartyDraft
from wherewithal.people import services as people
from wherewithal.stock import services as stock_services
from wherewithal.stock.services import ReservationDraft
from wherewithal.web import export, later, tables


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_search_and_filters_narrow_the_list_and_show_as_chips(shop: Shop):
    client = shop.client("planner")
    seen = text_of(client.get(shop.url("items?q=resin")))
    assert "Epoxy resin" in seen
    assert "Motor 5.5 kW" not in seen
    assert "Remove the filter “resin”" in seen
    narrowed = text_of(client.get(shop.url("items?kind=raw_material&tracking=1")))
    assert "RESIN" in narrowed
    assert "SEAL-35" not in narrowed
    assert "Kind: Raw material" in narrowed


def test_nothing_found_is_told_from_nothing_there(shop: Shop):
    client = shop.client("planner")
    assert "Nothing matches" in text_of(client.get(shop.url("items?q=zebra")))
    assert "No moves yet" in text_of(client.get(shop.url("stock/moves")))


def test_unknown_filters_and_places_are_ignored(shop: Shop):
    client = shop.client("planner")
    for query in (
        "kind=nonsense",
        "after=%%%",
        "after=WzEsMl0",
        "sort=drop",
        "category=99999999999999",
        "from=x",
    ):
        for path in ("items", "stock/moves", "stock/on-hand", "lots", "stock/locations"):
            assert client.get(shop.url(f"{path}?{query}")).status_code == 200, (path, query)


@pytest.mark.parametrize("odd", ["%00", "%F0%9F%92%A9", "'; DROP TABLE x; --", "%25", "a" * 5000, "\\"])
def test_odd_searches_find_nothing_and_break_nothing(shop: Shop, odd: str):
    client = shop.client("controller")
    for path in ("items", "lots", "stock/locations", "find"):
        name = "text" if path == "find" else "q"
        assert client.get(shop.url(f"{path}?{name}={odd}")).status_code == 200
    for name in ("item", "location"):
        assert client.get(shop.url(f"stock/moves?{name}={odd}")).status_code == 200


def test_pages_follow_each_other_without_gap_or_overlap(shop: Shop):
    drafts = [ItemDraft(f"N-{number:03}", f"Nut {number}") for number in range(120)]
    items.create_items(company_id=shop.company_id, actor_id=shop.admin_id, items=drafts)
    client = shop.client("planner")
    seen: list[str] = []
    address: str | None = shop.url("items?q=nut")
    while address:
        shown = client.get(address).context["table"]
        seen += [row["sku"] for row in shown.rows]
        address = shown.next_url or None
    assert seen == [draft.sku for draft in drafts]


def test_a_csv_holds_all_rows_of_the_shown_list(shop: Shop):
    drafts = [ItemDraft(f"N-{number:03}", f"=Nut {number}") for number in range(120)]
    items.create_items(company_id=shop.company_id, actor_id=shop.admin_id, items=drafts)
    response = shop.client("planner").get(shop.url("items?q=nut&export=csv"))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = read_csv(response.content)
    assert rows[0][:2] == ["SKU", "Name"]
    assert [row[0] for row in rows[1:]] == [draft.sku for draft in drafts]
    assert rows[1][1] == "'=Nut 0"  # a spreadsheet must not run it


def test_an_xlsx_holds_figures_as_figures(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    response = shop.client("controller").get(shop.url("finance/valuation?export=xlsx"))
    [head, row] = (
        CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    )
    assert dict(zip(head, row, strict=True)) | {"Category": ""} == {
        "SKU": "SEAL-35",
        "Name": "Shaft seal 35x52x7",
        "Category": "",
        "Quantity": 48,
        "Unit": "pcs",
        "At cost, EUR": 120,
        "Write-down, EUR": 0,
        "Carrying amount, EUR": 120,
    }


def test_a_past_day_shows_what_was_there_then(shop: Shop):
    shop.receive("SEAL-35", 10, "2.00", at=NOON)
    shop.receive("SEAL-35", 5, "2.00", at=NOON + timedelta(days=10))
    client = shop.client("controller")

    def quantity(query: str) -> list[int]:
        return [row.qty for row in client.get(shop.url(f"stock/on-hand?{query}")).context["table"].rows]

    assert quantity("") == [15]
    assert quantity("as_of=2026-03-05") == [10]
    assert quantity("as_of=2026-03-01") == []
    assert quantity("known_at=2020-01-01") == []


def test_links_carry_book_and_dates(shop: Shop):
    shop.receive("SEAL-35", 10, "2.00")
    seen = text_of(shop.client("controller").get(shop.url("stock/on-hand?as_of=2026-03-05")))
    item = shop.url(f"items/{shop.item_ids['SEAL-35']}?as_of=2026-03-05")
    assert f'href="{item}"' in seen
    assert "As of 5 Mar 2026" in seen
    assert f'href="{shop.url("finance/balance-sheet?as_of=2026-03-05")}"' in seen


def test_pickers_find_by_code_name_and_barcode(shop: Shop):
    client = shop.client("warehouse")

    def options(path: str, text: str) -> str:
        return text_of(
            client.get(shop.url(path), {"lines-0-item": text}, headers={"HX-Trigger-Name": "lines-0-item"})
        )

    for text in ("SEAL-35", "seal-35", "shaft 35x", "4006381333931"):
        assert 'data-value="SEAL-35"' in options("pick/item", text), text
    assert 'data-value="A-1"' in options("pick/location", "bin a 1")
    assert 'data-value="NORDIC"' in options("pick/party?role=supplier", "nordic")
    assert "Nothing found" in options("pick/item", "zebra")


def test_the_search_box_finds_items_lots_documents_and_places(shop: Shop):
    result = shop.receive("RESIN", 5, "2.00", lot_code="LOT-77")
    client = shop.client("controller")
    number = result.documents[0].number

    def found(text: str) -> str:
        return text_of(client.get(shop.url("find"), {"text": text}))

    def leads_to(path: str) -> str:
        return f'href="{shop.url(path)}"'

    assert leads_to(f"items/{shop.item_ids['RESIN']}") in found("epoxy")
    assert "LOT-77" in found("LOT-7")
    assert leads_to(f"stock/documents/{result.documents[0].document_id}") in found(number)
    assert leads_to(f"stock/locations/{shop.location_ids['A-1']}") in found("A-1")


def test_the_list_of_items_says_how_much_there_is(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    shown = read_csv(shop.client("planner").get(shop.url("items?q=seal&export=csv")).content)
    assert shown[0] == [
        "SKU",
        "Name",
        "Kind",
        "Category",
        "Tracking",
        "On hand",
        "Unit",
        "Available",
        "Unit",
        "State",
    ]
    assert shown[1][5:9] == ["48", "pcs", "48", "pcs"]
    assert read_csv(shop.client("planner").get(shop.url("items?q=resin&export=csv")).content)[1][5] == "0.000"


def test_a_lot_past_its_day_is_listed_as_expired_unless_it_is_blocked(shop: Shop):
    today = this_day()
    for code, expires in (
        ("OLD", today - timedelta(days=1)),
        ("LAST-DAY", today),
        ("RECALLED", today - timedelta(days=9)),
    ):
        shop.receive("RESIN", 1, "1.00", lot_code=code, expires_on=expires)
    client = shop.client("controller")
    ids = {row["code"]: row["id"] for row in client.get(shop.url("lots")).context["table"].rows}
    client.post(shop.url("lots/status"), {"chosen": ids["RECALLED"], "status": "3"})

    def listed(status: str) -> list[str]:
        return [row["code"] for row in client.get(shop.url(f"lots?status={status}")).context["table"].rows]

    assert (listed("0"), listed("3"), listed("4")) == (["LAST-DAY"], ["RECALLED"], ["OLD"])
    rows = read_csv(client.get(shop.url("lots?export=csv")).content)
    assert {row[0]: row[rows[0].index("Status")] for row in rows[1:]} == {
        "OLD": "Expired",
        "LAST-DAY": "Available",
        "RECALLED": "Recalled",
    }


def test_goods_on_hand_lead_to_the_forms_that_move_them(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    begins = {
        kind: shop.url(f"stock/documents/new/{kind}?item=SEAL-35&{place}=A-1")
        for kind, place in (
            ("issue", "from_location"),
            ("transfer", "from_location"),
            ("adjustment", "to_location"),
        )
    }

    def offered(role: str, query: str = "") -> list[str]:
        seen = unescape(text_of(shop.client(role).get(shop.url(f"stock/on-hand{query}"))))
        return [kind for kind, address in begins.items() if f'"{address}"' in seen]

    assert offered("administrator") == ["issue", "transfer", "adjustment"]
    assert offered("auditor") == []
    assert offered("administrator", "?as_of=2026-03-05") == []
    for address in begins.values():
        begun = text_of(shop.client("administrator").get(address))
        assert 'value="SEAL-35"' in begun
        assert 'value="A-1"' in begun


def test_the_age_of_stock_is_narrowed_to_a_category_or_an_item(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    shop.receive("RESIN", 1, "1.00", lot_code="L-1")
    client = shop.client("controller")

    def listed(query: str) -> list[str]:
        return [
            age.sku for age, _value in client.get(shop.url(f"stock/ageing?{query}")).context["table"].rows
        ]

    assert listed("") == ["RESIN", "SEAL-35"]
    assert listed("item=SEAL-35") == ["SEAL-35"]
    assert listed("item=NOWHERE") == []
    assert listed("sort=-sku") == ["SEAL-35", "RESIN"]
    assert listed("q=epoxy") == listed("q=res&sort=-sku") == ["RESIN"]
    [[spares]] = [
        [value for value, label in one.choices if str(label).endswith("Spares")]
        for one in client.get(shop.url("stock/ageing")).context["table"].filters
        if one.name == "category"
    ]
    assert listed(f"category={spares}") == ["RESIN", "SEAL-35"]


def test_what_is_called_so_comes_before_what_is_nearly_called_so(shop: Shop):
    items.create_items(
        company_id=shop.company_id, actor_id=shop.admin_id, items=[ItemDraft("SENT-1", "Sent parcel")]
    )
    client = shop.client("administrator")

    def first(text: str) -> tuple[str, str]:
        group = client.get(shop.url(f"find?text={text}")).context["groups"][0]
        return str(group.label), str(group.found[0].label)

    assert first("send") == ("Do", "Send")
    assert first("sent") == ("Items", "SENT-1")
    assert first("seal-35") == ("Items", "SEAL-35")
    assert first("receive") == ("Do", "Receive")
    assert first("receipt") == ("Do", "Receive")
    assert first("count") == ("Do", "Adjust or count")


def test_in_a_large_company_what_adds_up_everything_follows(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """The page comes at once with a place that fetches its sums; asked for, they are those of a small company's page."""
    depot = new_depot(shop)
    depot.buy("12000.00", "2026-01-01")
    shop.receive("SEAL-35", 10, "2.00")
    day = shop.moves()[0].effective_on.isoformat()
    client = shop.client("administrator")
    paths = (
        f"finance/valuation?as_of={day}",
        f"?as_of={day}",
        "assets/reports/roll-forward?to=2026-12-31",
        "assets/forecast?years=2",
    )
    whole = [text_of(client.get(shop.url(path))) for path in paths]
    assert not any("told=1" in page for page in whole)
    monkeypatch.setattr(later, "LARGE_MOVES", 1)
    monkeypatch.setattr(later, "LARGE_ASSETS", 1)
    for path, before in zip(paths, whole, strict=True):
        at_once = text_of(client.get(shop.url(path)))
        href = re.search(r'id="told"[^>]*><div hx-get="([^"]*told=1[^"]*)" hx-trigger="load"', at_once)
        assert href, path
        assert 'role="status"' in at_once
        figure = "20.00" if "as_of" in path else "12,000.00"
        told = text_of(client.get(unescape(href[1])))
        assert figure in part_of(told)
        assert figure not in at_once.partition('id="told"')[2].partition("</noscript>")[0]
        assert part_of(told) == part_of(before)
        assert (
            'name="told"' not in told.partition('id="told"')[0]
        )  # no way of the frame asks for everything at once
    now = text_of(client.get(shop.url("finance/valuation")))
    assert "told=1" not in now  # the present stands ready
    narrowed = client.get(shop.url("assets/reports/roll-forward"), headers={"HX-Request": "true"})
    assert "told=1" not in text_of(narrowed)
    monkeypatch.setattr(later, "LARGE_MOVES", 1_000)
    assert "told=1" not in text_of(client.get(shop.url(paths[0])))
    assert shop.client("warehouse").get(shop.url(f"{paths[0]}&told=1")).status_code == 403


def part_of(page: str) -> str:
    """What the figures of a part say, without the addresses of links, which name what was asked for."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition('id="told"')[2].partition("<footer")[0]).split())


def pages_of(client: Client, address: str | None, name: Callable[[Any], str]) -> list[str]:
    """What the rows of all pages are called, page after page."""
    seen: list[str] = []
    while address:
        shown = client.get(address).context["table"]
        seen += [name(row) for row in shown.rows]
        address = shown.next_url or None
    return seen


def test_goods_on_hand_come_in_any_order_page_by_page_and_as_a_file(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    today = this_day()
    shop.receive("SEAL-35", 48, "2.50")
    shop.receive("SEAL-35", 7, "2.50", to_location_id=shop.location_ids["A-2"])
    shop.receive("SEAL-40", 7, "1.00")
    shop.receive("SEAL-40", 48, "1.00", to_location_id=shop.location_ids["A-2"])
    for code, days, qty in (("L-2", 9, 7), ("L-1", 5, 8), ("L-3", -3, 48)):
        shop.receive("RESIN", qty, "1.00", lot_code=code, expires_on=today + timedelta(days=days))
    client = shop.client("controller")
    monkeypatch.setattr(tables, "PAGE_ROWS", 2)  # what is equal lies on two pages
    monkeypatch.setattr(export, "EXPORT_PAGE_ROWS", 3)

    def listed(query: str) -> list[str]:
        address = shop.url(f"stock/on-hand?{query}")
        rows = pages_of(client, address, lambda row: f"{row.sku} {row.location_code} {row.lot_code}".strip())
        assert len(set(rows)) == len(rows)
        if "sort=-" not in query:
            return rows  # the file of each order is read the other way round
        file = read_csv(client.get(f"{address}&export=csv").content)
        head, lines = file[0], file[1:]
        names = [head.index(name) for name in ("SKU", "Location", "Lot or serial") if name in head]
        assert [" ".join(line[at] for at in names).strip() for line in lines] == rows
        return rows

    by_sku = ["RESIN A-1", "SEAL-35 A-1", "SEAL-35 A-2", "SEAL-40 A-1", "SEAL-40 A-2"]
    assert listed("") == by_sku
    assert listed("sort=-sku") == by_sku[::-1]
    assert listed("sort=name") == by_sku
    assert listed("sort=-name") == by_sku[::-1]
    by_place = ["RESIN A-1", "SEAL-35 A-1", "SEAL-40 A-1", "SEAL-35 A-2", "SEAL-40 A-2"]
    assert listed("sort=location") == by_place
    assert listed("sort=-location") == by_place[::-1]
    by_qty = ["SEAL-35 A-2", "SEAL-40 A-1", "SEAL-35 A-1", "SEAL-40 A-2", "RESIN A-1"]  # 7, 7, 48, 48, 63.000
    assert listed("sort=qty") == by_qty
    assert listed("sort=-qty") == by_qty[::-1]
    assert listed("sort=qty&as_of=2026-03-05") == by_qty
    assert listed("sort=-qty&q=seal") == by_qty[-2::-1]
    assert listed("sort=-qty&q=shaft+seal+35&location=A-1") == ["SEAL-35 A-1"]
    assert listed("q=4006381333931&sort=qty") == ["SEAL-35 A-2", "SEAL-35 A-1"]  # its barcode
    by_free = [
        "SEAL-35 A-2",
        "SEAL-40 A-1",
        "RESIN A-1",
        "SEAL-35 A-1",
        "SEAL-40 A-2",
    ]  # 48 of the resin expired
    assert listed("sort=available") == by_free
    assert listed("sort=-available") == by_free[::-1]
    assert listed("detail=item&sort=-qty") == ["RESIN", "SEAL-40", "SEAL-35"]
    lots = ["RESIN A-1 L-3", "RESIN A-1 L-1", "RESIN A-1 L-2"]
    assert listed("detail=lot&sort=expires") == lots + by_sku[1:]
    assert listed("detail=lot&sort=-expires") == (lots + by_sku[1:])[::-1]
    assert listed("detail=lot&sort=lot") == by_sku[1:] + sorted(lots)
    head = text_of(client.get(shop.url("stock/on-hand?sort=-qty&q=seal")))
    assert re.search(r'aria-sort="descending"><a href="[^"]*sort=qty[^"]*"[^>]*>On hand', head)
    assert re.search(r'aria-sort="none"><a href="[^"]*sort=name[^"]*q=seal', head)
    monkeypatch.setattr(later, "LARGE_MOVES", 1)
    past = shop.url("stock/on-hand?as_of=2026-03-05&sort=qty")
    assert re.search(r'id="told"[^>]*><div hx-get="[^"]*told=1', text_of(client.get(past)))
    assert 'id="on-hand-results"' in text_of(client.get(past, headers={"HX-Request": "true"}))
    assert listed("as_of=2026-03-05") == by_sku


def test_parties_come_by_code_and_by_name(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    named = (("Z-1", "Äpfel"), ("Z-2", "apfel"), ("A-1", "Zeta"), ("B-1", "APFEL"))
    parties.create_parties(
        company_id=shop.company_id,
        actor_id=shop.admin_id,
        parties=[PartyDraft(code=code, name=name, is_supplier=True, country="DE") for code, name in named],
    )
    client = shop.client("planner")
    monkeypatch.setattr(tables, "PAGE_ROWS", 2)
    monkeypatch.setattr(export, "EXPORT_PAGE_ROWS", 2)

    def listed(query: str) -> list[str]:
        address = shop.url(f"parties?{query}")
        rows = pages_of(client, address, lambda row: row["code"])
        assert [line[0] for line in read_csv(client.get(f"{address}&export=csv").content)[1:]] == rows
        return rows

    by_code = ["A-1", "B-1", "LINDAU", "NORDIC", "Z-1", "Z-2"]
    assert listed("") == by_code
    assert listed("sort=-code") == by_code[::-1]
    by_name = ["Z-1", "Z-2", "B-1", "NORDIC", "LINDAU", "A-1"]  # equal names as they were added
    assert listed("sort=name") == by_name
    assert listed("sort=-name") == by_name[::-1]
    assert listed("part=supplier&sort=-name") == ["A-1", "NORDIC", "B-1", "Z-2", "Z-1"]
    assert listed("q=apf&sort=name") == by_name[:3]


def test_a_valuation_is_searched_and_comes_by_amount(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    shop.receive("SEAL-35", 10, "2.00")
    shop.receive("SEAL-40", 4, "5.00")
    shop.receive("RESIN", 3, "9.00", lot_code="L-1")
    day = shop.moves()[0].effective_on.isoformat()
    client = shop.client("controller")
    monkeypatch.setattr(tables, "PAGE_ROWS", 2)
    monkeypatch.setattr(export, "EXPORT_PAGE_ROWS", 2)

    def listed(query: str, total: str = "67") -> list[str]:
        address = shop.url(f"finance/valuation?{query}")
        rows = pages_of(client, address, lambda row: row.sku)
        file = read_csv(client.get(f"{address}&export=csv").content)
        assert [line[0] for line in file[1:]] == rows
        assert f"{total}.00" in client.get(address).context["table"].totals
        return rows

    assert listed("") == ["RESIN", "SEAL-35", "SEAL-40"]
    assert listed("sort=-sku") == ["SEAL-40", "SEAL-35", "RESIN"]
    assert listed("sort=carrying") == ["SEAL-35", "SEAL-40", "RESIN"]  # 20 twice, and 27
    assert listed("sort=-value") == ["RESIN", "SEAL-40", "SEAL-35"]
    assert listed("q=shaft&sort=-value", "40") == ["SEAL-40", "SEAL-35"]
    assert listed(f"as_of={day}&sort=-value") == ["RESIN", "SEAL-40", "SEAL-35"]
    assert listed(f"as_of={day}&q=seal+40", "20") == ["SEAL-40"]
    table = client.get(shop.url("finance/valuation")).context["table"]
    [category] = [each for each in table.filters if each.name == "category"]
    [spares] = [value for value, label in category.choices if str(label).endswith("Spares")]
    assert listed(f"category={spares}&sort=value&by=posting") == ["SEAL-35", "SEAL-40", "RESIN"]
    monkeypatch.setattr(later, "LARGE_MOVES", 1)
    assert "aria-sort" in text_of(client.get(shop.url("finance/valuation")))
    assert shop.client("warehouse").get(shop.url("finance/valuation?sort=value")).status_code == 403


def test_people_and_jobs_come_in_the_order_that_is_asked_for(shop: Shop):
    client = shop.client("administrator")
    for name in ("Bo", "Al"):
        user_id = people.create_user(username=unique("worker"), password=None, name=name)
        people.add_member(company_id=shop.company_id, user_id=user_id, roles=["warehouse"])

    def listed(query: str) -> list[str]:
        return pages_of(client, shop.url(f"people?{query}"), lambda row: row.name)

    named = [name for name in listed("sort=name") if name]
    assert named == ["Al", "Bo", "Dana Demo"]
    assert [name for name in listed("sort=-name") if name] == named[::-1]
    assert [name for name in listed("role=warehouse&sort=-user") if name] == ["Al", "Bo"]
    file = read_csv(client.get(shop.url("people?sort=-name&export=csv")).content)
    assert [line[1] for line in file[1:] if line[1]] == named[::-1]
    with db.company_transaction(company_id=shop.company_id):
        for kind, begun in (("verify", "2026-03-02"), ("import", "2026-03-04"), ("verify", "2026-03-03")):
            db.execute(
                "INSERT INTO kit_job (company_id, kind, arguments, state, created_at, started_at, finished_at)"
                " VALUES (%s, %s, '{\"import_id\": 1}', 'done', %s, %s, %s)",
                (shop.company_id, kind, begun, begun, begun),
            )

    def begun(query: str) -> list[str]:
        return pages_of(
            client, shop.url(f"jobs?{query}"), lambda row: f"{row['kind']} {row['started_at']:%d}"
        )

    assert begun("") == ["import 04", "verify 03", "verify 02"]
    assert begun("sort=begun") == ["verify 02", "verify 03", "import 04"]
    assert begun("sort=job&kind=verify")[1:] == begun("sort=-begun&kind=verify")[1:] == ["verify 02"]
    assert shop.client("warehouse").get(shop.url("people?sort=name")).status_code == 403


def test_moves_claims_and_what_expires_come_in_the_order_that_is_asked_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    today = this_day()
    for day, sku, qty in (
        (3, "SEAL-40", 5),
        (1, "SEAL-35", 7),
        (3, "SEAL-35", 2),
        (2, "SEAL-40", 1),
        (9, "SEAL-35", 4),
    ):
        shop.receive(sku, qty, "2.00", at=NOON + timedelta(days=day))
    for code, days in (("L-2", 9), ("L-1", 5), ("L-3", -3)):
        shop.receive("RESIN", 1, "1.00", lot_code=code, expires_on=today + timedelta(days=days))
    place = shop.location_ids["A-1"]
    for number, sku in enumerate(("SEAL-40", "SEAL-35", "SEAL-40")):
        stock_services.reserve(
            company_id=shop.company_id,
            actor_id=shop.admin_id,
            idempotency_key=f"claim-{number}",
            lines=[ReservationDraft(item_id=shop.item_ids[sku], location_id=place, qty=Decimal(number + 1))],
            reference="SO",
            now=datetime.now(UTC),
            today=today,
        )
    client = shop.client("controller")
    monkeypatch.setattr(tables, "PAGE_ROWS", 2)

    def listed(path: str, name: Callable[[Any], str]) -> list[str]:
        return pages_of(client, shop.url(path), name)

    kind = shop.moves()[0].kind
    entered = ["SEAL-35 4", "SEAL-40 1", "SEAL-35 2", "SEAL-35 7", "SEAL-40 5"]
    by_day = ["SEAL-35 7", "SEAL-40 1", "SEAL-40 5", "SEAL-35 2", "SEAL-35 4"]  # at one moment as entered
    within = f"stock/moves?kind={kind}&from=2026-03-01"
    seals = lambda row: f"{row.sku} {row.qty}"  # noqa: E731
    assert [one for one in listed(within, seals) if "SEAL" in one] == entered
    assert [one for one in listed(f"{within}&sort=when", seals) if "SEAL" in one] == by_day
    assert [one for one in listed(f"{within}&sort=-when", seals) if "SEAL" in one] == by_day[::-1]
    only = f"{within}&item=SEAL-35&location=A-1&to=2026-03-10"
    assert listed(f"{only}&sort=when", seals) == ["SEAL-35 7", "SEAL-35 2"]
    file = read_csv(client.get(shop.url(f"{only}&sort=-when&export=csv")).content)
    assert [line[file[0].index("Quantity")] for line in file[1:]] == ["2", "7"]
    assert client.get(shop.url("stock/moves?sort=when&after=WyJ4IiwxXQ")).status_code == 200  # ["x", 1]

    claim = lambda row: f"{row.sku} {row.qty}"  # noqa: E731
    assert listed("stock/reservations?", claim) == ["SEAL-40 3", "SEAL-35 2", "SEAL-40 1"]
    assert listed("stock/reservations?sort=since", claim) == ["SEAL-40 1", "SEAL-35 2", "SEAL-40 3"]
    assert listed("stock/reservations?sort=item", claim) == ["SEAL-35 2", "SEAL-40 1", "SEAL-40 3"]
    assert listed("stock/reservations?sort=-item", claim) == ["SEAL-40 3", "SEAL-40 1", "SEAL-35 2"]

    lot = lambda row: row.lot_code  # noqa: E731
    assert listed("stock/expiry?", lot) == ["L-3", "L-1", "L-2"]
    assert listed("stock/expiry?sort=-expires", lot) == ["L-2", "L-1", "L-3"]
    assert listed("stock/expiry?sort=item", lot) == ["L-3", "L-1", "L-2"]
    assert listed("stock/expiry?sort=-item", lot) == ["L-2", "L-1", "L-3"]


def test_the_audit_trail_names_what_a_change_refers_to(shop: Shop):
    shop.receive("RESIN", 1, "1.00", lot_code="LOT-77")
    client = shop.client("auditor")
    seen = text_of(client.get(shop.url("trail?table=items_lot")))
    resin = shop.item_ids["RESIN"]
    assert f'<span class="soft">item</span> <a href="{shop.url(f"items/{resin}")}">RESIN</a>' in seen
    bins = read_csv(
        client.get(shop.url(f"trail?table=stock_location&row={shop.location_ids['A-1']}&export=csv")).content
    )
    assert "above it:  -> MAIN" in bins[1][-1]
    assert "warehouse:  -> MAIN" in bins[1][-1]
    items_file = read_csv(client.get(shop.url(f"trail?table=items_item&row={resin}&export=csv")).content)
    [written] = [line[-1] for line in items_file[1:]]
    assert "category:  -> Spares" in written
    assert "base unit:  -> kg" in written
    with CaptureQueriesContext(connection) as few:
        client.get(shop.url(f"trail?table=items_item&row={resin}"))
    with CaptureQueriesContext(connection) as many:
        client.get(shop.url("trail?table=items_item"))
    assert len(many) == len(few)
