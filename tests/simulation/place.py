"""A data folder with a simulated company, programs that write into it, and the check that follows a crash."""

import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("WHEREWITHAL_SIMULATION_KILLS", "3"))
PATIENCE_S = 600  # for a slow and busy machine; what comes at once is not waited for


@dataclass
class Place:
    """A data folder with a company in it."""

    home: Path
    company_id: int = 0
    token: str = ""
    items: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    told: dict[str, None] = field(default_factory=dict)  # every acknowledged key, in order

    @property
    def environ(self) -> dict[str, str]:
        clean = {
            k: v for k, v in os.environ.items() if not k.startswith(("WHEREWITHAL_", "DATABASE_", "DJANGO_"))
        }
        return clean | {
            "WHEREWITHAL_HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "WHEREWITHAL_LOG": "error",
        }

    def run(self, *arguments: str) -> str:
        """Run a program to its end; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            env=self.environ, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments} answered {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def said(self, name: str) -> Path:
        """What a writer of this name has to say of what went wrong."""
        return self.home / f"{name}.txt"

    def sql(self, query: str) -> list[list[str]]:
        """As the owner, past row-level security."""
        out = self.run("wherewithal.cli.main", "shell", "--owner", "--command", f"COPY ({query}) TO STDOUT")
        return [line.split("\t") for line in out.splitlines()]

    def postmaster(self) -> int:
        """The process id of the embedded PostgreSQL that this test started."""
        return int((self.home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


@contextlib.contextmanager
def new_place() -> Iterator[Place]:
    home = Path(tempfile.mkdtemp(prefix="wherewithal-kill-"))
    home.chmod(0o711)
    place = Place(home)
    made = json.loads(place.run("tests.simulation.station", "set-up"))
    place.company_id, place.token = made["company_id"], made["token"]
    place.items, place.places = made["items"], made["places"]
    yield place
    shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def writer(place: Place, name: str, seed: int) -> Iterator["subprocess.Popen[str]"]:
    """A station at work; a thread notes what it was told. Killed at the end if it is still alive."""
    with place.said(name).open("w") as file:  # a pipe that nobody reads would be full one day, and stop it
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulation.station", "work", str(place.company_id), name, str(seed)],
            env=place.environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=file, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", place.said(name).read_text()
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


def free_port() -> int:
    """A port at which nobody listens, below those that outgoing connections are given: who asks again and again where
    nobody listens could otherwise be given that very port, and hold it by talking to itself."""
    for port in random.sample(range(15_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports are taken")


def wait_until(true: Callable[[], object], what: str | Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(
                f"waited {PATIENCE_S} s in vain: {what if isinstance(what, str) else what()}"
            )
        time.sleep(0.05)


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


# By key: whether all moves of its documents are there, whether each of its entries is named by its value, and whether
# its value names only those entries.
WHOLE = """
    SELECT b.idempotency_key,
           NOT EXISTS (SELECT FROM stock_document d WHERE d.company_id = b.company_id AND d.batch_id = b.batch_id
                       AND d.move_count <> (SELECT count(*) FROM stock_move m
                                            WHERE m.company_id = d.company_id AND m.document_id = d.document_id)),
           NOT EXISTS (SELECT FROM ledger_entry e WHERE e.company_id = b.company_id AND e.batch_id = b.batch_id
                       AND NOT EXISTS (SELECT FROM stock_value v WHERE v.company_id = b.company_id
                                       AND v.batch_id = b.batch_id AND v.entry_id = e.entry_id)),
           NOT EXISTS (SELECT FROM stock_value v WHERE v.company_id = b.company_id AND v.batch_id = b.batch_id
                       AND v.entry_id IS NOT NULL AND NOT EXISTS (
                           SELECT FROM ledger_entry e WHERE e.company_id = b.company_id AND e.batch_id = b.batch_id
                           AND e.entry_id = v.entry_id))
    FROM stock_batch b
"""
