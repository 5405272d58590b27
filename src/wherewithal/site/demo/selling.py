"""Linz: orders go out every working day; some come back, some papers come late, some are typed in twice."""

from dataclasses import replace
from datetime import date, timedelta

from wherewithal.site.demo import catalogue
from wherewithal.site.demo.desk import Desk, Shipped, at, out_lines, positions
from wherewithal.site.demo.notebook import FAR
from wherewithal.site.demo.plan import Batch, Document, Line, Ref, Reserve
from wherewithal.stock.drafts import DocumentKind

ORDERS_A_DAY = 1.7
MOST_LINES = 4


def ship(desk: Desk, day: date) -> None:
    """The day's shipments, entered together in the evening; one in twenty-five only when its paper turns up."""
    count = int(ORDERS_A_DAY * desk.market.demand_factor(day) + desk.random.random())
    documents = [document for n in range(count) if (document := _order(desk, day, n))]
    late = [document for document in documents if desk.chance(0.04) and document.lines]
    on_time = [document for document in documents if document not in late]
    desk.write(at(day, "16:45"), "picker", *on_time)
    for document in late:
        entered_on = day + timedelta(desk.random.randrange(3, 38))
        if entered_on < desk.today:
            desk.late.append(Batch(at(entered_on, "17:20"), "picker", (document,)))
        else:
            desk.write(at(day, "16:50"), "picker", document)
    for document in on_time:
        _remember(desk, day, document)


def _order(desk: Desk, day: date, number: int) -> Document | None:
    customers = catalogue.CUSTOMERS
    customer = desk.random.choices(customers, [c.weight for c in customers])[0]
    sellable = [p for p in desk.products.values() if p.weekly_demand and p.linz_bin]
    weights = [p.weekly_demand / p.portion for p in sellable]
    chosen = dict.fromkeys(desk.random.choices(sellable, weights, k=desk.random.randint(1, MOST_LINES)))
    lines: list[Line] = []
    for product in chosen:
        place = product.linz_bin or ""
        wanted = product.portion * desk.random.choices((1, 2, 4, 6), (3, 4, 3, 2))[0]
        taken = desk.notebook.take(product.sku, place, wanted, spare_until=day + timedelta(20))
        lines += out_lines(desk, product.sku, taken, place, "CUSTOMER")
    if not lines:
        return None
    order = desk.next("order")
    return Document(
        f"SH-{order:05}",
        DocumentKind.ISSUE,
        at(day, f"{10 + number // 3}:{(number % 3) * 19 + 5:02}"),
        tuple(lines),
        party=customer.code,
        reference=f"SO-{21000 + order}",
    )


def _remember(desk: Desk, day: date, document: Document) -> None:
    _invoice(desk, document)
    for line, position in zip(document.lines, positions(document), strict=True):
        desk.shipped.append(Shipped(Ref(document.key, position), line, day, document.party or ""))


def _invoice(desk: Desk, document: Document) -> None:
    desk.sold += [int(desk.products[line.sku].price * 100) * line.qty for line in document.lines]


def late_papers(desk: Desk, day: date) -> None:
    """Shipments of weeks ago that are entered today, on the day on which they happened."""
    due = [batch for batch in desk.late if batch.recorded_at.date() <= day]
    for position, batch in enumerate(due):
        desk.late.remove(batch)
        desk.write(at(day, f"17:{20 + position:02}"), batch.actor, *batch.documents)
        for document in batch.documents:
            _invoice(desk, document)


def returns(desk: Desk, day: date) -> None:
    """One line in sixty comes back after one to three weeks, to the returns desk and from there to its bin."""
    for shipped in desk.shipped:
        age = (day - shipped.on).days
        lot = (shipped.line.sku, shipped.line.lot or "")
        blocked = lot in desk.notebook.blocked or desk.expiry.get(lot, FAR) <= day
        if age in (7, 8, 9, 14, 19) and desk.chance(0.004) and not shipped.line.serials and not blocked:
            _take_back(desk, day, shipped)


def _take_back(desk: Desk, day: date, shipped: Shipped) -> None:
    line = shipped.line
    qty = max(1, line.qty // 3)
    number = desk.next("return")
    back = Document(
        f"RC-{number:04}",
        DocumentKind.RETURN_FROM_CUSTOMER,
        at(day, "11:20"),
        (Line(line.sku, qty, target="LNZ-RET", lot=line.lot, of=shipped.ref),),
        party=shipped.party,
        note="Ordered too many.",
    )
    shelf = desk.products[line.sku].linz_bin
    away = Document(
        f"PA-{number:04}",
        DocumentKind.TRANSFER,
        at(day, "13:10"),
        (Line(line.sku, qty, "LNZ-RET", shelf, line.lot),),
        note="Checked, as new.",
    )
    desk.write(at(day, "13:15"), "picker", back, away)
    lot = line.lot or ""
    desk.notebook.put(line.sku, shelf or "", qty, lot, desk.expiry.get((line.sku, lot), FAR))


def typed_twice(desk: Desk, day: date) -> None:
    """Twice a year a shipment is entered a second time, and reversed on the next morning."""
    product = desk.products["FG-S5"]
    taken = desk.notebook.take(product.sku, product.linz_bin or "", 20)
    lines = tuple(out_lines(desk, product.sku, taken, product.linz_bin or "", "CUSTOMER"))
    key = f"SH-TWICE-{day:%y%m}"
    again = Document(key, DocumentKind.ISSUE, at(day, "15:55"), lines, party="SHOP", reference="SO-20999")
    desk.write(at(day, "16:55"), "picker", again)
    morning = day + timedelta(1)
    undo = Document(
        f"RV-{day:%y%m}", DocumentKind.REVERSAL, at(morning, "08:40"), note="Entered twice.", of_document=key
    )
    desk.write(at(morning, "08:41"), "controller", undo)
    for piece in taken:
        desk.notebook.put(product.sku, product.linz_bin or "", piece.qty, piece.lot)


def wrong_count_of_a_case(desk: Desk, day: date) -> None:
    """Every quarter a case of twenty turns out to have been a case of twelve: the old move is amended."""
    cases = [
        s for s in desk.shipped if s.line.sku == "FG-S5" and s.line.qty >= 20 and 3 < (day - s.on).days < 40
    ]
    if cases:
        shipped = cases[-1]
        line = Line("FG-S5", -8, of=shipped.ref)
        note = "Case held twelve, not twenty."
        document = Document(f"AM-{day:%y%m}", DocumentKind.AMENDMENT, at(day, "09:20"), (line,), note=note)
        desk.write(at(day, "09:25"), "controller", document)
        desk.notebook.put("FG-S5", desk.products["FG-S5"].linz_bin or "", 8)


def promise(desk: Desk, day: date) -> None:
    """Orders of today that leave in the next days: stock is claimed for them."""
    for number in range(7):
        document = _order(desk, day, number)
        if document:
            lines = tuple(replace(line, target=None) for line in document.lines)
            recorded_at = at(day, f"17:{30 + number}")
            desk.steps.append(Reserve(recorded_at, "picker", str(document.reference), lines))
