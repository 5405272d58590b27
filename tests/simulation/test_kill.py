"""kill -9 in the middle of posting: what was acknowledged is there, nothing is half there, and the books prove.

The programs run in processes of their own on an embedded database of their own, with fsync on. The seed is printed
with each failure; WHEREWITHAL_SIMULATION_KILLS says how often to kill (default 3 each).
"""

import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tests.simulation.place import KILLS, Place, check, new_place, wait_until, writer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with new_place() as place:
        yield place


def test_kill_the_program_that_posts(place: Place) -> None:
    seed = secrets.randbelow(10**9)
    random = Random(seed)
    for number in range(KILLS):
        with writer(place, f"program-{seed}-{number}", seed + number) as process:
            if number == 0:
                wait_until(lambda: place.told, f"writing begins (seed {seed})")
            time.sleep(random.uniform(0.2, 2.0))
            os.kill(process.pid, signal.SIGKILL)
    check(place, seed)


def test_kill_postgres_under_two_programs(place: Place) -> None:
    """They ask again for what was not answered: nothing is lost and nothing is done twice."""
    seed = secrets.randbelow(10**9)
    random = Random(seed)
    before = len(place.told)
    with writer(place, f"left-{seed}", seed) as left, writer(place, f"right-{seed}", seed + 1) as right:
        for _ in range(KILLS):
            time.sleep(random.uniform(0.3, 2.0))
            killed, told = place.postmaster(), len(place.told)
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda told=told: len(place.told) > told + 3, f"writing goes on (seed {seed})")  # type: ignore[misc]  # bound now
            assert place.postmaster() != killed, f"PostgreSQL was not killed (seed {seed})"
        for name, process in (("left", left), ("right", right)):
            broken = place.said(f"{name}-{seed}")
            assert process.poll() is None, f"a program did not survive (seed {seed}): {broken.read_text()}"
    assert len(place.told) > before
    check(place, seed)


def test_a_backup_under_load_is_whole(place: Place, tmp_path: Path) -> None:
    seed = secrets.randbelow(10**9)
    file = tmp_path / "backup.tar"
    with writer(place, f"load-{seed}", seed):
        wait_until(
            lambda: any(key.startswith(f"load-{seed}") for key in place.told), f"writing (seed {seed})"
        )
        before = list(place.told)
        place.run("wherewithal.cli.main", "backup", str(file))
    home = Path(tempfile.mkdtemp(prefix="wherewithal-restored-"))
    home.chmod(0o711)
    try:
        restored = Place(home, place.company_id, told=dict.fromkeys(before))
        restored.run("wherewithal.cli.main", "restore", str(file))
        check(restored, seed)
    finally:
        shutil.rmtree(home, ignore_errors=True)
