"""A company is born with what assets need."""

from wherewithal.kit import db as kit_db
from wherewithal.ledger import services as ledger_services


def test_each_book_is_known_to_assets(db: None) -> None:
    made = ledger_services.create_company(
        code="ASSETS-TABLES", name="A", country="DE", currency="EUR", timezone="UTC"
    )
    with kit_db.company_transaction(company_id=made.company_id):
        rows = kit_db.fetch_all("SELECT book_id, horizon_on, filled FROM assets_book")
    assert rows == [(made.book_id, None, True)]
