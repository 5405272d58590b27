"""Categories and units: what items are sorted into and counted in."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from wherewithal.core.words import say
from wherewithal.items import queries
from wherewithal.items.attributes import conflicts, parse_specs
from wherewithal.items.texts import LONGEST_NAME, code_problem, text_problem
from wherewithal.items.units import STANDARD_UNITS
from wherewithal.items.values import CategoryDraft, UnitDraft
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, Refused

CATEGORY_COLUMNS = (
    ("id", "int"),
    ("company_id", "int"),
    ("parent_id", "int"),
    ("code", "text"),
    ("name", "text"),
    ("attributes_schema", "jsonb"),
)
UNIT_COLUMNS = (("id", "int"), ("company_id", "int"), ("code", "text"), ("name", "text"))
ROOT_CATEGORY = CategoryDraft(code="all", name="All items")


def create_category(
    *,
    company_id: int,
    actor_id: int | None,
    code: str,
    name: str,
    parent_code: str | None = None,
    attributes: Sequence[Mapping[str, Any]] = (),
) -> int:
    draft = CategoryDraft(code, name, parent_code, attributes)
    return create_categories(company_id=company_id, actor_id=actor_id, categories=[draft])[0]


def create_categories(
    *, company_id: int, actor_id: int | None, categories: Sequence[CategoryDraft]
) -> list[int]:
    """New nodes of the tree, all or none; a parent comes before its children or is there already."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        known = queries.category_ids(company_id)
        problems = _category_problems(company_id, categories, known)
        if problems:
            raise Refused(problems)
        ids = db.reserve_ids("items_category_id_seq", len(categories))
        known |= {draft.code: new_id for draft, new_id in zip(categories, ids, strict=True)}
        rows = [
            (new_id, company_id, known.get(d.parent_code or ""), d.code, d.name.strip(), _schema(d))
            for d, new_id in zip(categories, ids, strict=True)
        ]
        db.insert_rows("items_category", CATEGORY_COLUMNS, rows)
    return ids


def _schema(draft: CategoryDraft) -> list[dict[str, Any]]:
    specs, _ = parse_specs(draft.attributes)
    return [spec.as_json() for spec in specs.values()]


def _category_problems(
    company_id: int, drafts: Sequence[CategoryDraft], known: Mapping[str, int]
) -> list[Problem]:
    problems: list[Problem] = []
    seen = set(known)
    specs_of = queries.attribute_specs_by_category(company_id)
    for row, draft in enumerate(drafts):
        found = [
            code_problem("code", draft.code, row=row),
            text_problem("name", draft.name, LONGEST_NAME, row=row),
        ]
        problems.extend(problem for problem in found if problem)
        if draft.code in seen:
            message = say("There is a category {draft_code} already.", draft_code=draft.code)
            problems.append(Problem("code", "unique", message, row=row, value=draft.code))
        if draft.parent_code is not None and draft.parent_code not in seen:
            message = say(
                "There is no category {parent_code}: create the parent first.", parent_code=draft.parent_code
            )
            problems.append(Problem("parent_code", "exists", message, row=row, value=draft.parent_code))
        own, wrong = parse_specs(draft.attributes)
        inherited = specs_of.get(draft.parent_code or "", {})
        problems.extend(wrong + conflicts(inherited, own))
        specs_of[draft.code] = inherited | own
        seen.add(draft.code)
    return problems


def update_category(
    *,
    company_id: int,
    actor_id: int | None,
    category_id: int,
    code: str | None = None,
    name: str | None = None,
    attributes: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Rename a category or change what it declares. Its place in the tree is fixed: costing policies and accounts
    are inherited along it, so moving a branch would silently re-cost what lies below."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        current = queries.get_category(company_id, category_id, for_update=True)
        if current is None:
            raise NotFound(
                Problem("category_id", "exists", say("There is no such category."), value=str(category_id))
            )
        new_code = current["code"] if code is None else code
        new_name = current["name"] if name is None else name.strip()
        found = [code_problem("code", new_code), text_problem("name", new_name, LONGEST_NAME)]
        problems = [problem for problem in found if problem]
        if new_code != current["code"] and new_code in queries.category_ids(company_id):
            problems.append(
                Problem(
                    "code",
                    "unique",
                    say("There is a category {new_code} already.", new_code=new_code),
                    value=new_code,
                )
            )
        schema = current["attributes_schema"]
        if attributes is not None:
            schema, wrong = _changed_schema(company_id, category_id, attributes, schema)
            problems.extend(wrong)
        if problems:
            raise Refused(problems)
        db.execute(
            "UPDATE items_category SET code = %s, name = %s, attributes_schema = %s WHERE company_id = %s AND id = %s",
            (new_code, new_name, json.dumps(schema), company_id, category_id),
        )


def _changed_schema(
    company_id: int,
    category_id: int,
    declared: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]],
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The new declarations; an attribute that items already carry keeps its type and stays declared."""
    own, problems = parse_specs(declared)
    old, _ = parse_specs(before)
    parent_specs = queries.inherited_specs(company_id, category_id)
    problems.extend(conflicts(parent_specs, own))
    touched = [code for code, spec in old.items() if code not in own or own[code].type != spec.type]
    for code in queries.attributes_in_use(company_id, category_id, touched):
        message = say(
            "Items carry a value of {code}: it can neither be removed nor change its type.", code=code
        )
        problems.append(Problem(f"attributes.{code}", "attribute_in_use", message, value=code))
    return [spec.as_json() for spec in own.values()], problems


def create_unit(*, company_id: int, actor_id: int | None, code: str, name: str) -> int:
    return create_units(company_id=company_id, actor_id=actor_id, units=[UnitDraft(code, name)])[0]


def create_units(*, company_id: int, actor_id: int | None, units: Sequence[UnitDraft]) -> list[int]:
    """New units of measure, all or none."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        seen = set(queries.unit_ids(company_id))
        problems: list[Problem] = []
        for row, unit in enumerate(units):
            found = [
                code_problem("code", unit.code, row=row),
                text_problem("name", unit.name, LONGEST_NAME, row=row),
            ]
            problems.extend(problem for problem in found if problem)
            if unit.code in seen:
                message = say("There is a unit {unit_code} already.", unit_code=unit.code)
                problems.append(Problem("code", "unique", message, row=row, value=unit.code))
            seen.add(unit.code)
        if problems:
            raise Refused(problems)
        return insert_units(company_id, units)


def insert_units(company_id: int, units: Sequence[UnitDraft]) -> list[int]:
    """Verb: write units already checked."""
    ids = db.reserve_ids("items_unit_id_seq", len(units))
    rows = [(new_id, company_id, u.code, u.name.strip()) for new_id, u in zip(ids, units, strict=True)]
    db.insert_rows("items_unit", UNIT_COLUMNS, rows)
    return ids


def with_standard_units(company_id: int, wanted: set[str]) -> dict[str, int]:
    """Verb: all units by code; a standard unit that is wanted for the first time is added on the way."""
    known = queries.unit_ids(company_id)
    missing = [code for code in sorted(wanted - set(known)) if code in STANDARD_UNITS]
    if missing:
        drafts = [UnitDraft(code, STANDARD_UNITS[code].name) for code in missing]
        known |= dict(zip(missing, insert_units(company_id, drafts), strict=True))
    return known


def with_root_category(company_id: int, wanted: bool) -> dict[str, int]:
    """Verb: all categories by code; items without one go to the root `all`, which is made when first needed."""
    known = queries.category_ids(company_id)
    if wanted and ROOT_CATEGORY.code not in known:
        new_id = db.reserve_ids("items_category_id_seq", 1)[0]
        row: tuple[Any, ...] = (new_id, company_id, None, ROOT_CATEGORY.code, ROOT_CATEGORY.name, [])
        db.insert_rows("items_category", CATEGORY_COLUMNS, [row])
        known |= {ROOT_CATEGORY.code: new_id}
    return known
