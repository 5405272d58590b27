"""What stock is worth: the valuation, and the explanation of any figure."""

from dataclasses import replace
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wherewithal.items import queries as items
from wherewithal.ledger import queries as ledger
from wherewithal.reporting import explain
from wherewithal.reporting.explain import Explanation, FactRef
from wherewithal.stock import queries as stock
from wherewithal.stock.queries import ValueFilter, ValueOrder, ValueSort
from wherewithal.web import tables
from wherewithal.web.days import day_of
from wherewithal.web.desk import Desk
from wherewithal.web.later import LARGE_MOVES, stock_later
from wherewithal.web.pages import page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table, full_page
from wherewithal.web.views.items import item_of
from wherewithal.web.views.stock import category_choices, qty_of

# --- valuation --------------------------------------------------------------------------------------------


@page("ledger.read")
def valuation(request: HttpRequest, desk: Desk) -> HttpResponse:
    later = stock_later(request, desk)
    # What adds up a past day of a large company takes longer than a page may: it comes by SKU.
    table = _valuation_table(
        desk, sorts=not desk.travels or not stock.has_moves(desk.company_id, LARGE_MOVES)
    )
    total = None if later else _total(desk, tables.read_ask(table, request.GET), stock.EVERYTHING)
    return table_page(
        request,
        desk,
        "web/valuation.html",
        table,
        lambda ask: replace(_valuation(desk, ask), totals=None if later else _sum(desk, ask, total)),
        {"total": total, "later": later},
    )


def _by(ask: Ask) -> Literal["posting", "effective"]:
    return "posting" if ask.get("by") == "posting" else "effective"


def _total(desk: Desk, ask: Ask, wanted: ValueFilter) -> stock.ValuationTotal:
    return stock.valuation_total(
        desk.company_id,
        book_id=desk.book_id,
        as_of=desk.as_of,
        known_at=desk.known_at,
        by=_by(ask),
        filters=wanted,
    )


def _sum(desk: Desk, ask: Ask, total: stock.ValuationTotal | None) -> stock.ValuationTotal | None:
    """What the last line says: all, or what words and category leave of it."""
    if ask.get("item"):
        return None
    wanted = _wanted(ask)
    return total if wanted == stock.EVERYTHING else _total(desk, ask, wanted)


def _wanted(ask: Ask) -> ValueFilter:
    return ValueFilter(ask.q, ask.whole("category"))


def _valuation_table(desk: Desk, *, sorts: bool) -> Table:
    currency, decimals = desk.book.currency, desk.book.currency_decimals

    def money(label: str, name: str, *, phone: bool = True, link: Any = None) -> tables.Column:
        return tables.money(
            label,
            lambda row: desk.amount(getattr(row, name)),
            currency,
            decimals=decimals,
            phone=phone,
            link=link,
            total=True,
            sort=name if sorts else "",
            key=name,
        )

    columns = [
        tables.text(
            _("SKU"),
            "sku",
            lead=True,
            sort="sku" if sorts else "",
            link=lambda row: desk.link("ledger_card", row.item_id),
        ),
        tables.text(_("Name"), "item_name", clip=True),
        tables.text(_("Category"), "category_code", phone=False),
        tables.quantity(_("Quantity"), qty_of, "unit_code"),
        money(_("At cost"), "value", link=lambda row: desk.link("explain_value", row.item_id)),
        money(_("Write-down"), "allowance", phone=False),
        money(_("Carrying amount"), "carrying", phone=False),
    ]
    if desk.book.cost_scope == "warehouse":
        columns.insert(3, tables.text(_("Warehouse"), "scope_code", phone=False))
    return Table(
        key="valuation",
        title=_("Stock valuation"),
        columns=columns,
        filters=(
            Filter("category", _("Category"), choices=category_choices(desk)),
            Filter("item", _("Item (SKU)"), kind="code"),
            Filter(
                "by",
                pgettext("which date", "Days"),
                choices=(("effective", _("by effective date")), ("posting", _("by posting date"))),
                unset=_("by effective date"),
            ),
        ),
        search_hint=_("SKU, name or barcode"),
        default_sort="sku" if sorts else "",
        empty_title=_("Nothing to value"),
        empty_text=_("Goods that come in with a cost are valued here."),
    )


def _valuation(desk: Desk, ask: Ask) -> Page:
    item_ids = None
    if ask.get("item"):
        found = items.find_by_scan(desk.company_id, ask.filters["item"])
        if found is None:
            return Page([])
        item_ids = [found.item_id]
    sort = ValueSort(ask.sort or ValueSort.SKU)
    place = ask.place(str, int) if sort is ValueSort.SKU else ask.place(int, str, int)
    rows = stock.valuation(
        desk.company_id,
        book_id=desk.book_id,
        as_of=desk.as_of,
        known_at=desk.known_at,
        by=_by(ask),
        item_ids=item_ids,
        filters=_wanted(ask),
        order=ValueOrder(sort, ask.descending, place),
        limit=ask.limit,
    )
    return full_page(rows, ask, lambda row: list(row.place(sort)))


# --- explanations -----------------------------------------------------------------------------------------


@page("ledger.read", shows="now")
def explain_move(request: HttpRequest, desk: Desk, move_id: int) -> HttpResponse:
    found = stock.get_move(desk.company_id, move_id)
    explanation = explain.move_cost(company_id=desk.company_id, move_id=move_id, book_id=desk.book_id)
    title = _("Why move %(number)s costs what it costs") % {"number": found.document_number}
    return explained(request, desk, title, explanation, desk.link("move", move_id))


@page("ledger.read")
def explain_value(request: HttpRequest, desk: Desk, item_id: int) -> HttpResponse:
    found = item_of(desk, item_id)
    dates: Any = {"as_of": desk.as_of, "known_at": desk.known_at}
    cost = explain.unit_cost(company_id=desk.company_id, item_id=item_id, book_id=desk.book_id, **dates)
    value = explain.valuation_figure(
        company_id=desk.company_id, book_id=desk.book_id, item_id=item_id, **dates
    )
    title = _("Why %(sku)s is worth what it is worth") % {"sku": found["sku"]}
    whole = Explanation(statement=_("Value and cost of one unit"), children=(value, cost))
    return explained(request, desk, title, whole, desk.link("ledger_card", item_id))


@page("stock.read")
def explain_stock(request: HttpRequest, desk: Desk, item_id: int) -> HttpResponse:
    found = item_of(desk, item_id)
    explanation = explain.stock_figure(
        company_id=desk.company_id,
        item_id=item_id,
        location_id=_whole(request, "location"),
        lot_id=_whole(request, "lot"),
        as_of=desk.as_of,
        known_at=desk.known_at,
    )
    title = _("Why there is so much of %(sku)s") % {"sku": found["sku"]}
    return explained(request, desk, title, explanation, desk.link("item", item_id))


@page("ledger.read")
def explain_balance(request: HttpRequest, desk: Desk, account_id: int) -> HttpResponse:
    """Why an account stands where it stands: ?to= a day, ?by=effective."""
    found = ledger.account(desk.company_id, account_id)
    day = _day(request, "to") or desk.as_of
    explanation = explain.account_balance(
        company_id=desk.company_id,
        book_id=desk.book_id,
        account_id=account_id,
        from_on=ledger.fiscal_year_start(desk.company.fiscal_year_start_month, day or desk.today),
        as_of=day,
        known_at=desk.known_at,
        by="effective" if request.GET.get("by") == "effective" else "posting",
    )
    title = _("Why %(code)s %(name)s stands where it stands") % {"code": found.code, "name": found.name}
    return explained(request, desk, title, explanation, desk.link("account", account_id))


@page("ledger.read", shows="fact")
def explain_line(request: HttpRequest, desk: Desk, entry_id: int, line_no: int) -> HttpResponse:
    explanation = explain.entry_line(
        company_id=desk.company_id, book_id=desk.book_id, entry_id=entry_id, line_no=line_no
    )
    title = _("What line %(number)s of the entry is made of") % {"number": line_no}
    return explained(request, desk, title, explanation, desk.link("entry", entry_id))


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return day_of(request.GET.get(name, ""))
    except ValueError:
        return None


def _whole(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isdigit() and len(given) < 15 else None


# Where a fact of an explanation can be looked up.
PANEL = "why-body"
FACT_PAGES = {"move": "move", "document": "document", "entry": "entry", "lot": "lot", "asset": "asset"}


def explained(
    request: HttpRequest, desk: Desk, title: str, explanation: Explanation, back: str
) -> HttpResponse:
    """The chain as a page of its own, or as what the panel beside another page takes in."""
    context = {"title": title, "root": _shown(desk, explanation), "back": back}
    beside = request.headers.get("HX-Target") == PANEL
    return render(request, "web/_explained.html" if beside else "web/explained.html", context)


def _shown(desk: Desk, explanation: Explanation) -> dict[str, Any]:
    return {
        "statement": explanation.statement,
        "figure": explanation.figure,
        "rule": explanation.rule,
        "facts": [(fact, _fact_link(desk, fact)) for fact in explanation.facts],
        "children": [_shown(desk, child) for child in explanation.children],
    }


def _fact_link(desk: Desk, fact: FactRef) -> str:
    name = FACT_PAGES.get(fact.kind)
    return desk.link(name, fact.id) if name and fact.id > 0 else ""
