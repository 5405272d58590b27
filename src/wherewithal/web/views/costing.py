"""How the book costs stock: methods, standard costs, write-downs to what goods will fetch."""

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from wherewithal.items import queries as items
from wherewithal.people import queries as people
from wherewithal.stock import queries as stock
from wherewithal.stock import services
from wherewithal.web import preview, tables
from wherewithal.web.desk import Desk
from wherewithal.web.fields import Form
from wherewithal.web.forms.costing import MethodForm, StandardCostForm, WriteDownForm
from wherewithal.web.names import COST_METHODS
from wherewithal.web.pages import attempt, done, page
from wherewithal.web.tables import Ask, Page, Table, full_page

NAMES = {"item_id": "item", "share": "percent", "estimates": "item", "day": "on"}


@page("ledger.read", shows="now")
def costing(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _show(request, desk)


@page("costing.write")
def decide(request: HttpRequest, desk: Desk, what: str) -> HttpResponse:
    """A POST of one of the three forms, or of its preview; a refusal shows the page again with all that was typed."""
    if request.method != "POST" or what not in DECISIONS:
        return redirect(desk.link("costing"))
    with desk.reading():
        form = _forms(desk, request.POST, what)[what]
        valid = form.is_valid()
    if preview.wanted(request):
        look = preview.of_decision(desk, lambda: DECISIONS[what](desk, form)) if valid else preview.UNFINISHED
        return preview.answer(request, look)
    if not valid or not attempt(form, lambda: DECISIONS[what](desk, form), NAMES):
        return _show(request, desk, {what: form})
    message = _("Decided. Entries posted in this book: %(count)s.") % {"count": len(form.outcome)}
    return done(request, message, desk.link("costing"))


def _set_method(desk: Desk, form: Any) -> list[int]:
    return services.set_cost_method(
        company_id=desk.company_id, actor_id=desk.user_id, book_id=desk.book_id, **form.values
    )


def _set_standard(desk: Desk, form: Any) -> list[int]:
    return services.set_standard_costs(
        company_id=desk.company_id, actor_id=desk.user_id, book_id=desk.book_id, costs=[form.draft()]
    )


def _write_down(desk: Desk, form: Any) -> list[int]:
    return services.write_down(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        idempotency_key=f"web:{form.cleaned_data['idempotency_key']}",
        book_id=desk.book_id,
        on=form.cleaned_data["on"],
        estimates=[form.estimate()],
    )


DECISIONS: dict[str, Callable[[Desk, Any], list[int]]] = {
    "method": _set_method,
    "standard": _set_standard,
    "writedown": _write_down,
}


def _forms(desk: Desk, data: Any, bound: str) -> dict[str, Form]:
    categories = [(str(row["id"]), " / ".join(row["path"])) for row in items.categories(desk.company_id)]

    def given(name: str) -> Any:
        return data if name == bound else None

    first = {"on": desk.today, "idempotency_key": uuid.uuid4().hex}
    return {
        "method": MethodForm(given("method"), categories=categories),
        "standard": StandardCostForm(given("standard"), desk=desk),
        "writedown": WriteDownForm(given("writedown"), desk=desk, categories=categories, initial=first),
    }


def _show(request: HttpRequest, desk: Desk, bound: dict[str, Form] | None = None) -> HttpResponse:
    with desk.reading():
        policies = stock.cost_policies(desk.company_id, desk.book_id)
        names = {row.user_id: row.username for row in people.members(desk.company_id)}
        context = {
            "table": tables.show(request, _policy_table(desk, names), lambda ask: Page(policies)),
            "standards": tables.show(
                request, _standard_table(desk, names), lambda ask: _standards(desk, ask)
            ),
            **_forms(desk, None, ""),
            **(bound or {}),
        }
        return render(request, "web/costing.html", context, status=422 if bound else 200)


def _policy_table(desk: Desk, names: dict[int, str]) -> Table:
    return Table(
        key="policies",
        title=_("Methods decided so far"),
        columns=(
            tables.text(_("Category"), lambda row: row.category_name or _("Everything else"), lead=True),
            tables.text(_("Method"), lambda row: COST_METHODS[row.method]),
            tables.day(_("From"), "effective_on"),
            tables.instant(_("Recorded"), "recorded_at", desk.timezone, phone=False),
            tables.text(_("By"), lambda row: names.get(row.actor_id or 0, ""), phone=False),
        ),
        tools=False,
        empty_title=_("Moving average"),
        empty_text=_("No method was chosen yet: everything is costed at moving average."),
    )


def _standards(desk: Desk, ask: Ask) -> Page:
    after = ask.place(int)
    rows = stock.standard_costs(
        desk.company_id, desk.book_id, after=after[0] if after else None, limit=ask.limit
    )
    return full_page(rows, ask, lambda row: [row.standard_id])


def _standard_table(desk: Desk, names: dict[int, str]) -> Table:
    def cost(row: stock.StandardCost) -> Decimal:
        exact = row.per_base_unit / 10**desk.book.currency_decimals
        return Decimal(exact.numerator) / Decimal(exact.denominator)

    return Table(
        key="standards",
        title=_("Standard costs decided so far"),
        columns=(
            tables.text(_("Item"), "sku", lead=True, link=lambda row: desk.link("item", row.item_id)),
            tables.text(_("Name"), "item_name", clip=True, phone=False),
            tables.quantity(
                _("Cost, %(currency)s") % {"currency": desk.book.currency},
                cost,
                lambda row: f"/ {row.unit_code}",
            ),
            tables.day(_("From"), "effective_on"),
            tables.instant(_("Recorded"), "recorded_at", desk.timezone, phone=False),
            tables.text(_("By"), lambda row: names.get(row.actor_id or 0, ""), phone=False),
        ),
        tools=False,
    )
