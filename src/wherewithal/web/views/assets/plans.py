"""Scenarios: named sets of things that may happen, and the budgets that are frozen from them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.plans import Scenario
from wherewithal.assets.values import AssetDraft
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.people.permissions import require
from wherewithal.web import formatting, tables
from wherewithal.web.desk import Desk
from wherewithal.web.form_page import FormPage
from wherewithal.web.forms.asset_plans import LINE_NAMES, PLAN_FORMS, PlanForm, ScenarioForm
from wherewithal.web.pages import act, attempt, done, page, table_page
from wherewithal.web.tables import Page, Table

Planned = tuple[str, Sequence[AssetDraft], Sequence[EventDraft]]
"""What a line says, and its drafts."""
PLANS: Mapping[str, str | Promise] = {
    "purchase": gettext_lazy("A purchase"),
    "sale": gettext_lazy("A sale"),
    "longer": gettext_lazy("Used for longer"),
}


@page("ledger.read", shows="now")
def scenarios(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The scenarios there are."""
    rows = queries.scenarios(desk.company_id)
    return table_page(request, desk, "web/asset_scenarios.html", _table(desk), lambda ask: Page(rows))


@page("assets.record", shows="now")
def scenario_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = ScenarioForm(request.POST if request.method == "POST" else None)
    back = desk.link("asset_scenarios")
    shown = FormPage(
        title=_("New scenario"),
        submit=_("Make scenario"),
        back=back,
        crumbs=((_("Forecast"), desk.link("asset_forecast")), (_("Scenarios"), back)),
        intro=_("What if? It holds what may happen, beside what comes anyway; nothing of it is recorded."),
    )

    def make() -> int:
        return services.create_scenario(
            company_id=desk.company_id, actor_id=desk.user_id, **form.cleaned_data
        )

    if not form.is_valid() or not attempt(form, make):
        return shown.show(request, form)
    message = _("The scenario is made: say what happens in it.")
    return done(request, message, desk.link("asset_scenario", form.outcome))


def _table(desk: Desk) -> Table:
    def state(active: bool) -> tuple[Any, str]:
        return (_("in use"), "good") if active else (_("put away"), "")

    return Table(
        key="scenarios",
        title=_("Scenarios"),
        columns=(
            tables.text(
                _("Name"), "name", lead=True, link=lambda row: desk.link("asset_scenario", row.scenario_id)
            ),
            tables.text(_("Note"), "note", clip=True, phone=False),
            tables.number(_("Things in it"), "line_count"),
            tables.text(
                _("Forecast"),
                lambda row: _("show"),
                link=lambda row: desk.link("asset_forecast", scenario=row.scenario_id),
            ),
            tables.instant(_("Changed"), "changed_at", desk.timezone, phone=False),
            tables.tag(_("State"), "active", state, phone=False),
        ),
        tools=False,
        empty_title=_("No scenario yet"),
        empty_text=_(
            "What if the trucks are kept two more years? A scenario says so, and the forecast shows it."
        ),
    )


@page("ledger.read", shows="now")
def scenario(request: HttpRequest, desk: Desk, scenario_id: int) -> HttpResponse:
    """What happens in a scenario. POST puts it away, or takes it up again."""
    with desk.reading():
        found = queries.scenario(desk.company_id, scenario_id)
    if request.method != "POST":
        return _show(request, desk, found)
    require(desk.actor, "assets.record")
    act(
        lambda: services.update_scenario(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            scenario_id=scenario_id,
            active=not found.active,
        )
    )
    return done(request, _("Saved."), desk.link("asset_scenario", scenario_id))


@page("assets.record", shows="now")
def scenario_change(request: HttpRequest, desk: Desk, scenario_id: int) -> HttpResponse:
    """Another name or note."""
    with desk.reading():
        found = queries.scenario(desk.company_id, scenario_id)
    first = {"name": found.name, "note": found.note}
    form = ScenarioForm(request.POST if request.method == "POST" else None, initial=first)
    back = desk.link("asset_scenario", scenario_id)
    shown = FormPage(
        title=_("Change the scenario"),
        submit=_("Save"),
        back=back,
        crumbs=((_("Scenarios"), desk.link("asset_scenarios")), (found.name, back)),
    )

    def save() -> None:
        services.update_scenario(
            company_id=desk.company_id, actor_id=desk.user_id, scenario_id=scenario_id, **form.cleaned_data
        )

    if not form.is_valid() or not attempt(form, save):
        return shown.show(request, form)
    return done(request, _("Saved."), back)


def _show(
    request: HttpRequest, desk: Desk, found: Scenario, form: ScenarioForm | None = None
) -> HttpResponse:
    """`form`: one that was refused, with why."""
    ways = [
        (label, desk.link("asset_scenario_add", found.scenario_id, what)) for what, label in PLANS.items()
    ]
    context = {"scenario": found, "form": form, "ways": ways}
    return render(request, "web/asset_scenario.html", context, status=422 if form else 200)


@page("assets.record", shows="now")
def scenario_copy(request: HttpRequest, desk: Desk, scenario_id: int) -> HttpResponse:
    with desk.reading():
        found = queries.scenario(desk.company_id, scenario_id)
    if request.method != "POST":
        return redirect(desk.link("asset_scenario", scenario_id))
    form = ScenarioForm({"name": _("%(name)s, copy") % {"name": found.name}, "note": ""})
    form.is_valid()

    def copy() -> int:
        return services.copy_scenario(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            scenario_id=scenario_id,
            name=form.cleaned_data["name"],
        )

    if not attempt(form, copy):
        return _show(request, desk, found, form)
    return done(request, _("The scenario is copied."), desk.link("asset_scenario", form.outcome))


@page("assets.record", shows="now")
def scenario_remove(request: HttpRequest, desk: Desk, scenario_id: int, line_id: int) -> HttpResponse:
    back = desk.link("asset_scenario", scenario_id)
    if request.method != "POST":
        return redirect(back)
    act(
        lambda: services.remove_scenario_line(
            company_id=desk.company_id, actor_id=desk.user_id, scenario_id=scenario_id, line_id=line_id
        )
    )
    return done(request, _("It is taken out of the scenario."), back)


@page("assets.record", shows="now")
def scenario_add(request: HttpRequest, desk: Desk, scenario_id: int, what: str) -> HttpResponse:
    """One more thing that happens in a scenario: a purchase, a sale, a longer life."""
    if what not in PLAN_FORMS:
        raise NotFound(Problem("what", "known", _("That cannot be planned.")))
    with desk.reading():
        found = queries.scenario(desk.company_id, scenario_id)
        first = {"acquired_on": desk.today, "on": desk.today}
        form = PLAN_FORMS[what](request.POST or None, desk=desk, initial=first)
        valid = form.is_valid()
    back = desk.link("asset_scenario", scenario_id)
    shown = FormPage(
        title=_("%(what)s in %(scenario)s") % {"what": PLANS[what], "scenario": found.name},
        submit=_("Put into the scenario"),
        back=back,
        crumbs=((_("Scenarios"), desk.link("asset_scenarios")), (found.name, back)),
        intro=_("Nothing is recorded or posted: it is tried as if it were, and kept as a plan."),
    )

    def put() -> int:
        label, planned, happens = planned_of(desk, what, form)
        return services.put_scenario_line(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            scenario_id=scenario_id,
            label=label,
            assets=planned,
            events=happens,
        )

    if not valid or not attempt(form, put, LINE_NAMES):
        return shown.show(request, form)
    return done(request, _("It is part of the scenario."), back)


def planned_of(desk: Desk, what: str, form: PlanForm) -> Planned:
    """The label and the drafts of a planned thing."""
    data = form.cleaned_data
    if what == "purchase":
        return _purchase(desk, data)
    return _sale(desk, data) if what == "sale" else _longer(desk, data)


def _money(desk: Desk, amount: Decimal | None) -> str:
    """With plain spaces: a label is kept, and kept texts have no others."""
    return " ".join(formatting.money_with_currency(amount, desk.company.currency).split())


def _purchase(desk: Desk, data: Mapping[str, Any]) -> Planned:
    planned, happens = services.planned_purchase(
        name=data["name"],
        class_code=data["class_code"],
        cost=data["cost"],
        acquired_on=data["acquired_on"],
        in_service_on=data["in_service_on"],
        quantity=data["quantity"],
        cost_centre_id=int(data["cost_centre"]) if data["cost_centre"] else None,
        sold_on=data["sold_on"],
        proceeds=data["proceeds"] or Decimal(0),
    )
    count = f"{data['quantity']} × " if data["quantity"] != 1 else ""
    label = _("Buy %(what)s for %(cost)s on %(day)s") % {
        "what": f"{count}{data['name']} ({data['class_code']})",
        "cost": _money(desk, data["cost"]),
        "day": formatting.day(data["acquired_on"]),
    }
    if data["sold_on"]:
        label += _(", sell for %(proceeds)s on %(day)s") % {
            "proceeds": _money(desk, data["proceeds"] or Decimal(0)),
            "day": formatting.day(data["sold_on"]),
        }
    return label, planned, happens


def _sale(desk: Desk, data: Mapping[str, Any]) -> Planned:
    found = data["asset"]
    happens = services.planned_sale(
        asset_id=found.asset_id,
        on=data["on"],
        proceeds=data["proceeds"],
        costs=data["costs"] or Decimal(0),
    )
    label = _("Sell %(tag)s %(name)s for %(proceeds)s on %(day)s") % {
        "tag": found.tag,
        "name": found.name,
        "proceeds": _money(desk, data["proceeds"]),
        "day": formatting.day(data["on"]),
    }
    return label, (), happens


def _longer(desk: Desk, data: Mapping[str, Any]) -> Planned:
    found, class_id = data["asset"], int(data["class_id"]) if data["class_id"] else None
    happens = services.planned_longer_use(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        on=data["on"],
        months=data["months"],
        asset_ids=[found.asset_id] if found else [],
        class_id=class_id,
    )
    label = _("Use %(what)s %(months)s months longer, decided on %(day)s") % {
        "what": f"{found.tag} {found.name}" if found else _class_name(desk, class_id),
        "months": data["months"],
        "day": formatting.day(data["on"]),
    }
    return label, (), happens


def _class_name(desk: Desk, class_id: int | None) -> str:
    with desk.reading():
        rows = queries.classes(desk.company_id)
    name = next((row.name for row in rows if row.class_id == class_id), "")
    if not name:
        raise Refused(Problem("class_id", "exists", _("There is no such class.")))
    return _("all %(name)s") % {"name": name}


def scenario_choices(desk: Desk) -> list[tuple[str, str]]:
    """Scenarios that are in use, for lists and forms."""
    return [(str(row.scenario_id), row.name) for row in queries.scenarios(desk.company_id, active=True)]


def year_end(desk: Desk, day: date, years: int = 0) -> date:
    """The last day of the company's fiscal year that has this day, or of the one some years later."""
    start = desk.company.fiscal_year_start_month
    first = day.year + (1 if day.month >= start else 0) + years
    return date(min(first, 9998), start, 1) - date.resolution
