"""wherewithal asset ..."""

import datetime
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft, RunResult
from wherewithal.assets.values import AssetDraft
from wherewithal.cli.commands import asset_keeping, asset_plans, asset_setup, asset_timetables, asset_together
from wherewithal.cli.commands.asset_common import Row, Tag, json_of, preview_rows
from wherewithal.cli.companies import book_named, company_named, user_named
from wherewithal.cli.context import database
from wherewithal.cli.options import DAY, AsOf, BookCode, By, Company
from wherewithal.cli.output import JsonFlag, emit, progress_bar
from wherewithal.core.money import from_minor
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import Problem, Refused
from wherewithal.reporting.tax_sheets import POOL_AMOUNTS, pool_amounts

Through = Annotated[
    datetime.datetime,
    typer.Argument(help="The day whose end is charged up to.", **DAY),
]
Source = Annotated[
    Path | None,
    typer.Argument(help="JSON: {assets: [...], events: [...]} as the API takes it. Default: standard input."),
]
_adapters: dict[type, TypeAdapter[Any]] = {
    EventDraft: TypeAdapter(list[EventDraft]),
    AssetDraft: TypeAdapter(list[AssetDraft]),
}


def register(app: typer.Typer) -> None:
    commands = typer.Typer(
        no_args_is_help=True, help="Fixed assets: the register, events, depreciation runs."
    )
    commands.command("install-classes")(install_classes)
    commands.command("classes")(classes)
    commands.command("list")(show)
    commands.command("show")(card)
    commands.command("schedule")(schedule)
    commands.command("record")(record)
    commands.command("preview")(preview)
    commands.command("parts")(parts)
    commands.command("depreciate")(depreciate)
    commands.command("runs")(runs)
    commands.command("reverse-run")(reverse_run)
    commands.command("pools")(pools)
    commands.command("form-4562")(form_4562)
    asset_together.add_to(commands)
    asset_setup.add_to(commands)
    asset_keeping.add_to(commands)
    asset_plans.add_to(commands)
    asset_timetables.add_to(commands)
    app.add_typer(commands, name="asset")


# --- set up ------------------------------------------------------------------------------------------------------


def install_classes(
    company: Company,
    chart: Annotated[str, typer.Option(help="The chart of accounts to take the accounts from.")] = "general",
    language: Annotated[str, typer.Option(help="In which classes and accounts are named.")] = "en",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """The usual classes, from land to construction under way, with their accounts in every book."""
    with database():
        found, actor_id = company_named(company), user_named(by)
        ids = services.install_classes(
            company_id=found.company_id, actor_id=actor_id, chart=chart, language=language
        )
    emit({"class_ids": ids}, as_json=as_json, text=f"{len(ids)} classes are there.")


def classes(company: Company, as_json: JsonFlag = False) -> None:
    """The classes of assets."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            found = queries.classes(company_id)
    rows = [
        {"code": row.code, "name": row.name, "kind": row.kind, "assets": row.asset_count, "terms": row.terms}
        for row in found
    ]
    emit(rows, as_json=as_json)


# --- the register ------------------------------------------------------------------------------------------------


def show(
    company: Company,
    text: Annotated[str, typer.Option(help="The beginning of a tag, a serial number or a name.")] = "",
    book: BookCode = None,
    as_of: AsOf = None,
    after: Annotated[str, typer.Option(help="Begin after this tag.")] = "",
    sort: Annotated[
        queries.Sort | None, typer.Option(help="Instead of by tag. `--after` is for the order by tag.")
    ] = None,
    descending: Annotated[bool, typer.Option("--descending", help="The last, or the most, first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    as_json: JsonFlag = False,
) -> None:
    """The register. `wherewithal export assets` writes the whole of it as a file."""
    with database():
        company_id = company_named(company).company_id
        chosen = book_named(company_id, book)
        with company_transaction(company_id=company_id, read_only=True):
            placed = queries.sorted_register(
                company_id,
                sort=sort or queries.Sort.TAG,
                descending=descending,
                book_id=chosen.book_id,
                filters=queries.RegisterFilter(text=text),
                as_of=_day(as_of),
                after=(after, after) if after and sort in (None, queries.Sort.TAG) else None,
                limit=limit,
            )
    found = [each.row for each in placed]
    rows = [
        {
            "tag": row.tag,
            "name": row.name,
            "class": row.class_code,
            "status": row.status.name.lower(),
            "location": row.location_code,
            **_amounts(row, ("cost", "accumulated", "carrying"), chosen.currency_decimals),
            "currency": chosen.currency,
        }
        for row in found
    ]
    emit(rows, as_json=as_json)


def card(tag: Tag, company: Company, as_of: AsOf = None, as_json: JsonFlag = False) -> None:
    """One asset: who and where it is, what every book says of it, its parts in the primary book, and what happened to it."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            asset = queries.asset_by_tag(company_id, tag)
            books = queries.book_values(company_id, asset.asset_id, as_of=_day(as_of))
            told = queries.timeline(company_id, asset.asset_id)
            main = books[0]
            parts = queries.component_tree(
                company_id, asset.asset_id, book_id=main.book_id, as_of=_day(as_of)
            )
    values = [
        {
            "book": value.code,
            **_amounts(value, ("cost", "accumulated", "carrying"), value.decimals),
            "currency": value.currency,
            "charged_through": value.horizon_on,
        }
        for value in books
    ]
    events = [
        {
            "event": row.event_id,
            "kind": row.kind,
            "on": row.effective_on,
            "recorded_at": row.recorded_at,
            "reversed_by": row.reversed_by,
            "reference": row.reference,
        }
        for row in told
    ]
    components = [
        {"depth": part.depth, "tag": part.tag, "name": part.name, "status": part.status.name.lower()}
        | _amounts(part, ("cost", "carrying", "whole_cost", "whole_carrying"), main.decimals)
        for part in parts
    ]
    data = {
        "asset_id": asset.asset_id,
        "tag": asset.tag,
        "name": asset.name,
        "class": asset.class_code,
        "status": asset.status.name.lower(),
        "serial_no": asset.serial_no,
        "location_id": asset.location_id,
    }
    if as_json:
        emit(data | {"books": values, "components": components, "events": events}, as_json=True)
        return
    for part in (data, values, components, events):
        emit(part, as_json=False)
        emit("", as_json=False, text="")


def schedule(tag: Tag, company: Company, book: BookCode = None, as_json: JsonFlag = False) -> None:
    """The charges of an asset in a book, posted and planned."""
    with database():
        company_id = company_named(company).company_id
        chosen = book_named(company_id, book)
        with company_transaction(company_id=company_id, read_only=True):
            asset = queries.asset_by_tag(company_id, tag)
            (found,) = queries.schedule(company_id, asset.asset_id, book_id=chosen.book_id)
    amounts = ("charge", "other", "cost", "accumulated", "carrying")
    rows = [
        {"from": row.from_on, "to": row.to_on}
        | _amounts(row, amounts, found.decimals)
        | {"posted": "yes" if row.posted else "planned"}
        for row in found.rows
    ]
    emit(rows, as_json=as_json)


# --- events ------------------------------------------------------------------------------------------------------


def record(
    company: Company,
    source: Source = None,
    key: Annotated[
        str | None, typer.Option(help="Idempotency key: with the same one it is recorded once.")
    ] = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Register assets and record what happened to them; every book posts the difference. All of it or nothing."""
    events, assets = _read(source)
    with database():
        found, actor_id = company_named(company), user_named(by)
        done = services.record(
            company_id=found.company_id,
            actor_id=actor_id,
            idempotency_key=key or uuid.uuid4().hex,
            events=events,
            assets=assets,
            source="cli",
        )
    text = f"{len(done.asset_ids)} assets, {len(done.event_ids)} events, {len(done.entry_ids)} entries."
    emit(done, as_json=as_json, text=text)


def preview(company: Company, source: Source = None, by: By = None, as_json: JsonFlag = False) -> None:
    """What `record` would post in every book; nothing is kept."""
    events, assets = _read(source)
    with database():
        found, actor_id = company_named(company), user_named(by)
        books = services.preview(company_id=found.company_id, actor_id=actor_id, events=events, assets=assets)
    emit([row for book in books for row in preview_rows(book)], as_json=as_json)


def _read(source: Path | None) -> tuple[list[EventDraft], list[AssetDraft]]:
    """The batch from JSON; numbers stay exact."""
    given = json_of(source)
    if not isinstance(given, dict) or not set(given) <= {"assets", "events"}:
        raise Refused(Problem("source", "form", "Give an object with `assets` and `events`, both lists."))
    return _all(EventDraft, given.get("events", [])), _all(AssetDraft, given.get("assets", []))


def _all(draft: Any, given: Any) -> list[Any]:
    adapter = _adapters[draft]
    try:
        return list(adapter.validate_python(given))
    except ValidationError as error:
        raise Refused(
            [
                Problem(
                    ".".join(str(part) for part in found["loc"][1:]) or str(draft.__name__),
                    found["type"],
                    found["msg"] + ".",
                    row=found["loc"][0] if found["loc"] and isinstance(found["loc"][0], int) else None,
                )
                for found in error.errors()
            ]
        ) from None


def parts(company: Company, as_json: JsonFlag = False) -> None:
    """Parts that one asset gave and no other one has taken yet."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            found = queries.parts_under_way(company_id)
    emit([row._asdict() for row in found], as_json=as_json)


# --- runs --------------------------------------------------------------------------------------------------------


def depreciate(
    through_on: Through,
    company: Company,
    book: BookCode = None,
    only_preview: Annotated[bool, typer.Option("--preview", help="Only show it; nothing is kept.")] = False,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Charge a book's depreciation up to the end of a day. Doing it again posts nothing."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        chosen = book_named(company_id, book)
        with progress_bar("Depreciation") as show_progress:
            if only_preview:
                run = services.preview_depreciation(
                    company_id=company_id,
                    actor_id=actor_id,
                    book_id=chosen.book_id,
                    through_on=through_on.date(),
                )
            else:
                run = services.depreciate(
                    company_id=company_id,
                    actor_id=actor_id,
                    book_id=chosen.book_id,
                    through_on=through_on.date(),
                    progress=show_progress,
                )
    _tell(run, chosen.currency, chosen.currency_decimals, as_json)


def _tell(run: RunResult, currency: str, decimals: int, as_json: bool) -> None:
    total = from_minor(run.total, decimals)
    text = f"{run.asset_count:,} assets, {run.row_count:,} charges, {total:,} {currency}."
    text += "".join(f"\n{left.tag}: {left.message}" for left in run.exceptions)
    emit(run, as_json=as_json, text=text)


def runs(company: Company, book: BookCode = None, as_json: JsonFlag = False) -> None:
    """The last depreciation runs of a book, the latest first."""
    with database():
        company_id = company_named(company).company_id
        chosen = book_named(company_id, book)
        with company_transaction(company_id=company_id, read_only=True):
            found = queries.runs(company_id, chosen.book_id)
    rows = [
        {
            "run": row.run_id,
            "through_on": row.through_on,
            "assets": row.asset_count,
            "charges": row.row_count,
            "total": from_minor(row.total, chosen.currency_decimals),
            "currency": chosen.currency,
            "recorded_at": row.recorded_at,
            "of_run": row.of_run_id,
            "reversed_by": row.reversed_by,
        }
        for row in found
    ]
    emit(rows, as_json=as_json)


def reverse_run(
    run_id: Annotated[int, typer.Argument(help="Its number; it must be the latest of its book.")],
    company: Company,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Take back the latest run of a book."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        run = services.reverse_run(company_id=company_id, actor_id=actor_id, run_id=run_id)
        with company_transaction(company_id=company_id, read_only=True):
            book = queries.asset_book(company_id, run.book_id)
    _tell(run, book.currency, book.decimals, as_json)


# --- what is filed -----------------------------------------------------------------------------------------------


def pools(
    to_on: Annotated[
        datetime.datetime,
        typer.Argument(help="Facts through this day count.", **DAY),
    ],
    company: Company,
    book: BookCode = None,
    as_json: JsonFlag = False,
) -> None:
    """The computation of every pool of a tax book by fiscal year: capital allowances, blocks, CCA."""
    with database():
        company_id = company_named(company).company_id
        chosen = book_named(company_id, book)
        with company_transaction(company_id=company_id, read_only=True):
            report = queries.pool_report(company_id, book_id=chosen.book_id, to_on=to_on.date())
    rows = [
        {"pool": row.code, "from": row.from_on, "to": row.to_on}
        | {
            name: from_minor(amount, chosen.currency_decimals)
            for name, amount in zip(POOL_AMOUNTS, pool_amounts(row), strict=True)
        }
        | {"currency": chosen.currency, "posted": "yes" if row.charged else "no"}
        for row in report.computations
    ]
    left_out = [{"tag": each.tag, "left out": each.message} for each in report.left_out]
    emit([*rows, *left_out] if as_json else rows, as_json=as_json)
    if left_out and not as_json:
        emit(left_out, as_json=False)


def form_4562(
    on: Annotated[
        datetime.datetime,
        typer.Argument(help="A day of the tax year.", **DAY),
    ],
    company: Company,
    book: BookCode = None,
    as_json: JsonFlag = False,
) -> None:
    """The figures of Form 4562 (United States) for a tax year. `wherewithal export form-4562` takes more options."""
    with database():
        company_id = company_named(company).company_id
        chosen = book_named(company_id, book)
        with company_transaction(company_id=company_id, read_only=True):
            form = queries.form_4562_figures(company_id, book_id=chosen.book_id, on=on.date())
    rows = [
        {"part": line.part, "line": line.line, "text": line.text, "placed": line.placed}
        | {"recovery": line.recovery, "convention": line.convention, "method": line.method}
        | _amounts(line, ("basis", "amount"), chosen.currency_decimals)
        | {"currency": chosen.currency}
        for line in form.lines
    ]
    emit(rows, as_json=as_json)


def _day(given: datetime.datetime | None) -> datetime.date | None:
    return None if given is None else given.date()


def _amounts(row: Any, names: tuple[str, ...], decimals: int) -> Row:
    return {
        name: None if getattr(row, name) is None else from_minor(getattr(row, name), decimals)
        for name in names
    }
