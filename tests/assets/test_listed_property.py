"""Listed property of the United States, posted: a use that rises, section 179 within the limits, a use that begins later.

Section 280F(a)(1), (b)(1) and (d)(1) of the Internal Revenue Code; 26 CFR 1.168(i)-4(b)(1).
"""

from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import Firm, day
from tests.assets.test_pool_posting import proven

from wherewithal.assets import queries
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused


def car(**elections: Any) -> dict[str, Any]:
    return {"pack": "us", "pack_class": "car", "elections": elections}


def by_year(firm: Firm, asset: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for on, amount in firm.charges(asset):
        found[on[:4]] = found.get(on[:4], 0) + amount
    return found


def test_listed_property_year_by_year(firms: Any) -> None:
    """A truck of 10,000, used at 40 % in 2023 and 2024 and at 90 % from 2025: ADS all the time, 10 % of 4,000, then 20 % of
    4,000 and of 9,000. A car of 60,000 in 2018 with 5,000 of section 179: 18,000, nothing until 2023, then 5,760 a year.
    """
    firm: Firm = firms(currency="USD", country="US")
    rising = {"business_use": "0.9", "business_use_before": "0.4", "business_use_since": "2025-01-01"}
    truck, twin = (
        firm.buy(
            "10000.00", "2023-03-01", service="2023-03-01", terms={"": car(listed=True, business_use="0.4")}
        )
        for _ in range(2)
    )
    expensed = car(passenger_automobile=True, section_179="5000")
    auto = firm.buy("60000.00", "2018-03-01", service="2018-03-01", terms={"": expensed})
    idle = firm.buy(
        "10000.00", "2023-03-01", service="2023-03-01", terms={"": car(listed=True, business_use="0")}
    )
    firm.event(
        "terms_catch_up", twin, "2025-01-01", terms=car(listed=True, **rising)
    )  # known before the years are charged
    firm.run("2024-12-31")
    firm.event("terms_catch_up", truck, "2025-01-01", terms=car(listed=True, **rising))
    firm.run("2026-12-31")
    charged = {"2023": 40_000, "2024": 80_000, "2025": 180_000, "2026": 180_000}
    assert by_year(firm, truck) == by_year(firm, twin) == charged
    assert by_year(firm, auto) == {"2018": 1_800_000, "2024": 576_000, "2025": 576_000, "2026": 576_000}
    assert by_year(firm, idle) == {}

    before = firm.counts()
    begun = {"business_use": "0.6", "business_use_before": "0", "business_use_since": "2025-01-01"}
    with pytest.raises(Refused) as refused:
        firm.event("terms_catch_up", idle, "2025-01-01", terms=car(listed=True, **begun))
    assert "goes into service when that use begins" in str(refused.value.problems[0].message)
    events = [
        EventDraft("acquisition", day("2024-03-01"), asset_no=0, values={"cost": Decimal(15_000)}),
        EventDraft("in_service", day("2024-03-01"), asset_no=0),
    ]
    too_much = car(passenger_automobile=True, bonus=False, section_179="15000")
    with pytest.raises(Refused) as refused:
        firm.record(*events, assets=[AssetDraft("Thing", "MACH", terms={"": too_much})])
    assert "At most 12,400.00" in str(refused.value.problems[0].message)
    assert firm.counts() == before

    with db.company_transaction(company_id=firm.company_id):
        form = queries.form_4562_figures(firm.company_id, book_id=firm.book_id, on=day("2025-06-01"))
    part_v = [row for row in form.lines if row.part == "V" and row.line in ("26", "27")]
    assert [
        (row.line, row.business_use, row.method, row.amount) for row in part_v if row.amount == 180_000
    ] == [
        ("26", "90", "S/L", 180_000),
        ("26", "90", "S/L", 180_000),
    ]
    proven(firm)


def test_what_was_deducted_before_an_opening_cannot_be_taken_back(firms: Any) -> None:
    """Recapture is what was deducted above ADS, year by year: an opening balance knows only the sum."""
    firm: Firm = firms(currency="USD", country="US")
    opening = {"cost": Decimal(10_000), "accumulated": Decimal(9_040), "in_service_on": "2023-03-01"}
    drafts = [EventDraft("opening", day("2024-12-31"), asset_no=0, values=opening)]
    made = firm.record(*drafts, assets=[AssetDraft("Car", "MACH", terms={"": car(listed=True)})])
    less = {"business_use": "0.4", "business_use_before": "1", "business_use_since": "2025-01-01"}
    before = firm.counts()
    with pytest.raises(Refused) as refused:
        terms = car(listed=True, **less)
        firm.event("terms_catch_up", made.asset_ids[0], "2025-01-01", terms=terms, takes_back_allowances=True)
    (problem,) = refused.value.problems
    assert (problem.field, problem.rule) == ("values.takes_back_allowances", "known_years")
    assert firm.counts() == before
