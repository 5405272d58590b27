"""The answer no, as a problem+json document (RFC 9457) that names each field, the rule, and what would be right."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg_pool import PoolTimeout

from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import APPEND_ONLY, PERIOD_CLOSED, Conflict, Forbidden, NotFound, Problem, Refused
from wherewithal.kit.words import translated
from wherewithal.stock.drafts import DocumentKind

MEDIA_TYPE = "application/problem+json"
WHOLE_BODY = "body"  # the field of a fault that is of no part of the body
MOST_ERRORS = 1_000  # of ten thousand bad rows the first thousand are listed, and the rest counted
RETRY_AFTER_S = 1
UNION_TAGS = frozenset({"body", "str", "int", "bool", "decimal", *DocumentKind})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its stable name, its HTTP status, its title."""

    code: str
    status: int
    title: str
    meaning: str


KINDS = {
    kind.code: kind
    for kind in (
        Kind(
            "malformed",
            400,
            say("The request cannot be read"),
            say("The body or the address is not what it claims to be."),
        ),
        Kind(
            "unauthorized",
            401,
            say("A token is needed"),
            say("No token, or one that is unknown, expired or revoked."),
        ),
        Kind(
            "forbidden",
            403,
            say("Not allowed"),
            say("The token does not cover this; the roles that do are named."),
        ),
        Kind(
            "not_found",
            404,
            say("Not found"),
            say("There is no such thing in this company."),
        ),
        Kind(
            "method_not_allowed",
            405,
            say("Method not allowed"),
            say("The address does not know this method; see Allow."),
        ),
        Kind(
            "conflict",
            409,
            say("Conflict"),
            say("Somebody was first, or the key was used for another request."),
        ),
        Kind(
            "too_large",
            413,
            say("Too large"),
            say("The body is larger than the server takes; send it in several batches."),
        ),
        Kind(
            "media_type",
            415,
            say("Unsupported media type"),
            say("The body must be plain JSON (or what the operation names)."),
        ),
        Kind(
            "invalid",
            422,
            say("Invalid request"),
            say("A field does not have the form that the description asks for."),
        ),
        Kind(
            "refused",
            422,
            say("Refused"),
            say("The request breaks a rule of the business. Nothing was written."),
        ),
        Kind(
            "internal",
            500,
            say("Internal error"),
            say("A fault of the program. Nothing was written; it has been logged."),
        ),
        Kind(
            "unavailable",
            503,
            say("Temporarily unavailable"),
            say("The database is busy or away. Nothing was written."),
        ),
    )
}


class ApiError(Exception):
    """A refusal at the door itself, before any use case was asked."""

    def __init__(self, code: str, *problems: Problem, headers: Mapping[str, str] | None = None) -> None:
        self.kind = KINDS[code]
        self.problems = problems
        self.headers = dict(headers or {})
        super().__init__(code, problems)


def response(
    kind: Kind, problems: Iterable[Problem] = (), *, code: str | None = None, hint: str | None = None
) -> HttpResponse:
    """The document. `code` is the rule book's own word for the refusal where it has one."""
    listed = list(problems)
    document: dict[str, Any] = {
        "type": f"urn:wherewithal:problem:{code or kind.code}",
        "title": translated(kind.title),
        "status": kind.status,
        "detail": translated(listed[0].message) if len(listed) == 1 else _detail(kind, listed),
        "errors": [_error(problem) for problem in listed[:MOST_ERRORS]],
    }
    if hint:
        document["hint"] = translated(hint)
    content = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return HttpResponse(content, status=kind.status, content_type=MEDIA_TYPE)


def _detail(kind: Kind, problems: list[Problem]) -> str:
    if not problems:
        return translated(kind.meaning)
    if len(problems) > MOST_ERRORS:
        told = say(
            "{count:,} things are wrong; the first {most:,} are listed.",
            count=len(problems),
            most=MOST_ERRORS,
        )
    else:
        told = say("{count:,} things are wrong.", count=len(problems))
    return translated(told)


def _error(problem: Problem) -> dict[str, Any]:
    message = translated(problem.message)
    return {"field": problem.field, "rule": problem.rule, "message": message, "row": problem.row}


# --- from exceptions --------------------------------------------------------------------------------------


def from_api_error(request: HttpRequest, error: ApiError) -> HttpResponse:
    answer = response(error.kind, error.problems)
    for name, value in error.headers.items():
        answer[name] = value
    return answer


REFUSALS: tuple[tuple[type[Refused], str], ...] = (
    (NotFound, "not_found"),
    (Forbidden, "forbidden"),
    (Conflict, "conflict"),
    (Refused, "refused"),
)


def from_refusal(request: HttpRequest, error: Refused) -> HttpResponse:
    kind = next(KINDS[code] for refusal, code in REFUSALS if isinstance(error, refusal))
    return response(kind, error.problems, code=error.code, hint=error.hint)


def from_validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return response(KINDS["invalid"], [_invalid(fault) for fault in error.errors])


def _invalid(fault: Mapping[str, Any]) -> Problem:
    """One complaint of pydantic."""
    rule, message = str(fault["type"]), _sentence(str(fault["msg"]))
    path = [part for part in fault["loc"][1:] if not _is_tag(part)]
    return fault_at(path, rule, message if path else say("Send a JSON object as the body."))


def fault_at(path: Sequence[str | int], rule: str, message: str) -> Problem:
    """A fault of a place in the body. In the outermost list it is the row; the rest of the path is the field."""
    row = next((part for part in path if isinstance(part, int)), None)
    if row is not None:
        path = path[path.index(row) + 1 :] or path[: path.index(row)]
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    return Problem(field or WHOLE_BODY, rule, message, row=row)


def _is_tag(part: object) -> bool:
    """Pydantic puts the name of a union's branch into the path; no field is called so."""
    return isinstance(part, str) and ("[" in part or "-" in part or part in UNION_TAGS)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def from_unauthorized(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    message = say(
        "Send the header Authorization: Bearer wh_..., with a token that is neither expired nor revoked."
    )
    answer = response(KINDS["unauthorized"], [Problem("Authorization", "token", message)])
    answer["WWW-Authenticate"] = 'Bearer realm="wherewithal"'
    return answer


def from_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The framework says so of a body that the parser refused; the parser's own words are its cause."""
    if isinstance(error.__cause__, ApiError):
        return from_api_error(request, error.__cause__)
    return response(KINDS["malformed"], [Problem(WHOLE_BODY, "body", say("The body cannot be read."))])


def from_too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return response(KINDS["too_large"])


def from_suspicion(request: HttpRequest, error: Exception) -> HttpResponse:
    return response(KINDS["malformed"], [Problem("", "readable", say("The request cannot be read."))])


# --- from the database: the last guard speaks ---------------------------------------------------------------

MEANINGS: Mapping[str, tuple[str, str, str]] = {
    # SQLSTATE: kind, rule, message ('' takes the database's own, where it is a sentence of ours)
    PERIOD_CLOSED: ("refused", "period_open", ""),
    APPEND_ONLY: ("refused", "append_only", ""),
    "22003": ("refused", "range", "A number is larger than can be kept."),
    "22008": ("refused", "range", "A date is outside the calendar that can be kept."),
    "23503": ("conflict", "exists", "Something that the request names has gone, or is still in use."),
    "23505": ("conflict", "unique", "There is already one with the same code."),
    "23514": ("refused", "check", "A rule of the database forbids this."),
}
BUSY = (
    "08",
    "25006",
    "40",
    "53",
    "55P03",
    "57",
)  # lost connection, read-only, races, resources, locks, shutdown


def from_database(request: HttpRequest, error: Exception) -> HttpResponse:
    state = db.sqlstate(error) or ""
    if state in MEANINGS:
        kind, rule, message = MEANINGS[state]
        return response(KINDS[kind], [Problem("", rule, message or _own_words(error))])
    if state.startswith("WH"):
        return response(KINDS["refused"], [Problem("", "guard", _own_words(error))])
    if state.startswith(BUSY) or (not state and isinstance(error, psycopg.OperationalError | DatabaseError)):
        return unavailable(request, error)
    return from_fault(request, error)


def _own_words(error: Exception) -> str:
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    return (cause.diag.message_primary or "") if isinstance(cause, psycopg.Error) else ""


def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("The database is busy or away: %s %s: %s", request.method, request.path, error)
    answer = response(KINDS["unavailable"])
    answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def from_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("A fault of the program: %s %s", request.method, request.path, exc_info=error)
    return response(KINDS["internal"])


HANDLERS: tuple[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]], ...] = (
    (ApiError, from_api_error),
    (Refused, from_refusal),
    (ValidationError, from_validation),
    (AuthenticationError, from_unauthorized),
    (HttpError, from_http_error),
    (RequestDataTooBig, from_too_big),
    (SuspiciousOperation, from_suspicion),
    (UnreadablePostError, from_suspicion),
    (psycopg.Error, from_database),
    (DatabaseError, from_database),
    (PoolTimeout, unavailable),
    (Exception, from_fault),
)
