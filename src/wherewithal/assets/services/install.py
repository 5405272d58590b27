"""The usual classes with their accounts, from a template, for whoever does not want to begin with an empty page."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from wherewithal.assets.services.classes import ROOT_CATEGORY, create_classes
from wherewithal.assets.values import ClassDraft, ClassKind
from wherewithal.core.words import known, say
from wherewithal.items import queries as items_queries
from wherewithal.kit import db
from wherewithal.kit.errors import refuse
from wherewithal.kit.words import said_in
from wherewithal.ledger import charts
from wherewithal.ledger import queries as ledger_queries
from wherewithal.ledger import services as ledger_services
from wherewithal.ledger.services import checks
from wherewithal.ledger.values import Classification


@cache
def template() -> dict[str, Any]:
    """The classes and accounts of templates/classes.json."""
    text = files("wherewithal.assets").joinpath("templates", "classes.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def install_classes(
    *,
    company_id: int,
    actor_id: int | None,
    chart: str | None = None,
    codes: tuple[str, ...] | None = None,
    language: str = "en",
) -> list[int]:
    """Make the classes of the template that the company does not have yet (or those of `codes`), each with its accounts
    in every book; the ids of the new ones. `chart`: whose account codes to use; found out if not named. `language`: in which
    classes and accounts are named."""
    checks.refuse_any(checks.language("language", language))
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        accounts = {account.code: account.account_id for account in ledger_queries.accounts(company_id)}
        chart = chart or _chart_of(company_id)
        if chart not in template()["new_accounts"]:
            known = ", ".join(template()["new_accounts"])
            raise refuse(
                "chart", "known", say("There are accounts of classes for: {known}.", known=known), value=chart
            )
        known_classes = {
            row[0]
            for row in db.fetch_all("SELECT code FROM assets_class WHERE company_id = %s", (company_id,))
        }
        wanted = [
            row
            for row in template()["classes"]
            if row["code"] not in known_classes and (codes is None or row["code"] in codes)
        ]
        drafts = [_draft(row, language) for row in wanted]
        ids = []
        if drafts:
            ids = create_classes(company_id=company_id, actor_id=actor_id, classes=drafts, language=language)
        accounts |= _missing_accounts(company_id, actor_id, chart, accounts, language)
        _map_defaults(company_id, actor_id, chart, accounts)
        categories = items_queries.category_ids(company_id)
        for row in wanted:
            category_id = categories[f"{ROOT_CATEGORY}-{row['code']}"]
            _map(company_id, actor_id, row["accounts"][chart], accounts, category_id)
    return ids


def _draft(row: Mapping[str, Any], language: str) -> ClassDraft:
    return ClassDraft(
        code=row["code"],
        name=said_in(language, known(row["name"])),
        kind=ClassKind(row.get("kind", ClassKind.TANGIBLE)),
        tag_prefix=row["tag_prefix"],
        required_fields=tuple(row.get("required_fields", ())),
        terms={"": row["terms"]},
    )


def _chart_of(company_id: int) -> str:
    """The template whose accounts the company's most resemble."""
    kept = {(account.code, account.classification) for account in ledger_queries.accounts(company_id)}
    alike = {
        code: len(kept & {(account.code, account.classification) for account in chart.accounts})
        for code, chart in charts.charts().items()
    }
    return max(sorted(alike), key=lambda code: alike[code])


def _missing_accounts(
    company_id: int, actor_id: int | None, chart: str, accounts: Mapping[str, int], language: str
) -> dict[str, int]:
    """Accounts that classes and roles need and the company does not have: made as the templates say."""
    wanted: dict[str, tuple[str, Classification, bool]] = {
        row["code"]: (known(row["name"]), Classification.NONCURRENT_ASSET, row.get("is_contra", False))
        for row in template()["new_accounts"][chart]
    }
    for account in charts.charts()[chart].accounts:
        if account.roles or any(
            account.code in row["accounts"][chart].values() for row in template()["classes"]
        ):
            wanted[account.code] = (account.name, account.classification, account.is_contra)
    return {
        code: ledger_services.add_account(
            company_id=company_id,
            actor_id=actor_id,
            code=code,
            name=said_in(language, name),
            classification=classification,
            is_contra=is_contra,
        )
        for code, (name, classification, is_contra) in sorted(wanted.items())
        if code not in accounts
    }


def _map_defaults(company_id: int, actor_id: int | None, chart: str, accounts: Mapping[str, int]) -> None:
    """Roles that a company made before there were assets has no account for yet."""
    for book in ledger_queries.books(company_id):
        rows = db.fetch_all(
            "SELECT DISTINCT account_role FROM ledger_account_map WHERE company_id = %s AND book_id = %s"
            " AND category_id IS NULL",
            (company_id, book.book_id),
        )
        mapped = {row[0] for row in rows}
        for account in charts.charts()[chart].accounts:
            for role in account.roles:
                if role not in mapped:
                    ledger_services.map_account(
                        company_id=company_id,
                        actor_id=actor_id,
                        book_id=book.book_id,
                        account_role=role,
                        account_id=accounts[account.code],
                    )


def _map(
    company_id: int,
    actor_id: int | None,
    roles: Mapping[str, str],
    accounts: Mapping[str, int],
    category_id: int,
) -> None:
    for book in ledger_queries.books(company_id):
        for role, code in roles.items():
            ledger_services.map_account(
                company_id=company_id,
                actor_id=actor_id,
                book_id=book.book_id,
                account_role=role,
                account_id=accounts[code],
                category_id=category_id,
            )
