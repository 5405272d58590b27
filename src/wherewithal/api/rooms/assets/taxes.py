"""What is filed for a tax book: the computation of its pools, the figures of Form 4562 of the United States."""

from datetime import date
from decimal import Decimal
from typing import Any

from ninja import Query
from pydantic import Field

from wherewithal.api.answers import KNOWN_AT, same
from wherewithal.api.rooms.assets.common import amount, book_of, money, section
from wherewithal.api.rooms.assets.reports import Report
from wherewithal.api.rooms.company import BookCode
from wherewithal.api.tokens import Call
from wherewithal.api.types import Answer, Code, Day, Filters, Instant, Number
from wherewithal.assets import queries
from wherewithal.core.money import AmountError, to_minor
from wherewithal.kit.errors import refuse

AMOUNT = r"^[0-9]{1,15}(\.[0-9]{1,6})?$"


class PoolFilters(Filters):
    book: Code | None = BookCode
    from_on: Day | None = Field(default=None, description="Fiscal years that end by it are left out.")
    to_on: Day = Field(description="Facts through this day count; its fiscal year is the last one.")
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class PoolLineOut(Answer):
    code: str
    amount: Number = Field(description="With its sign in the pool; balances for opening and closing.")
    note: str = Field(description="The rate, or why.")


class PoolYearOut(Answer):
    pack: str
    pool: str
    title: str
    from_on: date
    to_on: date
    charged: bool = Field(description="The allowances of the year are posted.")
    brought_forward: Number
    additions: Number = Field(description="All that was spent, also what was deducted at once.")
    first_year: Number
    disposals: Number
    allowance: Number
    balancing_charge: Number
    balancing_allowance: Number
    other: Number = Field(
        description="What else changed the pool: deductible beyond cost, or not deductible."
    )
    carried_forward: Number
    deduction: Number = Field(description="All that is deductible; balancing charges are not set off.")
    lines: list[PoolLineOut]


class LeftOut(Answer):
    asset_id: int
    tag: str
    message: str


class Pools(Report):
    results: list[PoolYearOut]
    left_out: list[LeftOut] = Field(description="Assets that the rules have no answer for.")


@section.read("/reports/asset-pools", permission="ledger.read", answer=Pools, raises=("not_found",))
def asset_pools(request: Call, filters: Query[PoolFilters]) -> dict[str, Any]:
    """The computation of every pool by fiscal year: capital allowances, blocks by written-down value, CCA."""
    book = book_of(request, filters.book)
    report = queries.pool_report(
        request.auth.company_id,
        book_id=book.book_id,
        from_on=filters.from_on,
        to_on=filters.to_on,
        known_at=filters.known_at,
    )
    return {
        "book": book.code,
        "currency": book.currency,
        "results": [_pool_year(row, book.decimals) for row in report.computations],
        "left_out": [same(row, LeftOut) for row in report.left_out],
    }


def _pool_year(row: queries.PoolComputation, decimals: int) -> dict[str, Any]:
    head = {name: getattr(row, name) for name in ("pack", "title", "from_on", "to_on", "charged")}
    amounts = {
        "brought_forward": row.year.opening,
        "additions": row.added,
        "first_year": row.year.first_year,
        "disposals": row.disposed,
        "allowance": row.year.claim,
        "balancing_charge": row.year.balancing_charge,
        "balancing_allowance": row.year.balancing_allowance,
        "other": row.other,
        "carried_forward": row.year.closing,
        "deduction": row.year.deduction,
    }
    lines = [
        {"code": line.code, "amount": amount(line.amount, decimals), "note": line.note}
        for line in row.year.lines
    ]
    shown = {name: amount(value, decimals) for name, value in amounts.items()}
    return head | {"pool": row.code, "lines": lines} | shown


class FormFilters(Filters):
    book: Code | None = BookCode
    on: Day = Field(description="A day of the tax year.")
    business_income: str | None = Field(
        default=None,
        pattern=AMOUNT,
        description="What limits section 179 (line 11); without it nothing does.",
    )
    carried_in: str = Field(
        default="0", pattern=AMOUNT, description="Section 179 disallowed in the year before (line 10)."
    )
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class FormLineOut(Answer):
    part: str
    line: str
    text: str
    amount: Number
    basis: Number | None
    recovery: str
    convention: str
    method: str
    placed: str = Field(description="Month and year of real property, day of listed property.")
    cost: Number | None = Field(description="Of listed property.")
    business_use: str = Field(description="Of listed property: per cent of its use that is business.")
    section_179: Number | None = Field(description="Of listed property: elected cost.")


class Form4562Out(Report):
    from_on: date
    to_on: date
    charged_through: date | None = Field(description="How far the depreciation of the book was run.")
    results: list[FormLineOut]


@section.read("/reports/form-4562", permission="ledger.read", answer=Form4562Out, raises=("not_found",))
def asset_form_4562(request: Call, filters: Query[FormFilters]) -> dict[str, Any]:
    """The figures of Form 4562 (United States) for a tax year, from what is posted in a book on the pack `us`."""
    book = book_of(request, filters.book)
    income = filters.business_income
    form = queries.form_4562_figures(
        request.auth.company_id,
        book_id=book.book_id,
        on=filters.on,
        business_income=None if income is None else _minor("business_income", income, book.decimals),
        carried_in=_minor("carried_in", filters.carried_in, book.decimals),
        known_at=filters.known_at,
    )
    results = [
        same(line, FormLineOut) | money(line, ("amount", "basis", "cost", "section_179"), book.decimals)
        for line in form.lines
    ]
    head = {"book": book.code, "currency": book.currency}
    return head | {
        "from_on": form.from_on,
        "to_on": form.to_on,
        "charged_through": form.charged_through,
        "results": results,
    }


def _minor(field: str, text: str, decimals: int) -> int:
    try:
        return to_minor(Decimal(text), decimals)
    except AmountError as error:
        raise refuse(field, "decimals", str(error), value=text) from error
