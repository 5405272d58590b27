"""From entries (one line of goods each) to documents, and from documents to the stock ledger, chunk by chunk.

Documents are keyed by what the file says (number, instant, kind), their lines are put in an order that follows from
their content: so it makes no difference in which order a file has its rows, or over which files they are spread.
Documents are written in the order of time, so that posting appends and never has to replay.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from wherewithal.feeds.work import RunContext, Stage, Unit, digest_of
from wherewithal.items import queries as item_queries
from wherewithal.kit.errors import Problem, Refused
from wherewithal.kit.ids import content_key
from wherewithal.parties import queries as party_queries
from wherewithal.stock import queries as stock_queries
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, Later, LineDraft
from wherewithal.stock.services import Prepared, prepare, record

CHUNK_LINES = 50_000
OUR_NAMES = {
    "item_id": "sku",
    "from_location_id": "from",
    "to_location_id": "to",
    "lot_code": "lot",
    "serials": "serial",
    "of_move_id": "of_document",
    "of_line": "of_document",
    "effective_at": "at",
    "party_id": "party",
}


@dataclass(slots=True, eq=False)
class Entry:
    """One line of goods. Quantities are positive, except of adjustments. `of` is the entry that is given back."""

    position: int  # in the file; -1 where the line was worked out
    sku: str
    qty: Decimal | int
    unit: str | None = None
    from_code: str | None = None
    to_code: str | None = None
    lot: str | None = None
    serial: str | None = None
    expires_on: date | None = None
    unit_cost: Decimal | None = None
    amount: Decimal | None = None
    of: "Entry | None" = None
    of_name: str | None = None  # how the file calls what is given back
    unit_of: "DocumentUnit | None" = None
    move_id: int = 0

    def text(self) -> str:
        """Its content, for ordering and for telling whether a document is the same as before."""
        plain = (
            f"{self.sku}|{self.qty}|{self.from_code!s}|{self.to_code!s}|{self.unit_cost!s}|{self.of_name!s}"
        )
        if (self.unit or self.lot or self.serial or self.expires_on or self.amount) is None:
            return plain
        return f"{plain}|{self.unit}|{self.lot}|{self.serial}|{self.expires_on}|{self.amount}"


@dataclass(frozen=True, slots=True)
class Head:
    """What the lines of one document share."""

    kind: DocumentKind
    at: datetime
    number: str | None
    party: str | None = None
    currency: str | None = None
    reference: str | None = None
    note: str | None = None


@dataclass(slots=True, eq=False)
class DocumentUnit(Unit):
    head: Head = field(kw_only=True)
    entries: list[Entry] = field(default_factory=list)
    returned: list[Entry] = field(default_factory=list)  # what its lines give back
    document_id: int | None = None  # once it is written


def group(pairs: Sequence[tuple[Head, Entry]], run: RunContext) -> list[DocumentUnit]:
    """Documents in the order of time; the lines of each in the order of their content."""
    by_head: dict[Head, list[Entry]] = {}
    before: Head | None = None
    for head, entry in pairs:
        if head is not before:  # lines of one document mostly stand together
            entries = by_head.setdefault(head, [])
            before = head
        entries.append(entry)
    units = [_unit(head, entries, run) for head, entries in by_head.items()]
    units.sort(key=lambda unit: (unit.head.at, unit.key))
    return units


def _unit(head: Head, entries: list[Entry], run: RunContext) -> DocumentUnit:
    texts = [entry.text() for entry in entries]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    entries = [entries[number] for number in order]
    digest = digest_of([texts[number] for number in order])
    name = head.number if head.number is not None else f"{run.sha256[:20]}:{digest.hex()}"
    others = [text for text in (head.party, head.currency, head.reference) if text]
    key = "|".join([name, head.at.isoformat(), head.kind.value, *others])
    unit = DocumentUnit(
        key=key if len(key) <= 200 else content_key(key).hex,
        positions=[entry.position for entry in entries if entry.position >= 0],
        digest=digest,
        head=head,
        entries=entries,
        returned=[entry.of for entry in entries if entry.of is not None],
    )
    for entry in entries:
        entry.unit_of = unit
    return unit


def cut_documents(units: Sequence[Unit], start: int) -> int:
    """About CHUNK_LINES lines, and never inside an instant: what comes later is appended, and nothing is replayed."""
    taken, end = 0, len(units)
    for position in range(start, len(units)):
        unit = units[position]
        assert isinstance(unit, DocumentUnit)
        before = units[position - 1]
        if position > start and (not isinstance(before, DocumentUnit) or unit.head.at != before.head.at):
            end = position
        if taken and taken + len(unit.entries) > CHUNK_LINES and end < len(units):
            return end
        taken += len(unit.entries)
    return len(units)


def documents_of(units: Sequence[Unit]) -> list[DocumentUnit]:
    return [unit for unit in units if isinstance(unit, DocumentUnit)]


def line_of(entry: Entry, places: Mapping[int, int]) -> tuple[int, int] | None:
    """(document, line) of an entry in the chunk with these places of units; None where it is not of the chunk."""
    place = places.get(id(entry.unit_of))
    return None if place is None or entry.unit_of is None else (place, entry.unit_of.entries.index(entry))


@dataclass(slots=True)
class _Chunk:
    """Units that become one batch: their drafts, as far as they are made, and what is planned of them."""

    units: Sequence[DocumentUnit]
    key: str
    places: Mapping[int, int]  # id of a unit -> its position
    drafts: list[DocumentDraft | Later] = field(default_factory=list)
    prepared: Prepared | None = None

    def lines_named(self, unit: DocumentUnit) -> list[tuple[int, int]]:
        """The lines of this chunk that the unit gives back."""
        found = [line_of(entry, self.places) for entry in unit.returned]
        return [line for line in found if line is not None]

    def holds(self, unit: DocumentUnit) -> bool:
        """Whether all that the unit gives back is of this chunk."""
        return all(id(entry.unit_of) in self.places for entry in unit.returned)


class DocumentWriter:
    """Writes chunks of documents through stock's one door. Masters are looked up when the first chunk is written,
    since earlier stages of the same import may have made them."""

    def __init__(self, run: RunContext) -> None:
        self.run = run
        self.items: Mapping[str, int] = {}
        self.parties: Mapping[str, int] = {}
        self.locations: Mapping[str, int] = {}
        self.following: Sequence[DocumentUnit] = ()  # the chunk after the one that is written
        self.ready: _Chunk | None = None  # the same, as far as it could be prepared

    def stage(self, name: str, units: list[DocumentUnit]) -> Stage:
        self.wanted = units
        return Stage(name, list(units), self.write, cut_documents, self.recall, self.look_up, self.ahead)

    def look_up(self) -> None:
        company_id = self.run.company_id
        entries = [entry for unit in self.wanted for entry in unit.entries]
        self.items = item_queries.item_ids_by_sku(company_id, {entry.sku for entry in entries})
        parties = {unit.head.party for unit in self.wanted if unit.head.party}
        self.parties = party_queries.party_ids(company_id, parties)
        codes = {entry.from_code for entry in entries} | {entry.to_code for entry in entries}
        self.locations = stock_queries.location_ids(company_id, {code for code in codes if code})

    def write(self, chunk: Sequence[Unit]) -> Sequence[int | None]:
        units = documents_of(chunk)
        ready, self.ready = self.ready, None
        if ready is None or ready.units != units:
            ready = self._chunk(units)
        try:
            result = record(
                company_id=self.run.company_id,
                actor_id=self.run.actor_id,
                idempotency_key=ready.key,
                documents=[
                    self._draft(unit, ready.places) if isinstance(draft, Later) else draft
                    for unit, draft in zip(units, ready.drafts, strict=True)
                ],
                source="import",
                prepared=ready.prepared,
                meanwhile=self._prepare,
            )
        except Refused as refused:
            raise self._placed(refused, units) from None
        for unit, document in zip(units, result.documents, strict=True):
            unit.document_id = document.document_id
            self._keep_moves(unit, document.move_ids)
        return [document.document_id for document in result.documents]

    def ahead(self, chunk: Sequence[Unit]) -> None:
        self.following = documents_of(chunk)

    def _prepare(self) -> None:
        """While the server writes a chunk: the next, without the returns, whose originals may not be there yet."""
        units = self.following
        if not units or (self.ready is not None and self.ready.units == units):
            return
        chunk = self.ready = self._chunk(units)
        chunk.drafts = [
            self._draft(unit, chunk.places) if chunk.holds(unit) else later
            for unit, later in zip(units, chunk.drafts, strict=True)
        ]
        chunk.prepared = prepare(
            company_id=self.run.company_id, idempotency_key=chunk.key, documents=chunk.drafts
        )

    def _chunk(self, units: Sequence[DocumentUnit]) -> _Chunk:
        key = f"import:{content_key(self.run.source, *(unit.key for unit in units))}"
        chunk = _Chunk(units, key, {id(unit): place for place, unit in enumerate(units)})
        chunk.drafts = [Later(len(unit.entries), chunk.lines_named(unit)) for unit in units]
        return chunk

    def recall(self, loaded: Sequence[tuple[Unit, int | None]]) -> None:
        """Find the moves of documents that an earlier run has written, for the returns that are still to come."""
        wanted = {
            document_id: unit
            for unit, document_id in loaded
            if document_id is not None and isinstance(unit, DocumentUnit)
        }
        found = stock_queries.move_ids_by_document(self.run.company_id, wanted)
        for document_id, unit in wanted.items():
            unit.document_id = document_id
            self._keep_moves(unit, found.get(document_id, ()))

    @staticmethod
    def _keep_moves(unit: DocumentUnit, move_ids: Sequence[int]) -> None:
        if len(move_ids) == len(unit.entries):
            for entry, move_id in zip(unit.entries, move_ids, strict=True):
                entry.move_id = move_id

    def _draft(self, unit: DocumentUnit, places: Mapping[int, int]) -> DocumentDraft:
        head = unit.head
        return DocumentDraft(
            kind=head.kind,
            effective_at=head.at,
            lines=[self._line(entry, places) for entry in unit.entries],
            key=f"{self.run.source}|{unit.key}",
            reference=head.number if head.reference is None else head.reference,
            party_id=self.parties[head.party] if head.party else None,
            currency=head.currency,
            note=head.note,
            row=max(unit.positions[0], 0) if unit.positions else None,
        )

    def _line(self, entry: Entry, places: Mapping[int, int]) -> LineDraft:
        of = entry.of
        of_line = None if of is None else line_of(of, places)
        return LineDraft(
            item_id=self.items[entry.sku],
            qty=entry.qty,
            unit=entry.unit,
            from_location_id=self.locations[entry.from_code] if entry.from_code else None,
            to_location_id=self.locations[entry.to_code] if entry.to_code else None,
            lot_code=entry.lot,
            serials=(entry.serial,) if entry.serial else (),
            expires_on=entry.expires_on,
            unit_cost=entry.unit_cost,
            amount=entry.amount,
            of_move_id=of.move_id if of is not None and of_line is None else None,
            of_line=of_line,
            row=entry.position if entry.position >= 0 else None,
        )

    @staticmethod
    def _placed(refused: Refused, units: Sequence[DocumentUnit]) -> Refused:
        """The same refusal with our names of the fields."""
        problems = [
            Problem(OUR_NAMES.get(p.field, p.field), p.rule, p.message, p.row, p.value)
            for p in refused.problems
        ]
        return Refused(problems, code=refused.code)


# --- what goes back -----------------------------------------------------------------------------------------------


class Originals:
    """What is still there to be returned, by whatever makes a return and its original belong together."""

    def __init__(self) -> None:
        self._left: dict[Any, list[list[Any]]] = defaultdict(
            list
        )  # key -> [[entry, name, qty left]], oldest first

    def add(self, key: Any, entry: Entry, name: str) -> None:
        self._left[key].append([entry, name, entry.qty])

    def take(self, key: Any, entry: Entry) -> tuple[list[Entry], Decimal | int]:
        """The return in parts, one for each original that it gives back, the latest first; and what finds none."""
        parts: list[Entry] = []
        stack = self._left.get(key, [])
        rest = entry.qty
        while rest and stack:
            original, name, left = stack[-1]
            part = min(left, rest)
            parts.append(replace(entry, qty=part, of=original, of_name=name))
            rest -= part
            stack[-1][2] = left - part
            if part == left:
                stack.pop()
        return parts, rest
