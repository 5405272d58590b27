"""Writing twice is harmless: a retry gets the first answer."""

import threading
from typing import Any

from django.db import connection
from tests.api.api_client import Api, Firm

UNIT = {"code": "pallet", "name": "Pallet"}


def test_a_retry_gets_the_first_answer_and_writes_nothing(api: Api, firm: Firm) -> None:
    first = api.post("/units", UNIT, key="a")
    before = firm.rows()
    again = api.post("/units", UNIT, key="a")
    assert (again.status, again.body) == (first.status, first.body) == (201, first.body)
    assert firm.rows() == before


def test_the_same_key_for_another_request_409(api: Api, firm: Firm) -> None:
    api.post("/units", UNIT, key="a")
    before = firm.rows()
    for path, body in (("/units", UNIT | {"name": "Other"}), ("/categories", UNIT)):
        said = api.post(path, body, key="a")
        assert (said.status, said.fields) == (409, {"Idempotency-Key"})
    assert firm.rows() == before


def test_a_refusal_is_not_remembered(api: Api) -> None:
    category = {"code": "bolts", "name": "Bolts", "parent_code": "fast"}
    assert api.post("/categories", category, key="a").status == 422
    assert api.post("/categories", {"code": "fast", "name": "Fasteners"}, key="b").status == 201
    assert api.post("/categories", category, key="a").status == 201


def test_keys_are_a_companys_own(firm: Firm, other_firm: Firm) -> None:
    assert firm.api().post("/units", UNIT, key="a").status == 201
    assert other_firm.api().post("/units", UNIT | {"name": "Palette"}, key="a").status == 201


def test_a_double_click_makes_one_thing(firm: Firm) -> None:
    """Eight at once with the same key: one is made, and all are told the same."""
    token = firm.api().token
    said: list[Any] = []

    def click() -> None:
        answer = Api(token).post("/units", UNIT, key="a")
        said.append((answer.status, answer.body["id"]))
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 8
    assert len(set(said)) == 1
