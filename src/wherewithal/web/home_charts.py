"""The charts of the home page: one question each, asked by itself."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.assets import queries as assets
from wherewithal.assets import services as asset_services
from wherewithal.ledger import queries as ledger
from wherewithal.stock import queries as stock
from wherewithal.web import formatting
from wherewithal.web.charts import Chart, Series, span
from wherewithal.web.desk import Desk

MONTHS_BACK = 24
MONTHS_AHEAD = 12
YEARS_BACK = 4
WEEKS_BACK = 13
WEEKS_AHEAD = 26
SHOWN_APART = 5

Key = TypeVar("Key")


def _value_chart(desk: Desk) -> Chart:
    """Stock value at month ends, the largest categories apart, the others together."""
    first = _months_before(desk.day, MONTHS_BACK)
    rows = stock.value_by_category(desk.company_id, book_id=desk.book_id, first=first, last=desk.day)
    days = sorted({row.day for row in rows})
    values: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        values[row.category_name][row.day] += row.value
    series = _largest(desk, {name: name for name in values}, values, days, by=lambda of: sum(of.values()))
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
        empty_text=_("Goods in and out of the last quarter appear here."),
    )


def _worth_chart(desk: Desk) -> Chart:
    """Net book value by class when each of the last fiscal years ended, and on the day shown."""
    ends = [desk.day]
    while len(ends) < YEARS_BACK:
        year_on = ledger.fiscal_year_start(desk.company.fiscal_year_start_month, ends[0])
        ends.insert(0, year_on - timedelta(days=1))
    rows = assets.carrying_by_class(desk.company_id, book_id=desk.book_id, days=ends, known_at=desk.known_at)
    names = {row.class_id: row.class_name for row in rows}
    values = {row.class_id: dict(zip(ends, row.carrying, strict=True)) for row in rows if any(row.carrying)}
    begun = [at for at in range(YEARS_BACK) if any(row.carrying[at] for row in rows)]
    ends = ends[begun[0] if begun else -1 :]
    series = _largest(desk, names, values, ends, by=lambda of: of.get(desk.day, 0))
    labels = [formatting.day(day) for day in ends]
    return Chart(
        key="chart-worth",
        kind="stacked",
        title=_("Net book value"),
        x_label=_("End of the fiscal year"),
        labels=labels,
        series=series,
        summary=_("Net book value by class of assets at the ends of fiscal years, %(span)s.")
        % {"span": span(labels)},
        unit=desk.book.currency,
        decimals=desk.book.currency_decimals,
        links=[desk.link("assets", as_of=day.isoformat()) for day in ends],
        empty_text=_("Net book values appear here once assets are in the register."),
    )


def _depreciation_chart(desk: Desk) -> Chart:
    """What the next periods will charge if nothing else happens, by class."""
    classes = {row.class_id: row.name for row in assets.classes(desk.company_id) if row.asset_count}
    since = assets.asset_book(desk.company_id, desk.book_id).horizon_on or desk.today
    rows = []
    if classes:
        rows = asset_services.project(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            through_on=_month_end(since, MONTHS_AHEAD),
            book_ids=[desk.book_id],
        ).rows
    days = sorted({row.to_on for row in rows})
    sums: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        sums[row.class_id][row.to_on] += row.charge
    series = _largest(desk, classes, sums, days, by=lambda of: sum(of.values()))
    labels = [formatting.month(day) for day in days]
    return Chart(
        key="chart-depreciation",
        kind="stacked",
        title=_("Depreciation to come"),
        x_label=_("Period"),
        labels=labels,
        series=series,
        summary=_("Depreciation of the coming periods by class, if nothing else happens, %(span)s.")
        % {"span": span(labels)},
        unit=desk.book.currency,
        decimals=desk.book.currency_decimals,
        links=[desk.link("asset_forecast", by="month") for _day in days],
        empty_text=_("What is still to be charged appears here once assets are in service."),
    )


def _age_chart(desk: Desk) -> Chart:
    """How old what is on hand is, at what it costs on average."""
    money = desk.may("ledger.read")
    found = stock.age_in_all(desk.company_id, book_id=desk.book_id, today=desk.today)
    labels = ["0–29", "30–89", "90–179", "180–359", "360+"]
    values = [_amount(desk, value) for value in found.values] if money else list(found.items)
    name = _("Value on hand") if money else _("Items")
    return Chart(
        key="chart-age",
        kind="bar",
        title=_("Age of stock, in days"),
        x_label=_("Days on hand"),
        labels=labels,
        series=(Series(name, values, "chart-3"),),
        summary=_("What is on hand by how long it has been there."),
        unit=desk.book.currency if money else _("items"),
        decimals=desk.book.currency_decimals if money else 0,
        links=[desk.link("ageing") for _label in labels],
        empty_text=_("Nothing is on hand."),
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


def _largest(
    desk: Desk,
    names: Mapping[Key, str],
    values: Mapping[Key, Mapping[date, int]],
    days: Sequence[date],
    *,
    by: Callable[[Mapping[date, int]], int],
) -> list[Series]:
    """The largest of some kind apart, the others together: values in minor units by key and day, ranked by `by`."""
    ranked = sorted(values, key=lambda key: -by(values[key]))
    shown, rest = ranked[:SHOWN_APART], ranked[SHOWN_APART:]
    series = [
        Series(names.get(key, ""), [_amount(desk, values[key].get(day, 0)) for day in days]) for key in shown
    ]
    if rest:
        others = [_amount(desk, sum(values[key].get(day, 0) for key in rest)) for day in days]
        series.append(Series(_("Others"), others, "chart-6"))
    return series


def _amount(desk: Desk, minor: int) -> Decimal:
    return formatting.from_minor(minor, desk.book.currency_decimals)


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _month_end(day: date, months: int) -> date:
    """The last day of the month that many months later."""
    index = day.year * 12 + day.month + months
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HomeChart:
    """A chart of the home page: what one must be allowed to see, and how it is made."""

    title: Promise
    permissions: tuple[str, ...]
    draw: Callable[[Desk], Chart]

    def shown_to(self, desk: Desk) -> bool:
        return all(map(desk.may, self.permissions))


CHARTS = {
    "value": HomeChart(gettext_lazy("Stock value"), ("ledger.read",), _value_chart),
    "flow": HomeChart(gettext_lazy("In and out"), ("ledger.read",), _flow_chart),
    "age": HomeChart(gettext_lazy("Age of stock, in days"), ("stock.read",), _age_chart),
    "expiry": HomeChart(gettext_lazy("Expiring"), ("stock.read",), expiry_chart),
    "worth": HomeChart(gettext_lazy("Net book value"), ("ledger.read", "assets.read"), _worth_chart),
    "depreciation": HomeChart(
        gettext_lazy("Depreciation to come"), ("ledger.read", "assets.read"), _depreciation_chart
    ),
}
