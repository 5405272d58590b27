"""Setting up companies, books, accounts and the map from roles to accounts."""

import psycopg
from psycopg.types.json import Jsonb

from wherewithal.core.words import say
from wherewithal.kit.db import company_transaction, constraint, execute, fetch_one, insert_rows, reserve_ids
from wherewithal.kit.errors import Conflict, NotFound, Problem
from wherewithal.kit.words import said_in
from wherewithal.ledger import charts
from wherewithal.ledger.currencies import currency_decimals
from wherewithal.ledger.services import checks
from wherewithal.ledger.values import SINCE_EVER, Classification, CompanyCreated, CostScope


def reserve_company_id() -> int:
    """An id for a company about to be made, for doors that make more than the company in the same transaction."""
    return reserve_ids("ledger_company_id_seq", 1)[0]


def create_company(
    *,
    code: str,
    name: str,
    country: str,
    currency: str,
    timezone: str,
    fiscal_year_start_month: int = 1,
    chart: str = "general",
    book_code: str = "main",
    book_name: str | None = None,
    standard: str | None = None,
    cost_scope: str = CostScope.COMPANY,
    language: str = "en",
    actor_id: int | None = None,
    company_id: int | None = None,
) -> CompanyCreated:
    """A company with its chart of accounts, its primary book, and the accounts that play the roles of posting.

    `language`: in which the accounts are named. From then on the names are the company's own.
    """
    checks.refuse_any(
        checks.code("code", code),
        checks.name("name", name),
        checks.country("country", country),
        checks.currency("currency", currency),
        checks.timezone("timezone", timezone),
        checks.month("fiscal_year_start_month", fiscal_year_start_month),
        checks.one_of("chart", chart, tuple(charts.charts())),
        checks.code("book_code", book_code),
        checks.one_of("cost_scope", cost_scope, tuple(CostScope)),
        checks.language("language", language),
    )
    template = charts.charts()[chart]
    company_id = company_id or reserve_company_id()
    with company_transaction(company_id=company_id, actor_id=actor_id):
        _insert_company(company_id, code, name, country, currency, timezone, fiscal_year_start_month)
        book_id = _insert_book(
            company_id=company_id,
            code=book_code,
            name=book_name or template.standard,
            standard=standard or template.standard,
            currency=currency,
            is_primary=True,
            cost_scope=cost_scope,
        )
        _insert_chart(company_id, book_id, template, language, actor_id)
    return CompanyCreated(company_id, book_id)


def change_company(
    *,
    company_id: int,
    actor_id: int | None,
    name: str | None = None,
    country: str | None = None,
    timezone: str | None = None,
    fiscal_year_start_month: int | None = None,
    address: str | None = None,
    registration: str | None = None,
) -> None:
    """Change what a company is called and where it is. None leaves as it is.

    `address` and `registration` (commercial register, tax number) stand on documents. Time zone and fiscal year give
    entries their days and years, so they are settled by the first entry and by the first period that was closed.
    """
    checks.refuse_any(
        checks.name("name", name) if name is not None else None,
        checks.country("country", country) if country is not None else None,
        checks.timezone("timezone", timezone) if timezone is not None else None,
        checks.month("fiscal_year_start_month", fiscal_year_start_month)
        if fiscal_year_start_month is not None
        else None,
        checks.text("address", address) if address is not None else None,
        checks.text("registration", registration) if registration is not None else None,
    )
    said = {"address": address, "registration": registration}
    kept = {key: value.strip() for key, value in said.items() if value is not None}
    with company_transaction(company_id=company_id, actor_id=actor_id):
        _refuse_settled(company_id, timezone, fiscal_year_start_month)
        changed = execute(
            """
            UPDATE ledger_company SET name = coalesce(%s, name), country = coalesce(%s, country),
                timezone = coalesce(%s, timezone),
                fiscal_year_start_month = coalesce(%s, fiscal_year_start_month), settings = settings || %s
            WHERE id = %s
            """,
            (
                name.strip() if name else None,
                country,
                timezone,
                fiscal_year_start_month,
                Jsonb(kept),
                company_id,
            ),
        )
        if not changed:
            raise NotFound(Problem("company", "exists", say("There is no such company.")))


def _refuse_settled(company_id: int, timezone: str | None, month: int | None) -> None:
    row = fetch_one(
        """
        SELECT c.timezone, c.fiscal_year_start_month,
               EXISTS (SELECT FROM ledger_entry e WHERE e.company_id = c.id)
               OR EXISTS (SELECT FROM ledger_period p WHERE p.company_id = c.id)
        FROM ledger_company c WHERE c.id = %s
        """,
        (company_id,),
    )
    if row is None or not row[2]:
        return
    message = say(
        "It is settled: entries are posted, or periods were closed, by it. A new company can have another."
    )
    checks.refuse_any(
        Problem("timezone", "settled", message) if timezone not in (None, row[0]) else None,
        Problem("fiscal_year_start_month", "settled", message) if month not in (None, row[1]) else None,
    )


def change_book(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    name: str | None = None,
    standard: str | None = None,
) -> None:
    """Rename a book, or say by which standard it reads the facts. Currency and costing stay."""
    checks.refuse_any(
        checks.name("name", name) if name is not None else None,
        checks.name("standard", standard) if standard is not None else None,
    )
    with company_transaction(company_id=company_id, actor_id=actor_id):
        changed = execute(
            "UPDATE ledger_book SET name = coalesce(%s, name), standard = coalesce(%s, standard) "
            "WHERE company_id = %s AND id = %s",
            (name, standard, company_id, book_id),
        )
        if not changed:
            raise NotFound(Problem("book", "exists", say("There is no such book in this company.")))


def create_book(
    *,
    company_id: int,
    actor_id: int | None,
    code: str,
    name: str,
    standard: str,
    currency: str | None = None,
    cost_scope: str = CostScope.COMPANY,
) -> int:
    """A further book. It begins with the account map of the primary book, as it stands now."""
    with company_transaction(company_id=company_id, actor_id=actor_id):
        company = fetch_one("SELECT currency FROM ledger_company WHERE id = %s", (company_id,))
        if company is None:
            raise NotFound(Problem("company", "exists", say("There is no such company.")))
        currency = currency or str(company[0])
        checks.refuse_any(
            checks.code("code", code),
            checks.name("name", name),
            checks.name("standard", standard),
            checks.currency("currency", currency),
            checks.one_of("cost_scope", cost_scope, tuple(CostScope)),
        )
        book_id = _insert_book(
            company_id=company_id,
            code=code,
            name=name,
            standard=standard,
            currency=currency,
            is_primary=False,
            cost_scope=cost_scope,
        )
        execute(
            """
            INSERT INTO ledger_account_map
                (company_id, book_id, account_role, category_id, account_id, effective_on, actor_id)
            SELECT m.company_id, %s, m.account_role, m.category_id, m.account_id, m.effective_on, %s
            FROM ledger_account_map m JOIN ledger_book b ON b.company_id = m.company_id AND b.id = m.book_id
            WHERE m.company_id = %s AND b.is_primary ORDER BY m.id
            """,
            (book_id, actor_id, company_id),
        )
    return book_id


def add_account(
    *,
    company_id: int,
    actor_id: int | None,
    code: str,
    name: str,
    classification: str,
    is_contra: bool = False,
) -> int:
    """A further line of the chart of accounts."""
    checks.refuse_any(
        checks.code("code", code),
        checks.name("name", name),
        checks.one_of("classification", classification, tuple(Classification)),
    )
    with company_transaction(company_id=company_id, actor_id=actor_id):
        return _insert_unique(
            """
            INSERT INTO ledger_account (company_id, code, name, classification, is_contra)
            VALUES (%s, %s, %s, %s, %s) RETURNING id
            """,
            (company_id, code, name, classification, is_contra),
            unique=("ledger_account_code_key", "code", f"There is an account {code} already."),
        )


def change_account(
    *,
    company_id: int,
    actor_id: int | None,
    account_id: int,
    name: str | None = None,
    active: bool | None = None,
) -> None:
    """Rename an account, retire it or take it back into use. Retired accounts take no manual entries."""
    if name is not None:
        checks.refuse_any(checks.name("name", name))
    with company_transaction(company_id=company_id, actor_id=actor_id):
        changed = execute(
            "UPDATE ledger_account SET name = coalesce(%s, name), active = coalesce(%s, active) "
            "WHERE company_id = %s AND id = %s",
            (name, active, company_id, account_id),
        )
        if not changed:
            raise no_account(account_id)


def no_account(account_id: int) -> NotFound:
    return NotFound(
        Problem("account", "exists", say("There is no such account in this company."), value=str(account_id))
    )


def _insert_company(
    company_id: int, code: str, name: str, country: str, currency: str, timezone: str, start_month: int
) -> None:
    _insert_unique(
        """
        INSERT INTO ledger_company (id, code, name, country, currency, timezone, fiscal_year_start_month)
        VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        (company_id, code, name.strip(), country, currency, timezone, start_month),
        unique=("ledger_company_code_key", "code", f"The code {code} is taken: choose another one."),
    )


def _insert_book(
    *, company_id: int, code: str, name: str, standard: str, currency: str, is_primary: bool, cost_scope: str
) -> int:
    decimals = currency_decimals(currency)
    return _insert_unique(
        """
        INSERT INTO ledger_book
            (company_id, code, name, standard, currency, currency_decimals, is_primary, cost_scope)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        (company_id, code, name, standard, currency, decimals, is_primary, cost_scope),
        unique=("ledger_book_code_key", "code", f"There is a book {code} already."),
    )


def _insert_chart(
    company_id: int, book_id: int, template: charts.Chart, language: str, actor_id: int | None
) -> None:
    rows = insert_rows(
        "ledger_account",
        [
            ("company_id", "int"),
            ("code", "text"),
            ("name", "text"),
            ("classification", "text"),
            ("is_contra", "bool"),
        ],
        [
            (company_id, a.code, said_in(language, a.name), a.classification.value, a.is_contra)
            for a in template.accounts
        ],
        returning="code, id",
    )
    ids: dict[str, int] = dict(rows)
    insert_rows(
        "ledger_account_map",
        [
            ("company_id", "int"),
            ("book_id", "int"),
            ("account_role", "text"),
            ("account_id", "int"),
            ("effective_on", "date"),
            ("actor_id", "bigint"),
        ],
        [
            (company_id, book_id, role, ids[account.code], SINCE_EVER, actor_id)
            for account in template.accounts
            for role in account.roles
        ],
    )


def _insert_unique(sql: str, params: tuple[object, ...], *, unique: tuple[str, str, str]) -> int:
    """Insert one row and return its id; the named constraint means that the field's value is taken."""
    name, field, message = unique
    try:
        row = fetch_one(sql, params)
    except psycopg.errors.UniqueViolation as error:
        if constraint(error) not in (name, f"{name}_uniq"):
            raise
        raise Conflict(Problem(field, "unique", message)) from error
    assert row is not None, "an INSERT ... RETURNING returns its row"
    return int(row[0])
