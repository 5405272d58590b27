"""wherewithal company ..."""

import datetime
from typing import Annotated, Any

import typer

from wherewithal.assets import services as assets
from wherewithal.cli.companies import Subject, all_companies, book_named, company_named, user_named
from wherewithal.cli.context import database
from wherewithal.cli.options import BookCode, By
from wherewithal.cli.output import JsonFlag, emit
from wherewithal.items import queries as items
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.ledger import charts, queries, services
from wherewithal.ledger.values import SINCE_EVER, CostScope, PeriodState
from wherewithal.people import services as people
from wherewithal.stock import services as stock

Code = Annotated[str, typer.Argument(help="The company's code.")]
EndOn = Annotated[
    datetime.datetime, typer.Argument(help="The last day of the month.", formats=["%Y-%m-%d"], metavar="DAY")
]
Reason = Annotated[str, typer.Option("--reason", help="Why. Kept for ever.")]


def register(app: typer.Typer) -> None:
    commands = typer.Typer(no_args_is_help=True, help="Companies, their books and periods.")
    commands.command("create")(create)
    commands.command("list")(show)
    commands.command("add-book")(add_book)
    commands.command("map-account")(map_account)
    commands.command("periods")(periods)
    commands.command("close-period")(close_period)
    commands.command("reopen-period")(reopen_period)
    commands.command("lock-period")(lock_period)
    app.add_typer(commands, name="company")


def create(
    code: Code,
    name: Annotated[str, typer.Argument(help="The company's name.")],
    country: Annotated[str, typer.Option(help="Two letters, such as DE.")],
    currency: Annotated[str, typer.Option(help="Three letters, such as EUR.")],
    timezone: Annotated[str, typer.Option(help="Such as Europe/Berlin: decides which day it is.")],
    fiscal_year_start: Annotated[int, typer.Option(help="The first month of the fiscal year, 1 to 12.")] = 1,
    chart: Annotated[
        str, typer.Option(help=f"Template of the chart of accounts: {', '.join(charts.charts())}.")
    ] = "general",
    standard: Annotated[
        str | None, typer.Option(help="What the primary book follows. Default: the chart's.")
    ] = None,
    cost_scope: Annotated[
        str, typer.Option(help="Where the primary book costs an item: company or warehouse.")
    ] = CostScope.COMPANY.value,
    language: Annotated[str, typer.Option(help="In which the accounts are named.")] = "en",
    admin: Annotated[str | None, typer.Option(help="Username of the first administrator.")] = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Set up a company: chart of accounts, primary book, locations, and its first administrator."""
    with database():
        administrator, actor_id = user_named(admin), user_named(by)
        company_id = services.reserve_company_id()
        with company_transaction(company_id=company_id, actor_id=actor_id):
            created = services.create_company(
                company_id=company_id,
                code=code,
                name=name,
                country=country,
                currency=currency,
                timezone=timezone,
                fiscal_year_start_month=fiscal_year_start,
                chart=chart,
                standard=standard,
                cost_scope=cost_scope,
                language=language,
                actor_id=actor_id,
            )
            stock.name_born_locations(company_id=company_id, actor_id=actor_id, language=language)
            if administrator is not None:
                people.add_member(
                    company_id=company_id, user_id=administrator, roles=["administrator"], actor_id=actor_id
                )
    answer = {"company_id": created.company_id, "book_id": created.book_id, "code": code}
    emit(answer, as_json=as_json, text=f"Company {code} is set up.")


def show(as_json: JsonFlag = False) -> None:
    """All companies."""
    with database():
        companies = all_companies()
    emit(companies, as_json=as_json)


def add_book(
    code: Code,
    book_code: Annotated[str, typer.Argument(help="The new book's code.", metavar="BOOK")],
    name: Annotated[str, typer.Argument(help="The new book's name.")],
    standard: Annotated[
        str, typer.Option(help="What the book follows: IFRS, HGB, US GAAP, tax, management.")
    ],
    currency: Annotated[str | None, typer.Option(help="Default: the company's.")] = None,
    cost_scope: Annotated[str, typer.Option(help="company or warehouse")] = CostScope.COMPANY.value,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """A further book, with the accounts by role of the primary one and all that has happened to goods and assets so far."""
    with database():
        company, actor_id = company_named(code), user_named(by)
        book_id = assets.add_book(
            company_id=company.company_id,
            actor_id=actor_id,
            code=book_code,
            name=name,
            standard=standard,
            currency=currency,
            cost_scope=cost_scope,
        )
    emit({"book_id": book_id, "code": book_code}, as_json=as_json, text=f"Book {book_code} is set up.")


def map_account(
    code: Code,
    role: Annotated[str, typer.Argument(help="The role, such as inventory or scrap_loss.")],
    account: Annotated[str, typer.Argument(help="The account's code.")],
    book: BookCode = None,
    category: Annotated[
        str | None, typer.Option(help="Code of a category of items. Default: all without one of their own.")
    ] = None,
    since: Annotated[
        datetime.datetime | None,
        typer.Option("--from", help="From which day on. Default: on all days.", formats=["%Y-%m-%d"]),
    ] = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Let an account play a role of posting; what is posted already moves to it."""
    with database():
        company, book_id, actor_id = _place(code, book, by)
        with company_transaction(company_id=company.company_id, read_only=True):
            account_id = queries.account_by_code(company.company_id, account).account_id
            category_id = _category(company.company_id, category)
        entry_ids = assets.map_account(
            company_id=company.company_id,
            actor_id=actor_id,
            book_id=book_id,
            account_role=role,
            account_id=account_id,
            category_id=category_id,
            effective_on=since.date() if since else SINCE_EVER,
        )
    answer = {"role": role, "account": account, "category": category, "entry_ids": entry_ids}
    emit(
        answer, as_json=as_json, text=f"Account {account} plays {role}; {len(entry_ids)} entries were posted."
    )


def periods(code: Code, book: BookCode = None, as_json: JsonFlag = False) -> None:
    """The months that were ever closed, latest first."""
    with database():
        company = company_named(code)
        book_id = book_named(company.company_id, book).book_id
        with company_transaction(company_id=company.company_id, read_only=True):
            found = queries.periods(company.company_id, book_id)
    rows = [
        {
            "start_on": period.start_on,
            "end_on": period.end_on,
            "fiscal_year": period.fiscal_year,
            "number": period.number,
            "state": period.state.name.lower(),
            "changed_at": period.changed_at,
            "reason": period.reason,
        }
        for period in found
    ]
    emit(rows, as_json=as_json, text=None if rows else "Every month is open.")


def close_period(
    code: Code,
    end_on: EndOn,
    book: BookCode = None,
    reason: Reason = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Close all months up to the one that ends on the day."""
    with database():
        services.close_period(**_month(code, end_on, book, reason, by))
    _emit_state(end_on, PeriodState.CLOSED, as_json)


def reopen_period(
    code: Code,
    end_on: EndOn,
    reason: Annotated[str, typer.Option("--reason", help="Why. Kept for ever.")],
    book: BookCode = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Reopen the last closed month."""
    with database():
        services.reopen_period(**_month(code, end_on, book, reason, by))
    _emit_state(end_on, PeriodState.OPEN, as_json)


def lock_period(
    code: Code,
    end_on: EndOn,
    book: BookCode = None,
    reason: Reason = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Lock the closed months up to the day for good: nobody can reopen them."""
    with database():
        services.lock_period(**_month(code, end_on, book, reason, by))
    _emit_state(end_on, PeriodState.LOCKED, as_json)


def _category(company_id: int, code: str | None) -> int | None:
    if code is None:
        return None
    found = items.category_ids(company_id).get(code)
    if found is None:
        raise NotFound(Problem("category", "exists", f"There is no category {code}.", value=code))
    return found


def _place(code: str, book: str | None, by: str | None) -> tuple[Subject, int, int | None]:
    company = company_named(code)
    return company, book_named(company.company_id, book).book_id, user_named(by)


def _month(
    code: str, end_on: datetime.datetime, book: str | None, reason: str, by: str | None
) -> dict[str, Any]:
    """What closing, reopening and locking are told."""
    company, book_id, actor_id = _place(code, book, by)
    return {
        "company_id": company.company_id,
        "book_id": book_id,
        "end_on": end_on.date(),
        "actor_id": actor_id,
        "reason": reason,
    }


def _emit_state(end_on: datetime.datetime, state: PeriodState, as_json: bool) -> None:
    word = state.name.lower()
    emit(
        {"end_on": end_on.date(), "state": word},
        as_json=as_json,
        text=f"The month to {end_on:%Y-%m-%d} is {word}.",
    )
