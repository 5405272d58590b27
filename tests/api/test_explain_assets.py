"""Figures of assets explain themselves over HTTP: net book value and charge, with the facts behind them."""

import json

from tests.api.api_client import Firm
from tests.api.test_assets import Yard


def test_a_net_book_value_and_a_charge_explain_themselves(firm: Firm, other_firm: Firm) -> None:
    """24,000 over 96 months are 250 a month: 3 of them by the end of May."""
    yard = Yard(firm.api())
    yard.run("2026-05-31")

    worth = yard.api.get(f"/explain/assets/{yard.asset_id}?as_of=2026-05-31")
    assert worth.status == 200, worth.body
    assert worth.body["figure"] == "23,250.00 EUR"
    assert yard.event_ids[0] in {
        fact["id"] for child in worth.body["children"] for fact in child.get("facts", ())
    }
    charged = yard.api.get(f"/explain/assets/{yard.asset_id}/charge?on=2026-04-15")
    assert charged.body["figure"] == "250.00 EUR"
    assert "was charged" in charged.body["statement"]
    assert "straight" in json.dumps(charged.body["children"])
    planned = yard.api.get(f"/explain/assets/{yard.asset_id}/charge?on=2027-04-15")
    assert "will be charged" in planned.body["statement"]

    german = yard.api.get(
        f"/explain/assets/{yard.asset_id}?as_of=2026-05-31", **{"Accept-Language": "de"}
    ).body
    assert german["figure"] == "23.250,00 EUR"
    assert german["statement"] != worth.body["statement"]
    assert german.keys() == worth.body.keys()

    stranger = other_firm.api()
    assert stranger.get(f"/explain/assets/{yard.asset_id}").status == 404
    assert stranger.get(f"/explain/assets/{yard.asset_id}/charge?on=2026-04-15").status == 404
    assert yard.api.get(f"/explain/assets/{yard.asset_id}/charge").status == 422
