"""Mappings: checked, and kept under a name."""

import json
from collections.abc import Mapping
from typing import Any

from wherewithal.core.words import say
from wherewithal.feeds import queries
from wherewithal.feeds.kinds import KINDS
from wherewithal.feeds.mapping import parse_mapping
from wherewithal.feeds.work import Kind
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, Refused

LONGEST_NAME = 100
LONGEST_MAPPING = 100_000


def save_mapping(
    *, company_id: int, actor_id: int | None, name: str, kind: str, definition: Mapping[str, Any]
) -> int:
    """Keep a mapping under a name, or change the one of that name."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        check_mapping(company_id, kind, definition)
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            message = say(
                "A mapping has a name of 1 to {longest_name} characters.", longest_name=LONGEST_NAME
            )
            raise Refused(Problem("name", "name_form", message, value=name[:40]))
        known = queries.mapping_by_name(company_id, name)
        if known is not None and known["kind"] != kind:
            message = say(
                "{name} is a mapping of kind {kind}: choose another name.", name=name, kind=known["kind"]
            )
            raise Refused(Problem("name", "unique", message, value=name))
        row = db.fetch_one(
            """
            INSERT INTO feeds_mapping (company_id, name, kind, definition) VALUES (%s, %s, %s, %s::jsonb)
            ON CONFLICT (company_id, name) DO UPDATE SET definition = excluded.definition, changed_at = now()
            RETURNING id
            """,
            (company_id, name, kind, json.dumps(definition)),
        )
        assert row is not None
        return int(row[0])


def delete_mapping(*, company_id: int, actor_id: int | None, name: str) -> None:
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        if not db.execute(
            "DELETE FROM feeds_mapping WHERE company_id = %s AND name = %s", (company_id, name)
        ):
            raise NotFound(
                Problem("name", "exists", say("There is no mapping {name}.", name=name), value=name)
            )


def check_mapping(company_id: int, kind: str, definition: Mapping[str, Any]) -> None:
    """Refused with everything that is wrong in the mapping. Inside a transaction."""
    found = kind_named(kind)
    if len(json.dumps(definition, default=str)) > LONGEST_MAPPING:
        raise Refused(Problem("mapping", "too_long", say("The mapping is too long.")))
    mapping = parse_mapping(definition, found.fields, queries.company_facts(company_id)[1])
    wrong = [rule for rule in mapping.rules if rule.outcome not in found.outcomes]
    if wrong:
        known = ", ".join(found.outcomes) or "none: this kind takes no rules"
        message = say(
            "Rule {wrong_number} decides {outcome}; known are: {known}.",
            wrong_number=wrong[0].number,
            outcome=wrong[0].outcome,
            known=known,
        )
        raise Refused(Problem("mapping.rules", "known", message, value=wrong[0].outcome))


def kind_named(kind: str) -> Kind:
    """The kind of that name; Refused where there is none."""
    if kind not in KINDS:
        message = say("There is no import of kind {kind}. Known: {kinds}.", kind=kind, kinds=", ".join(KINDS))
        raise Refused(Problem("kind", "known", message, value=kind))
    return KINDS[kind]
