"""Manual entries, and taking one back."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import psycopg

from wherewithal.core.money import AmountError, convert, to_minor
from wherewithal.core.words import say
from wherewithal.kit.db import company_transaction, constraint, execute, fetch_all, fetch_one
from wherewithal.kit.errors import Conflict, Problem, Refused, refuse
from wherewithal.kit.idempotency import once, request_hash
from wherewithal.ledger import queries
from wherewithal.ledger.currencies import currency_decimals
from wherewithal.ledger.services import checks
from wherewithal.ledger.services.account_map import CONTROL_ROLES
from wherewithal.ledger.services.posting import post
from wherewithal.ledger.values import Account, Book, EntryDraft, LineDraft

JOURNAL = "journal"
REVERSAL = "reversal"
LARGEST_AMOUNT = 10**18 - 1
MOST_LINES = 10_000


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line as a person writes it: debit positive, credit negative.

    In the book's currency `amount` says it all. In another one give `document_amount` and `currency`, and `amount`
    or `rate` (book currency for one of `currency`; without it the latest known rate on or before the day).
    """

    account: str
    amount: Decimal | None = None
    currency: str | None = None
    document_amount: Decimal | None = None
    rate: Decimal | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """Where the entry stands now."""

    entry_id: int
    year: int
    number: int
    posting_on: datetime.date


def post_journal(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    effective_on: datetime.date,
    lines: Sequence[JournalLine],
    description: str = "",
    reference: str = "",
    recorded_at: datetime.datetime | None = None,
    idempotency_key: str | None = None,
) -> Posted:
    """Post a manual entry: on its day where that is open, else on the first open day.

    Refused with all that is wrong: unknown, retired or control accounts, amounts finer than the currency, missing
    rates, an entry that does not balance.
    """

    def work() -> dict[str, object]:
        checks.refuse_any(
            checks.day("effective_on", effective_on),
            checks.text("description", description),
            checks.text("reference", reference),
            _enough(lines),
        )
        book = queries.book(company_id, book_id)
        drafts = _drafts(company_id, book, effective_on, lines)
        _refuse_unbalanced(book, drafts)
        entry = EntryDraft(
            book_id=book_id,
            effective_on=effective_on,
            posting_on=queries.posting_days(company_id, [(book_id, effective_on)])[book_id, effective_on],
            source=JOURNAL,
            lines=drafts,
            recorded_at=recorded_at,
            reference=reference,
            description=description,
            actor_id=actor_id,
        )
        return _post_one(company_id, entry)

    request = ["journal", book_id, effective_on, [repr(line) for line in lines], description, reference]
    with company_transaction(company_id=company_id, actor_id=actor_id):
        return _posted(_once(company_id, idempotency_key, request, work))


def reverse_entry(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    entry_id: int,
    reason: str,
    effective_on: datetime.date | None = None,
    recorded_at: datetime.datetime | None = None,
    idempotency_key: str | None = None,
) -> Posted:
    """Take a manual entry back by its mirror image, dated like the original unless a day is given.

    What another room posted is taken back there, where its facts are. Each entry can be reversed once.
    """

    def work() -> dict[str, object]:
        checks.refuse_any(checks.name("reason", reason))
        original = queries.entry(company_id, book_id, entry_id)
        if original.source != JOURNAL:
            message = say(
                "This entry comes from {source}: take back there what caused it.", source=original.source
            )
            raise refuse("entry", "manual", message, value=entry_id)
        control = _control_accounts(company_id, book_id)
        if any(line.account_id in control for line in original.lines):
            message = say(
                "A line is on an account that carries stock or assets: no entry by hand goes there any more."
            )
            raise refuse("entry", "not_control", message, value=entry_id)
        day = effective_on or original.effective_on
        if day < original.effective_on:
            raise refuse(
                "effective_on",
                "not_before",
                say("Not before the entry itself: {effective_on}.", effective_on=original.effective_on),
            )
        mirrored = EntryDraft(
            book_id=book_id,
            effective_on=day,
            posting_on=queries.posting_days(company_id, [(book_id, day)])[book_id, day],
            source=REVERSAL,
            recorded_at=recorded_at,
            reference=original.reference,
            description=f"Reversal of {original.year}/{original.number}: {reason.strip()}",
            actor_id=actor_id,
            lines=[
                LineDraft(
                    line.account_id,
                    -line.amount,
                    line.currency,
                    None if line.document_amount is None else -line.document_amount,
                    line.rate,
                    line.memo,
                )
                for line in original.lines
            ],
        )
        answer = _post_one(company_id, mirrored)
        _name_reversed(company_id, book_id, answer["entry_id"], entry_id, reason.strip())
        return answer

    request = ["reversal", book_id, entry_id, reason, effective_on]
    with company_transaction(company_id=company_id, actor_id=actor_id):
        return _posted(_once(company_id, idempotency_key, request, work))


def _once(
    company_id: int, key: str | None, request: list[object], work: Callable[[], dict[str, object]]
) -> dict[str, object]:
    if key is None:
        return work()
    answer: dict[str, object] = once(
        company_id=company_id, key=key, request_hash=request_hash(request), fn=work
    )
    return answer


def _posted(answer: dict[str, object]) -> Posted:
    posting_on = datetime.date.fromisoformat(str(answer["posting_on"]))
    return Posted(
        int(str(answer["entry_id"])), int(str(answer["year"])), int(str(answer["number"])), posting_on
    )


def _post_one(company_id: int, entry: EntryDraft) -> dict[str, object]:
    (entry_id,) = post(company_id=company_id, entries=[entry])
    row = fetch_one(
        "SELECT year, number FROM ledger_entry_seal WHERE company_id = %s AND book_id = %s AND entry_id = %s",
        (company_id, entry.book_id, entry_id),
    )
    assert row is not None, "an entry is sealed by the statement that writes it"
    return {
        "entry_id": entry_id,
        "year": row[0],
        "number": row[1],
        "posting_on": entry.posting_on.isoformat(),
    }


def _name_reversed(company_id: int, book_id: int, entry_id: object, reversed_id: int, reason: str) -> None:
    try:
        execute(
            "INSERT INTO ledger_reversal (company_id, book_id, entry_id, reversed_entry_id, reason) "
            "VALUES (%s, %s, %s, %s, %s)",
            (company_id, book_id, entry_id, reversed_id, reason),
        )
    except psycopg.errors.UniqueViolation as error:
        if constraint(error) != "ledger_reversal_once":
            raise
        raise Conflict(Problem("entry", "reversed_once", say("This entry is reversed already."))) from error


# --- what a person wrote, as lines to post ------------------------------------------------------------------


def _enough(lines: Sequence[JournalLine]) -> Problem | None:
    if len(lines) < 2:
        return Problem("lines", "two", say("An entry has at least two lines."))
    if len(lines) > MOST_LINES:
        return Problem(
            "lines", "range", say("An entry has at most {most_lines} lines.", most_lines=MOST_LINES)
        )
    return None


def _drafts(company_id: int, book: Book, day: datetime.date, lines: Sequence[JournalLine]) -> list[LineDraft]:
    accounts = {account.code: account for account in queries.accounts(company_id)}
    control = _control_accounts(company_id, book.book_id)
    rates = _rates(company_id, book, day, lines)
    problems: list[Problem] = []
    drafts: list[LineDraft] = []
    for row, line in enumerate(lines):
        account = accounts.get(line.account)
        found = [_account_problem(line.account, account, control), _memo_problem(line.memo)]
        amounts = _amounts(book, line, rates.get(line.currency or ""))
        found.append(amounts if isinstance(amounts, Problem) else None)
        problems += [replace(problem, row=row) for problem in found if problem is not None]
        if account is not None and not isinstance(amounts, Problem):
            drafts.append(replace(amounts, account_id=account.account_id))
    if problems:
        raise Refused(problems)
    return drafts


def _control_accounts(company_id: int, book_id: int) -> frozenset[int]:
    rows = fetch_all(
        "SELECT DISTINCT account_id FROM ledger_account_map "
        "WHERE company_id = %s AND book_id = %s AND account_role = ANY (%s)",
        (company_id, book_id, [role.value for role in CONTROL_ROLES]),
    )
    return frozenset(row[0] for row in rows)


def _rates(
    company_id: int, book: Book, day: datetime.date, lines: Sequence[JournalLine]
) -> dict[str, Decimal]:
    """The latest known rates of the currencies that came without one."""
    wanted = {line.currency for line in lines if line.currency and line.rate is None and line.amount is None}
    found = {c: queries.exchange_rate(company_id, c, book.currency, day) for c in sorted(wanted)}
    return {currency: rate for currency, rate in found.items() if rate is not None}


def _account_problem(code: str, account: Account | None, control: frozenset[int]) -> Problem | None:
    if account is None:
        return Problem("account", "exists", say("There is no account {code}.", code=code[:40]), value=code)
    if not account.active:
        return Problem(
            "account", "active", say("Account {code} is retired: choose another one.", code=code), value=code
        )
    if account.account_id in control:
        message = say(
            "Account {code} carries the value of stock or of assets: it is moved by what happens to "
            "goods and assets only.",
            code=code,
        )
        return Problem("account", "not_control", message, value=code)
    return None


def _memo_problem(memo: str | None) -> Problem | None:
    return None if memo is None else checks.text("memo", memo)


def _amounts(book: Book, line: JournalLine, known_rate: Decimal | None) -> LineDraft | Problem:
    """The line's amounts in minor units (its account is filled in by the caller), or what is wrong with them."""
    if line.currency in (None, book.currency):
        amount = line.amount if line.amount is not None else line.document_amount
        if amount is None:
            return Problem(
                "amount",
                "required",
                say("An amount in {book_currency} is needed.", book_currency=book.currency),
            )
        minor = _minor("amount", amount, book.currency, book.currency_decimals)
        return minor if isinstance(minor, Problem) else LineDraft(0, minor, memo=line.memo)
    return _foreign(book, line, line.rate if line.rate is not None else known_rate)


def _foreign(book: Book, line: JournalLine, rate: Decimal | None) -> LineDraft | Problem:
    assert line.currency is not None, "a line without currency is in the book's"
    wrong = (
        checks.currency("currency", line.currency)
        or (rate is not None and checks.positive("rate", rate))
        or None
    )
    if wrong:
        return wrong
    if line.document_amount is None:
        return Problem(
            "document_amount",
            "required",
            say("An amount in {line_currency} is needed.", line_currency=line.currency),
        )
    decimals = currency_decimals(line.currency)
    document = _minor("document_amount", line.document_amount, line.currency, decimals)
    if isinstance(document, Problem):
        return document
    if line.amount is not None:
        given = _minor("amount", line.amount, book.currency, book.currency_decimals)
        if isinstance(given, Problem):
            return given
        return LineDraft(0, given, line.currency, document, line.rate, line.memo)
    if rate is None:
        message = say(
            "No rate from {line_currency} to {book_currency} is known: give a rate or an amount.",
            line_currency=line.currency,
            book_currency=book.currency,
        )
        return Problem("rate", "required", message)
    amount = convert(document, rate, decimals, book.currency_decimals)
    if not 0 < abs(amount) <= LARGEST_AMOUNT:
        return Problem(
            "document_amount",
            "range",
            say("The amount in {book_currency} is zero or too large.", book_currency=book.currency),
        )
    return LineDraft(0, amount, line.currency, document, rate, line.memo)


def _minor(field: str, amount: Decimal, currency: str, decimals: int) -> int | Problem:
    try:
        minor = to_minor(amount, decimals)
    except AmountError as error:
        return Problem(
            field,
            "decimals",
            say("{error} ({currency})", error=str(error), currency=currency),
            value=str(amount),
        )
    if minor == 0:
        return Problem(field, "not_zero", say("A line has an amount other than zero."), value=str(amount))
    if abs(minor) > LARGEST_AMOUNT:
        return Problem(field, "range", say("The amount is too large."), value=str(amount))
    return minor


def _refuse_unbalanced(book: Book, drafts: Sequence[LineDraft]) -> None:
    difference = sum(draft.amount for draft in drafts)
    if difference:
        side = "debits" if difference > 0 else "credits"
        shown = Decimal(abs(difference)).scaleb(-book.currency_decimals)
        raise refuse(
            "lines",
            "balanced",
            say(
                "The {side} exceed the other side by {shown} {book_currency}.",
                side=side,
                shown=shown,
                book_currency=book.currency,
            ),
        )
