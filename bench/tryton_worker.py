"""Runs inside Tryton's own virtual environment: posts moves through Tryton and prints a JSON line with the rates.

Not imported by the product. usage: python tryton_worker.py URI DATABASE MOVES BATCH
"""

import datetime
import json
import logging
import sys
import time
from decimal import Decimal

from trytond import config

uri, database, moves, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
config.set("database", "uri", uri)
logging.disable(logging.WARNING)

from trytond.pool import Pool  # noqa: E402  (Tryton reads its configuration when it is imported)
from trytond.transaction import Transaction  # noqa: E402


def activate() -> None:
    """Create Tryton's tables and activate stock with FIFO costing."""
    with Transaction().start(None, 0, close=True, autocommit=True) as transaction:
        transaction.database.create(transaction.connection, database)
    with Transaction().start(database, 0) as transaction:
        transaction.database.init()
        transaction.commit()
    pool = Pool(database)
    pool.init(update=["res", "ir"], lang=["en"])
    with Transaction().start(database, 0) as transaction:
        module_model = pool.get("ir.module")
        module_model.update_list()
        transaction.commit()
    pool.init(
        update=["currency", "country", "party", "company", "product", "stock", "product_cost_fifo"],
        lang=["en"],
    )


def set_up(pool: Pool) -> dict:
    """A company, a product costed by FIFO, and the places that Tryton's own data set brings."""
    currency = pool.get("currency.currency").create(
        [{"name": "Euro", "symbol": "E", "code": "EUR", "rounding": Decimal("0.01"), "digits": 2}]
    )[0]
    party = pool.get("party.party").create([{"name": "Bench"}])[0]
    company = pool.get("company.company").create([{"party": party.id, "currency": currency.id}])[0]
    with Transaction().set_context(company=company.id):
        unit = pool.get("product.uom").search([("name", "=", "Unit")])[0]
        template = pool.get("product.template").create(
            [
                {
                    "name": "Thing",
                    "type": "goods",
                    "default_uom": unit.id,
                    "cost_price_method": "fifo",
                    "list_price": Decimal(20),
                    "products": [("create", [{"cost_price": Decimal(5)} for _ in range(10)])],
                }
            ]
        )[0]
        location = pool.get("stock.location")
        places = {
            kind: location.search([("type", "=", kind)])[0].id for kind in ("supplier", "storage", "customer")
        }
    return {
        "company": company.id,
        "currency": currency.id,
        "unit": unit.id,
        "products": [product.id for product in template.products],
        **places,
    }


def move_values(world: dict, number: int, day: datetime.date) -> dict:
    """Ten receipts of ten, then forty issues of one, and so on, over ten products."""
    is_receipt = number % 50 < 10
    return {
        "product": world["products"][number % 10],
        "unit": world["unit"],
        "quantity": 10.0 if is_receipt else 1.0,
        "from_location": world["supplier"] if is_receipt else world["storage"],
        "to_location": world["storage"] if is_receipt else world["customer"],
        "company": world["company"],
        "currency": world["currency"],
        "unit_price": Decimal(5 + number % 7) if is_receipt else Decimal(20),
        "effective_date": day,
    }


def post(pool: Pool, world: dict, first: int, count: int) -> None:
    """One transaction: create `count` moves and do them."""
    with Transaction().start(database, 0, context={"company": world["company"]}) as transaction:
        move = pool.get("stock.move")
        today = datetime.datetime.now(tz=datetime.UTC).date()
        move.do(move.create([move_values(world, number, today) for number in range(first, first + count)]))
        transaction.commit()


def rate(pool: Pool, world: dict, first: int, count: int, size: int) -> float:
    """Moves a second when `count` moves are posted in transactions of `size`."""
    start = time.perf_counter()
    for number in range(first, first + count, size):
        post(pool, world, number, size)
    return count / (time.perf_counter() - start)


activate()
tryton = Pool(database)
with Transaction().start(database, 0) as transaction:
    things = set_up(tryton)
    transaction.commit()
post(tryton, things, 0, 50)
singles = rate(tryton, things, 50, min(moves, 50), 1)
batches = rate(tryton, things, 100, moves, batch)
print(json.dumps({"singles_per_s": singles, "batches_per_s": batches, "batch": batch, "moves": moves}))
