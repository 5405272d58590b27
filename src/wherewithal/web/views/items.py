"""Items: the list, the card, and the forms that make and change them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from wherewithal.items import queries as items
from wherewithal.items import services
from wherewithal.items.queries.items import ItemFilter
from wherewithal.items.units import STANDARD_UNITS
from wherewithal.items.values import BarcodeDraft, ItemKind, Tracking
from wherewithal.kit.errors import NotFound, Problem, Refused, refuse
from wherewithal.stock import queries as stock
from wherewithal.web import formatting, tables
from wherewithal.web.desk import Desk
from wherewithal.web.forms.items import ITEM_NAMES, AttributeForm, BarcodeForm, CategoryForm, ItemForm
from wherewithal.web.names import ITEM_STATES, KINDS, TRACKING_NAMES
from wherewithal.web.pages import Undo, act, attempt, back_of, done, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table, full_page

KIND_NAMES = dict(KINDS)


def item_of(desk: Desk, item_id: int) -> dict[str, Any]:
    """The item of an address."""
    item = items.get_item(desk.company_id, item_id)
    if item is None:
        raise NotFound(Problem("item", "exists", _("There is no such item in this company.")))
    return item


def category_choices(desk: Desk) -> list[tuple[str, str]]:
    """The tree, each category indented by its depth."""
    indent = "\N{EN SPACE}\N{EN SPACE}"
    return [
        (row["code"], indent * (len(row["path"]) - 1) + row["name"])
        for row in items.categories(desk.company_id)
    ]


# --- the list ---------------------------------------------------------------------------------------------


@page("items.read", shows="now")
def item_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    return table_page(request, desk, "web/items.html", _table(desk), lambda ask: _source(desk, ask))


def _table(desk: Desk) -> Table:
    categories = [(str(row["id"]), " / ".join(row["path"])) for row in items.categories(desk.company_id)]
    return Table(
        key="items",
        title=_("Items"),
        columns=(
            tables.text(
                _("SKU"), "sku", lead=True, sort="sku", link=lambda row: desk.link("item", row["id"])
            ),
            tables.text(_("Name"), "name", clip=True, sort="name"),
            tables.text(_("Kind"), lambda row: KIND_NAMES[ItemKind(row["kind"]).value], phone=False),
            tables.text(_("Category"), "category_name", phone=False),
            tables.text(_("Tracking"), lambda row: TRACKING_NAMES[Tracking(row["tracking"])], phone=False),
            *_stock_columns(desk),
            tables.tag(_("State"), "active", lambda on: ITEM_STATES[on], phone=False),
        ),
        filters=(
            Filter("kind", _("Kind"), choices=KINDS),
            Filter("category", _("Category"), choices=categories),
            Filter(
                "tracking",
                _("Tracking"),
                choices=[(str(t.value), name) for t, name in TRACKING_NAMES.items()],
            ),
            Filter("active", _("State"), choices=(("yes", _("In use")), ("no", _("Retired")))),
        ),
        search_hint=_("SKU, name or barcode"),
        default_sort="sku",
        row_id=(lambda row: row["id"]) if desk.may("items.write") else None,
        bulk=_together(desk) if desk.may("items.write") else (),
        empty_title=_("No items yet"),
        empty_text=_("Items are what you stock: parts, goods, spares. Add one, or import a list."),
    )


def _together(desk: Desk) -> list[tables.BulkAction]:
    """What is done with several items at once."""
    to = desk.link("items_state")
    return [
        tables.BulkAction(_("Retire"), to, "x", "state", "no", _("Retire the chosen items?")),
        tables.BulkAction(_("Use again"), to, "refresh", "state", "yes"),
    ]


@require_POST
@page("items.write")
def items_state(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Retire several items, or use them again."""
    active = {"yes": True, "no": False}.get(request.POST.get("state", ""))
    if active is None:
        raise refuse("state", "choice", _("Choose whether the items are in use or retired."))
    chosen, back = tables.chosen(request), back_of(request, desk)
    changed = act(
        lambda: services.set_items_active(
            company_id=desk.company_id, actor_id=desk.user_id, item_ids=chosen, active=active
        )
    )
    if active:
        message = ngettext("%(n)s item is in use again.", "%(n)s items are in use again.", changed)
    else:
        message = ngettext("%(n)s item is retired.", "%(n)s items are retired.", changed)
    undo = None
    if changed == len(set(chosen)):  # else some were so before, and would not be afterwards
        before = [("state", "no" if active else "yes"), ("back", back)]
        undo = Undo(desk.link("items_state"), [*before, *(("chosen", str(item_id)) for item_id in chosen)])
    return done(request, message % {"n": changed}, back, undo=undo)


def _stock_columns(desk: Desk) -> tuple[tables.Column, ...]:
    """How much there is of an item, for those who may see stock; its unit for the others."""
    if not desk.may("stock.read"):
        return (tables.text(_("Unit"), "unit_code"),)

    def there(name: str) -> Callable[[dict[str, Any]], Decimal]:
        return lambda row: formatting.from_minor(
            getattr(row["stock"], name) if row["stock"] else 0, row["qty_decimals"]
        )

    why = lambda row: desk.link("explain_stock", row["id"])  # noqa: E731
    return (
        tables.quantity(_("On hand"), there("qty"), "unit_code", key="on_hand", link=why),
        tables.quantity(_("Available"), there("available"), "unit_code", key="available", phone=False),
        tables.text(_("Unit"), "unit_code", extra=True),
    )


def _with_stock(desk: Desk, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows or not desk.may("stock.read"):
        return rows
    wanted = stock.OnHandFilter(item_ids=[row["id"] for row in rows])
    found = stock.on_hand(
        desk.company_id, today=desk.today, detail=stock.Detail.ITEM, filters=wanted, limit=len(rows)
    )
    by_item = {one.item_id: one for one in found}
    return [{**row, "stock": by_item.get(row["id"])} for row in rows]


def _source(desk: Desk, ask: Ask) -> Page:
    after = ask.place(str, int)
    wanted = ItemFilter(
        text=ask.q,
        kind=ask.get("kind"),
        category_id=ask.whole("category"),
        tracking=ask.whole("tracking"),
        active={"yes": True, "no": False}.get(ask.get("active") or ""),
    )
    order: Literal["sku", "name"] = "name" if ask.sort == "name" else "sku"
    rows = items.list_items(
        desk.company_id,
        filters=wanted,
        order=order,
        descending=ask.descending,
        after=after,
        limit=ask.limit,
    )
    return full_page(_with_stock(desk, rows), ask, lambda row: [row[order], row["id"]])


# --- forms ------------------------------------------------------------------------------------------------


@page("items.write")
def item_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method != "POST":
        form = _item_form(
            desk, None, initial={"category_code": "all", "base_unit_code": "pcs", "tracking": "0"}
        )
        return _show_form(request, desk, form, _("New item"))
    with desk.reading():
        form = _item_form(desk, request.POST)
        valid = form.is_valid()

    def create() -> int:
        return services.create_item(company_id=desk.company_id, actor_id=desk.user_id, item=form.draft())

    if not valid or not attempt(form, create, ITEM_NAMES):
        return _show_form(request, desk, form, _("New item"))
    message = _("%(sku)s is added.") % {"sku": form.cleaned_data["sku"]}
    return done(request, message, desk.link("item", form.outcome))


@page("items.write")
def item_edit(request: HttpRequest, desk: Desk, item_id: int) -> HttpResponse:
    with desk.reading():
        item = item_of(desk, item_id)
        specs = items.attribute_specs_by_category(desk.company_id).get(item["category_code"], {})
        initial = item | {"base_unit_code": item["unit_code"]}
        form = _item_form(desk, request.POST if request.method == "POST" else None, initial=initial)
        attributes = AttributeForm(
            request.POST if request.method == "POST" else None, specs=specs, initial=item["attributes"]
        )
        title = _("Change %(sku)s") % {"sku": item["sku"]}
        if request.method != "POST" or not (form.is_valid() and attributes.is_valid()):
            return _show_form(request, desk, form, title, attributes=attributes, item=item)
    given = {code: value for code, value in attributes.cleaned_data.items() if value != ""}
    changes = form.values | {"attributes": given}
    try:
        act(lambda: services.update_item(
            company_id=desk.company_id, actor_id=desk.user_id, item_id=item_id, changes=changes
        ))  # fmt: skip
    except Refused as refused:
        for problem in refused.problems:
            (attributes if problem.field in specs else form).take(problem, ITEM_NAMES)
        return _show_form(request, desk, form, title, attributes=attributes, item=item)
    return done(request, _("%(sku)s is changed.") % {"sku": changes["sku"]}, desk.link("item", item_id))


def _item_form(desk: Desk, data: Any, initial: dict[str, Any] | None = None) -> ItemForm:
    categories = category_choices(desk) or [("all", _("All items"))]
    codes = {row["code"] for row in items.units(desk.company_id)} | set(STANDARD_UNITS)
    units = [(code, code) for code in sorted(codes)]
    return ItemForm(data, categories=categories, units=units, initial=initial)


def _show_form(
    request: HttpRequest,
    desk: Desk,
    form: ItemForm,
    title: str,
    *,
    attributes: AttributeForm | None = None,
    item: dict[str, Any] | None = None,
) -> HttpResponse:
    back = desk.link("item", item["id"]) if item else desk.link("items")
    context = {"form": form, "attributes": attributes, "title": title, "item": item, "back": back}
    return render(request, "web/item_form.html", context, status=422 if form.is_bound else 200)


@page("items.write")
def category_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    with desk.reading():
        choices = [("", _("(nothing: a category of its own)")), *category_choices(desk)]
    form = CategoryForm(request.POST if request.method == "POST" else None, categories=choices)

    def create() -> int:
        data = form.cleaned_data | {"parent_code": form.cleaned_data["parent_code"] or None}
        return services.create_category(company_id=desk.company_id, actor_id=desk.user_id, **data)

    if request.method != "POST" or not form.is_valid() or not attempt(form, create):
        return _show_category(request, form)
    message = _("The category %(name)s is added.") % {"name": form.cleaned_data["name"]}
    return done(request, message, desk.link("items"))


def _show_category(request: HttpRequest, form: CategoryForm) -> HttpResponse:
    return render(request, "web/category_form.html", {"form": form}, status=422 if form.is_bound else 200)


@page("items.write")
def barcode_new(request: HttpRequest, desk: Desk, item_id: int) -> HttpResponse:
    """Add a barcode from the item's card."""
    with desk.reading():
        item = item_of(desk, item_id)
        form = barcode_form(desk, item, request.POST if request.method == "POST" else None)

    def add() -> int:
        unit = form.cleaned_data["unit_code"]
        barcode = BarcodeDraft(
            form.cleaned_data["barcode"], None if unit == item["unit_code"] else unit or None
        )
        return services.add_barcode(
            company_id=desk.company_id, actor_id=desk.user_id, item_id=item_id, barcode=barcode
        )

    if request.method != "POST" or not form.is_valid() or not attempt(form, add, {"code": "barcode"}):
        return _show_barcode(request, item, form)
    return done(request, _("The barcode is added."), desk.link("item", item_id))


def barcode_form(desk: Desk, item: dict[str, Any], data: Any = None) -> BarcodeForm:
    codes = [item["unit_code"], *(row["code"] for row in items.item_units(desk.company_id, item["id"]))]
    return BarcodeForm(data, units=[(code, code) for code in codes])


def _show_barcode(request: HttpRequest, item: dict[str, Any], form: BarcodeForm) -> HttpResponse:
    context = {"item": item, "form": form}
    return render(request, "web/barcode_form.html", context, status=422 if form.is_bound else 200)
