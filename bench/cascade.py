"""A late receipt at the bottom of three levels of production: A becomes B, B becomes C, C becomes D, D is sold."""

import datetime

from bench.back_dated import measure_late, receipt
from bench.goods import Company, company
from bench.harness import Report
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft

ROUNDS = 12_000  # each: one unit through three levels and sold


def story() -> Company:
    """Nine moves a round: three productions of one input and one output each, a sale, and now and then a purchase."""
    shop = company(items=4, bins=1)
    documents = [receipt(shop, 250)]
    for number in range(ROUNDS):
        for level in range(3):
            shop.at += datetime.timedelta(seconds=400)
            documents.append(_production(shop, shop.items[level], shop.items[level + 1]))
        shop.at += datetime.timedelta(seconds=400)
        documents.append(_sale(shop))
        if number % 100 == 99:
            documents.append(receipt(shop, 60))
        if len(documents) >= 5_000:
            shop.record(documents)
            documents = []
    if documents:
        shop.record(documents)
    return shop


def _production(shop: Company, source: int, target: int) -> DocumentDraft:
    lines = [
        LineDraft(source, 1, from_location_id=shop.bins[0], consumed=True),
        LineDraft(target, 1, to_location_id=shop.bins[0]),
    ]
    return DocumentDraft(DocumentKind.PRODUCTION, shop.at, lines)


def _sale(shop: Company) -> DocumentDraft:
    return DocumentDraft(
        DocumentKind.ISSUE, shop.at, [LineDraft(shop.items[3], 1, from_location_id=shop.bins[0])]
    )


def run(report: Report) -> None:
    shop = story()
    what = f"a receipt before {ROUNDS * 7:,} moves of four items over three levels of production"
    measure_late(report, shop, 333, name="cascade", what=what)
