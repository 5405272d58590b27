"""A small company of the same people in Leeds: capital allowances by pools, and an asset that came from Graz."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connections

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.core.depreciation.calendar import add_months
from wherewithal.kit.db import company_transaction
from wherewithal.ledger import queries as ledger_queries
from wherewithal.ledger import services as ledger
from wherewithal.people import queries as people_queries
from wherewithal.people import services as people
from wherewithal.site.demo.desk import at

CODE, NAME = "QUELLUK", "Quellmark UK Ltd"
TAX = "UKTAX"
POUNDS = Decimal("0.852")
MEMBERS = {"demo": "administrator", "demo.controller": "controller", "demo.assets": "asset_accountant"}
PLANT: Mapping[str, Any] = {"pack": "uk", "pack_class": "plant"}
FEATURES: Mapping[str, Any] = {"pack": "uk", "pack_class": "integral-features"}
BOUGHT = (  # tag, name, class, pounds, month of the story, months of use, class of the tax book
    ("UK-01", "Van, Leeds", "VEH", "27400.00", 1, 72, PLANT),
    ("UK-02", "Air handling of the showroom", "MACH", "18500.00", 3, 180, FEATURES),
    ("UK-03", "Shelving", "FURN", "9800.00", 5, 120, PLANT),
    ("UK-04", "Laptops, four of them", "IT", "6240.00", 8, 36, PLANT),
    ("UK-05", "Electric van, Leeds", "VEH", "33900.00", 18, 72, PLANT),
)
SOLD = ("UK-01", "15900.00", 18)
COMES = "MA-0016"
"""A machine of Graz, sold to Leeds some days before the story ends."""
PRICE = Decimal("7900.00")  # euros


def load(company_id: int, *, start: date, today: date) -> None:
    """All of it; harmless to repeat. `company_id`: the one that the asset comes from."""
    with company_transaction(company_id=company_id, read_only=True):
        users = {member.username: member.user_id for member in people_queries.members(company_id)}
    here = _found(start, users)
    accountant = users["demo.assets"]
    _assets(here, accountant, start, today)
    _comes(company_id, here, accountant, today)


def _found(start: date, users: Mapping[str, int]) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_company WHERE code = %s", [CODE])
        row = cursor.fetchone()
    if row is not None:
        return int(row[0])
    company_id = ledger.reserve_company_id()
    with company_transaction(company_id=company_id):
        ledger.create_company(
            company_id=company_id, code=CODE, name=NAME, country="GB", currency="GBP", timezone="Europe/London",
            book_code="UKGAAP", book_name="Accounts under FRS 102",
        )  # fmt: skip
        ledger.create_book(
            company_id=company_id, actor_id=None, code=TAX, name="Capital allowances", standard="UK tax"
        )
        services.install_classes(company_id=company_id, actor_id=None)
        ledger.set_exchange_rates(
            company_id=company_id, actor_id=None, rates=[ledger.RateDraft("EUR", "GBP", start, POUNDS)]
        )
        for username, role in MEMBERS.items():
            people.add_member(company_id=company_id, user_id=users[username], roles=[role])
    return company_id


def _assets(company_id: int, actor_id: int, start: date, today: date) -> None:
    for tag, name, class_code, cost, month, life, tax in BOUGHT:
        on = add_months(start, month).replace(day=9)
        if on > today:
            continue
        terms = {"method": "straight_line", "life_months": str(life), "convention": "full_month"}
        draft = AssetDraft(name, class_code, tag=tag, terms={"": terms, TAX: tax})
        events = [
            EventDraft("acquisition", on, asset_no=0, values={"cost": Decimal(cost)}),
            EventDraft("in_service", on, asset_no=0),
        ]
        _record(company_id, actor_id, f"bought {tag}", on, events, [draft])
    tag, proceeds, month = SOLD
    on = add_months(start, month).replace(day=12)
    if on <= today:
        sold = {"how": "sale", "proceeds": Decimal(proceeds)}
        _record(
            company_id, actor_id, f"sold {tag}", on, [EventDraft("disposal", on, tag=tag, values=sold)], []
        )
    with company_transaction(company_id=company_id, read_only=True):
        books = ledger_queries.books(company_id)
    for year in range(start.year, today.year):
        for book in books:
            services.depreciate(
                company_id=company_id,
                actor_id=actor_id,
                book_id=book.book_id,
                through_on=date(year, 12, 31),
                idempotency_key=f"demo {book.code} {year}",
                recorded_at=at(min(date(year + 1, 1, 20), today), "16:00"),
            )


def _record(
    company_id: int, actor_id: int, key: str, on: date, events: list[EventDraft], assets: list[AssetDraft]
) -> None:
    services.record(
        company_id=company_id,
        actor_id=actor_id,
        idempotency_key=f"demo {key}",
        events=events,
        assets=assets,
        recorded_at=at(on, "15:00"),
        source="demo",
    )


def _comes(company_id: int, here: int, actor_id: int, today: date) -> None:
    with company_transaction(company_id=company_id, read_only=True):
        asset = queries.asset_by_tag(company_id, COMES)
    services.transfer_to_company(
        company_id=company_id,
        to_company_id=here,
        actor_id=actor_id,
        idempotency_key="demo to Leeds",
        asset_id=asset.asset_id,
        effective_on=today - timedelta(8),
        class_code="MACH",
        tag="UK-06",
        basis=services.Basis.PRICE,
        price=PRICE,
        terms={
            "": {"method": "straight_line", "life_months": "48", "convention": "full_month"},
            TAX: PLANT,
        },
    )
