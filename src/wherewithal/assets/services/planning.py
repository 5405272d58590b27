"""From what the caller wrote to facts: every field of every event, with every fault that needs no look at the history."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wherewithal.assets.drafts import EventDraft, LinkedEvent
from wherewithal.assets.fields import FIELDS, KINDS, MONEY_FIELDS, NAMING, PHASE_OF, RoomKind, read_fields
from wherewithal.assets.services.context import Context
from wherewithal.core.words import say
from wherewithal.items.texts import LONGEST_NAME, note_problem, text_problem
from wherewithal.kit import db
from wherewithal.kit.errors import Problem
from wherewithal.kit.ids import content_key
from wherewithal.ledger import queries as ledger_queries
from wherewithal.people import queries as people_queries


@dataclass(slots=True)
class PlannedEvent:
    """An event to be: a row of assets_event. `row`: where the caller wrote it."""

    row: int
    asset_id: int
    kind: str
    effective_on: datetime.date
    phase: int
    key: bytes
    book_id: int | None
    of_event_id: int | None
    currency: str | None
    values: dict[str, Any]
    books: dict[int, dict[str, Any]]
    rates: dict[str, Decimal]
    move_id: int | None
    party_id: int | None
    reference: str
    note: str
    of_no: int | None = None
    event_id: int = 0
    counterpart: Mapping[str, Any] | None = None
    request: str | None = None

    def detail(self) -> dict[str, Any]:
        """The column of that name."""
        found: dict[str, Any] = {"values": self.values} if self.values else {}
        if self.books:
            found["books"] = {str(book_id): fields for book_id, fields in sorted(self.books.items())}
        if self.counterpart:
            found["counterpart"] = dict(self.counterpart)
        if self.request:
            found["request"] = self.request
        return found


@dataclass(slots=True)
class Plan:
    events: list[PlannedEvent] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def plan_events(
    context: Context, drafts: Sequence[EventDraft], asset_ids: Sequence[int], idempotency_key: str
) -> Plan:
    """The events of a batch, in the order given. `asset_ids`: those of the batch's new assets."""
    plan = Plan()
    tags = _tags(context.company_id, drafts)
    named = any(draft.values.get("custodian_user_id") is not None for draft in drafts)
    members = members_of(context.company_id) if named else frozenset()
    for position, draft in enumerate(drafts):
        row = position if draft.row is None else draft.row
        before = len(plan.problems)
        asset_id = _asset(plan, draft, row, asset_ids, tags)
        _check_head(plan, context, draft, row)
        if draft.kind not in FIELDS or len(plan.problems) > before:
            continue
        planned = _planned(plan, context, draft, row, asset_id, idempotency_key, position)
        _check_keeping(plan, planned, members)
        _capture_rates(plan, context, draft, planned)
        plan.events.append(planned)
    return plan


def members_of(company_id: int) -> frozenset[int]:
    """Users who work in the company, or once did."""
    return frozenset(member.user_id for member in people_queries.members(company_id))


def _check_keeping(plan: Plan, event: PlannedEvent, members: frozenset[int]) -> None:
    """Who gets an asset is there, and gives it back after that day."""
    user_id, expected_on = event.values.get("custodian_user_id"), event.values.get("expected_on")
    to = ("custodian_party_id", "custodian_user_id", "location_id")
    if event.kind == RoomKind.CHECK_OUT and not any(name in event.values for name in to):
        message = say("Say to whom it goes: a party, a user or a place.")
        plan.problems.append(Problem("values.custodian_party_id", "required", message, event.row))
    if user_id is not None and "custodian_party_id" not in event.values and user_id not in members:
        message = say("Name a member of this company.")
        plan.problems.append(Problem("values.custodian_user_id", "exists", message, event.row, str(user_id)))
    if expected_on is not None and datetime.date.fromisoformat(expected_on) < event.effective_on:
        message = say("It is expected back on the day it goes out or later.")
        plan.problems.append(Problem("values.expected_on", "order", message, event.row, expected_on))


def _tags(company_id: int, drafts: Sequence[EventDraft]) -> dict[str, int]:
    wanted = sorted({draft.tag for draft in drafts if draft.tag and draft.asset_id is None})
    if not wanted:
        return {}
    rows = db.fetch_all(
        "SELECT tag, id FROM assets_asset WHERE company_id = %s AND tag = ANY (%s)", (company_id, wanted)
    )
    return dict(rows)


def _asset(plan: Plan, draft: EventDraft, row: int, asset_ids: Sequence[int], tags: Mapping[str, int]) -> int:
    if draft.asset_id is not None:
        return draft.asset_id
    if draft.asset_no is not None:
        if 0 <= draft.asset_no < len(asset_ids):
            return asset_ids[draft.asset_no]
        message = say("There is no new asset of this number in the batch.")
        plan.problems.append(Problem("asset_no", "exists", message, row, str(draft.asset_no)))
        return 0
    if draft.tag is not None and draft.tag in tags:
        return tags[draft.tag]
    message = (
        say("There is no asset {draft_tag}.", draft_tag=draft.tag) if draft.tag else say("Name the asset.")
    )
    plan.problems.append(Problem("tag", "exists" if draft.tag else "required", message, row, draft.tag))
    return 0


def _check_head(plan: Plan, context: Context, draft: EventDraft, row: int) -> None:
    def fault(name: str, rule: str, message: str, value: object = None) -> None:
        plan.problems.append(Problem(name, rule, message, row, None if value is None else str(value)))

    if draft.kind not in FIELDS:
        fault(
            "kind",
            "known",
            say("Choose one of {kinds}.", kinds=", ".join(kind for kind in KINDS if kind in FIELDS)),
            draft.kind,
        )
    if not 1900 <= draft.effective_on.year < 2200:
        fault("effective_on", "day", say("A day lies between 1900-01-01 and 2199-12-31."), draft.effective_on)
    if draft.book is not None and draft.book not in context.book_ids:
        fault(
            "book",
            "exists",
            say(
                "There is no book {book}. There are: {book_ids}.",
                book=draft.book,
                book_ids=", ".join(context.book_ids),
            ),
            draft.book,
        )
    if draft.currency is not None and not (
        len(draft.currency) == 3 and draft.currency.isalpha() and draft.currency.isupper()
    ):
        fault("currency", "iso4217", say("Give a currency as three letters, like EUR."), draft.currency)
    if draft.kind in NAMING and draft.of_event_id is None and draft.of_no is None:
        fault("of_event_id", "required", say("Name the event that this is about."))
    if draft.of_no is not None and draft.of_no < 0:
        fault("of_no", "exists", say("There is no event of this number in the batch."), draft.of_no)
    for problem in (
        text_problem("reference", draft.reference, LONGEST_NAME, row=row, required=False),
        note_problem("note", draft.note, row=row),
    ):
        if problem:
            plan.problems.append(problem)


def _planned(
    plan: Plan,
    context: Context,
    draft: EventDraft,
    row: int,
    asset_id: int,
    idempotency_key: str,
    position: int,
) -> PlannedEvent:
    only = context.book_ids[draft.book] if draft.book else None
    fallback = context.book(only).currency if only is not None else context.currency
    currency = draft.currency or fallback
    books: dict[int, dict[str, Any]] = {}
    for code, given in draft.by_book.items():
        book_id = context.book_ids.get(code)
        if book_id is None:
            message = say(
                "There is no book {code}. There are: {book_ids}.",
                code=code,
                book_ids=", ".join(context.book_ids),
            )
            plan.problems.append(Problem("by_book", "book", message, row, code))
            continue
        decimals = context.book(book_id).decimals
        books[book_id], wrong = read_fields(
            draft.kind, given, decimals, row=row, prefix=f"by_book.{code}.", partial=True
        )
        plan.problems += wrong
    values, wrong = read_fields(draft.kind, draft.values, context.decimals(currency), row=row)
    plan.problems += [
        problem
        for problem in wrong
        if not (
            draft.move_id is not None and problem.rule == "required" and problem.field in ("cost", "amount")
        )
        and not _stated_by_every_book(context, only, books, problem)
    ]
    if "custodian_party_id" in values and "custodian_user_id" in values:
        plan.problems.append(
            Problem("custodian_user_id", "one_of", say("Name a party or a user, not both."), row)
        )
    parts = ("event", draft.key) if draft.key is not None else (idempotency_key, str(position))
    return PlannedEvent(
        row=row,
        asset_id=asset_id,
        kind=str(draft.kind),
        effective_on=draft.effective_on,
        phase=PHASE_OF[draft.kind],
        key=content_key(*parts).bytes,
        book_id=only,
        of_event_id=draft.of_event_id,
        currency=currency if _has_money(draft.kind, values) else None,
        values=values,
        books=books,
        rates={},
        move_id=draft.move_id,
        party_id=draft.party_id,
        reference=draft.reference,
        note=draft.note,
        of_no=draft.of_no,
        counterpart=draft.counterpart if isinstance(draft, LinkedEvent) else None,
        request=draft.request if isinstance(draft, LinkedEvent) else None,
    )


def _has_money(kind: str, values: Mapping[str, Any]) -> bool:
    return any(name in values for name in MONEY_FIELDS[kind])


def _stated_by_every_book(
    context: Context, only: int | None, books: Mapping[int, Mapping[str, Any]], problem: Problem
) -> bool:
    """Whether what the event itself lacks is said for each book that hears of it."""
    hearing = [only] if only is not None else [book.book_id for book in context.books]
    return problem.rule == "required" and all(problem.field in books.get(book, {}) for book in hearing)


def _capture_rates(plan: Plan, context: Context, draft: EventDraft, planned: PlannedEvent) -> None:
    """Rates to the currencies of the books, kept with the event, so that a corrected rate changes no past."""
    if planned.currency is None:
        return
    hearing = [book for book in context.books if planned.book_id in (None, book.book_id)]
    for to_currency in sorted({book.currency for book in hearing} - {planned.currency}):
        given = (draft.rates or {}).get(to_currency)
        rate = (
            given
            if given is not None
            else ledger_queries.exchange_rate(
                context.company_id, planned.currency, to_currency, draft.effective_on
            )
        )
        if rate is None or not rate.is_finite() or rate <= 0:
            message = say(
                "No rate from {planned_currency} to {to_currency} is known for that day: give one with "
                "the event.",
                planned_currency=planned.currency,
                to_currency=to_currency,
            )
            plan.problems.append(Problem("rates", "known", message, planned.row, to_currency))
        else:
            planned.rates[to_currency] = rate


def registration(
    asset_id: int, effective_on: datetime.date, idempotency_key: str, number: int
) -> PlannedEvent:
    """The event with which the timeline of a new asset begins."""
    key = content_key(idempotency_key, "asset", str(number)).bytes
    return PlannedEvent(
        number, asset_id, RoomKind.REGISTERED, effective_on, PHASE_OF[RoomKind.REGISTERED], key,
        None, None, None, {}, {}, {}, None, None, "", "",
    )  # fmt: skip
