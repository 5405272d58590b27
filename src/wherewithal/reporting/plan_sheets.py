"""What lies ahead, as files: forecasts, cash by day, budgets, and what came of them."""

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from wherewithal.assets import queries, services
from wherewithal.assets.plans import FIGURES, ForecastRow, LeftOut, Part, Projection
from wherewithal.assets.queries import AssetBook
from wherewithal.core.money import from_minor
from wherewithal.core.words import say
from wherewithal.kit.errors import refuse
from wherewithal.reporting.asset_sheets import choice, money
from wherewithal.reporting.sheets import Question, Sheet

AMOUNTS = ("charge", "purchases", "proceeds", "lease_payments", "cash", "cost", "carrying")
SUMMED = AMOUNTS[:5]
YEARS = 5


def forecast(question: Question) -> Sheet:
    """Every class in every period to come: options `through` (day), `scenario` (its number), `by` (year or month)."""
    book = queries.asset_book(question.company_id, question.book_id)
    by = choice(question, "by", ("year", "month"))
    title, found = _ahead(question, book, by)
    heads = ("class", "name", "from", "to", *AMOUNTS, "currency")
    rows = _rows(question, book, found.rows)
    return Sheet(
        f"Forecast{title}",
        heads,
        rows,
        summed=SUMMED,
        of_book=True,
        dated=False,
        left_out=_told(found.left_out),
    )


def cash(question: Question) -> Sheet:
    """What is paid and received, by day: options `through` and `scenario`."""
    book = queries.asset_book(question.company_id, question.book_id)
    title, found = _ahead(question, book, "month")
    classes = _classes(question)
    rows = (
        (row.on, *classes[row.class_id], str(row.kind), from_minor(row.amount, book.decimals), book.currency)
        for row in sorted(found.cash, key=lambda row: (row.on, row.class_id, row.kind))
    )
    heads = ("day", "class", "name", "kind", "amount", "currency")
    left_out = _told(found.left_out)
    return Sheet(
        f"Cash to come{title}", heads, rows, summed=("amount",), of_book=True, dated=False, left_out=left_out
    )


def budget(question: Question) -> Sheet:
    """A budget (option `budget`: its number) as it was frozen."""
    book = queries.asset_book(question.company_id, question.book_id)
    kept = queries.budget(question.company_id, _number(question, "budget"))
    rows = queries.budget_rows(question.company_id, kept.budget_id, book_id=book.book_id)
    title = f"Budget {kept.name}, version {kept.version}"
    heads = ("class", "name", "cost_centre", "from", "to", *AMOUNTS, "currency")
    shown = _rows(question, book, rows, _centres(question))
    return Sheet(
        title, heads, shown, summed=SUMMED, of_book=True, span=(kept.from_on, kept.to_on), dated=False
    )


def budget_comparison(question: Question) -> Sheet:
    """What came, and lies ahead, against a budget: options `budget`, `scenario`, `by` (class, cost_centre or period)."""
    book = queries.asset_book(question.company_id, question.book_id)
    kept = queries.budget(question.company_id, _number(question, "budget"))
    part = Part(choice(question, "by", tuple(Part)))
    found = services.compare_with_budget(
        company_id=question.company_id,
        actor_id=None,
        budget_id=kept.budget_id,
        book_id=book.book_id,
        parts=[part],
        through_on=question.as_of,
        scenario_id=_scenario(question),
        known_at=question.known_at,
    )
    left_out = _left_out(question)
    classes, centres = _classes(question), _centres(question)

    def key(row: Any) -> tuple[Any, ...]:
        if part is Part.PERIOD:
            return (row.from_on, row.to_on)
        return classes[row.class_id] if part is Part.CLASS else centres[row.cost_centre_id]

    rows = (
        (
            *key(row),
            *(
                from_minor(getattr(figures, name), book.decimals)
                for name in FIGURES
                for figures in (row.expected, row.found, row.variance)
            ),
            book.currency,
        )
        for row in found
    )
    heads = ("from", "to") if part is Part.PERIOD else (str(part), "name")
    amounts = tuple(f"{name}_{what}" for name in FIGURES for what in ("budget", "actual", "variance"))
    title = f"Budget {kept.name}, version {kept.version}, compared"
    summed = (
        amounts
        if part is not Part.PERIOD
        else tuple(a for a in amounts if a.split("_")[0] not in ("cost", "carrying"))
    )
    span = (kept.from_on, min(question.as_of or kept.to_on, kept.to_on))
    if left_out:
        title += _without(len(left_out))
    columns = (*heads, *amounts, "currency")
    return Sheet(title, columns, rows, summed=summed, of_book=True, span=span, left_out=_told(left_out))


# --- options ------------------------------------------------------------------------------------------------------


def _ahead(question: Question, book: AssetBook, by: str) -> tuple[str, Projection]:
    scenario_id = _scenario(question)
    title = ""
    if scenario_id is not None:
        title = f": {queries.scenario(question.company_id, scenario_id).name}"
    found = services.project(
        company_id=question.company_id,
        actor_id=None,
        through_on=_through(question, book),
        from_on=question.from_on,
        scenario_id=scenario_id,
        book_ids=[book.book_id],
        by=by,
    )
    if found.left_out:
        title += _without(len(found.left_out))
    return title, found


def _left_out(question: Question) -> list[LeftOut]:
    scenario_id = _scenario(question)
    if scenario_id is None:
        return []
    return services.lines_left_out(company_id=question.company_id, actor_id=None, scenario_id=scenario_id)


def _without(count: int) -> str:
    return f", without {count} of its lines that fit no longer"


def _told(lines: Iterable[LeftOut]) -> tuple[str, ...]:
    return tuple(f"Line {line.position}, {line.label}: {line.message}" for line in lines)


def _through(question: Question, book: AssetBook) -> datetime.date:
    text = question.options.get("through")
    if text is None:
        last = book.horizon_on or question.today
        return datetime.date(last.year + YEARS, 12, 31)
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise refuse("through", "day", say("Give a day in the form YYYY-MM-DD."), value=text) from None


def _scenario(question: Question) -> int | None:
    return _number(question, "scenario") if "scenario" in question.options else None


def _number(question: Question, name: str) -> int:
    text = question.options.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise refuse(name, "number", say("Give the number of the {name}.", name=name), value=text)
    return int(text)


def _classes(question: Question) -> dict[int, tuple[str, str]]:
    return {row.class_id: (row.code, row.name) for row in queries.classes(question.company_id)}


def _centres(question: Question) -> dict[int, tuple[str, str]]:
    found = {row.cost_centre_id: (row.code, row.name) for row in queries.cost_centres(question.company_id)}
    return {0: ("", "")} | found


def _rows(
    question: Question,
    book: AssetBook,
    rows: Iterable[ForecastRow],
    centres: Mapping[int, tuple[str, str]] | None = None,
) -> Iterable[tuple[Any, ...]]:
    classes = _classes(question)
    for row in rows:
        amounts: tuple[Decimal | None, ...] = money(row, AMOUNTS, book.decimals)
        centre = () if centres is None else (centres[row.cost_centre_id][0] or None,)
        yield (*classes[row.class_id], *centre, row.from_on, row.to_on, *amounts, book.currency)
