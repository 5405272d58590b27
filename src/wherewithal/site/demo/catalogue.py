"""The demo company, invented: Quellmark makes and sells water filters in Austria.

It moulds filter housings and winds cartridges in Graz, assembles ultraviolet disinfection units there, and ships all
of it, with spares and trading goods, from a distribution centre in Linz. Any likeness to a real firm is chance.
"""

import csv
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.resources import files

from wherewithal.items.values import ItemKind, Tracking

CODE = "QUELL"
NAME = "Quellmark Water GmbH"
COUNTRY = "AT"
CURRENCY = "EUR"
TIME_ZONE = "Europe/Vienna"
SECOND_BOOK = ("USTAX", "US tax book of the parent", "USD")


@dataclass(frozen=True, slots=True)
class Product:
    """A line of products.csv. Costs are in the supplier's currency per base unit, quantities in base units."""

    sku: str
    name: str
    kind: ItemKind
    category: str
    unit: str
    decimals: int
    tracking: Tracking
    shelf_life_days: int | None
    supplier: str | None
    cost: Decimal
    price: Decimal
    order_qty: int
    weight_g: int | None
    volume_ml: int | None
    case_of: int
    gtin: str | None
    graz_bin: str | None
    linz_bin: str | None
    weekly_demand: int
    portion: int
    description: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one piece of a product is made of (quantities in base units), in runs of so many, with labour per piece."""

    sku: str
    run: int
    labour: Decimal
    parts: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str
    type: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    code: str
    name: str
    country: str
    currency: str = "EUR"
    is_supplier: bool = False
    is_customer: bool = False
    lead_days: int = 0
    freight: bool = False  # bills freight and duty later
    weight: int = 1  # share of the orders
    tax_id: str = ""


CATEGORIES = (  # code, name, parent
    ("MAT", "Materials", None),
    ("MAT-POLY", "Polymers", "MAT"),
    ("MAT-MEDIA", "Filter media", "MAT"),
    ("MAT-METAL", "Metal", "MAT"),
    ("MAT-ELEC", "Electrical parts", "MAT"),
    ("MAT-PACK", "Packaging", "MAT"),
    ("WIP", "Work in progress", None),
    ("FG", "Products", None),
    ("FG-HOUS", "Housings and kits", "FG"),
    ("FG-CART", "Cartridges", "FG"),
    ("FG-UV", "Ultraviolet units", "FG"),
    ("TRADE", "Trading goods", None),
    ("SPARE", "Spares", None),
    ("CONS", "Consumables", None),
)


def products() -> tuple[Product, ...]:
    """The catalogue, in the order of the file."""
    text = files(__package__).joinpath("products.csv").read_text(encoding="utf-8")
    return tuple(_product(row) for row in csv.DictReader(text.splitlines()))


def _product(row: dict[str, str]) -> Product:
    return Product(
        sku=row["sku"],
        name=row["name"],
        kind=ItemKind(row["kind"]),
        category=row["category"],
        unit=row["unit"],
        decimals=int(row["decimals"]),
        tracking=Tracking[row["tracking"].upper()],
        shelf_life_days=int(row["shelf_life_days"]) if row["shelf_life_days"] else None,
        supplier=row["supplier"] or None,
        cost=Decimal(row["cost"]),
        price=Decimal(row["price"] or 0),
        order_qty=int(row["order_qty"] or 0),
        weight_g=int(row["weight_g"]) if row["weight_g"] else None,
        volume_ml=int(row["volume_ml"]) if row["volume_ml"] else None,
        case_of=int(row["case_of"] or 0),
        gtin=row["gtin"] or None,
        graz_bin=row["graz_bin"] or None,
        linz_bin=row["linz_bin"] or None,
        weekly_demand=int(row["weekly_demand"] or 0),
        portion=int(row["portion"] or 0),
        description=row["description"],
    )


RECIPES = (
    Recipe("WP-BODY10", 300, Decimal("1.05"), (("RM-PP", "0.420"), ("RM-SAN", "0.350"), ("RM-INS", "2"))),
    Recipe("WP-CHAM40", 40, Decimal("7.80"), (("RM-TUBE", "0.480"), ("RM-INS", "2"))),
    Recipe(
        "FG-H10",
        240,
        Decimal("0.55"),
        (("WP-BODY10", "1"), ("RM-ORG", "2"), ("SP-WRENCH", "1"), ("RM-CART2", "1")),
    ),
    Recipe("FG-S5", 600, Decimal("0.12"), (("RM-CORE5", "1"), ("RM-PP", "0.030"), ("RM-CART1", "1"))),
    Recipe("FG-GAC", 400, Decimal("0.46"), (("RM-GAC", "0.550"), ("RM-PP", "0.090"), ("RM-CART1", "1"))),
    Recipe("FG-IEX", 240, Decimal("0.52"), (("RM-IEX", "0.780"), ("RM-PP", "0.090"), ("RM-CART1", "1"))),
    Recipe(
        "FG-KDF",
        120,
        Decimal("0.60"),
        (("RM-KDF", "0.220"), ("RM-GAC", "0.300"), ("RM-PP", "0.090"), ("RM-CART1", "1")),
    ),
    Recipe(
        "FG-KIT2",
        80,
        Decimal("1.90"),
        (("FG-H10", "2"), ("FG-S5", "1"), ("FG-GAC", "1"), ("RM-CART2", "1")),
    ),
    Recipe(
        "FG-KIT3",
        50,
        Decimal("2.60"),
        (("FG-H10", "3"), ("FG-S5", "1"), ("FG-GAC", "1"), ("FG-IEX", "1"), ("RM-CART2", "2")),
    ),
    Recipe(
        "FG-UV40",
        24,
        Decimal("14.50"),
        (
            ("WP-CHAM40", "1"),
            ("RM-BALL", "1"),
            ("RM-PCB", "1"),
            ("RM-FLOW", "1"),
            ("SP-LAMP", "1"),
            ("SP-SLEEVE", "1"),
            ("RM-ORG", "2"),
            ("RM-CART2", "1"),
        ),
    ),
)

PLACES = (
    Place("GRZ", "Graz works", "warehouse"),
    Place("GRZ-IN", "Goods-in, Graz", "zone", "GRZ"),
    Place("GRZ-RAW", "Raw materials", "zone", "GRZ"),
    *(Place(f"GRZ-R{n:02}", f"Rack R{n:02}", "bin", "GRZ-RAW") for n in range(1, 9)),
    Place("GRZ-WIP", "Production floor", "zone", "GRZ"),
    Place("GRZ-FG", "Finished goods, Graz", "zone", "GRZ"),
    *(Place(f"GRZ-F{n:02}", f"Bay F{n:02}", "bin", "GRZ-FG") for n in range(1, 5)),
    Place("GRZ-QS", "Quarantine, Graz", "zone", "GRZ"),
    Place("GRZ-OFF", "Offices, Graz", "zone", "GRZ"),
    Place("LNZ", "Linz distribution centre", "warehouse"),
    Place("LNZ-IN", "Goods-in, Linz", "zone", "LNZ"),
    Place("LNZ-OFF", "Offices, Linz", "zone", "LNZ"),
    Place("LNZ-PICK", "Pick face", "zone", "LNZ"),
    *(Place(f"LNZ-P{n:02}", f"Pick bin P{n:02}", "bin", "LNZ-PICK") for n in range(1, 11)),
    Place("LNZ-SPARE", "Spares cage", "zone", "LNZ"),
    *(Place(f"LNZ-S{n:02}", f"Cage bin S{n:02}", "bin", "LNZ-SPARE") for n in range(1, 7)),
    Place("LNZ-RET", "Returns desk", "zone", "LNZ"),
    Place("LNZ-QS", "Quarantine, Linz", "zone", "LNZ"),
)

SUPPLIERS = (
    Partner("BORGA", "Borgafors Polymers AB", "SE", is_supplier=True, lead_days=12),
    Partner("STYRIA", "Mur Metallwaren GmbH", "AT", is_supplier=True, lead_days=6),
    Partner("TATRA", "Tatra Plast s.r.o.", "SK", is_supplier=True, lead_days=8),
    Partner("RHENO", "Rhenochem Spezialitäten GmbH", "DE", is_supplier=True, lead_days=7),
    Partner("LANKA", "Kandy Carbon Exports Ltd", "LK", "USD", is_supplier=True, lead_days=42, freight=True),
    Partner(
        "SHENZ", "Pinghu Bright Components Co.", "CN", "USD", is_supplier=True, lead_days=35, freight=True
    ),
    Partner(
        "GREATL", "Great Lakes Photonics Inc.", "US", "USD", is_supplier=True, lead_days=21, freight=True
    ),
)

CUSTOMERS = (
    Partner("ALPIN", "Alpin Sanitär Großhandel", "AT", is_customer=True, weight=9),
    Partner("DONAU", "Donau Haustechnik GmbH", "AT", is_customer=True, weight=7),
    Partner("BAVAQ", "Bavaqua Installationsbedarf", "DE", is_customer=True, weight=6),
    Partner("VODA", "Voda Centrum a.s.", "CZ", is_customer=True, weight=4),
    Partner("ACQUA", "Acqua Chiara S.r.l.", "IT", is_customer=True, weight=4),
    Partner("HUTTE", "Alpine huts co-operative", "AT", is_customer=True, weight=2),
    Partner("CAMPO", "Campo Caravan Supplies", "NL", is_customer=True, weight=3),
    Partner("LABOR", "Labor Steiner & Co", "AT", is_customer=True, weight=2),
    Partner("SHOP", "Web shop, private customers", "AT", is_customer=True, weight=8),
)
