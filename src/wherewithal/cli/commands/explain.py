"""wherewithal explain"""

import datetime
import re
from collections.abc import Callable
from typing import Annotated

import typer

from wherewithal.cli.commands.asset_common import asset_id, place_id
from wherewithal.cli.commands.asset_common import known_at as known_by
from wherewithal.cli.companies import Subject, all_companies, book_named, company_named
from wherewithal.cli.context import database
from wherewithal.cli.options import DAY, AsOf, BookCode, KnownAt
from wherewithal.cli.output import JsonFlag, emit
from wherewithal.items import queries as items
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import NotFound, Problem, refuse
from wherewithal.ledger import queries as ledger
from wherewithal.reporting import explain as explanations
from wherewithal.reporting.explain import Explanation

CompanyCode = Annotated[
    str | None, typer.Option("--company", "-c", help="The company's code. Needed when there are several.")
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="The chain of facts and rules behind a figure.")
    group.command("move")(move)
    group.command("cost")(cost)
    group.command("entry")(entry)
    group.command("stock")(stock)
    group.command("value")(value)
    group.command("asset")(asset)
    group.command("charge")(charge)
    app.add_typer(group, name="explain")


def move(
    move_id: Annotated[int, typer.Argument(help="The move's id.")],
    company: CompanyCode = None,
    book: BookCode = None,
    as_json: JsonFlag = False,
) -> None:
    """What a move cost, how the figure was found, and when it became known."""
    _tell(
        company,
        book,
        as_json,
        lambda company_id, book_id: explanations.move_cost(
            company_id=company_id, move_id=move_id, book_id=book_id
        ),
    )


def cost(
    sku: Annotated[str, typer.Argument(help="The item's SKU.")],
    company: CompanyCode = None,
    book: BookCode = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: JsonFlag = False,
) -> None:
    """An item's unit cost: its pools, their layers or latest movements."""
    _tell(
        company,
        book,
        as_json,
        lambda company_id, book_id: explanations.unit_cost(
            company_id=company_id,
            item_id=_item(company_id, sku),
            book_id=book_id,
            as_of=_day(as_of),
            known_at=_known(company_id, known_at),
        ),
    )


def entry(
    number: Annotated[str, typer.Argument(help="The entry as year/number, such as 2026/17.")],
    line: Annotated[int, typer.Option(help="Which line.")] = 1,
    company: CompanyCode = None,
    book: BookCode = None,
    as_json: JsonFlag = False,
) -> None:
    """What a line of an entry is made of."""

    def work(company_id: int, book_id: int) -> Explanation:
        year, _, running = number.partition("/")
        if not re.fullmatch(r"[0-9]{4}/[0-9]{1,9}", number):
            raise refuse(
                "number", "form", "An entry is named by year and number, such as 2026/17.", value=number
            )
        with company_transaction(company_id=company_id, read_only=True):
            found = ledger.entry_by_number(company_id, book_id, int(year), int(running))
        return explanations.entry_line(
            company_id=company_id, book_id=book_id, entry_id=found.entry_id, line_no=line
        )

    _tell(company, book, as_json, work)


def stock(
    sku: Annotated[str, typer.Argument(help="The item's SKU.")],
    location: Annotated[
        str | None, typer.Option(help="The code of a place; counts with all below it.")
    ] = None,
    lot: Annotated[str | None, typer.Option(help="The code of a lot or serial.")] = None,
    company: CompanyCode = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: JsonFlag = False,
) -> None:
    """A quantity on hand as the sum of its moves."""

    def work(company_id: int, _book_id: int) -> Explanation:
        item_id = _item(company_id, sku)
        return explanations.stock_figure(
            company_id=company_id,
            item_id=item_id,
            location_id=_place(company_id, location),
            lot_id=_lot(company_id, item_id, lot),
            as_of=_day(as_of),
            known_at=_known(company_id, known_at),
        )

    _tell(company, None, as_json, work)


def value(
    sku: Annotated[
        str | None, typer.Argument(help="The item's SKU. Default: all stock, item by item.")
    ] = None,
    company: CompanyCode = None,
    book: BookCode = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: JsonFlag = False,
) -> None:
    """What stock is worth, by item or by the kinds of its value rows."""
    _tell(
        company,
        book,
        as_json,
        lambda company_id, book_id: explanations.valuation_figure(
            company_id=company_id,
            book_id=book_id,
            item_id=_item(company_id, sku) if sku else None,
            as_of=_day(as_of),
            known_at=_known(company_id, known_at),
        ),
    )


def asset(
    tag: Annotated[str, typer.Argument(help="The asset's tag.")],
    company: CompanyCode = None,
    book: BookCode = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: JsonFlag = False,
) -> None:
    """What an asset is worth: event by event, and what was depreciated year by year."""
    _tell(
        company,
        book,
        as_json,
        lambda company_id, book_id: explanations.net_book_value(
            company_id=company_id,
            asset_id=_asset(company_id, tag),
            book_id=book_id,
            as_of=_day(as_of),
            known_at=_known(company_id, known_at),
        ),
    )


def charge(
    tag: Annotated[str, typer.Argument(help="The asset's tag.")],
    on: Annotated[datetime.datetime, typer.Argument(help="Any day of the period that is charged.", **DAY)],
    company: CompanyCode = None,
    book: BookCode = None,
    as_json: JsonFlag = False,
) -> None:
    """What an asset is charged for a period, posted or planned: what accrued by when, by which terms."""
    _tell(
        company,
        book,
        as_json,
        lambda company_id, book_id: explanations.depreciation_charge(
            company_id=company_id,
            asset_id=_asset(company_id, tag),
            on=on.date(),
            book_id=book_id,
        ),
    )


# --- what the arguments mean ------------------------------------------------------------------------------------


def _tell(
    company: str | None, book: str | None, as_json: bool, work: Callable[[int, int], Explanation]
) -> None:
    with database():
        subject = _subject(company)
        told = work(subject.company_id, book_named(subject.company_id, book).book_id)
    emit(explanations.as_dict(told), as_json=as_json, text=explanations.as_text(told))


def _subject(code: str | None) -> Subject:
    """The company that is named; the only one when none is."""
    if code is not None:
        return company_named(code)
    companies = all_companies()
    if len(companies) != 1:
        listed = ", ".join(company.code for company in companies) or "none yet"
        raise refuse("company", "required", f"Say which company: --company CODE. There are: {listed}.")
    return companies[0]


def _item(company_id: int, sku: str) -> int:
    with company_transaction(company_id=company_id, read_only=True):
        found = items.item_ids_by_sku(company_id, [sku])
    if sku not in found:
        raise NotFound(Problem("sku", "exists", f"There is no item {sku}.", value=sku))
    return found[sku]


def _asset(company_id: int, tag: str) -> int:
    with company_transaction(company_id=company_id, read_only=True):
        return asset_id(company_id, tag)


def _place(company_id: int, code: str | None) -> int | None:
    with company_transaction(company_id=company_id, read_only=True):
        return place_id(company_id, code)


def _lot(company_id: int, item_id: int, code: str | None) -> int | None:
    if code is None:
        return None
    with company_transaction(company_id=company_id, read_only=True):
        found = items.lot_ids(company_id, [(item_id, code)])
    if not found:
        raise NotFound(
            Problem("lot", "exists", f"There is no lot or serial {code} of this item.", value=code)
        )
    return next(iter(found.values()))


def _day(given: datetime.datetime | None) -> datetime.date | None:
    return None if given is None else given.date()


def _known(company_id: int, text: str | None) -> datetime.datetime | None:
    with company_transaction(company_id=company_id, read_only=True):
        return known_by(company_id, text)
