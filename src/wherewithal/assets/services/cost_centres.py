"""Cost centres: who bears what an asset costs."""

import psycopg

from wherewithal.core.words import say
from wherewithal.items.texts import LONGEST_NAME, code_problem, text_problem
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, NotFound, Problem, Refused


def create_cost_centre(*, company_id: int, actor_id: int | None, code: str, name: str) -> int:
    """A new cost centre; its id."""
    _refuse(code_problem("code", code), text_problem("name", name, LONGEST_NAME))
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        try:
            row = db.fetch_one(
                "INSERT INTO assets_cost_centre (company_id, code, name) VALUES (%s, %s, %s) RETURNING id",
                (company_id, code, name.strip()),
            )
        except psycopg.errors.UniqueViolation as error:
            message = say("There is a cost centre {code} already.", code=code)
            raise Conflict(Problem("code", "unique", message, value=code)) from error
    assert row is not None, "an INSERT ... RETURNING returns its row"
    return int(row[0])


def update_cost_centre(
    *,
    company_id: int,
    actor_id: int | None,
    cost_centre_id: int,
    name: str | None = None,
    active: bool | None = None,
) -> None:
    """Rename a cost centre, retire it or take it back into use."""
    if name is not None:
        _refuse(text_problem("name", name, LONGEST_NAME))
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        changed = db.execute(
            "UPDATE assets_cost_centre SET name = coalesce(%s, name), active = coalesce(%s, active)"
            " WHERE company_id = %s AND id = %s",
            (name and name.strip(), active, company_id, cost_centre_id),
        )
        if not changed:
            message = say("There is no such cost centre in this company.")
            raise NotFound(Problem("cost_centre_id", "exists", message, value=str(cost_centre_id)))


def _refuse(*problems: Problem | None) -> None:
    found = [problem for problem in problems if problem is not None]
    if found:
        raise Refused(found)
