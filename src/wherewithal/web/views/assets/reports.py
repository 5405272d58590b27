"""Reports of assets in the book shown: movements by class, what came and went, what is used up, what agrees, two books."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wherewithal.assets import queries
from wherewithal.assets.queries import Movement
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.kit.words import translated
from wherewithal.ledger import queries as ledger
from wherewithal.web import export, formatting, tables
from wherewithal.web.asset_names import MOVEMENTS, event_name, word_of
from wherewithal.web.desk import Desk
from wherewithal.web.later import assets_later
from wherewithal.web.pages import page
from wherewithal.web.tables import Ask, Column, Filter, Page, Table
from wherewithal.web.views.assets.movements import FIRST_DAY
from wherewithal.web.views.finance import last_day

Text = str | Promise
Rows = Sequence[Any]
Summed = tuple[Column, Callable[[Any], int] | None]
NOTHING = gettext_lazy("Nothing to report in these days.")


@dataclass(frozen=True, slots=True)
class Span:
    """The days a report covers, both included."""

    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a report, the days they are of, and what is to be said above them."""

    rows: Rows
    span: Span
    notices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report: what it answers, what it finds, its columns with what is added up below them (None: nothing is)."""

    key: str
    title: Text
    intro: Text
    columns: Callable[[Desk, Found], Sequence[Summed]]
    find: Callable[[Desk, Span, Ask], Found]
    spans: bool = True
    filters: Callable[[Desk], Sequence[Filter]] | None = None
    empty: Text = NOTHING


@page("ledger.read", shows="now")
def asset_reports(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What can be asked."""
    return render(request, "web/asset_reports.html", {"reports": REPORTS.values()})


@page("ledger.read")
def asset_report(request: HttpRequest, desk: Desk, report: str) -> HttpResponse:
    described = REPORTS.get(report)
    if described is None:
        raise NotFound(Problem("report", "known", _("There is no such report.")))
    ask = tables.read_ask(_table(desk, described, ()), request.GET)
    span = _span(desk, ask)
    later = assets_later(request, desk)
    found = Found((), span) if later else described.find(desk, span, ask)
    rows = found.rows
    columns = described.columns(desk, found)
    table = _table(desk, described, [column for column, _add in columns], span)

    def source(_wanted: Ask) -> Page:
        return Page(rows)

    file_format = export.wanted(request)
    if file_format:
        days = (span.from_on, span.to_on) if described.spans else None
        added = [str(column.label) for column, add in columns if add is not None]
        return export.answer(request, desk, table, source, file_format, span=days, summed=added)
    summed = rows and any(add is not None for _column, add in columns)
    foot = _foot(desk, columns, rows) if summed else ""
    context = {
        "report": described,
        "span": span,
        "table": tables.show(request, table, source, totals=foot),
        "agrees": None if later else _agrees(described, rows),
        "later": later,
        "notices": found.notices,
        "sole_book": report == "comparison" and not _other_books(desk),
    }
    return render(request, "web/asset_report.html", context)


def _table(desk: Desk, report: Report, columns: Sequence[Column], span: Span | None = None) -> Table:
    """`span`: the days that are shown where none are asked for."""
    first, last = (span.from_on.isoformat(), span.to_on.isoformat()) if span else ("", "")
    days = (
        (Filter("from", _("From"), kind="day", unset=first), Filter("to", _("To"), kind="day", unset=last))
        if report.spans
        else ()
    )
    more = report.filters(desk) if report.filters else ()
    return Table(
        key="report",
        title=report.title,
        columns=columns,
        filters=(*days, *more),
        empty_title=_("Nothing to report"),
        empty_text=report.empty,
    )


def _span(desk: Desk, ask: Ask) -> Span:
    """The days asked for, no later than the day looked back to; else the fiscal year up to the day shown."""
    to_on = last_day(desk, ask) or desk.day
    year_on = ledger.fiscal_year_start(desk.company.fiscal_year_start_month, to_on)
    return Span(min(ask.day("from") or year_on, to_on), to_on)


def _foot(desk: Desk, columns: Sequence[Summed], rows: Rows) -> SafeString:
    cells = []
    for column, add in columns:
        text = ""
        if add is not None:
            total = desk.amount(sum(add(row) for row in rows))
            text = formatting.money(total, desk.book.currency, decimals=desk.book.currency_decimals)
        cells.append((column.classes, text))
    first, *rest = cells
    head = format_html('<th scope="row" class="{}">{}</th>', first[0], _("Total"))
    return head + format_html_join("", '<td class="{}">{}</td>', rest)


def _agrees(report: Report, rows: Rows) -> bool | None:
    return all(row.difference == 0 for row in rows) if report.key == "tie-out" else None


# --- columns and rows -------------------------------------------------------------------------------------


def _money(desk: Desk, label: Text, get: str | Callable[[Any], int], **options: Any) -> Summed:
    """An amount that is added up."""

    def minor(row: Any) -> int:
        return int(get(row) if callable(get) else getattr(row, get))

    column = tables.money(
        label,
        lambda row: desk.amount(minor(row)),
        desk.book.currency,
        decimals=desk.book.currency_decimals,
        **options,
    )
    return column, minor


def _plain(*columns: Column) -> list[Summed]:
    return [(column, None) for column in columns]


def _asset(desk: Desk) -> list[Summed]:
    return _plain(
        tables.text(_("Tag"), "tag", lead=True, link=lambda row: desk.link("asset", row.asset_id)),
        tables.text(_("Name"), "name", clip=True, phone=False),
        tables.text(_("Class"), "class_code", phone=False),
    )


def _between(desk: Desk, span: Span) -> dict[str, Any]:
    return {
        "book_id": desk.book_id,
        "from_on": span.from_on,
        "to_on": span.to_on,
        "known_at": desk.known_at,
    }


def _on(desk: Desk) -> dict[str, Any]:
    return {"book_id": desk.book_id, "as_of": desk.as_of, "known_at": desk.known_at}


def _roll_columns(part: str) -> Callable[[Desk, Found], list[Summed]]:
    """Opening, closing, and between them the movements that there were."""

    def columns(desk: Desk, found: Found) -> list[Summed]:
        moved = [name for name in map(str, Movement) if any(getattr(row, part)[name] for row in found.rows)]
        return [
            *_plain(
                tables.text(
                    _("Class"),
                    lambda row: f"{row.class_code} {row.class_name}",
                    lead=True,
                    clip=True,
                    link=lambda row: desk.link("assets", **{"class": row.class_id}),
                )
            ),
            _money(desk, _("Opening"), f"opening_{part}", link=_behind(desk, found.span, "opening")),
            *(_movement(desk, found.span, part, name) for name in moved),
            _money(desk, _("Closing"), f"closing_{part}", link=_behind(desk, found.span, "closing")),
        ]

    return columns


def _movement(desk: Desk, span: Span, part: str, name: str) -> Summed:
    get = lambda row: getattr(row, part)[name]  # noqa: E731 - one field
    return _money(desk, MOVEMENTS[name], get, phone=False, link=_behind(desk, span, name))


def _behind(desk: Desk, span: Span, name: str) -> Callable[[Any], str | None]:
    """The way from a figure of the roll-forward to the assets that it is made of."""
    first, last = span.from_on, span.to_on
    if name in ("opening", "closing"):
        first, last = FIRST_DAY, span.from_on - timedelta(days=1) if name == "opening" else span.to_on
    days = {"from": first.isoformat(), "to": last.isoformat()}
    movement = None if name in ("opening", "closing") else name
    return lambda row: desk.link("asset_movements", **{"class": row.class_id, "movement": movement, **days})


def _roll(desk: Desk, span: Span, _ask: Ask) -> Found:
    return Found(queries.roll_forward(desk.company_id, **_between(desk, span)), span)


def _addition_columns(desk: Desk, _found: Found) -> list[Summed]:
    return [
        *_asset(desk),
        *_plain(tables.day(_("Day"), "effective_on")),
        *_plain(tables.text(_("What"), lambda row: event_name(row.kind), phone=False)),
        *_plain(tables.text(_("Reference"), "reference", phone=False)),
        _money(desk, _("Cost"), "amount"),
    ]


def _additions(desk: Desk, span: Span, _ask: Ask) -> Found:
    return Found(queries.additions(desk.company_id, **_between(desk, span)), span)


def _disposal_columns(desk: Desk, _found: Found) -> list[Summed]:
    return [
        *_asset(desk),
        *_plain(tables.day(_("Day"), "effective_on")),
        *_plain(tables.text(_("How"), lambda row: word_of(row.how), phone=False)),
        _money(desk, _("Cost"), "cost", phone=False),
        _money(desk, _("Depreciated"), "accumulated", phone=False),
        _money(desk, _("Carrying amount"), "carrying", phone=False),
        _money(desk, _("Proceeds"), "proceeds", phone=False),
        _money(desk, _("Costs"), "costs", phone=False),
        _money(desk, _("Gain or loss"), "gain"),
    ]


def _disposals(desk: Desk, span: Span, _ask: Ask) -> Found:
    return Found(queries.disposals(desk.company_id, **_between(desk, span)), span)


def _used_up_columns(desk: Desk, _found: Found) -> list[Summed]:
    return [
        *_asset(desk),
        *_plain(tables.day(_("Last charged"), "last_charged_on")),
        _money(desk, _("Cost"), "cost"),
        _money(desk, _("Carrying amount"), "carrying"),
    ]


def _used_up(desk: Desk, span: Span, _ask: Ask) -> Found:
    return Found(queries.fully_depreciated(desk.company_id, **_on(desk)), span)


def _tie_columns(desk: Desk, _found: Found) -> list[Summed]:
    return [
        *_plain(
            tables.text(
                _("Account"), "code", lead=True, link=lambda row: desk.link("account", row.account_id)
            )
        ),
        *_plain(tables.text(_("Name"), "name", clip=True, phone=False)),
        _money(desk, _("Register"), "register"),
        _money(desk, _("Ledger"), "ledger", phone=False),
        _money(desk, _("Difference"), "difference"),
    ]


def _tie(desk: Desk, span: Span, _ask: Ask) -> Found:
    return Found(queries.tie_out(desk.company_id, **_on(desk)), span)


def _other_books(desk: Desk) -> list[Any]:
    """Books that can be set beside the one shown: amounts are not converted."""
    return [
        book for book in desk.books if book.book_id != desk.book_id and book.currency == desk.book.currency
    ]


RATES = ("0.15", "0.19", "0.21", "0.30", "0.35")


def _comparison_filters(desk: Desk) -> list[Filter]:
    first, *others = [(book.code, book.name) for book in _other_books(desk)] or [("", "")]
    rates = [(rate, f"{Decimal(rate) * 100:.0f} %") for rate in RATES]
    return [
        Filter("other", _("Beside"), choices=others, unset=first[1] or _("no book")),
        Filter("by", pgettext("grouped", "By"), choices=(("asset", _("asset")),), unset=_("class")),
        Filter("rate", _("Tax rate"), choices=rates, unset="25 %"),
    ]


def _comparison_columns(desk: Desk, _found: Found) -> list[Summed]:
    return [
        *_plain(tables.text(_("Code"), lambda row: row.code or _("what left a pool"), lead=True)),
        *_plain(tables.text(_("Name"), "name", clip=True, phone=False)),
        _money(desk, desk.book.name, "carrying"),
        _money(desk, _("The other book"), "tax_base"),
        _money(desk, _("Difference"), "difference", phone=False),
        _money(desk, _("Deferred tax"), "deferred_tax"),
    ]


def _comparison(desk: Desk, span: Span, ask: Ask) -> Found:
    books = _other_books(desk)
    if not books:
        return Found((), span)
    code = ask.get("other")
    other = next((book for book in books if book.code == code), books[0])
    rows = queries.compare_books(
        desk.company_id,
        tax_book_id=other.book_id,
        rate=Decimal(ask.get("rate") or "0.25"),
        by=ask.get("by") or "class",
        **_on(desk),
    )
    return Found(rows, span)


def _pool_columns(desk: Desk, _found: Found) -> list[Summed]:
    def plain(label: Text, get: Callable[[Any], int], **options: Any) -> Summed:
        return _money(desk, label, get, **options)[0], None

    return [
        *_plain(tables.text(_("Pool"), lambda row: f"{translated(row.title)} ({row.code})", lead=True)),
        *_plain(tables.day(_("Year ends"), "to_on")),
        plain(_("Brought forward"), lambda row: row.year.opening),
        _money(desk, _("Additions"), "added", phone=False),
        _money(desk, _("Deducted at once"), lambda row: row.year.first_year, phone=False),
        _money(desk, _("Disposals"), "disposed", phone=False),
        _money(desk, _("Allowance"), lambda row: row.year.claim),
        _money(desk, _("Balancing charge"), lambda row: row.year.balancing_charge, phone=False),
        _money(desk, _("Balancing allowance"), lambda row: row.year.balancing_allowance, phone=False),
        _money(desk, _("Other"), "other", phone=False),
        plain(_("Carried forward"), lambda row: row.year.closing),
        *_plain(
            tables.text(_("State"), lambda row: _("posted") if row.charged else _("not run yet"), phone=False)
        ),
    ]


def _pools(desk: Desk, span: Span, _ask: Ask) -> Found:
    report = queries.pool_report(
        desk.company_id, book_id=desk.book_id, from_on=span.from_on, to_on=span.to_on, known_at=desk.known_at
    )
    notices = [
        _("%(tag)s is in no pool: %(why)s") % {"tag": each.tag, "why": translated(each.message)}
        for each in report.left_out
    ]
    return Found(report.computations, span, notices)


def _form_columns(desk: Desk, _found: Found) -> list[Summed]:
    book = desk.book

    def figure(label: Text, name: str) -> Summed:
        def read(row: Any) -> Decimal | None:
            minor = getattr(row, name)
            return None if minor is None else desk.amount(minor)

        return tables.money(label, read, book.currency, decimals=book.currency_decimals), None

    return [
        *_plain(
            tables.text(_("Line"), "line", lead=True),
            tables.text(_("What"), "text"),
            tables.text(_("In service"), "placed", phone=False),
            tables.text(_("Business use (per cent)"), "business_use", phone=False),
            tables.text(_("Recovery"), "recovery", phone=False),
            tables.text(_("Convention"), "convention", phone=False),
            tables.text(_("Method"), "method", phone=False),
        ),
        figure(_("Cost"), "cost"),
        figure(_("Cost or basis"), "basis"),
        figure(_("Section 179"), "section_179"),
        figure(_("Amount"), "amount"),
    ]


def _form_4562(desk: Desk, span: Span, _ask: Ask) -> Found:
    form = queries.form_4562_figures(
        desk.company_id, book_id=desk.book_id, on=span.to_on, known_at=desk.known_at
    )
    through = form.charged_through
    if through is not None and through >= form.to_on:
        return Found(form.lines, span)
    until = formatting.day(through) if through else _("no day yet")
    told = _(
        "Depreciation of this book is run through %(until)s: the figures of the year to %(last)s are not whole."
    )
    return Found(form.lines, span, [told % {"until": until, "last": formatting.day(form.to_on)}])


REPORTS: Mapping[str, Report] = {
    report.key: report
    for report in (
        Report(
            "roll-forward",
            gettext_lazy("Roll-forward"),
            gettext_lazy("Carrying amounts by class: opening, what moved them, closing (IAS 16.73)."),
            _roll_columns("carrying"),
            _roll,
        ),
        Report(
            "roll-forward-of-cost",
            gettext_lazy("Roll-forward of cost"),
            gettext_lazy("Gross cost by class: opening, what moved it, closing."),
            _roll_columns("cost"),
            _roll,
        ),
        Report(
            "additions",
            gettext_lazy("Additions"),
            gettext_lazy("Acquisitions, openings and further cost."),
            _addition_columns,
            _additions,
        ),
        Report(
            "disposals",
            gettext_lazy("Disposals"),
            gettext_lazy("What left, whole or in part, and what was gained or lost."),
            _disposal_columns,
            _disposals,
        ),
        Report(
            "fully-depreciated",
            gettext_lazy("Fully depreciated"),
            gettext_lazy("Still here though nothing is left to charge."),
            _used_up_columns,
            _used_up,
            spans=False,
            empty=gettext_lazy("Every asset still has something left to charge."),
        ),
        Report(
            "tie-out",
            gettext_lazy("Tie-out"),
            gettext_lazy(
                "Every account that carries assets: what the register says, and what the ledger says."
            ),
            _tie_columns,
            _tie,
            spans=False,
            empty=gettext_lazy("No account carries assets yet."),
        ),
        Report(
            "pools",
            gettext_lazy("Computation of pools"),
            gettext_lazy(
                "Pools of a tax book by fiscal year: capital allowances, blocks by written-down value, CCA."
            ),
            _pool_columns,
            _pools,
            empty=gettext_lazy("No asset of this book is depreciated with a pool."),
        ),
        Report(
            "form-4562",
            gettext_lazy("Form 4562"),
            gettext_lazy(
                "Depreciation and amortization of the tax year that has the last day (United States)."
            ),
            _form_columns,
            _form_4562,
        ),
        Report(
            "comparison",
            gettext_lazy("Two books compared"),
            gettext_lazy(
                "Temporary differences between two books of one currency, and the deferred tax on them."
            ),
            _comparison_columns,
            _comparison,
            spans=False,
            filters=_comparison_filters,
            empty=gettext_lazy("There are no amounts to compare."),
        ),
    )
}
