"""Every operation of the OpenAPI document, walked one by one, so that none can be forgotten.

Each is asked without a token, by the wrong role, with a token of too few scopes, with a bad body, without its key, and
for things of another company. What must not be written is counted in all tables.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.api.api_client import PROBLEM, Api, Firm, new_firm, new_key, role_without
from tests.api.description import DOCUMENT

from wherewithal.people.permissions import PERMISSIONS, ROLE_TITLES, roles_with

JSON = "application/json"
NOBODY = 2**31 - 1  # an id that is in range, and nobody's


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    details: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.details["operationId"])

    @property
    def permissions(self) -> list[str]:
        return list(self.details.get("x-permissions", []))

    @property
    def writes(self) -> bool:
        return {"$ref": "#/components/parameters/IdempotencyKey"} in self.details.get("parameters", [])

    @property
    def has_body(self) -> bool:
        return "requestBody" in self.details

    @property
    def media_type(self) -> str:
        return str(*self.details["requestBody"]["content"]) if self.has_body else JSON

    @property
    def example(self) -> Any:
        """The body shown in the document; for files, some file."""
        if not self.has_body:
            return None
        return self.details["requestBody"]["content"][self.media_type].get("example", b"sku,name\nA,Thing\n")

    @property
    def names_a_thing(self) -> bool:
        return "{" in self.path

    def address(self, number: int = NOBODY) -> str:
        """The path with this id in all places, and the parameters that must be given."""
        path = self.path.removeprefix("/api/v1")
        given = []
        for parameter in self.details.get("parameters", []):
            if parameter.get("in") == "path":
                path = path.replace(f"{{{parameter['name']}}}", str(number))
            elif parameter.get("in") == "query" and parameter["required"]:
                schema = parameter["schema"]
                value = "2026-03-31" if schema.get("format") == "date" else schema.get("enum", ["1"])[0]
                given.append(f"{parameter['name']}={value}")
        return path + ("?" + "&".join(given) if given else "")


def operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, details in methods.items():
            yield Operation(method.upper(), path, details)


ALL = list(operations())
every = pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
every_write = pytest.mark.parametrize(
    "operation", [o for o in ALL if o.writes], ids=lambda operation: operation.name
)
every_body = pytest.mark.parametrize(
    "operation", [o for o in ALL if o.has_body], ids=lambda operation: operation.name
)
every_json = pytest.mark.parametrize(
    "operation", [o for o in ALL if o.has_body and o.media_type == JSON], ids=lambda operation: operation.name
)
every_guarded = pytest.mark.parametrize(
    "operation", [o for o in ALL if o.permissions], ids=lambda operation: operation.name
)


def call(client: Api, operation: Operation, **changes: Any) -> Any:
    given = {
        "key": new_key() if operation.writes else None,
        "body": operation.example,
        "media_type": operation.media_type,
        **changes,
    }
    body = given.pop("body")
    return client.call(operation.method, given.pop("path", operation.address()), body, **given)


_firms: list[Firm] = []
_known: dict[
    int, dict[str, int]
] = {}  # what was counted last, by how many tokens there were: to make one writes


@contextlib.contextmanager
def nothing_written(firm: Firm) -> Iterator[None]:
    """What is asked meanwhile leaves each table as it was. Counted once from one such block to the next."""
    before = _known.pop(len(firm.tokens), None) or firm.rows()
    yield
    _known.clear()
    after = firm.rows()
    assert after == before
    _known[len(firm.tokens)] = after


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    """One company for all tests of this file: nothing here may change it, and nothing is flushed between tests."""
    if not _firms:
        _firms.append(new_firm())
    return _firms[0]


# --- the document itself ------------------------------------------------------------------------------------


def test_the_document_is_complete() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert len({operation.name for operation in ALL}) == len(ALL)
    known_tags = {tag["name"] for tag in DOCUMENT["tags"]}
    for operation in ALL:
        details = operation.details
        assert set(details["tags"]) <= known_tags, operation.name
        assert details["summary"], operation.name
        assert details["security"] == [{"BearerToken": []}], operation.name
        assert set(operation.permissions) <= set(PERMISSIONS), operation.name
        assert {"401", "422", "503"} <= set(details["responses"]), operation.name
        if operation.has_body and operation.media_type == JSON:
            assert "example" in details["requestBody"]["content"][JSON], operation.name
        assert operation.writes or operation.method in ("GET", "POST"), operation.name
    assert json.dumps(DOCUMENT).count("#/components/schemas/") > len(ALL)


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    for part in text.split('"$ref": "')[1:]:
        place: Any = DOCUMENT
        for step in part.split('"')[0].removeprefix("#/").split("/"):
            place = place[step]


# --- who may --------------------------------------------------------------------------------------------------


@every
def test_without_a_token_401_before_anything_is_read(operation: Operation, firm: Firm) -> None:
    with nothing_written(firm):
        for token in (None, "", "wh_1_x", f"wh_{firm.company_id}_{'A' * 43}", "Größe"):
            sent = {} if token is None else {"Authorization": f"Bearer {token}"}
            said = call(Api(None), operation, body=b"{no json", headers=sent)
            assert (said.status, said.media_type) == (401, PROBLEM)
            assert said.headers["WWW-Authenticate"].startswith("Bearer")
            assert said.fields == {"Authorization"}


@every_guarded
def test_the_wrong_role_403_naming_the_roles_that_may(operation: Operation, firm: Firm) -> None:
    role = role_without(operation.permissions)
    if role is None:  # everybody may read items: then a token with other scopes is the test, see below
        return
    client = firm.api(role)
    with nothing_written(firm):
        said = call(client, operation, body=b"{no json")
        assert (said.status, said.media_type, said.rules) == (403, PROBLEM, {"permission"})
        wanted = {ROLE_TITLES[may] for may in roles_with(operation.permissions[0])}
        assert all(title in said.body["detail"] for title in wanted)


@every_guarded
def test_a_token_without_the_scope_403(operation: Operation, firm: Firm) -> None:
    client = firm.api("administrator", set(PERMISSIONS) - set(operation.permissions))
    with nothing_written(firm):
        said = call(client, operation)
        assert (said.status, said.rules) == (403, {"permission"})
        assert "scope" in said.body["detail"]


# --- what is there ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "operation", [o for o in ALL if o.names_a_thing], ids=lambda operation: operation.name
)
def test_what_is_not_there_404(operation: Operation, api: Api, firm: Firm) -> None:
    with nothing_written(firm):
        said = call(api, operation)
        assert (said.status, said.media_type) == (404, PROBLEM)


@pytest.mark.parametrize(
    "operation", [o for o in ALL if o.names_a_thing], ids=lambda operation: operation.name
)
def test_an_address_that_is_no_address_is_refused(operation: Operation, api: Api) -> None:
    for number in ("0", "-1", "x", "1.5", "%00", "9" * 25, "1e3", "%F0%9F%98%80"):
        said = call(api, operation, path=operation.address().replace(str(NOBODY), number))
        assert (said.status, said.media_type) == (422, PROBLEM), number


# --- what is sent -------------------------------------------------------------------------------------------------


@every
def test_an_unknown_parameter_422(operation: Operation, api: Api, firm: Firm) -> None:
    with nothing_written(firm):
        path = operation.address()
        said = call(api, operation, path=f"{path}{'&' if '?' in path else '?'}as_off=2026-01-01")
        assert (said.status, said.fields) == (422, {"as_off"})


@every
def test_an_unknown_method_405_and_which_are_known(operation: Operation, api: Api) -> None:
    said = api.call("TRACE", operation.address())
    assert (said.status, said.media_type) == (405, PROBLEM)
    assert operation.method in said.headers["Allow"]


@every_write
def test_a_write_without_a_proper_key_400(operation: Operation, api: Api, firm: Firm) -> None:
    with nothing_written(firm):
        for key in (None, "", "ä", "a b", "x" * 256):
            said = call(api, operation, key=key)
            assert (said.status, said.media_type, said.fields) == (400, PROBLEM, {"Idempotency-Key"}), key


BAD_BODIES = {
    "nothing": (b"", "body"),
    "no json": (b"{no json", "body"),
    "not utf-8": (b'{"a": "\xff\xfe"}', "body"),
    "a number": (b"5", "body"),
    "null": (b"null", "body"),
    "a list": (b"[]", "body"),
    "deep": (b"[" * 100_000, "body"),
    "endless number": (b'{"a": 1' + b"0" * 5_000 + b"}", "body"),
    "not a number": (b'{"a": NaN}', "body"),
    "nul": (b'{"a": "\\u0000"}', "a"),
    "half a pair": (b'{"a": {"c": [{"b": "\\ud800"}]}}', "b"),
    "unknown field": (b'{"as_off": 1}', None),
    "huge exponent": (b'{"a": 1e999999999999}', None),
}
"""What is refused, and which field the refusal names; None: the operation's own."""


@every_json
def test_a_body_that_is_none_of_ours_is_refused(operation: Operation, api: Api, firm: Firm) -> None:
    with nothing_written(firm):
        for name, (body, field) in BAD_BODIES.items():
            said = call(api, operation, body=body)
            assert said.status in (400, 422), name
            assert said.media_type == PROBLEM, name
            assert field is None or said.fields == {field}, (name, said.body)


@every_body
def test_only_plain_bodies_of_bounded_size_is_read(operation: Operation, api: Api, firm: Firm) -> None:
    with nothing_written(firm):
        assert call(api, operation, media_type="text/xml").status == 415
        assert call(api, operation, media_type="application/x-www-form-urlencoded").status == 415
        assert call(api, operation, headers={"Content-Encoding": "gzip"}).status == 415
        assert call(api, operation, headers={"Content-Length": str(2**40)}).status == 413


@every_body
def test_the_example_has_the_right_form(operation: Operation, api: Api) -> None:
    """The things it names are not there; but nothing is wrong with how it is written."""
    _known.clear()  # some do write
    said = call(api, operation)
    assert said.status < 500
    assert said.status != 400
    assert said.body.get("type") != "urn:wherewithal:problem:invalid"
    assert str(said.status) in operation.details["responses"]


def test_an_address_that_does_not_exist_404(api: Api) -> None:
    for path in ("/nothing", "/items/1/nothing", "/", "", "/../v2/items", "/%00", "/openapi.json/x"):
        said = api.get(path)
        assert (said.status, said.media_type) == (404, PROBLEM), path
    assert api.client.get("/api").status_code == 404


def test_the_document_is_there_for_everybody() -> None:
    said = Api(None).get("/openapi.json")
    assert (said.status, said.media_type) == (200, JSON)
    assert said.body["info"]["title"] == "Wherewithal"


def test_an_answer_says_how_long_it_is(api: Api) -> None:
    said = api.get("/companies/me")
    assert int(said.headers["Content-Length"]) > 0
    assert "Set-Cookie" not in said.headers
    assert said.headers["X-Content-Type-Options"] == "nosniff"
