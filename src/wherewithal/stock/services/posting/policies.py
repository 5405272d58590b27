"""How each book costs each item, day by day: methods of its categories, and its standard costs."""

import calendar
import datetime
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from wherewithal.core.costing.facts import Method, Policy
from wherewithal.items.values import ItemFacts
from wherewithal.kit import db
from wherewithal.stock.services.planning.values import microseconds

METHODS: Mapping[str, Method] = {
    "fifo": Method.FIFO,
    "lifo": Method.LIFO,
    "moving_average": Method.AVERAGE,
    "periodic_average": Method.PERIODIC,
    "standard": Method.STANDARD,
    "specific": Method.SPECIFIC,
}
DEFAULT_METHOD = "moving_average"
SINCE_EVER = datetime.date.min
BEFORE_ALL_TIME = -(2**62)


class Months:
    """The calendar of the periodic average."""

    def first_day(self, day: int) -> int:
        return datetime.date.fromordinal(day).replace(day=1).toordinal()

    def last_day(self, day: int) -> int:
        date = datetime.date.fromordinal(day)
        return date.replace(day=calendar.monthrange(date.year, date.month)[1]).toordinal()


MONTHS = Months()
Versions = dict[datetime.date, str]


@dataclass(slots=True)
class Policies:
    """The policies of a company's books as now known; asked per book and item."""

    timezone: ZoneInfo
    methods: Mapping[tuple[int, int | None], Versions]  # (book, category) -> day -> method
    standards: MutableMapping[
        tuple[int, int], dict[datetime.date, tuple[int, int]]
    ]  # (book, item) -> day -> cost
    _known: dict[tuple[int, tuple[int, ...]], tuple[Policy, ...]] = field(default_factory=dict)

    def of(self, book_id: int, item: ItemFacts) -> tuple[Policy, ...]:
        """By ascending day, from the first day of all on."""
        standards = self.standards.get((book_id, item.item_id))
        if standards:
            return self._merge(book_id, item.category_path, standards)
        key = (book_id, item.category_path)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._merge(book_id, item.category_path, {})
        return found

    def of_items(self, book_id: int, items: Iterable[ItemFacts]) -> dict[int, tuple[Policy, ...]]:
        return {item.item_id: self.of(book_id, item) for item in items}

    def any_periodic(self) -> bool:
        """Whether any book has ever used the periodic average."""
        return any("periodic_average" in versions.values() for versions in self.methods.values())

    def method(self, book_id: int, path: Sequence[int], day: datetime.date) -> str:
        """The method of the nearest category that has one by this day; without any, the book's own, else the default."""
        for category_id in (*path, None):
            versions = self.methods.get((book_id, category_id), {})
            days = [since for since in versions if since <= day]
            if days:
                return versions[max(days)]
        return DEFAULT_METHOD

    def _merge(
        self, book_id: int, path: Sequence[int], standards: Mapping[datetime.date, tuple[int, int]]
    ) -> tuple[Policy, ...]:
        days = {SINCE_EVER, *standards}
        for category_id in (*path, None):
            days.update(self.methods.get((book_id, category_id), ()))
        policies: list[Policy] = []
        standard: tuple[int, int] | None = None
        for day in sorted(days):
            standard = standards.get(day, standard)
            method = METHODS[self.method(book_id, path, day)]
            months = MONTHS if method is Method.PERIODIC else None
            if not policies or (policies[-1].method, policies[-1].standard) != (method, standard):
                policies.append(Policy(self.start_of(day), day.toordinal(), method, standard, months))
        return tuple(policies)

    def start_of(self, day: datetime.date) -> int:
        """The instant at which a local day begins."""
        if day.year < 1900:
            return BEFORE_ALL_TIME
        midnight = datetime.datetime.combine(day, datetime.time(), tzinfo=self.timezone)
        return microseconds(midnight.astimezone(datetime.UTC))


def load_policies(company_id: int, timezone: ZoneInfo, item_ids: Iterable[int]) -> Policies:
    """All methods of the company, and the standard costs of the named items. Of one day, the latest recorded counts."""
    methods: dict[tuple[int, int | None], Versions] = {}
    for book_id, category_id, day, method in db.fetch_all(
        "SELECT book_id, category_id, effective_on, method FROM stock_cost_policy"
        " WHERE company_id = %s ORDER BY recorded_at, policy_id",
        (company_id,),
    ):
        methods.setdefault((book_id, category_id), {})[day] = method
    policies = Policies(timezone, methods, {})
    add_standards(policies, company_id, item_ids)
    return policies


def add_standards(policies: Policies, company_id: int, item_ids: Iterable[int]) -> None:
    """The standard costs of these items. Of one day, the latest recorded counts."""
    for book_id, item_id, day, amount, per_qty in db.fetch_all(
        "SELECT book_id, item_id, effective_on, amount, per_qty FROM stock_standard_cost"
        " WHERE company_id = %s AND item_id = ANY (%s::int[]) ORDER BY recorded_at, standard_id",
        (company_id, "{" + ",".join(map(str, item_ids)) + "}"),
    ):
        policies.standards.setdefault((book_id, item_id), {})[day] = (amount, per_qty)
