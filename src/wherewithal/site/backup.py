"""Backup and restore: everything a company has, in one file.

The file is a tar of
    manifest.json   version, time, the digest of every other member
    database.dump   pg_dump's custom format, of one instant
    heads.json      the ends of the hash chains at that same instant, to be compared with a copy kept elsewhere
    attachments/    the files that rows speak of

The database is read in one snapshot (exported to pg_dump), so a backup under load is as consistent as one at night.
Attachments are copied after the snapshot was taken: a file that a row of the snapshot names was written before it.
"""

import datetime
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo

from wherewithal import __version__
from wherewithal.kit import cluster, postgres
from wherewithal.kit.errors import refuse
from wherewithal.site import environment, start

DUMP, HEADS, MANIFEST, ATTACHMENTS = "database.dump", "heads.json", "manifest.json", "attachments"
FORMAT = 1
Say = Callable[[str], None]

HEADS_QUERY = """
    SELECT c.company_id, b.code AS book, c.year, c.number, encode(c.chain_hash, 'hex') AS chain_hash
    FROM ledger_chain_head AS c JOIN ledger_book AS b ON b.company_id = c.company_id AND b.id = c.book_id
    ORDER BY 1, 2, 3
"""


# --- backup -----------------------------------------------------------------------------------------------


def backup(target: Path, *, at: datetime.datetime, say: Say) -> dict[str, Any]:
    """Write the backup file; its manifest. The file appears under its name only when it is complete."""
    if target.exists():
        raise refuse("file", "new", f"{target} exists already: give another name.", value=target)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.partial")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".wherewithal-") as folder:
        dump = Path(folder) / DUMP
        say("Dumping the database ...")
        heads = _dump(dump)
        say("Packing ...")
        manifest = _pack(draft, dump, heads, at)
    os.replace(draft, target)
    return manifest


def _dump(dump: Path) -> list[dict[str, Any]]:
    """pg_dump and the chain heads of the same snapshot."""
    with psycopg.connect(settings.DATABASE.owner.conninfo(), row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot() AS name").fetchone()
        assert snapshot is not None
        heads = connection.execute(HEADS_QUERY).fetchall()
        options = (
            "--format=custom",
            "--no-owner",
            "--no-acl",
            f"--snapshot={snapshot['name']}",
            f"--file={dump}",
        )
        _program("pg_dump", *options)
    return heads


def _program(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on our database as the owner; the password never on the command line."""
    login = settings.DATABASE.owner
    done = subprocess.run(
        [
            str(postgres.programs() / name),
            f"--dbname={make_conninfo(login.conninfo(), password=None)}",
            *arguments,
        ],
        env=os.environ | {"PGPASSWORD": login.password},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise refuse("database", name, f"{name} failed: {done.stderr.strip()[-1500:]}")


def _pack(target: Path, dump: Path, heads: list[dict[str, Any]], at: datetime.datetime) -> dict[str, Any]:
    attachments = Path(settings.MEDIA_ROOT)
    files = sorted(path for path in attachments.rglob("*") if path.is_file()) if attachments.exists() else []
    members = {DUMP: dump} | {f"{ATTACHMENTS}/{path.relative_to(attachments)}": path for path in files}
    heads_text = json.dumps(heads, indent=1).encode()
    digests = {HEADS: hashlib.sha256(heads_text).hexdigest()}
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        os.chmod(target, 0o600)
        for name, path in members.items():
            digests[name] = _digest(path)
            tar.add(path, arcname=name)
        _add_text(tar, HEADS, heads_text)
        manifest = {
            "format": FORMAT,
            "version": __version__,
            "made_at": at.isoformat(),
            "chain_heads": len(heads),
            "sha256": digests,
        }
        _add_text(tar, MANIFEST, json.dumps(manifest, indent=1).encode())
    return manifest


def _add_text(tar: tarfile.TarFile, name: str, text: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text)
    tar.addfile(entry, io.BytesIO(text))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- restore ----------------------------------------------------------------------------------------------


def restore(source: Path, *, say: Say) -> dict[str, Any]:
    """Fill an empty database and an empty attachments folder from a backup file; its manifest.

    The server runs; nothing may have been migrated yet. Refuses a file that is incomplete or was changed, and a
    database that holds anything.
    """
    attachments = Path(settings.MEDIA_ROOT)
    if attachments.exists() and any(attachments.iterdir()):
        raise refuse(
            "attachments", "empty", f"{attachments} is not empty: restore into a new WHEREWITHAL_HOME."
        )
    with tempfile.TemporaryDirectory(dir=_home(), prefix=".restore-") as folder:
        say("Checking the file ...")
        manifest = _unpack(source, Path(folder))
        with cluster.starting(settings.DATABASE):
            _refuse_filled_database()
            say("Loading the rows ...")
            dump = str(Path(folder) / DUMP)
            _program("pg_restore", "--no-owner", "--no-acl", "--exit-on-error", dump)
        if (Path(folder) / ATTACHMENTS).exists():
            attachments.parent.mkdir(parents=True, exist_ok=True)
            if attachments.exists():
                attachments.rmdir()
            (Path(folder) / ATTACHMENTS).rename(attachments)
    say("Bringing it up to date ...")
    start.migrate()
    return manifest


def _home() -> Path:
    home = Path(settings.HOME)
    environment.make_home(home)
    return home


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Extract and compare every member with the manifest."""
    try:
        with tarfile.open(source, "r:") as tar:
            for member in tar:
                _extract(tar, member, folder)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, tarfile.TarError, ValueError) as error:
        raise refuse(
            "file", "readable", f"{source} is not a complete backup: {error}.", value=source
        ) from error
    if manifest.get("format") != FORMAT:
        raise refuse(
            "file", "format", f"This version reads backups of format {FORMAT}.", value=manifest.get("format")
        )
    for name, digest in manifest["sha256"].items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise refuse(
                "file", "unchanged", f"{name} in {source.name} is missing or was changed.", value=name
            )
    return manifest


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """One regular file, under a name that we could have given it: never a link, never a way out of the folder."""
    parts = PurePosixPath(member.name).parts
    ours = member.name in (DUMP, HEADS, MANIFEST) or (len(parts) > 1 and parts[0] == ATTACHMENTS)
    content = tar.extractfile(member) if member.isreg() and ours and ".." not in parts else None
    if content is None:
        raise tarfile.TarError(f"it holds {member.name}, which no backup has")
    target = folder.joinpath(*parts)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with content, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(content, file)


def _refuse_filled_database() -> None:
    with psycopg.connect(settings.DATABASE.owner.conninfo()) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        ).fetchone()
    if found and found[0]:
        name = settings.DATABASE.owner.name
        raise refuse(
            "database", "empty", f"The database {name} holds {found[0]} tables: restore into an empty one."
        )
