"""Why an account stands where it stands: what was brought forward, and each month's lines with the largest of them."""

import datetime

from wherewithal.core.words import say
from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.queries.scope import By, scope
from wherewithal.reporting.explain import reading
from wherewithal.reporting.explain.values import Explanation, FactRef, Money

LARGEST_OF_A_MONTH = 3


def account_balance(
    *,
    company_id: int,
    book_id: int,
    account_id: int,
    from_on: datetime.date,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    by: By = "posting",
) -> Explanation:
    """The balance of an account at the end of a day (None: with all that is posted), month by month since `from_on`,
    which is mostly the first day of the fiscal year."""
    with company_transaction(company_id=company_id):
        book, account = ledger.book(company_id, book_id), ledger.account(company_id, account_id)
        money = reading.money_of(book)
        opening = ledger.account_ledger(
            company_id, book_id, account_id, from_on=from_on, known_at=known_at, by=by, limit=1
        ).opening
        lines = scope(
            "l",
            company_id=company_id,
            book_id=book_id,
            by=by,
            from_on=from_on,
            to_on=as_of,
            known_at=known_at,
        )
        months = fetch_all(
            f"""
            SELECT date_trunc('month', {lines.day})::date, count(*), sum(l.amount)::bigint,
                   coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0)::bigint
            FROM ledger_line l WHERE {lines.sql} AND l.account_id = %s GROUP BY 1 ORDER BY 1
            """,  # noqa: S608 - conditions of scope()
            (*lines.params, account_id),
        )
        largest = _largest(lines.sql, lines.day, (*lines.params, account_id))
    balance = opening + sum(month[2] for month in months)
    children = [
        Explanation(say("Brought forward from before {from_on}", from_on=from_on), money.text(opening))
    ]
    children += [
        _month(first, count, amount, debit, largest.get(first, ()), money)
        for first, count, amount, debit in months
    ]
    when = say("at the end of {as_of}", as_of=as_of) if as_of else say("with all that is posted")
    return Explanation(
        say(
            "{account_code} {account_name} stands at {balance} {when} in book {book_name}.",
            account_code=account.code,
            account_name=account.name,
            balance=money.text(balance),
            when=when,
            book_name=book.name,
        ),
        money.text(balance),
        say("A balance is the sum of all lines on the account by then; debit counts up, credit down."),
        children=tuple(children),
    )


def _month(
    first: datetime.date, count: int, amount: int, debit: int, facts: tuple[FactRef, ...], money: Money
) -> Explanation:
    """One month of the account, with its largest entries."""
    lines = say("one line") if count == 1 else say("{count:,} lines", count=count)
    statement = say(
        "{first:%B %Y}: {lines}, debit {debit}, credit {debit_2}",
        first=first,
        lines=lines,
        debit=money.text(debit),
        debit_2=money.text(debit - amount),
    )
    rule = None if count <= len(facts) else say("The {count} largest of its entries:", count=len(facts))
    return Explanation(statement, money.text(amount), rule, facts)


def _largest(where: str, day: str, params: tuple[object, ...]) -> dict[datetime.date, tuple[FactRef, ...]]:
    """The largest lines of each month, as entries that can be opened."""
    rows = fetch_all(
        f"""
        SELECT ranked.month, e.entry_id, s.year || '/' || s.number || ' ' || e.description, e.effective_on, e.recorded_at
        FROM (SELECT date_trunc('month', {day})::date AS month, l.company_id, l.book_id, l.entry_id, l.amount,
                     row_number() OVER (PARTITION BY date_trunc('month', {day})
                                        ORDER BY abs(l.amount) DESC, l.entry_id, l.line_no) AS nth
              FROM ledger_line l WHERE {where} AND l.account_id = %s) ranked
        JOIN ledger_entry e ON e.company_id = ranked.company_id AND e.book_id = ranked.book_id
             AND e.entry_id = ranked.entry_id
        JOIN ledger_entry_seal s ON s.company_id = e.company_id AND s.book_id = e.book_id AND s.entry_id = e.entry_id
        WHERE ranked.nth <= {LARGEST_OF_A_MONTH} ORDER BY ranked.month, ranked.nth
        """,  # noqa: S608 - conditions of scope()
        params,
    )
    found: dict[datetime.date, tuple[FactRef, ...]] = {}
    for month, entry_id, label, effective_on, recorded_at in rows:
        fact = FactRef("entry", entry_id, label.strip(), effective_on, recorded_at)
        if fact not in found.get(month, ()):
            found[month] = (*found.get(month, ()), fact)
    return found
