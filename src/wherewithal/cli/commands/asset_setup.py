"""wherewithal asset class ..., cost-centre ..., book ..., file ..., change"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings
from pydantic import TypeAdapter, ValidationError

from wherewithal.assets import queries, services
from wherewithal.assets.values import ClassDraft
from wherewithal.cli.commands.asset_common import (
    Json,
    Row,
    Tag,
    asset_id,
    class_id,
    json_of,
    listed,
)
from wherewithal.cli.companies import book_named, company_named, user_named
from wherewithal.cli.context import database
from wherewithal.cli.options import BookCode, By, Company
from wherewithal.cli.output import JsonFlag, emit
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.ledger.values import Book

Code = Annotated[str, typer.Argument(help="Its code.")]
NewName = Annotated[str | None, typer.Option("--name", help="Its new name.")]
Active = Annotated[bool | None, typer.Option("--active/--retired", help="Whether it may still be used.")]
DAYS = ("warranty_until", "insured_until")
_classes: TypeAdapter[Any] = TypeAdapter(list[ClassDraft])
CHANGES = (
    "tag", "name", "serial_no", "purchase_reference", "warranty_until", "insured_until", "insurance_reference",
    "attributes", "note", "parent_id", "item_id", "lot_id", "supplier_id",
)  # fmt: skip
_days: TypeAdapter[Any] = TypeAdapter(datetime.date | None)


def add_to(commands: typer.Typer) -> None:
    commands.command("change")(change)
    classes = typer.Typer(no_args_is_help=True, help="Classes of assets.")
    classes.command("create")(create_classes)
    classes.command("change")(change_class)
    classes.command("terms")(class_terms)
    commands.add_typer(classes, name="class")
    centres = typer.Typer(no_args_is_help=True, help="Who bears what assets cost.")
    centres.command("list")(cost_centres)
    centres.command("create")(create_cost_centre)
    centres.command("change")(change_cost_centre)
    commands.add_typer(centres, name="cost-centre")
    books = typer.Typer(no_args_is_help=True, help="Calendars of books; books that were added later.")
    books.command("list")(asset_books)
    books.command("calendar")(calendar)
    books.command("fill")(fill)
    commands.add_typer(books, name="book")
    files = typer.Typer(no_args_is_help=True, help="Pictures and papers of an asset.")
    files.command("list")(file_list)
    files.command("attach")(attach)
    files.command("remove")(remove_file)
    commands.add_typer(files, name="file")


# --- one asset ----------------------------------------------------------------------------------------------------


def change(tag: Tag, company: Company, source: Json = None, by: By = None, as_json: JsonFlag = False) -> None:
    """Change master data from JSON, such as {"name": "Forklift 2", "warranty_until": "2028-03-01"}. Money, place and people
    change by events (`asset record`)."""
    given = _object(json_of(source))
    unknown = sorted(set(given) - set(CHANGES))
    if unknown:
        message = f"Give some of: {', '.join(CHANGES)}."
        raise Refused(Problem(unknown[0], "known", message))
    given |= {name: _read(_days, name, given[name]) for name in DAYS if name in given}
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, actor_id=actor_id):
            found = asset_id(company_id, tag)
            services.update_asset(company_id=company_id, actor_id=actor_id, asset_id=found, **given)
            asset = queries.asset(company_id, found)
    emit(asdict(asset), as_json=as_json, text=f"{asset.tag} {asset.name}: changed.")


def file_list(tag: Tag, company: Company, as_json: JsonFlag = False) -> None:
    """The files of an asset, the oldest first."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            rows = queries.attachments(company_id, asset_id(company_id, tag))
    names = ("id", "file_name", "title", "media_type", "size_bytes", "created_at")
    emit([{name: row[name] for name in names} for row in rows], as_json=as_json)


def attach(
    tag: Tag,
    file: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)],
    company: Company,
    title: Annotated[str, typer.Option(help="What it is. Default: its name.")] = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Keep a file with an asset. The same content twice is one file."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, read_only=True):
            found = asset_id(company_id, tag)
        made = services.attach_file(
            company_id=company_id,
            actor_id=actor_id,
            asset_id=found,
            folder=Path(settings.MEDIA_ROOT),
            name=file.name,
            content=file.read_bytes(),
            title=title,
        )
    emit({"id": made}, as_json=as_json, text=f"{file.name} is kept with {tag} (number {made}).")


def remove_file(
    tag: Tag,
    number: Annotated[int, typer.Argument(help="Its number in the list.")],
    company: Company,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a file from an asset."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, actor_id=actor_id):
            rows = queries.attachments(company_id, asset_id(company_id, tag))
            if all(row["id"] != number for row in rows):
                message = f"{tag} has no file {number}."
                raise NotFound(Problem("number", "exists", message, value=str(number)))
            services.remove_attachment(company_id=company_id, actor_id=actor_id, attachment_id=number)
    emit({"removed": number}, as_json=as_json, text=f"File {number} is taken away.")


# --- classes and cost centres -------------------------------------------------------------------------------------


def create_classes(company: Company, source: Json = None, by: By = None, as_json: JsonFlag = False) -> None:
    """New classes from JSON, a list such as [{"code": "DRONE", "name": "Drones", "terms": {"": {"method": "none"}}}];
    all or none."""
    drafts = _read(_classes, "classes", json_of(source))
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        ids = services.create_classes(company_id=company_id, actor_id=actor_id, classes=drafts)
    emit({"class_ids": ids}, as_json=as_json, text=f"{len(ids)} classes are made.")


def change_class(
    code: Code,
    company: Company,
    name: NewName = None,
    require: Annotated[
        list[str] | None, typer.Option(help="A field that every asset of it must have; may be repeated.")
    ] = None,
    active: Active = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Rename or retire a class, change what it asks for."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, actor_id=actor_id):
            found = class_id(company_id, code)
            services.update_class(
                company_id=company_id,
                actor_id=actor_id,
                class_id=found,
                name=name,
                required_fields=require or None,
                active=active,
            )
            row = queries.asset_class(company_id, found)
    emit(asdict(row), as_json=as_json, text=f"{row.code} {row.name}: changed.")


def class_terms(
    company: Company, source: Json = None, book: BookCode = None, by: By = None, as_json: JsonFlag = False
) -> None:
    """Default terms of classes from JSON, such as {"MACH": {"pack": "us", "pack_class": "7-year"}}; all or none. They hold
    for assets registered afterwards: in the book named, or in every book that has none of its own."""
    given = _object(json_of(source))
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        code = "" if book is None else book_named(company_id, book).code
        with company_transaction(company_id=company_id, actor_id=actor_id):
            terms = {class_id(company_id, name): {code: _object(each)} for name, each in given.items()}
            services.set_class_terms(company_id=company_id, actor_id=actor_id, terms=terms)
    emit({"classes": sorted(given)}, as_json=as_json, text=f"{len(given)} classes have new terms.")


def cost_centres(company: Company, as_json: JsonFlag = False) -> None:
    """The cost centres."""
    listed(company, as_json, queries.cost_centres)


def create_cost_centre(
    code: Code,
    name: Annotated[str, typer.Argument(help="Its name.")],
    company: Company,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """A new cost centre."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        made = services.create_cost_centre(company_id=company_id, actor_id=actor_id, code=code, name=name)
    emit({"cost_centre_id": made}, as_json=as_json, text=f"{code} {name} is there.")


def change_cost_centre(
    code: Code,
    company: Company,
    name: NewName = None,
    active: Active = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Rename a cost centre, retire it or take it back into use."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, actor_id=actor_id):
            rows = queries.cost_centres(company_id)
            found = next((row for row in rows if row.code == code), None)
            if found is None:
                message = f"There is no cost centre {code}."
                raise NotFound(Problem("code", "exists", message, value=code))
            services.update_cost_centre(
                company_id=company_id,
                actor_id=actor_id,
                cost_centre_id=found.cost_centre_id,
                name=name,
                active=active,
            )
    emit({"code": code}, as_json=as_json, text=f"{code}: changed.")


# --- books --------------------------------------------------------------------------------------------------------


def asset_books(company: Company, as_json: JsonFlag = False) -> None:
    """Each book's calendar, and up to which day its assets are depreciated."""
    listed(company, as_json, queries.books)


def calendar(
    company: Company, source: Json = None, book: BookCode = None, by: By = None, as_json: JsonFlag = False
) -> None:
    """The fiscal years and periods of a book from JSON, such as {"first_month": 4}."""
    given = _object(json_of(source))
    chosen = _of_book(
        company,
        book,
        by,
        lambda company_id, actor_id, found: services.set_calendar(
            company_id=company_id, actor_id=actor_id, book_id=found.book_id, calendar=given
        ),
    )
    emit({"book": chosen[0], "calendar": given}, as_json=as_json, text=f"{chosen[0]} has its calendar.")


def fill(company: Company, book: BookCode = None, by: By = None, as_json: JsonFlag = False) -> None:
    """Post in a book that was added later what happened to assets before."""
    code, ids = _of_book(
        company,
        book,
        by,
        lambda company_id, actor_id, found: services.fill_book(
            company_id=company_id, actor_id=actor_id, book_id=found.book_id
        ),
    )
    emit({"book": code, "entry_ids": ids}, as_json=as_json, text=f"{code} is filled: {len(ids)} entries.")


def _of_book(
    company: str, book: str | None, by: str | None, work: Callable[[int, int | None, Book], Any]
) -> tuple[str, Any]:
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        found = book_named(company_id, book)
        return found.code, work(company_id, actor_id, found)


# --- JSON ---------------------------------------------------------------------------------------------------------


def _object(given: Any) -> Row:
    if not isinstance(given, Mapping):
        raise Refused(Problem("source", "form", "Give a JSON object."))
    return dict(given)


def _read(adapter: TypeAdapter[Any], name: str, given: Any) -> Any:
    try:
        return adapter.validate_python(given)
    except ValidationError as error:
        raise Refused(
            [
                Problem(
                    ".".join([name, *(str(part) for part in found["loc"] if not isinstance(part, int))]),
                    found["type"],
                    found["msg"] + ".",
                    row=next((part for part in found["loc"] if isinstance(part, int)), None),
                )
                for found in error.errors()
            ]
        ) from None
