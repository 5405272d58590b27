"""wherewithal explain asset, and explain charge."""

from datetime import date
from decimal import Decimal

import pytest
from tests.reporting.conftest import Damage, Firm
from tests.reporting.test_commands import code_of, invoke

from wherewithal.assets import services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft, ClassDraft
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import NotFound, Refused
from wherewithal.reporting.checks.assets import only_in_service

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
TERMS = {"method": "straight_line", "life_months": "40", "convention": "full_month"}


def _press(firm: Firm) -> None:
    """8,000 from February 2025 on, charged through April."""
    services.create_class(
        company_id=firm.company_id, actor_id=None, draft=ClassDraft("MACH", "Machines", terms={"": TERMS})
    )
    services.record(
        company_id=firm.company_id,
        actor_id=None,
        idempotency_key="press",
        assets=[AssetDraft("Press", "MACH", tag="P-1")],
        events=[
            EventDraft("acquisition", date(2025, 1, 10), asset_no=0, values={"cost": Decimal("8000.00")}),
            EventDraft("in_service", date(2025, 2, 1), asset_no=0),
        ],
    )
    services.depreciate(
        company_id=firm.company_id, actor_id=None, book_id=firm.book_id, through_on=date(2025, 4, 30)
    )


def test_an_asset_by_its_tag(firm: Firm) -> None:
    """8,000 over 40 months are 200 a month."""
    _press(firm)
    code = code_of(firm)

    assert "[7,400.00 EUR]" in invoke("explain", "asset", "P-1", "-c", code).stdout
    assert "[7,800.00 EUR]" in invoke("explain", "asset", "P-1", "--as-of", "2025-02-28", "-c", code).stdout
    assert "was charged 200.00 EUR" in invoke("explain", "charge", "P-1", "2025-03-31", "-c", code).stdout
    assert "will be charged 200.00 EUR" in invoke("explain", "charge", "P-1", "2026-03-31", "-c", code).stdout
    with pytest.raises(NotFound, match="P-2"):
        invoke("explain", "asset", "P-2", "-c", code)
    for wrong in (("charge", "P-1", "soon"), ("asset", "P-1", "--as-of", "20250228")):
        told = invoke("explain", *wrong, "-c", code)
        assert (told.exit_code, wrong[-1] in told.stderr, "%Y-%m-%d" in told.stderr) == (2, True, True)
    before = ("explain", "asset", "P-1", "-c", code, "--known-at")
    assert "[0.00 EUR]" in invoke(*before, "2025-01-01T00:00").stdout
    with pytest.raises(Refused, match="Give an instant of the years 1900 to 2199"):
        invoke(*before, "soon")
    with pytest.raises(Refused, match="Give an instant of the years 1900 to 2199"):
        invoke(*before, "9999-12-31T23:59:59-23:59")


def test_charges_from_before_the_service_are_found(firm: Firm, damage: Damage) -> None:
    _press(firm)
    with company_transaction(company_id=firm.company_id, read_only=True):
        assert only_in_service(firm.company_id).findings == ()
    damage(
        "UPDATE assets_event SET effective_on = '2025-03-05' WHERE company_id = %s AND kind = 'in_service'",
        firm.company_id,
        triggers_of=("assets_event",),
    )
    with company_transaction(company_id=firm.company_id, read_only=True):
        found = only_in_service(firm.company_id)
    assert [(f.where, f.found) for f in found.findings] == [
        (f"book {firm.book_id}, asset P-1, 2025-02-28", "20000")
    ]
