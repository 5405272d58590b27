"""Backups: everything that all companies have, in one file that can be read again.

The file is a tar of
    manifest.json   version, time, the digest of every other member
    database.dump   pg_dump's custom format, of one instant
    heads.json      the ends of the hash chains at that same instant, to be compared with a copy kept elsewhere
    attachments/    the files that rows speak of

The database is read in one snapshot (exported to pg_dump), so a backup under load is as consistent as one at night.
Attachments are copied after the snapshot was taken: a file that a row of the snapshot names was written before it.

What the program makes by itself lies in the data folder's `backups`, each file with a small one beside it that says
when it was made and when it was last read through from end to end. Restoring is the business of site/backup.py.
"""

import datetime
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo

from wherewithal import __version__
from wherewithal.core.words import say
from wherewithal.kit import postgres
from wherewithal.kit.errors import NotFound, Problem, Refused, refuse

DUMP, HEADS, MANIFEST, ATTACHMENTS = "database.dump", "heads.json", "manifest.json", "attachments"
FORMAT = 1
FOLDER = "backups"
NAME = re.compile(r"wherewithal-\d{8}T\d{6}Z\.tar")
Tell = Callable[[str], None]

HEADS_QUERY = """
    SELECT c.company_id, b.code AS book, c.year, c.number, encode(c.chain_hash, 'hex') AS chain_hash
    FROM ledger_chain_head AS c JOIN ledger_book AS b ON b.company_id = c.company_id AND b.id = c.book_id
    ORDER BY 1, 2, 3
"""


# --- the folder -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in the folder. Instants are ISO 8601; `checked_at` empty: not yet; `trouble`: what the check found."""

    name: str
    bytes: int
    made_at: str
    version: str = ""
    chain_heads: int = 0
    files: int = 0
    checked_at: str = ""
    trouble: str = ""

    @property
    def sound(self) -> bool:
        return bool(self.checked_at) and not self.trouble


def folder() -> Path:
    return Path(settings.HOME) / FOLDER


def kept() -> list[Kept]:
    """The backups in the folder, the latest first."""
    files = [path for path in folder().glob("wherewithal-*.tar") if NAME.fullmatch(path.name)]
    return [_described(path) for path in sorted(files, reverse=True)]


def path_of(name: str) -> Path:
    """The file of one that is kept."""
    path = folder() / name
    if not NAME.fullmatch(name) or not path.is_file():
        raise NotFound(Problem("backup", "exists", say("There is no such backup in the folder."), value=name))
    return path


def make(*, at: datetime.datetime, tell: Tell) -> Kept:
    """Write a backup into the folder, read it through, and let go of the oldest beyond settings.BACKUPS_KEPT."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder() / f"wherewithal-{at.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}.tar"
    write(path, at=at, tell=tell)
    made = check(path.name, at=at, tell=tell)
    if made.sound and settings.BACKUPS_KEPT:
        for old in kept()[settings.BACKUPS_KEPT :]:
            remove(old.name)
    return made


def check(name: str, *, at: datetime.datetime, tell: Tell) -> Kept:
    """Read a backup through: every member is as its manifest says, and PostgreSQL reads the contents of its dump."""
    path = path_of(name)
    tell("Reading it through ...")
    trouble, manifest = "", {}
    try:
        with tempfile.TemporaryDirectory(dir=folder(), prefix=".check-") as scratch:
            manifest = unpack(path, Path(scratch))
            run_program("pg_restore", "--list", str(Path(scratch) / DUMP), on_database=False)
    except Refused as refused:
        trouble = str(refused)
    found = Kept(
        name=name,
        bytes=path.stat().st_size,
        made_at=str(manifest.get("made_at", "")) or _described(path).made_at,
        version=str(manifest.get("version", "")),
        chain_heads=int(manifest.get("chain_heads", 0)),
        files=max(len(manifest.get("sha256", {})) - 2, 0),
        checked_at=at.isoformat(),
        trouble=trouble,
    )
    _beside(path).write_text(json.dumps(asdict(found), indent=1))
    return found


def remove(name: str) -> None:
    path = path_of(name)
    _beside(path).unlink(missing_ok=True)
    path.unlink()


def _beside(path: Path) -> Path:
    return path.with_suffix(".json")


def _described(path: Path) -> Kept:
    """What is known of a file: what the last check wrote down, or only its name and size."""
    size = path.stat().st_size
    try:
        said = Kept(**json.loads(_beside(path).read_text()))
    except (OSError, ValueError, TypeError):
        made = datetime.datetime.strptime(path.stem[-16:], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
        return Kept(path.name, size, made.isoformat())
    return said if said.bytes == size else Kept(path.name, size, said.made_at)


# --- writing one ------------------------------------------------------------------------------------------


def write(target: Path, *, at: datetime.datetime, tell: Tell) -> dict[str, Any]:
    """Write the backup file; its manifest. The file appears under its name only when it is complete."""
    if target.exists():
        raise refuse(
            "file", "new", say("{target} exists already: give another name.", target=target), value=target
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.partial")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".wherewithal-") as folder:
        dump = Path(folder) / DUMP
        tell("Dumping the database ...")
        heads = _dump(dump)
        tell("Packing ...")
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
        run_program("pg_dump", *options)
    return heads


def run_program(name: str, *arguments: str, on_database: bool = True) -> None:
    """Run one of PostgreSQL's programs, on our database as the owner; the password never on the command line."""
    login = settings.DATABASE.owner
    where = [f"--dbname={make_conninfo(login.conninfo(), password=None)}"] if on_database else []
    done = subprocess.run(
        [str(postgres.programs() / name), *where, *arguments],
        env=os.environ | {"PGPASSWORD": login.password},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise refuse(
            "database", name, say("{name} failed: {stderr}", name=name, stderr=done.stderr.strip()[-1500:])
        )


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


# --- reading one ------------------------------------------------------------------------------------------


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Extract and compare every member with the manifest."""
    try:
        with tarfile.open(source, "r:") as tar:
            for member in tar:
                _extract(tar, member, folder)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, tarfile.TarError, ValueError) as error:
        raise refuse(
            "file",
            "readable",
            say("{source} is not a complete backup: {error}.", source=source, error=str(error)),
            value=source,
        ) from error
    if manifest.get("format") != FORMAT:
        raise refuse(
            "file",
            "format",
            say("This version reads backups of format {format}.", format=FORMAT),
            value=manifest.get("format"),
        )
    for name, digest in manifest["sha256"].items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise refuse(
                "file",
                "unchanged",
                say("{name} in {source_name} is missing or was changed.", name=name, source_name=source.name),
                value=name,
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
