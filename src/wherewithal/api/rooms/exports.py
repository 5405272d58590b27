"""Lists and statements as files: CSV, XLSX, PDF."""

import io
from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from ninja import Query
from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from wherewithal.api.answers import AS_OF, KNOWN_AT
from wherewithal.api.door import Section
from wherewithal.api.rooms.company import BookCode
from wherewithal.api.tokens import Call
from wherewithal.api.types import Code, Currency, Day, Filters, Instant
from wherewithal.kit import db
from wherewithal.ledger import queries as ledger
from wherewithal.people import permissions
from wherewithal.reporting import exports, files
from wherewithal.reporting.covers import cover
from wherewithal.reporting.files import MEDIA_TYPES, Format
from wherewithal.reporting.sheets import Question

section = Section("Exports", "Lists, statements and reports as files, to calculate with or to keep.")

READERS = tuple(sorted({exports.needed(name) for name in exports.SHEETS}))


def _known(name: str) -> str:
    if name not in exports.SHEETS:
        raise PydanticCustomError("literal_error", "must be one of the lists that are described")
    return name


ListName = Annotated[
    str,
    AfterValidator(_known),
    WithJsonSchema({"type": "string", "enum": list(exports.SHEETS)}),
]


class ExportFilters(Filters):
    list: ListName = Field(description="Which list, statement or report.")
    format: Literal["csv", "xlsx", "pdf"] = "csv"
    book: Code | None = BookCode
    from_on: Day | None = Field(
        default=None, description="First day of what happened between two days; default: of the fiscal year."
    )
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)
    currency: Currency | None = Field(default=None, description="asset-roll-forward: translated into it.")
    asset: Code | None = Field(default=None, description="asset-schedule: the tag.")
    tax_book: Code | None = Field(default=None, description="asset-comparison: the other book.")
    rate: Code | None = Field(default=None, description="asset-comparison: the tax rate, 0.25 is 25 %.")
    by: Code | None = Field(default=None, description="What a report is broken down by.")
    through: Day | None = Field(default=None, description="asset-forecast, asset-cash: the last day.")
    scenario: Code | None = Field(default=None, description="Forecasts: the number of a scenario.")
    budget: Code | None = Field(default=None, description="asset-budget and its comparison: the number.")
    detail: Code | None = Field(default=None, description="asset-pools: year or line.")
    business_income: Code | None = Field(default=None, description="form-4562: the limit by business income.")
    carried_in: Code | None = Field(default=None, description="form-4562: what was carried over from before.")


OPTIONS = tuple(sorted({option for options in exports.OPTIONS.values() for option in options}))


@section.file("/exports", permission=READERS, media_types=tuple(MEDIA_TYPES.values()))
def export_file(request: Call, filters: Query[ExportFilters]) -> HttpResponse:
    """One list, statement or report as a file."""
    name = filters.list
    company_id, file_format = request.auth.company_id, Format(filters.format)
    permissions.require(request.auth, exports.needed(name))
    given = {option: getattr(filters, option) for option in OPTIONS}
    options = {option: str(value) for option, value in given.items() if value is not None}
    content = io.BytesIO()
    with db.company_transaction(
        company_id=company_id, actor_id=request.auth.user_id, read_only=not exports.tries(options)
    ):
        now = datetime.now(UTC)
        question = Question(
            company_id,
            ledger.book_by_code(company_id, filters.book).book_id,
            now.astimezone(ZoneInfo(ledger.company(company_id).timezone)).date(),
            filters.as_of,
            filters.known_at,
            filters.from_on,
            options,
        )
        found = exports.sheet(name, question)
        files.write(found, cover(question, found, now=now), file_format, content)
    answer = HttpResponse(content.getvalue(), content_type=MEDIA_TYPES[file_format])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{file_format}"'
    return answer
