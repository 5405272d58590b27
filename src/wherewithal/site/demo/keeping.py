"""What keeps the books straight: counts, expiry, recalls, bills, closings, the write-down at the year's end."""

from datetime import date, timedelta
from decimal import Decimal

from wherewithal.items.values import LotStatus
from wherewithal.site.demo.desk import Desk, at
from wherewithal.site.demo.plan import ChangeLots, ClosePeriod, Document, Journal, Line, WriteDown
from wherewithal.stock.drafts import DocumentKind

CLOSING_DAY = 12
Lines = tuple[tuple[str, int], ...]  # account code, cents
CAPITAL = 180_000_00
WAGES = 9_400_00
RENT = 2_150_00


def count(desk: Desk, day: date) -> None:
    """Wednesday: one bulk item is counted; in one case of three it is not quite what the books say.

    Counted and entered when the day's papers are in: what had left and was not entered would be booked twice.
    """
    countable = [p for p in desk.products.values() if p.tracking == 0 and (p.linz_bin or p.graz_bin)]
    product = countable[desk.next("count") % len(countable)]
    place = product.graz_bin or product.linz_bin or ""
    held = desk.notebook.on_hand(product.sku, place)
    if desk.papers_pending(product.sku):
        return  # a shipment of it is not entered yet: the count would book it a second time
    difference = 0
    if desk.chance(0.35) and held:
        difference = desk.random.choice((-3, -2, -2, -1, -1, 1)) * max(1, held // 400)
        difference = max(difference, -held)
    if difference < 0:
        desk.notebook.take(product.sku, place, -difference)
    elif difference > 0:
        desk.notebook.put(product.sku, place, difference)
    line = Line(product.sku, source=place, counted_qty=held + difference)
    document = Document(
        f"CT-{desk.next('counted'):04}",
        DocumentKind.ADJUSTMENT,
        at(day, "16:55"),
        (line,),
        note="Cycle count",
    )
    if difference:
        desk.write(at(day, "17:05"), "storekeeper", document)


def own_use(desk: Desk, day: date) -> None:
    """Gloves for the works, once a month."""
    taken = desk.notebook.take("CN-GLOVE", "GRZ-R08", 4)
    if taken:
        line = Line("CN-GLOVE", -taken[0].qty, source="GRZ-R08")
        document = Document(
            f"US-{day:%y%m}",
            DocumentKind.ADJUSTMENT,
            at(day, "11:45"),
            (line,),
            note="Used in the works",
        )
        desk.write(at(day, "11:50"), "storekeeper", document)


def expire(desk: Desk, day: date) -> None:
    """Once a month: lots past their day are marked expired and scrapped."""
    lines = []
    for sku, place, pile in list(desk.notebook.expired(day)):
        if desk.papers_pending(sku, pile.lot):
            continue
        desk.steps.append(
            ChangeLots(at(day, "10:50"), "storekeeper", sku, (pile.lot,), LotStatus.EXPIRED, "Past its day.")
        )
        desk.notebook.take_lot(sku, place, pile.lot, pile.qty)
        desk.notebook.block(sku, pile.lot)
        lines.append(Line(sku, pile.qty, place, lot=pile.lot))
    desk.write(
        at(day, "11:00"),
        "storekeeper",
        Document(f"SC-{day:%y%m%d}", DocumentKind.SCRAP, at(day, "10:55"), tuple(lines), note="Expired lots"),
    )


def recall(desk: Desk, day: date) -> None:
    """A carbon lot leaked dust: what is left of it is recalled."""
    piles = [pile for place in ("LNZ-P04", "GRZ-F02") for pile in desk.notebook.piles("FG-GAC", place)]
    lot = next((pile.lot for pile in piles if not desk.papers_pending("FG-GAC", pile.lot)), None)
    if lot is not None:
        desk.notebook.block("FG-GAC", lot)
        note = "Recall RC-01: carbon fines in the filtrate."
        desk.steps.append(
            ChangeLots(at(day, "09:05"), "controller", "FG-GAC", (lot,), LotStatus.RECALLED, note)
        )


def bills(desk: Desk, day: date) -> None:
    """From the fifth on: what was billed a month ago is paid, and the last month is billed."""
    last = day.replace(day=1) - timedelta(1)
    if last < desk.start:
        return
    entries = [
        ("Payments from customers", (("1000", desk.invoiced), ("1100", -desk.invoiced))),
        ("Payments to suppliers", (("2000", desk.billed), ("1000", -desk.billed))),
        ("Customer invoices", _invoices(desk)),
        ("Supplier bills", _supplier_bills(desk, last)),
        ("Wages", (("6000", WAGES), ("1000", -WAGES))),
        ("Rent", (("6100", RENT), ("1000", -RENT))),
    ]
    for number, (title, lines) in enumerate(entries):
        if lines and lines[0][1]:
            text = f"{title}, {last:%B %Y}"
            desk.steps.append(Journal(at(day, f"14:{10 + number}"), "controller", last, text, lines))


def _invoices(desk: Desk) -> Lines:
    desk.invoiced = sum(desk.sold)
    desk.sold.clear()
    return (("1100", desk.invoiced), ("4000", -desk.invoiced))


def _supplier_bills(desk: Desk, last: date) -> Lines:
    """Goods received are now invoiced, and freight; what dollars cost more by now is a loss."""
    booked = sum(bought.booked_cents for bought in desk.bought)
    goods = sum(desk.market.in_euro(bought.cents, bought.currency, last) for bought in desk.bought)
    freight = sum(desk.freight)
    desk.billed = goods + freight
    desk.bought.clear()
    desk.freight.clear()
    lines = (("2010", booked), ("2020", freight), ("2000", -desk.billed), ("4700", goods - booked))
    return tuple(line for line in lines if line[1])


def capital(desk: Desk, day: date) -> None:
    """The owners' money, paid in on the first day."""
    lines = (("1000", CAPITAL), ("3000", -CAPITAL))
    desk.steps.append(Journal(at(day, "06:05"), "controller", day, "Share capital paid in", lines))


def close(desk: Desk, day: date) -> None:
    """The month before is closed on the first working day from the twelfth; a year is locked with its March."""
    end_on = day.replace(day=1) - timedelta(1)
    desk.steps.append(ClosePeriod(at(day, "18:05"), "controller", end_on))
    if end_on.month == 3 and end_on.year > desk.start.year:
        year_end = date(end_on.year - 1, 12, 31)
        desk.steps.append(ClosePeriod(at(day, "18:15"), "controller", year_end, lock=True))


def write_down(desk: Desk, day: date) -> None:
    """The discontinued jug sells below cost: written down to what it still brings, at each year's end."""
    year_end = date(day.year - 1, 12, 31)
    value = Decimal("2.90") if year_end.year == desk.start.year else Decimal("1.80")
    reason = "Discontinued; sold off at a discount."
    desk.steps.append(WriteDown(at(day, "15:05"), "controller", "TG-JUGOLD", year_end, value, reason))
