"""The schedule of an asset in every book side by side, the trail of its amounts, and why a figure is what it is."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from wherewithal.assets import queries
from wherewithal.assets.queries import Asset, Schedule, ScheduleRow
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.reporting import explain
from wherewithal.web import formatting, tables
from wherewithal.web.asset_names import event_name
from wherewithal.web.charts import Chart, Series, span
from wherewithal.web.days import day_of
from wherewithal.web.desk import Desk
from wherewithal.web.pages import page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table
from wherewithal.web.views.assets.card import head, register_row
from wherewithal.web.views.value import explained


@page("ledger.read")
def asset_schedule(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    """Charges of the past and of the years to come in every book side by side, and in detail in the book shown."""
    found = queries.asset(desk.company_id, asset_id)
    schedules = queries.schedule(desk.company_id, asset_id)
    mine = next((row for row in schedules if row.book_id == desk.book_id), None)
    charges = _charge_charts(desk, schedules)
    context = {
        **head(desk, found, register_row(desk, found), "asset_schedule"),
        "charts": [*charges, _carrying_chart(desk, schedules)],
        "nothing_charged": not charges,
        "books": tables.show(
            request, _side_by_side(desk, schedules), lambda ask: Page(_years_of_books(desk, schedules))
        ),
        "horizon_on": queries.asset_book(desk.company_id, desk.book_id).horizon_on,
    }
    rows = mine.rows if mine else ()

    def source(ask: Ask) -> Page:
        return Page([Line(row) for row in rows] if ask.get("by") == "period" else _by_year(desk, rows))

    return table_page(request, desk, "web/asset_schedule.html", _schedule_table(desk, found), source, context)


class Line:
    """One row of the schedule as it is shown: a period of the book, or a fiscal year of the company."""

    def __init__(self, last: ScheduleRow, before: Sequence[ScheduleRow] = (), label: str = "") -> None:
        rows = (*before, last)
        self.label = label or formatting.day(last.to_on)
        self.on = None if before or label else last.to_on  # a day of the period, to ask why
        self.charge = sum(row.charge for row in rows)
        self.other = sum(row.other for row in rows)
        self.cost, self.accumulated, self.carrying = last.cost, last.accumulated, last.carrying
        self.posted = sum(row.posted for row in rows) / len(rows)


def _by_year(desk: Desk, rows: Sequence[ScheduleRow]) -> list[Line]:
    years: dict[str, list[ScheduleRow]] = {}
    for row in rows:
        years.setdefault(_year(desk, row.to_on), []).append(row)
    return [Line(found[-1], found[:-1], label) for label, found in years.items()]


def _year(desk: Desk, day: date) -> str:
    """What the fiscal year of a day is called: 2026, or 2026/27 where it does not begin in January."""
    start = desk.company.fiscal_year_start_month
    first = day.year if day.month >= start else day.year - 1
    return str(first) if start == 1 else f"{first}/{(first + 1) % 100:02d}"


def _schedule_table(desk: Desk, found: Asset) -> Table:
    currency, decimals = desk.book.currency, desk.book.currency_decimals

    def money(label: str, name: str, **options: Any) -> tables.Column:
        return tables.money(
            label, lambda row: desk.amount(getattr(row, name)), currency, decimals=decimals, **options
        )

    def why(row: Line) -> str | None:
        return desk.link("asset_charge_why", found.asset_id, row.on.isoformat()) if row.on else None

    def state(posted: float) -> tuple[Any, str]:
        if 0 < posted < 1:
            return (_("partly posted"), "note")
        return (_("posted"), "good") if posted else (_("planned"), "")

    return Table(
        key="schedule",
        title=_("Schedule of %(tag)s") % {"tag": found.tag},
        columns=(
            tables.text(_("Year or period"), "label", lead=True),
            money(_("Charge"), "charge", link=why),
            money(_("Other changes"), "other", phone=False),
            money(_("Cost"), "cost", phone=False),
            money(_("Depreciated"), "accumulated", phone=False),
            money(_("Carrying amount"), "carrying"),
            tables.tag(_("State"), "posted", state, phone=False),
        ),
        filters=(Filter("by", _("Rows"), choices=(("period", _("by period")),), unset=_("by year")),),
        empty_title=_("No schedule"),
        empty_text=_("Nothing of this asset is depreciated in the book shown."),
    )


def _yearly(desk: Desk, schedule: Schedule) -> dict[str, tuple[int, int, int]]:
    """By fiscal year: charges posted and planned, and the carrying amount at its end."""
    years: dict[str, tuple[int, int, int]] = {}
    for row in schedule.rows:
        year = _year(desk, row.to_on)
        posted, planned, _before = years.get(year, (0, 0, 0))
        years[year] = (
            posted + (row.charge if row.posted else 0),
            planned + (0 if row.posted else row.charge),
            row.carrying,
        )
    return years


def _charge_charts(desk: Desk, schedules: Sequence[Schedule]) -> list[Chart]:
    """One chart for each book, beside each other: what is posted, and what is planned. The book shown comes first."""
    names = {book.book_id: book.name for book in desk.books}
    known = [row for row in schedules if row.book_id in names and row.rows]
    ordered = sorted(known, key=lambda row: row.book_id != desk.book_id)
    charts = [_charge_chart(desk, row, names[row.book_id]) for row in ordered]
    return [chart for chart in charts if not chart.empty]


def _charge_chart(desk: Desk, schedule: Schedule, name: str) -> Chart:
    years = _yearly(desk, schedule)
    labels = list(years)

    def amount(minor: int) -> Decimal:
        return formatting.from_minor(minor, schedule.decimals)

    return Chart(
        key=f"charges-{schedule.code}",
        kind="stacked",
        title=_("Charges by year, %(book)s") % {"book": name},
        x_label=_("Year"),
        labels=labels,
        series=(
            Series(_("Posted"), [amount(posted) for posted, _p, _c in years.values()], "chart-1"),
            Series(_("Planned"), [amount(planned) for _p, planned, _c in years.values()], "chart-6"),
        ),
        summary=_("Depreciation by year in the book %(book)s, %(span)s.")
        % {"book": name, "span": span(labels)},
        unit=schedule.currency,
        decimals=schedule.decimals,
        empty_text=_("Nothing is charged."),
    )


def _side_by_side(desk: Desk, schedules: Sequence[Schedule]) -> Table:
    """A line for each year, two columns for each book."""
    names = {book.book_id: book.name for book in desk.books}
    known = [row for row in schedules if row.book_id in names and row.rows]

    def money(schedule: Schedule, label: str, name: str, *, phone: bool) -> tables.Column:
        return tables.money(
            label,
            lambda row: row[name],
            schedule.currency,
            decimals=schedule.decimals,
            key=name,
            phone=phone,
        )

    columns = []
    for row in known:
        shown = row.book_id == desk.book_id
        columns += [
            money(row, _("%(book)s: charge") % {"book": row.code}, f"charge_{row.code}", phone=shown),
            money(row, _("carrying amount"), f"carrying_{row.code}", phone=shown),
        ]
    return Table(
        key="books",
        title=_("Every book, year by year"),
        columns=(tables.text(_("Year"), "year", lead=True), *columns),
        tools=False,
        empty_title=_("No schedule"),
        empty_text=_("Nothing of this asset is depreciated in any book."),
    )


def _years_of_books(desk: Desk, schedules: Sequence[Schedule]) -> list[dict[str, Any]]:
    by_code = {row.code: (_yearly(desk, row), row.decimals) for row in schedules if row.rows}
    labels = sorted({year for years, _decimals in by_code.values() for year in years})
    rows = []
    last: dict[str, int] = {}
    for label in labels:
        line: dict[str, Any] = {"year": label}
        for code, (years, decimals) in by_code.items():
            posted, planned, carrying = years.get(label, (0, 0, last.get(code)))
            line[f"charge_{code}"] = formatting.from_minor(posted + planned, decimals)
            line[f"carrying_{code}"] = None if carrying is None else formatting.from_minor(carrying, decimals)
            if carrying is not None:
                last[code] = carrying
        rows.append(line)
    return rows


def _carrying_chart(desk: Desk, schedules: Sequence[Schedule]) -> Chart:
    """The carrying amount at the end of each year, of the books that have the currency of the one shown."""
    same = [row for row in schedules if row.currency == desk.book.currency and row.rows]
    by_book = {row.book_id: _yearly(desk, row) for row in same}
    years = sorted({year for found in by_book.values() for year in found})
    names = {book.book_id: book.name for book in desk.books}
    labels = list(years)
    return Chart(
        key="carrying",
        kind="line",
        title=_("Carrying amount at the end of each year"),
        x_label=_("Year"),
        labels=labels,
        series=[
            Series(names.get(row.book_id, row.code), _carried(desk, by_book[row.book_id], years))
            for row in same
        ],
        summary=_("Carrying amount by book, %(span)s.") % {"span": span(labels)},
        unit=desk.book.currency,
        decimals=desk.book.currency_decimals,
        empty_text=_("No book carries it."),
    )


def _carried(
    desk: Desk, found: Mapping[str, tuple[int, int, int]], years: Sequence[str]
) -> list[Decimal | int | None]:
    """Through years without a change the amount stays; before the first it is not known."""
    values: list[Decimal | int | None] = []
    last: int | None = None
    for year in years:
        last = found[year][2] if year in found else last
        values.append(desk.amount(last))
    return values


@page("ledger.read")
def asset_trail(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    """Every amount behind the carrying amount, with its cause and its entry."""
    found = queries.asset(desk.company_id, asset_id)
    rows = [
        row
        for row in queries.asset_values(
            desk.company_id, asset_id, book_id=desk.book_id, known_at=desk.known_at
        )
        if desk.as_of is None or row.effective_on <= desk.as_of
    ]
    kinds = {row.event_id: row.kind for row in queries.timeline(desk.company_id, asset_id)}

    def source(ask: Ask) -> Page:
        at = ask.place(int)
        start = at[0] if at else 0
        shown = rows[start : start + ask.limit]
        more = start + ask.limit < len(rows)
        return Page(shown, [start + ask.limit] if more else None, len(rows))

    context = head(desk, found, register_row(desk, found), "asset_trail")
    return table_page(
        request, desk, "web/asset_trail.html", _trail_table(desk, found, kinds), source, context
    )


def _trail_table(desk: Desk, found: Asset, kinds: Mapping[int, str]) -> Table:
    return Table(
        key="trail",
        title=_("Trail of %(tag)s") % {"tag": found.tag},
        columns=(
            tables.day(_("Day"), "effective_on"),
            tables.text(_("What"), "meaning", lead=True, clip=True),
            tables.text(_("Because of"), lambda row: event_name(kinds.get(row.event_id, "")), phone=False),
            tables.text(_("Debit"), "debit_account", phone=False),
            tables.text(_("Credit"), "credit_account", phone=False),
            tables.money(
                _("Amount"),
                lambda row: desk.amount(row.amount),
                desk.book.currency,
                decimals=desk.book.currency_decimals,
                link=lambda row: desk.link("entry", row.entry_id) if row.entry_id else None,
            ),
            tables.day(_("Posted on"), "posting_on", phone=False),
        ),
        empty_title=_("Nothing posted"),
        empty_text=_("This asset has moved no money in the book shown, as of the day shown."),
    )


@page("ledger.read")
def asset_why(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    """The chain of events and charges behind the carrying amount."""
    found = queries.asset(desk.company_id, asset_id)
    explanation = explain.net_book_value(
        company_id=desk.company_id,
        asset_id=asset_id,
        book_id=desk.book_id,
        as_of=desk.as_of,
        known_at=desk.known_at,
    )
    title = _("Why %(tag)s is carried at what it is") % {"tag": found.tag}
    return explained(request, desk, title, explanation, desk.link("asset", asset_id))


@page("ledger.read")
def asset_charge_why(request: HttpRequest, desk: Desk, asset_id: int, on: str) -> HttpResponse:
    """Why a period is charged what it is charged."""
    found = queries.asset(desk.company_id, asset_id)
    try:
        day = day_of(on)
    except ValueError:
        raise NotFound(Problem("on", "day", _("Name a day such as 2026-01-31."))) from None
    explanation = explain.depreciation_charge(
        company_id=desk.company_id, asset_id=asset_id, on=day, book_id=desk.book_id
    )
    title = _("Why %(tag)s is charged what it is") % {"tag": found.tag}
    back = desk.link("asset_schedule", asset_id, by="period")
    return explained(request, desk, title, explanation, back)
