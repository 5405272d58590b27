"""The ways through the product, by job. What a person may not see is not shown."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wherewithal.web.desk import Desk

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Way:
    """One entry: the page's name in urls.py, its label and icon, the permission it takes.

    `everywhere`: it is about all companies of the server, and for who administers each of them.
    """

    page: str
    label: Text
    icon: str
    permission: str
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    label: Text
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class ShownWay:
    label: Text
    icon: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class ShownJob:
    label: Text
    ways: tuple[ShownWay, ...]


JOBS = (
    Job("", (Way("home", _("Home"), "home", "stock.read"),)),
    Job(
        _("Stock"),
        (
            Way("on_hand", _("On hand"), "stack-2", "stock.read"),
            Way("documents", _("Documents"), "receipt-2", "stock.read"),
            Way("moves", _("Moves"), "arrows-exchange", "stock.read"),
            Way("transit", _("On its way"), "truck-delivery", "stock.read"),
            Way("reservations", _("Reservations"), "lock", "stock.read"),
            Way("locations", _("Locations"), "building-warehouse", "stock.read"),
            Way("ageing", _("Ageing"), "clock", "stock.read"),
            Way("expiry", _("Expiry"), "calendar-event", "stock.read"),
        ),
    ),
    Job(
        _("Items"),
        (
            Way("items", _("Items"), "package", "items.read"),
            Way("lots", _("Lots and serials"), "barcode", "items.read"),
            Way("categories", _("Categories"), "category", "items.read"),
            Way("units", _("Units"), "hash", "items.read"),
            Way("parties", _("Suppliers, customers"), "users", "parties.read"),
        ),
    ),
    Job(
        _("Assets"),
        (
            Way("assets", _("Register"), "building-factory-2", "assets.read"),
            Way("custody", _("Who has what"), "user-check", "assets.read"),
            Way("asset_bookings", _("Bookings"), "calendar", "assets.read"),
            Way("asset_audits", _("Audits"), "clipboard-list", "assets.read"),
            Way("runs", _("Depreciation"), "trending-down", "ledger.read"),
            Way("asset_forecast", _("Forecast"), "chart-bar", "ledger.read"),
            Way("asset_reports", _("Asset reports"), "file-analytics", "ledger.read"),
            Way("asset_classes", _("Asset classes"), "category", "assets.read"),
        ),
    ),
    Job(
        _("Finance"),
        (
            Way("valuation", _("Valuation"), "coins", "ledger.read"),
            Way("entries", _("Entries"), "receipt-2", "ledger.read"),
            Way("trial_balance", _("Trial balance"), "scale", "ledger.read"),
            Way("balance_sheet", _("Balance sheet"), "report-money", "ledger.read"),
            Way("income_statement", _("Income statement"), "chart-bar", "ledger.read"),
            Way("compare_books", _("Books side by side"), "versions", "ledger.read"),
            Way("periods", _("Periods"), "lock", "ledger.read"),
        ),
    ),
    Job(
        _("Set-up"),
        (
            Way("setup", _("Step by step"), "list-check", "company.manage"),
            Way("company", _("Company"), "building", "ledger.read"),
            Way("costing", _("Costing"), "adjustments-horizontal", "ledger.read"),
            Way("manual", _("Accounting manual"), "book", "ledger.read"),
            Way("rates", _("Exchange rates"), "coins", "ledger.read"),
            Way("people", _("People"), "users", "people.manage"),
            Way("import", _("Import"), "file-import", "import.run"),
            Way("jobs", _("Jobs"), "list-details", "stock.read"),
            Way("backups", _("Backups"), "download", "company.manage", everywhere=True),
            Way("verify", _("Verify"), "shield-check", "verify.run"),
            Way("trail", _("Audit trail"), "history", "audit.read"),
            Way("preferences", _("Settings"), "settings", "stock.read"),
            Way("api", _("API"), "external-link", "stock.read"),
        ),
    ),
)

DOCUMENTS = (
    Way("receipt", _("Receive"), "arrow-down-left", "stock.receive"),
    Way("issue", _("Issue"), "arrow-up-right", "stock.issue"),
    Way("transfer", _("Transfer"), "arrows-left-right", "stock.transfer"),
    Way("adjustment", _("Adjust or count"), "clipboard-list", "stock.adjust"),
    Way("dispatch", _("Send"), "truck-delivery", "stock.transfer"),
    Way("arrival", _("Take in"), "inbox", "stock.transfer"),
    Way("production", _("Produce"), "building-factory-2", "stock.transfer"),
    Way("scrap", _("Scrap"), "trash", "stock.scrap"),
    Way("dropship", _("Direct delivery"), "arrow-right", "stock.issue"),
    Way("return_from_customer", _("Return without sale"), "truck-return", "stock.receive"),
    Way("opening", _("Opening stock"), "packages", "stock.receive"),
    Way("landed_cost", _("Freight, duty and other costs"), "truck-delivery", "costing.write"),
)

# What else may be begun from anywhere; Ctrl-K offers it.
ACTIONS = (
    Way("item_new", _("New item"), "plus", "items.write"),
    Way("category_new", _("New category"), "plus", "items.write"),
    Way("location_new", _("New location"), "plus", "stock.adjust"),
    Way("asset_new", _("New asset"), "plus", "assets.write"),
    Way("asset_unit", _("Impair a unit"), "trending-down", "assets.record"),
    Way("asset_parts_under_way", _("Parts under way"), "truck-delivery", "assets.read"),
    Way("entry_new", _("New entry by hand"), "plus", "ledger.post"),
    Way("book_new", _("New book"), "plus", "ledger.setup"),
    Way("account_new", _("New account"), "plus", "ledger.setup"),
    Way("gallery", _("Component gallery"), "versions", "company.manage"),
)

# Pages that are reached from an entry and light it up.
BELONGS = {
    "item": "items",
    "item_new": "items",
    "item_edit": "items",
    "barcode_new": "items",
    "ledger_card": "items",
    "category": "categories",
    "category_new": "categories",
    "lot": "lots",
    "location": "locations",
    "location_new": "locations",
    "location_edit": "locations",
    "move": "moves",
    "document": "documents",
    "document_new": "documents",
    "document_reverse": "documents",
    "document_about": "documents",
    "explain_move": "moves",
    "reservation_new": "reservations",
    "reservation_release": "reservations",
    "asset": "assets",
    "asset_schedule": "assets",
    "asset_trail": "assets",
    "asset_why": "assets",
    "asset_charge_why": "assets",
    "asset_new": "assets",
    "asset_edit": "assets",
    "asset_record": "assets",
    "asset_event": "assets",
    "asset_take_back": "assets",
    "asset_attach": "assets",
    "asset_booking_new": "asset_bookings",
    "asset_audit": "asset_audits",
    "asset_audit_new": "asset_audits",
    "asset_from_stock": "assets",
    "asset_parts": "assets",
    "asset_unit": "assets",
    "asset_parts_under_way": "asset_reports",
    "asset_year_test": "runs",
    "asset_to_stock": "assets",
    "asset_to_company": "assets",
    "asset_scenarios": "asset_forecast",
    "asset_scenario": "asset_forecast",
    "asset_scenario_add": "asset_forecast",
    "asset_scenario_new": "asset_forecast",
    "asset_scenario_change": "asset_forecast",
    "asset_budgets": "asset_forecast",
    "asset_budget": "asset_forecast",
    "asset_budget_new": "asset_forecast",
    "cost_centres": "asset_classes",
    "cost_centre": "asset_classes",
    "cost_centre_new": "asset_classes",
    "asset_packs": "asset_classes",
    "asset_pack": "asset_classes",
    "asset_calendar": "company",
    "company_change": "company",
    "account_new": "company",
    "account_change": "company",
    "book_change": "company",
    "book_new": "company",
    "account_map": "company",
    "account_map_change": "company",
    "run": "runs",
    "run_job": "runs",
    "asset_report": "asset_reports",
    "asset_class": "asset_classes",
    "asset_classes_install": "asset_classes",
    "asset_class_new": "asset_classes",
    "costing_decide": "costing",
    "entry": "entries",
    "entry_new": "entries",
    "account": "trial_balance",
    "import_job": "import",
    "verify_run": "verify",
    "api_operation": "api",
    "party": "parties",
    "party_new": "parties",
    "party_edit": "parties",
    "member": "people",
    "member_new": "people",
    "roles": "people",
    "tokens": "people",
    "token_revoke": "people",
    "period_change": "periods",
    "import_mapping": "import",
}


def jobs(desk: Desk, current: str) -> list[ShownJob]:
    """The navigation of this person; `current` is the name of the page it is drawn on."""
    lit = BELONGS.get(current, current)
    shown = [
        ShownJob(
            job.label,
            tuple(
                ShownWay(way.label, way.icon, desk.link(way.page), way.page == lit)
                for way in job.ways
                if desk.may(way.permission) and (desk.everywhere or not way.everywhere)
            ),
        )
        for job in JOBS
    ]
    return [job for job in shown if job.ways]


def documents(desk: Desk) -> list[ShownWay]:
    """The goods documents this person may make."""
    return [
        ShownWay(way.label, way.icon, desk.link("document_new", way.page), False)
        for way in DOCUMENTS
        if desk.may(way.permission)
    ]
