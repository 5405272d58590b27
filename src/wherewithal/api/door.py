"""How an endpoint is made: one permission, one use case or query, one transaction, one documented answer.

The order at the door is fixed: token, permission, headers, and only then the body is read. A read runs in one
read-only snapshot; a write runs in one transaction that is repeated when it lost a race, and answers a repeated
Idempotency-Key with its first answer.
"""

import functools
import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.security.base import AuthBase
from pydantic import TypeAdapter

from wherewithal.api.bodies import MOST_BYTES
from wherewithal.api.problems import ApiError
from wherewithal.kit import db, idempotency
from wherewithal.kit.errors import Problem
from wherewithal.people import permissions, services
from wherewithal.people.permissions import Actor

Needed = str | tuple[str, ...] | None  # one permission, any of several, or just a token
View = TypeVar("View", bound=Callable[..., Any])
KEY_HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[!-~]{1,255}$"
JSON = "application/json"


class Call(HttpRequest):
    """A request that came through the door."""

    auth: Actor
    key: str


class BearerToken(AuthBase):
    """The token of the Authorization header. It fixes the user, the company and the scopes; cookies count for nothing.

    One indexed query per request, no cache: a revoked token is dead at once, in every process.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_bearerFormat = "wh_<company>_<secret>"
    openapi_description = "Made with `wherewithal token create`, or by an administrator on the people page."

    def __init__(self, permission: Needed, *, writes: bool, media_type: str | None) -> None:
        super().__init__()
        self.permission = permission
        self.writes = writes
        self.media_type = media_type

    def __call__(self, request: HttpRequest) -> Actor | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.isascii() or len(token) > 200:
            return None
        actor = services.authenticate_token(token.strip())
        if actor is None:
            return None
        require_any(actor, self.permission)
        if self.media_type is not None:
            check_body(request, self.media_type)
        if self.writes:
            request.key = checked_key(request)  # type: ignore[attr-defined]  # see Call
        return actor


def require_any(actor: Actor, needed: Needed) -> None:
    """Refuse whoever has none of the permissions; the use case's own are looked at when the body is known."""
    wanted = (needed,) if isinstance(needed, str) else needed or ()
    if wanted and not any(permissions.allowed(actor, permission) for permission in wanted):
        permissions.require(actor, wanted[0])


def check_body(request: HttpRequest, media_type: str) -> None:
    """Refuse by the headers alone what would not be read anyway: packed, of another kind, too large."""
    packing = request.headers.get("Content-Encoding", "identity").strip().lower()
    if packing != "identity":
        raise ApiError("media_type", Problem("Content-Encoding", "identity", "Send the body unpacked."))
    if request.content_type != media_type:
        message = f"Send the body as {media_type}."
        raise ApiError("media_type", Problem("Content-Type", "media_type", message))
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length[:20]) > MOST_BYTES:
        message = f"A body has at most {MOST_BYTES // 2**20} MiB; send several batches."
        raise ApiError("too_large", Problem("Content-Length", "size", message))


def checked_key(request: HttpRequest) -> str:
    key = request.headers.get(KEY_HEADER, "")
    if not re.fullmatch(KEY_PATTERN, key):
        message = (
            "A write needs a key of its own: 1 to 255 visible ASCII characters, the same again for a retry."
        )
        raise ApiError("malformed", Problem(KEY_HEADER, "required" if not key else "form", message))
    return key


class Section:
    """A group of endpoints about one subject."""

    def __init__(self, tag: str, meaning: str) -> None:
        self.tag = tag
        self.meaning = meaning
        self.router = Router(tags=[tag])

    def read(
        self, path: str, *, permission: Needed, answer: Any, raises: tuple[str, ...] = ()
    ) -> Callable[[View], View]:
        """GET: a query in one snapshot of the database."""

        def register(view: View) -> View:
            adapter = TypeAdapter(answer)

            @functools.wraps(view)
            def run(request: Call, **values: Any) -> HttpResponse:
                refuse_unknown_parameters(request, known)
                actor = request.auth
                with db.company_transaction(
                    company_id=actor.company_id, actor_id=actor.user_id, read_only=True
                ):
                    return rendered(adapter, view(request, **values))

            known = query_names(view)
            errors = (*raises, *(("not_found",) if "{" in path else ()))
            self._register("GET", path, run, permission=permission, answer={200: answer}, errors=errors)
            return view

        return register

    def write(
        self,
        path: str,
        *,
        permission: Needed,
        answer: Any,
        method: str = "POST",
        status: int = 201,
        example: Mapping[str, Any] | None = None,
        keeps_key: bool = False,
    ) -> Callable[[View], View]:
        """A use case. With `keeps_key` the use case knows the idempotency key itself (stock batches do)."""

        def register(view: View) -> View:
            adapter = TypeAdapter(answer)

            @functools.wraps(view)
            def run(request: Call, **values: Any) -> HttpResponse:
                refuse_unknown_parameters(request, frozenset())
                work = functools.partial(view, request, **values)
                if keeps_key:
                    return rendered(adapter, db.run_retrying(work), status)
                return db.run_retrying(lambda: _once(request, adapter, work, status))

            self._register(
                method,
                path,
                run,
                permission=permission,
                answer={status: answer},
                errors=("not_found", "conflict"),
                example=example,
                writes=True,
                has_body=has_body(view),
            )
            return view

        return register

    def compute(
        self, path: str, *, answer: Any, example: Mapping[str, Any] | None = None
    ) -> Callable[[View], View]:
        """POST that stores nothing: a pure function of the body, for anybody with a token."""

        def register(view: View) -> View:
            adapter = TypeAdapter(answer)

            @functools.wraps(view)
            def run(request: Call, **values: Any) -> HttpResponse:
                refuse_unknown_parameters(request, frozenset())
                return rendered(adapter, view(request, **values))

            self._register(
                "POST",
                path,
                run,
                permission=None,
                answer={200: answer},
                errors=(),
                example=example,
                has_body=True,
            )
            return view

        return register

    def _register(
        self,
        method: str,
        path: str,
        run: Callable[..., HttpResponse],
        *,
        permission: Needed,
        answer: dict[int, Any],
        errors: tuple[str, ...],
        example: Mapping[str, Any] | None = None,
        writes: bool = False,
        has_body: bool = False,
    ) -> None:
        media_type = JSON if has_body else None
        self.router.api_operation(
            [method],
            path,
            auth=BearerToken(permission, writes=writes, media_type=media_type),
            response=answer,
            operation_id=run.__name__,
            summary=(inspect.getdoc(run) or run.__name__).splitlines()[0].rstrip("."),
            openapi_extra=_described(permission, errors, example, writes=writes, has_body=has_body),
        )(run)


def _described(
    permission: Needed,
    errors: tuple[str, ...],
    example: Mapping[str, Any] | None,
    *,
    writes: bool,
    has_body: bool,
) -> dict[str, Any]:
    """What ninja cannot know of an operation: its refusals, its key, its permission. openapi.py spells them out."""
    codes = ["malformed", "unauthorized", "invalid", "unavailable", *errors]
    codes += ["forbidden"] if permission else []
    codes += ["too_large", "media_type"] if has_body else []
    return {
        "x-permission": permission,
        "x-problems": sorted(set(codes)),
        "x-writes": writes,
        "x-example": example,
    }


def _once(request: Call, adapter: TypeAdapter[Any], work: Callable[[], Any], status: int) -> HttpResponse:
    """The use case and the memory of its answer in one transaction."""
    actor = request.auth
    asked = [request.method, request.path, request.body.decode("utf-8", "replace")]
    with db.company_transaction(company_id=actor.company_id, actor_id=actor.user_id):
        answer = idempotency.once(
            company_id=actor.company_id,
            key=request.key,
            request_hash=idempotency.request_hash(asked),
            fn=lambda: json.loads(_json(adapter, work())),
        )
    content = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(content, status=status, content_type=JSON)


def rendered(adapter: TypeAdapter[Any], result: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(_json(adapter, result), status=status, content_type=JSON)


def _json(adapter: TypeAdapter[Any], result: Any) -> bytes:
    """The answer in its documented form; a result that has another form is a fault of the program."""
    return adapter.dump_json(adapter.validate_python(result, from_attributes=True))


# --- what a view takes ----------------------------------------------------------------------------------------


def query_names(view: Callable[..., Any]) -> frozenset[str]:
    """The query parameters of a view: the fields of its `filters` model."""
    parameter = inspect.signature(view).parameters.get("filters")
    if parameter is None:
        return frozenset()
    model = parameter.annotation.__origin__
    return frozenset(model.model_fields)


def has_body(view: Callable[..., Any]) -> bool:
    return "body" in inspect.signature(view).parameters


def refuse_unknown_parameters(request: HttpRequest, known: frozenset[str]) -> None:
    """A mistyped `as_off` must not silently answer for today."""
    unknown = sorted(set(request.GET) - known)
    if unknown:
        right = f"This address knows: {', '.join(sorted(known))}." if known else "This address knows none."
        problems = [
            Problem(name[:100], "unknown", f"There is no such parameter. {right}") for name in unknown[:20]
        ]
        raise ApiError("invalid", *problems)
