"""Goods in: orders when stock runs low, deliveries in dollars and euros, the freight bill that comes later."""

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from wherewithal.items.values import LotStatus, Tracking
from wherewithal.site.demo import catalogue
from wherewithal.site.demo.catalogue import Product
from wherewithal.site.demo.desk import Bought, Desk, Received, at
from wherewithal.site.demo.notebook import FAR
from wherewithal.site.demo.plan import ChangeLots, Document, Line, Ref
from wherewithal.stock.drafts import DocumentKind

CENT = Decimal("0.01")
PARTNERS = {partner.code: partner for partner in (*catalogue.SUPPLIERS, *catalogue.CUSTOMERS)}


def opening(desk: Desk, day: date) -> None:
    """What lay on the shelves when the company took Wherewithal into use: some five weeks' worth."""
    lines = []
    for product in desk.products.values():
        qty = max(int(desk.usage[product.sku] * 5), 10**product.decimals * 20)
        if product.sku == "TG-JUGOLD":
            qty = 420
        if product.tracking is Tracking.SERIAL:
            qty = max(6, min(qty, 14))
        for place, share in _homes(product):
            part = qty * share // 100
            if part:
                lines += _incoming(desk, product, part, place, day, _opening_cost(product))
    for number, start in enumerate(range(0, len(lines), 25), start=1):
        document = Document(
            f"OPEN-{number}",
            DocumentKind.OPENING,
            at(day, f"06:{number:02}"),
            tuple(lines[start : start + 25]),
        )
        desk.write(at(day, f"06:{30 + number}"), "controller", document)


def _homes(product: Product) -> list[tuple[str, int]]:
    if product.graz_bin and product.linz_bin:
        return [(product.graz_bin, 60), (product.linz_bin, 40)]
    return [(product.graz_bin or product.linz_bin or "", 100)]


def _opening_cost(product: Product) -> Decimal:
    """Older stock was a little cheaper; in euros."""
    return (product.cost * Decimal("0.93")).quantize(Decimal("0.001"), ROUND_HALF_EVEN)


def _incoming(
    desk: Desk, product: Product, qty: int, place: str, day: date, unit_cost: Decimal | None
) -> list[Line]:
    """Lines that bring so much of a product to a place, with lots or serials of their own; noted in the notebook."""
    if product.tracking is Tracking.SERIAL:
        serials = tuple(f"{product.sku[3:]}-{desk.next('serial ' + product.sku):05}" for _ in range(qty))
        for serial in serials:
            desk.notebook.put(product.sku, place, 1, serial)
        return [Line(product.sku, qty, target=place, serials=serials, unit_cost=unit_cost)]
    if product.tracking is Tracking.BULK:
        desk.notebook.put(product.sku, place, qty)
        return [Line(product.sku, qty, target=place, unit_cost=unit_cost)]
    lot = f"{product.sku[3:]}{day:%y%m%d}{'ABCDEFGH'[desk.next(f'lot {product.sku} {day}') - 1]}"
    expires_on = None
    if product.shelf_life_days:
        expires_on = day + timedelta(product.shelf_life_days - desk.random.randrange(20, 60))
        desk.expiry[product.sku, lot] = expires_on
    desk.notebook.put(product.sku, place, qty, lot, expires_on or FAR)
    return [Line(product.sku, qty, target=place, lot=lot, expires_on=expires_on, unit_cost=unit_cost)]


def make_lines(desk: Desk, product: Product, qty: int, place: str, day: date) -> list[Line]:
    """The output of a production run: as a delivery, but what it costs comes from what went in."""
    return _incoming(desk, product, qty, place, day, None)


# --- ordering and receiving ---------------------------------------------------------------------------------


def order(desk: Desk, day: date) -> None:
    """Order what will not last until a delivery could be here, with two and a half weeks to spare."""
    for product in desk.products.values():
        if not product.supplier or not product.order_qty:
            continue
        lead_days = PARTNERS[product.supplier].lead_days
        coming = desk.on_order.setdefault(product.sku, [])
        held = sum(desk.notebook.on_hand(product.sku, place) for place, _ in _homes(product))
        needed = desk.usage[product.sku] * (Decimal(lead_days) / 7 + Decimal("2.5"))
        if held + sum(qty for _, qty in coming) < needed:
            qty = max(product.order_qty * 10**product.decimals, _round_up(desk.usage[product.sku] * 4))
            due = day + timedelta(lead_days + desk.random.randrange(-2, 5))
            coming.append((due, qty))


def _round_up(qty: int) -> int:
    step: int = 10 ** max(0, len(str(qty)) - 2)
    return -(-qty // step) * step


def receive(desk: Desk, day: date) -> None:
    """One document per supplier whose goods arrive today; a few are entered days later."""
    arriving: dict[str, list[tuple[Product, int]]] = {}
    for sku, coming in desk.on_order.items():
        for due, qty in [order for order in coming if order[0] <= day]:
            arriving.setdefault(str(desk.products[sku].supplier), []).append((desk.products[sku], qty))
            coming.remove((due, qty))
    for position, (supplier, goods) in enumerate(sorted(arriving.items())):
        _receive_from(desk, day, supplier, goods, position)


def _receive_from(
    desk: Desk, day: date, supplier: str, goods: list[tuple[Product, int]], position: int
) -> None:
    late_days = desk.random.randrange(4, 45) if desk.chance(0.05) else 0
    arrived_on = max(day - timedelta(late_days), desk.start + timedelta(1))
    lines: list[Line] = []
    for product, qty in goods:
        cost = desk.market.unit_cost(product, day)
        place = product.graz_bin or product.linz_bin or ""
        lines += _incoming(desk, product, qty, place, arrived_on, cost)
    partner = PARTNERS[supplier]
    number = desk.next("receipt")
    document = Document(
        f"GR-{number:05}",
        DocumentKind.RECEIPT,
        at(arrived_on, f"07:{20 + position:02}"),
        tuple(lines),
        party=supplier,
        currency=partner.currency,
        reference=f"PO-{4000 + number}",
        note="Delivery note found in the wrong tray." if late_days else None,
    )
    desk.write(at(day, f"08:{20 + position:02}"), "buyer", document)
    desk.received.append(Received(document, day, partner))
    cents = _cents(desk, document)
    booked = desk.market.in_euro(cents, partner.currency, arrived_on)
    desk.bought.append(Bought(arrived_on, partner.currency, cents, booked))


def _cents(desk: Desk, document: Document) -> int:
    """What the bill will say, in cents of the document's currency: each line rounded, as the bill does."""
    values = [_value(desk, line).quantize(CENT, ROUND_HALF_EVEN) for line in document.lines]
    return int(sum(values, Decimal(0)) * 100)


# --- what comes after a delivery ------------------------------------------------------------------------------


def freight_bills(desk: Desk, day: date) -> None:
    """Freight and duty of overseas deliveries: billed two to five weeks later, over everything that was on board."""
    for received in desk.received:
        if received.supplier.freight and (day - received.on).days == 14 + _stable(received.document.key, 21):
            value = sum((_value(desk, line) for line in received.document.lines), Decimal(0))
            amount = (value * Decimal("0.065") + 90).quantize(CENT)
            _freight(desk, day, received, amount)
            desk.freight.append(int(amount * 100))


def price_corrections(desk: Desk, day: date) -> None:
    """One invoice in fifteen differs from the order: the supplier is right, the cost is corrected."""
    for received in desk.received:
        key = received.document.key
        if (day - received.on).days == 9 and _stable(key, 15) == 3:
            line = received.document.lines[0]
            sign = 1 if _stable(key, 2) else -1
            amount = (_value(desk, line) * Decimal("0.02") * sign).quantize(CENT)
            document = Document(
                f"PC-{key}",
                DocumentKind.PRICE_CORRECTION,
                at(day, "10:40"),
                (Line(line.sku, of=Ref(key, 0), amount=amount),),
                party=received.supplier.code,
                currency=received.supplier.currency,
                reference=f"INV-{_stable(key, 90000) + 10000}",
                note="Invoice differs from the order.",
            )
            desk.write(at(day, "10:45"), "buyer", document)


def _freight(desk: Desk, day: date, received: Received, amount: Decimal) -> None:
    moves = sum(len(line.serials) or 1 for line in received.document.lines)
    document = Document(
        f"LC-{received.document.key}",
        DocumentKind.LANDED_COST,
        at(day, "10:10"),
        tuple(Line("", of=Ref(received.document.key, position)) for position in range(moves)),
        currency="EUR",
        reference=f"FRT-{received.document.key[3:]}",
        note="Sea freight and duty",
        amount=amount,
    )
    desk.write(at(day, "10:20"), "buyer", document)


def _value(desk: Desk, line: Line) -> Decimal:
    product = desk.products[line.sku]
    return line.qty * (line.unit_cost or Decimal(0)) / Decimal(10**product.decimals)


def _stable(key: str, below: int) -> int:
    """A number that hangs on the key alone, so that what happens to one delivery does not shift all others."""
    return sum((n + 7) * ord(letter) for n, letter in enumerate(key)) % below


def complaints(desk: Desk, day: date) -> None:
    """Now and then a part of a delivery is sent back: cracked cartons, wrong gauge."""
    for received in desk.received:
        key = received.document.key
        if (day - received.on).days != 4 or _stable(key, 22) != 5:
            continue
        line = received.document.lines[0]
        qty = line.qty // 20
        if line.serials or not line.target or not qty:
            continue
        if desk.notebook.take_lot(line.sku, line.target, line.lot or "", qty):
            back = Line(line.sku, qty, source=line.target, lot=line.lot, of=Ref(key, 0))
            document = Document(
                f"RS-{key}",
                DocumentKind.RETURN_TO_SUPPLIER,
                at(day, "09:50"),
                (back,),
                party=received.supplier.code,
                note="Damaged on arrival.",
            )
            desk.write(at(day, "09:55"), "buyer", document)


def quarantine(desk: Desk, day: date) -> None:
    """Every eighth lot of resin waits for the laboratory; the last one still does."""
    for received in desk.received:
        for line in received.document.lines:
            if line.sku != "RM-IEX" or not line.lot:
                continue
            waits = (desk.today - received.on).days < 14 or _stable(line.lot, 4) == 0
            if waits and received.on == day:
                desk.notebook.block(line.sku, line.lot)
                note = "Waiting for the laboratory."
                status = LotStatus.QUARANTINED
                desk.steps.append(
                    ChangeLots(at(day, "09:10"), "storekeeper", line.sku, (line.lot,), status, note)
                )
            elif (
                waits
                and (day - received.on).days in (6, 7, 8)
                and (line.sku, line.lot) in desk.notebook.blocked
            ):
                desk.notebook.unblock(line.sku, line.lot)
                note = "Released by the laboratory."
                status = LotStatus.AVAILABLE
                desk.steps.append(
                    ChangeLots(at(day, "09:15"), "storekeeper", line.sku, (line.lot,), status, note)
                )
