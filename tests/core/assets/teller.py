"""Short words to tell the life of an asset in a test, and to read what a book says of it."""

from collections import Counter
from datetime import date
from fractions import Fraction
from typing import Any

from wherewithal.core.assets.facts import (
    FACTS,
    Fact,
    Kind,
    ValueRow,
)
from wherewithal.core.assets.fold import Folded, History, due_rows, fold, state_on
from wherewithal.core.assets.state import Balances
from wherewithal.core.assets.terms import BookTerms
from wherewithal.core.depreciation.calendar import Calendar
from wherewithal.core.depreciation.terms import Convention, Method, Terms
from wherewithal.core.posting import RULES, Role

CALENDAR = Calendar()
CLASS = 5


def line(months: int, residual: int = 0, convention: Convention = Convention.FULL_MONTH) -> BookTerms:
    """Straight line over so many months."""
    terms = Terms(Method.STRAIGHT_LINE, life_months=Fraction(months), convention=convention)
    return BookTerms(terms, residual)


class Tale:
    """The facts of one asset, told one after the other: `tale.acquisition("2024-01-01", cost=100)`."""

    def __init__(self, *, asset: int = 1) -> None:
        self.asset = asset
        self.facts: list[Fact] = []

    def __getattr__(self, kind: str) -> Any:
        def tell(on: str, **fields: Any) -> int:
            event_id = self.asset * 1000 + len(self.facts) + 1
            fact = FACTS[Kind(kind)](
                event_id=event_id,
                key=event_id.to_bytes(16, "big"),
                effective_on=date.fromisoformat(on),
                **fields,
            )
            self.facts.append(fact)
            return event_id

        return tell

    def on(self, day: str) -> Balances:
        return state_on(self.facts, CLASS, CALENDAR, date.fromisoformat(day))

    def rows(self, through: str) -> list[ValueRow]:
        return due_rows(self.facts, CLASS, CALENDAR, date.fromisoformat(through))

    def by_role(self, through: str, since: str = "1900-01-01") -> dict[str, int]:
        """The sum of each role, of rows from `since` on."""
        found: Counter[str] = Counter()
        for row in self.rows(through):
            if row.effective_on >= date.fromisoformat(since):
                found[Role(row.role).name] += row.amount
        return {name: amount for name, amount in found.items() if amount}

    def accounts(self, through: str) -> dict[str, int]:
        """Debits less credits of each account role."""
        return accounts_of(self.rows(through))

    def explained(self, through: str) -> Folded:
        day = date.fromisoformat(through)
        return fold([History(self.asset, CLASS, self.facts)], CALENDAR, day, explains=True)[self.asset]


def accounts_of(rows: list[ValueRow]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in rows:
        rule = RULES[Role(row.role)]
        found[rule.debit.value] += row.amount
        found[rule.credit.value] -= row.amount
    return {name: amount for name, amount in found.items() if amount}


def together(*tales: Tale, through: str) -> dict[int, Folded]:
    """Assets that are made of each other."""
    histories = [History(tale.asset, CLASS, tale.facts) for tale in tales]
    return fold(histories, CALENDAR, date.fromisoformat(through))


__all__ = ["CALENDAR", "CLASS", "Tale", "accounts_of", "line", "together"]
