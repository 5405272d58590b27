"""Categories with what they carry (policy of costing, accounts, attributes of items), and units of measure."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.items import queries as items
from wherewithal.items import services
from wherewithal.items.units import STANDARD_UNITS
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.people.permissions import require
from wherewithal.stock import queries as stock
from wherewithal.stock.queries import CostPolicy
from wherewithal.stock.services.posting.policies import DEFAULT_METHOD
from wherewithal.web import fields, tables
from wherewithal.web.desk import Desk
from wherewithal.web.names import ATTRIBUTE_TYPES, COST_METHODS
from wherewithal.web.pages import act, attempt, done, page, table_page
from wherewithal.web.tables import Ask, Page, Table

INDENT = "\N{EN SPACE}" * 2


# --- categories -------------------------------------------------------------------------------------------


@page("items.read", shows="now")
def categories(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The tree, with how many items each category has itself and how the book shown costs them."""
    rows = items.categories(desk.company_id)
    counts = items.items_by_category(desk.company_id)
    methods = _methods(desk, rows) if desk.may("ledger.read") else {}
    shown = [row | {"items": counts.get(row["id"], 0), "method": methods.get(row["id"], "")} for row in rows]
    return table_page(
        request, desk, "web/categories.html", _table(desk), lambda ask: Page(_matching(shown, ask))
    )


def _table(desk: Desk) -> Table:
    def link(row: dict[str, Any]) -> str:
        return desk.link("category", row["id"])

    columns = [
        tables.text(
            _("Name"), lambda row: INDENT * (len(row["path"]) - 1) + row["name"], lead=True, link=link
        ),
        tables.text(_("Code"), "code", phone=False),
        tables.number(_("Items"), "items"),
        tables.text(
            _("Attributes"),
            lambda row: ", ".join(spec["label"] or spec["code"] for spec in row["attributes_schema"]),
            phone=False,
            clip=True,
        ),
    ]
    if desk.may("ledger.read"):
        columns.append(tables.text(_("Costing"), "method"))
    return Table(
        key="categories",
        title=_("Categories"),
        columns=tuple(columns),
        search_hint=_("Code or name"),
        empty_title=_("No categories yet"),
        empty_text=_("A category carries the costing policy and the accounts of its items."),
    )


def _matching(rows: list[dict[str, Any]], ask: Ask) -> list[dict[str, Any]]:
    wanted = ask.q.casefold()
    return [row for row in rows if wanted in row["code"].casefold() or wanted in row["name"].casefold()]


def _methods(desk: Desk, rows: list[dict[str, Any]]) -> dict[int, str]:
    """How each category is costed today in the book shown: by its own policy, or by the nearest one above."""
    own = in_force(stock.cost_policies(desk.company_id, desk.book_id), desk.today)
    top = str(COST_METHODS[own.get(None, DEFAULT_METHOD)])
    methods: dict[int, str] = {}
    for row in rows:  # parents come before their children
        above = methods.get(row["parent_id"], top)
        methods[row["id"]] = str(COST_METHODS[own[row["id"]]]) if row["id"] in own else above
    return methods


def in_force(policies: list[CostPolicy], day: date) -> dict[int | None, str]:
    """The method of each category that has one of its own on the day; of two for one day the later recorded holds."""
    found: dict[int | None, CostPolicy] = {}
    for policy in reversed(policies):  # the earliest recorded first
        known = found.get(policy.category_id)
        if policy.effective_on <= day and (known is None or policy.effective_on >= known.effective_on):
            found[policy.category_id] = policy
    return {category_id: policy.method for category_id, policy in found.items()}


class RenameForm(fields.Form):
    code = fields.TextField(label=gettext_lazy("Code"), longest=100)
    name = fields.TextField(label=gettext_lazy("Name"), longest=300)


class AttributeLineForm(fields.Form):
    """One attribute that items of the category have."""

    code = fields.TextField(label=gettext_lazy("Code"), longest=60, width="s")
    label = fields.TextField(label=gettext_lazy("Label"), longest=200, required=False)
    type = fields.ChoiceField(label=gettext_lazy("Type"), choices=list(ATTRIBUTE_TYPES.items()))
    choices = fields.TextField(
        label=gettext_lazy("Choices"), longest=2000, required=False, help_text=gettext_lazy("a; b; c")
    )
    unit = fields.TextField(label=gettext_lazy("Unit"), longest=30, required=False, width="s")
    required = forms.BooleanField(label=gettext_lazy("Required"), required=False)

    def declared(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        parts = (part.strip() for part in data["choices"].split(";"))
        return {name: data[name] for name in ("code", "label", "type", "unit", "required")} | {
            "choices": [part for part in parts if part]
        }


@page("items.read", shows="now")
def category(request: HttpRequest, desk: Desk, category_id: int) -> HttpResponse:
    """One category: what it declares and how it is costed; a POST renames it or changes its attributes."""
    line_forms = fields.line_formset(AttributeLineForm, extra=1)
    with desk.reading():
        rows = {row["id"]: row for row in items.categories(desk.company_id)}
    found = rows.get(category_id)
    if found is None:
        raise NotFound(Problem("category", "exists", _("There is no such category in this company.")))
    if request.method != "POST":
        form = RenameForm(initial=found)
        lines = line_forms(prefix="lines", initial=[_as_line(spec) for spec in found["attributes_schema"]])
        return _show(request, desk, found, form, lines)
    require(desk.actor, "items.write")
    form = RenameForm(request.POST)
    lines = line_forms(request.POST, prefix="lines")
    if not all([form.is_valid(), lines.is_valid()]):
        return _show(request, desk, found, form, lines)
    try:
        act(
            lambda: services.update_category(
                company_id=desk.company_id,
                actor_id=desk.user_id,
                category_id=category_id,
                **form.cleaned_data,
                attributes=[line.declared() for line in lines.filled],
            )
        )
    except Refused as refused:
        fields.take_refusal(form, refused)
        return _show(request, desk, found, form, lines)
    return done(request, _("The category is changed."), desk.link("category", category_id))


def _as_line(spec: dict[str, Any]) -> dict[str, Any]:
    return spec | {"choices": "; ".join(spec.get("choices") or ())}


def _show(
    request: HttpRequest, desk: Desk, found: dict[str, Any], form: RenameForm, lines: fields.LineFormSet
) -> HttpResponse:
    with desk.reading():
        policies = []
        if desk.may("ledger.read"):
            policies = [
                (book, policy, COST_METHODS[policy.method])
                for book in desk.books
                for policy in stock.cost_policies(desk.company_id, book.book_id)
                if policy.category_id in (found["id"], None)
            ]
        context = {
            "category": found,
            "form": form,
            "lines": lines,
            "policies": policies,
            "inherited": items.inherited_specs(desk.company_id, found["id"]).values(),
            "parents": found["path"][:-1],
            "count": items.items_by_category(desk.company_id).get(found["id"], 0),
        }
        return render(request, "web/category.html", context, status=422 if form.is_bound else 200)


# --- units ------------------------------------------------------------------------------------------------


class UnitForm(fields.Form):
    code = fields.TextField(label=gettext_lazy("Code"), longest=32)
    name = fields.TextField(label=gettext_lazy("Name"), longest=200)


@page("items.read", shows="now")
def units(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The units in use, and those that every company may use; a POST adds one."""
    form = UnitForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(desk.actor, "items.write")

        def create() -> int:
            return services.create_unit(
                company_id=desk.company_id, actor_id=desk.user_id, **form.cleaned_data
            )

        if form.is_valid() and attempt(form, create):
            return done(request, _("The unit is added."), desk.link("units"))
    with desk.reading():
        rows = items.units(desk.company_id)
        table = tables.show(request, _unit_table(), lambda ask: Page(rows))
    known = {row["code"] for row in rows}
    standard = [(code, unit) for code, unit in STANDARD_UNITS.items() if code not in known]
    context = {"form": form, "table": table, "standard": standard}
    return render(request, "web/units.html", context, status=422 if form.is_bound else 200)


def _unit_table() -> Table:
    return Table(
        key="units",
        title=_("Units in use"),
        columns=(
            tables.text(_("Code"), "code", lead=True),
            tables.text(_("Name"), "name"),
            tables.text(
                _("Measures"),
                lambda row: STANDARD_UNITS[row["code"]].dimension if row["code"] in STANDARD_UNITS else "",
            ),
        ),
        tools=False,
        empty_title=_("No units yet"),
        empty_text=_("Units come with the first item that is counted in them."),
    )
