"""A program of its own that writes, is killed, and is asked afterwards what it had been told: one line per answer.

python -m tests.simulation.station set-up            makes the company; prints its ids and a token as JSON
python -m tests.simulation.station work ID NAME SEED  writes until it is killed, and prints each acknowledged key
"""

import json
import sys
from random import Random

from wherewithal.site import start

start.setup()  # before anything with models is imported

from tests.simulation.journeys import LOST, Journey, find_world, make_world  # noqa: E402

from wherewithal.people import services as people  # noqa: E402


def main(arguments: list[str]) -> None:
    with start.running() as server:
        if arguments[0] == "set-up":
            print(json.dumps(_set_up()), flush=True)
            return
        company_id, name, seed = int(arguments[1]), arguments[2], int(arguments[3])
        journey = Journey(find_world(company_id), Random(seed), name)
        print("ready", flush=True)
        while True:
            _step(journey, server)


def _set_up() -> dict[str, object]:
    world = make_world("SIM")
    user_id = people.create_user(username="simulant", password=None, company_id=world.company_id)
    people.add_member(company_id=world.company_id, user_id=user_id, roles=["administrator"])
    scopes = ["stock.receive", "stock.issue"]
    token = people.create_token(
        company_id=world.company_id, user_id=user_id, name="simulation", scopes=scopes
    )
    return {"company_id": world.company_id, "token": token, "items": world.items, "places": world.places}


def _step(journey: Journey, server: object) -> None:
    """One write; when the connection is lost, the same write again until it is answered."""
    journey.count += 1
    journey.hours += 1
    key, document = f"{journey.name}-{journey.count}", None
    while True:
        try:
            document = document or journey.draw()  # asks the database, too
            if journey.repeat(key, document):
                print(key, flush=True)
            return
        except LOST as error:
            if not _lost(error):
                raise
            server.ensure()  # type: ignore[attr-defined]  # the embedded server: start it again if it was killed
            start.close_connections()


def _lost(error: BaseException) -> bool:
    """Whether the database went away, as against an answer that we do not understand."""
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("57P", "08"))


if __name__ == "__main__":
    main(sys.argv[1:])
