"""What the demo company owns: kinds of equipment, who sold it, who uses it, and how each book depreciates its class.

The US tax book follows the alternative system, which section 168(g)(1)(A) of the code demands for property used outside
the United States: straight line over the class life, half a year in the first one.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from wherewithal.site.demo.catalogue import Partner

GAAP_BOOK = ("USGAAP", "Package for the parent under US GAAP", "EUR")
IFRS, GAAP, TAX = "IFRS", GAAP_BOOK[0], "USTAX"

COST_CENTRES = (
    ("PRD", "Production"),
    ("QUA", "Quality"),
    ("LOG", "Logistics"),
    ("SAL", "Sales"),
    ("ADM", "Administration"),
)
PARTIES = (
    Partner("ALPEN", "Alpenland Maschinenbau GmbH", "AT", is_supplier=True),
    Partner("PRUEF", "Prüftechnik Traun GmbH", "AT", is_supplier=True),
    Partner("FOERDER", "Donau Fördertechnik AG", "AT", is_supplier=True),
    Partner("AUTO", "Autohaus Murtal GmbH", "AT", is_supplier=True),
    Partner("BUERO", "Büroeinrichter Süd KG", "AT", is_supplier=True),
    Partner("DATEN", "Datenwerk Systemhaus GmbH", "AT", is_supplier=True),
    Partner("LESSOR", "Hafen Linz Vermietung GmbH", "AT", is_supplier=True),
)


@dataclass(frozen=True, slots=True)
class Equipment:
    """A line of equipment.csv. Costs in whole euros; `oldest`: how many years ago the first of them was bought."""

    asset_class: str
    name: str
    count: int
    low: int
    high: int
    oldest: int
    place: str
    centre: str
    supplier: str | None
    residual_percent: str


@cache
def equipment() -> tuple[Equipment, ...]:
    text = files(__package__).joinpath("equipment.csv").read_text(encoding="utf-8")
    return tuple(
        Equipment(
            asset_class=row["class"],
            name=row["name"],
            count=int(row["count"]),
            low=int(row["low"]),
            high=int(row["high"]),
            oldest=int(row["oldest"]),
            place=row["place"],
            centre=row["centre"],
            supplier=row["supplier"] or None,
            residual_percent=row["residual_percent"],
        )
        for row in csv.DictReader(text.splitlines())
    )


COMPONENTS = (  # name, share of the cost of the structure in thousandths, months: IAS 16.43 depreciates them apart
    ("roof", 160, "300"),
    ("heating and ventilation", 210, "240"),
    ("lift", 55, "300"),
    ("electrical installation", 130, "300"),
)


def _straight(months: str, **more: str) -> dict[str, Any]:
    return {"method": "straight_line", "life_months": months, "convention": "full_month", **more}


def _declining(months: str, factor: str) -> dict[str, Any]:
    return {
        "method": "declining", "life_months": months, "factor": factor, "switches_to_straight_line": True,
        "convention": "full_month",
    }  # fmt: skip


def _ads(pack_class: str, **facts: str) -> dict[str, Any]:
    elections = {"method": "ads", "ads_required": True, **facts}
    return {"pack": "us", "pack_class": pack_class, "elections": elections}


TERMS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "BLDG": {"": _straight("480"), GAAP: _straight("468"), TAX: _ads("nonresidential-real")},
    "MACH": {"": _straight("120"), GAAP: _straight("144"), TAX: _ads("7-year", ads_years="11")},
    "TOOL": {"": _straight("60"), GAAP: _straight("48"), TAX: _ads("3-year", ads_years="3.5")},
    "VEH": {"": _straight("72"), GAAP: _declining("72", "1.5"), TAX: _ads("car")},
    "FURN": {"": _straight("156"), GAAP: _straight("120"), TAX: _ads("office-furniture")},
    "IT": {"": _straight("36"), GAAP: _straight("48"), TAX: _ads("computer")},
    "SOFT": {"": _straight("36"), GAAP: _straight("36"), TAX: _ads("software")},
    "INTANG": {"": _straight("120"), GAAP: _straight("120"), TAX: _ads("section-197")},
}
"""Terms by class and book; "" is IFRS."""

OLD_TAX_TERMS: Mapping[str, Mapping[str, Any]] = {
    "BLDG": {"method": "straight_line", "life_months": "480", "convention": "mid_month"},
    "MACH": {"method": "straight_line", "life_months": "132", "convention": "half_year"},
    "TOOL": {"method": "straight_line", "life_months": "42", "convention": "half_year"},
    "VEH": {"method": "straight_line", "life_months": "60", "convention": "half_year"},
    "FURN": {"method": "straight_line", "life_months": "120", "convention": "half_year"},
    "IT": {"method": "straight_line", "life_months": "60", "convention": "half_year"},
    "SOFT": {"method": "straight_line", "life_months": "36", "convention": "full_month"},
    "INTANG": {"method": "straight_line", "life_months": "180", "convention": "full_month"},
}
"""The same, as the program before this one had them for what was there on the first day."""
