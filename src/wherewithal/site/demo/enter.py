"""Enter the story by calling the use cases that the demo company's people would have called, in their order."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from wherewithal.assets import queries as asset_queries
from wherewithal.items import queries as items
from wherewithal.items.services import set_lot_status
from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.ledger import queries as ledger
from wherewithal.ledger import services as ledger_services
from wherewithal.ledger.services import JournalLine
from wherewithal.ledger.values import Book
from wherewithal.parties.queries import party_ids
from wherewithal.people import queries as people
from wherewithal.site.demo import catalogue, enter_assets, enter_upkeep, equipment, plan
from wherewithal.site.demo.ids import Ids
from wherewithal.stock import services as stock_services
from wherewithal.stock.drafts import DocumentDraft, LineDraft
from wherewithal.stock.services.reservations import ReservationDraft, reserve

Progress = Callable[[int, int | None, str], None]
SOURCE = "demo"
CENT = Decimal("0.01")
ACTORS = {  # who does what in the story
    "controller": "demo.controller",
    "buyer": "demo.buyer",
    "storekeeper": "demo.warehouse",
    "picker": "demo.warehouse",
    "foreman": "demo.planner",
    "accountant": "demo.assets",
}


def enter(*, company_id: int, steps: Sequence[plan.Step], progress: Progress) -> None:
    """Every step, each harmless to repeat."""
    ids = _look_up(company_id)
    for number, step in enumerate(steps):
        if number % 10 == 0:
            progress(number, len(steps), f"{step.recorded_at:%B %Y}")
        _enter(ids, step)
    progress(len(steps), len(steps), "done")


def _look_up(company_id: int) -> Ids:
    products = catalogue.products()
    partners = (*catalogue.SUPPLIERS, *catalogue.CUSTOMERS, *equipment.PARTIES)
    with company_transaction(company_id=company_id, read_only=True):
        members = {member.username: member.user_id for member in people.members(company_id)}
        return Ids(
            company_id=company_id,
            books=ledger.books(company_id),
            users={actor: members[username] for actor, username in ACTORS.items()},
            items=items.item_ids_by_sku(company_id, [product.sku for product in products]),
            decimals={product.sku: product.decimals for product in products},
            places=dict(
                fetch_all("SELECT code, id FROM stock_location WHERE company_id = %s", (company_id,))
            ),
            parties=party_ids(company_id, [partner.code for partner in partners]),
            members=members,
            cost_centres={one.code: one.cost_centre_id for one in asset_queries.cost_centres(company_id)},
        )


def _enter(ids: Ids, step: plan.Step) -> None:
    match step:
        case plan.Batch():
            _batch(ids, step)
        case plan.ClosePeriod():
            _close(ids, step)
        case plan.ChangeLots():
            _change_lots(ids, step)
        case plan.Reserve():
            _reserve(ids, step)
        case plan.WriteDown():
            _write_down(ids, step)
        case plan.Journal():
            _journal(ids, step)
        case plan.AssetBatch():
            enter_assets.batch(ids, step)
        case plan.Depreciate():
            enter_assets.depreciate(ids, step)
        case plan.Booking() | plan.Audit() | plan.Scenario() | plan.Budget():
            enter_upkeep.enter(ids, step)


def _batch(ids: Ids, step: plan.Batch) -> None:
    result = stock_services.record(
        company_id=ids.company_id,
        actor_id=ids.users[step.actor],
        idempotency_key=f"demo {step.documents[0].key}",
        documents=[_document(ids, document) for document in step.documents],
        recorded_at=step.recorded_at,
        source=SOURCE,
    )
    for document, recorded in zip(step.documents, result.documents, strict=True):
        ids.documents[document.key] = recorded.document_id
        ids.moves[document.key] = recorded.move_ids


def _document(ids: Ids, document: plan.Document) -> DocumentDraft:
    return DocumentDraft(
        kind=document.kind,
        effective_at=document.at,
        lines=[_line(ids, line) for line in document.lines],
        key=document.key,
        reference=document.reference,
        party_id=ids.parties[document.party] if document.party else None,
        currency=document.currency,
        note=document.note,
        of_document_id=ids.documents[document.of_document] if document.of_document else None,
        amount=document.amount,
    )


def _line(ids: Ids, line: plan.Line) -> LineDraft:
    return LineDraft(
        item_id=ids.items[line.sku] if line.sku else 0,
        qty=_decimal(ids, line.sku, line.qty) if line.qty else None,
        from_location_id=ids.places[line.source] if line.source else None,
        to_location_id=ids.places[line.target] if line.target else None,
        lot_code=line.lot,
        serials=line.serials,
        expires_on=line.expires_on,
        unit_cost=line.unit_cost,
        amount=line.amount,
        of_move_id=ids.moves[line.of.document][line.of.position] if line.of else None,
        counted_qty=None if line.counted_qty is None else _decimal(ids, line.sku, line.counted_qty),
        consumed=line.consumed,
    )


def _decimal(ids: Ids, sku: str, smallest: int) -> Decimal:
    return Decimal(smallest).scaleb(-ids.decimals[sku])


def _close(ids: Ids, step: plan.ClosePeriod) -> None:
    wanted = 2 if step.lock else 1
    for book in ids.books:
        with company_transaction(company_id=ids.company_id, read_only=True):
            known = {p.end_on: p.state for p in ledger.periods(ids.company_id, book.book_id)}
        if known.get(step.end_on, 0) >= wanted:
            continue
        close = ledger_services.lock_period if step.lock else ledger_services.close_period
        close(
            company_id=ids.company_id,
            book_id=book.book_id,
            end_on=step.end_on,
            actor_id=ids.users[step.actor],
            reason="Audited" if step.lock else "Month end",
            recorded_at=step.recorded_at,
        )


def _change_lots(ids: Ids, step: plan.ChangeLots) -> None:
    with company_transaction(company_id=ids.company_id, read_only=True):
        lots = items.lot_ids(ids.company_id, [(ids.items[step.sku], lot) for lot in step.lots])
    set_lot_status(
        company_id=ids.company_id,
        actor_id=ids.users[step.actor],
        lot_ids=list(lots.values()),
        status=step.status,
    )


def _reserve(ids: Ids, step: plan.Reserve) -> None:
    reserve(
        company_id=ids.company_id,
        actor_id=ids.users[step.actor],
        idempotency_key=f"demo {step.reference}",
        reference=step.reference,
        lines=[claim for line in step.lines for claim in _claims(ids, line)],
        now=step.recorded_at,
        today=step.recorded_at.date(),
    )


def _claims(ids: Ids, line: plan.Line) -> list[ReservationDraft]:
    """One claim per serial, or one for the line."""
    item_id, place_id = ids.items[line.sku], ids.places[line.source or ""]
    codes = line.serials or ((line.lot,) if line.lot else ())
    with company_transaction(company_id=ids.company_id, read_only=True):
        lots = items.lot_ids(ids.company_id, [(item_id, code) for code in codes])
    if line.serials:
        return [ReservationDraft(item_id, place_id, Decimal(1), lot_id=lot_id) for lot_id in lots.values()]
    lot_id = next(iter(lots.values()), 0)
    return [ReservationDraft(item_id, place_id, _decimal(ids, line.sku, line.qty), lot_id=lot_id)]


def _write_down(ids: Ids, step: plan.WriteDown) -> None:
    """An estimate of the primary book."""
    primary = next(book for book in ids.books if book.is_primary)
    stock_services.write_down(
        company_id=ids.company_id,
        actor_id=ids.users[step.actor],
        idempotency_key=f"demo write-down {step.sku} {step.on}",
        book_id=primary.book_id,
        on=step.on,
        estimates=[
            stock_services.NrvEstimate(step.reason, item_id=ids.items[step.sku], unit_value=step.unit_value)
        ],
        recorded_at=step.recorded_at,
    )


def _journal(ids: Ids, step: plan.Journal) -> None:
    """In euros in the primary book, in the others at the rate of the day."""
    for book in ids.books:
        ledger_services.post_journal(
            company_id=ids.company_id,
            actor_id=ids.users[step.actor],
            book_id=book.book_id,
            effective_on=step.on,
            lines=_journal_lines(ids, book, step),
            description=step.description,
            recorded_at=step.recorded_at,
            idempotency_key=f"demo {book.code} {step.recorded_at.isoformat()} {step.description}",
        )


def _journal_lines(ids: Ids, book: Book, step: plan.Journal) -> list[JournalLine]:
    """The last line takes what rounding leaves, so that the entry balances in every currency."""
    euros = [(account, Decimal(cents).scaleb(-2)) for account, cents in step.lines]
    if book.currency == catalogue.CURRENCY:
        return [JournalLine(account, amount) for account, amount in euros]
    with company_transaction(company_id=ids.company_id, read_only=True):
        rate = ledger.exchange_rate(ids.company_id, catalogue.CURRENCY, book.currency, step.on)
    assert rate is not None, f"the story has rates from its first day on, not on {step.on}"
    amounts = [(amount * rate).quantize(CENT, ROUND_HALF_EVEN) for _, amount in euros[:-1]]
    amounts.append(-sum(amounts, Decimal(0)))
    return [
        JournalLine(account, amount, currency=catalogue.CURRENCY, document_amount=in_euro)
        for (account, in_euro), amount in zip(euros, amounts, strict=True)
    ]
