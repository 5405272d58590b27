"""Scenarios and budgets that are kept."""

from dataclasses import replace

from wherewithal.assets.drafts_as_text import from_json
from wherewithal.assets.plans import Budget, ForecastRow, Scenario, ScenarioLine
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem

_SCENARIOS = """
    SELECT s.id, s.name, s.note, s.active, s.copied_from_id,
           (SELECT count(*) FROM assets_scenario_line l WHERE l.company_id = s.company_id AND l.scenario_id = s.id),
           s.changed_at
    FROM assets_scenario s WHERE s.company_id = %(company)s
"""


def scenarios(company_id: int, *, active: bool | None = None) -> list[Scenario]:
    """Scenarios by name, without their lines."""
    rows = db.fetch_all(
        f"{_SCENARIOS} AND (%(active)s::boolean IS NULL OR s.active = %(active)s) ORDER BY lower(s.name), s.id",
        {"company": company_id, "active": active},
    )
    return [Scenario(*row) for row in rows]


def scenario(company_id: int, scenario_id: int) -> Scenario:
    """One with its lines, in their order."""
    row = db.fetch_one(f"{_SCENARIOS} AND s.id = %(id)s", {"company": company_id, "id": scenario_id})
    if row is None:
        raise no_scenario(scenario_id)
    lines = db.fetch_all(
        "SELECT id, position, label, content FROM assets_scenario_line WHERE company_id = %s AND scenario_id = %s"
        " ORDER BY position",
        (company_id, scenario_id),
    )
    read = [
        ScenarioLine(line_id, position, label, *from_json(content))
        for line_id, position, label, content in lines
    ]
    return replace(Scenario(*row), lines=tuple(read))


def no_scenario(scenario_id: int) -> NotFound:
    return NotFound(
        Problem("scenario_id", "exists", say("There is no such scenario."), value=str(scenario_id))
    )


_BUDGETS = """
    SELECT budget_id, name, version, from_on, to_on, book_ids, scenario_id, scenario, note, recorded_at, actor_id
    FROM assets_budget WHERE company_id = %(company)s
"""


def budgets(company_id: int) -> list[Budget]:
    """Budgets, the latest years first, of each name the latest version first."""
    rows = db.fetch_all(
        f"{_BUDGETS} ORDER BY from_on DESC, lower(name), version DESC, budget_id", {"company": company_id}
    )
    return [_budget(row) for row in rows]


def budget(company_id: int, budget_id: int) -> Budget:
    row = db.fetch_one(f"{_BUDGETS} AND budget_id = %(id)s", {"company": company_id, "id": budget_id})
    if row is None:
        message = say("There is no such budget.")
        raise NotFound(Problem("budget_id", "exists", message, value=str(budget_id)))
    return _budget(row)


def _budget(row: db.Row) -> Budget:
    return Budget(*(*row[:5], tuple(row[5]), *row[6:]))


def budget_rows(company_id: int, budget_id: int, *, book_id: int | None = None) -> list[ForecastRow]:
    """What a budget says, by book, class, cost centre and period. Rows that are nothing are left out."""
    rows = db.fetch_all(
        "SELECT book_id, class_id, from_on, to_on, charge, cost, carrying, cash, purchases, proceeds, lease_payments,"
        " cost_centre_id FROM assets_budget_line WHERE company_id = %s AND budget_id = %s"
        " AND (%s::int IS NULL OR book_id = %s) ORDER BY book_id, class_id, cost_centre_id, from_on",
        (company_id, budget_id, book_id, book_id),
    )
    return [ForecastRow(*row) for row in rows]
