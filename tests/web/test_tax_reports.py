"""The computation of pools and Form 4562 as pages and files, and who is kept out of them."""

import pytest
from tests.web.depot import Depot, new_depot
from tests.web.shop import Shop, new_shop, text_of


@pytest.fixture
def depot(shop: Shop) -> Depot:
    """A shop with plant of 10,000 in the main pool of the United Kingdom, charged for 2024."""
    depot = new_depot(shop)
    depot.buy("10000.00", "2024-02-01", terms={"": {"pack": "uk", "pack_class": "plant"}})
    depot.run("2024-12-31")
    return depot


@pytest.mark.parametrize(
    ("report", "figures"),
    [
        ("pools", ("Main pool (main)", "10,000.00", "1,800.00", "8,200.00", "posted")),
        ("form-4562", ("Dollar limitation for the tax year", "1,220,000.00", "Total amortization")),
    ],
)
def test_the_reports(depot: Depot, report: str, figures: tuple[str, ...]):
    client = depot.shop.client("auditor")
    address = depot.url(f"reports/{report}") + "?as_of=2024-12-31&from=2024-01-01&to=2024-12-31"
    seen = text_of(client.get(address))
    for figure in figures:
        assert figure in seen
    assert depot.url(f"reports/{report}") in text_of(client.get(depot.url("reports")))
    for kind in ("csv", "xlsx"):
        assert client.get(f"{address}&export={kind}").status_code == 200
    assert depot.shop.client("warehouse").get(address).status_code == 403
    assert new_shop().client("auditor").get(address).status_code == 404


def test_what_is_missing_is_said(depot: Depot):
    """An asset whose claim is not granted, and a year that the book was not run through."""
    terms = {"": {"pack": "uk", "pack_class": "plant", "elections": {"allowance": "full-expensing"}}}
    depot.buy("500.00", "2022-05-01", name="Too early", terms=terms, tag="E-1")
    client = depot.shop.client("auditor")
    span = "?as_of=2024-12-31&from=2022-01-01&to=2024-12-31"
    assert "E-1 is in no pool: Full expensing" in text_of(client.get(depot.url("reports/pools") + span))
    assert "are not whole" not in text_of(client.get(depot.url("reports/form-4562") + span))
    later = text_of(client.get(depot.url("reports/form-4562") + "?as_of=2025-02-01&to=2025-02-01"))
    assert "are not whole" in later
