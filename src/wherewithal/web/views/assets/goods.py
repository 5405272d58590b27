"""Between stock and assets, each way with what it would post: goods and books at once."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from wherewithal.assets import queries, services
from wherewithal.assets.queries import Asset
from wherewithal.assets.services import StockResult
from wherewithal.core.assets.facts import Kind
from wherewithal.people.permissions import require
from wherewithal.web import preview
from wherewithal.web.asset_preview import INCOMPLETE
from wherewithal.web.desk import Desk
from wherewithal.web.form_page import FormPage
from wherewithal.web.forms.asset_stock import STOCK_NAMES, FromStockForm, GoodsForm, PartsForm, ToStockForm
from wherewithal.web.pages import attempt, done, page


@page("assets.record", shows="now")
def asset_from_stock(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A stock item becomes an asset: ?item=SKU&lot=SERIAL&from_location=BIN begin the form."""
    require(desk.actor, "assets.write")
    with desk.reading():
        form = FromStockForm(request.POST or None, desk=desk, initial=_first(request, desk))
        valid = form.is_valid()
    shown = FormPage(
        title=_("An asset from stock"),
        submit=_("Take from stock and register"),
        back=desk.link("assets"),
        crumbs=((_("Assets"), desk.link("assets")),),
        intro=_(
            "Its cost leaves inventory at what the goods cost in each book; item, serial and history go on."
        ),
        panels=(
            (_("Which goods"), ("item", "lot", "qty", "from_location", "effective_at")),
            (_("Which asset"), ("class_code", "name", "tag", "location", "cost_centre", "in_service")),
            (_("On record"), ("reference", "note")),
        ),
        posts=desk.may("ledger.read"),
    )

    def work(given: dict[str, Any]) -> StockResult:
        return services.issue_to_asset(company_id=desk.company_id, actor_id=desk.user_id, **given)

    return _carry_out(request, desk, shown, form, work, _("The asset is in the register."), valid=valid)


@page("assets.record", shows="now")
def asset_parts(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    """Parts from stock add to the cost of an asset."""
    with desk.reading():
        found = queries.asset(desk.company_id, asset_id)
        building = found.status.name in ("PLANNED", "UNDER_CONSTRUCTION")
        first = _first(request, desk) | {
            "kind": str(Kind.CONSTRUCTION_COST if building else Kind.COST_ADDITION)
        }
        form = PartsForm(request.POST or None, desk=desk, initial=first)
        valid = form.is_valid()
    shown = FormPage(
        title=_("Parts from stock for %(tag)s") % {"tag": found.tag},
        submit=_("Take from stock"),
        back=desk.link("asset", asset_id),
        crumbs=_crumbs(desk, found),
        intro=_("What the goods cost in each book becomes cost of the asset."),
        panels=(
            (_("Which goods"), ("item", "lot", "qty", "from_location", "effective_at", "kind")),
            (_("On record"), ("reference", "note")),
        ),
        posts=desk.may("ledger.read"),
    )

    def work(given: dict[str, Any]) -> StockResult:
        return services.issue_to_asset(
            company_id=desk.company_id, actor_id=desk.user_id, asset_id=asset_id, **given
        )

    message = _("The parts are in %(tag)s.") % {"tag": found.tag}
    return _carry_out(request, desk, shown, form, work, message, valid=valid, asset_id=asset_id)


@page("assets.record", shows="now")
def asset_to_stock(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    """An asset goes back to stock."""
    with desk.reading():
        found = queries.asset(desk.company_id, asset_id)
        form = ToStockForm(request.POST or None, desk=desk, asset=found, initial=_first(request, desk))
        valid = form.is_valid()
    shown = FormPage(
        title=_("%(tag)s back to stock") % {"tag": found.tag},
        submit=_("Put into stock"),
        back=desk.link("asset", asset_id),
        crumbs=_crumbs(desk, found),
        intro=_(
            "It becomes goods in each book at what that book carries it at on that day. A book that depreciates it in a"
            " pool takes the amount of the primary book."
        ),
        panels=(
            (_("What becomes of it"), ("item", "qty", "to_location", "effective_at")),
            (_("On record"), ("reference", "note")),
        ),
        posts=desk.may("ledger.read"),
    )

    def work(given: dict[str, Any]) -> StockResult:
        return services.return_to_stock(
            company_id=desk.company_id, actor_id=desk.user_id, asset_id=asset_id, **given
        )

    message = _("%(tag)s is in stock again.") % {"tag": found.tag}
    return _carry_out(request, desk, shown, form, work, message, valid=valid, asset_id=asset_id)


def _first(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    given = {name: request.GET.get(name, "")[:100] for name in ("item", "lot", "from_location")}
    return given | {"effective_at": desk.now, "idempotency_key": uuid.uuid4().hex}


def _crumbs(desk: Desk, found: Asset) -> tuple[tuple[str, str], ...]:
    return ((_("Assets"), desk.link("assets")), (found.tag, desk.link("asset", found.asset_id)))


def _carry_out(
    request: HttpRequest,
    desk: Desk,
    shown: FormPage,
    form: GoodsForm,
    work: Callable[[dict[str, Any]], StockResult],
    message: str,
    *,
    valid: bool,
    asset_id: int | None = None,
) -> HttpResponse:
    """Show the form, look at what it would post, or do it."""

    def write() -> StockResult:
        key = f"web:{form.cleaned_data['idempotency_key']}"
        return work({"idempotency_key": key, **form.arguments})

    if preview.wanted(request):
        require(desk.actor, "ledger.read")
        look = preview.of_decision(desk, lambda: write().entry_ids) if valid else preview.UNFINISHED
        return shown.look(request, form, look.posting or INCOMPLETE)
    if not valid or not attempt(form, write, STOCK_NAMES):
        return shown.show(request, form)
    result: StockResult = form.outcome
    target = asset_id or result.asset_id
    return done(request, message, desk.link("asset", target, as_of=None, known_at=None))
