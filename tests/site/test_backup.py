"""Backup and restore: what was there is there again, under the same guards; what is broken is refused."""

import datetime
import io
import json
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from tests.ledger.firm import Firm, make_firm

from wherewithal.kit import db
from wherewithal.kit.cluster import Database
from wherewithal.kit.errors import Refused
from wherewithal.reporting import backups, verify
from wherewithal.site import backup

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
Move = Callable[[], Database]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def _say(_text: str) -> None:
    pass


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, with an attachment in it."""
    monkeypatch.setattr(settings, "HOME", tmp_path / "home")
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "home" / "attachments")
    attachment = tmp_path / "home" / "attachments" / "981" / "drawing.pdf"
    attachment.parent.mkdir(parents=True)
    attachment.write_bytes(b"%PDF a drawing")
    return tmp_path


@pytest.fixture
def firm() -> Firm:
    firm = make_firm()
    firm.post(*[firm.entry(("1000", 100 + n), ("3000", -100 - n)) for n in range(3)])
    return firm


def _elsewhere(folder: Path, move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on another machine: an empty database and an empty folder."""
    move()
    monkeypatch.setattr(settings, "HOME", folder / "other")
    monkeypatch.setattr(settings, "MEDIA_ROOT", folder / "other" / "attachments")


def _facts(firm: Firm) -> list[tuple[object, ...]]:
    with firm.work():
        return db.fetch_all(
            """SELECT e.entry_id, s.content_hash, l.account_id, l.amount, s.number, s.chain_hash
               FROM ledger_entry e JOIN ledger_line l USING (company_id, book_id, entry_id)
               JOIN ledger_entry_seal s USING (company_id, book_id, entry_id)
               WHERE e.company_id = %s ORDER BY 1, l.line_no""",
            (firm.company_id,),
        )


def test_what_was_there_is_there_again(
    folder: Path, firm: Firm, blank_database: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _facts(firm)
    assert len(before) == 6
    file = folder / "backup.tar"
    made = backups.write(file, at=NOW, tell=_say)
    assert file.stat().st_mode & 0o077 == 0

    _elsewhere(folder, blank_database, monkeypatch)
    restored = backup.restore(file, tell=_say)
    assert restored == made
    assert restored["made_at"] == "2026-03-01T12:00:00+00:00"
    assert _facts(firm) == before
    assert (folder / "other" / "attachments" / "981" / "drawing.pdf").read_bytes() == b"%PDF a drawing"
    assert verify.run(company_id=firm.company_id).passed

    firm.post(firm.entry(("1000", 7), ("3000", -7)))
    assert len(_facts(firm)) == 8
    assert verify.run(company_id=firm.company_id).passed


def test_the_guards_are_in_force_after_a_restore(
    folder: Path, firm: Firm, blank_database: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "backup.tar"
    backups.write(file, at=NOW, tell=_say)
    _elsewhere(folder, blank_database, monkeypatch)
    backup.restore(file, tell=_say)
    assert db.fetch_all("SELECT * FROM ledger_entry") == []
    with (
        psycopg.connect(settings.DATABASE.owner.conninfo()) as owner,
        pytest.raises(psycopg.DatabaseError) as caught,
    ):
        owner.execute("DELETE FROM ledger_line")
    assert db.sqlstate(caught.value) == "WH002"
    with pytest.raises(psycopg.errors.InsufficientPrivilege), firm.work():
        db.execute("UPDATE ledger_entry SET reference = 'else'")


def test_the_chain_heads_are_kept_with_it(folder: Path, firm: Firm) -> None:
    file = folder / "backup.tar"
    backups.write(file, at=NOW, tell=_say)
    with tarfile.open(file) as tar:
        member = tar.extractfile("heads.json")
        assert member is not None
        heads = json.loads(member.read())
    with firm.work():
        row = db.fetch_one(
            "SELECT year, number, encode(chain_hash, 'hex') FROM ledger_chain_head WHERE company_id = %s",
            (firm.company_id,),
        )
    assert row is not None
    mine = [head for head in heads if head["company_id"] == firm.company_id]
    assert mine == [
        {
            "company_id": firm.company_id,
            "book": "main",
            "year": row[0],
            "number": row[1],
            "chain_hash": row[2],
        }
    ]


def test_a_backup_under_load_is_of_one_instant(
    folder: Path, firm: Firm, blank_database: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries are posted all the while; heads, entries and lines of the backup belong together."""
    stop, begun = threading.Event(), threading.Event()

    def post() -> None:
        while not stop.is_set():
            firm.post(firm.entry(("1000", 5), ("3000", -5)))
            begun.set()
        connection.close()

    writer = threading.Thread(target=post)
    writer.start()
    file = folder / "backup.tar"
    try:
        assert begun.wait(120)
        backups.write(file, at=NOW, tell=_say)
    finally:
        stop.set()
        writer.join()
    firm.post(firm.entry(("1000", 5), ("3000", -5)))
    after = len(_facts(firm))
    with tarfile.open(file) as tar:
        member = tar.extractfile("heads.json")
        assert member is not None
        heads = [head for head in json.loads(member.read()) if head["company_id"] == firm.company_id]
    _elsewhere(folder, blank_database, monkeypatch)
    backup.restore(file, tell=_say)
    facts = _facts(firm)
    assert 6 <= len(facts) < after
    assert max(row[4] for row in facts) == heads[0]["number"]  # type: ignore[type-var]
    assert verify.run(company_id=firm.company_id).passed


class TestRefusals:
    @pytest.fixture
    def file(self, folder: Path) -> Path:
        backups.write(folder / "backup.tar", at=NOW, tell=_say)
        return folder / "backup.tar"

    def test_a_file_that_exists_is_not_overwritten(self, file: Path) -> None:
        before = file.read_bytes()
        with pytest.raises(Refused, match="exists already"):
            backups.write(file, at=NOW, tell=_say)
        assert file.read_bytes() == before

    def test_a_database_that_holds_something(
        self, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "MEDIA_ROOT", folder / "none")
        with pytest.raises(Refused, match="restore into an empty one"):
            backup.restore(file, tell=_say)

    def test_a_folder_that_holds_something(self, file: Path, blank_database: Move) -> None:
        blank_database()
        with pytest.raises(Refused, match="is not empty"):
            backup.restore(file, tell=_say)

    def test_a_file_cut_short(
        self, file: Path, folder: Path, blank_database: Move, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file.write_bytes(file.read_bytes()[:-20_000])
        _elsewhere(folder, blank_database, monkeypatch)
        with pytest.raises(Refused, match="is not a complete backup"):
            backup.restore(file, tell=_say)
        self.nothing_was_written(folder)

    def test_a_file_that_was_changed(
        self, file: Path, folder: Path, blank_database: Move, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        changed = folder / "changed.tar"
        with tarfile.open(file) as source, tarfile.open(changed, "w") as target:
            for member in source:
                content = source.extractfile(member)
                assert content is not None
                data = content.read()
                if member.name == "heads.json":
                    data = data.replace(b"main", b"mine")
                target.addfile(member, io.BytesIO(data))
        _elsewhere(folder, blank_database, monkeypatch)
        if changed.read_bytes() == file.read_bytes():
            pytest.fail("nothing was changed")
        with pytest.raises(Refused, match=r"heads\.json in changed\.tar is missing or was changed"):
            backup.restore(changed, tell=_say)
        self.nothing_was_written(folder)

    @pytest.mark.parametrize(
        "name", ["../escaped", "/tmp/escaped", "attachments/../../escaped", "other", "link", "attachments"]
    )
    def test_a_file_with_a_way_out(
        self, name: str, folder: Path, blank_database: Move, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.name, member.type, member.linkname = "attachments/link", tarfile.SYMTYPE, "/etc/passwd"
        with tarfile.open(folder / "evil.tar", "w") as target:
            target.addfile(member, io.BytesIO(b""))
        _elsewhere(folder, blank_database, monkeypatch)
        with pytest.raises(Refused, match="which no backup has"):
            backup.restore(folder / "evil.tar", tell=_say)
        self.nothing_was_written(folder)
        assert not list(folder.rglob("escaped"))

    def test_a_file_that_is_none(
        self, folder: Path, blank_database: Move, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _elsewhere(folder, blank_database, monkeypatch)
        (folder / "nonsense.tar").write_bytes(b"hello" * 1000)
        for name in ("nonsense.tar", "not-there.tar"):
            with pytest.raises(Refused, match="is not a complete backup"):
                backup.restore(folder / name, tell=_say)

    def nothing_was_written(self, folder: Path) -> None:
        with psycopg.connect(settings.DATABASE.owner.conninfo()) as owner:
            assert owner.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (
                0,
            )
        assert not (folder / "other" / "attachments").exists()
        assert list((folder / "other").iterdir()) == []
