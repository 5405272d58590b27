"""What is behind a figure of the roll-forward: which rule moved which asset, and by how much."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from wherewithal.assets import queries
from wherewithal.assets.queries import Moved, Movement
from wherewithal.ledger import queries as ledger
from wherewithal.web import tables
from wherewithal.web.asset_names import MOVEMENTS
from wherewithal.web.desk import Desk
from wherewithal.web.later import assets_later
from wherewithal.web.pages import page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table
from wherewithal.web.views.finance import last_day

FIRST_DAY = date(1900, 1, 1)
"""Asked for as the first day, it means: from the beginning."""


@dataclass(frozen=True, slots=True)
class Total:
    cost: int
    carrying: int


@page("ledger.read")
def asset_movements(request: HttpRequest, desk: Desk) -> HttpResponse:
    """?class= and ?movement= choose the figure, ?from= and ?to= its days; the sums are those of the roll-forward."""
    table = _table(desk)
    of = _asked(desk, tables.read_ask(table, request.GET))
    later = assets_later(request, desk)
    cost, carrying = (0, 0) if later else queries.movements_total(desk.company_id, of)
    context = {"later": later, "from_on": None if of.from_on == FIRST_DAY else of.from_on, "to_on": of.to_on}

    def source(ask: Ask) -> Page:
        if later:
            return Page(())
        after = ask.place(str, str, int)
        rows = queries.movements(desk.company_id, of, after=after, limit=ask.limit)
        found = tables.full_page(rows, ask, lambda row: [row.tag, row.class_code, row.role])
        return Page(found.rows, found.after, totals=Total(cost, carrying) if rows else None)

    return table_page(request, desk, "web/asset_movements.html", table, source, context)


def _asked(desk: Desk, ask: Ask) -> Moved:
    to_on = last_day(desk, ask) or desk.day
    year_on = ledger.fiscal_year_start(desk.company.fiscal_year_start_month, to_on)
    movement = ask.get("movement")
    return Moved(
        book_id=desk.book_id,
        from_on=ask.day("from") or year_on,
        to_on=to_on,
        known_at=desk.known_at,
        class_id=ask.whole("class"),
        movement=Movement(movement) if movement else None,
    )


def _table(desk: Desk) -> Table:
    def money(label: str, name: str, **options: Any) -> tables.Column:
        return tables.money(
            label,
            lambda row: desk.amount(getattr(row, name)),
            desk.book.currency,
            decimals=desk.book.currency_decimals,
            total=True,
            **options,
        )

    classes = [(str(row.class_id), f"{row.code} {row.name}") for row in queries.classes(desk.company_id)]
    return Table(
        key="movements",
        title=_("Movements of assets"),
        columns=(
            tables.text(
                _("Tag"),
                lambda row: row.tag or _("what left a pool"),
                lead=True,
                link=lambda row: desk.link("asset_trail", row.asset_id) if row.asset_id else None,
            ),
            tables.text(_("Name"), "name", clip=True, phone=False),
            tables.text(_("Class"), "class_code", phone=False),
            tables.text(_("What"), "meaning", clip=True),
            tables.day(_("First on"), "first_on", extra=True),
            tables.day(_("Last on"), "last_on", phone=False),
            money(_("Cost"), "cost", phone=False),
            money(_("Carrying amount"), "carrying"),
        ),
        filters=(
            Filter("class", _("Class"), choices=classes),
            Filter("movement", _("Movement"), choices=list(MOVEMENTS.items())),
            Filter("from", _("From"), kind="day"),
            Filter("to", _("To"), kind="day"),
        ),
        empty_title=_("Nothing moved"),
        empty_text=_("No asset of this class was moved so in these days."),
    )
