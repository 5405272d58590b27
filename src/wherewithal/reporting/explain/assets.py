"""Why an asset is worth what it is worth, and why it was charged what it was charged."""

import datetime
from collections.abc import Iterator
from itertools import groupby

from wherewithal.assets import queries
from wherewithal.assets.queries import PoolComputation, Reasons, TimelineRow, ValueLine
from wherewithal.core.assets.run import Step
from wherewithal.core.posting import RULES, Role
from wherewithal.core.words import join, say
from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.reporting.explain import reading
from wherewithal.reporting.explain.event_names import EVENTS, OTHERS
from wherewithal.reporting.explain.values import Explanation, FactRef, Money

CHARGES = frozenset(
    role.name.lower() for role in Role if 120 <= role <= 129 or role.name.startswith("LEASE_DEPRECIATION")
)
MOST_ROWS = 200
HEALING = say(
    "A charge is what has accrued by the end of the period less what was charged before, so rounding heals itself "
    "and it does not matter how often one looks."
)


POOLED = say(
    "A pool is charged on the last day of its fiscal year. Each asset bears the allowance in proportion to what it was "
    "carried at in the pool; what was claimed at once for an asset it bears alone."
)


def net_book_value(
    *,
    company_id: int,
    asset_id: int,
    book_id: int | None = None,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> Explanation:
    """The net book value of an asset in a book: event by event, and what was depreciated year by year."""
    with company_transaction(company_id=company_id):
        book = reading.book_of(company_id, book_id)
        money = reading.money_of(book)
        asset = queries.asset(company_id, asset_id)
        events = {row.event_id: row for row in queries.timeline(company_id, asset_id)}
        lines = [
            line
            for line in queries.asset_values(company_id, asset_id, book_id=book.book_id, known_at=known_at)
            if as_of is None or line.effective_on <= as_of
        ]
        why = queries.reasons(company_id, asset_id, book.book_id)
    total = sum(_carrying(line) for line in lines)
    when = say(" at the end of {as_of}", as_of=as_of) if as_of else ""
    known = say(", as known at {known_at:%Y-%m-%d %H:%M:%S}", known_at=known_at) if known_at else ""
    statement = say(
        "{asset_tag} {asset_name} is worth {total} in book {book_name}{when}{known}.",
        asset_tag=asset.tag,
        asset_name=asset.name,
        total=money.text(total),
        book_name=book.name,
        when=when,
        known=known,
    )
    rule = say("A net book value is the sum of what the value rows did to cost, depreciation and impairment.")
    children = [*_by_event(lines, events, money), *_by_year(lines, money), *_terms(why, money)]
    return Explanation(statement, money.text(total), rule, children=tuple(children))


def depreciation_charge(
    *, company_id: int, asset_id: int, on: datetime.date, book_id: int | None = None
) -> Explanation:
    """What an asset is charged for the period that has a day, posted or planned: what accrued by when, by which terms."""
    with company_transaction(company_id=company_id):
        book = reading.book_of(company_id, book_id)
        money = reading.money_of(book)
        asset = queries.asset(company_id, asset_id)
        (schedule,) = queries.schedule(company_id, asset_id, book_id=book.book_id)
        row = next((row for row in schedule.rows if row.from_on <= on <= row.to_on), None)
        why = queries.reasons(company_id, asset_id, book.book_id, through_on=row.to_on if row else on)
        events = {row.event_id: row for row in queries.timeline(company_id, asset_id)}
        pool = queries.pool_of_asset(company_id, asset_id, book_id=book.book_id, on=on)
    charge = row.charge if row else 0
    first, last = (row.from_on, row.to_on) if row else (on, on)
    posted = say("was charged") if row and row.posted else say("will be charged")
    statement = say(
        "{asset_tag} {asset_name} {posted} {charge} for {first} to {last} in book {book_name}.",
        asset_tag=asset.tag,
        asset_name=asset.name,
        posted=posted,
        charge=money.text(charge),
        first=first,
        last=last,
        book_name=book.name,
    )
    mine = [
        step for step in why.steps if first <= step.on <= last and step.rule in ("depreciation", "catch-up")
    ]
    children = [*(_step(step, events, money) for step in mine), *_terms(why, money)]
    if pool is not None:
        children.append(_pool(pool, money))
    rule = HEALING if pool is None else POOLED
    return Explanation(statement, money.text(charge), rule, children=tuple(children))


def of_asset_entry(
    company_id: int, book_id: int, entry_id: int, account_id: int, money: Money
) -> Iterator[Explanation]:
    """The value rows of assets behind a line of an entry, the largest first."""
    rows = fetch_all(
        """
        SELECT coalesce(a.tag, 'A pool,'), coalesce(a.name, 'what left it'), v.role, v.asset_id,
               sum(CASE WHEN v.debit_account_id = %(account)s THEN v.amount ELSE -v.amount END)::bigint AS amount
        FROM assets_value v LEFT JOIN assets_asset a ON a.company_id = v.company_id AND a.id = v.asset_id
        WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.entry_id = %(entry)s
          AND %(account)s IN (v.debit_account_id, v.credit_account_id)
        GROUP BY 1, 2, 3, 4 ORDER BY abs(sum(v.amount)) DESC, 1
        """,
        {"company": company_id, "book": book_id, "entry": entry_id, "account": account_id},
    )
    for tag, name, role, asset_id, amount in rows[:MOST_ROWS]:
        facts = (FactRef("asset", asset_id, tag),) if asset_id else ()
        yield Explanation(
            say("{tag} {name}: {meaning}", tag=tag, name=name, meaning=RULES[Role(role)].meaning),
            money.text(amount),
            facts=facts,
        )
    if len(rows) > MOST_ROWS:
        yield Explanation(say("... and {count} smaller value rows.", count=len(rows) - MOST_ROWS))


def _carrying(line: ValueLine) -> int:
    return queries.carrying_effect(line.role) * line.amount


def _by_event(lines: list[ValueLine], events: dict[int, TimelineRow], money: Money) -> Iterator[Explanation]:
    others = sorted((line for line in lines if line.role not in CHARGES), key=lambda line: line.event_id)
    groups = [list(group) for _, group in groupby(others, key=lambda line: line.event_id)]
    for group in sorted(groups, key=lambda group: group[0].effective_on):
        amount = sum(_carrying(line) for line in group)
        if not amount:
            continue
        event = events.get(group[0].event_id)
        kind = EVENTS[event.kind] if event else OTHERS
        facts = (_fact(event),) if event else ()
        rule = join(tuple(dict.fromkeys(line.meaning for line in group)))
        yield Explanation(
            say(
                "{event} on {day}",
                event=kind,
                day=group[0].effective_on,
            ),
            money.text(amount),
            rule,
            facts,
        )


def _by_year(lines: list[ValueLine], money: Money) -> Iterator[Explanation]:
    charges = sorted((line for line in lines if line.role in CHARGES), key=lambda line: line.effective_on)
    for year, group in groupby(charges, key=lambda line: line.effective_on.year):
        mine = list(group)
        months = [
            Explanation(say("Through {day}", day=day), money.text(sum(_carrying(line) for line in same)))
            for day, same in (
                (day, list(same)) for day, same in groupby(mine, key=lambda line: line.effective_on)
            )
        ]
        total = sum(_carrying(line) for line in mine)
        yield Explanation(say("Depreciation of {year}", year=year), money.text(total), children=tuple(months))


def _terms(why: Reasons, money: Money) -> Iterator[Explanation]:
    if why.terms is None:
        return
    told = ", ".join(f"{name} {value}".replace("_", " ") for name, value in why.terms.items())
    yield Explanation(
        say(
            "Depreciated since {starts_on} (in service since {in_service_on}) by: {told}",
            starts_on=why.starts_on,
            in_service_on=why.in_service_on,
            told=told,
        ),
        say(
            "from {opening} down to {residual}",
            opening=money.text(why.opening),
            residual=money.text(why.residual),
        ),
        HEALING,
    )


def _pool(pool: PoolComputation, money: Money) -> Explanation:
    """The computation of a pool for a year, line by line."""
    lines = tuple(
        Explanation(line.code.replace("_", " ").capitalize(), money.text(line.amount), line.note or None)
        for line in pool.year.lines
    )
    statement = say(
        "{pool_title} ({pool_code}) of pack {pack}, {from_on} to {to_on}",
        pool_title=pool.title,
        pool_code=pool.code,
        pack=pool.pack,
        from_on=pool.from_on,
        to_on=pool.to_on,
    )
    return Explanation(
        statement, say("{deduction} deductible", deduction=money.text(pool.year.deduction)), children=lines
    )


def _step(step: Step, events: dict[int, TimelineRow], money: Money) -> Explanation:
    amounts = "; ".join(f"{name.replace('_', ' ')} {money.text(value)}" for name, value in step.amounts)
    event = events.get(step.event_id)
    return Explanation(
        say(
            "{capitalize} on {on}: {amounts}", capitalize=step.rule.capitalize(), on=step.on, amounts=amounts
        ),
        facts=(_fact(event),) if event else (),
    )


def _fact(event: TimelineRow) -> FactRef:
    return FactRef("event", event.event_id, EVENTS[event.kind], event.effective_on, event.recorded_at)
