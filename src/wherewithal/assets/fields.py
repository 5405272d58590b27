"""What each kind of event says beside its day and its asset: the fields, their types, and how they are written down.

Money is kept in minor units, numbers and days as text, so that a fact reads the same for ever.
"""

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from wherewithal.assets.terms import plain as plain_json
from wherewithal.assets.terms import problems_of
from wherewithal.assets.values import Status
from wherewithal.core.assets.facts import (
    PHASES,
    DisposalKind,
    GrantTreatment,
    Kind,
    RevaluationMethod,
    Source,
    SurplusPolicy,
)
from wherewithal.core.discounting import Compounding
from wherewithal.core.exact import exact_number
from wherewithal.core.lease.terms import ChangeKind, ScopeBasis, Standard
from wherewithal.core.money import AmountError, to_minor
from wherewithal.core.words import say
from wherewithal.kit.errors import Problem

LARGEST = 10**15  # minor units


class RoomKind(StrEnum):
    """Events that move no money."""

    REGISTERED = "registered"
    TRANSFER = "transfer"
    CHECK_OUT = "check_out"
    ACCEPT = "accept"
    CHECK_IN = "check_in"


ROOM_PHASES: Mapping[str, int] = {
    RoomKind.REGISTERED: 1,
    RoomKind.TRANSFER: 53,
    RoomKind.CHECK_IN: 55,
    RoomKind.CHECK_OUT: 57,
    RoomKind.ACCEPT: 59,
}
PHASE_OF: Mapping[str, int] = {**{str(kind): phase for kind, phase in PHASES.items()}, **ROOM_PHASES}


class Type(StrEnum):
    """How a field is given: see the texts of `BadField`."""

    MONEY = "money"
    SIGNED_MONEY = "signed_money"
    MONEYS = "moneys"
    FLOWS = "flows"
    DAY = "day"
    NUMBER = "number"
    WHOLE = "whole"
    WHOLES = "wholes"
    FLAG = "flag"
    WORD = "word"
    TEXT = "text"
    TERMS = "terms"
    ID = "id"


class FieldSpec(NamedTuple):
    """One field of a kind. `words`: the choices of a WORD."""

    type: Type
    required: bool = False
    words: tuple[str, ...] = ()
    meaning: str = ""


_M = Type.MONEY
_TERMS = FieldSpec(
    Type.TERMS, meaning=say("terms of depreciation, for every book that states none of its own")
)
_SOURCE = FieldSpec(Type.WORD, words=tuple(Source), meaning=say("where the cost comes from"))
_HOW = FieldSpec(Type.WORD, True, tuple(DisposalKind), "sale, scrap, loss, trade-in or back to stock")
_PROCEEDS = FieldSpec(_M, meaning=say("what the buyer owes for it"))
_COSTS = FieldSpec(_M, meaning=say("costs of the disposal itself"))
_PLACE: Mapping[str, FieldSpec] = {
    "location_id": FieldSpec(Type.ID, meaning=say("a place of the tree that stock uses")),
    "custodian_party_id": FieldSpec(Type.ID, meaning=say("the party that has it")),
    "custodian_user_id": FieldSpec(Type.ID, meaning=say("the user that has it")),
    "cost_centre_id": FieldSpec(Type.ID, meaning=say("who bears what it costs")),
}
_OPENING: Mapping[str, FieldSpec] = {
    "cost": FieldSpec(_M, True, meaning=say("cost")),
    "accumulated": FieldSpec(_M, meaning=say("depreciated until then")),
    "impairment": FieldSpec(_M, meaning=say("impaired until then")),
    "surplus": FieldSpec(_M, meaning=say("revaluation surplus until then")),
    "construction": FieldSpec(_M, meaning=say("cost of construction under way")),
    "quantity": FieldSpec(Type.WHOLE, meaning=say("how many alike")),
    "in_service_on": FieldSpec(Type.DAY, meaning=say("since when it is in service")),
    "depreciated_through": FieldSpec(Type.DAY, meaning=say("the last day that `accumulated` covers")),
    "allowances": FieldSpec(_M, meaning=say("what of `accumulated` was a first-year allowance")),
    "used_units": FieldSpec(Type.NUMBER, meaning=say("units used until then")),
    "terms": _TERMS,
}
_HANDED_OVER: Mapping[str, FieldSpec] = {
    **_OPENING,
    "grant": FieldSpec(_M, meaning=say("grant that is still deferred")),
    "unimpaired": FieldSpec(_M, meaning=say("what it would be carried at without impairment")),
    "loss": FieldSpec(_M, meaning=say("loss of revaluation that was not taken back yet")),
    "impaired_surplus": FieldSpec(_M, meaning=say("what of the impairment the surplus bore")),
    "revalued": FieldSpec(Type.FLAG, meaning=say("whether it was revalued")),
    "surplus_policy": FieldSpec(
        Type.WORD, words=tuple(SurplusPolicy), meaning=say("when surplus is realised")
    ),
    "held": FieldSpec(Type.FLAG, meaning=say("whether it is held for sale")),
    "held_loss": FieldSpec(_M, meaning=say("what was written down while it is held for sale")),
    "missed": FieldSpec(_M, meaning=say("what was not depreciated while it is held for sale")),
    "flows": FieldSpec(
        Type.FLOWS, meaning=say("what will be spent to dismantle it: pairs of day and amount")
    ),
    "rate": FieldSpec(Type.NUMBER, meaning=say("the yearly rate at which that is discounted")),
    "charged": FieldSpec(_M, meaning=say("what of `accumulated` is of the time after `depreciated_through`")),
    "surplus_used": FieldSpec(_M, meaning=say("what of the surplus was realised since")),
    "grant_released": FieldSpec(_M, meaning=say("what of the grant was income since")),
    "estimated_on": FieldSpec(Type.DAY, meaning=say("when that was estimated")),
    "reading": FieldSpec(Type.NUMBER, meaning=say("what the meter says")),
}
_OBLIGATION: Mapping[str, FieldSpec] = {
    "flows": FieldSpec(Type.FLOWS, True, meaning=say("what will be spent: pairs of day and amount")),
    "rate": FieldSpec(Type.NUMBER, True, meaning=say("yearly rate of discount, 0.05 = 5 %")),
}
_GRANT: Mapping[str, FieldSpec] = {
    "amount": FieldSpec(_M, True, meaning=say("the grant")),
    "treatment": FieldSpec(
        Type.WORD, words=tuple(GrantTreatment), meaning=say("deferred income, or off the cost")
    ),
}
_ADDED: Mapping[str, FieldSpec] = {
    "amount": FieldSpec(Type.SIGNED_MONEY, True, meaning=say("cost; below zero for a credit note")),
    "source": _SOURCE,
}
_FAIR = FieldSpec(_M, True, meaning=say("fair value less costs to sell"))

FIELDS: Mapping[str, Mapping[str, FieldSpec]] = {
    Kind.ACQUISITION: {
        "cost": FieldSpec(_M, True, meaning=say("cost")),
        "source": _SOURCE,
        "quantity": FieldSpec(Type.WHOLE, meaning=say("how many alike")),
    },
    Kind.OPENING: _OPENING,
    Kind.INTERCOMPANY_IN: _HANDED_OVER,
    Kind.CONSTRUCTION_COST: _ADDED,
    Kind.COST_ADDITION: _ADDED,
    Kind.GRANT: _GRANT,
    Kind.GRANT_REPAYMENT: _GRANT,
    Kind.DECOMMISSIONING: _OBLIGATION,
    Kind.DECOMMISSIONING_CHANGE: _OBLIGATION,
    Kind.DECOMMISSIONING_SETTLEMENT: {
        "paid": FieldSpec(_M, True, meaning=say("spent on it")),
        "final": FieldSpec(Type.FLAG, meaning=say("whether nothing more is to come")),
    },
    Kind.IN_SERVICE: {"terms": _TERMS},
    Kind.ESTIMATE_CHANGE: {
        "terms": FieldSpec(Type.TERMS, True, meaning=say("terms from this day on")),
        "remaining_life": FieldSpec(
            Type.FLAG, meaning=say("the life counts from this day (else it is the whole one)")
        ),
    },
    Kind.TERMS_CATCH_UP: {
        "terms": FieldSpec(Type.TERMS, True, meaning=say("terms as if since the present ones began")),
        "takes_back_allowances": FieldSpec(
            Type.FLAG,
            meaning=say("first-year allowances that these terms do not grant are taken back with it"),
        ),
    },
    Kind.ERROR_CORRECTION: {
        "terms": FieldSpec(Type.TERMS, True, meaning=say("what the terms should have been")),
        "in_service_on": FieldSpec(Type.DAY, meaning=say("the right day, if that was wrong")),
        "restated_before": FieldSpec(
            Type.DAY, meaning=say("depreciation before this day goes to retained earnings")
        ),
    },
    Kind.IDLE: {},
    Kind.RESUME: {},
    Kind.METER_READING: {"reading": FieldSpec(Type.NUMBER, True, meaning=say("what the meter says"))},
    Kind.CLASS_TRANSFER: {
        "class_id": FieldSpec(Type.ID, True, meaning=say("the class it belongs to from now on")),
        "terms": _TERMS,
    },
    Kind.REVALUATION: {
        "value": FieldSpec(_M, True, meaning=say("the carrying amount from now on")),
        "method": FieldSpec(
            Type.WORD, words=tuple(RevaluationMethod), meaning=say("what becomes of depreciation")
        ),
        "surplus_policy": FieldSpec(
            Type.WORD, words=tuple(SurplusPolicy), meaning=say("when surplus is realised")
        ),
    },
    Kind.IMPAIRMENT: {
        "recoverable": FieldSpec(_M, meaning=say("recoverable amount")),
        "loss": FieldSpec(_M, meaning=say("share of the loss of a unit, instead")),
    },
    Kind.IMPAIRMENT_REVERSAL: {
        "recoverable": FieldSpec(_M, meaning=say("recoverable amount")),
        "gain": FieldSpec(_M, meaning=say("share of the reversal of a unit, instead")),
    },
    Kind.HELD_FOR_SALE: {"fair_value_less_costs": _FAIR},
    Kind.HELD_MEASUREMENT: {"fair_value_less_costs": _FAIR},
    Kind.BACK_TO_USE: {"recoverable": FieldSpec(_M, meaning=say("recoverable amount"))},
    Kind.PART_OUT: {
        "weights": FieldSpec(Type.WHOLES, meaning=say("what stays, then each part")),
        "amounts": FieldSpec(Type.MONEYS, meaning=say("cost of construction that each part takes")),
        "construction_only": FieldSpec(Type.FLAG, meaning=say("only cost of construction is shared out")),
    },
    Kind.PART_IN: {
        "part": FieldSpec(Type.WHOLE, meaning=say("which part, from 1")),
        "capitalise": FieldSpec(Type.FLAG, meaning=say("cost of construction becomes cost at once")),
    },
    Kind.PARTIAL_DISPOSAL: {
        "how": _HOW,
        "share": FieldSpec(Type.NUMBER, meaning=say("share of what is there, 1/3 or 0.25")),
        "quantity": FieldSpec(Type.WHOLE, meaning=say("how many of those that are there")),
        "amount": FieldSpec(_M, meaning=say("cost of the part")),
        "accumulated": FieldSpec(_M, meaning=say("depreciation of the part, if not in proportion")),
        "proceeds": _PROCEEDS,
        "costs": _COSTS,
    },
    Kind.DISPOSAL: {"how": _HOW, "proceeds": _PROCEEDS, "costs": _COSTS},
    Kind.INTERCOMPANY_OUT: {
        "proceeds": FieldSpec(_M, meaning=say("the agreed price, if not as it stands")),
    },
    Kind.POOL_END: {"all_pools": FieldSpec(Type.FLAG, meaning=say("every pool of the book ends with it"))},
    Kind.REINSTATEMENT: {"keeps_proceeds": FieldSpec(Type.FLAG, meaning=say("what was received stays ours"))},
    Kind.REVERSAL: {},
    Kind.LEASE: {
        "payments": FieldSpec(Type.FLOWS, True, meaning=say("what is paid: pairs of day and amount")),
        "ends_on": FieldSpec(Type.DAY, True, meaning=say("the last day of the term")),
        "rate": FieldSpec(Type.NUMBER, True, meaning=say("yearly rate of discount, 0.05 = 5 %")),
        "interval_months": FieldSpec(Type.WHOLE, meaning=say("the interval in which interest compounds")),
        "compounding": FieldSpec(
            Type.WORD, words=tuple(Compounding), meaning=say("what the yearly rate means")
        ),
        "standard": FieldSpec(Type.WORD, words=tuple(Standard), meaning=say("the standard (by book)")),
        **dict.fromkeys(("direct_costs", "incentives", "prepaid", "restoration"), FieldSpec(_M)),
        "life_ends_on": FieldSpec(
            Type.DAY, meaning=say("the end of the life of the right of use, if not of the term")
        ),
        "in_arrears": FieldSpec(
            Type.FLAG, meaning=say("payments fall due at the end of their day, not at its start")
        ),
        "keeps_asset": FieldSpec(Type.FLAG, meaning=say("ownership passes in the end")),
    },
    Kind.LEASE_CHANGE: {
        "change": FieldSpec(Type.WORD, True, tuple(ChangeKind), say("what is changed")),
        "payments": FieldSpec(Type.FLOWS, meaning=say("all that is due from this day on")),
        "in_arrears": FieldSpec(
            Type.FLAG, meaning=say("payments fall due at the end of their day, not at its start")
        ),
        "factor": FieldSpec(Type.NUMBER, meaning=say("what is due is multiplied by it")),
        "rate": FieldSpec(Type.NUMBER, meaning=say("yearly rate of discount from now on")),
        "ends_on": FieldSpec(Type.DAY, meaning=say("the new last day of the term")),
        "life_ends_on": FieldSpec(Type.DAY, meaning=say("the end of the life of the right of use")),
        "retained": FieldSpec(Type.NUMBER, meaning=say("the share of the scope that is kept")),
        "basis": FieldSpec(Type.WORD, words=tuple(ScopeBasis), meaning=say("by what the scope shrinks")),
        **dict.fromkeys(("amount", "penalty", "direct_costs", "incentives"), FieldSpec(_M)),
    },
    RoomKind.REGISTERED: {},
    RoomKind.TRANSFER: {
        **_PLACE,
        "status": FieldSpec(
            Type.WORD, words=(Status.IN_SERVICE.name.lower(), Status.UNDER_MAINTENANCE.name.lower())
        ),
    },
    RoomKind.CHECK_OUT: {
        "location_id": _PLACE["location_id"],
        "custodian_party_id": _PLACE["custodian_party_id"],
        "custodian_user_id": _PLACE["custodian_user_id"],
        "expected_on": FieldSpec(Type.DAY, meaning=say("when it is expected back")),
    },
    RoomKind.ACCEPT: {"signature": FieldSpec(Type.TEXT, True, meaning=say("who signs for it"))},
    RoomKind.CHECK_IN: {"location_id": _PLACE["location_id"]},
}
"""The fields of each kind."""

KINDS: tuple[str, ...] = tuple(map(str, FIELDS))
"""The kinds that can be recorded."""

NAMED: Mapping[str, frozenset[Kind]] = {
    Kind.ERROR_CORRECTION: frozenset(
        {
            Kind.OPENING,
            Kind.INTERCOMPANY_IN,
            Kind.IN_SERVICE,
            Kind.ESTIMATE_CHANGE,
            Kind.CLASS_TRANSFER,
            Kind.ERROR_CORRECTION,
        }
    ),
    Kind.REINSTATEMENT: frozenset({Kind.DISPOSAL, Kind.PARTIAL_DISPOSAL}),
    Kind.PART_IN: frozenset({Kind.PART_OUT}),
}
"""Which kinds a kind can name."""
NAMING = frozenset({Kind.REVERSAL, *NAMED})
"""Kinds that name another event: a reversal any of them."""


class BadField(ValueError):
    """A value that a field cannot hold; the text says what would be right."""


def read_fields(
    kind: str,
    given: Mapping[str, Any],
    decimals: int,
    *,
    row: int,
    prefix: str = "",
    partial: bool = False,
) -> tuple[dict[str, Any], list[Problem]]:
    """The fields in the form in which they are kept, and all that is wrong with them.

    `partial`: fields of one book, none of which is demanded.
    """
    specs = FIELDS[kind]
    kept: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        spec = specs.get(name)
        if spec is None:
            known = ", ".join(specs) or "none"
            message = say(
                "An event of kind {kind} has no such field. It has: {known}.", kind=kind, known=known
            )
            problems.append(Problem(prefix + name, "known", message, row, str(value)))
            continue
        if value is None or value == "":
            continue
        if spec.type is Type.TERMS:
            problems += problems_of(value, field_name=prefix + name, row=row)
            kept[name] = plain_json(value)
            continue
        try:
            kept[name] = READERS[spec.type](value, decimals, spec)
        except BadField as bad:
            problems.append(Problem(prefix + name, str(spec.type), str(bad), row, str(value)))
    if not partial:
        problems += [
            Problem(prefix + name, "required", say("Give {meaning}.", meaning=spec.meaning or name), row)
            for name, spec in specs.items()
            if spec.required and name not in kept and not any(p.field == prefix + name for p in problems)
        ]
    return kept, problems


def _money(value: Any, decimals: int, _spec: FieldSpec) -> int:
    minor = _signed(value, decimals, _spec)
    if minor < 0:
        raise BadField(say("Give an amount of zero or more."))
    return minor


def _signed(value: Any, decimals: int, _spec: FieldSpec) -> int:
    try:
        amount = value if isinstance(value, (Decimal, int)) else Decimal(str(value).strip())
        if isinstance(value, bool) or (isinstance(amount, Decimal) and not amount.is_finite()):
            raise BadField(say("Give an amount, such as 1250.00."))
        minor = to_minor(amount, decimals)
    except InvalidOperation:
        raise BadField(say("Give an amount, such as 1250.00.")) from None
    except AmountError as error:
        raise BadField(str(error)) from None
    if abs(minor) > LARGEST:
        raise BadField(say("That is more than can be kept."))
    return minor


def _moneys(value: Any, decimals: int, spec: FieldSpec) -> list[int]:
    if not isinstance(value, (list, tuple)):
        raise BadField(say("Give a list of amounts."))
    return [_money(part, decimals, spec) for part in value]


def _flows(value: Any, decimals: int, spec: FieldSpec) -> list[list[Any]]:
    if not isinstance(value, (list, tuple)) or not value:
        raise BadField(say("Give pairs of a day and an amount."))
    pairs = [list(pair.values()) if isinstance(pair, Mapping) else pair for pair in value]
    if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs):
        raise BadField(say("Give pairs of a day and an amount."))
    return sorted([_day(day, decimals, spec), _money(amount, decimals, spec)] for day, amount in pairs)


def _day(value: Any, _decimals: int, _spec: FieldSpec) -> str:
    try:
        found = value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value).strip())
    except ValueError:
        raise BadField(say("Give a day in the form YYYY-MM-DD.")) from None
    if not 1900 <= found.year < 2200:
        raise BadField(say("A day lies between 1900-01-01 and 2199-12-31."))
    return found.isoformat()[:10]


def _number(value: Any, _decimals: int, _spec: FieldSpec) -> str:
    try:
        found = exact_number(value)
    except ValueError:
        raise BadField(say("Give an exact number, such as 0.25 or 1/3.")) from None
    if found < 0 or found > LARGEST or found.denominator > LARGEST:
        raise BadField(say("Give a number of zero or more."))
    return str(found)


def _whole(value: Any, _decimals: int, _spec: FieldSpec) -> int:
    try:
        found = exact_number(value)
    except ValueError:
        found = Fraction(1, 2)
    if isinstance(value, bool) or found.denominator != 1 or not 0 < found.numerator <= 2**31 - 1:
        raise BadField(say("Give a whole number above zero."))
    return found.numerator


def _wholes(value: Any, _decimals: int, _spec: FieldSpec) -> list[int]:
    if not isinstance(value, (list, tuple)) or not all(
        isinstance(part, int) and not isinstance(part, bool) and 0 <= part <= LARGEST for part in value
    ):
        raise BadField(say("Give a list of whole numbers of zero or more."))
    return list(value)


def _flag(value: Any, _decimals: int, _spec: FieldSpec) -> bool:
    if not isinstance(value, bool):
        raise BadField(say("Say true or false."))
    return value


def _word(value: Any, _decimals: int, spec: FieldSpec) -> str:
    if str(value) not in spec.words:
        raise BadField(say("Choose one of {words}.", words=", ".join(spec.words)))
    return str(value)


def _text(value: Any, _decimals: int, _spec: FieldSpec) -> str:
    text = str(value).strip()
    if len(text) > 500 or not text.isprintable():
        raise BadField(say("Give a line of at most 500 printable characters."))
    return text


READERS: Mapping[Type, Callable[[Any, int, FieldSpec], Any]] = {
    Type.MONEY: _money,
    Type.SIGNED_MONEY: _signed,
    Type.MONEYS: _moneys,
    Type.FLOWS: _flows,
    Type.DAY: _day,
    Type.NUMBER: _number,
    Type.WHOLE: _whole,
    Type.WHOLES: _wholes,
    Type.FLAG: _flag,
    Type.WORD: _word,
    Type.TEXT: _text,
    Type.ID: _whole,
}
MONEY_TYPES = frozenset({Type.MONEY, Type.SIGNED_MONEY, Type.MONEYS, Type.FLOWS})
MONEY_FIELDS: Mapping[str, frozenset[str]] = {
    kind: frozenset(name for name, spec in specs.items() if spec.type in MONEY_TYPES)
    for kind, specs in FIELDS.items()
}
