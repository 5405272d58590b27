"""How fast is one POST of one move over HTTP? Eight clients against the real server (`wherewithal serve`: granian,
pool, token, one transaction each), beside eight clients that ask the same server for nothing (/healthz)."""

import contextlib
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection

from bench.goods import Company, company
from bench.harness import Report, Result
from wherewithal.people import services as people
from wherewithal.site import start

CLIENTS = 8
SECONDS = 8.0
WARM_UP_S = 2.0
ASKED_FOR = 200.0  # moves a second, on two cores


@contextlib.contextmanager
def server() -> Iterator[int]:
    """`wherewithal serve` on a spare port, on this process's database; ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "wherewithal.cli.main", "serve", "--port", str(port)]
    log = open(os.path.join(os.environ["WHEREWITHAL_HOME"], "serve.log"), "wb")  # noqa: SIM115 - closed with the process
    process = subprocess.Popen(
        command, stdout=log, stderr=log, env=os.environ | {"WHEREWITHAL_LOG": "warning"}
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server did not start: see serve.log"
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.suppress(OSError):
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        connection.close()
        time.sleep(0.2)
    raise AssertionError("the server did not answer within two minutes")


def token_of(shop: Company) -> str:
    user_id = people.create_user(username="bench", password=None)
    people.add_member(company_id=shop.company_id, user_id=user_id, roles=["administrator"])
    return people.create_token(
        company_id=shop.company_id, user_id=user_id, name="bench", scopes=["stock.issue", "stock.receive"]
    )


class Client:
    """One client: a connection that is kept open, and requests one after the other until the time is up.

    Plain sockets: the clients share the two cores with what they measure, so they must cost next to nothing.
    """

    def __init__(self, port: int, number: int, shop: Company, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number, self.shop, self.run_id = number, shop, time.time_ns()
        self.head = f"Host: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        self.sent = self.done = 0

    def issue(self) -> None:
        """POST of one issue of one piece."""
        self.sent += 1
        item = self.shop.items[(self.number * 31 + self.sent * 7) % len(self.shop.items)]
        place = self.shop.bins[self.sent % len(self.shop.bins)]
        line = {"item_id": item, "qty": "1", "from_location_id": place}
        body = json.dumps({"effective_at": datetime.now(UTC).isoformat(), "lines": [line]})
        key = f"Idempotency-Key: http-{self.run_id}-{self.number}-{self.sent}\r\nContent-Length: {len(body)}\r\n"
        self.ask(f"POST /api/v1/issues HTTP/1.1\r\n{self.head}{key}\r\n{body}")

    def nothing(self) -> None:
        self.ask(f"GET /healthz HTTP/1.1\r\n{self.head}\r\n")

    def ask(self, request: str) -> None:
        self.socket.sendall(request.encode())
        answer = b""
        while not answer_is_whole(answer):
            block = self.socket.recv(65_536)
            assert block, "the server closed the connection"
            answer += block
        assert answer.startswith(b"HTTP/1.1 2"), answer[:1000]

    def run(self, what: str, begin: float) -> None:
        """Ask until the time is up; what was answered in the warm-up does not count."""
        work = getattr(self, what)
        while time.time() < begin + SECONDS:
            work()
            self.done += time.time() >= begin


def answer_is_whole(answer: bytes) -> bool:
    """Whether head and body have come, by the length that the head names."""
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= int(length.partition(b":")[2])


def rate(port: int, shop: Company, token: str, what: str) -> float:
    """Answers a second to eight clients at once."""
    clients = [Client(port, number, shop, token) for number in range(CLIENTS)]
    begin = time.time() + WARM_UP_S
    threads = [threading.Thread(target=client.run, args=(what, begin)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(client.done for client in clients) / SECONDS


def rate_from_elsewhere(port: int, shop: Company, token: str, what: str) -> float:
    """The clients in a process of their own: they must not share an interpreter with what measures."""
    with multiprocessing.get_context("spawn").Pool(1, initializer=start.setup) as pool:
        return pool.apply(rate, (port, shop, token, what))


def run(report: Report) -> None:
    shop = company(method="moving_average")
    shop.fill()
    token = token_of(shop)
    report.say(f"starting the server; {CLIENTS} clients, {SECONDS:g} s each")
    with server() as port:
        moves = rate_from_elsewhere(port, shop, token, "issue")
        nothing = rate_from_elsewhere(port, shop, token, "nothing")
    report.add(
        Result(
            "http_moves",
            "one POST of one issue over HTTP, 8 clients, a transaction each",
            moves,
            ASKED_FOR,
            "the rate that is asked for",
            1.0,
            "moves/s",
            at_least=True,
        )
    )
    report.add(
        Result(
            "http_moves_of_nothing",
            "the same, beside requests that do nothing",
            moves,
            nothing,
            "GET /healthz of the same server, 8 clients",
            0.05,
            "requests/s",
            at_least=True,
        )
    )
