"""The years ahead: charges, what is left, and cash, if nothing else happens and in a scenario."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wherewithal.assets import queries, services
from wherewithal.assets.plans import ForecastRow, Projection, Scenario
from wherewithal.web import formatting, tables
from wherewithal.web.charts import Chart, Series, span
from wherewithal.web.desk import Desk
from wherewithal.web.later import assets_later
from wherewithal.web.pages import act, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table
from wherewithal.web.views.assets.plans import scenario_choices, year_end

YEARS = ("1", "2", "3", "10")
USUAL_YEARS = 5


@dataclass(frozen=True, slots=True)
class Ahead:
    """A period, or a class over all of them; `base_...`: if nothing else happens."""

    label: str
    charge: int
    cost: int
    carrying: int
    purchases: int
    proceeds: int
    lease_payments: int
    cash: int
    base_charge: int
    base_carrying: int

    @property
    def more(self) -> int:
        """What the scenario charges more."""
        return self.charge - self.base_charge


@page("ledger.read", shows="now", snapshot=False)
def asset_forecast(request: HttpRequest, desk: Desk) -> HttpResponse:
    """From the last run on, for some fiscal years: ?scenario= shows one beside what comes anyway."""
    with desk.reading():
        choices = scenario_choices(desk)
        book = queries.asset_book(desk.company_id, desk.book_id)
        known = queries.classes(desk.company_id)
    classes = {row.class_id: f"{row.code} {row.name}" for row in known}
    is_empty = not any(row.asset_count for row in known)
    table = _table(desk, choices, with_scenario=False)
    ask = tables.read_ask(table, request.GET)
    scenario_id = ask.whole("scenario")
    with desk.reading():
        scenario = queries.scenario(desk.company_id, scenario_id) if scenario_id else None
    since = book.horizon_on or desk.today
    years = int(ask.get("years") or USUAL_YEARS)
    through_on = year_end(desk, since + date.resolution, years - 1)
    with desk.reading():
        later = assets_later(request, desk)
    base = [] if is_empty or later else _project(desk, through_on, ask, None).rows
    ahead = _project(desk, through_on, ask, scenario) if scenario and not later else Projection(base)
    planned = ahead.rows
    by_period = _together(
        planned, base, lambda row: (row.from_on, row.to_on), lambda row: _period(desk, ask, row)
    )
    by_class = _together(
        planned,
        base,
        lambda row: row.class_id,
        lambda row: classes.get(row.class_id, ""),
        stands_on=through_on,
    )
    rows = by_class if ask.get("rows") == "class" else by_period
    table = _table(desk, choices, with_scenario=scenario is not None)
    context = {
        "scenario": scenario,
        "left_out": ahead.left_out,
        "later": later,
        "since": since,
        "through_on": through_on,
        "charges": _charges(desk, by_period, scenario),
        "carrying": _carrying(desk, by_period, scenario),
        "cash": _cash(desk, by_period),
        "total": _total(by_period),
    }
    with desk.reading():
        return table_page(
            request,
            desk,
            "web/asset_forecast.html",
            table,
            lambda ask: Page(rows, totals=_total(rows, by_period)),
            context,
        )


def _project(desk: Desk, through_on: date, ask: Ask, scenario: Scenario | None) -> Projection:
    return act(
        lambda: services.project(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            through_on=through_on,
            scenario_id=scenario.scenario_id if scenario else None,
            book_ids=[desk.book_id],
            by="month" if ask.get("by") == "month" else "year",
        )
    )


def _period(desk: Desk, ask: Ask, row: ForecastRow) -> str:
    """What a period is called."""
    if ask.get("by") == "month":
        return formatting.day(row.to_on)
    start = desk.company.fiscal_year_start_month
    first = row.to_on.year if row.to_on.month >= start else row.to_on.year - 1
    return str(first) if start == 1 else f"{first}/{(first + 1) % 100:02d}"


def _together(
    planned: Sequence[ForecastRow],
    base: Sequence[ForecastRow],
    key: Callable[[ForecastRow], Any],
    called: Callable[[ForecastRow], str],
    *,
    stands_on: date | None = None,
) -> list[Ahead]:
    """Rows added up by a key, the scenario beside what comes anyway. `stands_on`: only what stands then is a balance."""
    labels: dict[Any, str] = {}
    sums: dict[Any, dict[str, int]] = {}
    last = max((row.to_on for row in planned), default=None)
    for rows, prefix in ((planned, ""), (base, "base_")):
        for row in rows:
            labels.setdefault(key(row), called(row))
            mine = sums.setdefault(key(row), dict.fromkeys(Ahead.__dataclass_fields__, 0))
            mine[f"{prefix}charge"] += row.charge
            stands = stands_on is None or row.to_on == last
            mine[f"{prefix}carrying"] += row.carrying if stands else 0
            if not prefix:
                mine["cost"] += row.cost if stands else 0
                for name in ("purchases", "proceeds", "lease_payments", "cash"):
                    mine[name] += getattr(row, name)
    return [Ahead(**(mine | {"label": labels[one]})) for one, mine in sorted(sums.items())]  # type: ignore[arg-type]  # the label is the only text


def _total(rows: Sequence[Ahead], by_period: Sequence[Ahead] = ()) -> Ahead:
    """The sums of flows, and what stands at the end."""
    flows = ("charge", "purchases", "proceeds", "lease_payments", "cash", "base_charge")
    sums = {name: sum(getattr(row, name) for row in rows) for name in flows}
    last = (by_period or rows)[-1] if (by_period or rows) else None
    return Ahead(
        label="",
        cost=last.cost if last else 0,
        carrying=last.carrying if last else 0,
        base_carrying=last.base_carrying if last else 0,
        **sums,
    )


def _table(desk: Desk, scenarios: list[tuple[str, str]], *, with_scenario: bool) -> Table:
    def money(label: str, name: str, **options: Any) -> tables.Column:
        return tables.money(
            label,
            lambda row: desk.amount(getattr(row, name)),
            desk.book.currency,
            decimals=desk.book.currency_decimals,
            total=True,
            **options,
        )

    beside = (
        [money(_("Without it"), "base_charge", phone=False), money(_("More"), "more")]
        if with_scenario
        else []
    )
    return Table(
        key="forecast",
        title=_("Forecast"),
        columns=(
            tables.text(_("Period"), "label", lead=True),
            money(_("Charge"), "charge"),
            *beside,
            money(_("Cost"), "cost", phone=False),
            money(_("Carrying amount"), "carrying"),
            money(_("Purchases"), "purchases", phone=False),
            money(_("Proceeds"), "proceeds", phone=False),
            money(_("Lease payments"), "lease_payments", phone=False),
            money(_("Cash"), "cash", phone=False),
        ),
        filters=(
            Filter("scenario", _("Scenario"), choices=scenarios, unset=_("if nothing else happens")),
            Filter(
                "years", _("Fiscal years"), choices=[(year, year) for year in YEARS], unset=str(USUAL_YEARS)
            ),
            Filter("by", pgettext("grouped", "By"), choices=(("month", _("period")),), unset=_("year")),
            Filter("rows", _("Rows"), choices=(("class", _("by class")),), unset=_("by time")),
        ),
        empty_title=_("Nothing to come"),
        empty_text=_("Nothing of what is in the register is still to be charged in the book shown."),
    )


def _series(desk: Desk, rows: Sequence[Ahead], name: str) -> list[Decimal | int | None]:
    return [desk.amount(getattr(row, name)) for row in rows]


def _both(desk: Desk, rows: Sequence[Ahead], name: str, scenario: Scenario | None) -> list[Series]:
    """What comes anyway, and beside it the scenario."""
    anyway = Series(
        _("If nothing else happens"),
        _series(desk, rows, f"base_{name}"),
        "chart-6" if scenario else "chart-1",
    )
    return [anyway, Series(scenario.name, _series(desk, rows, name), "chart-1")] if scenario else [anyway]


def _charges(desk: Desk, rows: Sequence[Ahead], scenario: Scenario | None) -> Chart:
    return _chart(
        desk, rows, "forecast-charges", "bar", _("Depreciation"), _both(desk, rows, "charge", scenario)
    )


def _carrying(desk: Desk, rows: Sequence[Ahead], scenario: Scenario | None) -> Chart:
    title = _("Carrying amount at the end")
    return _chart(desk, rows, "forecast-carrying", "line", title, _both(desk, rows, "carrying", scenario))


def _cash(desk: Desk, rows: Sequence[Ahead]) -> Chart:
    received = [desk.amount(max(row.cash, 0)) for row in rows]
    paid = [desk.amount(max(-row.cash, 0)) for row in rows]
    series = [Series(_("Received"), received, "chart-4"), Series(_("Paid"), paid, "chart-2")]
    return _chart(desk, rows, "forecast-cash", "mirrored", _("Cash"), series)


def _chart(
    desk: Desk, rows: Sequence[Ahead], key: str, kind: str, title: str, series: Sequence[Series]
) -> Chart:
    labels = [row.label for row in rows]
    return Chart(
        key=key,
        kind=kind,
        title=title,
        x_label=_("Period"),
        labels=labels,
        series=series,
        summary=_("%(title)s in the book %(book)s, %(span)s.")
        % {"title": title, "book": desk.book.name, "span": span(labels)},
        unit=desk.book.currency,
        decimals=desk.book.currency_decimals,
        empty_text=_("Nothing to come."),
    )
