"""wherewithal asset scenario ..., wherewithal asset budget ..."""

import datetime
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from wherewithal.assets import queries, services
from wherewithal.assets.plans import FIGURES, LeftOut, Part, Scenario
from wherewithal.cli.commands.asset_common import amount
from wherewithal.cli.commands.asset_common import known_at as known_by
from wherewithal.cli.companies import book_named, company_named, user_named
from wherewithal.cli.context import database
from wherewithal.cli.options import DAY, BookCode, By, Company, KnownAt
from wherewithal.cli.output import JsonFlag, emit
from wherewithal.core.money import from_minor
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import NotFound, Problem

Name = Annotated[str, typer.Argument(help="What the scenario is called.")]
ScenarioName = Annotated[str | None, typer.Option("--scenario", help="The scenario to count on.")]
Note = Annotated[str, typer.Option(help="What it is about.")]
Row = dict[str, Any]
AMOUNTS = ("charge", "cost", "carrying", "purchases", "proceeds", "lease_payments", "cash")


def add_to(commands: typer.Typer) -> None:
    scenario = typer.Typer(
        no_args_is_help=True, help="What may happen: planned purchases, sales, longer use."
    )
    scenario.command("list")(scenarios)
    scenario.command("show")(show)
    scenario.command("create")(create)
    scenario.command("copy")(copy)
    scenario.command("buy")(buy)
    scenario.command("sell")(sell)
    scenario.command("keep")(keep)
    scenario.command("remove")(remove)
    scenario.command("forecast")(forecast)
    budget = typer.Typer(no_args_is_help=True, help="Forecasts frozen as budgets, and what came of them.")
    budget.command("list")(budgets)
    budget.command("freeze")(freeze)
    budget.command("compare")(compare)
    commands.add_typer(scenario, name="scenario")
    commands.add_typer(budget, name="budget")


# --- scenarios ----------------------------------------------------------------------------------------------------


def scenarios(company: Company, as_json: JsonFlag = False) -> None:
    """The scenarios there are."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            found = queries.scenarios(company_id)
    rows = [
        {"scenario": s.scenario_id, "name": s.name, "lines": s.line_count, "active": s.active, "note": s.note}
        for s in found
    ]
    emit(rows, as_json=as_json)


def show(name: Name, company: Company, as_json: JsonFlag = False) -> None:
    """The lines of a scenario."""
    with database():
        found = _scenario(company_named(company).company_id, name)
    rows = [
        {
            "line": line.line_id,
            "label": line.label,
            "new_assets": len(line.assets),
            "events": ", ".join(sorted({event.kind for event in line.events})),
        }
        for line in found.lines
    ]
    emit(rows, as_json=as_json)


def create(name: Name, company: Company, note: Note = "", by: By = None, as_json: JsonFlag = False) -> None:
    """An empty scenario."""
    with database():
        company_id = company_named(company).company_id
        made = services.create_scenario(company_id=company_id, actor_id=user_named(by), name=name, note=note)
    emit({"scenario_id": made}, as_json=as_json, text=f"Scenario {name} is there (number {made}).")


def copy(
    name: Name,
    new_name: Annotated[str, typer.Argument(help="What the copy is called.")],
    company: Company,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """The same lines under another name."""
    with database():
        company_id = company_named(company).company_id
        made = services.copy_scenario(
            company_id=company_id,
            actor_id=user_named(by),
            scenario_id=_scenario(company_id, name).scenario_id,
            name=new_name,
        )
    emit({"scenario_id": made}, as_json=as_json, text=f"Scenario {new_name} is there (number {made}).")


def buy(
    name: Name,
    what: Annotated[str, typer.Argument(help="What is to be bought.")],
    class_code: Annotated[str, typer.Argument(metavar="CLASS", help="Its class.")],
    cost: Annotated[str, typer.Argument(help="What it will cost, in the company's currency.")],
    on: Annotated[datetime.datetime, typer.Argument(help="When it is bought and goes into service.", **DAY)],
    company: Company,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Plan a purchase."""
    assets, events = services.planned_purchase(
        name=what, class_code=class_code, cost=amount("cost", cost), acquired_on=on.date()
    )
    _put(company, name, f"Buy {what}", by, as_json, assets=assets, events=events)


def sell(
    name: Name,
    tag: Annotated[str, typer.Argument(help="The asset's tag.")],
    proceeds: Annotated[str, typer.Argument(help="What the buyer will pay, in the company's currency.")],
    on: Annotated[datetime.datetime, typer.Argument(help="When it is sold.", **DAY)],
    company: Company,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Plan the sale of an asset that is there."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            asset_id = queries.asset_by_tag(company_id, tag).asset_id
    events = services.planned_sale(asset_id=asset_id, on=on.date(), proceeds=amount("proceeds", proceeds))
    _put(company, name, f"Sell {tag}", by, as_json, events=events)


def keep(
    name: Name,
    months: Annotated[int, typer.Argument(min=1, help="How many months longer.")],
    on: Annotated[datetime.datetime, typer.Argument(help="The day from which the lives are longer.", **DAY)],
    company: Company,
    tag: Annotated[list[str] | None, typer.Option(help="An asset; may be repeated.")] = None,
    class_code: Annotated[str | None, typer.Option("--class", help="All assets of a class.")] = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Plan to keep assets longer than their lives say."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            ids = [queries.asset_by_tag(company_id, one).asset_id for one in tag or ()]
            class_id = None if class_code is None else queries.class_by_code(company_id, class_code).class_id
        events = services.planned_longer_use(
            company_id=company_id,
            actor_id=user_named(by),
            on=on.date(),
            months=months,
            asset_ids=ids,
            class_id=class_id,
        )
    what = class_code or ", ".join(tag or ())
    _put(company, name, f"Keep {what} {months} months longer"[:200], by, as_json, events=events)


def remove(
    name: Name,
    line: Annotated[int, typer.Argument(help="The number of the line.")],
    company: Company,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a line out of a scenario."""
    with database():
        company_id = company_named(company).company_id
        services.remove_scenario_line(
            company_id=company_id,
            actor_id=user_named(by),
            scenario_id=_scenario(company_id, name).scenario_id,
            line_id=line,
        )
    emit({"removed": line}, as_json=as_json, text=f"Line {line} is gone.")


def forecast(
    through_on: Annotated[datetime.datetime, typer.Argument(help="The last day.", **DAY)],
    company: Company,
    book: BookCode = None,
    scenario: ScenarioName = None,
    months: Annotated[bool, typer.Option("--months", help="By month instead of fiscal year.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Depreciation, net book value and cash to come, by class; with a scenario or if nothing else happens."""
    with database():
        company_id = company_named(company).company_id
        chosen = book_named(company_id, book)
        found = services.project(
            company_id=company_id,
            actor_id=None,
            through_on=through_on.date(),
            scenario_id=None if scenario is None else _scenario(company_id, scenario).scenario_id,
            book_ids=[chosen.book_id],
            by="month" if months else "year",
        )
        with company_transaction(company_id=company_id, read_only=True):
            classes = {row.class_id: row.code for row in queries.classes(company_id)}
    _tell_left_out(found.left_out)
    rows = [
        {"class": classes[row.class_id], "from": row.from_on, "to": row.to_on}
        | {name: from_minor(getattr(row, name), chosen.currency_decimals) for name in AMOUNTS}
        | {"currency": chosen.currency}
        for row in found.rows
    ]
    emit(rows, as_json=as_json)


# --- budgets ------------------------------------------------------------------------------------------------------


def budgets(company: Company, as_json: JsonFlag = False) -> None:
    """The budgets there are, the latest years and versions first."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            found = queries.budgets(company_id)
    rows = [
        {
            "budget": row.budget_id,
            "name": row.name,
            "version": row.version,
            "from": row.from_on,
            "to": row.to_on,
            "scenario": row.scenario.get("name"),
            "recorded_at": row.recorded_at,
        }
        for row in found
    ]
    emit(rows, as_json=as_json)


def freeze(
    name: Annotated[
        str, typer.Argument(help="What the budget is called; the same name is its next version.")
    ],
    from_on: Annotated[datetime.datetime, typer.Argument(help="Its first day.", **DAY)],
    to_on: Annotated[datetime.datetime, typer.Argument(help="Its last day.", **DAY)],
    company: Company,
    scenario: ScenarioName = None,
    note: Note = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Freeze a forecast of all books as a budget."""
    with database():
        company_id = company_named(company).company_id
        made = services.freeze_budget(
            company_id=company_id,
            actor_id=user_named(by),
            name=name,
            from_on=from_on.date(),
            to_on=to_on.date(),
            scenario_id=None if scenario is None else _scenario(company_id, scenario).scenario_id,
            note=note,
        )
    emit({"budget_id": made}, as_json=as_json, text=f"Budget {name} is frozen (number {made}).")


def compare(
    budget: Annotated[int, typer.Argument(help="The number of the budget.")],
    company: Company,
    book: BookCode = None,
    part: Annotated[list[Part] | None, typer.Option("--by", help="class, cost_centre, period.")] = None,
    only_booked: Annotated[bool, typer.Option("--booked", help="Only periods that were run.")] = False,
    scenario: ScenarioName = None,
    known_at: KnownAt = None,
    as_json: JsonFlag = False,
) -> None:
    """What is booked, and after the last run lies ahead, against a budget."""
    parts = part or [Part.CLASS]
    with database():
        company_id = company_named(company).company_id
        chosen = book_named(company_id, book)
        scenario_id = None if scenario is None else _scenario(company_id, scenario).scenario_id
        with company_transaction(company_id=company_id, read_only=True):
            known = known_by(company_id, known_at)
        found = services.compare_with_budget(
            company_id=company_id,
            actor_id=None,
            budget_id=budget,
            book_id=chosen.book_id,
            parts=parts,
            scenario_id=scenario_id,
            only_booked=only_booked,
            known_at=known,
        )
        if scenario_id is not None:
            _tell_left_out(
                services.lines_left_out(company_id=company_id, actor_id=None, scenario_id=scenario_id)
            )
        with company_transaction(company_id=company_id, read_only=True):
            classes = {row.class_id: row.code for row in queries.classes(company_id)}
            centres = {row.cost_centre_id: row.code for row in queries.cost_centres(company_id)}
    rows = []
    for row in found:
        shown: Row = {}
        if row.class_id is not None:
            shown["class"] = classes[row.class_id]
        if row.cost_centre_id is not None:
            shown["cost_centre"] = centres.get(row.cost_centre_id)
        if row.from_on is not None:
            shown |= {"from": row.from_on, "to": row.to_on}
        for name in FIGURES:
            for what, figures in (
                ("budget", row.expected),
                ("actual", row.found),
                ("variance", row.variance),
            ):
                shown[f"{name}_{what}"] = from_minor(getattr(figures, name), chosen.currency_decimals)
        rows.append(shown | {"booked": row.booked, "currency": chosen.currency})
    emit(rows, as_json=as_json)


# --- what they share ----------------------------------------------------------------------------------------------


def _scenario(company_id: int, name: str) -> Scenario:
    with company_transaction(company_id=company_id, read_only=True):
        for found in queries.scenarios(company_id):
            if found.name == name:
                return queries.scenario(company_id, found.scenario_id)
    raise NotFound(Problem("scenario", "exists", f"There is no scenario {name}.", value=name))


def _tell_left_out(lines: Sequence[LeftOut]) -> None:
    """On standard error: lines of a scenario that fit no longer."""
    for line in lines:
        typer.echo(f"Left out: line {line.position}, {line.label}. {line.message}", err=True)


def _put(company: str, name: str, label: str, by: str | None, as_json: bool, **line: Any) -> None:
    with database():
        company_id = company_named(company).company_id
        made = services.put_scenario_line(
            company_id=company_id,
            actor_id=user_named(by),
            scenario_id=_scenario(company_id, name).scenario_id,
            label=label,
            **line,
        )
    emit({"line_id": made}, as_json=as_json, text=f"{label}: line {made} of {name}.")
