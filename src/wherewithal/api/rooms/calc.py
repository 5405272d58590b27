"""Recomputing a figure for an auditor: a case in, an answer out, nothing stored."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from pydantic import RootModel

from wherewithal.api.door import JSON, Section
from wherewithal.api.tokens import Call
from wherewithal.core.calc.jsontext import dumps
from wherewithal.core.calc.kinds import KINDS, CalcKind
from wherewithal.core.calc.reading import CaseError
from wherewithal.kit.errors import Problem, Refused

section = Section("Calculations", "Figures recomputed by the same code as in the books, from a case alone.")


class Case(RootModel[dict[str, Any]]):
    """A case; its form is that of the kind of calculation."""


def embedded(schema: Mapping[str, Any]) -> Any:
    """A schema of its own, as a part of the OpenAPI document: no dialect, and its definitions in place."""
    definitions = schema.get("$defs", {})

    def inline(part: Any) -> Any:
        if isinstance(part, list | tuple):
            return [inline(each) for each in part]
        if not isinstance(part, Mapping):
            return part
        kept = {
            name: inline(value) for name, value in part.items() if name not in ("$schema", "$defs", "$ref")
        }
        if "$ref" in part:
            kept = {**inline(definitions[part["$ref"].removeprefix("#/$defs/")]), **kept}
        return kept

    return inline(schema)


def _register(name: str, kind: CalcKind) -> None:
    """An endpoint for a kind of calculation."""

    def calculate(request: Call, body: Case) -> HttpResponse:
        try:
            answer = kind.calculate(body.root)
        except CaseError as error:
            raise Refused(Problem(error.where, error.rule, error.message)) from error
        return HttpResponse(dumps(answer), content_type=JSON)

    calculate.__name__ = f"calc_{name}"
    calculate.__doc__ = f"{kind.summary}\n\n{kind.meaning} {_NUMBERS}"
    section.compute(
        f"/calc/{name}",
        answer=dict[str, Any],
        schemas={"body": embedded(kind.case_schema), "answer": embedded(kind.answer_schema)},
        example=kind.example,
    )(calculate)


_NUMBERS = "Numbers of a case may be JSON numbers or strings; those of the answer are JSON numbers, exact to the last digit."

for _name, _kind in KINDS.items():
    _register(_name, _kind)
