"""The OpenAPI 3.1 document: what django-ninja derives from the types, completed by what it cannot know."""

import functools
import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from wherewithal.api.problems import KINDS, MEDIA_TYPE, Kind
from wherewithal.api.tokens import KEY_HEADER, KEY_PATTERN

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:wherewithal:problem:refused"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, in a sentence."},
        "errors": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/ProblemError"},
        },
        "hint": {"type": "string", "description": "What may help."},
    },
}
ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "One thing that is wrong.",
    "required": ["field", "rule", "message", "row"],
    "properties": {
        "field": {
            "type": "string",
            "description": "The field as the caller named it; 'body' for the whole body, '' for the whole request.",
        },
        "rule": {"type": "string", "description": "A short stable word for programs."},
        "message": {"type": "string", "description": "What would be right, for people."},
        "row": {"type": ["integer", "null"], "description": "The place in a batch, counted from 0."},
    },
}
KEY_PARAMETER: dict[str, Any] = {
    "name": KEY_HEADER,
    "in": "header",
    "required": True,
    "description": "The caller's own name for this write. The same key with the same request gives the first answer "
    "again and writes nothing; with another request it is refused (409).",
    "schema": {"type": "string", "pattern": KEY_PATTERN, "examples": ["delivery-4711"]},
}
COMMON_HEADERS = {
    "unauthorized": {"WWW-Authenticate": {"schema": {"type": "string"}}},
    "unavailable": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}},
    "method_not_allowed": {"Allow": {"schema": {"type": "string"}}},
}


def document(api: NinjaAPI, tags: list[tuple[str, str]]) -> dict[str, Any]:
    """The whole document as plain JSON values."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
    components = found["components"]
    components["schemas"] |= {"Problem": PROBLEM_SCHEMA, "ProblemError": ERROR_SCHEMA}
    components["responses"] = {kind.code: _problem_response(kind) for kind in KINDS.values()}
    components["parameters"] = {"IdempotencyKey": KEY_PARAMETER}
    found["tags"] = [{"name": name, "description": meaning} for name, meaning in tags]
    for operations in found["paths"].values():
        for operation in operations.values():
            _complete(operation)
    _prune(found)
    return found


def _problem_response(kind: Kind) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": f"{kind.title}. {kind.meaning}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if kind.code in COMMON_HEADERS:
        answer["headers"] = COMMON_HEADERS[kind.code]
    return answer


def _complete(operation: dict[str, Any]) -> None:
    """Refusals by status, the idempotency key, the example and the permission of one operation."""
    codes = operation.pop("x-problems")
    for status, response in _responses(codes).items():
        operation["responses"].setdefault(status, response)
    if operation.pop("x-writes"):
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    _complete_body(operation)
    for parameter in operation.get("parameters", ()):
        _without_null(parameter.get("schema", {}))
        if "examples" in parameter:  # a schema has a list of them, a parameter one
            parameter["example"] = parameter.pop("examples")[0]
    _describe(operation)
    for status in operation["responses"]:
        if status.startswith("2"):
            operation["responses"][status]["description"] = HTTPStatus(int(status)).phrase


def _complete_body(operation: dict[str, Any]) -> None:
    """The body's media type and example, and the schemas that are not derived from types."""
    media_type, example = operation.pop("x-media-type"), operation.pop("x-example")
    schemas = operation.pop("x-schemas") or {}
    if media_type is not None:
        body = operation.setdefault("requestBody", {"required": True, "content": {}})["content"]
        schema = schemas.get("body") or body["application/json"]["schema"]
        operation["requestBody"]["content"] = {media_type: {"schema": schema}}
        if example is not None:
            operation["requestBody"]["content"][media_type]["example"] = example
    files = operation.pop("x-files")
    if files:
        form = {"type": "string", "format": "binary"}
        operation["responses"]["200"]["content"] = {
            file.partition(";")[0]: {"schema": form} for file in files
        }
    if "answer" in schemas:
        operation["responses"]["200"]["content"] = {"application/json": {"schema": schemas["answer"]}}


def _without_null(schema: dict[str, Any]) -> None:
    """A parameter that may be left out is not null: an address has no way to say so."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema |= kinds[0]


def _describe(operation: dict[str, Any]) -> None:
    """The words after the summary, and the permission."""
    parts = [operation.pop("description", "").partition("\n")[2].strip()]
    needed = operation.pop("x-permission")
    if needed is None:
        parts.append("Any valid token will do.")
    else:
        operation["x-permissions"] = [needed] if isinstance(needed, str) else list(needed)
        words = " or ".join(f"`{permission}`" for permission in operation["x-permissions"])
        parts.append(f"Needs the permission {words}.")
    operation["description"] = "\n\n".join(part for part in parts if part)


def _prune(found: dict[str, Any]) -> None:
    """Leave out the forms that nothing refers to: those of parameters were spelled out where they stand."""
    schemas = found["components"]["schemas"]
    used: set[str] = set()
    waiting = _references({name: part for name, part in found.items() if name != "components"})
    waiting |= _references(found["components"]["responses"])
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting |= _references(schemas[name])
    found["components"]["schemas"] = {name: schemas[name] for name in sorted(used)}


def _references(part: object) -> set[str]:
    if isinstance(part, dict):
        prefix = "#/components/schemas/"
        own = {value.removeprefix(prefix) for key, value in part.items() if key == "$ref" and prefix in value}
        return own.union(*(_references(value) for value in part.values()))
    if isinstance(part, list):
        return set().union(*(_references(value) for value in part))
    return set()


def _responses(codes: list[str]) -> dict[str, Any]:
    """By status; `invalid` and `refused` share theirs."""
    return {
        str(KINDS[code].status): {
            "$ref": f"#/components/responses/{'refused' if code == 'invalid' else code}"
        }
        for code in codes
    }


def view(api: NinjaAPI, tags: list[tuple[str, str]]) -> Any:
    """The document as a page, made once per process."""

    @functools.cache
    def content() -> bytes:
        return json.dumps(document(api, tags), ensure_ascii=False, separators=(",", ":")).encode()

    def openapi(request: HttpRequest) -> HttpResponse:
        return HttpResponse(content(), content_type="application/json")

    return openapi
