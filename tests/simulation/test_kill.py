"""kill -9 in the middle of posting: what was acknowledged is there, nothing is half there, and the books prove.

The programs run in processes of their own on an embedded database of their own, with fsync on. The seed is printed
with each failure; WHEREWITHAL_SIMULATION_KILLS says how often to kill (default 3 each).
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("WHEREWITHAL_SIMULATION_KILLS", "3"))
PATIENCE_S = 120

pytestmark = pytest.mark.slow


@dataclass
class Place:
    """A data folder with a company in it."""

    home: Path
    company_id: int = 0
    told: dict[str, None] = field(default_factory=dict)  # every acknowledged key, in order

    @property
    def environ(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DATABASE_APP_URL")}
        return clean | {"WHEREWITHAL_HOME": str(self.home), "WHEREWITHAL_POOL": "0", "PYTHONPATH": str(ROOT)}

    def run(self, *arguments: str) -> str:
        """Run a program to its end; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            env=self.environ, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments} answered {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def sql(self, query: str) -> list[list[str]]:
        """As the owner, past row-level security."""
        out = self.run("wherewithal.cli.main", "shell", "--owner", "--command", f"COPY ({query}) TO STDOUT")
        return [line.split("\t") for line in out.splitlines()]


@contextlib.contextmanager
def writer(place: Place, name: str, seed: int) -> Iterator[subprocess.Popen[str]]:
    """A station at work; a thread notes what it was told. Killed at the end if it is still alive."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.simulation.station", "work", str(place.company_id), name, str(seed)],
        env=place.environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.stderr and process.stderr.read()
    reader = threading.Thread(target=_note, args=(place, process), daemon=True)
    reader.start()
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        reader.join(10)


def _note(place: Place, process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.endswith("\n"):
            place.told[line.strip()] = None


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    home = Path(tempfile.mkdtemp(prefix="wherewithal-kill-"))
    home.chmod(0o711)
    place = Place(home)
    place.company_id = int(place.run("tests.simulation.station", "set-up"))
    yield place
    shutil.rmtree(home, ignore_errors=True)


def check(place: Place, seed: int) -> None:
    """Every acknowledged write is there and whole; the books prove, also by full recompute."""
    kept = {row[0]: row[1:] for row in place.sql(WHOLE)}
    lost = [key for key in place.told if key not in kept]
    assert not lost, f"acknowledged and lost: {lost} (seed {seed})"
    halves = {key: found for key, found in kept.items() if found != ["t", "t", "t"]}
    assert not halves, f"half written: {halves} (seed {seed})"
    (report,) = json.loads(place.run("wherewithal.cli.main", "verify", "--deep", "--json"))
    failed = [(c["name"], c["findings"]) for c in report["checks"] if not c["passed"]]
    assert report["passed"], f"verify found {failed} (seed {seed})"


# By key: whether all moves of its documents are there, all entries, and whether its value names only those entries.
WHOLE = """
    SELECT b.idempotency_key,
           NOT EXISTS (SELECT FROM stock_document d WHERE d.company_id = b.company_id AND d.batch_id = b.batch_id
                       AND d.move_count <> (SELECT count(*) FROM stock_move m
                                            WHERE m.company_id = d.company_id AND m.document_id = d.document_id)),
           (SELECT count(*) FROM ledger_entry e WHERE e.company_id = b.company_id AND e.batch_id = b.batch_id)
               = cardinality(b.entry_ids),
           NOT EXISTS (SELECT FROM stock_value v WHERE v.company_id = b.company_id AND v.batch_id = b.batch_id
                       AND v.entry_id IS NOT NULL AND v.entry_id <> ALL (b.entry_ids))
    FROM stock_batch b
"""


def test_kill_the_program_that_posts(place: Place) -> None:
    seed = secrets.randbelow(10**9)
    random = Random(seed)
    for number in range(KILLS):
        with writer(place, f"program-{seed}-{number}", seed + number) as process:
            time.sleep(random.uniform(0.2, 2.0))
            os.kill(process.pid, signal.SIGKILL)
    assert place.told, f"nothing was written in time (seed {seed})"
    check(place, seed)


def test_kill_postgres_under_two_programs(place: Place) -> None:
    """They ask again for what was not answered: nothing is lost and nothing is done twice."""
    seed = secrets.randbelow(10**9)
    random = Random(seed)
    before = len(place.told)
    with writer(place, f"left-{seed}", seed) as left, writer(place, f"right-{seed}", seed + 1) as right:
        for _ in range(KILLS):
            time.sleep(random.uniform(0.3, 2.0))
            killed, told = _postmaster(place), len(place.told)
            os.kill(killed, signal.SIGKILL)
            _wait_until(lambda told=told: len(place.told) > told + 3, seed)
            assert _postmaster(place) != killed, f"PostgreSQL was not killed (seed {seed})"
        assert left.poll() is None, (
            f"a program did not survive (seed {seed}): {left.stderr and left.stderr.read()}"
        )
        assert right.poll() is None, (
            f"a program did not survive (seed {seed}): {right.stderr and right.stderr.read()}"
        )
    assert len(place.told) > before
    check(place, seed)


def test_a_backup_under_load_is_whole(place: Place, tmp_path: Path) -> None:
    seed = secrets.randbelow(10**9)
    file = tmp_path / "backup.tar"
    with writer(place, f"load-{seed}", seed):
        _wait_until(lambda: any(key.startswith(f"load-{seed}") for key in place.told), seed)
        before = list(place.told)
        place.run("wherewithal.cli.main", "backup", str(file))
    home = Path(tempfile.mkdtemp(prefix="wherewithal-restored-"))
    home.chmod(0o711)
    try:
        restored = Place(home, place.company_id, dict.fromkeys(before))
        restored.run("wherewithal.cli.main", "restore", str(file))
        check(restored, seed)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _postmaster(place: Place) -> int:
    """The process id of the embedded PostgreSQL that this test started."""
    return int((place.home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def _wait_until(true: object, seed: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"it did not go on within {PATIENCE_S} s (seed {seed})"
        time.sleep(0.05)
