"""New assets: checked, numbered, written as masters, with the terms each book begins to read them by."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg

from wherewithal.assets.services.context import BookFacts, ClassFacts, Context
from wherewithal.assets.services.planning import members_of
from wherewithal.assets.terms import canonical, problems_of
from wherewithal.assets.values import NEVER_DEPRECIATED, AssetDraft
from wherewithal.core.words import say
from wherewithal.items import attributes
from wherewithal.items import queries as items_queries
from wherewithal.items.texts import LONGEST_CODE, LONGEST_NAME, note_problem, text_problem
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, Problem, Refused
from wherewithal.kit.sequences import next_numbers

NOT_DEPRECIATED = canonical({"method": "none"})
COLUMNS = (
    ("id", "bigint"),
    ("company_id", "int"),
    ("tag", "text"),
    ("name", "text"),
    ("class_id", "int"),
    ("parent_id", "bigint"),
    ("item_id", "int"),
    ("lot_id", "bigint"),
    ("serial_no", "text"),
    ("qty", "int"),
    ("supplier_id", "int"),
    ("purchase_reference", "text"),
    ("warranty_until", "date"),
    ("insured_until", "date"),
    ("insurance_reference", "text"),
    ("attributes", "jsonb"),
    ("note", "text"),
    ("location_id", "int"),
    ("custodian_party_id", "int"),
    ("custodian_user_id", "bigint"),
    ("cost_centre_id", "int"),
)
ASSET_BOOK_COLUMNS = (
    ("company_id", "int"),
    ("asset_id", "bigint"),
    ("book_id", "int"),
    ("terms_id", "bigint"),
)
TEXTS = ("serial_no", "purchase_reference", "insurance_reference")


def insert_assets(context: Context, drafts: Sequence[AssetDraft]) -> list[int]:
    """Write new assets and their terms; their ids. Raises Refused with every fault of every draft."""
    if not drafts:
        return []
    company_id = context.company_id
    kept, problems = _checked(context, drafts)
    parents = _parents(company_id, drafts)
    known = {draft.tag for draft in drafts if draft.tag}
    for number, draft in enumerate(drafts):
        if draft.parent_tag and draft.parent_tag not in parents and draft.parent_tag not in known:
            message = say(
                "There is no asset {parent_tag}: register the whole before its parts.",
                parent_tag=draft.parent_tag,
            )
            problems.append(Problem("parent_tag", "exists", message, _row(draft, number), draft.parent_tag))
    if problems:
        raise Refused(problems)
    _refuse_taken_tags(company_id, drafts)
    tags = _tags(context, drafts)
    ids = db.reserve_ids("assets_asset_id_seq", len(drafts))
    parents |= dict(zip(tags, ids, strict=True))
    rows = [
        _asset_row(context, draft, asset_id, tag, parents, values)
        for draft, asset_id, tag, values in zip(drafts, ids, tags, kept, strict=True)
    ]
    try:
        db.insert_rows("assets_asset", COLUMNS, rows)
    except psycopg.Error as error:
        raise refusal_of(error) from error
    put_terms(context, dict(zip(ids, drafts, strict=True)))
    return ids


def _refuse_taken_tags(company_id: int, drafts: Sequence[AssetDraft]) -> None:
    rows = {draft.tag: _row(draft, number) for number, draft in enumerate(drafts) if draft.tag}
    if not rows:
        return
    taken = db.fetch_all(
        "SELECT tag, name FROM assets_asset WHERE company_id = %s AND tag = ANY (%s) ORDER BY tag",
        (company_id, sorted(rows)),
    )
    problems = [
        Problem(
            "tag",
            "unique",
            say(
                "The asset {tag} is there already ({name}): choose another tag, or give that asset another one.",
                tag=tag,
                name=name,
            ),
            rows[tag],
            tag,
        )
        for tag, name in taken
    ]
    if problems:
        raise Conflict(problems)


def refusal_of(error: psycopg.Error) -> BaseException:
    """What the database refused, in words; the error itself where it is not of a kind that a user can mend."""
    name = error.diag.constraint_name or ""
    if isinstance(error, psycopg.errors.UniqueViolation) and name == "assets_asset_tag_key":
        return Conflict(Problem("tag", "unique", say("Another asset has this tag.")))
    if error.sqlstate == "WH301":
        return Refused(
            Problem(
                "parent_tag",
                "tree",
                say("{message_primary}: choose another whole.", message_primary=error.diag.message_primary),
            )
        )
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        for field in ("supplier", "custodian", "location", "cost_centre", "item", "lot", "parent", "class"):
            if field in name:
                return Refused(
                    Problem(
                        f"{field}_id",
                        "exists",
                        say("Name a {field} of this company.", field=field.replace("_", " ")),
                    )
                )
    return error


def _row(draft: AssetDraft, number: int) -> int:
    return number if draft.row is None else draft.row


def _checked(context: Context, drafts: Sequence[AssetDraft]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The attributes of each draft as they are kept, and everything that is wrong."""
    specs_by_id = _specs_by_category(context)
    named = any(draft.custodian_user_id is not None for draft in drafts)
    members = members_of(context.company_id) if named else frozenset()
    problems: list[Problem] = []
    kept: list[dict[str, Any]] = []
    tags: set[str] = set()
    for number, draft in enumerate(drafts):
        row = _row(draft, number)
        problems += _text_problems(draft, row)
        if draft.custodian_user_id is not None and draft.custodian_user_id not in members:
            message = say("Name a member of this company.")
            problems.append(
                Problem("custodian_user_id", "exists", message, row, str(draft.custodian_user_id))
            )
        if draft.tag:
            if draft.tag in tags:
                problems.append(
                    Problem("tag", "unique", say("Two new assets have this tag."), row, draft.tag)
                )
            tags.add(draft.tag)
        known = context.classes.get(context.class_ids.get(draft.class_code, 0))
        if known is None or not known.active:
            message = say("There is no class {class_code} in use.", class_code=draft.class_code)
            problems.append(Problem("class_code", "exists", message, row, draft.class_code))
            kept.append({})
            continue
        problems += _required_problems(known, draft, row)
        problems += _terms_problems(context, known, draft, row)
        specs = specs_by_id.get(known.category_path[0], {})
        values, wrong = attributes.check_values(specs, draft.attributes, row=row)
        kept.append(values)
        problems += wrong
    return kept, problems


def _specs_by_category(context: Context) -> dict[int, Mapping[str, attributes.AttributeSpec]]:
    by_code = items_queries.attribute_specs_by_category(context.company_id)
    ids = items_queries.category_ids(context.company_id)
    return {ids[code]: specs for code, specs in by_code.items()}


def _text_problems(draft: AssetDraft, row: int) -> list[Problem]:
    found = [
        text_problem("name", draft.name, LONGEST_NAME, row=row),
        note_problem("note", draft.note, row=row),
    ]
    found += [
        text_problem(name, getattr(draft, name), LONGEST_NAME, row=row, required=False) for name in TEXTS
    ]
    if draft.tag is not None:
        found.append(text_problem("tag", draft.tag, LONGEST_CODE, row=row))
    if not 1 <= draft.qty < 2**31:
        found.append(
            Problem("qty", "positive", say("An asset stands for one unit or more."), row, str(draft.qty))
        )
    if draft.custodian_party_id and draft.custodian_user_id:
        found.append(Problem("custodian_user_id", "one_of", say("Name a party or a user, not both."), row))
    return [problem for problem in found if problem]


def _required_problems(known: ClassFacts, draft: AssetDraft, row: int) -> list[Problem]:
    custodian = draft.custodian_party_id or draft.custodian_user_id
    return [
        Problem(
            name,
            "required",
            say(
                "The class {known_code} asks for {name}.", known_code=known.code, name=name.replace("_", " ")
            ),
            row,
        )
        for name in known.required
        if not (custodian if name == "custodian" else getattr(draft, name))
    ]


def _terms_problems(context: Context, known: ClassFacts, draft: AssetDraft, row: int) -> list[Problem]:
    problems: list[Problem] = []
    for code, given in draft.terms.items():
        name = f"terms.{code}" if code else "terms"
        if code and code not in context.book_ids:
            message = say(
                "There is no book {code}. There are: {book_ids}.",
                code=code,
                book_ids=", ".join(context.book_ids),
            )
            problems.append(Problem("terms", "book", message, row, code))
        if known.kind in NEVER_DEPRECIATED and given.get("method", "none") != "none":
            message = say(
                "An asset of the class {known_code} ({known_kind}) is never depreciated.",
                known_code=known.code,
                known_kind=known.kind,
            )
            problems.append(Problem(f"{name}.method", "none", message, row, str(given.get("method"))))
        laid_over = {**given} if "method" in given or "pack" in given else {"method": "none", **given}
        problems += problems_of(laid_over, field_name=name, row=row)
    return problems


def _parents(company_id: int, drafts: Sequence[AssetDraft]) -> dict[str, int]:
    wanted = sorted({draft.parent_tag for draft in drafts if draft.parent_tag})
    if not wanted:
        return {}
    rows = db.fetch_all(
        "SELECT tag, id FROM assets_asset WHERE company_id = %s AND tag = ANY (%s)", (company_id, wanted)
    )
    return dict(rows)


def _tags(context: Context, drafts: Sequence[AssetDraft]) -> list[str]:
    """The tags as given, and the next numbers of their classes for those that have none."""
    wanting: dict[int, list[int]] = {}
    tags = [draft.tag or "" for draft in drafts]
    for number, draft in enumerate(drafts):
        if not draft.tag:
            wanting.setdefault(context.class_ids[draft.class_code], []).append(number)
    given = set(tags)
    for class_id, positions in sorted(wanting.items()):
        known = context.classes[class_id]
        fresh = _next_tags(context.company_id, known, len(positions), given)
        for position, tag in zip(positions, fresh, strict=True):
            tags[position] = tag
    return tags


def _next_tags(company_id: int, known: ClassFacts, count: int, given: Iterable[str]) -> list[str]:
    """The next free tags of a class: numbers that somebody has used by hand are passed over."""
    found: list[str] = []
    taken = set(given)
    while len(found) < count:
        numbers = next_numbers(
            company_id=company_id, series=f"asset-tag-{known.class_id}", count=count - len(found)
        )
        fresh = [f"{known.tag_prefix}{number:0{known.tag_digits}d}" for number in numbers]
        rows = db.fetch_all(
            "SELECT tag FROM assets_asset WHERE company_id = %s AND tag = ANY (%s)", (company_id, fresh)
        )
        used = taken | {row[0] for row in rows}
        found += [tag for tag in fresh if tag not in used]
    return found


def _asset_row(
    context: Context,
    draft: AssetDraft,
    asset_id: int,
    tag: str,
    parents: Mapping[str, int],
    values: Mapping[str, Any],
) -> tuple[object, ...]:
    return (
        asset_id,
        context.company_id,
        tag,
        draft.name.strip(),
        context.class_ids[draft.class_code],
        parents[draft.parent_tag] if draft.parent_tag else None,
        draft.item_id,
        draft.lot_id,
        draft.serial_no.strip(),
        draft.qty,
        draft.supplier_id,
        draft.purchase_reference,
        draft.warranty_until,
        draft.insured_until,
        draft.insurance_reference,
        json.dumps(values),
        draft.note,
        draft.location_id,
        draft.custodian_party_id,
        draft.custodian_user_id,
        draft.cost_centre_id,
    )


# --- terms --------------------------------------------------------------------------------------------------------


def put_terms(
    context: Context, drafts: Mapping[int, AssetDraft], book_ids: Sequence[int] | None = None
) -> None:
    """How each book begins to read the new assets: what the draft says, over what the class says."""
    defaults = class_defaults(context.company_id)
    texts: dict[tuple[int, int], str] = {}
    for asset_id, draft in drafts.items():
        class_id = context.class_ids[draft.class_code]
        for book in context.books:
            if book_ids is None or book.book_id in book_ids:
                own = {**draft.terms.get("", {}), **draft.terms.get(book.code, {})}
                texts[asset_id, book.book_id] = _laid_over(context, defaults, class_id, book.book_id, own)
    ids = intern_terms(context.company_id, set(texts.values()))
    db.insert_rows(
        "assets_asset_book",
        ASSET_BOOK_COLUMNS,
        [(context.company_id, asset_id, book_id, ids[text]) for (asset_id, book_id), text in texts.items()],
    )


def fill_terms(context: Context, book: BookFacts) -> None:
    """Terms of a book that was added later, for every asset that has none in it: those of its class."""
    defaults = class_defaults(context.company_id)
    wanting = db.fetch_all(
        "SELECT a.id, a.class_id FROM assets_asset a WHERE a.company_id = %(company)s AND NOT EXISTS ("
        "SELECT 1 FROM assets_asset_book x WHERE x.company_id = a.company_id AND x.asset_id = a.id"
        " AND x.book_id = %(book)s)",
        {"company": context.company_id, "book": book.book_id},
    )
    texts = {
        class_id: _laid_over(context, defaults, class_id, book.book_id, {})
        for class_id in {row[1] for row in wanting}
    }
    ids = intern_terms(context.company_id, set(texts.values()))
    db.insert_rows(
        "assets_asset_book",
        ASSET_BOOK_COLUMNS,
        [
            (context.company_id, asset_id, book.book_id, ids[texts[class_id]])
            for asset_id, class_id in wanting
        ],
    )


def _laid_over(
    context: Context,
    defaults: Mapping[tuple[int, int | None], Mapping[str, Any]],
    class_id: int,
    book_id: int,
    own: Mapping[str, Any],
) -> str:
    if context.classes[class_id].kind in NEVER_DEPRECIATED:
        return NOT_DEPRECIATED
    basis = defaults.get((class_id, book_id)) or defaults.get((class_id, None)) or {"method": "none"}
    if "pack" in own or ("method" in own and "pack" in basis):
        basis = {}
    text = canonical({**basis, **own})
    problems = problems_of(json.loads(text))
    if problems:
        raise Refused(problems)
    return text


def class_defaults(company_id: int) -> dict[tuple[int, int | None], Mapping[str, Any]]:
    """The default terms of each class and book (None: any other book), as recorded last."""
    rows = db.fetch_all(
        "SELECT DISTINCT ON (class_id, book_id) class_id, book_id, terms FROM assets_class_terms"
        " WHERE company_id = %s ORDER BY class_id, book_id, recorded_at DESC, class_terms_id DESC",
        (company_id,),
    )
    return {(class_id, book_id): terms for class_id, book_id, terms in rows}


def intern_terms(company_id: int, texts: Iterable[str]) -> dict[str, int]:
    """The id of each text, kept once."""
    hashes = {hashlib.sha256(text.encode()).digest(): text for text in texts}
    if not hashes:
        return {}
    db.execute(
        "INSERT INTO assets_terms (company_id, hash, terms) SELECT %s, h, t FROM unnest(%s::bytea[], %s::jsonb[])"
        " AS u (h, t) ON CONFLICT DO NOTHING",
        (company_id, list(hashes), list(hashes.values())),
    )
    rows = db.fetch_all(
        "SELECT hash, terms_id FROM assets_terms WHERE company_id = %s AND hash = ANY (%s)",
        (company_id, list(hashes)),
    )
    return {hashes[bytes(digest)]: terms_id for digest, terms_id in rows}
