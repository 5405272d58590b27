"""The demo company's assets: four hundred of all classes in three books, told by the same use cases, and proved."""

import dataclasses
from collections import Counter
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from wherewithal.assets import queries
from wherewithal.core.assets.facts import Kind
from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.people import queries as people_queries
from wherewithal.people import services as people
from wherewithal.people.queries import Member
from wherewithal.reporting import verify
from wherewithal.site.demo import catalogue, enter, equipment, life, plan, setup

TODAY = date(2026, 3, 20)
OF_ASSETS = (plan.AssetBatch, plan.Depreciate, plan.ClosePeriod, *plan.Upkeep.__args__)
OWN = ".of-assets"


@pytest.fixture(scope="module")
def steps() -> list[plan.Step]:
    return [step for step in life.simulate(today=TODAY) if isinstance(step, OF_ASSETS)]


def batches(steps: list[plan.Step]) -> list[plan.AssetBatch]:
    return [step for step in steps if isinstance(step, plan.AssetBatch)]


def test_it_owns_some_four_hundred_assets_of_all_classes(steps: list[plan.Step]) -> None:
    assets = [asset for step in batches(steps) for asset in step.assets]
    tags = Counter(asset.tag for asset in assets)
    classes = Counter(asset.asset_class for asset in assets)

    assert 380 <= len(assets) <= 450
    assert set(classes) == {"LAND", "ROU", "AUC", *equipment.TERMS}
    assert [tag for tag, count in tags.items() if count > 1] == []
    assert {asset.parent for asset in assets} - {None} <= set(tags)
    assert {event.tag for step in batches(steps) for event in step.events} <= set(tags)
    places = {place.code for place in catalogue.PLACES}
    parties = {partner.code for partner in equipment.PARTIES}
    centres = {code for code, _ in equipment.COST_CENTRES}
    assert all(asset.place in places and asset.centre in centres for asset in assets)
    assert {asset.supplier for asset in assets} <= parties | {None}


def test_everything_that_a_page_wants_to_show_happens_to_assets(steps: list[plan.Step]) -> None:
    kinds = {event.kind for step in batches(steps) for event in step.events}
    assert kinds >= {
        Kind.OPENING, Kind.ACQUISITION, Kind.IN_SERVICE, Kind.LEASE, Kind.LEASE_CHANGE, Kind.IMPAIRMENT,
        Kind.IMPAIRMENT_REVERSAL, Kind.REVALUATION, Kind.PARTIAL_DISPOSAL, Kind.DISPOSAL, Kind.REVERSAL, Kind.GRANT,
        Kind.CONSTRUCTION_COST, Kind.PART_OUT, Kind.PART_IN, Kind.IDLE, Kind.RESUME, Kind.COST_ADDITION,
        Kind.ESTIMATE_CHANGE, Kind.DECOMMISSIONING, "transfer", "check_out", "accept", "check_in",
    }  # fmt: skip
    runs = Counter(step.book for step in steps if isinstance(step, plan.Depreciate))
    assert runs == {"IFRS": 24, "USGAAP": 24, "USTAX": 8}


@pytest.mark.parametrize("days", [0, 45, 211, 500])
def test_a_shorter_story_is_the_beginning_of_a_longer_one(days: int) -> None:
    whole = life.simulate(today=TODAY, days=730)
    start = life.first_day(TODAY)
    told = life.simulate(today=date.fromordinal(start.toordinal() + 60 + days), days=60 + days)
    mine = [step for step in told if isinstance(step, plan.AssetBatch)]
    known = {step.key for step in batches(whole)}
    assert {step.key for step in mine} <= known
    assert all(event.on <= step.recorded_at.date() for step in mine for event in step.events)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_years_of_assets_are_entered_and_proved(
    steps: list[plan.Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "CODE", "QASSETS")
    monkeypatch.setattr(setup, "_people", _members)
    monkeypatch.setattr(enter, "people", SimpleNamespace(members=_known_as))
    company_id = setup.set_up(today=TODAY, days=life.DAYS)
    enter.enter(company_id=company_id, steps=steps, progress=lambda done, total, what: None)
    before = _counts(company_id)
    enter.enter(company_id=company_id, steps=steps, progress=lambda done, total, what: None)
    assert _counts(company_id) == before

    report = verify.run(company_id=company_id, deep=True)
    assert [(check.name, check.findings) for check in report.checks if not check.passed] == []
    with company_transaction(company_id=company_id):
        for book in queries.books(company_id):
            totals = queries.register_totals(company_id, book_id=book.book_id)
            assert totals.assets > 380
            assert 0 < totals.accumulated < totals.cost
            assert all(
                row.register == row.ledger for row in queries.tie_out(company_id, book_id=book.book_id)
            )
        building = queries.asset_by_tag(company_id, "BU-0001")
        assert len(queries.components(company_id, building.asset_id)) == len(equipment.COMPONENTS)
        assert queries.custody(company_id, overdue_on=TODAY)
        assert queries.parts_under_way(company_id)
        assert queries.bookings(company_id, from_at=datetime(2026, 3, 21, tzinfo=UTC))
        audits = queries.audits(company_id)
        assert {audit.closed_at is None for audit in audits} == {True, False}
        assert all(0 < audit.missing < audit.expected for audit in audits)
        assert [budget.name for budget in queries.budgets(company_id)] == ["2026", "2025"]
        (scenario,) = queries.scenarios(company_id)
        assert scenario.line_count == 3


def _members(company_id: int) -> None:
    """People of this test's own: the demo's names belong to the test that loads all of it."""
    for username, name, role in setup.LOGINS:
        user_id = people.create_user(
            username=f"{username}{OWN}",
            password=setup.PASSWORD,
            email=f"{username}{OWN}@assets.example",
            name=name,
            company_id=company_id,
        )
        people.add_member(company_id=company_id, user_id=user_id, roles=[role])


def _known_as(company_id: int) -> list[Member]:
    """The members by the names that the story has for them."""
    return [
        dataclasses.replace(one, username=one.username.removesuffix(OWN))
        for one in people_queries.members(company_id)
    ]


def _counts(company_id: int) -> dict[str, int]:
    tables = ("assets_asset", "assets_event", "assets_value", "assets_run", "ledger_entry")
    with company_transaction(company_id=company_id):
        return {table: fetch_all(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
