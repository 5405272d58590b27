"""What is there before the first movement: the company, its books and accounts, its people, its master data."""

from datetime import date
from decimal import Decimal

from wherewithal.assets import queries as asset_queries
from wherewithal.assets import services as assets
from wherewithal.items.services import create_categories, create_items
from wherewithal.items.values import BarcodeDraft, CategoryDraft, ItemDraft, ItemUnitDraft
from wherewithal.kit.db import company_transaction
from wherewithal.kit.idempotency import once, request_hash
from wherewithal.ledger import services as ledger
from wherewithal.parties.services import create_parties
from wherewithal.parties.values import PartyDraft
from wherewithal.people import services as people
from wherewithal.site.demo import catalogue, equipment, life
from wherewithal.site.demo.market import euros, exchange_rates
from wherewithal.stock import services as stock
from wherewithal.stock.services.locations import LocationDraft

PASSWORD = "clear-water-demo"  # told to everybody; only the demo makes these users
LOGINS = (  # username, the person's name, role
    ("demo", "Andrea Adler", "administrator"),
    ("demo.controller", "Clemens Koller", "controller"),
    ("demo.buyer", "Beate Brandl", "buyer"),
    ("demo.warehouse", "Walter Winkler", "warehouse"),
    ("demo.planner", "Paula Pichler", "planner"),
    ("demo.maintenance", "Martin Moser", "maintenance"),
    ("demo.assets", "Agnes Auer", "asset_accountant"),
    ("demo.auditor", "Otto Ofner", "auditor"),
)
BEGUN = "demo begun"

# What IAS 2.37 would have shown apart: an inventory account for each kind of goods, by category.
INVENTORY_ACCOUNTS = (
    ("1201", "Raw materials and supplies", ("MAT",)),
    ("1202", "Work in progress and finished goods", ("WIP", "FG")),
    ("1203", "Goods for resale", ("TRADE",)),
    ("1204", "Spares and consumables", ("SPARE", "CONS")),
)


def set_up(*, today: date, days: int) -> int:
    """All of it in one transaction; the company's id. `today` and `days` are kept: the story that follows has them."""
    company_id = ledger.reserve_company_id()
    with company_transaction(company_id=company_id):
        book_ids = _books(company_id)
        _people(company_id)
        _accounts(company_id, book_ids, _categories(company_id))
        _items(company_id)
        _places(company_id)
        _parties(company_id)
        _rates(company_id, life.first_day(today, days))
        _asset_classes(company_id)
        once(
            company_id=company_id,
            key=BEGUN,
            request_hash=request_hash(BEGUN),
            fn=lambda: {"today": today.isoformat(), "days": days},
        )
    return company_id


def _books(company_id: int) -> list[int]:
    """IFRS in euros by moving average, as for US GAAP; the parent's tax book in dollars by FIFO, each warehouse for
    itself."""
    created = ledger.create_company(
        company_id=company_id,
        code=catalogue.CODE,
        name=catalogue.NAME,
        country=catalogue.COUNTRY,
        currency=catalogue.CURRENCY,
        timezone=catalogue.TIME_ZONE,
        book_code="IFRS",
        book_name="Group accounts under IFRS",
    )
    code, name, currency = catalogue.SECOND_BOOK
    second = ledger.create_book(
        company_id=company_id,
        actor_id=None,
        code=code,
        name=name,
        standard="US tax",
        currency=currency,
        cost_scope="warehouse",
    )
    code, name, currency = equipment.GAAP_BOOK
    third = ledger.create_book(
        company_id=company_id, actor_id=None, code=code, name=name, standard="US GAAP", currency=currency
    )
    since = date(2000, 1, 1)
    for book_id, method in ((created.book_id, "moving_average"), (second, "fifo"), (third, "moving_average")):
        stock.set_cost_method(
            company_id=company_id, actor_id=None, book_id=book_id, method=method, effective_on=since
        )
    return [created.book_id, second, third]


def _people(company_id: int) -> None:
    for username, name, role in LOGINS:
        user_id = people.create_user(
            username=username,
            password=PASSWORD,
            email=f"{username}@quellmark.example",
            name=name,
            company_id=company_id,
        )
        people.add_member(company_id=company_id, user_id=user_id, roles=[role])


def _categories(company_id: int) -> dict[str, int]:
    drafts = [CategoryDraft(code, name, parent) for code, name, parent in catalogue.CATEGORIES]
    ids = create_categories(company_id=company_id, actor_id=None, categories=drafts)
    return {draft.code: category_id for draft, category_id in zip(drafts, ids, strict=True)}


def _accounts(company_id: int, book_ids: list[int], categories: dict[str, int]) -> None:
    for code, name, wanted in INVENTORY_ACCOUNTS:
        account_id = ledger.add_account(
            company_id=company_id, actor_id=None, code=code, name=name, classification="current_asset"
        )
        for book_id in book_ids:
            for category in wanted:
                stock.map_account(
                    company_id=company_id,
                    actor_id=None,
                    book_id=book_id,
                    account_role="inventory",
                    account_id=account_id,
                    category_id=categories[category],
                )


def _items(company_id: int) -> None:
    drafts = [
        ItemDraft(
            sku=product.sku,
            name=product.name,
            kind=product.kind,
            category_code=product.category,
            base_unit_code=product.unit,
            qty_decimals=product.decimals,
            tracking=product.tracking,
            description=product.description,
            shelf_life_days=product.shelf_life_days,
            weight_g=Decimal(product.weight_g) if product.weight_g else None,
            volume_ml=Decimal(product.volume_ml) if product.volume_ml else None,
            units=(ItemUnitDraft("case", product.case_of),) if product.case_of else (),
            barcodes=(BarcodeDraft(product.gtin),) if product.gtin else (),
        )
        for product in catalogue.products()
    ]
    create_items(company_id=company_id, actor_id=None, items=drafts)


def _places(company_id: int) -> None:
    drafts = [LocationDraft(p.code, p.name, p.type, p.parent, barcode=p.code) for p in catalogue.PLACES]
    stock.create_locations(company_id=company_id, actor_id=None, locations=drafts)


def _parties(company_id: int) -> None:
    partners = (*catalogue.SUPPLIERS, *catalogue.CUSTOMERS, *equipment.PARTIES)
    drafts = [
        PartyDraft(p.code, p.name, is_supplier=p.is_supplier, is_customer=p.is_customer, country=p.country)
        for p in partners
    ]
    create_parties(company_id=company_id, actor_id=None, parties=drafts)


def _rates(company_id: int, start: date) -> None:
    drafts = [
        draft
        for on, dollars in exchange_rates(start)
        for draft in (
            ledger.RateDraft("EUR", "USD", on, dollars),
            ledger.RateDraft("USD", "EUR", on, euros(dollars)),
        )
    ]
    ledger.set_exchange_rates(company_id=company_id, actor_id=None, rates=drafts)


def _asset_classes(company_id: int) -> None:
    """The classes of the template with the terms of each book, and the cost centres."""
    assets.install_classes(company_id=company_id, actor_id=None)
    for known in asset_queries.classes(company_id):
        if known.code in equipment.TERMS:
            assets.update_class(
                company_id=company_id,
                actor_id=None,
                class_id=known.class_id,
                terms=equipment.TERMS[known.code],
            )
    for code, name in equipment.COST_CENTRES:
        assets.create_cost_centre(company_id=company_id, actor_id=None, code=code, name=name)
