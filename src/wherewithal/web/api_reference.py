"""The API's own description (OpenAPI) as pages show it: operations, their parameters, and bodies as rows of fields."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Node = Mapping[str, Any]
DEEPEST = 4
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a body or one parameter. `depth`: how many fields it lies in."""

    name: str
    type: str
    required: bool
    about: str
    depth: int = 0
    where: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    code: str
    about: str
    fields: tuple[FieldRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a program may ask for. `example` is a body in JSON; `takes`: the kind of body, if any."""

    name: str
    method: str
    path: str
    summary: str
    about: str = ""
    permissions: tuple[str, ...] = ()
    parameters: tuple[FieldRow, ...] = ()
    takes: str = ""
    body: tuple[FieldRow, ...] = ()
    example: str = ""
    answers: tuple[Answer, ...] = ()

    @property
    def writes(self) -> bool:
        return self.method not in ("GET", "HEAD")


class Reference:
    """The description, read once."""

    def __init__(self, described: Node):
        self._all = described

    def groups(self) -> list[tuple[str, list[Operation]]]:
        """The operations by subject, without their details."""
        found: dict[str, list[Operation]] = {}
        for path, method, said in self._said():
            short = Operation(said["operationId"], method.upper(), path, said.get("summary", ""))
            found.setdefault((said.get("tags") or [""])[0], []).append(short)
        return list(found.items())

    def operation(self, name: str) -> Operation | None:
        for path, method, said in self._said():
            if said["operationId"] == name:
                return self._whole(path, method.upper(), said)
        return None

    def _said(self) -> Iterator[tuple[str, str, Node]]:
        for path, methods in self._all.get("paths", {}).items():
            for method, said in methods.items():
                yield path, method, said

    def _whole(self, path: str, method: str, said: Node) -> Operation:
        content = self._met(said.get("requestBody", {})).get("content", {})
        takes = next(iter(content), "")
        body = content.get(takes, {})
        return Operation(
            name=said["operationId"],
            method=method,
            path=path,
            summary=said.get("summary", ""),
            about=said.get("description", ""),
            permissions=tuple(said.get("x-permissions", ())),
            parameters=tuple(self._parameter(self._met(one)) for one in said.get("parameters", ())),
            takes=takes,
            body=tuple(self._fields(body.get("schema", {}), 0)),
            example=json.dumps(body["example"], indent=2, ensure_ascii=False) if "example" in body else "",
            answers=tuple(self._answer(code, self._met(one)) for code, one in said["responses"].items()),
        )

    def _parameter(self, one: Node) -> FieldRow:
        schema = self._met(one.get("schema", {}))
        return FieldRow(
            one["name"],
            self._type(schema),
            bool(one.get("required")),
            one.get("description", ""),
            0,
            one["in"],
        )

    def _answer(self, code: str, one: Node) -> Answer:
        content: Node = next(iter(one.get("content", {}).values()), {})
        schema = content.get("schema", {})
        shown = tuple(self._fields(schema, 0)) if code.startswith("2") else ()
        return Answer(code, one.get("description", ""), shown)

    # --- schemas ------------------------------------------------------------------------------------------

    def _met(self, node: Node) -> Node:
        """What a reference refers to."""
        while "$ref" in node:
            target: Any = self._all
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def _bare(self, node: Node) -> Node:
        """Without the choice of null and without the wrapper that carries a description."""
        node = self._met(node)
        for key in ("anyOf", "allOf", "oneOf"):
            choices = [one for one in node.get(key, ()) if one.get("type") != "null"]
            if len(choices) == 1:
                return self._bare(choices[0])
        return node

    def _fields(self, node: Node, depth: int) -> Iterator[FieldRow]:
        node = self._bare(node)
        if node.get("type") == "array":
            yield from self._fields(node.get("items", {}), depth)
            return
        required = node.get("required", ())
        for name, given in node.get("properties", {}).items():
            about = given.get("description") or self._bare(given).get("description", "")
            yield FieldRow(name, self._type(given), name in required, about, depth)
            if depth + 1 < DEEPEST:
                yield from self._fields(given, depth + 1)

    def _type(self, node: Node) -> str:
        whole, node = self._met(node), self._bare(node)
        if "enum" in node:
            text = " | ".join(map(str, node["enum"]))
        elif "const" in node:
            text = str(node["const"])
        elif node.get("type") == "array":
            text = _("list of %(what)s") % {"what": self._type(node.get("items", {}))}
        elif any(key in node for key in ("anyOf", "oneOf")):
            parts = dict.fromkeys(
                self._type(one)
                for one in (*node.get("anyOf", ()), *node.get("oneOf", ()))
                if one.get("type") != "null"
            )
            text = " | ".join(parts)
        else:
            text = str(node.get("format") or node.get("type") or "")
        can_be_null = any(one.get("type") == "null" for one in whole.get("anyOf", ()))
        return f"{text} | null" if can_be_null else text
