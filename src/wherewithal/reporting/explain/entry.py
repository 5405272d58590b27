"""What a line of an entry is made of: the value rows behind it, or the person who wrote it."""

from wherewithal.core.words import say
from wherewithal.kit.db import company_transaction, fetch_one
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.ledger import queries as ledger
from wherewithal.reporting.explain import reading
from wherewithal.reporting.explain.assets import of_asset_entry
from wherewithal.reporting.explain.values import Explanation, FactRef

MOST_ROWS = 200


def entry_line(*, company_id: int, book_id: int, entry_id: int, line_no: int) -> Explanation:
    """One line: to the cent, the value rows of stock that it sums up; or that it was written by hand."""
    with company_transaction(company_id=company_id):
        book = ledger.book(company_id, book_id)
        money = reading.money_of(book)
        row = fetch_one(_LINE, (company_id, book_id, entry_id, line_no))
        if row is None:
            raise NotFound(
                Problem(
                    "line_no",
                    "exists",
                    say("Entry {entry_id} has no line {line_no}.", entry_id=entry_id, line_no=line_no),
                    value=str(line_no),
                )
            )
        account_id, account, amount, source, description, batch_id, *dates, number = row
        effective_on, posting_on, recorded_at = dates
        rows = reading.rows_of_entry(company_id, book_id, entry_id, account_id)
        causes = reading.documents(company_id, [batch_id] if batch_id else [])
        labels = reading.move_refs(company_id, [value.move_id for value in rows[:MOST_ROWS]])
        behind = list(of_asset_entry(company_id, book_id, entry_id, account_id, money))
    side = say("debits") if amount > 0 else say("credits")
    posted = say(
        "Entry {number} of book {book_name}, posted on {posting_on}",
        number=number,
        book_name=book.name,
        posting_on=posting_on,
    )
    statement = say(
        "{posted}, {side} {account} with {amount}.",
        posted=posted,
        side=side,
        account=account,
        amount=money.text(abs(amount)),
    )
    children = [
        Explanation(say("It was posted when this was entered:"), facts=(cause,)) for cause in causes.values()
    ]
    for value in rows[:MOST_ROWS]:
        signed = value.amount if value.debit == account else -value.amount
        fact = labels.get(value.move_id)
        children.append(Explanation(value.meaning, money.text(signed), facts=(fact,) if fact else ()))
    if len(rows) > MOST_ROWS:
        children.append(Explanation(say("... and {count} smaller value rows.", count=len(rows) - MOST_ROWS)))
    children += behind
    if not rows and not behind:
        children.append(
            Explanation(
                say(
                    "Written by hand ({source}): {description}.",
                    source=source,
                    description=description or "no description",
                )
            )
        )
    rule = None
    if rows or behind:
        rule = say("A line is the net of the value rows that the entry carries on its account.")
    if posting_on != effective_on:
        children.append(
            Explanation(
                say(
                    "It happened on {effective_on}, when the period was closed already, and so it is posted "
                    "on {posting_on}, the first open day.",
                    effective_on=effective_on,
                    posting_on=posting_on,
                )
            )
        )
    fact = FactRef("entry", entry_id, number, posting_on, recorded_at)
    return Explanation(statement, money.text(amount), rule, (fact,), tuple(children))


_LINE = """
    SELECT l.account_id, a.code || ' ' || a.name, l.amount, e.source, e.description, e.batch_id,
           e.effective_on, e.posting_on,
           e.recorded_at, s.year || '/' || s.number
    FROM ledger_line l
    JOIN ledger_entry e ON (e.company_id, e.book_id, e.entry_id) = (l.company_id, l.book_id, l.entry_id)
    JOIN ledger_entry_seal s ON (s.company_id, s.book_id, s.entry_id) = (l.company_id, l.book_id, l.entry_id)
    JOIN ledger_account a ON a.company_id = l.company_id AND a.id = l.account_id
    WHERE l.company_id = %s AND l.book_id = %s AND l.entry_id = %s AND l.line_no = %s
"""
