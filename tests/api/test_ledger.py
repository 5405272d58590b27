"""Books, accounts, periods, entries and statements over HTTP."""

from decimal import Decimal
from typing import Any

import pytest
from tests.api.api_client import PROBLEM, Api, Firm


def accounts(api: Api) -> dict[str, str]:
    """One account code for each classification, none of them carrying stock."""
    rows = api.get("/accounts").body["results"]
    api.post("/accounts", {"code": "9001", "name": "Bank", "classification": "current_asset"})
    return {row["classification"]: row["code"] for row in rows} | {"current_asset": "9001"}


def journal(api: Api, day: str, amount: str, **more: Any) -> Any:
    codes = accounts(api)
    lines = [
        {"account": codes["current_asset"], "amount": amount},
        {"account": codes["income"], "amount": f"-{amount}"},
    ]
    return api.post("/entries", {"effective_on": day, "description": "Sold", "lines": lines} | more)


def test_an_entry_is_posted_numbered_and_found(api: Api) -> None:
    said = journal(api, "2026-01-15", "1234.50")
    assert said.status == 201, said.body
    assert (said.body["year"], said.body["number"], said.body["posting_on"]) == (2026, 1, "2026-01-15")
    entry = api.get(f"/entries/{said.body['entry_id']}").body
    assert (entry["lines"][0]["account_code"], entry["lines"][0]["amount"]) == ("9001", "1234.50")
    assert entry["recorded_at"].endswith("Z")
    heads = api.get("/chain-heads").body["results"]
    assert heads == [{"book": "main", "year": 2026, "number": 1, "chain_hash": entry["chain_hash"]}]


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"amount": "1234.51"}, "lines", "balanced"),
        ({"amount": "0.001"}, "amount", "decimals"),
        ({"account": "nowhere"}, "account", "exists"),
    ],
)
def test_an_entry_that_is_wrong_is_refused(
    api: Api, firm: Firm, change: dict[str, str], field: str, rule: str
) -> None:
    codes = accounts(api)
    before = firm.rows()
    lines = [
        {"account": codes["current_asset"], "amount": "1234.50"} | change,
        {"account": codes["income"], "amount": "-1234.50"},
    ]
    said = api.post("/entries", {"effective_on": "2026-01-15", "lines": lines})
    assert (said.status, said.media_type) == (422, PROBLEM)
    assert (said.body["errors"][0]["field"], said.body["errors"][0]["rule"]) == (field, rule)
    assert firm.rows() == before


def test_nothing_gets_into_a_closed_period(api: Api) -> None:
    journal(api, "2026-01-15", "10.00")
    said = api.post("/periods/close", {"end_on": "2026-01-31", "reason": "done"})
    assert said.status == 200
    assert [(row["end_on"], row["state"]) for row in said.body["results"]] == [("2026-01-31", "closed")]
    late = journal(api, "2026-01-20", "5.00")
    assert late.body["posting_on"] == "2026-02-01"
    assert api.post("/periods/close", {"end_on": "2026-01-31"}).rules == {"open"}
    assert api.post("/periods/reopen", {"end_on": "2026-01-31", "reason": "forgotten"}).status == 200
    assert api.post("/periods/close", {"end_on": "2026-01-31"}).status == 200
    assert api.post("/periods/lock", {"end_on": "2026-01-31"}).body["results"][0]["state"] == "locked"
    assert api.post("/periods/reopen", {"end_on": "2026-01-31", "reason": "no"}).rules == {"not_locked"}


def test_balances_add_up_as_of_any_day_and_as_known_at_any_instant(api: Api) -> None:
    first = journal(api, "2026-01-15", "100.00").body["entry_id"]
    known_at = api.get(f"/entries/{first}").body["recorded_at"]
    journal(api, "2026-01-16", "20.50")
    at_first = api.get(f"/trial-balance?as_of=2026-01-16&known_at={known_at}").body
    assert {row["code"]: row["closing"] for row in at_first["rows"]}["9001"] == "100.00"
    now = api.get("/trial-balance?as_of=2026-01-16").body
    assert {row["code"]: row["closing"] for row in now["rows"]}["9001"] == "120.50"
    assert (now["debit"], now["credit"], now["closing"]) == ("120.50", "-120.50", "0.00")
    sheet = api.get("/balance-sheet?as_of=2026-12-31").body
    assert (sheet["assets"], sheet["liabilities_and_equity"], sheet["net_income"]) == (
        "120.50",
        "120.50",
        "120.50",
    )
    assert [part["key"] for part in sheet["sections"]] == [
        "current_asset",
        "noncurrent_asset",
        "current_liability",
        "noncurrent_liability",
        "equity",
    ]
    earned = api.get("/income-statement?from_on=2026-01-16&to_on=2026-01-31").body
    assert earned["net_income"] == "20.50"
    assert api.get("/balance-sheet").fields == {"as_of"}


def test_the_journal_and_an_account_go_in_pages(api: Api) -> None:
    for day in range(1, 8):
        journal(api, f"2026-01-0{day}", f"{day}.00")
    bank = next(row["account_id"] for row in api.get("/accounts").body["results"] if row["code"] == "9001")
    seen, balance, path = [], Decimal(0), f"/accounts/{bank}/ledger?limit=3"
    page = api.get(path).body
    while True:
        assert Decimal(page["opening"]) == balance
        seen += [row["amount"] for row in page["results"]]
        balance = Decimal(page["results"][-1]["balance"])
        if page["next"] is None:
            break
        page = api.get(f"{path}&cursor={page['next']}").body
    assert seen == [f"{day}.00" for day in range(1, 8)]
    latest = api.get("/entries?limit=5&latest_first=true").body
    rest = api.get(f"/entries?limit=5&latest_first=true&cursor={latest['next']}").body
    days = [entry["posting_on"][-1] for entry in latest["results"] + rest["results"]]
    assert days == list("7654321")
    assert rest["next"] is None


def test_an_entry_is_reversed_once(api: Api) -> None:
    entry_id = journal(api, "2026-01-15", "10.00").body["entry_id"]
    said = api.post(f"/entries/{entry_id}/reverse", {"reason": "wrong"})
    assert said.status == 201
    assert api.get(f"/entries/{entry_id}").body["reversed_by"] == said.body["entry_id"]
    again = api.post(f"/entries/{entry_id}/reverse", {"reason": "wrong"})
    assert (again.status, again.rules) == (409, {"reversed_once"})
    assert api.get("/trial-balance").body["closing"] == "0.00"


def test_books_and_accounts_are_set_up(api: Api) -> None:
    made = api.post("/books", {"code": "tax", "name": "Tax", "standard": "local", "currency": "JPY"})
    assert (made.status, made.body["currency_decimals"]) == (201, 0)
    assert [book["code"] for book in api.get("/books").body["results"]] == ["main", "tax"]
    account = api.post("/accounts", {"code": "9100", "name": "Gifts", "classification": "expense"}).body
    mapped = api.post(
        "/account-map", {"book": "tax", "account_role": "scrap_loss", "account_id": account["account_id"]}
    )
    assert mapped.status == 201, mapped.body
    assert mapped.body["effective_on"] == "1900-01-01"
    assert api.patch(f"/accounts/{account['account_id']}", {"active": False}).body["active"] is False
    assert api.get(f"/accounts/{account['account_id']}").body["name"] == "Gifts"
    assert api.get("/trial-balance?book=nobook").status == 404


def test_a_mapping_needs_a_category_of_the_company_and_a_role(firm: Firm, other_firm: Firm) -> None:
    api = firm.api()
    account_id = next(
        row["account_id"] for row in api.get("/accounts").body["results"] if row["code"] == "1200"
    )
    body = {"account_role": "inventory", "account_id": account_id}

    def category(owner: Api) -> int:
        item = owner.post("/items", {"items": [{"sku": "BOLT", "name": "Bolt M8"}]}).body["items"][0]
        return int(owner.get(f"/items/{item['id']}").body["category_id"])

    own, foreign = category(api), category(other_firm.api())
    before = firm.rows()
    for category_id in (foreign, 2_000_000_000):
        said = api.post("/account-map", body | {"category_id": category_id})
        assert (said.status, said.rules) == (404, {"exists"}), said.body
    said = api.post("/account-map", body | {"account_role": "inventroy"})
    assert (said.status, said.rules) == (422, {"known"}), said.body
    assert firm.rows() == before
    assert api.post("/account-map", body | {"category_id": own}).body["category_id"] == own


def test_a_mapping_says_which_field_breaks_which_rule(firm: Firm) -> None:
    api = firm.api()
    accounts = {row["code"]: row["account_id"] for row in api.get("/accounts").body["results"]}
    before = firm.rows()
    for body, field, rule in (
        ({"account_role": "inventory", "account_id": accounts["1200"], "effective_on": "2026-01-01"},
         "effective_on", "always"),
        ({"account_role": "inventory", "account_id": accounts["1220"]}, "account_id", "one_kind"),
    ):  # fmt: skip
        said = api.post("/account-map", body)
        assert (said.status, said.fields, said.rules) == (422, {field}, {rule}), said.body
    assert firm.rows() == before
    said = api.post("/account-map", {"account_role": "wip", "account_id": accounts["1220"]})
    assert (said.status, said.body["entry_ids"]) == (201, [])


def test_exchange_rates(api: Api) -> None:
    rates = [
        {"currency": "USD", "to_currency": "EUR", "on_date": f"2026-01-0{day}", "rate": "0.9251"}
        for day in (1, 2, 3)
    ]
    assert api.post("/exchange-rates", {"rates": rates}).body == {"count": 3}
    page = api.get("/exchange-rates?limit=2").body
    assert [row["on_date"] for row in page["results"]] == ["2026-01-03", "2026-01-02"]
    rest = api.get(f"/exchange-rates?limit=2&cursor={page['next']}").body
    assert [row["on_date"] for row in rest["results"]] == ["2026-01-01"]
    assert Decimal(rest["results"][0]["rate"]) == Decimal("0.9251")


def test_another_companys_entries_and_accounts_are_not_there(firm: Firm, other_firm: Firm) -> None:
    api, stranger = firm.api(), other_firm.api()
    entry_id = journal(api, "2026-01-15", "10.00").body["entry_id"]
    account_id = api.get("/accounts").body["results"][0]["account_id"]
    before = firm.rows()
    assert stranger.get(f"/entries/{entry_id}").status == 404
    assert stranger.post(f"/entries/{entry_id}/reverse", {"reason": "x"}).status == 404
    assert stranger.get(f"/accounts/{account_id}").status == 404
    assert stranger.patch(f"/accounts/{account_id}", {"name": "mine"}).status == 404
    assert stranger.get(f"/accounts/{account_id}/ledger").status == 404
    assert (
        stranger.post("/account-map", {"account_role": "inventory", "account_id": account_id}).status == 404
    )
    assert stranger.get("/entries").body["results"] == []
    assert firm.rows() == before
