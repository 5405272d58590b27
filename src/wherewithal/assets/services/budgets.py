"""Budgets: a forecast frozen under a name, never changed; a better one is its next version."""

import datetime
import json
from collections.abc import Sequence

from django.db import connection

from wherewithal.assets import kept_plans
from wherewithal.assets.drafts_as_text import as_json
from wherewithal.assets.plans import ForecastRow, Part, Projection, VarianceRow, variance
from wherewithal.assets.services.booked import booked_as_known
from wherewithal.assets.services.classes import db_now
from wherewithal.assets.services.context import load_context
from wherewithal.assets.services.scenarios import project
from wherewithal.core.words import say
from wherewithal.items.texts import LONGEST_NAME, note_problem, text_problem
from wherewithal.kit import db
from wherewithal.kit.errors import Refused, refuse

LINE_COLUMNS = (
    ("company_id", "int"),
    ("budget_id", "bigint"),
    ("book_id", "int"),
    ("class_id", "int"),
    ("cost_centre_id", "int"),
    ("from_on", "date"),
    ("to_on", "date"),
    ("charge", "bigint"),
    ("cost", "bigint"),
    ("carrying", "bigint"),
    ("cash", "bigint"),
    ("purchases", "bigint"),
    ("proceeds", "bigint"),
    ("lease_payments", "bigint"),
)


def freeze_budget(
    *,
    company_id: int,
    actor_id: int | None,
    name: str,
    from_on: datetime.date,
    to_on: datetime.date,
    scenario_id: int | None = None,
    book_ids: Sequence[int] | None = None,
    note: str = "",
    recorded_at: datetime.datetime | None = None,
) -> int:
    """Keep what a forecast (with a scenario) says of the periods between two days, by class and cost centre; its id.

    The same name again is the next version. Periods that a book has been run through say what is booked. Lines of the
    scenario that fit no longer are kept with the reason why nothing of them is budgeted.
    """
    wrong = [p for p in (text_problem("name", name, LONGEST_NAME), note_problem("note", note)) if p]
    if wrong:
        raise Refused(wrong)

    def work() -> int:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            chosen = _books(company_id, book_ids)
            ahead = project(
                company_id=company_id,
                actor_id=actor_id,
                from_on=from_on,
                through_on=to_on,
                scenario_id=scenario_id,
                book_ids=chosen,
                cost_centres=True,
            )
            found = ahead.rows
            if not found:
                raise refuse(
                    "from_on", "something", say("There is nothing to budget in these days."), value=from_on
                )
            first, last = min(row.from_on for row in found), max(row.to_on for row in found)
            if (first, last) != (from_on, to_on):
                message = say(
                    "A budget begins and ends with a period of its books: {first} to {last}.",
                    first=first,
                    last=last,
                )
                raise refuse("to_on" if first == from_on else "from_on", "period", message)
            return _write(
                company_id,
                actor_id,
                name.strip(),
                from_on,
                to_on,
                chosen,
                scenario_id,
                note,
                recorded_at,
                ahead,
            )

    return work() if connection.in_atomic_block else db.run_retrying(work)


def compare_with_budget(
    *,
    company_id: int,
    actor_id: int | None,
    budget_id: int,
    book_id: int,
    parts: Sequence[Part] = (Part.CLASS,),
    through_on: datetime.date | None = None,
    scenario_id: int | None = None,
    only_booked: bool = False,
    known_at: datetime.datetime | None = None,
) -> list[VarianceRow]:
    """What is booked and, after the last run, what lies ahead (with a scenario), against a budget, broken down by parts.

    `through_on` ends the comparison with the period of that day; `only_booked`: with the last period run through.
    `known_at`: only what was booked by then, without a scenario and not by cost centre (which assets take along).
    """
    if known_at is not None and scenario_id is not None:
        message = say("What was known at an instant is what was booked by then: leave the scenario out.")
        raise refuse("scenario_id", "with_known_at", message, value=str(scenario_id))
    if known_at is not None and Part.COST_CENTRE in parts:
        message = say("What was known at an instant is compared by class and period.")
        raise refuse("by", "with_known_at", message, value=str(Part.COST_CENTRE))

    def work() -> list[VarianceRow]:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            budget = kept_plans.budget(company_id, budget_id)
            expected = kept_plans.budget_rows(company_id, budget_id, book_id=book_id)
            if book_id not in budget.book_ids:
                raise refuse(
                    "book", "budgeted", say("The budget says nothing of this book."), value=str(book_id)
                )
            if known_at is not None:
                found = booked_as_known(
                    company_id=company_id, book_id=book_id, from_on=budget.from_on, known_at=known_at
                )
            else:
                found = project(
                    company_id=company_id,
                    actor_id=actor_id,
                    from_on=budget.from_on,
                    through_on=budget.to_on,
                    scenario_id=scenario_id,
                    book_ids=[book_id],
                    cost_centres=True,
                ).rows
            booked = only_booked or known_at is not None
            ends = [row.to_on for row in found if row.booked] if booked else [row.to_on for row in expected]
            last = max(ends, default=datetime.date.min)
            if through_on is not None:
                last = min(last, through_on)
            return variance(_through(expected, last), _through(found, last), parts)

    return work() if connection.in_atomic_block else db.run_retrying(work)


def _through(rows: Sequence[ForecastRow], last: datetime.date) -> list[ForecastRow]:
    return [row for row in rows if row.to_on <= last]


def _books(company_id: int, book_ids: Sequence[int] | None) -> list[int]:
    filled = [book.book_id for book in load_context(company_id).books if book.filled]
    unknown = sorted(set(book_ids or ()) - set(filled))
    if unknown:
        raise refuse("books", "exists", say("There is no such book with assets."), value=str(unknown[0]))
    return sorted(set(book_ids)) if book_ids else filled


def _write(
    company_id: int,
    actor_id: int | None,
    name: str,
    from_on: datetime.date,
    to_on: datetime.date,
    book_ids: Sequence[int],
    scenario_id: int | None,
    note: str,
    recorded_at: datetime.datetime | None,
    ahead: Projection,
) -> int:
    scenario: dict[str, object] = {}
    if scenario_id is not None:
        kept = kept_plans.scenario(company_id, scenario_id)
        why = {line.line_id: {"left_out": line.message} for line in ahead.left_out}
        lines = [
            {"label": line.label, **as_json(line.assets, line.events), **why.get(line.line_id, {})}
            for line in kept.lines
        ]
        scenario = {"name": kept.name, "note": kept.note, "lines": lines}
    # One version after the other: two who freeze the same name at once wait for each other.
    db.fetch_all(
        "SELECT pg_advisory_xact_lock(hashtextextended('assets_budget ' || %s::text || ' ' || %s::text, 0))",
        (company_id, name),
    )
    row = db.fetch_one(
        "INSERT INTO assets_budget (company_id, name, version, from_on, to_on, book_ids, scenario_id, scenario, note,"
        " recorded_at, actor_id) SELECT %(company)s, %(name)s, coalesce(max(version), 0) + 1, %(from)s, %(to)s,"
        " %(books)s, %(scenario_id)s, %(scenario)s::jsonb, %(note)s, %(recorded)s, %(actor)s"
        " FROM assets_budget WHERE company_id = %(company)s AND name = %(name)s RETURNING budget_id",
        {
            "company": company_id,
            "name": name,
            "from": from_on,
            "to": to_on,
            "books": list(book_ids),
            "scenario_id": scenario_id,
            "scenario": json.dumps(scenario),
            "note": note,
            "recorded": recorded_at or db_now(),
            "actor": actor_id,
        },
    )
    assert row is not None, "an INSERT ... RETURNING returns its row"
    budget_id = int(row[0])
    names = [name for name, _ in LINE_COLUMNS[2:]]
    lines_of = [(company_id, budget_id, *(getattr(each, column) for column in names)) for each in ahead.rows]
    db.insert_rows("assets_budget_line", LINE_COLUMNS, [line for line in lines_of if any(line[7:])])
    return budget_id
