"""Budgets: a forecast that was frozen, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wherewithal.assets import queries, services
from wherewithal.assets.plans import FIGURES, Figures, LeftOut, Part, VarianceRow
from wherewithal.people import queries as people
from wherewithal.web import formatting, tables
from wherewithal.web.charts import Chart, Series, span
from wherewithal.web.desk import Desk
from wherewithal.web.form_page import FormPage
from wherewithal.web.forms.asset_plans import BudgetForm
from wherewithal.web.pages import act, attempt, done, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table
from wherewithal.web.views.assets.plans import scenario_choices, year_end

FREEZE_NAMES = {"scenario_id": "scenario"}


@page("ledger.read", shows="now")
def budgets(request: HttpRequest, desk: Desk) -> HttpResponse:
    rows = queries.budgets(desk.company_id)
    who = people.usernames({row.actor_id for row in rows if row.actor_id})
    names = {book.book_id: book.name for book in desk.books}
    table = Table(
        key="budgets",
        title=_("Budgets"),
        columns=(
            tables.text(
                _("Name"), "name", lead=True, link=lambda row: desk.link("asset_budget", row.budget_id)
            ),
            tables.number(_("Version"), "version"),
            tables.day(_("From"), "from_on", phone=False),
            tables.day(_("To"), "to_on"),
            tables.text(
                _("Books"), lambda row: ", ".join(names.get(each, "") for each in row.book_ids), phone=False
            ),
            tables.text(_("Scenario"), lambda row: row.scenario.get("name", ""), phone=False),
            tables.instant(_("Frozen"), "recorded_at", desk.timezone, phone=False),
            tables.text(_("By"), lambda row: who.get(row.actor_id or 0, ""), phone=False),
        ),
        tools=False,
        empty_title=_("No budget yet"),
        empty_text=_("A budget is a forecast that is kept as it is, to be held against what becomes of it."),
    )
    return table_page(request, desk, "web/asset_budgets.html", table, lambda ask: Page(rows))


@page("assets.record", shows="now")
def budget_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Freeze the forecast, of all books, with or without a scenario."""
    with desk.reading():
        first = {
            "from_on": year_end(desk, desk.today) + date.resolution,
            "to_on": year_end(desk, desk.today, 1),
            "scenario": request.GET.get("scenario", "")[:10],
        }
        choices = scenario_choices(desk)
    form = BudgetForm(request.POST or None, scenarios=choices, initial=first)
    back = desk.link("asset_budgets")
    shown = FormPage(
        title=_("Freeze a budget"),
        submit=_("Freeze"),
        slow=True,
        back=back,
        crumbs=((_("Budgets"), back),),
        intro=_(
            "The forecast of these periods by class and cost centre, in every book, kept as it is today."
        ),
    )

    def freeze() -> int:
        data = form.cleaned_data
        return services.freeze_budget(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            name=data["name"],
            from_on=data["from_on"],
            to_on=data["to_on"],
            scenario_id=int(data["scenario"]) if data["scenario"] else None,
            note=data["note"],
        )

    if not form.is_valid() or not attempt(form, freeze, FREEZE_NAMES):
        return shown.show(request, form)
    return done(request, _("The budget is frozen."), desk.link("asset_budget", form.outcome))


# --- compared ---------------------------------------------------------------------------------------------


@page("ledger.read", snapshot=False)
def budget(request: HttpRequest, desk: Desk, budget_id: int) -> HttpResponse:
    """A budget against what is booked and, after the last run, what lies ahead, in the book shown; as known at an instant
    against what was booked by then."""
    with desk.reading():
        found = queries.budget(desk.company_id, budget_id)
        choices = scenario_choices(desk)
        labels = _labels(desk)
    table = _table(desk, choices)
    ask = tables.read_ask(table, request.GET)
    there = desk.book_id in found.book_ids
    part = Part(ask.get("by") or Part.CLASS)
    rows = _compare(desk, budget_id, ask, (part,)) if there else []
    periods = _compare(desk, budget_id, ask, (Part.PERIOD,)) if there else []
    shown = [_row(desk, row, part, labels) for row in rows]
    context = {
        "budget": found,
        "there": there,
        "chart": _chart(desk, periods),
        "left_out": _left_out(desk, ask) if there else [],
        "books": [
            (book.name, desk.link("asset_budget", budget_id, book=None if book.is_primary else book.code))
            for book in desk.books
            if book.book_id in found.book_ids
        ],
        "total": _sum(rows),
        "lines": found.scenario.get("lines", ()),
    }
    with desk.reading():
        return table_page(
            request, desk, "web/asset_budget.html", table, lambda ask: Page(shown, totals=_sum(rows)), context
        )


def _compare(desk: Desk, budget_id: int, ask: Ask, parts: Sequence[Part]) -> list[VarianceRow]:
    return act(
        lambda: services.compare_with_budget(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            budget_id=budget_id,
            book_id=desk.book_id,
            parts=parts,
            scenario_id=ask.whole("scenario"),
            only_booked=ask.get("upto") == "booked",
            through_on=desk.as_of,
            known_at=desk.known_at,
        )
    )


def _left_out(desk: Desk, ask: Ask) -> list[LeftOut]:
    scenario_id = ask.whole("scenario")
    if not scenario_id:
        return []
    return act(
        lambda: services.lines_left_out(
            company_id=desk.company_id, actor_id=desk.user_id, scenario_id=scenario_id
        )
    )


def _labels(desk: Desk) -> dict[Part, Mapping[int, str]]:
    return {
        Part.CLASS: {row.class_id: f"{row.code} {row.name}" for row in queries.classes(desk.company_id)},
        Part.COST_CENTRE: {
            row.cost_centre_id: f"{row.code} {row.name}" for row in queries.cost_centres(desk.company_id)
        },
    }


def _row(
    desk: Desk, row: VarianceRow, part: Part, labels: Mapping[Part, Mapping[int, str]]
) -> dict[str, Any]:
    if part is Part.PERIOD:
        label = formatting.day(row.to_on)
    elif part is Part.CLASS:
        label = labels[part].get(row.class_id or 0, "")
    else:
        label = labels[part].get(row.cost_centre_id or 0, "") or str(_("no cost centre"))
    return _figures(row.expected, row.found) | {"label": label, "booked": row.booked}


def _figures(expected: Figures, found: Figures) -> dict[str, Any]:
    """Every figure as it was budgeted, as it is, and the difference."""
    flat: dict[str, Any] = {}
    for name in FIGURES:
        left, right = getattr(expected, name), getattr(found, name)
        flat |= {f"{name}_expected": left, f"{name}_found": right, f"{name}_variance": right - left}
    return flat


def _sum(rows: Sequence[VarianceRow]) -> dict[str, Any]:
    def added(side: str) -> Figures:
        return Figures(*(sum(getattr(getattr(row, side), name) for row in rows) for name in FIGURES))

    return _figures(added("expected"), added("found")) | {"label": "", "booked": None}


def _table(desk: Desk, scenarios: list[tuple[str, str]]) -> Table:
    def money(label: str, name: str, **options: Any) -> tables.Column:
        return tables.money(
            label,
            lambda row: desk.amount(row[name]),
            desk.book.currency,
            decimals=desk.book.currency_decimals,
            total=True,
            key=name,
            **options,
        )

    more: list[tables.Column] = []
    for name, called in (
        ("carrying", _("Carrying amount")),
        ("purchases", _("Purchases")),
        ("proceeds", _("Proceeds")),
        ("cash", _("Cash")),
    ):
        extra = name != "carrying"
        more += [
            money(_("%(what)s, budget") % {"what": called}, f"{name}_expected", phone=False, extra=extra),
            money(called, f"{name}_found", phone=False, extra=extra),
            money(_("%(what)s, more") % {"what": called}, f"{name}_variance", phone=False, extra=extra),
        ]

    def state(booked: bool | None) -> tuple[Any, str]:
        return (_("booked"), "good") if booked else (_("partly forecast"), "")

    by = [(Part.COST_CENTRE, _("cost centre")), (Part.PERIOD, _("period"))]
    filters = [
        Filter("upto", _("Up to"), choices=(("booked", _("the last run")),), unset=_("its end")),
        Filter("scenario", _("Scenario"), choices=scenarios, unset=_("if nothing else happens")),
    ]
    if desk.known_at is not None:  # then it is what was booked by then
        by, filters = by[1:], []
    return Table(
        key="budget",
        title=_("Budget against what became of it"),
        columns=(
            tables.text(_("What"), "label", lead=True),
            money(_("Charge, budget"), "charge_expected"),
            money(_("Charge"), "charge_found"),
            money(_("Charge, more"), "charge_variance"),
            *more,
            tables.tag(_("State"), "booked", state, phone=False),
        ),
        filters=(
            Filter("by", pgettext("grouped", "By"), choices=by, unset=_("class")),
            *filters,
        ),
        empty_title=_("Nothing to compare"),
        empty_text=_("The budget and the book have nothing in these periods."),
    )


def _chart(desk: Desk, rows: Sequence[VarianceRow]) -> Chart:
    labels = [formatting.month(row.to_on) for row in rows]
    return Chart(
        key="budget-charges",
        kind="bar",
        title=_("Depreciation by period"),
        x_label=_("Period"),
        labels=labels,
        series=(
            Series(_("Budget"), [desk.amount(row.expected.charge) for row in rows], "chart-6"),
            Series(_("Booked or forecast"), [desk.amount(row.found.charge) for row in rows], "chart-1"),
        ),
        summary=_("Depreciation budgeted and found, %(span)s.") % {"span": span(labels)},
        unit=desk.book.currency,
        decimals=desk.book.currency_decimals,
        empty_text=_("Nothing is charged."),
    )
