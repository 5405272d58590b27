"""Scenarios: planned purchases, sales and changes, kept under a name, edited and copied; nothing of them is posted."""

import datetime
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from django.db import connection

from wherewithal.assets import kept_plans
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.drafts_as_text import as_json
from wherewithal.assets.plans import LeftOut, Projection, ScenarioLine
from wherewithal.assets.services.forecast import project as project_drafts
from wherewithal.assets.services.record import prepare_scenario
from wherewithal.assets.values import AssetDraft
from wherewithal.core.assets.facts import DisposalKind
from wherewithal.core.words import say
from wherewithal.items.texts import LONGEST_NAME, note_problem, text_problem
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, NotFound, Problem, Refused, refuse

Found = TypeVar("Found")

MOST_LINES = 1_000


def create_scenario(*, company_id: int, actor_id: int | None, name: str, note: str = "") -> int:
    """An empty scenario; its id. Conflict where the name is taken."""
    _check_texts(name, note)
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        return _insert(company_id, name, note, None)


def update_scenario(
    *,
    company_id: int,
    actor_id: int | None,
    scenario_id: int,
    name: str | None = None,
    note: str | None = None,
    active: bool | None = None,
) -> None:
    """Rename it, describe it, put it away (`active` False) or take it out again."""
    _check_texts("x" if name is None else name, note or "")
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _hold(company_id, scenario_id)
        if name is not None:
            _refuse_taken(company_id, name, scenario_id)
        db.execute(
            "UPDATE assets_scenario SET name = coalesce(%s, name), note = coalesce(%s, note),"
            " active = coalesce(%s, active), changed_at = clock_timestamp() WHERE company_id = %s AND id = %s",
            (name and name.strip(), note, active, company_id, scenario_id),
        )


def copy_scenario(*, company_id: int, actor_id: int | None, scenario_id: int, name: str) -> int:
    """A scenario with the same lines under another name; its id."""
    _check_texts(name, "")
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        note = _hold(company_id, scenario_id)
        made = _insert(company_id, name, note, scenario_id)
        db.execute(
            "INSERT INTO assets_scenario_line (company_id, scenario_id, position, label, content)"
            " SELECT company_id, %s, position, label, content FROM assets_scenario_line"
            " WHERE company_id = %s AND scenario_id = %s",
            (made, company_id, scenario_id),
        )
        return made


def put_scenario_line(
    *,
    company_id: int,
    actor_id: int | None,
    scenario_id: int,
    label: str,
    assets: Sequence[AssetDraft] = (),
    events: Sequence[EventDraft] = (),
    line_id: int | None = None,
) -> int:
    """Add a line at the end, or put another one in the place of `line_id`; its id.

    It is tried as `record` would take it, together with the other lines, and refused for the same reasons.
    """
    problem = text_problem("label", label, LONGEST_NAME)
    if problem:
        raise Refused(problem)
    if not assets and not events:
        raise refuse("events", "required", say("Give at least one planned asset or event."))

    def work() -> int:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            _hold(company_id, scenario_id)
            lines = list(kept_plans.scenario(company_id, scenario_id).lines)
            position = _position(lines, line_id)
            mine = ScenarioLine(line_id or 0, position, label.strip(), tuple(assets), tuple(events))
            others = [line for line in lines if line.line_id != line_id]
            _try(company_id, actor_id, others, mine)
            content = json.dumps(as_json(assets, events))
            return _write(company_id, scenario_id, mine, content)

    return work() if connection.in_atomic_block else db.run_retrying(work)


def remove_scenario_line(*, company_id: int, actor_id: int | None, scenario_id: int, line_id: int) -> None:
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _hold(company_id, scenario_id)
        gone = db.execute(
            "DELETE FROM assets_scenario_line WHERE company_id = %s AND scenario_id = %s AND id = %s",
            (company_id, scenario_id, line_id),
        )
        if not gone:
            raise _no_line(line_id)
        _touch(company_id, scenario_id)


def drafts_of(lines: Iterable[ScenarioLine]) -> tuple[list[AssetDraft], list[EventDraft]]:
    """All lines as one batch. A draft's `row` counts from 0 as everywhere: a refusal names the position of its line."""
    assets: list[AssetDraft] = []
    events: list[EventDraft] = []
    for line in lines:
        first_asset, first_event = len(assets), len(events)
        assets += [replace(draft, row=_row(line.position)) for draft in line.assets]
        events += [
            replace(
                draft,
                row=_row(line.position),
                asset_no=None if draft.asset_no is None else draft.asset_no + first_asset,
                of_no=None if draft.of_no is None else draft.of_no + first_event,
            )
            for draft in line.events
        ]
    return assets, events


def _row(position: int) -> int:
    """Positions count from 1, rows of a request from 0."""
    return position - 1


def project(
    *,
    company_id: int,
    actor_id: int | None,
    through_on: datetime.date,
    from_on: datetime.date | None = None,
    scenario_id: int | None = None,
    book_ids: Sequence[int] | None = None,
    by: str = "month",
    cost_centres: bool = False,
    assets: Sequence[AssetDraft] = (),
    events: Sequence[EventDraft] = (),
) -> Projection:
    """Charges, cost, net book value and cash to come, with a kept scenario or the drafts given (not both).

    Lines of a scenario that fit no longer are left out and listed; drafts that do not fit are refused.
    """

    def ahead(planned: Sequence[AssetDraft], happens: Sequence[EventDraft]) -> Projection:
        return project_drafts(
            company_id=company_id,
            actor_id=actor_id,
            through_on=through_on,
            from_on=from_on,
            book_ids=book_ids,
            assets=planned,
            events=happens,
            by=by,
            cost_centres=cost_centres,
        )

    def work() -> Projection:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            if scenario_id is None:
                return ahead(assets, events)
            found, left_out = _fitting(kept_plans.scenario(company_id, scenario_id).lines, ahead)
            found.left_out += left_out
            return found

    if scenario_id is not None and (assets or events):
        raise refuse("scenario_id", "one_of", say("Name a scenario, or give assets and events, not both."))
    return work() if connection.in_atomic_block else db.run_retrying(work)


def lines_left_out(*, company_id: int, actor_id: int | None, scenario_id: int) -> list[LeftOut]:
    """Lines of a scenario that fit no longer: a forecast leaves them out."""

    def tried(assets: Sequence[AssetDraft], events: Sequence[EventDraft]) -> None:
        _prepare(company_id, actor_id, assets, events)

    def work() -> list[LeftOut]:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            return _fitting(kept_plans.scenario(company_id, scenario_id).lines, tried)[1]

    return work() if connection.in_atomic_block else db.run_retrying(work)


def _fitting(
    lines: Iterable[ScenarioLine], work: Callable[[list[AssetDraft], list[EventDraft]], Found]
) -> tuple[Found, list[LeftOut]]:
    """What comes of the lines that fit together, and the others. What refuses no line in particular is refused."""
    there, left_out = list(lines), list[LeftOut]()
    while True:
        try:
            return work(*drafts_of(there)), sorted(left_out, key=lambda line: line.position)
        except Refused as refused:
            messages: dict[int, str] = {}
            for problem in refused.problems:
                if problem.row is not None:
                    messages.setdefault(problem.row, problem.message)
            gone = [line for line in there if _row(line.position) in messages]
            if not gone:
                raise
            left_out += [
                LeftOut(line.line_id, line.position, line.label, messages[_row(line.position)])
                for line in gone
            ]
            there = [line for line in there if line not in gone]


# --- what is planned most often -----------------------------------------------------------------------------------


def planned_purchase(
    *,
    name: str,
    class_code: str,
    cost: Decimal,
    acquired_on: datetime.date,
    in_service_on: datetime.date | None = None,
    quantity: int = 1,
    cost_centre_id: int | None = None,
    currency: str | None = None,
    sold_on: datetime.date | None = None,
    proceeds: Decimal = Decimal(0),
) -> tuple[list[AssetDraft], list[EventDraft]]:
    """The drafts of a purchase: `cost` for all of the quantity together, sold again on a day if that is planned."""
    asset = AssetDraft(name, class_code, qty=quantity, cost_centre_id=cost_centre_id, since_on=acquired_on)
    events = [
        EventDraft("acquisition", acquired_on, asset_no=0, values={"cost": cost}, currency=currency),
        EventDraft("in_service", in_service_on or acquired_on, asset_no=0),
    ]
    if sold_on is not None:
        sale = {"how": str(DisposalKind.SALE), "proceeds": proceeds}
        events.append(EventDraft("disposal", sold_on, asset_no=0, values=sale, currency=currency))
    return [asset], events


def planned_sale(
    *,
    asset_id: int,
    on: datetime.date,
    proceeds: Decimal,
    costs: Decimal = Decimal(0),
    currency: str | None = None,
) -> list[EventDraft]:
    """The draft of a sale of an asset that is there."""
    values = {"how": str(DisposalKind.SALE), "proceeds": proceeds, "costs": costs}
    return [EventDraft("disposal", on, asset_id=asset_id, values=values, currency=currency)]


# --- the rows -----------------------------------------------------------------------------------------------------


class _Tried(Exception):
    """The lines fit: whatever trying them wrote is taken back."""


def _try(company_id: int, actor_id: int | None, others: Sequence[ScenarioLine], mine: ScenarioLine) -> None:
    """Refused if a line does not fit to those of the others that do: whatever is wrong then came with it."""

    def tried(assets: Sequence[AssetDraft], events: Sequence[EventDraft]) -> None:
        _prepare(company_id, actor_id, assets, events)

    gone = {line.line_id for line in _fitting(others, tried)[1]}
    there = [line for line in others if line.line_id not in gone]
    try:
        tried(*drafts_of(sorted([*there, mine], key=lambda line: line.position)))
    except Refused as refused:
        row = _row(mine.position)
        found = [replace(problem, row=None if problem.row is None else row) for problem in refused.problems]
        raise type(refused)(found) from refused


def _prepare(
    company_id: int, actor_id: int | None, assets: Sequence[AssetDraft], events: Sequence[EventDraft]
) -> None:
    """Refused as recording these would be; nothing is kept."""
    if not assets and not events:
        return
    try:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            prepare_scenario(company_id, actor_id, assets, events)
            raise _Tried
    except _Tried:
        return


def _insert(company_id: int, name: str, note: str, copied_from_id: int | None) -> int:
    _refuse_taken(company_id, name)
    row = db.fetch_one(
        "INSERT INTO assets_scenario (company_id, name, note, copied_from_id) VALUES (%s, %s, %s, %s)"
        " RETURNING id",
        (company_id, name.strip(), note, copied_from_id),
    )
    assert row is not None, "an INSERT ... RETURNING returns its row"
    return int(row[0])


def _refuse_taken(company_id: int, name: str, scenario_id: int = 0) -> None:
    """Names differ by more than case. Whoever names a scenario at the same time waits, so that each sees the other."""
    db.fetch_all(
        "SELECT pg_advisory_xact_lock(hashtextextended('assets_scenario ' || %s::text, 0))", (company_id,)
    )
    row = db.fetch_one(
        "SELECT name FROM assets_scenario WHERE company_id = %s AND lower(name) = lower(%s) AND id <> %s",
        (company_id, name.strip(), scenario_id),
    )
    if row is not None:
        message = say("There is a scenario {row} already: choose another name.", row=row[0])
        raise Conflict(Problem("name", "unique", message, value=name))


def _hold(company_id: int, scenario_id: int) -> str:
    """Nobody else edits it until the transaction ends; its note. NotFound if there is none."""
    row = db.fetch_one(
        "SELECT note FROM assets_scenario WHERE company_id = %s AND id = %s FOR UPDATE",
        (company_id, scenario_id),
    )
    if row is None:
        raise kept_plans.no_scenario(scenario_id)
    return str(row[0])


def _position(lines: Sequence[ScenarioLine], line_id: int | None) -> int:
    if line_id is None:
        if len(lines) >= MOST_LINES:
            raise refuse(
                "label", "size", say("A scenario has at most {most_lines} lines.", most_lines=MOST_LINES)
            )
        return max((line.position for line in lines), default=0) + 1
    for line in lines:
        if line.line_id == line_id:
            return line.position
    raise _no_line(line_id)


def _write(company_id: int, scenario_id: int, line: ScenarioLine, content: str) -> int:
    if line.line_id:
        db.execute(
            "UPDATE assets_scenario_line SET label = %s, content = %s::jsonb WHERE company_id = %s AND id = %s",
            (line.label, content, company_id, line.line_id),
        )
        _touch(company_id, scenario_id)
        return line.line_id
    row = db.fetch_one(
        "INSERT INTO assets_scenario_line (company_id, scenario_id, position, label, content)"
        " VALUES (%s, %s, %s, %s, %s::jsonb) RETURNING id",
        (company_id, scenario_id, line.position, line.label, content),
    )
    assert row is not None, "an INSERT ... RETURNING returns its row"
    _touch(company_id, scenario_id)
    return int(row[0])


def _touch(company_id: int, scenario_id: int) -> None:
    db.execute(
        "UPDATE assets_scenario SET changed_at = clock_timestamp() WHERE company_id = %s AND id = %s",
        (company_id, scenario_id),
    )


def _check_texts(name: str, note: str) -> None:
    found = [p for p in (text_problem("name", name, LONGEST_NAME), note_problem("note", note)) if p]
    if found:
        raise Refused(found)


def _no_line(line_id: int) -> NotFound:
    return NotFound(Problem("line_id", "exists", say("The scenario has no such line."), value=str(line_id)))
