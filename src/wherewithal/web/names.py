"""What the product calls its own values, in the reader's language; a status comes with its tone."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wherewithal.items.values import ItemKind, LotStatus, Tracking
from wherewithal.ledger.values import Classification, PeriodState
from wherewithal.stock.drafts import DocumentKind, MoveKind

KINDS = (
    (ItemKind.RAW_MATERIAL.value, _("Raw material")),
    (ItemKind.WORK_IN_PROGRESS.value, _("Work in progress")),
    (ItemKind.FINISHED_GOOD.value, _("Finished good")),
    (ItemKind.SPARE.value, _("Spare")),
    (ItemKind.CONSUMABLE.value, _("Consumable")),
)
TRACKINGS = (
    (str(Tracking.BULK.value), _("Bulk: pieces are not told apart")),
    (str(Tracking.LOT.value), _("Lot: pieces of one origin")),
    (str(Tracking.SERIAL.value), _("Serial: each piece by itself")),
)
TRACKING_NAMES = {Tracking.BULK: _("Bulk"), Tracking.LOT: _("Lot"), Tracking.SERIAL: _("Serial")}
ITEM_STATES = {True: (_("In use"), "good"), False: (_("Retired"), "")}
LOT_STATUSES = {
    LotStatus.AVAILABLE: (_("Available"), "good"),
    LotStatus.QUARANTINED: (_("Quarantined"), "warn"),
    LotStatus.ON_HOLD: (_("On hold"), "note"),
    LotStatus.RECALLED: (_("Recalled"), "bad"),
    LotStatus.EXPIRED: (_("Expired"), "bad"),
}


def status_on(today: date, status: int | None, expires_on: date | None) -> int:
    """The status of a lot on a day: what nobody blocked is expired past its expiry."""
    given = status or LotStatus.AVAILABLE
    expired = expires_on is not None and expires_on < today
    return LotStatus.EXPIRED if expired and given == LotStatus.AVAILABLE else given


def lot_status(status: int | None) -> tuple[Any, str]:
    return LOT_STATUSES[LotStatus(status or 0)]


CLASSES = {
    Classification.CURRENT_ASSET: _("Current assets"),
    Classification.NONCURRENT_ASSET: _("Non-current assets"),
    Classification.CURRENT_LIABILITY: _("Current liabilities"),
    Classification.NONCURRENT_LIABILITY: _("Non-current liabilities"),
    Classification.EQUITY: _("Equity"),
    Classification.INCOME: _("Income"),
    Classification.EXPENSE: _("Expenses"),
}
PERIOD_STATES = {
    PeriodState.OPEN: (_("Open"), "good"),
    PeriodState.CLOSED: (pgettext_lazy("of a month", "Closed"), "note"),
    PeriodState.LOCKED: (_("Locked"), ""),
}
DOCUMENT_KINDS = {
    DocumentKind.OPENING: _("Opening stock"),
    DocumentKind.RECEIPT: _("Receipt"),
    DocumentKind.ISSUE: _("Issue"),
    DocumentKind.DROPSHIP: _("Direct delivery"),
    DocumentKind.TRANSFER: _("Transfer"),
    DocumentKind.DISPATCH: _("Dispatch"),
    DocumentKind.ARRIVAL: _("Arrival"),
    DocumentKind.ADJUSTMENT: _("Adjustment"),
    DocumentKind.SCRAP: _("Scrap"),
    DocumentKind.RETURN_TO_SUPPLIER: _("Return to supplier"),
    DocumentKind.RETURN_FROM_CUSTOMER: _("Return from customer"),
    DocumentKind.PRODUCTION: _("Production"),
    DocumentKind.AMENDMENT: _("Amendment"),
    DocumentKind.REVERSAL: _("Reversal"),
    DocumentKind.LANDED_COST: _("Landed cost"),
    DocumentKind.PRICE_CORRECTION: _("Price correction"),
}
MOVE_KINDS = {
    MoveKind.OPENING: _("Opening stock"),
    MoveKind.RECEIPT: _("Receipt"),
    MoveKind.ISSUE: _("Issue"),
    MoveKind.DROPSHIP: _("Direct delivery"),
    MoveKind.TRANSFER: _("Transfer"),
    MoveKind.DISPATCH: _("Dispatch"),
    MoveKind.ARRIVAL: _("Arrival"),
    MoveKind.ADJUSTMENT: _("Adjustment"),
    MoveKind.SCRAP: _("Scrap"),
    MoveKind.RETURN_TO_SUPPLIER: _("Return to supplier"),
    MoveKind.RETURN_FROM_CUSTOMER: _("Return from customer"),
    MoveKind.CONSUMPTION: _("Consumed"),
    MoveKind.OUTPUT: _("Produced"),
    MoveKind.AMENDMENT: _("Amendment"),
    MoveKind.REVERSAL: _("Reversal"),
}
COST_METHODS = {
    "moving_average": _("Moving average"),
    "fifo": _("FIFO"),
    "lifo": _("LIFO"),
    "periodic_average": _("Periodic average"),
    "standard": _("Standard cost"),
    "specific": _("Specific, by lot or serial"),
}
IMPORT_STATES = {
    "waiting": (_("Waiting"), "note"),
    "checking": (_("Checking"), "note"),
    "writing": (_("Loading"), "note"),
    "checked": (_("Checked"), "good"),
    "done": (_("Loaded"), "good"),
    "refused": (_("Refused"), "bad"),
    "stopped": (_("Stopped part-way"), "warn"),
}
ATTRIBUTE_TYPES = {
    "text": _("Text"),
    "number": pgettext_lazy("type of an attribute", "Number"),
    "date": _("Day"),
    "choice": _("One of some"),
    "bool": _("Yes or no"),
}
JOB_STATES = {
    "waiting": (_("Waiting"), "note"),
    "running": (_("Running"), "note"),
    "done": (_("Done"), "good"),
    "failed": (_("Failed"), "bad"),
}
JOB_KINDS = {
    "import": _("Import"),
    "depreciation": _("Depreciation run"),
    "verify": _("Verification"),
    "backup": _("Backup"),
}
# Master data whose changes are kept, by table.
AUDITED = {
    "assets_asset": _("Asset"),
    "assets_attachment": _("File of an asset"),
    "assets_audit": _("Count of assets"),
    "assets_book": _("Calendar of a book"),
    "assets_booking": _("Booking"),
    "assets_class": _("Asset class"),
    "assets_cost_centre": _("Cost centre"),
    "assets_scenario": _("Scenario"),
    "assets_scenario_line": _("Line of a scenario"),
    "assets_timetable": _("Schedule of runs"),
    "feeds_mapping": _("Mapping of an import"),
    "items_attachment": _("File of an item"),
    "items_barcode": _("Barcode"),
    "items_category": _("Category"),
    "items_item": _("Item"),
    "items_item_unit": _("Unit of an item"),
    "items_lot": _("Lot or serial"),
    "items_unit": _("Unit"),
    "ledger_account": _("Account"),
    "ledger_book": _("Book"),
    "ledger_company": _("Company"),
    "ledger_exchange_rate": _("Exchange rate"),
    "parties_party": _("Supplier or customer"),
    "people_membership": _("Member"),
    "people_token": _("Token"),
    "people_user": _("User"),
    "stock_location": _("Location"),
    "stock_paper": _("Paper of a document or party"),
}
CHANGES = {
    "insert": (_("added"), "good"),
    "update": (_("changed"), "note"),
    "delete": (_("removed"), "bad"),
}
LOCATION_TYPES = {
    "site": _("Site"),
    "warehouse": _("Warehouse"),
    "zone": _("Zone"),
    "bin": _("Bin"),
    "transit": _("In transit"),
    "supplier": _("Suppliers"),
    "customer": _("Customers"),
    "production": _("Production"),
    "adjustment": _("Count differences"),
    "scrap": _("Scrap"),
    "opening": _("Opening stock"),
    "asset": _("Fixed assets"),
}


def document_kind(kind: str) -> str:
    """The name of a kind of document; kinds of later rooms show as they are."""
    return str(DOCUMENT_KINDS.get(kind, kind.replace("_", " ")))  # type: ignore[call-overload]  # a StrEnum's text


def move_kind(kind: int | None) -> str:
    """The name of a kind of move; value rows without a move are corrections of cost."""
    return str(MOVE_KINDS[MoveKind(kind)]) if kind in list(MoveKind) else str(_("Cost correction"))
