"""A company and its administrator."""

import itertools
import os
from dataclasses import dataclass
from typing import Any

from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.ledger.services import create_company
from wherewithal.people import services

numbers = itertools.count(1)
PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Place:
    """A company and the id of its administrator."""

    company_id: int
    admin_id: int

    def count(self, table: str) -> int:
        with company_transaction(company_id=self.company_id):
            return int(
                fetch_all(f"SELECT count(*) FROM {table} WHERE company_id = %s", (self.company_id,))[0][0]
            )


def make_place() -> Place:
    name = f"p{os.getpid()}n{next(numbers)}"
    created = create_company(code=name, name=name, country="DE", currency="EUR", timezone="Europe/Berlin")
    admin_id = services.create_user(username=f"admin-{name}", password=PASSWORD)
    services.add_member(company_id=created.company_id, user_id=admin_id, roles=["administrator"])
    return Place(created.company_id, admin_id)


def make_user(**given: Any) -> int:
    return services.create_user(
        **{"username": f"u{os.getpid()}n{next(numbers)}", "password": PASSWORD} | given
    )
