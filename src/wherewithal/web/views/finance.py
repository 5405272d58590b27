"""The general ledger: entries, accounts, trial balance, balance sheet; each figure leads to what it is made of."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from wherewithal.assets import queries as assets
from wherewithal.kit.words import shown
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.queries import BalanceSheet, Entry, Section, StatementLine
from wherewithal.ledger.queries.scope import By
from wherewithal.ledger.values import Classification
from wherewithal.stock import queries as stock
from wherewithal.web import export, formatting, tables
from wherewithal.web.days import day_of
from wherewithal.web.desk import Desk
from wherewithal.web.names import CLASSES
from wherewithal.web.pages import page, table_page
from wherewithal.web.role_names import rule_name
from wherewithal.web.tables import Ask, Filter, Page, Table, Text

BY = Filter(
    "by",
    pgettext_lazy("which date", "Days"),
    choices=(("posting", gettext_lazy("by posting date")), ("effective", gettext_lazy("by effective date"))),
    unset=gettext_lazy("by posting date"),
)
FROM = Filter("from", gettext_lazy("From"), kind="day")
TO = Filter("to", gettext_lazy("To"), kind="day")


def by_of(ask: Ask) -> By:
    """Which of its dates counts an entry; the posting date unless the reader asks otherwise."""
    return cast(By, ask.get("by") or "posting")


def last_day(desk: Desk, ask: Ask) -> date | None:
    """The earlier of the filter's last day and the day that the pages show."""
    days = [day for day in (ask.day("to"), desk.as_of) if day is not None]
    return min(days) if days else None


# --- entries ----------------------------------------------------------------------------------------------


@page("ledger.read")
def entry_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    return table_page(request, desk, "web/entries.html", _entry_table(desk), lambda ask: _entries(desk, ask))


def entry_name(entry: Any) -> str:
    return f"{entry.year}/{entry.number}"


def _entry_table(desk: Desk) -> Table:
    book = desk.book
    return Table(
        key="entries",
        title=_("Entries"),
        columns=(
            tables.text(
                _("Number"), entry_name, lead=True, link=lambda row: desk.link("entry", row.entry_id)
            ),
            tables.day(_("Posted on"), "posting_on", sort="day"),
            tables.day(_("Effective on"), "effective_on", phone=False),
            tables.text(_("Source"), lambda row: source_name(row.source), phone=False),
            tables.text(_("Reference"), "reference", phone=False, clip=True),
            tables.text(_("Description"), "description", phone=False, clip=True),
            tables.money(
                _("Total"), lambda row: desk.amount(row.total), book.currency, decimals=book.currency_decimals
            ),
        ),
        filters=(
            Filter("source", _("Source"), choices=(("stock", _("Stock")), ("journal", _("By hand")))),
            FROM,
            TO,
            BY,
        ),
        default_sort="-day",
        empty_title=_("No entries yet"),
        empty_text=_("Each movement of goods posts its own entry; others are written by hand."),
    )


def source_name(source: str) -> str:
    return {"stock": _("Stock"), "journal": _("By hand"), "reversal": _("Reversal")}.get(source, source)


def _entries(desk: Desk, ask: Ask) -> Page:
    after = ask.place(day_of, int)
    found = ledger.journal(
        desk.company_id,
        desk.book_id,
        from_on=ask.day("from"),
        to_on=last_day(desk, ask),
        known_at=desk.known_at,
        by=by_of(ask),
        source=ask.get("source"),
        after=cast(Any, after),
        latest_first=ask.descending,
        limit=ask.limit,
    )
    return Page(found.entries, None if found.next_key is None else list(found.next_key))


@page("ledger.read", shows="fact")
def entry(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    found = ledger.entry(desk.company_id, desk.book_id, entry_id)
    context = {
        "entry": found,
        "name": entry_name(found),
        "source": source_name(found.source),
        "lines": _lines_of(request, desk, found),
    }
    return render(request, "web/entry.html", context | _cause(request, desk, found))


def _lines_of(request: HttpRequest, desk: Desk, found: Entry) -> tables.ShownTable:
    """Debit and credit of each account, and both sums."""

    def side(label: str, name: str) -> tables.Column:
        return tables.money(
            label,
            lambda row: desk.amount(row[name]),
            desk.book.currency,
            decimals=desk.book.currency_decimals,
            link=lambda row: (
                desk.link("explain_line", found.entry_id, row["line"].line_no) if row[name] else None
            ),
            total=True,
        )

    table = Table(
        key="lines",
        title=_("Lines"),
        columns=(
            tables.text(
                _("Account"),
                lambda row: row["line"].account_code,
                lead=True,
                sort="account",
                link=lambda row: desk.link("account", row["line"].account_id),
            ),
            tables.text(_("Name"), lambda row: row["line"].account_name),
            tables.text(_("Memo"), lambda row: row["line"].memo, phone=False),
            tables.text(_("Currency"), lambda row: row["line"].currency, extra=True),
            side(_("Debit"), "debit"),
            side(_("Credit"), "credit"),
        ),
        file_title=_("Entry %(number)s") % {"number": entry_name(found)},
        facts=_entry_facts(desk, found),
    )
    rows = [
        {
            "line": line,
            "debit": line.amount if line.amount > 0 else None,
            "credit": -line.amount if line.amount < 0 else None,
        }
        for line in found.lines
    ]
    sums = {"debit": found.total, "credit": found.total}
    return tables.show(request, table, lambda ask: tables.sliced(rows, table, ask, totals=sums))


def _entry_facts(desk: Desk, found: Entry) -> list[tuple[str, str]]:
    """What the entry says of itself at the top of its document."""
    facts = [
        (_("Posted on"), shown(found.posting_on)),
        (_("Effective on"), shown(found.effective_on)),
        (_("Recorded"), formatting.instant(found.recorded_at, timezone=desk.timezone)),
        (_("Source"), str(source_name(found.source))),
        (_("Reference"), found.reference or ""),
        (_("Description"), found.description or ""),
        (_("Content hash"), found.content_hash),
    ]
    return [(label, value) for label, value in facts if value]


def _cause(request: HttpRequest, desk: Desk, found: Entry) -> dict[str, Any]:
    """What made the entry: the value rows of assets, or of goods, for those that one of these rooms posted."""
    if found.batch_id is None:
        return {}
    if assets.entry_values(desk.company_id, desk.book_id, found.entry_id, limit=1):
        return {"values": _asset_values(request, desk, found), "of_assets": True}
    table = Table(
        key="values",
        title=_("What it is made of"),
        columns=(
            tables.text(_("Move"), "move_id", lead=True, link=lambda row: _move_link(desk, row.move_id)),
            tables.text(_("Rule"), lambda row: rule_name(row.role)),
            tables.text(_("Debit"), "debit_code", phone=False),
            tables.text(_("Credit"), "credit_code", phone=False),
            tables.money(
                _("Amount"),
                lambda row: desk.amount(row.amount),
                desk.book.currency,
                decimals=desk.book.currency_decimals,
                link=lambda row: desk.link("explain_move", row.move_id) if row.move_id else None,
            ),
        ),
        tools=False,
        empty_title=_("No goods"),
    )

    def source(ask: Ask) -> Page:
        after = cast(Any, ask.place(int, int))
        rows = stock.entry_values(
            desk.company_id, book_id=desk.book_id, entry_id=found.entry_id, after=after, limit=ask.limit
        )
        return tables.full_page(rows, ask, lambda row: [row.move_id, row.cause_id])

    return {"values": tables.show(request, table, source)}


def _asset_values(request: HttpRequest, desk: Desk, found: Entry) -> tables.ShownTable:
    table = Table(
        key="values",
        title=_("What it is made of"),
        columns=(
            tables.text(
                _("Asset"),
                lambda row: row.tag or _("what left a pool"),
                lead=True,
                link=lambda row: desk.link("asset", row.asset_id) if row.asset_id else None,
            ),
            tables.text(_("What"), "meaning", clip=True),
            tables.text(_("Debit"), "debit_account", phone=False),
            tables.text(_("Credit"), "credit_account", phone=False),
            tables.money(
                _("Amount"),
                lambda row: desk.amount(row.amount),
                desk.book.currency,
                decimals=desk.book.currency_decimals,
                link=lambda row: desk.link("asset_trail", row.asset_id) if row.asset_id else None,
            ),
        ),
        tools=False,
    )

    def source(ask: Ask) -> Page:
        after = cast(Any, ask.place(str, int))
        rows = assets.entry_values(
            desk.company_id, desk.book_id, found.entry_id, after=after, limit=ask.limit
        )
        return tables.full_page(rows, ask, lambda row: [row.tag, row.event_id])

    return tables.show(request, table, source)


def _move_link(desk: Desk, move_id: int) -> str | None:
    return desk.link("move", move_id) if move_id else None


# --- one account ------------------------------------------------------------------------------------------


@page("ledger.read")
def account(request: HttpRequest, desk: Desk, account_id: int) -> HttpResponse:
    found = ledger.account(desk.company_id, account_id)
    table = _account_table(desk, f"{found.code} {found.name}")
    context = {"account": found, "class_name": CLASSES[found.classification]}
    return table_page(
        request, desk, "web/account.html", table, lambda ask: _account_rows(desk, account_id, ask), context
    )


def _account_table(desk: Desk, title: str) -> Table:
    currency, decimals = desk.book.currency, desk.book.currency_decimals
    return Table(
        key="account",
        title=title,
        columns=(
            tables.day(_("Posted on"), "posting_on"),
            tables.day(_("Effective on"), "effective_on", phone=False),
            tables.text(_("Entry"), entry_name, lead=True, link=lambda row: desk.link("entry", row.entry_id)),
            tables.text(_("Reference"), "reference", phone=False, clip=True),
            tables.text(_("Description"), lambda row: row.memo or row.description, phone=False, clip=True),
            tables.money(_("Amount"), lambda row: desk.amount(row.amount), currency, decimals=decimals),
            tables.money(_("Balance"), lambda row: desk.amount(row.balance), currency, decimals=decimals),
        ),
        filters=(FROM, TO, BY),
        empty_title=_("Nothing was posted here"),
        empty_text=_("No entry has touched this account in the days chosen."),
    )


def _account_rows(desk: Desk, account_id: int, ask: Ask) -> Page:
    found = ledger.account_ledger(
        desk.company_id,
        desk.book_id,
        account_id,
        from_on=ask.day("from"),
        to_on=last_day(desk, ask),
        known_at=desk.known_at,
        by=by_of(ask),
        after=cast(Any, ask.place(day_of, int, int)),
        limit=ask.limit,
    )
    return Page(found.rows, None if found.next_key is None else list(found.next_key))


# --- trial balance ----------------------------------------------------------------------------------------


@page("ledger.read")
def trial_balance(request: HttpRequest, desk: Desk) -> HttpResponse:
    asked = tables.read_ask(Table("days", "", (), filters=(FROM, TO)), request.GET)
    year_on = ledger.fiscal_year_start(
        desk.company.fiscal_year_start_month, last_day(desk, asked) or desk.day
    )
    table = _trial_table(desk, request.GET.get("to", ""), request.GET.get("by", ""), year_on)
    ask = tables.read_ask(table, request.GET)
    from_on, to_on = ask.day("from") or year_on, last_day(desk, ask)
    found = ledger.trial_balance(
        desk.company_id,
        desk.book_id,
        as_of=to_on,
        from_on=from_on,
        known_at=desk.known_at,
        by=by_of(ask),
    )
    source = lambda ask: Page(tables.in_order(found.rows, table, ask), totals=found)  # noqa: E731 - one page
    file_format = export.wanted(request)
    if file_format:
        span = (from_on, max(from_on, to_on or desk.day))
        return export.answer(request, desk, table, source, file_format, span=span)
    shown = tables.show(request, table, source)
    balanced = found.closing == 0
    return render(request, "web/trial_balance.html", {"table": shown, "balanced": balanced, "found": found})


def _trial_table(desk: Desk, to: str, by: str, year_on: date) -> Table:
    """`year_on`: the first day of the fiscal year, from which it moves unless other days are asked for."""
    currency, decimals = desk.book.currency, desk.book.currency_decimals

    def link(row: Any) -> str:
        return desk.link("account", row.account_id)

    def why(row: Any) -> str:
        return desk.link("explain_balance", row.account_id, to=to, by=by)

    def column(label: str, name: str, *, phone: bool = True) -> tables.Column:
        sign = -1 if name == "credit" else 1  # the column says that it is one

        return tables.money(
            label,
            lambda row: desk.amount(sign * getattr(row, name)),
            currency,
            decimals=decimals,
            phone=phone,
            total=True,
            key=name,
            sort=name,
            link=why if name == "closing" else None,
        )

    return Table(
        key="trial-balance",
        title=_("Trial balance"),
        columns=(
            tables.text(_("Account"), "code", lead=True, sort="code", link=link),
            tables.text(_("Name"), "name", clip=True, sort="name"),
            tables.text(_("Class"), lambda row: CLASSES[row.classification], phone=False),
            column(pgettext("balance", "Opening"), "opening", phone=False),
            column(_("Debit"), "debit", phone=False),
            column(_("Credit"), "credit", phone=False),
            column(pgettext("balance", "Closing"), "closing"),
        ),
        filters=(replace(FROM, unset=year_on.isoformat()), TO, BY),
        empty_title=_("Nothing is posted yet"),
        empty_text=_("Balances appear here with the first entry of this book."),
    )


# --- balance sheet ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of the printed sheet: an account, a subtotal or a total, with the comparison beside it."""

    label: Text
    amount: int
    earlier: int
    href: str = ""
    why: str = ""
    kind: str = ""  # group, total or nothing
    code: str = ""


@page("ledger.read")
def balance_sheet(request: HttpRequest, desk: Desk) -> HttpResponse:
    day = desk.day
    year_on = ledger.fiscal_year_start(desk.company.fiscal_year_start_month, day)
    sheet = ledger.balance_sheet(desk.company_id, desk.book_id, as_of=day, known_at=desk.known_at)
    before_on = year_on - timedelta(days=1)
    before = ledger.balance_sheet(desk.company_id, desk.book_id, as_of=before_on, known_at=desk.known_at)
    lines = _sheet_lines(desk, sheet, before)
    table = _sheet_table(desk, day, before_on)
    file_format = export.wanted(request)
    if file_format:
        return export.answer(
            request, desk, table, lambda ask: Page(lines), file_format, strong=lambda line: bool(line.kind)
        )
    context = {
        "sheet": sheet,
        "lines": lines,
        "day": day,
        "before_on": before_on,
        "balanced": sheet.assets == sheet.liabilities_and_equity,
        "head": next(iter(ledger.chain_heads(desk.company_id, desk.book_id)), None),
        "exports": tables.export_links(lambda kind: desk.link("balance_sheet", export=kind)),
    }
    return render(request, "web/balance_sheet.html", context)


def _sheet_table(desk: Desk, day: date, before_on: date) -> Table:
    currency, decimals = desk.book.currency, desk.book.currency_decimals
    return Table(
        key="balance-sheet",
        title=_("Balance sheet"),
        columns=(
            tables.text(_("Account"), "code"),
            tables.text(_("Line"), "label"),
            tables.money(shown(day), lambda line: desk.amount(line.amount), currency, decimals=decimals),
            tables.money(
                shown(before_on), lambda line: desk.amount(line.earlier), currency, decimals=decimals
            ),
        ),
        tools=False,
    )


def _sheet_lines(desk: Desk, sheet: BalanceSheet, before: BalanceSheet) -> list[SheetLine]:
    lines: list[SheetLine] = []
    for section, earlier in zip(sheet.sections, before.sections, strict=True):
        lines += _section_lines(desk, section, earlier)
        if section.key == Classification.NONCURRENT_ASSET.value:
            lines.append(SheetLine(_("Total assets"), sheet.assets, before.assets, kind="total"))
        elif section.key == Classification.NONCURRENT_LIABILITY.value:
            lines.append(
                SheetLine(_("Total liabilities"), sheet.liabilities, before.liabilities, kind="total")
            )
    both = (sheet.liabilities_and_equity, before.liabilities_and_equity)
    lines.append(SheetLine(_("Total liabilities and equity"), *both, kind="total"))
    return lines


def _section_lines(desk: Desk, section: Section, earlier: Section) -> list[SheetLine]:
    """The accounts of a section as they are in either column, below its heading with the sums."""
    title = CLASSES[Classification(section.key)]
    lines = [SheetLine(title, section.total, earlier.total, kind="group")]
    now, before = _by_account(section), _by_account(earlier)
    for key in sorted(now.keys() | before.keys()):
        line = now.get(key) or before[key]
        href = desk.link("account", line.account_id) if line.account_id else ""
        why = desk.link("explain_balance", line.account_id) if line.account_id else ""
        amounts = (now[key].amount if key in now else 0, before[key].amount if key in before else 0)
        lines.append(
            SheetLine(
                _(line.name) if not line.code else line.name, *amounts, href=href, why=why, code=line.code
            )
        )
    return lines


def _by_account(section: Section) -> dict[tuple[str, str], StatementLine]:
    """Worked-out figures, which have no code, come last."""
    return {(line.code or "\uffff", line.name): line for line in section.lines}
