"""Who may record which document, and who may take one back."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from wherewithal.people.permissions import Actor, allowed, require
from wherewithal.stock.drafts import DocumentKind
from wherewithal.stock.queries import DocumentRow

RECORDS: Mapping[DocumentKind, str] = {
    DocumentKind.OPENING: "stock.receive",
    DocumentKind.RECEIPT: "stock.receive",
    DocumentKind.RETURN_FROM_CUSTOMER: "stock.receive",
    DocumentKind.ISSUE: "stock.issue",
    DocumentKind.DROPSHIP: "stock.issue",
    DocumentKind.RETURN_TO_SUPPLIER: "stock.issue",
    DocumentKind.PRODUCTION: "stock.transfer",
    DocumentKind.TRANSFER: "stock.transfer",
    DocumentKind.DISPATCH: "stock.transfer",
    DocumentKind.ARRIVAL: "stock.transfer",
    DocumentKind.ADJUSTMENT: "stock.adjust",
    DocumentKind.SCRAP: "stock.scrap",
    DocumentKind.AMENDMENT: "stock.reverse",
    DocumentKind.REVERSAL: "stock.reverse",
    DocumentKind.LANDED_COST: "costing.write",
    DocumentKind.PRICE_CORRECTION: "costing.write",
}
"""The permission to record a document, by its kind; a reversal is also for whom `may_take_back` says."""


def may_take_back(actor: Actor, document: DocumentRow, *, today: date, timezone: ZoneInfo) -> bool:
    """Whether the actor may reverse the whole document: whoever may reverse; and, until the end of the company's day on
    which it was recorded, who recorded it and may still record such documents. A slip is mended by the one who made
    it; the document and its reversal both stay, under their name."""
    own = document.actor_id == actor.user_id and document.recorded_at.astimezone(timezone).date() == today
    return allowed(actor, "stock.reverse") or (own and allowed(actor, RECORDS[DocumentKind(document.kind)]))


def require_taking_back(actor: Actor, document: DocumentRow, *, today: date, timezone: ZoneInfo) -> None:
    """Raise Forbidden, naming who may, unless the actor may take the document back."""
    if not may_take_back(actor, document, today=today, timezone=timezone):
        require(actor, "stock.reverse")
