"""How an endpoint is made: one permission, one use case or query, one transaction, one documented answer.

The order at the door is fixed: token, permission, headers, and only then the body is read. A read runs in one
read-only snapshot; a write runs in one transaction that is repeated when it lost a race, and answers a repeated
Idempotency-Key with its first answer.
"""

import functools
import hashlib
import inspect
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter

from wherewithal.api.bodies import MOST_BYTES
from wherewithal.api.problems import ApiError
from wherewithal.api.tokens import BearerToken, Call, Needed, too_large
from wherewithal.core.words import say
from wherewithal.kit import db, idempotency
from wherewithal.kit.errors import Problem

View = TypeVar("View", bound=Callable[..., Any])
JSON = "application/json"
FILE = "application/octet-stream"
BLOCK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Terms:
    """What an operation asks for and how it may refuse, beyond what its types say."""

    permission: Needed
    answer: Any
    status: int = 200
    errors: tuple[str, ...] = ()
    writes: bool = False
    media_type: str | None = None
    most_bytes: int = MOST_BYTES
    example: Mapping[str, Any] | None = None
    schemas: Mapping[str, Any] | None = None
    files: tuple[str, ...] = ()

    def described(self) -> dict[str, Any]:
        """For openapi.py, which spells it out: what ninja cannot know."""
        codes = {"malformed", "unauthorized", "invalid", "unavailable", *self.errors}
        codes |= {"forbidden"} if self.permission else set()
        codes |= {"too_large", "media_type"} if self.media_type else set()
        return {
            "x-permission": self.permission,
            "x-problems": sorted(codes),
            "x-writes": self.writes,
            "x-example": self.example,
            "x-media-type": self.media_type,
            "x-schemas": self.schemas,
            "x-files": self.files,
        }


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
        errors = (*raises, *(("not_found",) if "{" in path else ()))
        terms = Terms(permission, answer, errors=errors)

        def register(view: View) -> View:
            adapter = TypeAdapter(answer)

            def work(request: Call, **values: Any) -> HttpResponse:
                actor = request.auth
                with db.company_transaction(
                    company_id=actor.company_id, actor_id=actor.user_id, read_only=True
                ):
                    return rendered(adapter, view(request, **values))

            self._register("GET", path, view, work, terms)
            return view

        return register

    def file(
        self, path: str, *, permission: Needed, media_types: tuple[str, ...], raises: tuple[str, ...] = ()
    ) -> Callable[[View], View]:
        """GET: an answer that is a file of one of these types. It opens its own transaction."""
        terms = Terms(permission, None, errors=(*raises, "not_found", "refused"), files=media_types)

        def register(view: View) -> View:
            self._register("GET", path, view, view, terms)
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
            media_type = JSON if "body" in inspect.signature(view).parameters else None
            terms = Terms(
                permission,
                answer,
                status,
                errors=("not_found", "conflict"),
                writes=True,
                media_type=media_type,
                example=example,
            )

            def work(request: Call, **values: Any) -> HttpResponse:
                use_case = functools.partial(view, request, **values)
                if keeps_key:
                    return rendered(adapter, db.run_retrying(use_case), status)
                asked = request.body.decode("utf-8", "replace")
                return db.run_retrying(lambda: _once(request, adapter, use_case, asked, status))

            self._register(method, path, view, work, terms)
            return view

        return register

    def upload(
        self, path: str, *, permission: Needed, answer: Any, most_bytes: int
    ) -> Callable[[View], View]:
        """POST of a file, as it is, as the body. The view gets it as `request.upload`, a path that lasts as long."""
        terms = Terms(
            permission,
            answer,
            201,
            errors=("not_found", "conflict"),
            writes=True,
            media_type=FILE,
            most_bytes=most_bytes,
            schemas={"body": {"type": "string", "format": "binary"}},
        )

        def register(view: View) -> View:
            adapter = TypeAdapter(answer)

            def work(request: Call, **values: Any) -> HttpResponse:
                with _received(request, most_bytes) as (file, sha256):
                    request.upload = file  # type: ignore[attr-defined]  # see Upload
                    use_case = functools.partial(view, request, **values)
                    return db.run_retrying(lambda: _once(request, adapter, use_case, sha256, 201))

            self._register("POST", path, view, work, terms)
            return view

        return register

    def compute(
        self,
        path: str,
        *,
        answer: Any,
        permission: Needed = None,
        example: Mapping[str, Any] | None = None,
        schemas: Mapping[str, Any] | None = None,
        raises: tuple[str, ...] = (),
    ) -> Callable[[View], View]:
        """POST that changes nothing in the books, so that doing it twice needs no key. It opens its own transactions.

        `schemas` replaces the derived JSON schemas of {"body": ..., "answer": ...}.
        """
        terms = Terms(permission, answer, media_type=JSON, example=example, schemas=schemas, errors=raises)

        def register(view: View) -> View:
            adapter = TypeAdapter(answer)

            def work(request: Call, **values: Any) -> HttpResponse:
                result = view(request, **values)
                return result if isinstance(result, HttpResponse) else rendered(adapter, result)

            self._register("POST", path, view, work, terms)
            return view

        return register

    def _register(
        self,
        method: str,
        path: str,
        view: Callable[..., Any],
        work: Callable[..., HttpResponse],
        terms: Terms,
    ) -> None:
        known = query_names(view)

        @functools.wraps(view)
        def run(request: Call, **values: Any) -> HttpResponse:
            refuse_unknown_parameters(request, known)
            return work(request, **values)

        self.router.api_operation(
            [method],
            path,
            auth=BearerToken(
                terms.permission,
                writes=terms.writes,
                media_type=terms.media_type,
                most_bytes=terms.most_bytes,
            ),
            response={terms.status: terms.answer},
            operation_id=view.__name__,
            summary=(inspect.getdoc(view) or view.__name__).splitlines()[0].rstrip("."),
            openapi_extra=terms.described(),
        )(run)


class Upload(Call):
    """A call with a file."""

    upload: Path


@contextmanager
def _received(request: HttpRequest, most_bytes: int) -> Iterator[tuple[Path, str]]:
    """The body in a file of its own, block by block, and its SHA-256. Gone when the call is over."""
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(prefix="wherewithal-upload-") as copy:
        while block := request.read(BLOCK_BYTES):
            size += len(block)
            if size > most_bytes:
                raise too_large(most_bytes)
            digest.update(block)
            copy.write(block)
        copy.flush()
        yield Path(copy.name), digest.hexdigest()


def _once(
    request: Call, adapter: TypeAdapter[Any], use_case: Callable[[], Any], body: str, status: int
) -> HttpResponse:
    """The use case and the memory of its answer in one transaction. `body`: the body, or what stands for it."""
    actor = request.auth
    asked = [request.method, request.get_full_path(), body]
    with db.company_transaction(company_id=actor.company_id, actor_id=actor.user_id):
        answer = idempotency.once(
            company_id=actor.company_id,
            key=request.key,
            request_hash=idempotency.request_hash(asked),
            fn=lambda: json.loads(_json(adapter, use_case())),
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
    return frozenset() if parameter is None else frozenset(parameter.annotation.__origin__.model_fields)


def refuse_unknown_parameters(request: HttpRequest, known: frozenset[str]) -> None:
    """A mistyped `as_off` must not silently answer for today."""
    unknown = sorted(set(request.GET) - known)
    if unknown:
        right = (
            say("This address knows: {names}.", names=", ".join(sorted(known)))
            if known
            else say("This address knows none.")
        )
        problems = [
            Problem(name[:100], "unknown", say("There is no such parameter. {right}", right=right))
            for name in unknown[:20]
        ]
        raise ApiError("invalid", *problems)
