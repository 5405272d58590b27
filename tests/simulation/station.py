"""A program of its own that writes, is killed, and is asked afterwards what it had been told: one line per answer.

python -m tests.simulation.station set-up            makes the company, prints its id
python -m tests.simulation.station work ID NAME SEED  writes until it is killed, and prints each acknowledged key
"""

import sys
import time
from random import Random

from django.db import connections
from tests.simulation.journeys import LOST, Journey, find_world, make_world

from wherewithal.site import start


def main(arguments: list[str]) -> None:
    with start.running() as server:
        if arguments[0] == "set-up":
            print(make_world("SIM").company_id, flush=True)
            return
        company_id, name, seed = int(arguments[1]), arguments[2], int(arguments[3])
        journey = Journey(find_world(company_id), Random(seed), name)
        print("ready", flush=True)
        while True:
            _step(journey, server)


def _step(journey: Journey, server: object) -> None:
    """One write; when the connection is lost, the same write again until it is answered."""
    journey.count += 1
    journey.hours += 1
    key, document = f"{journey.name}-{journey.count}", journey._draw()
    while True:
        try:
            if journey.repeat(key, document):
                print(key, flush=True)
            return
        except LOST as error:
            if not _lost(error):
                raise
            connections.close_all()
            time.sleep(0.05)
            server.ensure()  # type: ignore[attr-defined]  # the embedded server: start it again if it was killed


def _lost(error: BaseException) -> bool:
    """Whether the database went away, as against an answer that we do not understand."""
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("57P", "08"))


if __name__ == "__main__":
    main(sys.argv[1:])
