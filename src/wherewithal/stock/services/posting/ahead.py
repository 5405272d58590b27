"""A batch planned ahead: what needs neither a lock nor the database is done while the server still writes another batch.

Whoever has many batches hands `record` one to write and says what to do `meanwhile`: to `prepare` the next. Nothing is
decided early: a plan made ahead is used only with the very masters that it was made with, and these are compared
under the lock like any others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter

from wherewithal.stock.drafts import DocumentDraft, Later, LineDraft
from wherewithal.stock.services.planning.documents import plan_documents
from wherewithal.stock.services.planning.values import Originals, Plan
from wherewithal.stock.services.posting.masters import Masters, masters_in_memory

_document_values = attrgetter(
    *(f.name for f in fields(DocumentDraft) if f.name not in ("lines", "rates", "row", "own_amounts"))
)
NO_SERIALS = LineDraft().serials


@dataclass(slots=True)
class Prepared:
    """Documents of a batch to come, with their plan; for one use, since posting goes on working in the plan."""

    idempotency_key: str
    documents: Sequence[DocumentDraft | Later]
    masters: Masters
    plan: Plan
    said: Sequence[bytes]  # by each document; nothing yet by those that are still to come
    items: set[int] = field(default_factory=set)
    places: set[int] = field(default_factory=set)
    used: bool = False

    def fits(self, idempotency_key: str, documents: Sequence[DocumentDraft]) -> bool:
        """Whether these are the documents, with those that were still to come."""
        return (
            not self.used
            and self.idempotency_key == idempotency_key
            and len(self.documents) == len(documents)
            and all(
                known is given or isinstance(known, Later)
                for known, given in zip(self.documents, documents, strict=True)
            )
        )

    def rest(self, documents: Sequence[DocumentDraft]) -> list[DocumentDraft | Later]:
        """What is left to be planned: in place of each document that is planned, only how long it is."""
        return [
            given if isinstance(known, Later) else Later(len(given.lines))
            for known, given in zip(self.documents, documents, strict=True)
        ]


def prepare(
    *, company_id: int, idempotency_key: str, documents: Sequence[DocumentDraft | Later]
) -> Prepared | None:
    """Plan what can be planned of a batch. None where that is not possible or finds a fault: `record` will say it.

    Documents that name recorded moves or documents are not for here: give `Later` for them.
    """
    known = [document for document in documents if isinstance(document, DocumentDraft)]
    items, places = named(known)
    masters = masters_in_memory(company_id, items, places)
    if masters is None:
        return None
    plan = plan_documents(masters.context, documents, Originals(), idempotency_key)
    if plan.problems:
        return None
    said = [said_by(one) if isinstance(one, DocumentDraft) else b"" for one in documents]
    return Prepared(idempotency_key, documents, masters, plan, said, items, places)


def said_by(document: DocumentDraft) -> bytes:
    """All that a document says: equal documents, equal bytes."""
    rates = None if document.rates is None else sorted(document.rates.items())
    lines = ", ".join([_said_by_line(line) for line in document.lines])
    own = repr([tuple(own) for own in document.own_amounts]) if document.own_amounts else ""
    return f"{(_document_values(document), rates)!r}[{lines}]{own}".encode()


def _said_by_line(line: LineDraft) -> str:
    """All but `row`, as Python writes a tuple. For most lines in half the time that Python takes for it: batches of any
    version must give the same bytes."""
    (item_id, qty, unit, source, target, lot_id, lot_code, serials, expires_on, unit_cost, amount, of_move_id, of_line,
     counted_qty, share, consumed, reservation_id, _) = line  # fmt: skip
    if (
        unit is None
        and lot_id is None
        and lot_code is None
        and expires_on is None
        and unit_cost is None
        and of_move_id is None
        and of_line is None
        and counted_qty is None
        and share is None
        and reservation_id is None
        and consumed is False
        and serials is NO_SERIALS
    ):
        return (
            f"({item_id!r}, {qty!r}, None, {source!r}, {target!r}, None, None, (), None, None, {amount!r}, None, None,"
            " None, None, False, None)"
        )
    return repr(line[:-1])


def named(documents: Sequence[DocumentDraft | Later]) -> tuple[set[int], set[int]]:
    """The items and places that documents name."""
    items: set[int] = set()
    places: set[int | None] = set()
    for document in documents:
        if isinstance(document, DocumentDraft):
            items.update([line.item_id for line in document.lines])
            places.update([line.from_location_id for line in document.lines])
            places.update([line.to_location_id for line in document.lines])
    return items, {place for place in places if place is not None}
