"""What pages call the things of the register: kinds of event by job, their fields, states, terms."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wherewithal.assets.fields import FIELDS, RoomKind
from wherewithal.assets.values import ClassKind, Status
from wherewithal.core.assets.facts import Kind
from wherewithal.core.depreciation.terms import Convention, Method, Mode, Rounded, Step

Text = str | Promise
Words = Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event as a form: what it is called, what it does, the permission it takes."""

    kind: str
    title: Text
    intro: Text
    permission: str = "assets.record"


@dataclass(frozen=True, slots=True)
class EventJob:
    label: Text
    kinds: tuple[EventKind, ...]


def _custody(kind: str, title: Text, intro: Text) -> EventKind:
    return EventKind(kind, title, intro, "assets.custody")


EVENT_JOBS = (
    EventJob(
        _("Cost"),
        (
            EventKind(Kind.ACQUISITION, _("Acquisition"), _("It was bought or built; its cost comes in.")),
            EventKind(
                Kind.OPENING,
                _("Taken over part way"),
                _("It was there before these books: cost and what is depreciated already."),
            ),
            EventKind(
                Kind.COST_ADDITION, _("Further cost"), _("An improvement, a later invoice, a credit note.")
            ),
            EventKind(
                Kind.CONSTRUCTION_COST, _("Cost of construction"), _("Spent on an asset under construction.")
            ),
            EventKind(Kind.GRANT, _("Grant received"), _("Deferred income, or off the cost.")),
            EventKind(
                Kind.GRANT_REPAYMENT, _("Grant to repay"), _("The conditions of a grant were not met.")
            ),
        ),
    ),
    EventJob(
        _("Use and depreciation"),
        (
            EventKind(
                Kind.IN_SERVICE, _("Put into service"), _("Ready for use: depreciation begins on this day.")
            ),
            EventKind(
                Kind.ESTIMATE_CHANGE,
                _("New estimate"),
                _("Life, residual or method from this day on; the past stays as it was."),
            ),
            EventKind(
                Kind.TERMS_CATCH_UP,
                _("Change terms with catch-up"),
                _("As if the new terms had held from the start; the difference is charged on this day."),
            ),
            EventKind(
                Kind.ERROR_CORRECTION,
                _("Correct an error"),
                _("The terms were wrong from the beginning; the past is worked out again."),
            ),
            EventKind(Kind.METER_READING, _("Meter reading"), _("Usage, for assets depreciated by units.")),
            EventKind(Kind.IDLE, _("Out of use"), _("Not used for a while.")),
            EventKind(Kind.RESUME, _("Back in use"), _("Used again after a while out of use.")),
            EventKind(
                Kind.CLASS_TRANSFER,
                _("Move to another class"),
                _("Cost and depreciation move to the accounts of that class."),
            ),
        ),
    ),
    EventJob(
        _("Place and people"),
        (
            _custody(
                RoomKind.TRANSFER,
                pgettext_lazy("of an asset", "Transfer"),
                _("Another place, custodian or cost centre from this day on."),
            ),
            _custody(RoomKind.CHECK_OUT, _("Check out"), _("Somebody takes it, perhaps until a day.")),
            _custody(RoomKind.ACCEPT, _("Sign for it"), _("The custodian confirms having it.")),
            _custody(RoomKind.CHECK_IN, _("Check in"), _("It came back.")),
        ),
    ),
    EventJob(
        _("Value"),
        (
            EventKind(
                Kind.REVALUATION, _("Revaluation"), _("The carrying amount becomes the fair value (IAS 16).")
            ),
            EventKind(
                Kind.IMPAIRMENT, _("Impairment"), _("It is worth less than it is carried at (IAS 36).")
            ),
            EventKind(
                Kind.IMPAIRMENT_REVERSAL,
                _("Reversal of an impairment"),
                _("It recovered; up to what it would be carried at without the impairment."),
            ),
            EventKind(
                Kind.HELD_FOR_SALE, _("Held for sale"), _("Depreciation stops; measured anew (IFRS 5).")
            ),
            EventKind(
                Kind.HELD_MEASUREMENT,
                _("Measure what is held for sale"),
                _("A new fair value less costs to sell."),
            ),
            EventKind(Kind.BACK_TO_USE, _("Back from sale"), _("It will not be sold after all.")),
            EventKind(
                Kind.DECOMMISSIONING,
                _("Obligation to dismantle"),
                _("What removing it will cost, as a provision and part of the cost (IAS 37)."),
            ),
            EventKind(
                Kind.DECOMMISSIONING_CHANGE,
                _("New estimate of dismantling"),
                _("The obligation is measured anew (IFRIC 1)."),
            ),
            EventKind(
                Kind.DECOMMISSIONING_SETTLEMENT,
                _("Dismantling paid"),
                _("What was spent is taken from the provision."),
            ),
        ),
    ),
    EventJob(
        _("Lease"),
        (
            EventKind(Kind.LEASE, _("Lease begins"), _("A right of use and the liability for it.")),
            EventKind(
                Kind.LEASE_CHANGE,
                _("Lease changes"),
                _("Index, reassessment, modification, termination, purchase."),
            ),
        ),
    ),
    EventJob(
        _("Leaving"),
        (
            EventKind(Kind.DISPOSAL, _("Disposal"), _("Sold, scrapped, lost, traded in or back to stock.")),
            EventKind(
                Kind.PARTIAL_DISPOSAL,
                _("Partial disposal"),
                _("A share, some of several alike, or a part of known cost."),
            ),
            EventKind(
                Kind.POOL_END,
                _("End of its tax pool"),
                _("The business ceased: this year is the last one of the pool it is in."),
            ),
            EventKind(Kind.REINSTATEMENT, _("Reinstatement"), _("What was disposed of is back.")),
            EventKind(Kind.PART_OUT, _("Give parts away"), _("Cost goes to other assets: split or settle.")),
            EventKind(
                Kind.PART_IN, _("Take a part"), _("This asset takes a part that another one gave away.")
            ),
            EventKind(Kind.INTERCOMPANY_OUT, _("To a sister company"), _("It leaves for another company.")),
            EventKind(
                Kind.INTERCOMPANY_IN,
                _("From a sister company"),
                _("It comes with the cost and depreciation that it had there."),
            ),
        ),
    ),
)
EVENT_KINDS: Mapping[str, EventKind] = {str(kind.kind): kind for job in EVENT_JOBS for kind in job.kinds}
UNFORMED = frozenset({str(Kind.REVERSAL), str(RoomKind.REGISTERED)})
"""Kinds without a form of their own: taking back has a page, registering is the new asset."""

LABELS: Words = {
    "accumulated": _("Accumulated depreciation"),
    "all_pools": _("All pools of the book end"),
    "takes_back_allowances": _("First-year allowances are taken back too"),
    "allowances": _("First-year allowance until then"),
    "amount": _("Amount"),
    "amounts": _("Amounts of the parts"),
    "basis": _("The right of use shrinks by"),
    "capitalise": _("Becomes cost at once"),
    "change": _("What changes"),
    "class_id": _("Class"),
    "compounding": _("The rate is"),
    "construction": _("Cost of construction"),
    "construction_only": _("Only cost of construction"),
    "cost": _("Cost"),
    "cost_centre_id": _("Cost centre"),
    "costs": _("Costs of disposal"),
    "custodian_party_id": _("Held by (party)"),
    "custodian_user_id": _("Held by (person)"),
    "depreciated_through": _("Depreciated through"),
    "direct_costs": _("Initial direct costs"),
    "ends_on": _("Ends on"),
    "expected_on": _("Expected back"),
    "factor": _("Payments change by the factor"),
    "fair_value_less_costs": _("Fair value less costs to sell"),
    "final": _("Nothing more to come"),
    "flows": _("What will be spent"),
    "gain": _("or share of a unit's reversal"),
    "how": _("How"),
    "impairment": _("Impaired until then"),
    "in_arrears": _("Paid at the end of the day"),
    "in_service_on": _("In service since"),
    "incentives": _("Incentives received"),
    "interval_months": _("Months between payments"),
    "keeps_asset": _("Ownership passes in the end"),
    "keeps_proceeds": _("What was received stays ours"),
    "life_ends_on": _("Right of use ends on"),
    "location_id": _("Location"),
    "loss": _("or share of a unit's loss"),
    "method": _("Accumulated depreciation is"),
    "paid": _("Spent"),
    "part": _("Which part"),
    "payments": _("Payments"),
    "grant": _("Grant still deferred"),
    "unimpaired": _("Carried without impairment"),
    "impaired_surplus": _("Impairment the surplus bore"),
    "revalued": _("It was revalued"),
    "held": _("It is held for sale"),
    "held_loss": _("Written down since held for sale"),
    "missed": _("Not depreciated since held for sale"),
    "estimated_on": _("Estimated on"),
    "charged": _("Charged since then"),
    "surplus_used": _("Surplus realised since then"),
    "grant_released": _("Grant released since then"),
    "penalty": _("Penalty"),
    "prepaid": _("Paid before"),
    "proceeds": _("Proceeds"),
    "quantity": _("Quantity"),
    "rate": _("Discount rate a year"),
    "reading": _("Reading"),
    "recoverable": _("Recoverable amount"),
    "remaining_life": _("It is the rest of the life"),
    "restated_before": _("Restate before"),
    "restoration": _("Cost of restoration"),
    "retained": _("Share that is kept"),
    "share": _("Share"),
    "signature": _("Signed by"),
    "source": _("Cost comes from"),
    "standard": _("Standard"),
    "status": _("Status"),
    "surplus": _("Revaluation surplus until then"),
    "surplus_policy": _("Surplus is realised"),
    "treatment": _("Treatment"),
    "used_units": _("Units used until then"),
    "value": _("Fair value"),
    "weights": _("Shares of the parts"),
}
WORDS: Words = {
    "supplier": _("A supplier's invoice"),
    "stock": _("Stock"),
    "trade_in": _("Traded in"),
    "opening": _("Opening balance"),
    "elimination": _("eliminated against the cost"),
    "proportional": _("restated in proportion"),
    "at_disposal": _("at disposal"),
    "as_used": _("as the asset is used"),
    "deferred": _("Deferred income"),
    "deducted": _("Off the cost"),
    "sale": _("Sold"),
    "scrap": _("Scrapped"),
    "loss": _("Lost, stolen or destroyed"),
    "to_stock": _("Back to stock"),
    "ifrs16": _("IFRS 16"),
    "asc842_finance": _("ASC 842, finance lease"),
    "asc842_operating": _("ASC 842, operating lease"),
    "exempt": _("Short-term or low value"),
    "effective": _("a year's true rate"),
    "nominal": _("a year's rate, a twelfth a month"),
    "periodic": _("the rate of one interval"),
    "index": _("Index or rent review"),
    "reassessment": _("Term or option judged anew"),
    "modification": _("The contract is changed"),
    "termination": _("All of it ends early"),
    "purchase": _("Purchase option exercised"),
    "impairment": _("Impairment"),
    "scope": _("the share given up"),
    "liability": _("as much as the liability"),
    "in_service": _("In service"),
    "under_maintenance": _("Under maintenance"),
}
STATUSES: Mapping[Status, tuple[Text, str]] = {
    Status.PLANNED: (_("Planned"), ""),
    Status.UNDER_CONSTRUCTION: (_("Under construction"), "note"),
    Status.IN_SERVICE: (_("In service"), "good"),
    Status.IDLE: (_("Out of use"), "warn"),
    Status.UNDER_MAINTENANCE: (_("Under maintenance"), "warn"),
    Status.HELD_FOR_SALE: (_("Held for sale"), "note"),
    Status.DISPOSED: (_("Disposed of"), ""),
    Status.LOST: (_("Lost"), "bad"),
}
CLASS_KINDS: Words = {
    ClassKind.TANGIBLE: _("Tangible"),
    ClassKind.LAND: _("Land"),
    ClassKind.INTANGIBLE: _("Intangible"),
    ClassKind.RIGHT_OF_USE: _("Right of use"),
    ClassKind.UNDER_CONSTRUCTION: _("Under construction"),
}
METHODS: Words = {
    Method.NONE: _("Not depreciated"),
    Method.STRAIGHT_LINE: _("Straight line"),
    Method.DECLINING: _("Declining balance"),
    Method.SUM_OF_DIGITS: _("Sum of the digits"),
    Method.UNITS: _("Units of use"),
    Method.ANNUITY: _("Annuity"),
    Method.TABLE: _("Table of rates"),
    Method.AMOUNTS: _("Stated amounts"),
}
CONVENTIONS: Words = {
    Convention.FULL_MONTH: _("full month"),
    Convention.FOLLOWING_MONTH: _("from the following month"),
    Convention.HALF_MONTH: _("half month"),
    Convention.MID_MONTH: _("mid-month"),
    Convention.MID_QUARTER: _("mid-quarter"),
    Convention.HALF_YEAR: _("half year"),
    Convention.FULL_YEAR: _("full year"),
    Convention.FOLLOWING_YEAR: _("from the following year"),
    Convention.DAILY_ACTUAL: _("by days"),
    Convention.DAILY_365: _("by days of 365"),
    Convention.DAILY_360: _("by days of 360"),
    Convention.DAILY_MONTH: _("by days of the month"),
    Convention.DAILY_LIFE: _("by days of the life"),
    Convention.DAILY_YEAR: _("by days of the fiscal year"),
}
STEPS: Words = {Step.ASSET_YEAR: _("a year of the asset"), Step.PERIOD: _("a period")}
ROUNDING_MODES: Words = {Mode.HALF_UP: _("half up"), Mode.DOWN: _("down"), Mode.UP: _("up")}
ROUNDED: Words = {
    Rounded.CHARGE: _("each charge by itself"),
    Rounded.BALANCE: _("each charge, and the next is worked out from the balance so rounded"),
}
MOVEMENTS: Words = {
    "additions": _("Additions"),
    "transfers": _("Transfers"),
    "disposals": _("Disposals"),
    "held_for_sale": _("Held for sale"),
    "revaluation": _("Revaluation"),
    "impairment": _("Impairment"),
    "depreciation": _("Depreciation"),
    "exchange": _("Exchange differences"),
    "other": _("Other"),
}


def event_name(kind: str) -> str:
    """What an event of this kind is called."""
    if kind == RoomKind.REGISTERED:
        return gettext("Registered")
    if kind == Kind.REVERSAL:
        return gettext("Taken back")
    found = EVENT_KINDS.get(kind)
    return str(found.title) if found else kind.replace("_", " ").capitalize()


def status_of(status: Status) -> tuple[Text, str]:
    return STATUSES[status]


def word_of(word: str) -> str:
    """A word that a field may hold."""
    return str(WORDS.get(word, word.replace("_", " ")))


def terms_text(terms: Mapping[str, object] | None) -> str:
    """Terms of depreciation in one line: straight line, 5 years, full month, residual 10 %."""
    if not terms:
        return gettext("No terms")
    if terms.get("pack"):
        return gettext("Country rules “%(pack)s”, class %(name)s") % {
            "pack": terms["pack"],
            "name": terms["pack_class"],
        }
    method = str(terms.get("method", ""))
    parts = [str(METHODS.get(method, method.replace("_", " ")))]
    if "life_months" in terms:
        parts.append(life_text(str(terms["life_months"])))
    if "rate" in terms:
        parts.append(gettext("rate %(rate)s") % {"rate": terms["rate"]})
    if "factor" in terms:
        parts.append(gettext("factor %(factor)s") % {"factor": terms["factor"]})
    if terms.get("switches_to_straight_line"):
        parts.append(gettext("switching to the straight line"))
    steps = terms.get("table") or terms.get("amounts")
    if isinstance(steps, list):
        parts.append(ngettext("%(count)s step", "%(count)s steps", len(steps)) % {"count": len(steps)})
    if "total_units" in terms:
        parts.append(gettext("%(units)s units in all") % {"units": terms["total_units"]})
    convention = str(terms.get("convention", ""))
    if convention:
        parts.append(str(CONVENTIONS.get(convention, convention.replace("_", " "))))
    if "residual" in terms:
        parts.append(gettext("residual %(amount)s") % {"amount": terms["residual"]})
    if "residual_percent" in terms:
        parts.append(gettext("residual %(percent)s%%") % {"percent": terms["residual_percent"]})
    if "rounding" in terms:
        parts.append(gettext("rounded"))
    return ", ".join(parts)


def life_text(months: str) -> str:
    """A life as people say it: whole years where it is some."""
    if months.isdigit() and int(months) % 12 == 0:
        years = int(months) // 12
        return gettext("1 year") if years == 1 else gettext("%(years)s years") % {"years": years}
    return gettext("%(months)s months") % {"months": months}


def field_label(name: str) -> Text:
    return LABELS.get(name, name.replace("_", " ").capitalize())


FORMED = frozenset(FIELDS) - UNFORMED
"""Kinds that have a form."""
