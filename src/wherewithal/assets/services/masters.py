"""Keeping an asset's master data: names, parts, papers. Its money, place and people change by events only."""

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from wherewithal.assets.services.registering import refusal_of
from wherewithal.core.words import say
from wherewithal.items import attributes as item_attributes
from wherewithal.items import queries as items_queries
from wherewithal.items.texts import LONGEST_CODE, LONGEST_NAME, note_problem, text_problem
from wherewithal.kit import db, files
from wherewithal.kit.errors import NotFound, Problem, Refused

MOST_PER_ASSET = 50
LINES = ("serial_no", "purchase_reference", "insurance_reference")
NOTHING: Any = object()
"""In place of None, where None means: take it away."""


def update_asset(
    *,
    company_id: int,
    actor_id: int | None,
    asset_id: int,
    tag: str | None = None,
    name: str | None = None,
    parent_id: int | None = NOTHING,
    item_id: int | None = NOTHING,
    lot_id: int | None = NOTHING,
    serial_no: str | None = None,
    supplier_id: int | None = NOTHING,
    purchase_reference: str | None = None,
    warranty_until: datetime.date | None = NOTHING,
    insured_until: datetime.date | None = NOTHING,
    insurance_reference: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    note: str | None = None,
) -> None:
    """Change what may change; what is not named stays as it is."""
    given: dict[str, Any] = {
        "tag": tag,
        "name": name and name.strip(),
        "serial_no": serial_no,
        "purchase_reference": purchase_reference,
        "insurance_reference": insurance_reference,
        "note": note,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    named = {
        "parent_id": parent_id,
        "item_id": item_id,
        "lot_id": lot_id,
        "supplier_id": supplier_id,
        "warranty_until": warranty_until,
        "insured_until": insured_until,
    }
    changes |= {key: value for key, value in named.items() if value is not NOTHING}
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        problems = _text_problems(changes)
        if attributes is not None:
            kept, wrong = _attributes(company_id, asset_id, attributes)
            problems += wrong
            changes["attributes"] = json.dumps(kept)
        if changes.get("parent_id") == asset_id:
            message = say("An asset is no part of itself: choose another whole, or none.")
            problems.append(Problem("parent_id", "tree", message, value=str(asset_id)))
        if problems:
            raise Refused(problems)
        if not changes:
            return
        columns = ", ".join(f"{column} = %s" for column in changes)
        try:
            changed = db.execute(
                f"UPDATE assets_asset SET {columns} WHERE company_id = %s AND id = %s",  # noqa: S608 - our names
                (*changes.values(), company_id, asset_id),
            )
        except psycopg.Error as error:
            found = refusal_of(error)
            if found is error:
                raise
            raise found from error
        if not changed:
            raise no_asset(asset_id)


def no_asset(asset_id: int) -> NotFound:
    return NotFound(Problem("asset_id", "exists", say("There is no such asset."), value=str(asset_id)))


def _text_problems(changes: Mapping[str, Any]) -> list[Problem]:
    found: list[Problem | None] = []
    if "tag" in changes:
        found.append(text_problem("tag", changes["tag"], LONGEST_CODE))
    if "name" in changes:
        found.append(text_problem("name", changes["name"], LONGEST_NAME))
    if "note" in changes:
        found.append(note_problem("note", changes["note"]))
    found += [
        text_problem(line, changes[line], LONGEST_NAME, required=False) for line in LINES if line in changes
    ]
    return [problem for problem in found if problem]


def _attributes(
    company_id: int, asset_id: int, values: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    row = db.fetch_one(
        "SELECT k.code FROM assets_asset a JOIN assets_class c ON c.company_id = a.company_id AND c.id = a.class_id"
        " JOIN items_category k ON k.company_id = c.company_id AND k.id = c.category_id"
        " WHERE a.company_id = %s AND a.id = %s",
        (company_id, asset_id),
    )
    if row is None:
        raise no_asset(asset_id)
    specs = items_queries.attribute_specs_by_category(company_id)[row[0]]
    return item_attributes.check_values(specs, values)


# --- pictures and documents ---------------------------------------------------------------------------------------


ATTACHMENT_COLUMNS = (
    ("company_id", "int"),
    ("asset_id", "bigint"),
    *files.FILE_COLUMNS,
)


def attach_file(
    *,
    company_id: int,
    actor_id: int | None,
    asset_id: int,
    folder: Path,
    name: str,
    content: bytes,
    title: str = "",
) -> int:
    """Keep a file with an asset; `folder` is where attachments lie. The same content twice is one attachment."""
    checked = files.check_file(content, name)
    problem = text_problem("title", title, LONGEST_NAME, required=False)
    if problem:
        raise Refused(problem)
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        there = db.fetch_one(
            "SELECT id FROM assets_asset WHERE company_id = %s AND id = %s FOR NO KEY UPDATE",
            (company_id, asset_id),
        )
        if there is None:
            raise no_asset(asset_id)
        present: dict[str, int] = dict(
            db.fetch_all(
                "SELECT sha256, id FROM assets_attachment WHERE company_id = %s AND asset_id = %s",
                (company_id, asset_id),
            )
        )
        if checked.sha256 in present:
            return int(present[checked.sha256])
        if len(present) >= MOST_PER_ASSET:
            raise Refused(
                Problem(
                    "file",
                    "file_count",
                    say("An asset has at most {most_per_asset} attachments.", most_per_asset=MOST_PER_ASSET),
                )
            )
        files.store(folder, checked.sha256, content)
        row = (company_id, asset_id, *files.file_row(checked, title))
        return int(db.insert_rows("assets_attachment", ATTACHMENT_COLUMNS, [row], returning="id")[0][0])


def remove_attachment(*, company_id: int, actor_id: int | None, attachment_id: int) -> None:
    """Take a file from an asset. The content stays on disk: another one, or a backup, may name it."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        gone = db.execute(
            "DELETE FROM assets_attachment WHERE company_id = %s AND id = %s", (company_id, attachment_id)
        )
        if not gone:
            message = say("There is no such file.")
            raise NotFound(Problem("attachment_id", "exists", message, value=str(attachment_id)))
