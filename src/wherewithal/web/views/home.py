"""Home: what waits for this person, and charts that answer what people ask first; each sees what is theirs.

The page itself asks only what is cheap at any size. Each chart comes by itself when it is scrolled to.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.kit.errors import NotFound, Problem
from wherewithal.ledger import queries as ledger
from wherewithal.people.permissions import require
from wherewithal.stock import queries as stock
from wherewithal.web import attention
from wherewithal.web.desk import Desk
from wherewithal.web.home_charts import CHARTS
from wherewithal.web.later import stock_later
from wherewithal.web.pages import page
from wherewithal.web.usual import remember_company


@page("stock.read")
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    sees_money = desk.may("ledger.read")
    latest = stock.list_documents(desk.company_id, limit=6)
    later = stock_later(request, desk) if sees_money else ""
    context = {
        "attention": attention.of(desk),
        "begins": desk.may("company.manage") and not latest,
        "latest": latest,
        "entries": _entries_today(desk) if sees_money else None,
        "charts": [
            (chart.title, desk.link("home_chart", key))
            for key, chart in CHARTS.items()
            if chart.shown_to(desk)
        ],
        "later": later,
        "total": _total(desk) if sees_money and not later else None,
    }
    answer = render(request, "web/home.html", context)
    remember_company(request, answer, desk)
    return answer


@page("stock.read", snapshot=False)
def home_chart(request: HttpRequest, desk: Desk, key: str) -> HttpResponse:
    """One chart, as a part of the page."""
    asked = CHARTS.get(key)
    if asked is None:
        raise NotFound(Problem("key", "exists", _("There is no such chart.")))
    for permission in asked.permissions:
        require(desk.actor, permission)
    with desk.reading():
        return render(request, "web/_home_chart.html", {"chart": asked.draw(desk)})


def _entries_today(desk: Desk) -> int:
    """Entries posted on the day shown; 100 stands for more."""
    found = ledger.journal(
        desk.company_id, desk.book_id, from_on=desk.day, to_on=desk.day, known_at=desk.known_at, limit=100
    )
    return len(found.entries)


def _total(desk: Desk) -> stock.ValuationTotal:
    return stock.valuation_total(
        desk.company_id, book_id=desk.book_id, as_of=desk.as_of, known_at=desk.known_at
    )
