"""`wherewithal serve` as a real process: it comes up, heals, and leaves nothing behind, however it ends."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest
from tests.simulation.place import free_port

pytestmark = pytest.mark.slow
PATIENCE_S = 600  # for a slow and busy machine; what comes at once is not waited for


@dataclass
class Served:
    """A server process with a data folder and a port of its own."""

    home: Path
    port: int
    process: "subprocess.Popen[str]"
    said: Path

    def status(self, path: str = "/readyz") -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except (OSError, http.client.HTTPException):
            return 0

    def processes(self, word: str = "") -> dict[int, str]:
        """Every living process that works for this server, by its data folder in command line or environment."""
        found = {}
        for process in Path("/proc").iterdir():
            if not process.name.isdigit() or int(process.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                line = process.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                about = line + process.joinpath("environ").read_bytes().decode(errors="replace")
                if line and str(self.home) in about and word in line:
                    found[int(process.name)] = line
        return found

    def eldest(self, word: str) -> int:
        """The one of these processes that started the others."""
        found = self.processes(word)
        (eldest,) = [process for process in found if _parent(process) not in found]
        return eldest

    def kill(self, word: str) -> None:
        os.kill(self.eldest(word), signal.SIGKILL)


def _parent(process: int) -> int:
    """The parent of a process; 0 if it has gone."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)


def _start(home: Path, port: int, says: IO[str] | int) -> "subprocess.Popen[str]":
    return _command(home, "serve", "--port", str(port), "--workers", "1", says=says)


def _command(home: Path, *arguments: str, says: IO[str] | int = subprocess.PIPE) -> "subprocess.Popen[str]":
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("WHEREWITHAL_", "DATABASE_", "DJANGO_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", "wherewithal.cli.main", *arguments],
        env=clean | {"WHEREWITHAL_HOME": str(home), "WHEREWITHAL_LOG": "error"},
        stdout=subprocess.PIPE,
        stderr=says,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="wherewithal-serve-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def served(home: Path) -> Iterator[Served]:
    port, said = free_port(), home / "said.txt"  # a pipe that nobody reads would be full one day, and stop it
    with said.open("w") as file:
        served = Served(home, port, _start(home, port, file), said)
    try:
        _wait_until(lambda: served.status() == 200 or served.process.poll() is not None, "start")
        assert served.process.poll() is None, said.read_text()
        yield served
    finally:
        with contextlib.suppress(ProcessLookupError):
            served.process.terminate()
        served.process.wait()
        _wait_until(lambda: not served.processes(), "nothing left running")


def test_ctrl_c_stops_everything(served: Served) -> None:
    assert served.status("/healthz") == 200
    assert served.processes("granian")
    assert served.processes("site.worker")
    assert served.processes("postgres -D")
    here = f"Wherewithal is at http://127.0.0.1:{served.port}"
    _wait_until(lambda: here in served.said.read_text(), "it says where it is")
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(PATIENCE_S) == 0
    assert served.said.read_text().rstrip().endswith("Stopping ...")
    _wait_until(lambda: not served.processes(), "nothing left running")


def test_it_heals_whichever_of_its_processes_is_killed(served: Served) -> None:
    """One server for all of them: to start one takes longer than to heal."""
    _heals_without_postgresql(served)
    _heals_without_its_worker_for_jobs(served)
    _heals_without_a_web_process(served)


def _heals_without_postgresql(served: Served) -> None:
    for _ in range(2):
        before = served.eldest("postgres -D")
        served.kill("postgres -D")
        _wait_until(lambda before=before: set(served.processes("postgres -D")) - {before}, "a new server")  # type: ignore[misc]  # bound now
        _wait_until(lambda: served.status() == 200, "ready again")


def _heals_without_its_worker_for_jobs(served: Served) -> None:
    before = served.processes("site.worker")
    served.kill("site.worker")
    _wait_until(lambda: set(served.processes("site.worker")) - set(before), "a new worker")


def _heals_without_a_web_process(served: Served) -> None:
    before = set(served.processes("granian"))
    web = before - {served.eldest("granian")}
    assert web
    os.kill(max(web), signal.SIGKILL)
    _wait_until(lambda: set(served.processes("granian")) - before, "a new web process")
    _wait_until(lambda: served.status() == 200, "ready again")


def test_nothing_outlives_a_server_that_was_killed(served: Served) -> None:
    served.process.kill()
    served.process.wait()
    _wait_until(lambda: not served.processes(), "nothing left running")


def test_a_taken_port_is_named(home: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = _start(home, port, subprocess.PIPE)
        _out, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used (Address already in use): choose another --port." in said
    assert "Traceback" not in said


def test_commands_that_meet_in_an_empty_folder(home: Path) -> None:
    """Each of them finds nothing, and all of them find it made: one cluster, one database, one set of tables."""
    new = home / "new"
    say_hello = "print(db.fetch_all('SELECT count(*) FROM django_migrations WHERE app = %s', ('kit',)))"
    processes = [_command(new, "shell", "--command", say_hello) for _ in range(3)]
    answers = [process.communicate(timeout=PATIENCE_S) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], answers
    assert len({out for out, _ in answers}) == 1
    _wait_until(lambda: not Served(new, 0, processes[0], new).processes(), "nothing left running")
