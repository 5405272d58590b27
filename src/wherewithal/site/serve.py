"""Serving: the web processes, the worker for jobs, and an eye on PostgreSQL, until Ctrl-C."""

import contextlib
import errno
import hashlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.management import call_command

from wherewithal.kit import postgres, processes
from wherewithal.site import environment

THREADS = 4  # per web process: Python runs one at a time, the others wait for PostgreSQL
LOOK_S = 0.5
LAST_REQUESTS_S = 10  # that a web process may still answer what it has begun
PORT_PATIENCE_S, PORT_PAUSE_S = LAST_REQUESTS_S + 5, 0.2
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # nosec B104 - how such a server is reached from here


def serve(
    *,
    host: str,
    port: int,
    workers: int | None,
    server: postgres.Server | None,
    announce: Callable[[str], None],
) -> int:
    """Serve until SIGINT or SIGTERM; the exit code. The database runs already and is up to date."""
    _refuse_taken_port(host, port)
    _refuse_broken_program()
    collect_static(announce)
    count = workers or max(2, min(4, os.cpu_count() or 2))
    with _metrics_folder() as metrics:
        environ = _children_environment(host, metrics)
        web = processes.spawn(_web_command(host, port, count), environ=environ)
        threading.Thread(target=_announce_when_ready, args=(web, host, port, announce), daemon=True).start()
        return _watch(web, environ, server, announce)


def _watch(
    web: "subprocess.Popen[bytes]",
    environ: dict[str, str],
    server: postgres.Server | None,
    announce: Callable[[str], None],
) -> int:
    """Keep the worker and the database alive until the web server ends, or we are told to stop it."""
    jobs = _spawn_jobs(environ)
    try:
        with processes.told_to_stop():
            while web.poll() is None:
                time.sleep(LOOK_S)
                if server is not None:
                    server.revive()
                if jobs.poll() is not None:
                    jobs = _spawn_jobs(environ)
    except KeyboardInterrupt:
        announce("Stopping ...")
        return 0
    finally:
        processes.stop(web)
        processes.stop(jobs)
    return web.returncode or 1


def _web_command(host: str, port: int, workers: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "wherewithal.site.wsgi:application", "--interface", "wsgi"),
        *("--host", host, "--port", str(port), "--workers", str(workers)),
        *("--blocking-threads", str(THREADS), "--no-ws", "--log-level", "warning"),
        *("--respawn-failed-workers", "--workers-kill-timeout", str(LAST_REQUESTS_S)),
    ]


def _children_environment(host: str, metrics: Path) -> dict[str, str]:
    """What the children need besides: the host they are reached at, and a folder for the processes' counters."""
    hosts = [*environment.words("WHEREWITHAL_HOSTS"), *([] if host in EVERY_ADDRESS else [host])]
    return processes.environment_with(
        PROMETHEUS_MULTIPROC_DIR=str(metrics),
        WHEREWITHAL_HOSTS=",".join(dict.fromkeys(hosts)),
        DJANGO_SETTINGS_MODULE="wherewithal.site.settings",
    )


@contextlib.contextmanager
def _metrics_folder() -> Iterator[Path]:
    """A folder of this server's own; those of servers that were killed are swept away."""
    parent = settings.HOME / "metrics"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in parent.iterdir():
        if not (old.name.isdigit() and processes.alive(int(old.name))):
            shutil.rmtree(old, ignore_errors=True)
    folder = parent / str(os.getpid())
    folder.mkdir(exist_ok=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _spawn_jobs(environ: dict[str, str]) -> "subprocess.Popen[bytes]":
    """The worker holds its own connections, so it needs no pool."""
    return processes.spawn(
        processes.own_command("wherewithal.site.worker"), environ={**environ, "WHEREWITHAL_POOL": "0"}
    )


def _refuse_broken_program() -> None:
    """A program that cannot answer a single page should not start: load the addresses, and with them every door."""
    errors = [message for message in checks.run_checks() if message.is_serious()]
    if errors:
        raise SystemExit("\n".join(str(error) for error in errors))


def _refuse_taken_port(host: str, port: int) -> None:
    """Say so before anything starts: the web server's own message would come from a child.

    After a kill the web processes of the server before may hold the port until they have given up waiting for their
    last requests, so it is asked for a while.
    """
    deadline = time.monotonic() + PORT_PATIENCE_S
    while (trouble := _trouble_with_port(host, port)) is not None:
        if trouble.errno != errno.EADDRINUSE or time.monotonic() > deadline:
            raise SystemExit(
                f"Port {port} on {host} cannot be used ({trouble.strerror}): choose another --port."
            )
        time.sleep(PORT_PAUSE_S)


def _trouble_with_port(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def _announce_when_ready(
    web: "subprocess.Popen[bytes]", host: str, port: int, announce: Callable[[str], None]
) -> None:
    """Ask until the first answer comes: only then is the address of any use."""
    shown = EVERY_ADDRESS.get(host, host)
    while web.poll() is None:
        asked = http.client.HTTPConnection(shown, port, timeout=5)
        try:
            asked.request("GET", "/healthz")
            asked.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            address = f"[{shown}]" if ":" in shown else shown
            announce(f"Wherewithal is at http://{address}:{port} (Ctrl-C stops it)")
            return
        finally:
            asked.close()


# --- static files -----------------------------------------------------------------------------------------


def collect_static(announce: Callable[[str], None]) -> None:
    """Gather, fingerprint and compress the static files, unless exactly these have been gathered already."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".state"
    state = _state_of_static()
    if stamp.exists() and stamp.read_text() == state:
        return
    announce("Preparing the static files (once) ...")
    root.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(state)


def _state_of_static() -> str:
    """A digest of names, sizes and times of all static files: it changes when any of them does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
