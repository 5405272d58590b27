"""Figures of Form 4562 for a book on the tax pack of the United States, from what the book deducted in a tax year."""

import datetime
from dataclasses import dataclass, replace
from fractions import Fraction

from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.posting.history import AssetHistory, Event, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import OPENED, MoveCosts, Reader, without_claim
from wherewithal.assets.terms import canonical, parse
from wherewithal.core.assets.facts import Kind
from wherewithal.core.depreciation.allowances import yearly_limit
from wherewithal.core.depreciation.calendar import FiscalYear
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.form_4562 import HALF, REAL, SECTION_179, FormAsset, FormLine, form_4562
from wherewithal.core.depreciation.packs import built_in
from wherewithal.core.depreciation.resolve import resolve
from wherewithal.core.depreciation.uses import least_uses, use_of
from wherewithal.kit import db
from wherewithal.kit.errors import refuse

PACK = "us"
SHORTER_ADS_SINCE = datetime.date(2018, 1, 1)
"""Residential rental property in service since then: 30 years under ADS (section 168(g)(2)(C)), before that 40."""

_DEDUCTED = """
    SELECT v.asset_id, coalesce(sum(v.amount) FILTER (WHERE v.role IN (120, 122) AND NOT t.back), 0)::bigint,
           coalesce(-sum(v.amount) FILTER (WHERE v.role = 122 AND t.back), 0)::bigint
    FROM assets_value v
    CROSS JOIN LATERAL (
        SELECT count(*) > 0 AS back FROM assets_event e
        WHERE v.role = 122 AND e.company_id = v.company_id AND e.event_id = v.event_id
          AND coalesce(e.detail #>> ARRAY['books', %(book)s::text, 'takes_back_allowances'],
                       e.detail #>> '{values,takes_back_allowances}') = 'true') t
    WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.role IN (120, 121, 122)
      AND v.effective_on BETWEEN %(first)s AND %(last)s
      AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
    GROUP BY 1
    UNION
    SELECT DISTINCT e.asset_id, 0::bigint, 0::bigint FROM assets_event e
    JOIN assets_asset_book x ON x.company_id = e.company_id AND x.asset_id = e.asset_id AND x.book_id = %(book)s
    WHERE e.company_id = %(company)s AND e.kind = 'in_service' AND e.effective_on BETWEEN %(first)s AND %(last)s
"""


@dataclass(frozen=True, slots=True)
class Form4562:
    """The lines for a tax year of a book. charged_through: how far its depreciation was run."""

    from_on: datetime.date
    to_on: datetime.date
    charged_through: datetime.date | None
    lines: tuple[FormLine, ...]


def form_4562_figures(
    company_id: int,
    *,
    book_id: int,
    on: datetime.date,
    business_income: int | None = None,
    carried_in: int = 0,
    known_at: datetime.datetime | None = None,
) -> Form4562:
    """The form for the fiscal year of the book that has a day, from what is posted. Minor units.

    business_income limits section 179, carried_in is what of it was disallowed before. Refused for a year of which the
    pack knows no limit of section 179.
    """
    context = load_context(company_id)
    book = context.book(book_id)
    year = book.calendar.year(on)
    rules = built_in(PACK)
    given = {
        "company": company_id, "book": book_id, "first": year.first, "last": year.last, "known": known_at,
    }  # fmt: skip
    deducted: dict[int, int] = {}
    recaptured: dict[int, int] = {}
    for asset_id, amount, back in db.fetch_all(_DEDUCTED, given):
        deducted[asset_id] = deducted.get(asset_id, 0) + amount
        recaptured[asset_id] = recaptured.get(asset_id, 0) + back
    histories = load_histories(company_id, deducted)
    if known_at is not None:
        for history in histories.values():
            history.events = [e for e in history.events if e.recorded_at is None or e.recorded_at <= known_at]
    costs = costs_of_moves(company_id, histories.values())
    names: dict[int, str] = dict(
        db.fetch_all(
            "SELECT id, name FROM assets_asset WHERE company_id = %s AND id = ANY (%s)",
            (company_id, sorted(histories)),
        )
    )
    assets = [
        replace(found, recaptured=recaptured[history.asset_id])
        for history in sorted(histories.values(), key=lambda each: each.tag)
        if (
            found := _asset(
                context, book, history, costs, deducted[history.asset_id], names[history.asset_id], year
            )
        )
        is not None
    ]
    total = sum(
        round(a.cost * a.business_use)
        for a in assets
        if a.may_expense and year.first <= a.placed_on <= year.last
    )
    try:
        limit = yearly_limit(rules, rules.rule("rates", "section_179"), {"year_starts_on": year.first}, total)
    except PackError as error:
        raise refuse("on", error.rule, error.message, value=on) from error
    lines = form_4562(
        limit, year.first, year.last, assets, business_income=business_income, carried_in=carried_in
    )
    return Form4562(year.first, year.last, book.horizon_on, tuple(lines))


def _asset(
    context: Context,
    book: BookFacts,
    history: AssetHistory,
    costs: MoveCosts,
    deducted: int,
    name: str,
    year: FiscalYear,
) -> FormAsset | None:
    """None: it never went into service as known."""
    reader = Reader(context, book, history, costs)
    events = sorted(history.alive(), key=lambda each: (each.effective_on, each.phase, each.key))
    mine = [event for event in events if event.book_id in (None, book.book_id)]
    placed_on = reader.in_service_on()
    if placed_on is None:
        return None
    served = next(event for event in mine if event.kind == Kind.IN_SERVICE or event.kind in OPENED)
    cost = reader.cost_until(max(placed_on, served.effective_on) if served.kind in OPENED else placed_on)
    text = _terms_on(reader, mine, year.last)
    stated = None if text is None else parse(text)
    if stated is None or stated.pack != PACK:
        return FormAsset(history.tag, name, None, placed_on, cost, deducted=deducted)
    rules = built_in(PACK)
    asset_class = rules.asset_class(str(stated.pack_class))
    facts = rules.facts_of(without_claim(stated), asset_class, {})
    facts |= least_uses(rules, facts, book.calendar.year(placed_on))
    use = use_of(rules, facts, placed_on)
    share = Fraction(1) if use is None else use.of(year)
    method = "ads" if use is not None and facts["business_use_least"] <= HALF else str(facts["method"])
    real = asset_class.code in REAL
    answer = None
    if served.kind == Kind.IN_SERVICE:
        answer = resolve(
            rules,
            asset_class.code,
            acquired_on=min(reader.acquired_on(placed_on), placed_on),
            in_service_on=placed_on,
            cost=cost,
            elections=without_claim(stated),
            calendar=book.calendar,
        )
    taken = () if answer is None else answer.allowances
    expensed = sum(part.amount for part in taken if part.code in SECTION_179)
    years = Fraction(str(facts.get("recovery_years", 0)))
    if method == "ads":
        years = Fraction(str(facts.get("ads_years", years)))
        if real:
            shorter = asset_class.code == "residential-rental" and placed_on >= SHORTER_ADS_SINCE
            years = Fraction(30 if shorter else 40)
    return FormAsset(
        history.tag,
        name,
        asset_class.code,
        placed_on,
        cost,
        may_expense=bool(SECTION_179.intersection(asset_class.allowances)),
        section_179=expensed,
        special=sum(part.amount for part in taken) - expensed,
        basis=0 if answer is None else answer.basis,
        deducted=deducted,
        method=method,
        convention="mid_month" if real else str(facts["convention"]),
        factor=Fraction(str(facts.get("gds_factor", 2))),
        recovery_years=years,
        listed=use is not None,
        business_use=share,
    )


def _terms_on(reader: Reader, events: list[Event], on: datetime.date) -> str | None:
    """The terms that count on a day: those of the last event that states some, else those the book began with."""
    text = reader.history.terms.get(reader.book.book_id)
    for event in events:
        if event.effective_on > on and event.kind != Kind.ERROR_CORRECTION:
            continue
        given = reader.values(event).get("terms")
        if given is not None:
            text = canonical(given)
    return text
