"""What was known of assets at an instant: exact, whatever was recorded later about earlier days.

A machine of 6,000.00 over five years from January 2026 is charged 100.00 a month; January to March are run. Only then is
told that it was improved for 570.00 on 1 March (58 months are left: 9.83 for March), that it stands at the plant since
February, and, by mistake, that it was sold in April, which is taken back.
"""

import importlib
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import Firm, day

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.queries import RegisterFilter
from wherewithal.assets.values import Status
from wherewithal.kit import db


def instant(firm: Firm) -> datetime:
    return firm.query("SELECT clock_timestamp()")[0][0]


def ask(firm: Firm, query: Callable[..., Any], *given: Any, **named: Any) -> Any:
    with db.company_transaction(company_id=firm.company_id, read_only=True):
        return query(firm.company_id, *given, **named)


def worth(firm: Firm, asset_id: int, on: str, known_at: datetime) -> tuple[int, int]:
    """Cost and net book value."""
    (book,) = ask(firm, queries.book_values, asset_id, as_of=day(on), known_at=known_at)
    return book.cost, book.carrying


def test_the_books_as_they_were_known_before_late_events(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    (centre, plant) = (
        services.create_cost_centre(company_id=firm.company_id, actor_id=None, code=code, name=code)
        for code in ("OFFICE", "PLANT")
    )
    asset = firm.buy("6000", "2026-01-01", service="2026-01-01", cost_centre_id=centre)
    bought = instant(firm)
    firm.run("2026-03-31")
    charged = instant(firm)
    firm.event("cost_addition", asset, "2026-03-01", amount=Decimal(570))
    firm.event("transfer", asset, "2026-02-01", cost_centre_id=plant)
    told = instant(firm)
    sale = firm.event("disposal", asset, "2026-04-10", how="sale", proceeds=Decimal(5000))
    sold = instant(firm)
    firm.event("reversal", asset, "2026-04-10", of_event_id=sale)
    now = instant(firm)

    assert worth(firm, asset, "2026-03-31", bought) == (600_000, 600_000)
    assert worth(firm, asset, "2026-03-31", charged) == (600_000, 570_000)
    assert worth(firm, asset, "2026-03-31", told) == (657_000, 570_000 + 57_000 - 983)
    assert worth(firm, asset, "2026-04-30", sold) == (0, 0)
    assert worth(firm, asset, "2026-03-31", now) == worth(firm, asset, "2026-03-31", told)

    def register(on: str, known_at: datetime, **more: Any) -> list[tuple[int | None, int | None, Status]]:
        rows = ask(
            firm,
            queries.register,
            book_id=firm.book_id,
            filters=RegisterFilter(**more),
            as_of=day(on),
            known_at=known_at,
        )
        return [(row.cost_centre_id, row.carrying, row.status) for row in rows]

    assert register("2026-03-31", charged) == [(centre, 570_000, Status.IN_SERVICE)]
    assert register("2026-03-31", told) == [(plant, 626_017, Status.IN_SERVICE)]
    assert register("2026-01-31", told) == [(centre, 590_000, Status.IN_SERVICE)]
    assert register("2026-04-30", sold) == [(plant, 0, Status.DISPOSED)]
    assert register("2026-04-30", now)[0][2] is Status.IN_SERVICE
    assert register("2026-03-31", charged, cost_centre_id=plant) == []
    assert len(register("2026-03-31", told, cost_centre_id=plant)) == 1
    assert len(register("2026-04-30", sold, in_use=False)) == 1
    assert register("2026-04-30", now, in_use=False) == []

    for known_at, totals in ((bought, (1, 600_000, 600_000)), (charged, (1, 600_000, 570_000))):
        found = ask(
            firm, queries.register_totals, book_id=firm.book_id, as_of=day("2026-03-31"), known_at=known_at
        )
        assert (found.assets, found.cost, found.carrying) == totals
    before = ask(firm, queries.register_totals, book_id=firm.book_id, as_of=day("2025-12-31"), known_at=now)
    assert before == (0, 0, 0, 0)

    # sums of many assets are read in one go: they are those of the rows, by every filter, day and instant
    class_id = firm.query("SELECT class_id FROM assets_asset WHERE id = %s", asset)[0][0]
    module = importlib.import_module(
        "wherewithal.assets.queries.register"
    )  # the name is also that of a function
    monkeypatch.setattr(module, "FEW", -1)
    monkeypatch.setattr(module, "MANY", -1)
    for chosen in (
        {"class_id": class_id},
        {"status": Status.IN_SERVICE},
        {"status": Status.DISPOSED, "class_id": class_id},
        {"in_use": True},
        {"in_use": False},
        {"cost_centre_id": plant},
        {"text": "zz"},
    ):
        for on in ("2025-12-31", "2026-01-31", "2026-04-30"):
            for known_at in (bought, charged, told, sold, now):
                then = {"filters": RegisterFilter(**chosen), "as_of": day(on), "known_at": known_at}
                rows = ask(firm, queries.register, book_id=firm.book_id, **then)
                sums = ask(firm, queries.register_totals, book_id=firm.book_id, **then)
                assert sums[:2] == (len(rows), sum(row.cost for row in rows))
                assert sums.carrying == sum(row.carrying for row in rows)

    def story(known_at: datetime) -> list[tuple[str, bool]]:
        rows = ask(firm, queries.timeline, asset, known_at=known_at)
        return [(row.kind, row.reversed_by is not None) for row in rows if row.kind != "registered"]

    first = [("acquisition", False), ("in_service", False)]
    assert story(charged) == first
    assert story(told) == [*first, ("transfer", False), ("cost_addition", False)]
    assert story(sold)[-1] == ("disposal", False)
    assert ("disposal", True) in story(now)
    trail = ask(firm, queries.asset_values, asset, known_at=charged)
    assert [line.role for line in trail] == ["asset_acquired", *["depreciation"] * 3]
    assert len(ask(firm, queries.asset_values, asset)) > len(trail)


def test_what_is_recorded_together_is_known_together(firm: Firm) -> None:
    """An instant lies between batches, never inside one."""
    first = firm.buy("1200", "2026-01-01", service="2026-01-01")
    (known_at,) = firm.query("SELECT max(recorded_at) FROM assets_event")[0]
    firm.record(
        EventDraft("idle", day("2026-02-01"), asset_id=first),
        EventDraft("cost_addition", day("2026-02-01"), asset_id=first, values={"amount": Decimal(10)}),
    )
    assert len(ask(firm, queries.timeline, first, known_at=known_at)) == 3
    assert len(ask(firm, queries.timeline, first)) == 5
