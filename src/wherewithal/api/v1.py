"""The API: which sections it has, and how it reads and refuses."""

from ninja import NinjaAPI

from wherewithal.api import problems
from wherewithal.api.bodies import BoundedJson
from wherewithal.api.rooms import (
    assets,
    calc,
    checks,
    company,
    costing,
    documents,
    exports,
    imports,
    items,
    ledger,
    lots,
    parties,
    stock,
)

SECTIONS = (
    company.section,
    ledger.section,
    items.section,
    lots.section,
    parties.section,
    stock.section,
    costing.section,
    documents.section,
    assets.section,
    imports.section,
    exports.section,
    checks.section,
    calc.section,
)
TAGS = [(section.tag, section.meaning) for section in SECTIONS]

DESCRIPTION = """\
Everything the pages can do. A token fixes the company; every answer is about that company alone.

* **Numbers** are exact decimals, written as strings. **Instants** carry their zone. `as_of` asks for the state of the
  world on a day, `known_at` for what was known at an instant.
* **Writes** need an `Idempotency-Key`: a retry gets the first answer and writes nothing. A batch is written whole or
  not at all.
* **Lists** come in pages: pass `next` of a page as `cursor` of the following one.
* **Refusals** are problem+json documents (RFC 9457) that name each field, the rule, and what would be right.
"""


def build() -> NinjaAPI:
    api = NinjaAPI(
        title="Wherewithal",
        version="1",
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        urls_namespace="api-1",
        parser=BoundedJson(),
    )
    for error, handler in problems.HANDLERS:
        api.add_exception_handler(error, handler)
    for section in SECTIONS:
        api.add_router("", section.router)
    return api


api = build()
