"""A naive second opinion on the demo's story: each balance at every instant, as known when it was entered."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from wherewithal.site.demo import plan
from wherewithal.site.demo.desk import positions
from wherewithal.stock.drafts import DocumentKind

Cell = tuple[str, str, str]
MONEY_ONLY = (DocumentKind.LANDED_COST, DocumentKind.PRICE_CORRECTION)


class Auditor:
    """Hears documents in the order of entry; `complaints` has what would have gone below zero at some instant."""

    def __init__(self) -> None:
        self.history: dict[Cell, list[tuple[datetime, int]]] = defaultdict(list)
        self.heard: dict[str, plan.Document] = {}
        self.expiry: dict[tuple[str, str], date] = {}
        self.complaints: list[str] = []

    def hear(self, steps: Sequence[plan.Step]) -> list[str]:
        for step in steps:
            for document in step.documents if isinstance(step, plan.Batch) else ():
                self.heard[document.key] = document
                self._look_at_lots(document)
                legs = list(self._legs(document))
                for cell, at, qty in legs:
                    self.history[cell].append((at, qty))
                for cell in {cell for cell, _, qty in legs}:
                    self._look(cell, document)
        return self.complaints

    def _look(self, cell: Cell, document: plan.Document) -> None:
        by_instant: dict[datetime, int] = defaultdict(int)
        for at, qty in self.history[cell]:
            by_instant[at] += qty
        balance = 0
        for at in sorted(by_instant):
            balance += by_instant[at]
            if balance < 0:
                self.complaints.append(f"{document.key}: {cell} would be {balance} on {at}")
                return

    def _look_at_lots(self, document: plan.Document) -> None:
        """Only scrapping may touch a lot past its day."""
        for line in document.lines:
            lot = (line.sku, line.lot or "")
            if line.expires_on:
                self.expiry[lot] = line.expires_on
            expires_on = self.expiry.get(lot)
            used = line.source and document.kind is not DocumentKind.SCRAP
            if used and expires_on and document.at.date() >= expires_on:
                self.complaints.append(
                    f"{document.key}: {lot} was used on {document.at}, expired {expires_on}"
                )

    def _legs(self, document: plan.Document) -> Iterator[tuple[Cell, datetime, int]]:
        if document.kind is DocumentKind.REVERSAL:
            for cell, at, qty in self._legs(self.heard[document.of_document or ""]):
                yield cell, at, -qty
        elif document.kind is DocumentKind.AMENDMENT:
            yield from self._amended(document.lines[0])
        elif document.kind is DocumentKind.ADJUSTMENT:
            yield self._adjusted(document, document.lines[0])
        elif document.kind not in MONEY_ONLY:
            for line in document.lines:
                yield from _moved(document, line)

    def _amended(self, line: plan.Line) -> Iterator[tuple[Cell, datetime, int]]:
        assert line.of is not None, "an amendment names a move"
        original = self.heard[line.of.document]
        number = positions(original).index(line.of.position)
        amended = original.lines[number]
        yield (amended.sku, amended.lot or "", amended.source or ""), original.at, -line.qty

    def _adjusted(self, document: plan.Document, line: plan.Line) -> tuple[Cell, datetime, int]:
        cell = (line.sku, line.lot or "", line.source or "")
        if line.counted_qty is None:
            return cell, document.at, line.qty
        known = sum(qty for at, qty in self.history[cell] if at <= document.at)
        return cell, document.at, line.counted_qty - known


def _moved(document: plan.Document, line: plan.Line) -> Iterator[tuple[Cell, datetime, int]]:
    pieces = [(serial, 1) for serial in line.serials] or [(line.lot or "", line.qty)]
    for lot, qty in pieces:
        if line.source:
            yield (line.sku, lot, line.source), document.at, -qty
        if line.target and line.target != "CUSTOMER":
            yield (line.sku, lot, line.target), document.at, qty
