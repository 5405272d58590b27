"""The works in Graz: what runs low is made, from what is there, and a lorry takes it to Linz every Thursday."""

from datetime import date, timedelta
from decimal import Decimal

from wherewithal.site.demo import catalogue
from wherewithal.site.demo.buying import make_lines
from wherewithal.site.demo.catalogue import Recipe
from wherewithal.site.demo.desk import Desk, at, out_lines
from wherewithal.site.demo.plan import Document, Line
from wherewithal.stock.drafts import DocumentKind

RUNS_A_DAY = 2


def produce(desk: Desk, day: date) -> None:
    """At most two runs a day, the most urgent first."""
    urgent = sorted(catalogue.RECIPES, key=lambda recipe: _weeks_left(desk, recipe))
    made = 0
    for recipe in urgent:
        if made < RUNS_A_DAY and _weeks_left(desk, recipe) < 3 and (run := _possible(desk, day, recipe)):
            _run(desk, day, recipe, run, made)
            made += 1


def _weeks_left(desk: Desk, recipe: Recipe) -> float:
    product = desk.products[recipe.sku]
    held = sum(desk.notebook.on_hand(recipe.sku, p) for p in (product.graz_bin, product.linz_bin) if p)
    return held / max(desk.usage[recipe.sku], 1)


def _possible(desk: Desk, day: date, recipe: Recipe) -> int:
    """As many as the material allows, in whole tenths of a run, and not fewer than three tenths."""
    tenths = 10
    for sku, qty in recipe.parts:
        product = desk.products[sku]
        per_tenth = int(Decimal(qty) * 10**product.decimals * recipe.run) // 10 or 1
        tenths = min(
            tenths, desk.notebook.on_hand(sku, product.graz_bin or "", day + timedelta(1)) // per_tenth
        )
    return recipe.run * tenths // 10 if tenths >= 3 else 0


def _run(desk: Desk, day: date, recipe: Recipe, qty: int, position: int) -> None:
    lines: list[Line] = []
    for sku, per_piece in recipe.parts:
        product = desk.products[sku]
        place = product.graz_bin or ""
        needed = int(Decimal(per_piece) * 10**product.decimals * qty)
        lines += out_lines(
            desk,
            sku,
            desk.notebook.take(sku, place, needed, spare_until=day + timedelta(1)),
            place,
            None,
            consumed=True,
        )
    product = desk.products[recipe.sku]
    number = desk.next("production")
    lines += make_lines(desk, product, qty, product.graz_bin or "", day)
    document = Document(
        f"WO-{number:05}",
        DocumentKind.PRODUCTION,
        at(day, f"09:{30 + 7 * position}"),
        tuple(lines),
        reference=f"WO-{number:05}",
        note=f"{product.name}, run of {qty}",
        amount=(recipe.labour * qty).quantize(Decimal("0.01")),
    )
    desk.write(at(day, f"09:{35 + 7 * position}"), "foreman", document)


def dispatch(desk: Desk, day: date) -> None:
    """Thursday's lorry: fill Linz up to three weeks of what it sells. It arrives on the next morning."""
    loaded = []
    for product in desk.products.values():
        if not product.graz_bin or not product.linz_bin:
            continue
        wanted = int(product.weekly_demand * 3.2) - desk.notebook.on_hand(product.sku, product.linz_bin)
        if wanted * 4 < product.weekly_demand * 3:
            continue
        if taken := desk.notebook.take(
            product.sku, product.graz_bin, wanted, spare_until=day + timedelta(30)
        ):
            loaded.append((product, taken))
    if not loaded:
        return
    number = desk.next("lorry")
    out: list[Line] = []
    into: list[Line] = []
    for product, taken in loaded:
        out += out_lines(desk, product.sku, taken, product.graz_bin or "", "TRANSIT")
        into += out_lines(desk, product.sku, taken, "TRANSIT", product.linz_bin)
    evening, morning = at(day, "15:30"), at(day + timedelta(1), "07:50")
    name = f"LORRY-{number:03}"
    desk.write(
        at(day, "15:40"),
        "storekeeper",
        Document(f"DI-{number:03}", DocumentKind.DISPATCH, evening, tuple(out), reference=name),
    )
    if morning.date() > desk.today:
        return
    desk.write(
        at(morning.date(), "08:05"),
        "picker",
        Document(f"AR-{number:03}", DocumentKind.ARRIVAL, morning, tuple(into), reference=name),
    )
    for product, taken in loaded:
        for piece in taken:
            desk.notebook.put(product.sku, product.linz_bin or "", piece.qty, piece.lot, piece.expires_on)
