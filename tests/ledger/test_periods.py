"""Closing, reopening and locking; and that nothing gets round a closed month."""

import datetime

import psycopg
import pytest
from tests.ledger.conftest import Connect
from tests.ledger.firm import Firm, make_firm

from wherewithal.kit.errors import NotFound, Refused
from wherewithal.ledger import queries, services
from wherewithal.ledger.values import PeriodState

DEC, JAN, FEB, MAR = (
    datetime.date(2025, 12, 31),
    datetime.date(2026, 1, 31),
    datetime.date(2026, 2, 28),
    datetime.date(2026, 3, 31),
)
MAY_6 = datetime.date(2026, 5, 6)


def close(firm: Firm, end_on: datetime.date, **more: object) -> int:
    given = {"company_id": firm.company_id, "book_id": firm.book_id, "end_on": end_on, "actor_id": 7} | more
    return services.close_period(**given)  # type: ignore[arg-type]


def reopen(firm: Firm, end_on: datetime.date, reason: str = "a late bill") -> None:
    services.reopen_period(
        company_id=firm.company_id, book_id=firm.book_id, end_on=end_on, actor_id=8, reason=reason
    )


def lock(firm: Firm, end_on: datetime.date) -> None:
    services.lock_period(
        company_id=firm.company_id, book_id=firm.book_id, end_on=end_on, actor_id=9, reason="filed"
    )


def states(firm: Firm) -> list[tuple[datetime.date, PeriodState]]:
    with firm.work():
        return [(p.end_on, p.state) for p in reversed(queries.periods(firm.company_id, firm.book_id))]


def posting_day(firm: Firm, day: datetime.date, book_id: int | None = None) -> datetime.date:
    key = (book_id or firm.book_id, day)
    with firm.work():
        return queries.posting_days(firm.company_id, [key])[key]


def rule_of(refusal: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    (problem,) = refusal.value.problems
    return problem.field, problem.rule


def test_every_month_is_open_at_first(firm: Firm) -> None:
    assert states(firm) == []
    assert posting_day(firm, datetime.date(1999, 1, 1)) == datetime.date(1999, 1, 1)


def test_closing_moves_the_posting_day_and_only_that(firm: Firm) -> None:
    assert close(firm, FEB) == 1
    assert posting_day(firm, JAN) == datetime.date(2026, 3, 1)
    assert posting_day(firm, FEB) == datetime.date(2026, 3, 1)
    assert posting_day(firm, MAY_6) == MAY_6


def test_closing_closes_all_months_since_the_first_entry(firm: Firm) -> None:
    firm.post(firm.entry(("1000", 5), ("3000", -5), on=datetime.date(2025, 12, 5)))
    assert close(firm, FEB) == 3
    assert states(firm) == [(day, PeriodState.CLOSED) for day in (DEC, JAN, FEB)]
    assert close(firm, MAR) == 1


def test_books_close_each_for_itself(firm: Firm) -> None:
    tax = services.create_book(
        company_id=firm.company_id, actor_id=None, code="tax", name="Tax", standard="tax"
    )
    close(firm, FEB)
    assert posting_day(firm, JAN, tax) == JAN


def test_periods_are_months_of_the_fiscal_year(db: None) -> None:
    firm = make_firm(fiscal_year_start_month=10)
    firm.post(firm.entry(("1000", 5), ("3000", -5), on=datetime.date(2025, 9, 5)))
    close(firm, datetime.date(2025, 10, 31))
    with firm.work():
        october, september = queries.periods(firm.company_id, firm.book_id)
    assert (september.fiscal_year, september.number) == (2025, 12)
    assert (october.fiscal_year, october.number) == (2026, 1)


def test_seal_and_period_count_fiscal_years_alike(db: None) -> None:
    """For every start month: an entry of each month of 2025 is numbered in the year that its period names."""
    for start_month in range(1, 13):
        firm = make_firm(fiscal_year_start_month=start_month)
        days = [datetime.date(2025, month, 1) for month in range(1, 13)]
        firm.post(*(firm.entry(("1000", 5), ("3000", -5), on=day) for day in days))
        close(firm, DEC)
        with firm.work():
            entries = queries.journal(firm.company_id, firm.book_id).entries
            periods = list(reversed(queries.periods(firm.company_id, firm.book_id)))
        assert [entry.year for entry in entries] == [period.fiscal_year for period in periods]
        ends = {period.end_on.year for period in periods if period.number == 12}
        assert all(period.fiscal_year in ends for period in periods if period.number == 12)


def test_posting_into_a_closed_month_is_refused_by_the_database(firm: Firm) -> None:
    close(firm, JAN)
    for on in (JAN, datetime.date(2020, 5, 5)):
        with pytest.raises(psycopg.Error) as error, firm.work():
            services.post(company_id=firm.company_id, entries=[firm.entry(("1000", 5), ("3000", -5), on=on)])
        assert error.value.sqlstate == "WH001"
    assert firm.count("ledger_entry") == 0
    late = firm.entry(("1000", 5), ("3000", -5), on=JAN, posting_on=datetime.date(2026, 2, 1))
    assert len(firm.post(late)) == 1


def test_reopening_needs_a_reason_and_leaves_a_trace(firm: Firm) -> None:
    close(firm, JAN, reason="month end")
    with pytest.raises(Refused) as refusal:
        reopen(firm, JAN, reason=" ")
    assert rule_of(refusal) == ("reason", "required")
    assert states(firm) == [(JAN, PeriodState.CLOSED)]
    reopen(firm, JAN)
    assert posting_day(firm, JAN) == JAN
    close(firm, JAN)
    with firm.work():
        events = queries.period_events(firm.company_id, firm.book_id)
    trace = [(e.from_state, e.to_state, e.actor_id, e.reason) for e in reversed(events)]
    assert trace == [(0, 1, 7, "month end"), (1, 0, 8, "a late bill"), (0, 1, 7, "")]


def test_only_the_last_closed_month_can_be_reopened(firm: Firm) -> None:
    close(firm, JAN)
    close(firm, FEB)
    with pytest.raises(Refused) as refusal:
        reopen(firm, JAN)
    assert rule_of(refusal) == ("end_on", "last_closed")
    with pytest.raises(Refused) as refusal:
        reopen(firm, MAR)
    assert rule_of(refusal) == ("end_on", "closed")
    reopen(firm, FEB)
    reopen(firm, JAN)
    assert states(firm) == [(JAN, PeriodState.OPEN), (FEB, PeriodState.OPEN)]


def test_what_is_locked_stays_locked(firm: Firm) -> None:
    close(firm, JAN)
    close(firm, FEB)
    with pytest.raises(Refused) as refusal:
        lock(firm, MAR)
    assert rule_of(refusal) == ("end_on", "closed")
    lock(firm, JAN)
    for again in (reopen, lock):
        reopen(firm, FEB) if again is reopen else None
        with pytest.raises(Refused) as refusal:
            again(firm, JAN)
        assert rule_of(refusal) == ("end_on", "not_locked")
    assert states(firm) == [(JAN, PeriodState.LOCKED), (FEB, PeriodState.OPEN)]


@pytest.mark.parametrize(
    ("end_on", "expected"),
    [
        (datetime.date(2026, 1, 30), ("end_on", "month_end")),
        (datetime.date(3000, 1, 31), ("end_on", "day")),
    ],
)
def test_a_period_ends_with_its_month(firm: Firm, end_on: datetime.date, expected: tuple[str, str]) -> None:
    with pytest.raises(Refused) as refusal:
        close(firm, end_on)
    assert rule_of(refusal) == expected
    assert states(firm) == []


def test_closing_twice_and_unknown_books_are_refused(firm: Firm) -> None:
    close(firm, FEB)
    for end_on in (FEB, JAN):
        with pytest.raises(Refused) as refusal:
            close(firm, end_on)
        assert rule_of(refusal) == ("end_on", "open")
    with pytest.raises(NotFound):
        close(firm, MAR, book_id=2_000_000_000)


def test_raw_sql_meets_the_same_rules(committed: Firm, as_app: Connect, as_owner: Connect) -> None:
    close(committed, JAN)
    close(committed, FEB)
    lock(committed, JAN)
    where = f"WHERE company_id = {committed.company_id} AND end_on ="
    for connect in (as_app, as_owner):
        connection = connect()
        for sql in (
            f"UPDATE ledger_period SET state = 0, reason = 'x' {where} '2026-01-31'",
            f"UPDATE ledger_period SET state = 1 {where} '2026-01-31'",
            f"UPDATE ledger_period SET state = 0, reason = '' {where} '2026-02-28'",
            f"UPDATE ledger_period SET end_on = '2025-12-31', start_on = '2025-12-01' {where} '2026-02-28'",
        ):
            with pytest.raises(psycopg.Error) as error:
                connection.execute(sql)
            assert error.value.sqlstate == "WH103", sql
        with pytest.raises(psycopg.Error) as error:
            connection.execute(f"DELETE FROM ledger_period {where} '2026-02-28'")
        assert error.value.sqlstate in ("42501", "WH103")
    assert states(committed) == [(JAN, PeriodState.LOCKED), (FEB, PeriodState.CLOSED)]
    as_owner().execute(
        f"UPDATE ledger_period SET state = 0, reason = 'by hand', actor_id = 5 {where} '2026-02-28'"
    )
    with committed.work():
        last = queries.period_events(committed.company_id, committed.book_id)[0]
    assert (last.end_on, last.from_state, last.to_state, last.reason) == (FEB, 1, 0, "by hand")


def test_the_trace_cannot_be_forged(committed: Firm, as_app: Connect, as_owner: Connect) -> None:
    close(committed, JAN)
    company = committed.company_id
    insert = (
        "INSERT INTO ledger_period_event (company_id, book_id, end_on, from_state, to_state, reason, recorded_at) "
        f"VALUES ({company}, {committed.book_id}, '2026-01-31', 1, 0, 'x', now())"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_app().execute(insert)
    with pytest.raises(psycopg.Error) as error:
        as_owner().execute(f"DELETE FROM ledger_period_event WHERE company_id = {company}")
    assert error.value.sqlstate == "WH002"
