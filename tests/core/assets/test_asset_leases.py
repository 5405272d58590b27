"""Leases as assets: the rows of the lease in the accounts of its class, as of any day, in any order."""

import random
from datetime import date
from fractions import Fraction

import pytest
from tests.core.assets.teller import CALENDAR, CLASS, Tale, accounts_of

from wherewithal.core.assets.facts import Fact, LeaseChanged, LeaseStart
from wherewithal.core.assets.fold import due_rows, state_on
from wherewithal.core.assets.leases import ROLES
from wherewithal.core.lease.kinds import LEASE_KINDS, LeaseKind
from wherewithal.core.lease.terms import ChangeKind, Lease, LeaseChange, Standard, regular_payments
from wherewithal.core.posting import RULES

SINCE = date(2023, 1, 1)
LAST = date(2025, 12, 31)
SAME = {"asset_clearing": "lease_payments", "disposal_gain": "lease_gain"}
"""Names that the lease uses for accounts that assets have of their own."""


def lease(standard: Standard = Standard.IFRS16) -> Lease:
    payments = regular_payments(SINCE, [12_000] * 3, 12, in_advance=False)
    return Lease(SINCE, LAST, payments, Fraction(6, 100), standard=standard)


def test_every_kind_of_lease_row_has_the_accounts_the_lease_says() -> None:
    assert set(ROLES) == set(LeaseKind)
    for kind, role in ROLES.items():
        rule, said = RULES[role], LEASE_KINDS[kind]
        for account, name in ((rule.debit, said.debit), (rule.credit, said.credit)):
            assert account.value in (name, SAME.get(name))


def test_a_lease_of_three_years() -> None:
    """3 payments of 12,000 at 6 %: 32,076 at first; 1,925 interest in the first year; nothing at the end."""
    tale = Tale()
    tale.lease("2023-01-01", lease=lease())
    at_first = tale.on("2023-01-01")
    assert (at_first.cost, at_first.liability) == (32_076, 32_076)
    year = tale.by_role("2023-12-31")
    assert (year["LEASE_INTEREST"], year["LEASE_DEPRECIATION"]) == (1_925, 10_692)
    assert tale.on("2023-12-31").liability == 32_076 + 1_925 - 12_000
    at_last = tale.on("2026-01-31")
    assert (at_last.cost, at_last.accumulated, at_last.liability) == (0, 0, 0)
    paid = tale.accounts("2026-01-31")["lease_payments"]
    assert paid == -36_000


def test_the_class_of_a_lease_changes_with_all_it_has() -> None:
    tale = Tale()
    tale.lease("2023-01-01", lease=lease())
    tale.class_transfer("2024-06-30", class_id=9)
    rows = tale.rows("2024-07-31")
    old = accounts_of([row for row in rows if row.class_id == CLASS])
    new = accounts_of([row for row in rows if row.class_id == 9])
    assert not {"asset_cost", "accumulated_depreciation", "lease_liability"} & set(old)
    found = tale.on("2024-07-31")
    assert new["asset_cost"] == found.cost
    assert new["accumulated_depreciation"] == -found.accumulated
    assert new["lease_liability"] == -found.liability
    assert "asset_transfer_clearing" not in accounts_of(rows)


def changes(seed: int) -> list[Fact]:
    """A lease and what may happen to it, at different times, ended early at last (or not)."""
    pick = random.Random(seed)
    facts: list[Fact] = [
        LeaseStart(
            event_id=1, key=pick.randbytes(16), effective_on=SINCE, lease=lease(pick.choice(list(Standard)))
        )
    ]
    days = sorted(pick.sample(range(20, 900), pick.randint(1, 3)))
    for number, after in enumerate(days, 2):
        on = date.fromordinal(SINCE.toordinal() + after)
        last = number == len(days) + 1
        if last and pick.random() < 0.5:
            change = LeaseChange("", on, ChangeKind.TERMINATION, penalty=pick.randint(0, 900))
        else:
            factor = Fraction(pick.randint(90, 115), 100)
            change = LeaseChange("", on, ChangeKind.INDEX, factor=factor)
        facts.append(LeaseChanged(event_id=number, key=pick.randbytes(16), effective_on=on, change=change))
    return facts


@pytest.mark.parametrize("seed", range(15))
def test_as_of_any_day_knows_only_what_had_happened(seed: int) -> None:
    facts = changes(seed)
    pick = random.Random(seed)
    whole = due_rows(facts, CLASS, CALENDAR, date(2026, 2, 1))
    pick.shuffle(facts)
    assert due_rows(facts, CLASS, CALENDAR, date(2026, 2, 1)) == whole
    some = {fact.effective_on for fact in facts} | {date(2023, 5, 31), date(2024, 12, 31)}
    for day in sorted(some | {date.fromordinal(each.toordinal() - 1) for each in some}):
        known = [fact for fact in facts if fact.effective_on <= day]
        early = [row for row in whole if row.effective_on <= day]
        assert due_rows(known, CLASS, CALENDAR, day) == early, day
        late = [row for row in whole if row.effective_on > day]
        assert due_rows(facts, CLASS, CALENDAR, date(2026, 2, 1), after_on=day) == late
        found = state_on(known, CLASS, CALENDAR, day)
        assert accounts_of(early).get("lease_liability", 0) == -found.liability
