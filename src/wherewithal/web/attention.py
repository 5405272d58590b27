"""What waits for somebody: each line looks for itself, and is shown to those who can do something about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wherewithal.assets import queries as assets
from wherewithal.assets.queries import RegisterFilter
from wherewithal.assets.values import Status
from wherewithal.feeds import queries as feeds
from wherewithal.kit import jobs
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.values import PeriodState
from wherewithal.reporting import verify
from wherewithal.stock import queries as stock
from wherewithal.stock.queries import Detail, OnHandFilter
from wherewithal.web import formatting
from wherewithal.web.desk import Desk

SOON_DAYS = 30
ENDING_DAYS = 60
MOST = 500
RECENT_DAYS = 14
MOST_NAMED = 3
TONES = {"bad": 0, "warn": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that waits: what, how bad (bad, warn or note), and where it is dealt with."""

    text: str
    href: str
    tone: str
    action: Any


def of(desk: Desk) -> list[Attention]:
    """What waits for this person, the worst first."""
    found = [
        thing
        for permission, look in LOOKS
        if desk.may(permission)
        for thing in look(desk)
        if thing is not None
    ]
    return sorted(found, key=lambda thing: TONES[thing.tone])


# --- goods ------------------------------------------------------------------------------------------------


def _expiring(desk: Desk) -> list[Attention]:
    lots = stock.expiring(desk.company_id, until=desk.today + timedelta(days=SOON_DAYS), limit=MOST)
    past = {lot.lot_id for lot in lots if lot.expires_on < desk.today}
    soon = {lot.lot_id for lot in lots} - past
    found = []
    if past:
        text = ngettext("%(n)s lot on hand has expired", "%(n)s lots on hand have expired", len(past))
        found.append(
            Attention(text % {"n": len(past)}, desk.link("expiry", within=0), "bad", _("Scrap or block"))
        )
    if soon:
        text = ngettext(
            "%(n)s lot expires within %(days)s days", "%(n)s lots expire within %(days)s days", len(soon)
        )
        href = desk.link("expiry", within=SOON_DAYS)
        found.append(Attention(text % {"n": len(soon), "days": SOON_DAYS}, href, "warn", _("Use first")))
    return found


def _below_zero(desk: Desk) -> list[Attention]:
    rows = stock.on_hand(
        desk.company_id,
        today=desk.today,
        detail=Detail.LOCATION,
        filters=OnHandFilter(below_zero=True),
        limit=100,
    )
    if not rows:
        return []
    text = ngettext("%(n)s place holds less than nothing", "%(n)s places hold less than nothing", len(rows))
    href = desk.link("on_hand", below="yes")
    return [Attention(text % {"n": len(rows)}, href, "bad", _("Count or receive"))]


def _out_of_stock(desk: Desk) -> list[Attention]:
    rows = stock.out_of_stock(desk.company_id, limit=MOST)
    if not rows:
        return []
    text = ngettext(
        "%(n)s item is out of stock: %(some)s", "%(n)s items are out of stock: %(some)s", len(rows)
    )
    some = ", ".join(sku for _id, sku, _name in rows[:3]) + (" …" if len(rows) > 3 else "")
    href = desk.link("item", rows[0][0]) if len(rows) == 1 else desk.link("items")
    return [Attention(text % {"n": len(rows), "some": some}, href, "warn", _("Look"))]


def _blocked(desk: Desk) -> list[Attention]:
    count = stock.blocked_lots(desk.company_id)
    if not count:
        return []
    text = ngettext("%(n)s lot on hand is blocked", "%(n)s lots on hand are blocked", count)
    return [Attention(text % {"n": count}, desk.link("lots"), "note", _("Release or scrap"))]


def _in_transit(desk: Desk) -> list[Attention]:
    places = [place for place in stock.list_locations(desk.company_id, held=True) if place.type == "transit"]
    count = sum(
        len(
            stock.on_hand(
                desk.company_id,
                today=desk.today,
                detail=Detail.ITEM,
                filters=OnHandFilter(location_id=place.id),
                limit=MOST,
            )
        )
        for place in places
    )
    if not count:
        return []
    text = ngettext("%(n)s item is on its way", "%(n)s items are on their way", count)
    return [Attention(text % {"n": count}, desk.link("transit"), "note", _("Take in"))]


# --- books ------------------------------------------------------------------------------------------------


def _unverified(desk: Desk) -> list[Attention]:
    runs = verify.history(company_id=desk.company_id, limit=1)
    href = desk.link("verify")
    if not runs:
        return [Attention(_("The books have not been verified yet"), href, "note", _("Verify"))]
    if not runs[0].passed:
        return [Attention(_("The last verification found something wrong"), href, "bad", _("Look"))]
    return []


def _last_month_end(desk: Desk) -> date:
    return desk.today.replace(day=1) - timedelta(days=1)


def _open_months(desk: Desk) -> list[Attention]:
    """The month before this one, where it is still open in the book shown and something was posted in it."""
    end_on = _last_month_end(desk)
    closed = [
        row.end_on for row in ledger.periods(desk.company_id, desk.book_id) if row.state != PeriodState.OPEN
    ]
    if closed and max(closed) >= end_on:
        return []
    posted = ledger.journal(desk.company_id, desk.book_id, to_on=end_on, latest_first=True, limit=1)
    if not posted.entries:
        return []
    text = _("%(month)s is open in the book %(book)s") % {
        "month": formatting.month(end_on),
        "book": desk.book.name,
    }
    return [Attention(text, desk.link("periods", end_on=end_on.isoformat()), "note", _("Check and close"))]


# --- assets -----------------------------------------------------------------------------------------------


def _runs_to_post(desk: Desk) -> list[Attention]:
    """Books in which last month's depreciation is not charged."""
    end_on = _last_month_end(desk)
    if not assets.register(desk.company_id, filters=RegisterFilter(status=Status.IN_SERVICE), limit=1):
        return []
    behind = [book for book in assets.books(desk.company_id) if (book.horizon_on or date.min) < end_on]
    if not behind:
        return []
    text = _("Depreciation of %(month)s is not charged: %(books)s") % {
        "month": formatting.month(end_on),
        "books": ", ".join(book.name for book in behind),
    }
    code = None if behind[0].is_primary else behind[0].code
    return [Attention(text, desk.link("runs", book=code), "warn", _("Run depreciation"))]


def _ending(desk: Desk) -> list[Attention]:
    """Warranties, insurances and leases that end soon."""
    rows = assets.ending(desk.company_id, from_on=desk.today, to_on=desk.today + timedelta(days=ENDING_DAYS))
    words = {
        "warranty": _("The warranty of %(tag)s %(name)s ends on %(day)s"),
        "insurance": _("The insurance of %(tag)s %(name)s ends on %(day)s"),
        "lease": _("The lease of %(tag)s %(name)s ends on %(day)s"),
    }
    return [
        Attention(
            words[row.what] % {"tag": row.tag, "name": row.name, "day": formatting.day(row.on)},
            desk.link("asset", row.asset_id),
            "warn" if row.what == "lease" else "note",
            _("Look"),
        )
        for row in rows[:MOST_NAMED]
    ]


def _overdue(desk: Desk) -> list[Attention]:
    rows = assets.custody(desk.company_id, overdue_on=desk.today, limit=MOST)
    if not rows:
        return []
    text = ngettext(
        "%(n)s asset has not come back in time", "%(n)s assets have not come back in time", len(rows)
    )
    return [Attention(text % {"n": len(rows)}, desk.link("custody"), "warn", _("Ask for it"))]


# --- long work --------------------------------------------------------------------------------------------


def _failed_jobs(desk: Desk) -> list[Attention]:
    since = desk.now - timedelta(days=RECENT_DAYS)
    rows = jobs.list_jobs(company_id=desk.company_id, limit=100)
    failed = [row for row in rows if row["state"] == "failed" and row["created_at"] > since]
    if not failed:
        return []
    text = ngettext("%(n)s job failed in the last days", "%(n)s jobs failed in the last days", len(failed))
    return [Attention(text % {"n": len(failed)}, desk.link("jobs", state="failed"), "bad", _("Look"))]


def _failed_imports(desk: Desk) -> list[Attention]:
    since = desk.now - timedelta(days=RECENT_DAYS)
    rows = feeds.list_imports(desk.company_id, limit=50)
    failed = [row for row in rows if row["state"] in ("refused", "stopped") and row["created_at"] > since]
    if not failed:
        return []
    text = ngettext(
        "%(n)s import was refused or broke off", "%(n)s imports were refused or broke off", len(failed)
    )
    href = desk.link("import_job", failed[0]["id"]) if len(failed) == 1 else desk.link("import")
    return [Attention(text % {"n": len(failed)}, href, "warn", _("Look"))]


# What is looked for, and the permission of those who can do something about it.
LOOKS: tuple[tuple[str, Callable[[Desk], list[Attention]]], ...] = (
    ("stock.read", _expiring),
    ("stock.read", _below_zero),
    ("stock.receive", _out_of_stock),
    ("stock.adjust", _blocked),
    ("stock.transfer", _in_transit),
    ("verify.run", _unverified),
    ("ledger.close", _open_months),
    ("assets.depreciate", _runs_to_post),
    ("assets.write", _ending),
    ("assets.custody", _overdue),
    ("verify.run", _failed_jobs),
    ("import.run", _failed_imports),
)
