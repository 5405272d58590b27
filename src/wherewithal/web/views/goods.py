"""Questions about goods: what is on its way, how old it is, what expires when."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from wherewithal.items.values import LotStatus
from wherewithal.stock import queries as stock
from wherewithal.stock.queries import Age, Detail, ExpirySort, OnHandFilter
from wherewithal.web import formatting, tables
from wherewithal.web.days import iso_day
from wherewithal.web.desk import Desk
from wherewithal.web.home_charts import expiry_chart
from wherewithal.web.lookups import find_item
from wherewithal.web.names import lot_status
from wherewithal.web.pages import page, table_page
from wherewithal.web.tables import Ask, Column, Filter, Page, Table, full_page
from wherewithal.web.views.stock import category_choices, qty_of

MOST_IN_TRANSIT = 1000
AGES = ("under_30_qty", "under_90_qty", "under_180_qty", "under_360_qty", "older_qty")


# --- on its way -------------------------------------------------------------------------------------------


@page("stock.read")
def transit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Goods that were sent and have not arrived."""
    table = Table(
        key="transit",
        title=_("On its way"),
        columns=_transit_columns(desk),
        tools=False,
        empty_title=_("Nothing is on its way"),
        empty_text=_("Goods that are sent to another site wait here until somebody takes them in."),
    )
    return table_page(request, desk, "web/transit.html", table, lambda ask: Page(in_transit(desk)))


def in_transit(desk: Desk) -> list[stock.OnHand]:
    """What lies in places of transit on the day shown."""
    places = [p for p in stock.list_locations(desk.company_id, held=True) if p.type == "transit"]
    return [
        row
        for place in places
        for row in stock.on_hand(
            desk.company_id,
            today=desk.today,
            detail=Detail.LOT,
            filters=OnHandFilter(location_id=place.id),
            as_of=desk.as_of,
            known_at=desk.known_at,
            limit=MOST_IN_TRANSIT,
        )
    ]


def _transit_columns(desk: Desk) -> tuple[Column, ...]:
    columns = [
        tables.text(_("Item"), "sku", lead=True, link=lambda row: desk.link("item", row.item_id)),
        tables.text(_("Name"), "item_name", clip=True),
        tables.text(_("Lot or serial"), "lot_code", phone=False),
        tables.text(_("Place"), "location_code", link=lambda row: desk.link("location", row.location_id)),
        tables.quantity(_("Quantity"), qty_of, "unit_code"),
    ]
    if desk.may("stock.transfer") and not desk.travels:
        columns.append(
            tables.text(_("Actions"), lambda row: _("Take in"), link=lambda row: _arrival(desk, row))
        )
    return tuple(columns)


def _arrival(desk: Desk, row: stock.OnHand) -> str:
    """The form that takes this in, filled as far as it is known."""
    qty = formatting.quantity(qty_of(row)).replace(formatting.MINUS, "-")
    return desk.link(
        "document_new",
        "arrival",
        item=row.sku,
        qty=qty,
        from_location=row.location_code,
        lot=row.lot_code or None,
    )


# --- age --------------------------------------------------------------------------------------------------


@page("stock.read", shows="now")
def ageing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How long goods have been lying, by item; with their value for those who may see it."""
    return table_page(request, desk, "web/ageing.html", _age_table(desk), lambda ask: _ages(desk, ask))


def _age_table(desk: Desk) -> Table:
    labels = (_("Under 30 days"), _("30 to 90"), _("90 to 180"), _("180 to 360"), _("Over 360"))

    def column(label: str, name: str) -> Column:
        return tables.number(label, lambda row: _aged(row, name), phone=False)

    columns = [
        tables.text(
            _("SKU"),
            lambda row: row[0].sku,
            lead=True,
            sort="sku",
            link=lambda row: desk.link("item", row[0].item_id),
        ),
        tables.text(_("Name"), lambda row: row[0].item_name, clip=True),
        tables.quantity(_("On hand"), lambda row: _aged(row, "qty"), lambda row: row[0].unit_code),
        *(column(label, name) for label, name in zip(labels, AGES, strict=True)),
    ]
    if desk.may("ledger.read"):
        currency, decimals = desk.book.currency, desk.book.currency_decimals
        value = lambda row: desk.amount(row[1])  # noqa: E731
        old = lambda row: desk.amount(_old_value(row))  # noqa: E731
        columns.append(tables.money(_("Value"), value, currency, decimals=decimals, phone=False))
        columns.append(tables.money(_("Older than 180 days"), old, currency, decimals=decimals))
    return Table(
        key="ageing",
        title=_("Age of stock"),
        columns=tuple(columns),
        filters=(
            Filter("category", _("Category"), choices=category_choices(desk)),
            Filter("item", _("Item (SKU)"), kind="code"),
        ),
        search_hint=_("SKU, name or barcode"),
        default_sort="sku",
        empty_title=_("Nothing on hand"),
        empty_text=_("Receive goods, and their age shows here."),
    )


def _aged(row: tuple[Age, int], name: str) -> Decimal:
    return formatting.from_minor(getattr(row[0], name), row[0].qty_decimals)


def _old_value(row: tuple[Age, int]) -> int:
    """The part of the value that has lain for more than 180 days, by quantity."""
    age, value = row
    return round(Decimal(value) * (age.under_360_qty + age.older_qty) / age.qty) if age.qty else 0


def _ages(desk: Desk, ask: Ask) -> Page:
    after = ask.place(str)
    item = find_item(desk, ask.filters["item"]) if ask.get("item") else None
    if ask.get("item") and item is None:
        return Page([])
    rows = stock.ageing(
        desk.company_id,
        today=desk.today,
        text=ask.q,
        category_id=ask.whole("category"),
        item_id=item.item_id if item else None,
        descending=ask.descending,
        after=after[0] if after else None,
        limit=ask.limit,
    )
    values = _values(desk, [row.item_id for row in rows])
    shown = [(row, values.get(row.item_id, 0)) for row in rows]
    return full_page(shown, ask, lambda row: [row[0].sku])


def _values(desk: Desk, item_ids: Sequence[int]) -> dict[int, int]:
    """Carrying value by item in the book shown; nothing for those who do not see money."""
    if not item_ids or not desk.may("ledger.read"):
        return {}
    found: dict[int, int] = {}
    rows = stock.valuation(desk.company_id, book_id=desk.book_id, item_ids=item_ids, limit=1000)
    for row in rows:
        found[row.item_id] = found.get(row.item_id, 0) + row.carrying
    return found


# --- expiry -----------------------------------------------------------------------------------------------


@page("stock.read", shows="now")
def expiry(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What expires, week by week, and lot by lot."""
    return table_page(
        request,
        desk,
        "web/expiry.html",
        _expiry_table(desk),
        lambda ask: _expiring(desk, ask),
        {"chart": expiry_chart(desk)},
    )


def _expiry_table(desk: Desk) -> Table:
    return Table(
        key="expiry",
        title=_("What expires"),
        columns=(
            tables.day(_("Expires"), "expires_on", sort="expires"),
            tables.text(_("Lot"), "lot_code", lead=True, link=lambda row: desk.link("lot", row.lot_id)),
            tables.text(_("Item"), "sku", sort="item", link=lambda row: desk.link("item", row.item_id)),
            tables.text(_("Name"), "item_name", clip=True),
            tables.tag(_("Status"), lambda row: _status(desk, row), lot_status, phone=False),
            tables.text(
                _("Place"),
                "location_code",
                link=lambda row: desk.link("location", row.location_id),
                phone=False,
            ),
            tables.quantity(_("Quantity"), qty_of, "unit_code"),
        ),
        filters=(
            Filter(
                "within",
                _("Within"),
                choices=(
                    ("0", _("expired")),
                    ("30", _("30 days")),
                    ("90", _("90 days")),
                    ("360", _("a year")),
                ),
                unset=_("half a year"),
            ),
        ),
        default_sort="expires",
        row_class=lambda row: "is-bad" if row.expires_on < desk.today else "",
        empty_title=_("Nothing expires"),
        empty_text=_("Lots on hand with an expiry day in these weeks are listed here."),
    )


def _status(desk: Desk, row: stock.ExpiringLot) -> int:
    return LotStatus.EXPIRED if row.expires_on < desk.today else row.lot_status


def _expiring(desk: Desk, ask: Ask) -> Page:
    within = ask.whole("within")
    until: date = desk.today + timedelta(days=182 if within is None else within or -1)
    sort = ExpirySort(ask.sort)
    first: tuple[Callable[[str], str], ...] = (iso_day, str) if sort == ExpirySort.EXPIRES else (str, iso_day)
    rows = stock.expiring(
        desk.company_id,
        until=until,
        sort=sort,
        descending=ask.descending,
        after=ask.place(*first, str, str),
        limit=ask.limit,
    )
    return full_page(rows, ask, lambda row: list(row.place(sort)))
