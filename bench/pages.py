"""How long do pages take? Each page of the first layer through the whole application, as its server would answer it."""

import logging
import statistics
import time
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.test import Client

from bench.goods import Company, administrator
from bench.harness import Report, Result
from wherewithal.people import services as people
from wherewithal.site.serve import collect_static

ROUNDS = 5
LIMIT_MS = 200.0


def addresses(shop: Company) -> list[str]:
    """The lists, details and statements of a company, relative to its own address."""
    past = (shop.at - timedelta(days=100)).date()
    with administrator() as connection:
        row = connection.execute(
            "SELECT c.code, (SELECT max(move_id) FROM stock_move), (SELECT max(document_id) FROM stock_document),"
            " (SELECT max(entry_id) FROM ledger_entry), (SELECT min(account_id) FROM ledger_line)"
            " FROM ledger_company c WHERE c.id = %s",
            (shop.company_id,),
        ).fetchone()
    assert row is not None
    code, move, document, entry, account = row
    item = shop.items[7]
    pages = [
        "",
        "home/charts/value",
        "home/charts/flow",
        "home/charts/age",
        "home/charts/expiry",
        "find?q=I0042",
        "pick/item?q=I00",
        "items",
        "items?q=Item+42",
        f"items/{item}",
        f"items/{item}/card",
        f"items/{item}/card?as_of={past}",
        f"items/{item}/why-this-value",
        "lots",
        "stock/on-hand",
        f"stock/on-hand?as_of={past}",
        "stock/on-hand?detail=item",
        "stock/on-hand?location=B03",
        "stock/on-hand?item=I0042",
        "stock/on-hand?below=yes",
        "stock/moves",
        "stock/moves?item=I0042",
        "stock/moves?location=B03",
        f"stock/moves?to={past}",
        f"stock/moves?from={past}&to={past}",
        f"stock/moves/{move}",
        f"stock/moves/{move}/why",
        f"stock/documents/{document}",
        "stock/locations",
        "finance/valuation",
        f"finance/valuation?as_of={past}",
        "finance/entries",
        f"finance/entries/{entry}",
        f"finance/accounts/{account}",
        "finance/trial-balance",
        f"finance/trial-balance?as_of={past}",
        "finance/balance-sheet",
        f"finance/balance-sheet?as_of={past}",
    ]
    return [f"/c/{code}/{page}" for page in pages]


def measure_pages(report: Report, shop: Company, moves: int) -> None:
    """Milliseconds of every page, some times each, the first time included: the 95th in a hundred."""
    logging.getLogger("wherewithal.request").setLevel(logging.WARNING)
    collect_static(report.say)
    user_id = people.create_user(username="reader", password=None)
    people.add_member(company_id=shop.company_id, user_id=user_id, roles=["administrator"])
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(pk=user_id), "django.contrib.auth.backends.ModelBackend")
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for page in addresses(shop):
            began = time.perf_counter()
            answer = client.get(page)
            times.setdefault(page, []).append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, f"{page} answered {answer.status_code}"
    slowest = sorted(times, key=lambda page: -statistics.median(times[page]))[:5]
    report.say("slowest: " + ", ".join(f"{page} {statistics.median(times[page]):.0f} ms" for page in slowest))
    visits = sorted(each for one in times.values() for each in one)
    report.add(
        Result(
            f"pages_p95_{moves}",
            f"95 of 100 visits of {len(times)} pages, {moves:,} moves",
            visits[int(len(visits) * 0.95)],
            LIMIT_MS,
            "the goal itself",
            1.0,
            "ms",
        )
    )
