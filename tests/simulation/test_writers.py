"""Sixteen writers at random on four items: nobody meets a deadlock, nothing goes below zero, the books prove.

WHEREWITHAL_SIMULATION_SECONDS says for how long (default 10); the seed is printed with a failure.
"""

import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor, wait
from random import Random

import pytest
from django.db import connections
from tests.simulation.journeys import BINS, ITEMS, Journey, World, make_world

from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.kit.errors import Refused
from wherewithal.reporting import verify
from wherewithal.stock.services.reservations import ReservationDraft, release, reserve

SECONDS = float(os.environ.get("WHEREWITHAL_SIMULATION_SECONDS", "10"))
WRITERS = 16

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class Writer:
    """A journey for a thread of its own, with claims on stock in between."""

    def __init__(self, world: World, number: int, seed: int) -> None:
        self.journey = Journey(world, Random(seed * 1000 + number), f"w{seed}-{number}")
        self.claims: list[int] = []

    def work(self, until: float) -> None:
        try:
            while time.monotonic() < until:
                if self.journey.random.random() < 0.15:
                    self._claim_or_release()
                else:
                    self.journey.step()
        finally:
            connections.close_all()

    def _claim_or_release(self) -> None:
        random, world = self.journey.random, self.journey.world
        with company_transaction(company_id=world.company_id):
            ((now,),) = fetch_all("SELECT now()")
        if self.claims and random.random() < 0.5:
            quantities = {self.claims.pop(): None}
            release(company_id=world.company_id, actor_id=None, quantities=quantities, now=now)
            return
        self.journey.count += 1
        item_id, place_id = world.items[random.choice(ITEMS)], world.places[random.choice(BINS)]
        line = ReservationDraft(item_id, place_id, self.journey._qty(4))
        try:
            self.claims += reserve(
                company_id=world.company_id,
                actor_id=None,
                idempotency_key=f"claim-{self.journey.name}-{self.journey.count}",
                lines=[line],
                now=now,
                today=now.date(),
            )
        except Refused:
            self.journey.refused += 1


def test_sixteen_writers_on_four_items() -> None:
    seed = secrets.randbelow(10**6)
    world = make_world(f"W{seed}")
    told = f"seed {seed}, {SECONDS} s"
    writers = [Writer(world, number, seed) for number in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        until = time.monotonic() + SECONDS
        at_work = [pool.submit(writer.work, until) for writer in writers]
        done, hanging = wait(at_work, SECONDS + 300)

    assert not hanging, f"somebody hangs ({told})"
    failures = [repr(future.exception()) for future in done if future.exception()]
    assert not failures, f"{failures} ({told})"
    acknowledged = [key for writer in writers for key in writer.journey.acknowledged]
    assert len(acknowledged) > WRITERS, f"only {len(acknowledged)} writes ({told})"

    with company_transaction(company_id=world.company_id):
        kept = [row[0] for row in fetch_all("SELECT idempotency_key FROM stock_batch")]
        below_zero = fetch_all(
            "SELECT item_id, location_id, qty FROM stock_quant WHERE qty < 0 OR reserved > qty"
        )
    assert sorted(kept) == sorted(acknowledged), told
    assert below_zero == [], told
    report = verify.run(company_id=world.company_id, deep=True)
    found = [(check.name, check.findings) for check in report.checks if not check.passed]
    assert found == [], told
