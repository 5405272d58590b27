"""Form 4562 of the United States: the lines of a tax year from what was deducted for each asset.

Lines as on the form of the Internal Revenue Service for 2022 to 2025: part I section 179, part II special allowance
and other depreciation, part III MACRS, part IV summary, part V listed property (asset by asset, with the part that is
used for business), part VI amortization.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from wherewithal.core.depreciation.allowances import Limit

SECTION_179 = frozenset({"section-179", "section-179-suv"})
GDS_LINES = {
    "3-year": "19a",
    "5-year": "19b",
    "7-year": "19c",
    "10-year": "19d",
    "15-year": "19e",
    "qualified-improvement": "19e",
    "20-year": "19f",
    "25-year": "19g",
    "residential-rental": "19h",
    "nonresidential-real": "19i",
}
REAL = frozenset({"residential-rental", "nonresidential-real"})
ALWAYS_STRAIGHT = REAL | {"qualified-improvement", "25-year"}
CONVENTIONS = {"half_year": "HY", "mid_quarter": "MQ", "mid_month": "MM"}
NO_CLASS_LIFE = Fraction(12)
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class FormAsset:
    """An asset as the form sees it; amounts in minor units.

    pack_class None: depreciated by terms of its own. placed_on: since when it is in service. may_expense: section 179
    property. section_179, special: what was elected, what the special allowance was, in the year of service. deducted:
    the regular deduction of the year. recovery_years: by the system its method belongs to. listed: listed property, of
    which business_use is the part used for business in the year. recaptured: what of earlier deductions is income of the
    year, because that fell to one half or less.
    """

    tag: str
    name: str
    pack_class: str | None
    placed_on: date
    cost: int
    may_expense: bool = False
    section_179: int = 0
    special: int = 0
    basis: int = 0
    deducted: int = 0
    method: str = "gds"
    convention: str = "half_year"
    factor: Fraction = Fraction(2)
    recovery_years: Fraction = Fraction(0)
    listed: bool = False
    business_use: Fraction = Fraction(1)
    recaptured: int = 0


@dataclass(frozen=True, slots=True)
class FormLine:
    """A line: its number and what it says. Columns of parts I and III stand empty where a line has none.

    placed: month and year of real property, the day of listed property. amount: the figure of the line, the deduction in
    parts III and V. cost, business_use (in per cent), section_179: columns of part V.
    """

    part: str
    line: str
    text: str
    amount: int
    basis: int | None = None
    recovery: str = ""
    convention: str = ""
    method: str = ""
    placed: str = ""
    cost: int | None = None
    business_use: str = ""
    section_179: int | None = None


def form_4562(
    limit: Limit,
    first: date,
    last: date,
    assets: Sequence[FormAsset],
    *,
    business_income: int | None = None,
    carried_in: int = 0,
) -> list[FormLine]:
    """The lines of the tax year from `first` to `last`, those of part III only where there is something.

    business_income: what limits section 179 (None: it does not). carried_in: section 179 disallowed before.
    """
    every = [asset for asset in assets if first <= asset.placed_on <= last]
    expensed = _section_179(limit, every, business_income, carried_in)
    listed = _listed([asset for asset in assets if asset.listed], first, last)
    of_listed = next((line.amount for line in listed if line.line == "28"), 0)
    assets = [asset for asset in assets if not asset.listed]
    new = [asset for asset in every if not asset.listed]
    special = sum(asset.special for asset in new)
    other = sum(asset.deducted for asset in assets if _is_other(asset))
    before = sum(
        asset.deducted for asset in assets if _is_macrs(asset) and not first <= asset.placed_on <= last
    )
    macrs = _macrs([asset for asset in new if _is_macrs(asset)])
    deduction = next(line.amount for line in expensed if line.line == "12")
    lines = [
        *expensed,
        FormLine("II", "14", "Special depreciation allowance for qualified property", special),
        FormLine("II", "15", "Property subject to section 168(f)(1) election", 0),
        FormLine("II", "16", "Other depreciation", other),
        FormLine("III", "17", "MACRS deductions for assets placed in service in earlier tax years", before),
        *macrs,
        FormLine("IV", "21", "Listed property", of_listed),
    ]
    total = deduction + special + other + before + sum(line.amount for line in macrs) + of_listed
    lines.append(FormLine("IV", "22", "Total", total))
    return lines + listed + _amortization(assets, first, last)


def _section_179(
    limit: Limit, new: Sequence[FormAsset], business_income: int | None, carried_in: int
) -> list[FormLine]:
    """Part I: the smallest of what was elected, the limit of the year and the income of the business counts."""
    elected = [asset for asset in new if asset.section_179 and not asset.listed]
    of_listed = sum(asset.section_179 for asset in new if asset.listed)
    whole = sum(asset.section_179 for asset in elected) + of_listed
    tentative = min(limit.maximum, whole)
    most = limit.maximum if business_income is None else min(max(business_income, 0), limit.maximum)
    deduction = min(tentative + carried_in, most)
    head = (
        ("1", "Maximum amount", limit.limit),
        (
            "2",
            "Total cost of section 179 property placed in service",
            _sum(round(a.cost * a.business_use) for a in new if a.may_expense),
        ),
        ("3", "Threshold cost before reduction in limitation", limit.threshold or 0),
        ("4", "Reduction in limitation", limit.reduction),
        ("5", "Dollar limitation for the tax year", limit.maximum),
    )
    tail = (
        *((("7", "Listed property", of_listed),) if of_listed else ()),
        ("8", "Total elected cost of section 179 property", whole),
        ("9", "Tentative deduction", tentative),
        ("10", "Carryover of disallowed deduction from the year before", carried_in),
        ("11", "Business income limitation", most),
        ("12", "Section 179 expense deduction", deduction),
        ("13", "Carryover of disallowed deduction to the next year", tentative + carried_in - deduction),
    )
    return [
        *(FormLine("I", *row) for row in head),
        *(
            FormLine("I", "6", f"{asset.tag} {asset.name}", asset.section_179, basis=asset.cost)
            for asset in elected
        ),
        *(FormLine("I", *row) for row in tail),
    ]


def _listed(listed: Sequence[FormAsset], first: date, last: date) -> list[FormLine]:
    """Part V, section A: what is used for business for more than one half, and the rest; what of it is taken back is
    figured in part IV of Form 4797."""
    if not listed:
        return []
    new = [asset for asset in listed if first <= asset.placed_on <= last and asset.business_use > HALF]
    special = sum(asset.special for asset in new)
    rows = [
        FormLine(
            "V",
            "26" if asset.business_use > HALF else "27",
            f"{asset.tag} {asset.name}",
            asset.deducted,
            round(asset.cost * asset.business_use) - asset.section_179 - asset.special,
            _recovery(asset),
            CONVENTIONS.get(asset.convention, ""),
            _method(asset),
            f"{asset.placed_on:%m/%d/%Y}",
            asset.cost,
            f"{float(asset.business_use * 100):.4g}",
            asset.section_179 if asset in new else None,
        )
        for asset in sorted(listed, key=lambda each: (each.business_use <= HALF, each.tag))
    ]
    return [
        FormLine("V", "25", "Special depreciation allowance for qualified listed property", special),
        *rows,
        FormLine("V", "28", "Depreciation of listed property", special + sum(row.amount for row in rows)),
        FormLine(
            "V",
            "29",
            "Elected cost of listed property under section 179",
            _sum(asset.section_179 for asset in new),
        ),
        *(
            FormLine("V", "4797", f"{asset.tag} {asset.name}: recapture", asset.recaptured)
            for asset in listed
            if asset.recaptured
        ),
    ]


def _macrs(new: Sequence[FormAsset]) -> list[FormLine]:
    """Part III, sections B and C: by class of property, convention and method; real property by month as well."""
    found: dict[tuple[str, str, str, str, str, str], list[int]] = {}
    for asset in new:
        line, text = _line_of(asset)
        placed = f"{asset.placed_on:%m/%Y}" if asset.pack_class in REAL else ""
        key = (line, placed, text, _recovery(asset), CONVENTIONS.get(asset.convention, ""), _method(asset))
        sums = found.setdefault(key, [0, 0])
        sums[0] += asset.basis
        sums[1] += asset.deducted
    return [
        FormLine("III", line, text, amount, basis, recovery, convention, method, placed)
        for (line, placed, text, recovery, convention, method), (basis, amount) in sorted(found.items())
        if basis or amount
    ]


def _line_of(asset: FormAsset) -> tuple[str, str]:
    if asset.method != "ads":
        titles = {
            "residential-rental": "Residential rental property",
            "nonresidential-real": "Nonresidential real property",
        }
        name = str(asset.pack_class)
        line = GDS_LINES[name]
        years = {"19e": "15-year"}.get(line, name)
        return line, titles.get(name, f"{years} property")
    if asset.pack_class in REAL:
        return ("20c", "30-year (ADS)") if asset.recovery_years == 30 else ("20d", "40-year (ADS)")
    if asset.recovery_years == NO_CLASS_LIFE:
        return "20b", "12-year (ADS)"
    return "20a", "Class life (ADS)"


def _recovery(asset: FormAsset) -> str:
    years = asset.recovery_years
    return f"{years.numerator if years.denominator == 1 else float(years)} yrs."


def _method(asset: FormAsset) -> str:
    if asset.pack_class in ALWAYS_STRAIGHT or asset.method in ("ads", "straight_line"):
        return "S/L"
    return "150 DB" if asset.method == "150db" or asset.factor == Fraction(3, 2) else "200 DB"


def _is_macrs(asset: FormAsset) -> bool:
    return asset.pack_class in GDS_LINES


def _is_other(asset: FormAsset) -> bool:
    """Neither MACRS nor amortized: software of section 167(f), what has terms of its own."""
    return not _is_macrs(asset) and asset.pack_class != "section-197"


def _amortization(assets: Sequence[FormAsset], first: date, last: date) -> list[FormLine]:
    mine = [asset for asset in assets if asset.pack_class == "section-197"]
    begun = [asset for asset in mine if first <= asset.placed_on <= last]
    began = _sum(asset.deducted for asset in begun)
    whole = _sum(asset.deducted for asset in mine)
    return [
        FormLine(
            "VI",
            "42",
            "Amortization of costs that begins in the tax year",
            began,
            _sum(a.cost for a in begun),
        ),
        FormLine("VI", "43", "Amortization of costs that began before", whole - began),
        FormLine("VI", "44", "Total amortization", whole),
    ]


def _sum(amounts: Iterable[int]) -> int:
    return sum(amounts)
