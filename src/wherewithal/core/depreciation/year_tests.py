"""Tests over all assets of a tax year, as the one that decides between half a year and the quarter. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from wherewithal.core.depreciation.calendar import Calendar, add_months
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.packs import Pack
from wherewithal.core.depreciation.resolve import Because, because_of, calendar_of
from wherewithal.core.words import say


@dataclass(frozen=True, slots=True)
class YearAsset:
    """An asset of a year: its basis for the test (what is left after amounts expensed, before other allowances).

    counts: whether its class takes part (real property and assets disposed of in the year do not).
    """

    in_service_on: date
    basis: int
    counts: bool = True


@dataclass(frozen=True, slots=True)
class YearAnswer:
    """share: the part of the basis that went into service in the last months of the year; outcome: by the rule."""

    share: Fraction
    outcome: str
    last_basis: int
    basis: int
    last_from: date
    because: Because


def year_test(
    pack: Pack, name: str, on: date, assets: Sequence[YearAsset], calendar: Calendar | None = None
) -> YearAnswer:
    """The outcome of a test for the tax year that has this day. Raises PackError for an asset of another year."""
    rule = pack.rule("year_tests", name)
    year = (calendar or calendar_of(pack)).year(on)
    months = int(rule.params["months"])
    last_from = max(add_months(year.last.replace(day=1), 1 - months), year.first)
    total = last = 0
    for place, asset in enumerate(assets):
        if not year.first <= asset.in_service_on <= year.last:
            raise PackError(
                pack.code,
                f"assets[{place}]",
                "year",
                say("It goes into service outside {first} to {last}.", first=year.first, last=year.last),
            )
        if asset.counts:
            total += asset.basis
            last += asset.basis if asset.in_service_on >= last_from else 0
    share = Fraction(last, total) if total else Fraction(0)
    above = share > Fraction(rule.params["above"])
    outcome = str(rule.params["then" if above else "otherwise"])
    return YearAnswer(share, outcome, last, total, last_from, because_of(pack, rule))


def takes_part(pack: Pack, class_code: str) -> bool:
    """Whether assets of a class count in tests over a year: unless the pack or the class says otherwise by
    `counts_in_year_test`."""
    asset_class = pack.asset_class(class_code)
    facts = {**pack.default_facts(), **asset_class.defaults, **asset_class.facts}
    return facts.get("counts_in_year_test", True) is True
