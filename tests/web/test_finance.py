"""The ledger in the browser: drill-down, manual entries, periods, statements."""

import csv
import io
from datetime import date, timedelta

import pytest
from pypdf import PdfReader
from tests.reporting.test_pdf import lines
from tests.web.shop import NOON, Shop, new_shop, text_of, this_day
from tests.web.test_lists import read_csv

from wherewithal.kit import db, jobs
from wherewithal.ledger import queries as ledger


def entry_form(*lines: tuple[str, str, str], day: str = "2026-03-02", key: str = "k1") -> dict[str, str]:
    data = {
        "effective_on": day,
        "description": "Rent of March",
        "reference": "",
        "idempotency_key": key,
        "lines-TOTAL_FORMS": str(len(lines)),
        "lines-INITIAL_FORMS": "0",
    }
    for number, (account, debit, credit) in enumerate(lines):
        data |= {f"lines-{number}-account": account, f"lines-{number}-debit": debit}
        data |= {f"lines-{number}-credit": credit}
    return data


def periods(shop: Shop) -> list[tuple[date, int]]:
    with db.company_transaction(company_id=shop.company_id):
        return [(p.end_on, int(p.state)) for p in ledger.periods(shop.company_id, shop.book_id)]


def test_from_the_balance_sheet_down_to_the_move(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    client = shop.client("controller")
    sheet = client.get(shop.url("finance/balance-sheet"))
    assert sheet.context["balanced"]
    [inventory] = [line for line in sheet.context["lines"] if line.code == "1200"]
    assert inventory.amount == 12_000
    account = client.get(inventory.href)
    [row] = account.context["table"].rows
    assert (row.amount, row.balance) == (12_000, 12_000)
    entry = client.get(shop.url(f"finance/entries/{row.entry_id}"))
    [value] = entry.context["values"].rows
    move = client.get(shop.url(f"stock/moves/{value.move_id}"))
    assert move.context["cost"] == 12_000
    why = client.get(shop.url(f"stock/moves/{value.move_id}/why"))
    assert "120.00 EUR" in text_of(why)


def test_every_line_of_an_entry_explains_itself(shop: Shop):
    result = shop.receive("SEAL-35", 48, "2.50")
    for line_no in (1, 2):
        response = shop.client("auditor").get(
            shop.url(f"finance/entries/{result.entry_ids[0]}/lines/{line_no}/why")
        )
        assert response.status_code == 200
        assert "120.00 EUR" in text_of(response)


def test_the_trial_balance_balances_and_exports_what_it_shows(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    client = shop.client("auditor")
    page = client.get(shop.url("finance/trial-balance"))
    assert page.context["balanced"]
    file = client.get(shop.url("finance/trial-balance?from=2026-01-01&export=csv")).content.decode(
        "utf-8-sig"
    )
    rows = list(csv.reader(io.StringIO(file)))
    assert rows[0] == [
        "Account",
        "Name",
        "Class",
        "Opening, EUR",
        "Debit, EUR",
        "Credit, EUR",
        "Closing, EUR",
    ]
    assert rows[1:] == [
        ["1200", "Inventories", "Current assets", "0.00", "120.00", "0.00", "120.00"],
        ["2010", "Goods received, not invoiced", "Current liabilities", "0.00", "0.00", "120.00", "-120.00"],
    ]
    # From a later day on it is brought on; without days, the fiscal year counts.
    later = read_csv(client.get(shop.url("finance/trial-balance?from=2026-04-01&export=csv")).content)
    assert later[1] == ["1200", "Inventories", "Current assets", "120.00", "0.00", "0.00", "120.00"]
    assert f'name="from" value="{this_day().year}-01-01"' in text_of(page)


def test_an_entry_as_a_document_says_which_it_is(shop: Shop):
    result = shop.receive("SEAL-35", 48, "2.50")
    address = shop.url(f"finance/entries/{result.entry_ids[0]}")
    client = shop.client("auditor")
    entry = client.get(address).context["entry"]
    file = client.get(f"{address}?export=pdf&of=lines")
    assert f"entry-{entry.year}{entry.number}-" in file.headers["Content-Disposition"]
    (page,) = PdfReader(io.BytesIO(file.content)).pages
    said = lines(page)
    assert {f"Entry {entry.year}/{entry.number}", "Posted on", entry.content_hash} <= set(said)
    assert said.count("120.00") == 4  # either side, and its sum


def test_an_entry_by_hand(shop: Shop):
    client = shop.client("controller")
    code = _expense(shop)
    data = entry_form(("1000", "", "500"), (code, "500.00", ""))
    response = client.post(shop.url("finance/entries/new"), data)
    assert response.status_code == 302
    entry = client.get(response.headers["Location"]).context["entry"]
    assert entry.total == 50_000
    assert [(line.account_code, line.amount) for line in entry.lines] == [("1000", -50_000), (code, 50_000)]
    again = client.post(shop.url("finance/entries/new"), data)
    assert again.headers["Location"] == response.headers["Location"]
    assert shop.count("ledger_entry") == 1


def _expense(shop: Shop) -> str:
    with db.company_transaction(company_id=shop.company_id):
        accounts = ledger.accounts(shop.company_id)
    return next(a.code for a in accounts if a.classification == "expense" and a.code != "5000")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((("1000", "", "500"), ("1100", "400", "")), "500"),
        ((("9999", "", "500"), ("1100", "500", "")), "There is no account “9999”"),
        ((("1000", "5", "5"), ("1100", "500", "")), "Give a debit or a credit."),
        ((("1000", "", "0.001"), ("1100", "0.001", "")), "0.001"),
    ],
)
def test_an_entry_that_is_wrong_posts_nothing(shop: Shop, lines: tuple[tuple[str, str, str], ...], said: str):
    response = shop.client("controller").post(shop.url("finance/entries/new"), entry_form(*lines))
    assert response.status_code == 422
    assert said in text_of(response)
    assert "Rent of March" in text_of(response)
    assert shop.count("ledger_entry") == 0


def test_a_manual_entry_can_be_reversed_with_a_reason(shop: Shop):
    client = shop.client("controller")
    data = entry_form(("1000", "", "500"), (_expense(shop), "500", ""))
    address = client.post(shop.url("finance/entries/new"), data).headers["Location"]
    entry_id = int(address.rsplit("/", 1)[1])
    path = shop.url(f"finance/entries/{entry_id}/reverse")
    assert client.post(path, {"reason": "", "idempotency_key": "r"}).status_code == 422
    mirror = client.post(path, {"reason": "Wrong month", "idempotency_key": "r"}).headers["Location"]
    assert client.get(mirror).context["entry"].reverses == entry_id
    assert "Reversed" in text_of(client.get(address))


def test_months_are_closed_reopened_and_locked(shop: Shop):
    client = shop.client("controller")
    path = shop.url("company/periods")
    assert client.post(path, {"end_on": "2026-02-28", "action": "close"}).status_code == 302
    assert (date(2026, 2, 28), 1) in periods(shop)
    assert client.post(path, {"end_on": "2026-02-28", "action": "reopen", "reason": ""}).status_code == 422
    assert (
        client.post(path, {"end_on": "2026-02-28", "action": "reopen", "reason": "Late bill"}).status_code
        == 302
    )
    assert (date(2026, 2, 28), 0) in periods(shop)
    client.post(path, {"end_on": "2026-02-28", "action": "close"})
    assert client.post(path, {"end_on": "2026-02-28", "action": "lock", "reason": "Filed"}).status_code == 302
    assert client.post(path, {"end_on": "2026-02-28", "action": "reopen", "reason": "Oh"}).status_code == 422
    assert (date(2026, 2, 28), 2) in periods(shop)
    assert "Filed" in text_of(client.get(shop.url("finance/periods")))


def test_a_day_that_ends_no_month_is_refused_in_words(shop: Shop):
    response = shop.client("controller").post(
        shop.url("company/periods"), {"end_on": "2026-02-11", "action": "close"}
    )
    assert response.status_code == 422
    assert periods(shop) == []


def test_another_book_shows_its_own_figures(shop: Shop):
    client = shop.client("controller")
    made = {
        "name": "Management",
        "code": "mgmt",
        "standard": "Own",
        "currency": "EUR",
        "cost_scope": "warehouse",
    }
    assert client.post(shop.url("company/books/new"), made).status_code == 302
    shop.receive("SEAL-35", 48, "2.50")
    page = client.get(shop.url("finance/valuation?book=mgmt"))
    assert "Management" in text_of(page)
    [row] = page.context["table"].rows
    assert (row.value, row.scope_code) == (12_000, "MAIN")


def test_a_book_added_later_is_filled_with_what_happened_before(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    client = shop.client("controller")
    made = {"name": "Tax", "code": "tax", "standard": "Own", "currency": "EUR", "cost_scope": "company"}
    assert client.post(shop.url("company/books/new"), made).status_code == 302
    [row] = client.get(shop.url("finance/valuation?book=tax")).context["table"].rows
    assert row.value == 12_000


def test_a_book_without_exchange_rates_is_not_added_and_says_what_is_missing(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    client = shop.client("controller")
    made = {"name": "Group", "code": "group", "standard": "Own", "currency": "USD", "cost_scope": "company"}
    page = client.post(shop.url("company/books/new"), made)
    assert page.status_code == 422
    assert "USD" in str(page.context["form"].errors), "the currency without a rate is named"
    assert shop.count("ledger_book") == 1


def test_verify_runs_from_the_page_and_is_kept(committed_shop: Shop):
    shop = committed_shop
    shop.receive("SEAL-35", 48, "2.50")
    client = shop.client("auditor")
    assert client.post(shop.url("verify")).status_code == 302
    assert "Under way" in text_of(client.get(shop.url("verify")))
    client.post(shop.url("verify"))
    assert shop.count("kit_job") == 1, "one at a time"
    jobs.drain()
    page = client.get(shop.url("verify"))
    assert page.context["last"].passed, [c for c in page.context["last"].checks if not c["passed"]]
    assert "All checks passed" in text_of(page)
    with db.company_transaction(company_id=shop.company_id):
        [job] = jobs.list_jobs(company_id=shop.company_id)
    assert (job["state"], job["result"]["passed"]) == ("done", True)
    past = shop.url(f"verify/{page.context['last'].run_id}")
    assert "All checks passed" in text_of(client.get(past))
    assert client.get(shop.url("verify/999999999")).status_code == 404
    assert client.get(new_shop().url(f"verify/{page.context['last'].run_id}")).status_code == 404
    assert "Auditor" in text_of(shop.client("planner").get(past))


def test_a_balance_opens_the_chain_behind_it(shop: Shop):
    shop.receive("SEAL-35", 48, "2.50")
    shop.receive("SEAL-35", 10, "2.00", at=NOON + timedelta(days=40))
    client = shop.client("controller")
    [row] = [
        r for r in client.get(shop.url("finance/trial-balance")).context["table"].rows if r.code == "1200"
    ]
    address = shop.url(f"finance/accounts/{row.account_id}/why")
    assert f'class="fig" href="{address}"' in text_of(client.get(shop.url("finance/trial-balance")))
    seen = text_of(client.get(address))
    assert "1200 Inventories stands at 140.00 EUR with all that is posted" in seen
    assert "March 2026: one line, debit 120.00 EUR, credit 0.00 EUR" in seen
    assert "April 2026: one line, debit 20.00 EUR, credit 0.00 EUR" in seen
    past = text_of(client.get(f"{address}?as_of=2026-03-31"))
    assert "stands at 120.00 EUR at the end of 2026-03-31" in past
    assert "April 2026" not in past
    assert "stands at 0.00 EUR" in text_of(client.get(f"{address}?known_at=2020-01-01"))
    panel = text_of(client.get(address, headers={"HX-Target": "why-body", "HX-Request": "true"}))
    assert "140.00 EUR" in panel
    assert "<html" not in panel  # only what the panel beside the page takes in
    assert shop.client("warehouse").get(address).status_code == 403
    assert new_shop().client("controller").get(address).status_code == 404
