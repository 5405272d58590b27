"""The only writes of this room."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.parties import queries
from wherewithal.parties.checks import (
    compact_tax_id,
    country_problem,
    name_key,
    tax_id_problem,
    text_problems,
)
from wherewithal.parties.values import PartyDraft

LARGEST_BATCH = 100_000
COLUMNS = (
    ("id", "int"),
    ("company_id", "int"),
    ("code", "text"),
    ("name", "text"),
    ("name_key", "text"),
    ("is_supplier", "boolean"),
    ("is_customer", "boolean"),
    ("country", "text"),
    ("tax_id", "text"),
    ("email", "text"),
    ("phone", "text"),
    ("address", "text"),
    ("active", "boolean"),
)
CHANGEABLE = frozenset(field.name for field in fields(PartyDraft))


def create_party(*, company_id: int, actor_id: int | None, party: PartyDraft) -> int:
    return create_parties(company_id=company_id, actor_id=actor_id, parties=[party])[0]


def create_parties(*, company_id: int, actor_id: int | None, parties: Sequence[PartyDraft]) -> list[int]:
    """New suppliers and customers, all or none; their ids in the order given."""
    if len(parties) > LARGEST_BATCH:
        message = say(
            "{count} parties are too many for one batch; send at most {largest_batch} at a time.",
            count=len(parties),
            largest_batch=LARGEST_BATCH,
        )
        raise Refused(Problem("parties", "batch_size", message))
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        problems = check_drafts(company_id, parties)
        if problems:
            raise Refused(problems)
        ids = db.reserve_ids("parties_party_id_seq", len(parties))
        rows = [_row(company_id, i, party) for i, party in zip(ids, parties, strict=True)]
        db.insert_rows("parties_party", COLUMNS, rows)
    return ids


def check_drafts(company_id: int, parties: Sequence[PartyDraft]) -> list[Problem]:
    """Verb: everything that create_parties would refuse, without writing."""
    problems: list[Problem] = []
    seen = set(queries.party_ids(company_id, [party.code for party in parties if "\0" not in party.code]))
    for row, party in enumerate(parties):
        problems.extend(_own_problems(party, row))
        if party.code in seen:
            message = say("There is a party {party_code} already.", party_code=party.code)
            problems.append(Problem("code", "unique", message, row=row, value=party.code))
        seen.add(party.code)
    return problems


def _own_problems(party: PartyDraft, row: int | None) -> list[Problem]:
    problems = text_problems(party, row)
    found = [country_problem(party.country, row), tax_id_problem(party.country, party.tax_id, row)]
    problems.extend(problem for problem in found if problem)
    if not (party.is_supplier or party.is_customer):
        message = say("A party is a supplier, a customer, or both.")
        problems.append(Problem("is_supplier", "has_a_part", message, row=row))
    return problems


def _row(company_id: int, party_id: int, party: PartyDraft) -> tuple[Any, ...]:
    tax_id = compact_tax_id(party.country, party.tax_id) if party.tax_id else ""
    clean = replace(party, name=party.name.strip(), tax_id=tax_id or "")
    values = asdict(clean) | {"id": party_id, "company_id": company_id, "name_key": name_key(party.name)}
    return tuple(values[name] for name, _ in COLUMNS)


def update_party(*, company_id: int, actor_id: int | None, party_id: int, changes: Mapping[str, Any]) -> None:
    """Change the named columns of a party."""
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        raise Refused(
            Problem(
                unknown[0],
                "changeable",
                say("These cannot be changed: {unknown}.", unknown=", ".join(unknown)),
            )
        )
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        before = queries.get_party(company_id, party_id, for_update=True)
        if before is None:
            raise NotFound(Problem("party_id", "exists", say("There is no such party."), value=str(party_id)))
        party = PartyDraft(**({name: before[name] for name in CHANGEABLE} | dict(changes)))
        problems = _own_problems(party, None)
        if party.code != before["code"] and queries.party_ids(company_id, [party.code]):
            message = say("There is a party {party_code} already.", party_code=party.code)
            problems.append(Problem("code", "unique", message, value=party.code))
        if problems:
            raise Refused(problems)
        row = dict(zip((name for name, _ in COLUMNS), _row(company_id, party_id, party), strict=True))
        settable = [name for name, _ in COLUMNS if name not in ("id", "company_id")]
        assignments = ", ".join(f"{name} = %({name})s" for name in settable)
        db.execute(
            f"UPDATE parties_party SET {assignments} WHERE company_id = %(company_id)s AND id = %(id)s",  # noqa: S608
            row,
        )
