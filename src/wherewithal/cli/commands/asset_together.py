"""wherewithal asset transfer, take-back, impair-unit, year-test"""

import datetime
import uuid
from typing import Annotated, Any

import typer

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import BookPreview, UnitDraft
from wherewithal.cli.commands.asset_common import (
    Key,
    Only,
    Tag,
    amount,
    asset_id,
    place_id,
    preview_rows,
)
from wherewithal.cli.companies import all_companies, book_named, company_named, user_named
from wherewithal.cli.context import database
from wherewithal.cli.options import DAY, BookCode, By, Company
from wherewithal.cli.output import JsonFlag, emit
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import refuse

OnDay = Annotated[datetime.datetime, typer.Option("--on", help="When it happened.", **DAY)]


def add_to(commands: typer.Typer) -> None:
    commands.command("transfer")(transfer)
    commands.command("take-back")(take_back)
    commands.command("impair-unit")(impair_unit)
    commands.command("year-test")(year_test)


# --- between companies --------------------------------------------------------------------------------------------


def transfer(
    tag: Tag,
    to: Annotated[str, typer.Argument(help="Code of the company it goes to.", metavar="COMPANY")],
    company: Company,
    class_code: Annotated[str, typer.Option("--class", help="Class there.")],
    on: Annotated[datetime.datetime, typer.Option(help="At the end of which day.", **DAY)],
    basis: Annotated[
        str, typer.Option(help="At what it is taken up there: as_it_stands, carrying_amount or price.")
    ] = services.Basis.AS_IT_STANDS.value,
    price: Annotated[
        str | None, typer.Option(help="With the basis price, in the company's currency.")
    ] = None,
    tag_there: Annotated[str | None, typer.Option(help="Tag there. Default: the next of its class.")] = None,
    place_there: Annotated[str | None, typer.Option(help="Code of its location there.")] = None,
    key: Key = None,
    only_preview: Only = False,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """An asset goes to another company, with all that its books say of it; both halves or none."""
    with database():
        here, there, actor_id = company_named(company), company_named(to), user_named(by)
        with company_transaction(company_id=here.company_id, read_only=True):
            going = asset_id(here.company_id, tag)
        with company_transaction(company_id=there.company_id, read_only=True):
            place = place_id(there.company_id, place_there)
        what: dict[str, Any] = {
            "company_id": here.company_id,
            "to_company_id": there.company_id,
            "actor_id": actor_id,
            "asset_id": going,
            "effective_on": on.date(),
            "class_code": class_code,
            "tag": tag_there,
            "location_id": place,
            "basis": basis,
            "price": None if price is None else amount("price", price),
        }
        if only_preview:
            both = services.preview_transfer(**what)
            _show_both(here.code, there.code, both, as_json)
            return
        done = services.transfer_to_company(**what, idempotency_key=key or f"cli-{uuid.uuid4().hex}")
        with company_transaction(company_id=there.company_id, read_only=True):
            arrived = queries.asset(there.company_id, done.asset_ids[0])
    emit(done, as_json=as_json, text=f"{tag} has gone to {there.name} as {arrived.tag}.")


def take_back(
    tag: Tag,
    company: Company,
    key: Key = None,
    only_preview: Only = False,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """The last transfer of an asset to another company never happened: both halves are reversed."""
    with database():
        here, actor_id = company_named(company), user_named(by)
        with company_transaction(company_id=here.company_id, read_only=True):
            gone = [
                row
                for row in queries.timeline(here.company_id, asset_id(here.company_id, tag))
                if row.kind == "intercompany_out" and row.counterpart is not None
            ]
        if not gone:
            raise refuse("tag", "transferred", f"{tag} was not transferred to another company.", value=tag)
        row = max(gone, key=lambda each: each.event_id)
        other = (row.counterpart or {})["company_id"]
        which: dict[str, Any] = {
            "company_id": here.company_id,
            "actor_id": actor_id,
            "event_id": row.event_id,
        }
        if only_preview:
            there = next(each for each in all_companies() if each.company_id == other)
            _show_both(here.code, there.code, services.preview_take_back(**which), as_json)
            return
        done = services.take_back_transfer(**which, idempotency_key=key or f"cli-{uuid.uuid4().hex}")
    emit(done, as_json=as_json, text=f"{tag} is back.")


def _show_both(here: str, there: str, both: tuple[tuple[BookPreview, ...], ...], as_json: bool) -> None:
    rows = [
        {"company": code} | line
        for code, books in zip((here, there), both, strict=True)
        for book in books
        for line in preview_rows(book)
    ]
    emit(rows, as_json=as_json)


# --- several assets -----------------------------------------------------------------------------------------------


def impair_unit(
    recoverable: Annotated[str, typer.Argument(help="What the whole unit is worth, in the book's currency.")],
    tags: Annotated[
        list[str], typer.Argument(help="Its assets; TAG=AMOUNT is not written down below the amount.")
    ],
    on: OnDay,
    company: Company,
    goodwill: Annotated[
        str | None, typer.Option(help="Tag of the goodwill, which bears the loss first.")
    ] = None,
    book: BookCode = None,
    note: Annotated[str, typer.Option(help="Why.")] = "",
    key: Key = None,
    only_preview: Only = False,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a cash-generating unit down to its recoverable amount: goodwill first, the rest by net book values."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        chosen = book_named(company_id, book)
        ids, floors = [], {}
        with company_transaction(company_id=company_id, read_only=True):
            for given in tags:
                tag, equals, floor = given.partition("=")
                ids.append(asset_id(company_id, tag))
                if equals:
                    floors[ids[-1]] = amount("tags", floor)
            goodwill_id = None if goodwill is None else asset_id(company_id, goodwill)
        unit = UnitDraft(
            effective_on=on.date(),
            asset_ids=ids,
            recoverable=amount("recoverable", recoverable),
            book=chosen.code,
            goodwill_id=goodwill_id,
            floors=floors,
            note=note,
        )
        if only_preview:
            found = services.preview_unit(company_id=company_id, actor_id=actor_id, unit=unit)
            emit([row for each in found for row in preview_rows(each)], as_json=as_json)
            return
        done = services.impair_unit(
            company_id=company_id,
            actor_id=actor_id,
            idempotency_key=key or f"cli-{uuid.uuid4().hex}",
            unit=unit,
        )
    emit(done, as_json=as_json, text=f"{len(done.event_ids)} assets are impaired in the book {chosen.code}.")


def year_test(
    on: Annotated[datetime.datetime, typer.Argument(help="A day of the tax year.", **DAY)],
    company: Company,
    book: BookCode = None,
    only_preview: Only = False,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """The mid-quarter test of the United States for a tax year, and the change of terms that it asks for."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        chosen = book_named(company_id, book)
        which: dict[str, Any] = {
            "company_id": company_id,
            "actor_id": actor_id,
            "book_id": chosen.book_id,
            "on": on.date(),
        }
        lines = []
        if only_preview:
            result, books = services.preview_year_test(**which)
            lines = [row for each in books for row in preview_rows(each)]
        else:
            result = services.apply_year_test(**which)
    data = {
        "share": str(result.share),
        "outcome": result.outcome,
        "assets": result.assets,
        "changed": list(result.changed),
        "entry_ids": list(result.batch.entry_ids) if result.batch else [],
    }
    told = f"{result.assets} assets, {result.share} of their cost in the last three months: {result.outcome}."
    change = f" {len(result.changed)} {'would change' if only_preview else 'changed'} their terms."
    emit(data | ({"lines": lines} if only_preview else {}), as_json=as_json, text=told + change)
    if lines and not as_json:
        emit(lines, as_json=False)
