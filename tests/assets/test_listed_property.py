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


def test_what_was_deducted_before_an_opening_is_taken_back(firms: Any) -> None:
    """Section 280F(b)(2)(B): the excess is the sum deducted for years before less the sum of straight line over 5 years.

    A truck of 10,000, 80 % for business: 20 % and 32 % of 8,000 were deducted before the books opened with 4,160, straight
    line would have been 2,400; the use falls to 40 % in 2025. As its twin that was there from the first day: 1,760 are
    taken back and 20 % of 4,000 deducted. A van with 60 % of 10,000 at once and 20 % of the rest in 2024: all but 1,000
    comes back.
    """
    firm: Firm = firms(currency="USD", country="US")

    def opened(accumulated: str, since: str, **elections: Any) -> int:
        values = {"cost": Decimal(10_000), "accumulated": Decimal(accumulated), "in_service_on": since}
        values["depreciated_through"] = "2024-12-31"
        drafts = [EventDraft("opening", day("2024-12-31"), asset_no=0, values=values)]
        terms = {"": car(listed=True, **elections)}
        return firm.record(*drafts, assets=[AssetDraft("Truck", "MACH", terms=terms)]).asset_ids[0]

    most = {"business_use": "0.8", "bonus": False}
    twin = firm.buy("10000.00", "2023-03-01", service="2023-03-01", terms={"": car(listed=True, **most)})
    truck, van = opened("4160", "2023-03-01", **most), opened("6800", "2024-03-01")
    firm.run("2024-12-31")
    assert firm.nbv(twin) == firm.nbv(truck) == 584_000
    for asset, before in ((twin, "0.8"), (truck, "0.8"), (van, "1")):
        fallen = {"business_use": "0.4", "business_use_before": before, "business_use_since": "2025-01-01"}
        terms = car(listed=True, **fallen)
        firm.event("terms_catch_up", asset, "2025-01-01", terms=terms, takes_back_allowances=True)
    assert [firm.nbv(asset) for asset in (twin, truck, van)] == [760_000, 760_000, 900_000]
    firm.run("2028-12-31")
    # 80,000 a year and half of it in the sixth
    for year in ("2025", "2026", "2027"):
        assert by_year(firm, truck)[year] == by_year(firm, twin)[year]
    assert [firm.nbv(asset) for asset in (twin, truck)] == [760_000 - 3 * 80_000 - 40_000] * 2
    assert firm.nbv(van) == 900_000 - 4 * 80_000
    proven(firm)
