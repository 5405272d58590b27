"""Serving: the web processes, the worker for jobs, and an eye on PostgreSQL, until Ctrl-C."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.management import call_command

from wherewithal.kit import postgres, processes
from wherewithal.site import environment

THREADS = 4  # per web process: Python runs one at a time, the others wait for PostgreSQL
LOOK_S = 0.5


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
    environ = _children_environment(host)
    web = processes.spawn(_web_command(host, port, count), environ=environ)
    jobs = _spawn_jobs(environ)
    try:
        with processes.terminate_as_interrupt():
            threading.Thread(
                target=_announce_when_ready, args=(web, host, port, announce), daemon=True
            ).start()
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
        *("--respawn-failed-workers", "--workers-kill-timeout", "10"),
    ]


def _children_environment(host: str) -> dict[str, str]:
    """What the children need besides: the host they are reached at, and a folder for the processes' counters."""
    metrics = settings.HOME / "metrics"
    metrics.mkdir(mode=0o700, parents=True, exist_ok=True)
    for leftover in metrics.glob("*.db"):
        leftover.unlink()
    hosts = [*environment.words("WHEREWITHAL_HOSTS"), *([host] if host not in ("0.0.0.0", "::") else [])]
    return processes.environment_with(
        PROMETHEUS_MULTIPROC_DIR=str(metrics),
        WHEREWITHAL_HOSTS=",".join(dict.fromkeys(hosts)),
        WHEREWITHAL_SECRET_KEY=settings.SECRET_KEY,
        DJANGO_SETTINGS_MODULE="wherewithal.site.settings",
    )


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
    """Say so before anything starts: the web server's own message would come from a child."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SystemExit(
                f"Port {port} on {host} cannot be used ({error.strerror}): choose another --port."
            ) from None


def _announce_when_ready(
    web: "subprocess.Popen[bytes]", host: str, port: int, announce: Callable[[str], None]
) -> None:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    address = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    while web.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                announce(f"Wherewithal is at {address} (Ctrl-C stops it)")
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)


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
