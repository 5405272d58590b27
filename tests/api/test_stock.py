"""Places, reservations and picking over HTTP."""

import pytest
from tests.api.api_client import Api, Firm
from tests.api.test_documents import LATER, Shop

from wherewithal.kit import db


@pytest.fixture
def shop(api: Api) -> Shop:
    return Shop(api)


def test_the_tree_of_places(shop: Shop) -> None:
    rows = shop.api.get("/locations?held=true").body["results"]
    assert [(row["code"], row["depth"]) for row in rows if row["code"].startswith("W")] == [
        ("W", 0),
        ("W-A", 1),
        ("W-B", 1),
    ]
    assert [row["id"] for row in shop.api.get("/locations?code=W-A").body["results"]] == [shop.a]
    assert shop.api.get("/locations?code=none").body["results"] == []
    assert shop.api.patch(f"/locations/{shop.a}", {"barcode": "4711"}).body["barcode"] == "4711"
    assert shop.api.patch(f"/locations/{shop.a}", {"barcode": ""}).body["barcode"] is None
    assert shop.api.patch(f"/locations/{shop.a}", {"type": "zone"}).fields == {"type"}
    wrong = shop.api.post("/locations", {"locations": [{"code": "W", "name": "Again", "type": "warehouse"}]})
    assert (wrong.status, wrong.rules) == (422, {"unique"})


def test_reservations_never_exceed_what_is_there(shop: Shop, firm: Firm) -> None:
    shop.receive("10")
    line = {"item_id": shop.bolt, "location_id": shop.a, "qty": "7"}
    made = shop.api.post("/reservations", {"reference": "SO-1", "lines": [line]}, key="r")
    assert made.status == 201, made.body
    assert shop.api.post("/reservations", {"reference": "SO-1", "lines": [line]}, key="r").body == made.body
    before = firm.rows()
    said = shop.api.post("/reservations", {"lines": [line]})
    assert (said.status, said.rules) == (422, {"available"})
    assert firm.rows() == before
    row = shop.api.get("/on-hand").body["results"][0]
    assert (row["qty"], row["reserved"], row["available"]) == ("10", "7", "3")
    (reservation_id,) = made.body["reservation_ids"]
    body = {"reservations": [{"reservation_id": reservation_id, "qty": "2"}]}
    assert shop.api.post("/reservations/release", body).body == {"released": 1}
    claim = shop.api.get("/reservations?reference=SO-1").body["results"][0]
    assert (claim["qty"], claim["open_qty"]) == ("7", "5")
    assert (
        shop.api.post("/reservations/release", {"reservations": [{"reservation_id": reservation_id}]}).status
        == 200
    )
    assert shop.api.get("/reservations").body["results"] == []
    assert shop.api.post("/reservations/release", {"reservations": [{"reservation_id": 2**40}]}).status in (
        404,
        422,
    )


def test_a_partial_release_of_many_claims_asks_as_often_as_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.receive("100")
    line = {"item_id": shop.bolt, "location_id": shop.a, "qty": "3"}
    ids = shop.api.post("/reservations", {"lines": [line] * 30}).body["reservation_ids"]
    asked: list[str] = []
    fetch_all = db.fetch_all

    def counted(sql: str, *given: object) -> object:
        asked.append(sql)
        return fetch_all(sql, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(db, "fetch_all", counted)
    numbers = []
    for some in (ids[:1], ids[1:]):
        asked.clear()
        body = {"reservations": [{"reservation_id": id_, "qty": "1"} for id_ in some]}
        assert shop.api.post("/reservations/release", body).body == {"released": len(some)}
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]
    assert shop.api.get("/on-hand").body["results"][0]["reserved"] == "60"


def test_a_release_that_is_wrong_names_its_lines_and_releases_nothing(shop: Shop) -> None:
    shop.receive("10")
    line = {"item_id": shop.bolt, "location_id": shop.a, "qty": "3"}
    one, two = shop.api.post("/reservations", {"lines": [line, line]}).body["reservation_ids"]

    def said(*lines: dict[str, object]) -> list[tuple[int, str, str]]:
        answer = shop.api.post("/reservations/release", {"reservations": list(lines)})
        assert answer.status == 422, answer.body
        return [(error["row"], error["field"], error["rule"]) for error in answer.body["errors"]]

    half = {"reservation_id": two, "qty": "0.5"}
    assert said({"reservation_id": one}, half) == [(1, "qty", "qty_fits_unit")]
    assert said({"reservation_id": one}, {"reservation_id": one, "qty": "1"}) == [
        (1, "reservation_id", "once")
    ]
    assert said({"reservation_id": one}, {"reservation_id": two, "qty": "4"}) == [(1, "qty", "open")]
    assert said({"reservation_id": one}, {"reservation_id": 2**40, "qty": "1"}) == [
        (1, "reservation_id", "exists")
    ]
    assert shop.api.get("/on-hand").body["results"][0]["reserved"] == "6"


def test_picking_by_strategy(shop: Shop) -> None:
    shop.receive("10")
    line = {"item_id": shop.bolt, "qty": "10", "to_location_id": shop.b, "unit_cost": "1"}
    shop.done("/receipts", line, effective_at=LATER)
    picks = shop.api.get(f"/picks?item_id={shop.bolt}&qty=12&removal=fifo").body["results"]
    assert [(pick["location_code"], pick["qty"]) for pick in picks] == [("W-A", "10"), ("W-B", "2")]
    picks = shop.api.get(f"/picks?item_id={shop.bolt}&qty=12&removal=lifo").body["results"]
    assert [(pick["location_code"], pick["qty"]) for pick in picks] == [("W-B", "10"), ("W-A", "2")]
    assert shop.api.get(f"/picks?item_id={shop.bolt}&qty=0").fields == {"qty"}
    assert shop.api.get("/picks?qty=1").fields == {"item_id"}
    assert shop.api.get(f"/picks?item_id={2**31 - 1}&qty=1").status == 404


def test_lists_go_in_pages(shop: Shop) -> None:
    moves = [shop.receive("1", effective_at=f"2026-03-02T09:00:{second:02}Z") for second in range(7)]
    for path, field, expected in (
        ("/moves", "move_id", moves[::-1]),
        ("/documents", "number", None),
    ):
        seen, page = [], shop.api.get(f"{path}?limit=3").body
        while True:
            seen += [row[field] for row in page["results"]]
            if page["next"] is None:
                break
            page = shop.api.get(f"{path}?limit=3&cursor={page['next']}").body
        assert len(seen) == len(set(seen)) == 7
        assert expected in (None, seen)
    card = shop.api.get(f"/items/{shop.bolt}/card?limit=5").body
    rest = shop.api.get(f"/items/{shop.bolt}/card?limit=5&cursor={card['next']}").body
    assert [row["balance_qty"] for row in card["results"] + rest["results"]] == list("1234567")
