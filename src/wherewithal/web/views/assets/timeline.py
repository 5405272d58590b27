"""What happened to an asset, as its page tells it: the events with what they state, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from wherewithal.assets import queries
from wherewithal.assets.fields import FIELDS, MONEY_FIELDS, RoomKind, Type
from wherewithal.assets.queries import TimelineRow
from wherewithal.parties import queries as parties
from wherewithal.people import queries as people
from wherewithal.stock import queries as stock
from wherewithal.web import formatting
from wherewithal.web.asset_names import EVENT_KINDS, event_name, field_label, terms_text, word_of
from wherewithal.web.desk import Desk

CUSTODY = frozenset(map(str, RoomKind))
"""Kinds that say nothing of money."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What an event states: for every book (`book` empty), or what one book has otherwise."""

    book: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event as the timeline shows it."""

    row: TimelineRow
    name: str
    stated: Sequence[Stated]
    effect: Decimal | None
    who: str
    book: str
    may_take_back: bool


def shown_events(desk: Desk, rows: Sequence[TimelineRow]) -> list[ShownEvent]:
    """What had happened by the day shown, as known at the instant shown; the latest first."""
    shown = [
        row
        for row in rows
        if (desk.as_of is None or row.effective_on <= desk.as_of)
        and (desk.known_at is None or row.recorded_at <= desk.known_at)
    ]
    names = people.usernames({row.actor_id for row in shown if row.actor_id})
    return [_event(desk, row, names) for row in reversed(shown)]


def _event(desk: Desk, row: TimelineRow, names: Mapping[int, str]) -> ShownEvent:
    sees_money = desk.may("ledger.read")
    book = next((book.name for book in desk.books if book.book_id == row.book_id), "")
    kind = EVENT_KINDS.get(row.kind)
    standing = row.reversed_by is None and row.kind != RoomKind.REGISTERED
    effect = row.effects.get(desk.book_id, 0)
    return ShownEvent(
        row,
        event_name(row.kind),
        stated(desk, row),
        desk.amount(effect) if sees_money and effect else None,
        names.get(row.actor_id or 0, ""),
        book,
        standing and not desk.travels and desk.may(kind.permission if kind else "assets.record"),
    )


def stated(desk: Desk, row: TimelineRow) -> list[Stated]:
    """What the event states beside its day, in words, a line for each book that has something of its own.

    Amounts only for those who may see the ledger.
    """
    if not desk.may("ledger.read") and row.kind not in CUSTODY:
        return []
    lines = [Stated("", _stated(desk, row, row.values, row.currency or desk.company.currency))]
    for book in desk.books:
        own = _stated(desk, row, row.books.get(str(book.book_id), {}), book.currency)
        lines.append(Stated(book.name, own))
    return [line for line in lines if line.facts]


def _stated(desk: Desk, row: TimelineRow, values: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    decimals = formatting.currency_decimals(currency)
    money = MONEY_FIELDS.get(row.kind, frozenset())
    specs = FIELDS.get(row.kind, {})
    facts = []
    for name, value in values.items():
        if name == "terms":
            text = terms_text(value)
        elif isinstance(value, list):
            text = _("%(count)s stated") % {"count": len(value)}
        elif name in money:
            text = formatting.money_with_currency(formatting.from_minor(value, decimals), currency)
        elif name in NAMED:
            text = NAMED[name](desk, value)
        elif name in specs and specs[name].type is Type.DAY:
            text = formatting.day(date.fromisoformat(value))
        else:
            text = _word(value)
        facts.append((str(field_label(name)), text))
    return facts


def _location_name(desk: Desk, location_id: int) -> str:
    place = stock.get_location(desk.company_id, location_id)
    return f"{place.code} {place.name}"


def _party_name(desk: Desk, party_id: int) -> str:
    party = parties.get_party(desk.company_id, party_id)
    return str(party["name"]) if party else str(party_id)


def _centre_name(desk: Desk, cost_centre_id: int) -> str:
    rows = queries.cost_centres(desk.company_id)
    return next((f"{row.code} {row.name}" for row in rows if row.cost_centre_id == cost_centre_id), "")


def _class_name(desk: Desk, class_id: int) -> str:
    found = queries.asset_class(desk.company_id, class_id)
    return f"{found.code} {found.name}"


NAMED: Mapping[str, Callable[[Desk, int], str]] = {
    "location_id": _location_name,
    "custodian_party_id": _party_name,
    "custodian_user_id": lambda desk, user_id: people.usernames({user_id}).get(user_id, ""),
    "cost_centre_id": _centre_name,
    "class_id": _class_name,
}
"""Fields that name a thing by its id, and how it is called."""


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return word_of(value) if isinstance(value, str) else str(value)
