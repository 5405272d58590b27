"""Three clients post over HTTP while the server, its web processes and PostgreSQL are killed at random moments.

A client asks again with the same key until it is answered, as a client should. Whatever was answered with yes is
there once; whatever was not is there once or not at all; the books prove.
"""

import contextlib
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from tests.simulation.journeys import BINS, ITEMS, START
from tests.simulation.place import KILLS, ROOT, Place, check, free_port, new_place, wait_until

pytestmark = pytest.mark.slow
CLIENTS = 3


class Server:
    """`wherewithal serve` on a free port; started again when it was killed."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.port = free_port()
        self.start()

    def start(self) -> None:
        self._spawn()
        said = self.place.said("server")
        wait_until(self._comes_up, lambda: f"the server comes up: {said.read_text()[-2000:]}")

    def _spawn(self) -> None:
        with self.place.said("server").open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "wherewithal.cli.main", "serve", "--port", str(self.port), "--workers", "2"],
                env=self.place.environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=file,
                start_new_session=True,
            )  # fmt: skip

    def _comes_up(self) -> bool:
        """It gives up where the processes of the one before hold the port too long; whoever watches it starts it again."""
        if self.process.poll() is not None:
            self._spawn()
        return self.ready()

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=60) as answer:
                return bool(answer.status == 200)
        except (OSError, http.client.HTTPException):
            return False

    def web_process(self) -> int:
        """A process that answers requests: granian's, by the data folder, and started by another one of them."""
        parents = {}
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                ours = str(self.place.home).encode() in process.joinpath("environ").read_bytes()
                if ours and b"granian" in process.joinpath("cmdline").read_bytes():
                    after_name = process.joinpath("stat").read_text().rpartition(")")[2]
                    parents[int(process.name)] = int(after_name.split()[1])
        return max(process for process, parent in parents.items() if parent in parents)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(300)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Client:
    """Posts one document after the other; `failure` is an answer that should never be given."""

    def __init__(self, server: Server, name: str, seed: int) -> None:
        self.server, self.name, self.random = server, name, Random(seed)
        self.stopped = threading.Event()
        self.failure = ""
        self.thread = threading.Thread(target=self._work, name=name, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        count = 0
        while not self.stopped.is_set() and not self.failure:
            count += 1
            self._post_until_answered(f"{self.name}-{count}", *self._draw(count))

    def _draw(self, count: int) -> tuple[str, bytes]:
        """A receipt or an issue of a few pieces, on a day that goes forward and sometimes back."""
        place = self.server.place
        at = START + timedelta(
            hours=count - self.random.choice((0, 0, 0, 7)), seconds=self.random.randrange(3600)
        )
        line: dict[str, object] = {
            "item_id": place.items[self.random.choice(ITEMS)],
            "qty": str(self.random.randint(1, 9)),
        }
        bin_id = place.places[self.random.choice(BINS)]
        if self.random.random() < 0.6:
            path, more = (
                "receipts",
                {"to_location_id": bin_id, "unit_cost": f"{self.random.randint(1, 999) / 100}"},
            )
        else:
            path, more = "issues", {"from_location_id": bin_id}
        return path, json.dumps({"effective_at": at.isoformat(), "lines": [line | more]}).encode()

    def _post_until_answered(self, key: str, path: str, body: bytes) -> None:
        while not self.stopped.is_set():
            status, said = self._post(key, path, body)
            if status in (200, 201):
                self.server.place.told[key] = None
                return
            if status == 422:
                return
            if 400 <= status < 500:
                self.failure = f"{status} for {key}: {said!r}"
                return
            time.sleep(0.1)  # no connection, or the server says that it cannot now

    def _post(self, key: str, path: str, body: bytes) -> tuple[int, bytes]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.server.port}/api/v1/{path}",
            data=body,
            headers={
                "Authorization": f"Bearer {self.server.place.token}",
                "Idempotency-Key": key,
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except (OSError, http.client.HTTPException):  # killed before or in the middle of its answer
            return 0, b""


@pytest.fixture
def server() -> Iterator[Server]:
    with new_place() as place:
        server = Server(place)
        yield server
        server.stop()


def test_kill_whatever_serves(server: Server) -> None:
    seed = secrets.randbelow(10**9)
    random = Random(seed)
    place = server.place
    clients = [Client(server, f"client-{seed}-{n}", seed + n) for n in range(CLIENTS)]
    for number in range(KILLS):
        told = len(place.told)
        wait_until(lambda told=told: len(place.told) > told + 5, f"writing goes on (seed {seed})")  # type: ignore[misc]  # bound now
        time.sleep(random.uniform(0.0, 0.5))
        victim = ("web", "postgres", "server")[number % 3]
        if victim == "web":
            os.kill(server.web_process(), signal.SIGKILL)
        elif victim == "postgres":
            os.kill(place.postmaster(), signal.SIGKILL)
        else:
            server.process.kill()
            server.process.wait()
            server.start()
    told = len(place.told)
    wait_until(lambda: len(place.told) > told + 5, f"writing goes on after the last kill (seed {seed})")
    for client in clients:
        client.stopped.set()
    for client in clients:
        client.thread.join(300)
        assert not client.failure, f"{client.failure} (seed {seed})"
    server.stop()
    check(place, seed)
