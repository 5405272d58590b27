"""How long do pages take? Every kind of page over a million moves and a hundred thousand assets, as its server answers it.

Each page that can be read is asked some times, for different things, with its filters, orders and past days. Where a page
leaves what adds up everything to a request of its own (web/later.py, the charts of the home page), the page is what
counts for the goal, and the part that follows is said apart.
"""

import datetime
import logging
import statistics
import time
from datetime import UTC

from django.contrib.auth import get_user_model
from django.test import Client

from bench.firm import Firm, firm
from bench.goods import administrator
from bench.harness import Report, Result
from wherewithal.people import services as people
from wherewithal.site.serve import collect_static
from wherewithal.web.urls import of_company

ROUNDS = 3
LIMIT_MS = 200.0
FIND_MS = 100.0
PAST = datetime.timedelta(days=465)
SHOWN = 8  # of the slowest pages

# Relative to the company's address; {names} stand for ids, of which each round takes others.
GOODS = """
|?as_of={past}|stock/on-hand|stock/on-hand?detail=item|stock/on-hand?detail=lot|stock/on-hand?location=S3
stock/on-hand?location=S3-04|stock/on-hand?item={sku}|stock/on-hand?below=yes|stock/on-hand?as_of={past}
stock/on-hand?detail=item&as_of={past}|stock/on-hand?detail=lot&as_of={past}|stock/on-hand?location=S3&as_of={past}
stock/on-hand?as_of={before}|stock/on-hand?known_at={known}|stock/moves|stock/moves?item={sku}|stock/moves?location=S3
stock/moves?location=S3-04|stock/moves?sort=when|stock/moves?sort=-when|stock/moves?to={past}|stock/moves?from={past}&to={past}|stock/moves?as_of={past}
stock/moves?known_at={known}|stock/moves?kind=3|stock/moves?kind=7|stock/moves/{move}|stock/moves/{move}/why
stock/documents|stock/documents?kind=receipt|stock/documents?kind=scrap|stock/documents?q=PO-42
stock/documents?as_of={past}|stock/documents/{document}|stock/documents/{largest}|stock/documents/{document}/reverse
stock/documents/new/receipt|stock/documents/new/issue|stock/documents/new/transfer|stock/documents/new/adjustment
stock/documents/new/landed_cost|stock/transit|stock/ageing|stock/expiry|stock/reservations|stock/reservations/new
stock/on-hand?sort=name|stock/on-hand?sort=-qty|stock/on-hand?sort=location|stock/on-hand?q=bearing&sort=-qty|parties?sort=name
stock/ageing?q=bearing|stock/locations|stock/locations/new|stock/locations/{site}|stock/locations/{site}?show=map|stock/locations/{room}
stock/locations/{room}?as_of={past}|stock/locations/{site}?as_of={past}|stock/locations/{room}/change
items|items?q=bearing|items?q={sku}|items?sort=name|items?sort=-name|items?sort=-sku|items?category={category}|items/new
items/categories|items/categories/new|items/categories/{category}|items/units|items/{item}|items/{item}?as_of={past}
items/{item}/card|items/{item}/card?as_of={past}|items/{item}/card?known_at={known}|items/{item}/change
items/{item}/barcodes/new|items/{item}/why-so-much|items/{item}/why-this-value|items/{item}/why-this-value?as_of={past}
lots|lots?q=L004|lots/{lot}|lots/{lot}?as_of={past}|files/item/{item}/new|parties|parties?q=Party+42|parties/new
parties/{party}|parties/{party}/change
"""
ASSETS = """
assets|assets?q={tag}|assets?q=Press|assets?q=SN042|assets?sort=-tag|assets?sort=name|assets?sort=-name|assets?sort=class
assets?sort=-class|assets?sort=location|assets?sort=-location|assets?sort=in_service|assets?sort=-in_service
assets?sort=cost|assets?sort=-carrying|assets?class={class}|assets?class={class}&sort=-cost|assets?status=2
assets?there=0|assets?location=S3|assets?location=S3-04|assets?centre={centre}|assets?as_of={past}
assets?as_of={past}&q=Press|assets?as_of={past}&sort=name|assets?as_of={past}&sort=class|assets?as_of={past}&sort=cost
assets?as_of={past}&class={class}|assets?as_of={past}&location=S3|assets?as_of={past}&there=0|assets?known_at={known}
assets/new|assets/custody|assets/bookings|assets/bookings/new|assets/audits|assets/audits/new|assets/runs|assets/runs/{run}
assets/forecast|assets/scenarios|assets/scenarios/new|assets/budgets|assets/budgets/new|assets/reports
assets/reports/roll-forward|assets/reports/additions|assets/reports/disposals|assets/reports/tie-out
assets/reports/fully-depreciated|assets/reports/movements|assets/reports/comparison|assets/classes|assets/classes/new|assets/classes/{class}
assets/cost-centres|assets/cost-centres/new|assets/cost-centres/{centre}|assets/calendar|assets/packs|assets/unit
assets/parts-under-way|assets/from-stock|assets/{asset}|assets/{asset}?as_of={past}|assets/{asset}?known_at={known}
assets/{asset}/parts|assets/{asset}/schedule|assets/{asset}/schedule?by=period|assets/{asset}/why|assets/{asset}/trail
assets/{asset}/change|assets/{asset}/files/new|assets/{asset}/record|assets/{asset}/record/disposal
assets/{asset}/record/impairment|assets/{asset}/to-stock
"""
MONEY = """
finance/valuation|finance/valuation?sort=-value|finance/valuation?category={category}|finance/valuation?as_of={past}|finance/valuation?known_at={known}|finance/valuation?item={sku}
finance/valuation?item={sku}&as_of={past}|finance/entries|finance/entries?from={past}&to={past}|finance/entries?as_of={past}
finance/entries/new|finance/entries/{entry}|finance/entries/{entry}/reverse|finance/entries/{entry}/lines/1/why
finance/accounts/{account}|finance/accounts/{account}?as_of={past}|finance/accounts/{account}/why|finance/trial-balance
finance/trial-balance?as_of={past}|finance/trial-balance?known_at={known}|finance/balance-sheet
finance/balance-sheet?as_of={past}|finance/income-statement|finance/income-statement?as_of={past}|finance/books
finance/books?as_of={past}|finance/periods|finance/rates|finance/manual
"""
SETUP = """
setup|people|people/new|people/roles|tokens|api|jobs|backups|trail|company|company/accounts|company/accounts/change
company/accounts/new|company/change|company/books/new|costing|imports|verify|gallery|settings
"""
FOUND = """
find?text={sku}|find?text=bearing+steel|find?text=baering|find?text=vlave+stel|find?text={tag}|find?text=Press+4200
find?text=Pres+42x0|find?text=PO-420|find?text=zzzzqq|find?text=Party+42|find?text=L004-1|pick/item?text={sku}
pick/item?text=bearing+st|pick/location?text=S1|pick/receipt?text=RC|pick/party?text=Par|pick/account?text=1
pick/asset?text=A00|pick/asset?text=Press
"""
FOLLOWS = """
home/charts/value|home/charts/flow|home/charts/age|home/charts/expiry|home/charts/worth|home/charts/depreciation
?as_of={past}&told=1|finance/valuation?as_of={past}&told=1|finance/valuation?known_at={known}&told=1|assets?sums=1
assets?as_of={past}&sums=1|assets?sort=cost&told=1|assets?as_of={past}&sort=class&told=1|assets/forecast?told=1
assets/reports/roll-forward?told=1|assets/reports/additions?told=1|assets/reports/tie-out?told=1
"""
NOT_ASKED = {
    # What only writes, what this company has nothing of, and what no person reads.
    "view_save", "view_delete", "document_about", "reservation_release", "lots_status",
    "items_state", "reservations_release", "file_show", "file_remove",
 "asset_booking_cancel", "asset_audit", "asset_audit_close", "asset_year_test", "run_job",
    "asset_scenario_change", "asset_scenario", "asset_scenario_copy", "asset_scenario_add", "asset_scenario_remove",
    "asset_budget", "asset_classes_install", "asset_pack", "asset_to_company", "asset_charge_why", "asset_file",
    "asset_file_remove", "asset_take_back", "sample", "member", "token_revoke", "api_operation", "backup_file",
    "period_change", "account_change", "book_change", "costing_decide", "import_job", "import_load", "verify_run",
    "logo", "logo_change", "logo_remove", "pick_lot",
}  # fmt: skip


def listed(text: str) -> list[str]:
    return [page.strip() for page in text.strip("\n").replace("\n", "|").split("|")]


PAGES = listed(GOODS) + listed(ASSETS) + listed(MONEY) + listed(SETUP)


def run(report: Report) -> None:
    began = time.perf_counter()
    made = firm(report.say, today=datetime.datetime.now(UTC).date())
    report.say(f"the company stands after {time.perf_counter() - began:.0f} s")
    logging.getLogger("wherewithal.request").setLevel(logging.WARNING)
    collect_static(report.say)
    client = _reader(made)
    named = {str(pattern.name) for pattern in of_company}
    for page in PAGES[:3]:
        client.get(f"/c/{made.code}/{page.format(**_ids(made, 0))}")  # that the program is loaded
    asked: set[str] = set()
    pages = _ask(client, made, PAGES, asked)
    found = _ask(client, made, listed(FOUND), asked)
    follows = _ask(client, made, listed(FOLLOWS), asked)
    missing = named - asked - NOT_ASKED
    assert not missing, f"pages that are not measured: {', '.join(sorted(missing))}"
    size = "1,000,000 moves and 100,000 assets"
    over = sorted(page for page, times in {**pages, **found}.items() if _p95(times) > LIMIT_MS)
    _say(report, "slowest", pages)
    _say(report, "slowest look-ups", found)
    _say(report, "what follows a page", follows)
    if over:
        report.say(f"above {LIMIT_MS:.0f} ms: {', '.join(over)}")
    for name, what, times, limit in (
        ("pages_p95", f"95 of 100 visits of {len(pages)} pages, {size}", pages, LIMIT_MS),
        ("pages_find_p95", f"95 of 100 look-ups and finds of anything, {size}", found, FIND_MS),
    ):
        every = [each for one in times.values() for each in one]
        report.add(Result(name, what, _p95(every), limit, "the goal itself", 1.0, "ms"))
    slowest = max(map(statistics.median, pages.values()))
    report.add(
        Result("pages_slowest", f"the slowest page, {size}", slowest, LIMIT_MS, "the goal itself", 1.0, "ms")
    )


def _p95(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]


def _say(report: Report, what: str, times: dict[str, list[float]]) -> None:
    slowest = sorted(times, key=lambda page: -statistics.median(times[page]))[:SHOWN]
    told = ", ".join(f"{page or 'home'} {statistics.median(times[page]):.0f}" for page in slowest)
    report.say(f"{what} (ms): {told}")


def _reader(made: Firm) -> Client:
    user_id = people.create_user(username="reader", password=None)
    people.add_member(company_id=made.company_id, user_id=user_id, roles=["administrator"])
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(pk=user_id), "django.contrib.auth.backends.ModelBackend")
    return client


def _ask(client: Client, made: Firm, pages: list[str], asked: set[str]) -> dict[str, list[float]]:
    """Milliseconds of each page, once a round; the names of the pages are added to `asked`."""
    times: dict[str, list[float]] = {page: [] for page in pages}
    for number in range(ROUNDS):
        ids = _ids(made, number)
        for page in pages:
            address = f"/c/{made.code}/{page.format(**ids)}"
            headers = {"HX-Request": "true"} if page.startswith("find") else {}
            began = time.perf_counter()
            answer = client.get(address, headers=headers)
            times[page].append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, f"{address} answered {answer.status_code}"
            asked.add(str(answer.resolver_match.url_name))
    return times


def _ids(made: Firm, number: int) -> dict[str, object]:
    """Things to ask for: each round others, from all over the company."""
    part = (2 * number + 1) / (2 * ROUNDS)
    past = made.today - PAST - datetime.timedelta(days=100 * number)
    ids: dict[str, object] = {
        "past": past,
        "before": past.replace(year=past.year - 10),
        "known": datetime.datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "item": made.items[int(len(made.items) * part)],
    }
    with administrator() as connection:
        for name, query in {
            "sku": "SELECT sku FROM items_item WHERE id = %(item)s",
            "move": "SELECT move_id FROM stock_move ORDER BY move_id OFFSET %(moves)s LIMIT 1",
            "document": "SELECT document_id FROM stock_document ORDER BY document_id OFFSET %(documents)s LIMIT 1",
            "largest": "SELECT document_id FROM stock_document ORDER BY move_count DESC LIMIT 1",
            "site": "SELECT id FROM stock_location WHERE code = 'S3'",
            "room": "SELECT id FROM stock_location WHERE code = %(room)s",
            "category": "SELECT id FROM items_category WHERE code = 'K3'",
            "lot": "SELECT id FROM items_lot ORDER BY id OFFSET %(lots)s LIMIT 1",
            "party": "SELECT id FROM parties_party WHERE code = %(party)s",
            "tag": "SELECT tag FROM assets_asset ORDER BY tag OFFSET %(assets)s LIMIT 1",
            "asset": "SELECT id FROM assets_asset ORDER BY tag OFFSET %(assets)s LIMIT 1",
            "class": "SELECT id FROM assets_class WHERE code = 'VEH'",
            "centre": "SELECT id FROM assets_cost_centre WHERE code = 'C07'",
            "run": "SELECT max(run_id) FROM assets_run",
            "entry": "SELECT max(entry_id) FROM ledger_entry WHERE book_id = %(book)s",
            "account": "SELECT account_id FROM ledger_line GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
        }.items():
            row = connection.execute(
                query,
                {
                    "item": ids["item"],
                    "moves": int(1_000_000 * part),
                    "documents": int(90_000 * part),
                    "room": f"S3-{int(30 * part):02d}",
                    "lots": int(1_000 * part),
                    "party": f"P{int(400 * part):04d}",
                    "assets": int(100_000 * part),
                    "book": made.books[0],
                },
            ).fetchone()
            assert row is not None, name
            ids[name] = row[0]
    return ids
