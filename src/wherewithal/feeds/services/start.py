"""Noting a file to be imported: kept under its content, known by file, mapping and mode."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wherewithal.core.words import say
from wherewithal.feeds import queries, reading
from wherewithal.feeds.mapping import digest
from wherewithal.feeds.services.mappings import check_mapping
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, Refused

MODES = ("all_or_nothing", "skip_bad_rows")
SILENT_SECONDS = 600  # an import that has written nothing for so long has lost its process


def start_import(
    *,
    company_id: int,
    actor_id: int | None,
    kind: str,
    file_name: str,
    content: Path,
    folder: Path,
    mapping: str | Mapping[str, Any] | None = None,
    mode: str = "all_or_nothing",
    dry_run: bool = False,
    options: Mapping[str, Any] | None = None,
) -> int:
    """Note a file to be imported; the import's id, which run_import takes. The same file with the same mapping and
    mode is the same import. `folder` is where uploads lie; `mapping` a saved name, an object, or nothing."""
    if mode not in MODES:
        raise Refused(
            Problem("mode", "choice", say("The mode is one of: {modes}.", modes=", ".join(MODES)), value=mode)
        )
    sha256, size = _keep(content, folder)
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        source, definition = _definition(company_id, kind, mapping, options)
        check_mapping(company_id, kind, definition)
        key = (
            None
            if dry_run
            else digest({"file": sha256, "kind": kind, "map": digest(definition), "mode": mode})
        )
        known = db.fetch_one(
            "SELECT id FROM feeds_import WHERE company_id = %s AND idempotency_key = %s", (company_id, key)
        )
        if known is not None:
            _wait_again(company_id, int(known[0]))
            return int(known[0])
        row = db.fetch_one(
            """
            INSERT INTO feeds_import (company_id, kind, source, definition, file_name, sha256, size_bytes, mode,
                                      dry_run, idempotency_key, actor_id)
            VALUES (%s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s) RETURNING id
            """,
            (
                company_id,
                kind,
                source,
                json.dumps(definition),
                "".join(char for char in file_name if char.isprintable())[-200:],
                sha256,
                size,
                mode,
                dry_run,
                key,
                actor_id,
            ),
        )
        assert row is not None
        return int(row[0])


def _wait_again(company_id: int, import_id: int) -> None:
    """An import that ended with faults may run again, as may one that shows no life: its process was killed."""
    db.execute(
        """
        UPDATE feeds_import SET state = 'waiting' WHERE company_id = %s AND id = %s
          AND (state IN ('refused', 'stopped') OR (state = 'done' AND problem_count > 0)
               OR (state IN ('checking', 'writing') AND alive_at < clock_timestamp() - %s * interval '1 second'))
        """,
        (company_id, import_id, SILENT_SECONDS),
    )


def _definition(
    company_id: int, kind: str, mapping: str | Mapping[str, Any] | None, options: Mapping[str, Any] | None
) -> tuple[str, dict[str, Any]]:
    """The source's name and the mapping with the options of this one import laid over its own."""
    source = kind
    definition: dict[str, Any] = {}
    if isinstance(mapping, str):
        saved = queries.mapping_by_name(company_id, mapping)
        if saved is None or saved["kind"] != kind:
            message = say("There is no mapping {mapping} for {kind}.", mapping=mapping, kind=kind)
            raise NotFound(Problem("mapping", "exists", message, value=mapping))
        source, definition = mapping, dict(saved["definition"])
    elif mapping is not None:
        definition = dict(mapping)
    if options:
        definition["options"] = {**(definition.get("options") or {}), **options}
    return source, definition


def _keep(content: Path, folder: Path) -> tuple[str, int]:
    """Copy the upload to its place, named by its content; (sha256, size)."""
    size = content.stat().st_size
    if size > reading.LARGEST_FILE_BYTES:
        limit = reading.LARGEST_FILE_BYTES // reading.MEGABYTE
        raise reading.refuse_file(
            "file_size", say("The file is larger than {limit} MB: split it.", limit=limit), size
        )
    with open(content, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    path = stored_path(folder, sha256)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{sha256}.{os.getpid()}.draft")
        try:
            shutil.copyfile(content, draft)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    return sha256, size


def stored_path(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256
