"""Home: what needs attention, and charts that answer what people ask first; each person sees what is theirs."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.assets import queries as assets
from wherewithal.ledger import queries as ledger
from wherewithal.stock import queries as stock
from wherewithal.web import attention, formatting
from wherewithal.web.charts import Chart, Series, span
from wherewithal.web.desk import Desk
from wherewithal.web.pages import page

MONTHS_BACK = 24
WEEKS_BACK = 26
WEEKS_AHEAD = 26
CATEGORIES_SHOWN = 5


@page("stock.read")
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    sees_money = desk.may("ledger.read")
    latest = stock.list_documents(desk.company_id, limit=6)
    context = {
        "attention": attention.of(desk),
        "sees_money": sees_money,
        "begins": desk.may("company.manage") and not latest,
        "latest": latest,
        "entries": _entries_today(desk) if sees_money else None,
        "charts": _charts(desk) if sees_money else [],
        "expiry": expiry_chart(desk),
        "total": _total(desk) if sees_money else None,
    }
    return render(request, "web/home.html", context)


@page("ledger.read")
def home_assets(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What assets are worth, by class: a panel that comes after the page, because it adds up every charge."""
    return render(request, "web/_home_chart.html", {"chart": _worth_chart(desk)})


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


# --- charts -----------------------------------------------------------------------------------------------


def _charts(desk: Desk) -> list[Chart]:
    return [_value_chart(desk), _flow_chart(desk)]


def _value_chart(desk: Desk) -> Chart:
    """Stock value at month ends, the largest categories apart, the others together."""
    first = _months_before(desk.day, MONTHS_BACK)
    rows = stock.value_by_category(desk.company_id, book_id=desk.book_id, first=first, last=desk.day)
    days = sorted({row.day for row in rows})
    values: dict[str, dict[date, int]] = defaultdict(dict)
    for row in rows:
        values[row.category_name][row.day] = values[row.category_name].get(row.day, 0) + row.value
    ranked = sorted(values, key=lambda name: -sum(values[name].values()))
    shown, rest = ranked[:CATEGORIES_SHOWN], ranked[CATEGORIES_SHOWN:]
    series = [Series(name, [_amount(desk, values[name].get(day, 0)) for day in days]) for name in shown]
    if rest:
        others = [_amount(desk, sum(values[name].get(day, 0) for name in rest)) for day in days]
        series.append(Series(_("Others"), others))
    labels = [formatting.month(day) for day in days]
    return Chart(
        key="chart-value",
        kind="area",
        title=_("Stock value"),
        x_label=_("Month end"),
        labels=labels,
        series=series,
        summary=_("Stock value at month ends by category, %(span)s.") % {"span": span(labels)},
        unit=desk.book.currency,
        decimals=desk.book.currency_decimals,
        links=[desk.link("valuation", as_of=day.isoformat()) for day in days],
        empty_text=_("Stock value appears here once goods are received."),
    )


def _flow_chart(desk: Desk) -> Chart:
    first = desk.day - timedelta(weeks=WEEKS_BACK - 1)
    weeks = stock.flow_by_week(desk.company_id, book_id=desk.book_id, first=first, last=desk.day)
    labels = [formatting.week(row.week) for row in weeks]
    return Chart(
        key="chart-flow",
        kind="mirrored",
        title=_("In and out"),
        x_label=_("Week from"),
        labels=labels,
        series=(
            Series(_("In"), [_amount(desk, row.received) for row in weeks]),
            Series(_("Out"), [_amount(desk, row.issued) for row in weeks]),
        ),
        summary=_("Value of goods in and out by week, %(span)s.") % {"span": span(labels)},
        unit=desk.book.currency,
        decimals=desk.book.currency_decimals,
        links=[
            desk.link(
                "moves", **{"from": row.week.isoformat(), "to": (row.week + timedelta(days=6)).isoformat()}
            )
            for row in weeks
        ],
        empty_text=_("Goods in and out of the last half year appear here."),
    )


def _worth_chart(desk: Desk) -> Chart:
    """Net book value by class, when the fiscal year began and now."""
    year_on = ledger.fiscal_year_start(desk.company.fiscal_year_start_month, desk.day)
    rows = assets.roll_forward(
        desk.company_id, book_id=desk.book_id, from_on=year_on, to_on=desk.day, known_at=desk.known_at
    )
    rows = [row for row in rows if row.opening_carrying or row.closing_carrying]
    return Chart(
        key="chart-worth",
        kind="bar",
        title=_("Net book value"),
        x_label=_("Class"),
        labels=[row.class_name for row in rows],
        series=(
            Series(formatting.day(year_on), [_amount(desk, row.opening_carrying) for row in rows]),
            Series(formatting.day(desk.day), [_amount(desk, row.closing_carrying) for row in rows]),
        ),
        summary=_("Net book value of each class of assets when the year began and now."),
        unit=desk.book.currency,
        decimals=desk.book.currency_decimals,
        links=[desk.link("assets", **{"class": row.class_id}) for row in rows],
        empty_text=_("Net book values appear here once assets are in the register."),
    )


def expiry_chart(desk: Desk) -> Chart:
    last = desk.day + timedelta(weeks=WEEKS_AHEAD)
    weeks = stock.expiry_by_week(desk.company_id, book_id=desk.book_id, first=desk.day, last=last)
    labels = [formatting.week(row.week) for row in weeks]
    money = desk.may("ledger.read")
    values = [_amount(desk, row.value) if money else row.lots for row in weeks]
    return Chart(
        key="chart-expiry",
        kind="bar",
        title=_("Expiring"),
        x_label=_("Week from"),
        labels=labels,
        series=(Series(_("Value that expires") if money else _("Lots that expire"), values, "chart-2"),),
        summary=_("What expires by week, %(span)s.") % {"span": span(labels)},
        unit=desk.book.currency if money else _("lots"),
        decimals=desk.book.currency_decimals if money else 0,
        links=[desk.link("lots", expires=(row.week + timedelta(days=7)).isoformat()) for row in weeks],
        empty_text=_("Nothing on hand expires in the next half year."),
    )


def _amount(desk: Desk, minor: int) -> Decimal:
    return formatting.from_minor(minor, desk.book.currency_decimals)


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
