"""Files on their way into the books: upload, dry run, load, watch; and the saved mappings of their columns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field, TypeAdapter

from wherewithal.api.door import Section, Upload
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.tokens import Call
from wherewithal.api.types import Answer, Body, Filters, KeyId, Name, QueryBigId, QueryFlag, Text
from wherewithal.core.words import say
from wherewithal.feeds import queries, services
from wherewithal.feeds.kinds import KINDS
from wherewithal.feeds.reading import LARGEST_FILE_BYTES
from wherewithal.feeds.tasks import uploads_folder
from wherewithal.kit import jobs
from wherewithal.kit.errors import Problem, Refused
from wherewithal.people import permissions

section = Section(
    "Imports", "CSV and XLSX files: all faults of all rows first, then all or nothing, or what is right."
)

KindWord = Literal[
    "items",
    "categories",
    "locations",
    "parties",
    "opening_stock",
    "moves",
    "assets",
    "asset_events",
    "sales_log",
    "purchase_log",
]
ModeWord = Literal["all_or_nothing", "skip_bad_rows"]
DEEPEST = 8
newest = TypeAdapter(tuple[KeyId])


# --- mappings ---------------------------------------------------------------------------------------------


def _plain(value: Any, depth: int = 0) -> Any:
    """JSON as it can be kept: no deeper than a mapping ever is, and fractions as the text they were written as."""
    if depth > DEEPEST:
        message = say("A mapping is nested at most {deepest} levels deep.", deepest=DEEPEST)
        raise Refused(Problem("definition", "depth", message))
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in value]
    return value


class MappingIn(Body):
    name: Name = Field(max_length=100)
    kind: KindWord
    definition: dict[Text, Any] = Field(
        description="columns, defaults, clean, formats, rules, options; see the guide for integrators."
    )


class MappingOut(Answer):
    id: int
    name: str
    kind: str
    definition: dict[str, Any]
    changed_at: datetime


class Mappings(Answer):
    results: list[MappingOut]


class MappingFilters(Filters):
    kind: KindWord | None = None


class SavedMapping(Answer):
    id: int
    name: str


class Deleted(Answer):
    deleted: str


class DeletedFilters(Filters):
    name: Name


@section.read("/import-mappings", permission="import.run", answer=Mappings)
def list_import_mappings(request: Call, filters: Query[MappingFilters]) -> dict[str, Any]:
    """The saved mappings of columns, by name."""
    return {"results": queries.list_mappings(request.auth.company_id, kind=filters.kind)}


@section.write(
    "/import-mappings",
    status=200,
    permission="import.run",
    answer=SavedMapping,
    example={
        "name": "Shop export",
        "kind": "items",
        "definition": {"columns": {"sku": "Article", "name": "Title"}, "defaults": {"base_unit": "pcs"}},
    },
)
def save_import_mapping(request: Call, body: MappingIn) -> dict[str, Any]:
    """Keep a mapping under a name, or change the one of that name."""
    mapping_id = services.save_mapping(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        name=body.name,
        kind=body.kind,
        definition=_plain(body.definition),
    )
    return {"id": mapping_id, "name": body.name}


@section.write("/import-mappings", method="DELETE", status=200, permission="import.run", answer=Deleted)
def delete_import_mapping(request: Call, filters: Query[DeletedFilters]) -> dict[str, str]:
    """Forget a mapping. What was imported by it stays."""
    services.delete_mapping(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, name=filters.name
    )
    return {"deleted": filters.name}


# --- kinds ------------------------------------------------------------------------------------------------


class FieldOut(Answer):
    name: str
    required: bool
    meaning: str


class KindOut(Answer):
    name: str
    label: str
    about: str
    permissions: list[str] = Field(description="Needed beside import.run.")
    fields: list[FieldOut]


class Kinds(Answer):
    results: list[KindOut]


@section.read("/import-kinds", permission="import.run", answer=Kinds)
def list_import_kinds(request: Call) -> dict[str, Any]:
    """What can be imported, and the fields that each kind takes."""
    return {"results": list(KINDS.values())}


# --- imports ----------------------------------------------------------------------------------------------


class ImportParameters(Filters):
    kind: KindWord
    file_name: Name = Field(default="upload", description="As its user knows it.")
    mapping: Annotated[Text, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="A saved mapping; columns have the names of the fields when left out."
    )
    mode: ModeWord = "all_or_nothing"
    dry_run: QueryFlag = Field(default=False, description="Report everything, write nothing.")


class ImportOut(Answer):
    """waiting, checking, writing; then checked (a dry run), refused (nothing written), stopped or done."""

    id: int
    kind: str
    source: str
    file_name: str
    size_bytes: int
    mode: ModeWord
    dry_run: bool
    state: Literal["waiting", "checking", "writing", "checked", "refused", "stopped", "done"]
    doing: str
    rows_total: int
    rows_done: int
    problem_count: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportDetail(ImportOut):
    report: dict[str, Any] = Field(description="What its user should know beside the counts.")
    definition: dict[str, Any] = Field(description="The mapping as it was.")


class RowProblemOut(Answer):
    line: int = Field(description="As people count, the header being line 1; 0 is the whole file.")
    column: str
    value: str
    rule: str
    message: str


def may_import(request: Call, kind: str) -> None:
    """Importing needs what doing the same by hand would need."""
    for permission in KINDS[kind].permissions:
        permissions.require(request.auth, permission)


def _enqueue(request: Call, import_id: int) -> dict[str, Any]:
    """Let the worker run it; the import as it stands."""
    actor = request.auth
    jobs.enqueue(
        company_id=actor.company_id, actor_id=actor.user_id, kind="import", arguments={"import_id": import_id}
    )
    return queries.get_import(actor.company_id, import_id)


@section.upload("/imports", permission="import.run", answer=ImportDetail, most_bytes=LARGEST_FILE_BYTES)
def start_import(request: Upload, filters: Query[ImportParameters]) -> dict[str, Any]:
    """Upload a CSV or XLSX file (also packed with gzip), which a worker then checks and loads.

    The file is the body. Watch its state at /imports/{import_id}. The same file with the same mapping is one import,
    however often it is sent.
    """
    may_import(request, filters.kind)
    import_id = services.start_import(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        kind=filters.kind,
        file_name=filters.file_name,
        content=request.upload,
        folder=uploads_folder(),
        mapping=filters.mapping,
        mode=filters.mode,
        dry_run=filters.dry_run,
    )
    found = queries.get_import(request.auth.company_id, import_id)
    return _enqueue(request, import_id) if found["state"] == "waiting" else found


@section.read("/imports", permission="import.run", answer=Page[ImportOut])
def list_imports(request: Call, filters: Query[Paged]) -> dict[str, Any]:
    """Imports, the latest first."""

    def fetch(after: Any, limit: int) -> Sequence[Mapping[str, Any]]:
        before = after[0] if after else None
        return queries.list_imports(request.auth.company_id, before_id=before, limit=limit)

    return listing(filters, fetch, key=newest, key_of=lambda row: (row["id"],))


@section.read("/imports/{import_id}", permission="import.run", answer=ImportDetail)
def get_import(request: Call, import_id: QueryBigId) -> dict[str, Any]:
    """How far an import is, and how it ended."""
    return queries.get_import(request.auth.company_id, import_id)


@section.read("/imports/{import_id}/problems", permission="import.run", answer=Page[RowProblemOut])
def list_import_problems(request: Call, import_id: QueryBigId, filters: Query[Paged]) -> dict[str, Any]:
    """Everything that is wrong with a file, by line and column."""
    company_id = request.auth.company_id
    queries.get_import(company_id, import_id)

    def fetch(after: Any, limit: int) -> Sequence[Mapping[str, Any]]:
        return queries.problems(company_id, import_id, after=after[0] if after else -1, limit=limit)

    return listing(filters, fetch, key=newest, key_of=lambda row: (row["position"],))


@section.write("/imports/{import_id}/run", status=200, permission="import.run", answer=ImportDetail)
def run_import(request: Call, import_id: QueryBigId) -> dict[str, Any]:
    """Go on with an import that was stopped, or try again one that was refused. What is loaded is not loaded twice."""
    found = queries.get_import(request.auth.company_id, import_id)
    may_import(request, found["kind"])
    if found["state"] in ("checking", "writing", "done"):
        message = say("This import is {state}: there is nothing to run.", state=found["state"])
        raise Refused(Problem("import_id", "not_running", message, value=str(import_id)))
    return _enqueue(request, import_id)
