"""Home: what needs attention, and three charts that answer what people ask first."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wherewithal.reporting import verify
from wherewithal.stock import queries as stock
from wherewithal.stock.queries import Detail, OnHandFilter
from wherewithal.web import formatting
from wherewithal.web.charts import Chart, Series, span
from wherewithal.web.desk import Desk
from wherewithal.web.pages import page

MONTHS_BACK = 24
WEEKS_BACK = 26
WEEKS_AHEAD = 26
CATEGORIES_SHOWN = 5
SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that waits for somebody."""

    text: str | Promise
    href: str
    tone: str  # bad, warn or note
    action: str | Promise


@page("stock.read")
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    sees_money = desk.may("ledger.read")
    context = {
        "attention": _attention(desk),
        "sees_money": sees_money,
        "latest": stock.list_documents(desk.company_id, limit=6),
        "charts": _charts(desk) if sees_money else [],
        "expiry": expiry_chart(desk),
        "total": _total(desk) if sees_money else None,
    }
    return render(request, "web/home.html", context)


def _total(desk: Desk) -> stock.ValuationTotal:
    return stock.valuation_total(
        desk.company_id, book_id=desk.book_id, as_of=desk.as_of, known_at=desk.known_at
    )


# --- what needs attention ---------------------------------------------------------------------------------


def _attention(desk: Desk) -> list[Attention]:
    found = [*_expiring(desk), *_below_zero(desk)]
    if desk.may("verify.run"):
        found += _unverified(desk)
    return found


def _expiring(desk: Desk) -> list[Attention]:
    lots = stock.expiring(desk.company_id, until=desk.today + timedelta(days=SOON_DAYS), limit=500)
    past = {lot.lot_id for lot in lots if lot.expires_on < desk.today}
    soon = {lot.lot_id for lot in lots} - past
    found = []
    if past:
        text = ngettext("%(n)s lot on hand has expired", "%(n)s lots on hand have expired", len(past))
        href = desk.link("lots", expires=desk.today.isoformat())
        found.append(Attention(text % {"n": len(past)}, href, "bad", _("Scrap or block")))
    if soon:
        text = ngettext(
            "%(n)s lot expires within %(days)s days", "%(n)s lots expire within %(days)s days", len(soon)
        )
        href = desk.link("lots", expires=(desk.today + timedelta(days=SOON_DAYS + 1)).isoformat())
        found.append(Attention(text % {"n": len(soon), "days": SOON_DAYS}, href, "warn", _("Use first")))
    return found


def _below_zero(desk: Desk) -> list[Attention]:
    rows = stock.on_hand(
        desk.company_id,
        today=desk.today,
        detail=Detail.LOCATION,
        filters=OnHandFilter(below_zero=True),
        limit=100,
    )
    if not rows:
        return []
    text = ngettext("%(n)s place holds less than nothing", "%(n)s places hold less than nothing", len(rows))
    href = desk.link("on_hand", below="yes")
    return [Attention(text % {"n": len(rows)}, href, "bad", _("Count or receive"))]


def _unverified(desk: Desk) -> list[Attention]:
    runs = verify.history(company_id=desk.company_id, limit=1)
    href = desk.link("verify")
    if not runs:
        return [Attention(_("The books have not been verified yet"), href, "note", _("Verify"))]
    if not runs[0].passed:
        return [Attention(_("The last verification found something wrong"), href, "bad", _("Look"))]
    return []


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
