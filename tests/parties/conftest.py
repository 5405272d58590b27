import pytest

from wherewithal.ledger.services import create_company


@pytest.fixture
def company(db: None) -> int:
    """A company of the test's own."""
    created = create_company(code="P1", name="Test", country="DE", currency="EUR", timezone="Europe/Berlin")
    return created.company_id
