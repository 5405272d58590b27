"""The demo company: two years of a small maker and seller of water filters, entered through the use cases."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections

from wherewithal.kit.db import company_transaction, fetch_one
from wherewithal.kit.idempotency import once, request_hash
from wherewithal.site.demo import catalogue, enter, life, sister
from wherewithal.site.demo.enter import Progress
from wherewithal.site.demo.setup import BEGUN, LOGINS, PASSWORD, set_up

__all__ = ["LOGINS", "PASSWORD", "Progress", "load", "sign_in"]

COMPLETE = "demo complete"


def load(progress: Progress, *, today: date | None = None, days: int = life.DAYS) -> str:
    """Load the company unless it is there; the sentence that tells how to sign in.

    A load that was interrupted is taken up again: it began with one transaction, and each step has an idempotency
    key, so that those which were entered already answer what they answered then. `today`: the last day of the story
    (by default the last one on which work is over), `days`: how long it is.
    """
    company_id = _company_id()
    if company_id is None:
        progress(0, None, "setting up the company")
        company_id = set_up(today=today or _last_evening(), days=days)
    if _answer(company_id, COMPLETE) is None:
        began = _answer(company_id, BEGUN)
        if began is None:
            return f"The company {catalogue.CODE} is not the demo's: it stays as it is."
        last, days = date.fromisoformat(began["today"]), began["days"]
        told = life.simulate(today=last, days=days)
        enter.enter(company_id=company_id, steps=told, progress=progress)
        sister.load(company_id, start=life.first_day(last, days), today=last)
        with company_transaction(company_id=company_id):
            once(company_id=company_id, key=COMPLETE, request_hash=request_hash(COMPLETE), fn=dict)
    return sign_in()


def _last_evening() -> date:
    """The story must not run into the future: it ends with the last six o'clock."""
    return (datetime.now(ZoneInfo(catalogue.TIME_ZONE)) - timedelta(hours=18)).date()


def sign_in() -> str:
    """Which users there are. Their password is known to everybody who reads this file."""
    others = ", ".join(f"{username} ({role})" for username, _, role in LOGINS[1:])
    return f"Sign in as {LOGINS[0][0]} with the password {PASSWORD}.\nThe same password opens: {others}."


def _company_id() -> int | None:
    """Asked as the owner: nobody has signed in yet, so the application's role would see no company."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_company WHERE code = %s", [catalogue.CODE])
        row = cursor.fetchone()
    return row[0] if row else None


def _answer(company_id: int, key: str) -> dict[str, Any] | None:
    with company_transaction(company_id=company_id, read_only=True):
        row = fetch_one(
            "SELECT response FROM kit_idempotency WHERE company_id = %s AND key = %s", (company_id, key)
        )
    return row[0] if row else None
