"""wherewithal asset timetable ..."""

import datetime
from typing import Annotated, Any

import typer

from wherewithal.assets import queries, services
from wherewithal.assets.queries import TimetableRow
from wherewithal.cli.companies import book_named, company_named, user_named
from wherewithal.cli.context import database
from wherewithal.cli.options import BookCode, By, Company
from wherewithal.cli.output import JsonFlag, emit
from wherewithal.kit.db import company_transaction

DaysAfter = Annotated[int, typer.Option(help="Days after the end of each period of the book, 0 to 90.")]
Hour = Annotated[int, typer.Option(help="The full hour in the company's time zone, 0 to 23.")]


def add_to(commands: typer.Typer) -> None:
    timetable = typer.Typer(no_args_is_help=True, help="Books that are depreciated by themselves.")
    timetable.command("list")(timetables)
    timetable.command("set")(put)
    timetable.command("drop")(drop)
    commands.add_typer(timetable, name="timetable")


def timetables(company: Company, as_json: JsonFlag = False) -> None:
    """Which books have one, when they are charged next, and how it went last time."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            found = queries.timetables(company_id, datetime.datetime.now(datetime.UTC))
    emit([_row(each) for each in found], as_json=as_json)


def _row(found: TimetableRow) -> dict[str, Any]:
    last = found.last_job or {}
    return {
        "book": found.book,
        "days_after": found.days_after,
        "hour": found.hour,
        "due": found.due_through,
        "next": found.next_through,
        "next_at": found.next_at,
        "last": last.get("state"),
        "said": last.get("message"),
    }


def put(
    company: Company,
    days_after: DaysAfter,
    hour: Hour,
    book: BookCode = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Depreciate a book by itself, from its next period on. In place of the timetable it had."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        chosen = book_named(company_id, book)
        services.set_timetable(
            company_id=company_id,
            actor_id=actor_id,
            book_id=chosen.book_id,
            days_after=days_after,
            hour=hour,
            at=datetime.datetime.now(datetime.UTC),
        )
    text = f"{chosen.code} is charged {days_after} days after each period, at {hour}:00."
    emit({"book": chosen.code, "days_after": days_after, "hour": hour}, as_json=as_json, text=text)


def drop(company: Company, book: BookCode = None, by: By = None, as_json: JsonFlag = False) -> None:
    """Depreciate a book by hand only."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        chosen = book_named(company_id, book)
        had = services.drop_timetable(company_id=company_id, actor_id=actor_id, book_id=chosen.book_id)
    text = f"{chosen.code} is charged by hand." if had else f"{chosen.code} had no timetable."
    emit({"book": chosen.code, "dropped": had}, as_json=as_json, text=text)
