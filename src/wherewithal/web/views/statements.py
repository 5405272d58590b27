"""Statements beside the balance sheet: income statement, books side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.kit.words import shown, translated
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.queries import IncomeStatement, Section
from wherewithal.ledger.values import Book, Classification
from wherewithal.web import export, formatting, tables
from wherewithal.web.desk import Desk
from wherewithal.web.names import CLASSES
from wherewithal.web.pages import page, table_page
from wherewithal.web.tables import Ask, Column, Filter, Page, Table
from wherewithal.web.views.finance import FROM, TO, SheetLine, last_day


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a statement, and the days it is compared with: as many before."""

    from_on: date
    to_on: date

    @property
    def earlier(self) -> "Span":
        """The same days of the year before."""
        return Span(_year_before(self.from_on), _year_before(self.to_on))


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


@page("ledger.read")
def income_statement(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What was earned and spent; the fiscal year so far unless other days are asked for."""
    span = _span(request, desk)
    now, before = _statement(desk, span), _statement(desk, span.earlier)
    lines = _lines(desk, span, now, before)
    table = _table(desk, span)
    file_format = export.wanted(request)
    if file_format:
        return export.answer(
            request,
            desk,
            table,
            lambda ask: Page(lines),
            file_format,
            span=(span.from_on, span.to_on),
            strong=lambda line: bool(line.kind),
        )
    dates = {"from": span.from_on.isoformat(), "to": span.to_on.isoformat()}
    context = {
        "lines": lines,
        "span": span,
        "earlier": span.earlier,
        "now": now,
        "empty": not (now.income.lines or now.expenses.lines),
        "exports": tables.export_links(lambda kind: desk.link("income_statement", **dates, export=kind)),
        "kept": desk.travelling,
    }
    return render(request, "web/income_statement.html", context)


def _span(request: HttpRequest, desk: Desk) -> Span:
    """The days asked for, as far as the day shown; what cannot be read asks for nothing."""
    ask = tables.read_ask(Table("span", "", (), filters=(FROM, TO)), request.GET)
    to_on = last_day(desk, ask) or desk.day
    year_on = ledger.fiscal_year_start(desk.company.fiscal_year_start_month, to_on)
    from_on = ask.day("from") or year_on
    return Span(min(from_on, to_on), to_on)


def _statement(desk: Desk, span: Span) -> IncomeStatement:
    return ledger.income_statement(
        desk.company_id, desk.book_id, from_on=span.from_on, to_on=span.to_on, known_at=desk.known_at
    )


def _lines(desk: Desk, span: Span, now: IncomeStatement, before: IncomeStatement) -> list[SheetLine]:
    lines = [
        *_section(desk, span, now.income, before.income),
        *_section(desk, span, now.expenses, before.expenses),
    ]
    return [*lines, SheetLine(_("Net income"), now.net_income, before.net_income, kind="total")]


def _section(desk: Desk, span: Span, section: Section, earlier: Section) -> list[SheetLine]:
    """The accounts of a section as they are in either column, below its heading with the sums."""
    title = CLASSES[Classification(section.key)]
    then = {line.code: line for line in earlier.lines}
    here = {line.code: line for line in section.lines}
    lines = [SheetLine(title, section.total, earlier.total, kind="group")]
    for code in sorted({*then, *here}):
        line = here.get(code) or then[code]
        amount = here[code].amount if code in here else 0
        before = then[code].amount if code in then else 0
        days = {"from": span.from_on.isoformat(), "to": span.to_on.isoformat()}
        href = desk.link("account", line.account_id, **days) if line.account_id else ""
        lines.append(SheetLine(translated(line.name), amount, before, href, code=line.code))
    return lines


def _table(desk: Desk, span: Span) -> Table:
    currency, decimals = desk.book.currency, desk.book.currency_decimals

    def column(days: Span, name: str) -> Column:
        label = f"{shown(days.from_on)} – {shown(days.to_on)}"
        return tables.money(label, lambda line: desk.amount(getattr(line, name)), currency, decimals=decimals)

    return Table(
        key="income-statement",
        title=_("Income statement"),
        columns=(
            tables.text(_("Account"), "code"),
            tables.text(_("Line"), "label"),
            column(span, "amount"),
            column(span.earlier, "earlier"),
        ),
        tools=False,
    )


# --- books side by side -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beside:
    """One account in all books: minor units by book, each in its own currency."""

    account_id: int
    code: str
    name: str
    classification: Classification
    amounts: dict[int, int]


@page("ledger.read")
def compare_books(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The balance of every account in every book, and where a book differs from the one shown."""
    table = _compare_table(desk)
    return table_page(request, desk, "web/compare_books.html", table, lambda ask: _compared(desk, ask))


def _others(desk: Desk) -> list[Book]:
    return [book for book in desk.books if book.book_id != desk.book_id]


def _compare_table(desk: Desk) -> Table:
    def balance(book: Book) -> Column:
        def get(row: Beside) -> Any:
            return formatting.from_minor(row.amounts.get(book.book_id, 0), book.currency_decimals)

        code = None if book.is_primary else book.code
        return tables.money(
            book.code.upper(),
            get,
            book.currency,
            decimals=book.currency_decimals,
            link=lambda row: desk.link("account", row.account_id, book=code),
        )

    def difference(book: Book) -> Column:
        def get(row: Beside) -> Any:
            both = row.amounts.get(book.book_id, 0) - row.amounts.get(desk.book_id, 0)
            return formatting.from_minor(both, book.currency_decimals)

        label = f"{book.code.upper()} − {desk.book.code.upper()}"
        return tables.money(label, get, book.currency, decimals=book.currency_decimals, phone=False)

    same = [book for book in _others(desk) if book.currency == desk.book.currency]
    return Table(
        key="books",
        title=_("Books side by side"),
        columns=(
            tables.text(
                _("Account"), "code", lead=True, link=lambda row: desk.link("account", row.account_id)
            ),
            tables.text(_("Name"), "name", clip=True, phone=False),
            balance(desk.book),
            *(balance(book) for book in _others(desk)),
            *(difference(book) for book in same),
        ),
        filters=(
            TO,
            Filter("only", _("Accounts"), choices=(("differing", _("that differ")),), unset=_("all")),
        ),
        empty_title=_("Nothing to compare"),
        empty_text=_("Accounts appear here with the first entries; add a second book under Company."),
    )


def _compared(desk: Desk, ask: Ask) -> Page:
    rows = _beside(desk, last_day(desk, ask))
    if ask.get("only") == "differing":
        rows = [row for row in rows if len({row.amounts.get(book.book_id, 0) for book in desk.books}) > 1]
    return Page(rows)


def _beside(desk: Desk, day: date | None) -> Sequence[Beside]:
    found: dict[str, Beside] = {}
    for book in desk.books:
        balance = ledger.trial_balance(desk.company_id, book.book_id, as_of=day, known_at=desk.known_at)
        for row in balance.rows:
            beside = found.setdefault(
                row.code, Beside(row.account_id, row.code, row.name, row.classification, {})
            )
            beside.amounts[book.book_id] = row.closing
    return [found[code] for code in sorted(found)]
