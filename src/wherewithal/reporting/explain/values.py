"""The tree that explains a figure, and how it is written down."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wherewithal.core.words import Said, say
from wherewithal.kit.words import translated

UNIT_COST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class FactRef:
    """A row that somebody can look up: what kind, its id, what people call it, and its two dates."""

    kind: str  # move, document, entry, cost, policy, standard_cost, lot
    id: int
    label: str
    effective_on: date | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A statement, the figure it is about, the rule that was applied (in words), the facts, and what lies below."""

    statement: str
    figure: str | None = None
    rule: str | None = None
    facts: tuple[FactRef, ...] = ()
    children: tuple["Explanation", ...] = ()


@dataclass(frozen=True, slots=True)
class Money:
    """How a book writes amounts."""

    currency: str
    decimals: int

    def text(self, minor: int) -> Said:
        """Minor units as people write them: 123456 -> 1,234.56 EUR."""
        amount = Decimal(minor).scaleb(-self.decimals)
        return say("{amount:,f} {currency}", amount=amount, currency=self.currency)

    def unit_cost(self, minor: int, qty: int, unit: "Unit") -> Said:
        """Value per base unit of so many smallest units, to six significant places after the point; never rounded
        in a calculation, only here.
        """
        exact = Fraction(minor, 10**self.decimals) / Fraction(qty, 10**unit.decimals)
        shown = Decimal(exact.numerator) / Decimal(exact.denominator)
        text = f"{shown:.{UNIT_COST_DIGITS}f}".rstrip("0")
        whole, _, rest = text.partition(".")
        cost = Decimal(f"{whole}.{rest.ljust(self.decimals, '0')}")
        return say("{cost:,f} {currency} per {unit}", cost=cost, currency=self.currency, unit=unit.code)


@dataclass(frozen=True, slots=True)
class Unit:
    """How an item's quantities are written."""

    code: str
    decimals: int

    def text(self, qty: int) -> Said:
        """Smallest units as people write them: 12500 at three decimals -> 12.5 kg."""
        exact = Decimal(qty).scaleb(-self.decimals)
        shown = exact.normalize() if exact % 1 else exact.to_integral_value()
        return say("{qty:,f} {unit}", qty=shown, unit=self.code)


def as_dict(explanation: Explanation) -> dict[str, Any]:
    """For JSON, in the active language: empty parts are left out."""
    answer: dict[str, Any] = {"statement": translated(explanation.statement)}
    if explanation.figure is not None:
        answer["figure"] = translated(explanation.figure)
    if explanation.rule is not None:
        answer["rule"] = translated(explanation.rule)
    if explanation.facts:
        answer["facts"] = [_fact_dict(fact) for fact in explanation.facts]
    if explanation.children:
        answer["children"] = [as_dict(child) for child in explanation.children]
    return answer


def _fact_dict(fact: FactRef) -> dict[str, Any]:
    return {
        "kind": fact.kind,
        "id": fact.id,
        "label": translated(fact.label),
        "effective_on": fact.effective_on and fact.effective_on.isoformat(),
        "recorded_at": fact.recorded_at and fact.recorded_at.isoformat(),
    }


def as_text(explanation: Explanation) -> str:
    """Indented lines, for a terminal."""
    return "\n".join(_lines(explanation, ""))


def _lines(explanation: Explanation, indent: str) -> Iterator[str]:
    figure = f"  [{explanation.figure}]" if explanation.figure else ""
    yield f"{indent}{explanation.statement}{figure}"
    below = indent + "   "
    if explanation.rule:
        yield f"{below}Rule: {explanation.rule}"
    for fact in explanation.facts:
        when = f", on {fact.effective_on}" if fact.effective_on else ""
        known = f", recorded {fact.recorded_at:%Y-%m-%d %H:%M:%S}" if fact.recorded_at else ""
        yield f"{below}See: {fact.kind} {fact.id} {fact.label}{when}{known}"
    for child in explanation.children:
        yield from _lines(child, below)
