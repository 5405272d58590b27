"""Classes: what assets of one kind have in common, and the accounts their category finds."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from wherewithal.assets.terms import canonical, problems_of
from wherewithal.assets.values import NEVER_DEPRECIATED, REQUIRABLE, ClassDraft, ClassKind
from wherewithal.core.words import say
from wherewithal.items import queries as items_queries
from wherewithal.items import services as items_services
from wherewithal.items.texts import LONGEST_NAME, code_problem, text_problem
from wherewithal.items.values import CategoryDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, NotFound, Problem, Refused
from wherewithal.kit.words import said_in
from wherewithal.ledger import queries as ledger_queries

ROOT_CATEGORY = "FA"
TERMS_COLUMNS = (
    ("company_id", "int"),
    ("class_id", "int"),
    ("book_id", "int"),
    ("terms", "jsonb"),
    ("recorded_at", "timestamptz"),
    ("actor_id", "bigint"),
)


def create_class(
    *, company_id: int, actor_id: int | None, draft: ClassDraft, recorded_at: datetime.datetime | None = None
) -> int:
    """A class with its category and its default terms; its id."""
    return create_classes(company_id=company_id, actor_id=actor_id, classes=[draft], recorded_at=recorded_at)[
        0
    ]


def create_classes(
    *,
    company_id: int,
    actor_id: int | None,
    classes: Sequence[ClassDraft],
    recorded_at: datetime.datetime | None = None,
    language: str = "en",
) -> list[int]:
    """New classes, all or none; their ids in the order given. `language`: of the category above theirs, if it is new."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        books = {book.code: book.book_id for book in ledger_queries.books(company_id)}
        problems = [problem for row, draft in enumerate(classes) for problem in _problems(draft, books, row)]
        if problems:
            raise Refused(problems)
        categories = _categories(company_id, actor_id, classes, language)
        ids = db.reserve_ids("assets_class_id_seq", len(classes))
        try:
            db.insert_rows("assets_class", _COLUMNS, _rows(company_id, classes, ids, categories))
        except psycopg.errors.UniqueViolation as error:
            raise _taken(error) from error
        for class_id, draft in zip(ids, classes, strict=True):
            _put_terms(company_id, actor_id, class_id, draft.terms, books, recorded_at)
    return ids


def update_class(
    *,
    company_id: int,
    actor_id: int | None,
    class_id: int,
    name: str | None = None,
    required_fields: Sequence[str] | None = None,
    active: bool | None = None,
    terms: Mapping[str, Mapping[str, Any]] | None = None,
    recorded_at: datetime.datetime | None = None,
) -> None:
    """Rename or retire a class, change what it asks for. New default terms hold for assets registered afterwards."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        books = {book.code: book.book_id for book in ledger_queries.books(company_id)}
        problems = [p for p in [name is not None and text_problem("name", name, LONGEST_NAME)] if p]
        problems += _field_problems(required_fields or (), None)
        problems += _terms_problems(terms or {}, books, None)
        if problems:
            raise Refused(problems)
        changed = db.execute(
            "UPDATE assets_class SET name = coalesce(%s, name), active = coalesce(%s, active),"
            " required_fields = coalesce(%s, required_fields) WHERE company_id = %s AND id = %s",
            (
                name and name.strip(),
                active,
                None if required_fields is None else list(required_fields),
                company_id,
                class_id,
            ),
        )
        if not changed:
            message = say("There is no such class of assets in this company.")
            raise NotFound(Problem("class_id", "exists", message, value=str(class_id)))
        _put_terms(company_id, actor_id, class_id, terms or {}, books, recorded_at)


def set_class_terms(
    *,
    company_id: int,
    actor_id: int | None,
    terms: Mapping[int, Mapping[str, Mapping[str, Any]]],
    recorded_at: datetime.datetime | None = None,
) -> None:
    """New default terms of many classes at once, by class id and book code, all or none: a country's rules chosen for a
    book. They hold for assets registered afterwards."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        for class_id, given in terms.items():
            update_class(
                company_id=company_id,
                actor_id=actor_id,
                class_id=class_id,
                terms=given,
                recorded_at=recorded_at,
            )


_COLUMNS = (
    ("id", "int"),
    ("company_id", "int"),
    ("code", "text"),
    ("name", "text"),
    ("kind", "text"),
    ("category_id", "int"),
    ("tag_prefix", "text"),
    ("tag_digits", "smallint"),
    ("required_fields", "text[]"),
)


def _rows(
    company_id: int, classes: Sequence[ClassDraft], ids: Sequence[int], categories: Mapping[str, int]
) -> list[tuple[object, ...]]:
    return [
        (
            class_id,
            company_id,
            draft.code,
            draft.name.strip(),
            str(draft.kind),
            categories[_category_code(draft)],
            f"{draft.code}-" if draft.tag_prefix is None else draft.tag_prefix,
            draft.tag_digits,
            list(draft.required_fields),
        )
        for class_id, draft in zip(ids, classes, strict=True)
    ]


def _category_code(draft: ClassDraft) -> str:
    return draft.category_code or f"{ROOT_CATEGORY}-{draft.code}"


def _categories(
    company_id: int, actor_id: int | None, classes: Sequence[ClassDraft], language: str
) -> dict[str, int]:
    """The categories of the classes by code; those that are missing are made, below FA."""
    known = items_queries.category_ids(company_id)
    missing = [draft for draft in classes if _category_code(draft) not in known]
    strangers = [draft.category_code for draft in missing if draft.category_code]
    if strangers:
        message = say(
            "There is no category {strangers}: create it first, or name none.", strangers=strangers[0]
        )
        raise Refused(Problem("category_code", "exists", message, value=strangers[0]))
    root = CategoryDraft(ROOT_CATEGORY, said_in(language, say("Fixed assets")))
    drafts = [] if ROOT_CATEGORY in known or not missing else [root]
    drafts += [
        CategoryDraft(_category_code(draft), draft.name, ROOT_CATEGORY, draft.attributes) for draft in missing
    ]
    if drafts:
        items_services.create_categories(company_id=company_id, actor_id=actor_id, categories=drafts)
    return items_queries.category_ids(company_id)


def _put_terms(
    company_id: int,
    actor_id: int | None,
    class_id: int,
    terms: Mapping[str, Mapping[str, Any]],
    books: Mapping[str, int],
    recorded_at: datetime.datetime | None,
) -> None:
    now = recorded_at or db_now()
    db.insert_rows(
        "assets_class_terms",
        TERMS_COLUMNS,
        [
            (company_id, class_id, books[code] if code else None, canonical(given), now, actor_id)
            for code, given in terms.items()
        ],
    )


def db_now() -> datetime.datetime:
    """The database's clock: there is none below the doors."""
    row = db.fetch_one("SELECT clock_timestamp()")
    assert row is not None, "a SELECT without FROM has a row"
    now: datetime.datetime = row[0]
    return now


# --- what may be wrong --------------------------------------------------------------------------------------------


def _problems(draft: ClassDraft, books: Mapping[str, int], row: int) -> list[Problem]:
    found = [
        code_problem("code", draft.code, row=row),
        text_problem("name", draft.name, LONGEST_NAME, row=row),
        text_problem("tag_prefix", draft.tag_prefix or "", 40, row=row, required=False),
    ]
    problems = [problem for problem in found if problem]
    if str(draft.kind) not in tuple(ClassKind):
        message = say("Choose one of {classkind}.", classkind=", ".join(ClassKind))
        problems.append(Problem("kind", "known", message, row, str(draft.kind)))
    if not 1 <= draft.tag_digits <= 12:
        problems.append(
            Problem("tag_digits", "range", say("A tag has 1 to 12 digits."), row, str(draft.tag_digits))
        )
    problems += _field_problems(draft.required_fields, row)
    problems += _terms_problems(draft.terms, books, row)
    if str(draft.kind) in NEVER_DEPRECIATED:
        problems += [
            Problem(
                f"terms.{code}.method",
                "none",
                say("A class of kind {draft_kind} is never depreciated.", draft_kind=draft.kind),
                row,
            )
            for code, given in draft.terms.items()
            if given.get("method", "none") != "none" or "pack" in given
        ]
    return problems


def _field_problems(fields: Sequence[str], row: int | None) -> list[Problem]:
    message = say("A class can demand: {requirable}.", requirable=", ".join(REQUIRABLE))
    return [
        Problem("required_fields", "known", message, row, name) for name in fields if name not in REQUIRABLE
    ]


def _terms_problems(
    terms: Mapping[str, Mapping[str, Any]], books: Mapping[str, int], row: int | None
) -> list[Problem]:
    problems: list[Problem] = []
    for code, given in terms.items():
        if code and code not in books:
            message = say("There is no book {code}. There are: {books}.", code=code, books=", ".join(books))
            problems.append(Problem("terms", "book", message, row, code))
        problems += problems_of(given, field_name=f"terms.{code}" if code else "terms", row=row)
    return problems


def _taken(error: psycopg.errors.UniqueViolation) -> Conflict:
    if error.diag.constraint_name == "assets_class_category_key":
        message = say(
            "Another class has this category: each class finds its accounts by a category of its own."
        )
        return Conflict(Problem("category_code", "unique", message))
    return Conflict(Problem("code", "unique", say("There is a class of this code already.")))
