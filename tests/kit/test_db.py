import pytest

from wherewithal.kit import db


@pytest.mark.django_db
def test_a_transaction_tells_the_database_whose_it_is() -> None:
    with db.company_transaction(company_id=3, actor_id=8):
        assert db.fetch_one(
            "SELECT current_user, current_setting('app.company'), current_setting('app.user')"
        ) == ("wherewithal_app", "3", "8")
