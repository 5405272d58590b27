"""The demo company: believable, the same for everybody, and harmless to load twice."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from django.contrib.auth import authenticate
from tests.scenarios.auditor import Auditor

from wherewithal.items.values import Tracking
from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.people.permissions import ROLES
from wherewithal.reporting import verify
from wherewithal.site import demo
from wherewithal.site.demo import catalogue, life, plan
from wherewithal.site.demo.notebook import Notebook
from wherewithal.stock.drafts import DocumentKind

TODAY = date(2026, 3, 20)
Company = tuple[int, dict[str, int]]


# --- the story, without a database ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def steps() -> list[plan.Step]:
    return life.simulate(today=TODAY)


def documents(steps: list[plan.Step]) -> list[plan.Document]:
    return [document for step in steps if isinstance(step, plan.Batch) for document in step.documents]


def test_the_same_day_tells_the_same_story(steps: list[plan.Step]) -> None:
    assert life.simulate(today=TODAY) == steps
    assert life.simulate(today=TODAY, seed=7) != steps


def test_everything_that_a_page_wants_to_show_happens(steps: list[plan.Step]) -> None:
    kinds = Counter(document.kind for document in documents(steps))
    happened = Counter(type(step) for step in steps)

    assert {kind for kind in DocumentKind if not kinds[kind]} == {DocumentKind.DROPSHIP}
    assert all(happened[kind] for kind in (plan.ClosePeriod, plan.ChangeLots, plan.Reserve, plan.WriteDown))
    assert happened[plan.Journal] > 100
    assert 3_000 < sum(len(line.serials) or 1 for d in documents(steps) for line in d.lines) < 9_000
    assert sum(1 for step in steps if isinstance(step, plan.ClosePeriod) and step.lock) >= 1


def test_it_is_told_in_the_order_of_entry_and_never_ahead_of_the_facts(steps: list[plan.Step]) -> None:
    recorded = [step.recorded_at for step in steps]
    assert recorded == sorted(recorded)
    assert recorded[0].date() >= life.first_day(TODAY)
    assert recorded[-1].date() <= TODAY
    for step in steps:
        if isinstance(step, plan.Batch):
            assert all(document.at <= step.recorded_at for document in step.documents)


def test_some_papers_come_late_also_after_the_close(steps: list[plan.Step]) -> None:
    closed: list[date] = []
    late = after_close = 0
    for step in steps:
        if isinstance(step, plan.ClosePeriod):
            closed.append(step.end_on)
        if isinstance(step, plan.Batch):
            for document in step.documents:
                late += step.recorded_at - document.at > timedelta(days=2)
                after_close += bool(closed) and document.at.date() <= max(closed)
    assert late > 10
    assert after_close > 3


@pytest.mark.parametrize("days", [0, 97, 211, 340])
def test_nothing_is_taken_that_is_not_there_whatever_the_day(days: int) -> None:
    told = life.simulate(today=TODAY + timedelta(days))

    assert Auditor().hear(told) == []


def test_documents_have_keys_of_their_own(steps: list[plan.Step]) -> None:
    keys = Counter(document.key for document in documents(steps))
    assert [key for key, count in keys.items() if count > 1] == []


def test_codes_name_what_the_catalogue_has(steps: list[plan.Step]) -> None:
    skus = {product.sku for product in catalogue.products()}
    places = {place.code for place in catalogue.PLACES} | {"CUSTOMER", "TRANSIT"}
    parties = {partner.code for partner in (*catalogue.SUPPLIERS, *catalogue.CUSTOMERS)}
    for document in documents(steps):
        assert document.party in parties | {None}
        for line in document.lines:
            assert line.sku in skus | {""}
            assert {line.source, line.target} <= places | {None}


def test_the_catalogue_has_what_a_company_has() -> None:
    products = catalogue.products()
    assert {product.tracking for product in products} == set(Tracking)
    assert len({product.category for product in products}) >= 8
    assert all(product.graz_bin or product.linz_bin for product in products)
    barcodes = [product.gtin for product in products if product.gtin]
    assert len(set(barcodes)) == len(barcodes)
    assert all(_check_digit(code[:12]) == code[12] for code in barcodes)
    made = {recipe.sku for recipe in catalogue.RECIPES}
    assert {sku for recipe in catalogue.RECIPES for sku, _ in recipe.parts} <= {p.sku for p in products}
    assert all(product.supplier or product.sku in made for product in products)


def _check_digit(twelve: str) -> str:
    """GS1's: threefold weight on every second digit from the right."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return str(-total % 10)


def test_the_notebook_takes_what_expires_first_and_leaves_what_is_blocked() -> None:
    notebook = Notebook()
    notebook.put("X", "BIN", 5, "late", date(2027, 1, 1))
    notebook.put("X", "BIN", 5, "soon", date(2026, 6, 1))
    notebook.put("X", "BIN", 5, "bad", date(2026, 5, 1))
    notebook.block("X", "bad")

    assert [(t.lot, t.qty) for t in notebook.take("X", "BIN", 7)] == [("soon", 5), ("late", 2)]
    assert notebook.on_hand("X", "BIN") == 3
    notebook.unblock("X", "bad")
    assert notebook.on_hand("X", "BIN") == 8
    assert [found.lot for _, _, found in notebook.expired(date(2026, 5, 2))] == ["bad"]
    assert not notebook.take_lot("X", "BIN", "late", 4)


# --- the story, told to the program -----------------------------------------------------------------------


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


def counts(company_id: int) -> dict[str, int]:
    with company_transaction(company_id=company_id):
        return {
            table: fetch_all(f"SELECT count(*) FROM {table}")[0][0]
            for table in ("stock_move", "stock_value", "ledger_entry", "stock_reservation", "items_lot")
        }


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_load_that_is_interrupted_goes_on_and_a_second_one_keeps_the_data() -> None:
    stop_at = Random(5).randrange(60, 90)

    def interrupt(done: int, total: int | None, what: str) -> None:
        if total and done >= stop_at:
            raise Interrupted

    with pytest.raises(Interrupted):
        demo.load(interrupt, today=TODAY, days=75)
    told = demo.load(lambda done, total, what: None)
    company_id = demo._company_id()
    assert company_id is not None
    loaded = counts(company_id)

    assert demo.load(lambda done, total, what: pytest.fail("nothing is left to load")) == told
    assert counts(company_id) == loaded
    assert loaded["stock_move"] > 500
    assert loaded["stock_reservation"] > 0
    report = verify.run(company_id=company_id, deep=True)
    assert [(check.name, check.findings) for check in report.checks if not check.passed] == []

    for username, _, _ in demo.LOGINS:
        assert username in told
        assert authenticate(username=username, password=demo.PASSWORD) is not None
    assert {role for _, _, role in demo.LOGINS} == set(ROLES)
