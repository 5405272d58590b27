"""A naive second opinion on assets: what a book should say, written apart from the fold.

Shares with it the fact types, the role names and the present value of an obligation, nothing else: no segments, no
bundles, no handlers. One pass over months and facts; figures in a plain dictionary; straight line and units only, in
calendar months; exact fractions, rounding by Python's own round (half-even).
"""

from calendar import monthrange
from collections import defaultdict
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from wherewithal.core.measurement.decommissioning import Obligation, obligation_on, provision_at_start

DAY = timedelta(days=1)
FIGURES = (
    "cost", "acc", "imp", "con", "sur", "loss", "held_loss", "imp_sur", "missed", "prov", "grant", "resid", "allow",
    "charged", "sur0", "grant0", "sur_gone", "grant_gone",
)  # fmt: skip
PHASE = {
    "acquisition": 10, "opening": 10, "intercompany_in": 10, "construction_cost": 12, "cost_addition": 14,
    "grant": 16, "decommissioning": 18, "in_service": 20, "estimate_change": 30, "terms_catch_up": 32,
    "idle": 40, "resume": 42, "meter_reading": 50, "class_transfer": 54, "decommissioning_change": 56,
    "revaluation": 60, "impairment": 62, "impairment_reversal": 64, "back_to_use": 66, "held_for_sale": 68,
    "held_measurement": 70, "grant_repayment": 72, "part_out": 80, "part_in": 82, "partial_disposal": 84,
    "decommissioning_settlement": 86, "intercompany_out": 88, "disposal": 90, "reinstatement": 95,
}  # fmt: skip
SUPPLIER = {"supplier": (100, 107, 110), "stock": (101, 101, 111), "trade_in": (102, 102, 110)}
SUPPLIER["opening"] = (103, 103, 112)
MOVE = {"cost": 150, "acc": 151, "imp": 152, "con": 153, "sur": 154, "prov": 155, "grant": 156, "held": 157}
OTHER_COMPANY = {key: role + 10 for key, role in MOVE.items()}
AT_OPENING = {"cost": 103, "acc": 104, "imp": 105, "con": 112, "sur": 106}


def month_end(day):
    return day.replace(day=monthrange(day.year, day.month)[1])


def months(after, on):
    """From the end of a day to the end of another, parts of a month by its days."""
    part = Fraction(on.day, month_end(on).day) - Fraction(after.day, month_end(after).day)
    return (on.year - after.year) * 12 + on.month - after.month + part


def service(convention, since, on):
    if on < since:
        return Fraction(0)
    end = month_end(since)
    if convention == "daily_month":
        return months(since - DAY, on)
    if convention == "following_month":
        return max(Fraction(0), months(end, on))
    assert convention == "full_month"
    if on >= end:
        return 1 + months(end, on)
    return Fraction((on - since).days + 1, (end - since).days + 1)


def service_at_disposal(convention, since, on):
    last = {
        "daily_month": on - DAY,
        "full_month": on if on == month_end(on) else on.replace(day=1) - DAY,
        "following_month": month_end(on),
    }[convention]
    return service(convention, since, last)


def shares(total, weights):
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    found = [each.numerator // each.denominator for each in exact]
    order = sorted(range(len(exact)), key=lambda i: (found[i] - exact[i], i))
    for i in order[: total - sum(found)]:
        found[i] += 1
    return found


def fresh():
    thing = dict.fromkeys(FIGURES, 0)
    thing.update(qty=Fraction(0), held=False, plan=None, track=None, owed=[], owed_id=0, revalued=False)
    thing.update(terms=None, terms_id=0, since=None, as_used=False, units=Fraction(0), read=[], today=None)
    return thing


def nbv(thing):
    return thing["cost"] - thing["acc"] - thing["imp"]


def carrying(thing):
    return nbv(thing) + thing["con"] - thing["held_loss"]


def used_up(plan, on, months_now=None):
    """Months of its life used up at the end of a day."""
    terms, since = plan["terms"], plan["since"]
    convention = terms.convention.value

    def idle(day):
        if not terms.suspends_while_idle:
            return 0
        return sum(
            service(convention, since, min(last, day)) - service(convention, since, first - DAY)
            for first, last in plan["idle"]
            if first <= day
        )

    now = service(convention, since, on) if months_now is None else months_now
    if plan["used"] is None:
        return now - idle(on)
    before = plan["starts"] - DAY
    then = service(convention, since, before) - idle(before)
    return max(Fraction(0), plan["used"] + now - idle(on) - then)


def due(thing, plan, on, disposed=False):
    """What a plan has charged by the end of a day."""
    if plan is None or on < plan["starts"]:
        return 0
    total, terms = plan["opening"] - plan["resid"], plan["terms"]
    if total <= 0 or terms.method == "none":
        return 0
    if terms.method == "units":
        used = sum(units for day, units in thing["read"] if plan["starts"] <= day <= on)
        left = terms.total_units - plan["units"]
        return 0 if used <= 0 else total if used >= left else min(round(total * used / left), total)
    before = plan["used"] if plan["used"] is not None else used_up(plan, plan["starts"] - DAY)
    now = used_up(plan, on)
    if disposed:
        at = service_at_disposal(terms.convention.value, plan["since"], on)
        now = max(used_up(plan, on, at), before)
    if now >= terms.life_months:
        return total
    if now <= before:
        return 0
    return min(round(total * (now - before) / (terms.life_months - before)), total)


@lru_cache(maxsize=4096)
def owed(obligation, on):
    if on < obligation.starts_on:
        return provision_at_start(obligation)
    return obligation_on(obligation, on) + sum(amount for day, amount in obligation.flows if day <= on)


# --- net facts -------------------------------------------------------------------------------------------------


def net(facts, without):
    reversals = [fact for fact in facts if fact.kind == "reversal"]

    def stands(fact):
        return not any(r.of == fact.event_id and stands(r) for r in reversals)

    alive = [fact for fact in facts if fact.kind != "reversal" and stands(fact)]
    fixes = [fact for fact in alive if fact.kind == "error_correction" and fact.event_id not in without]
    found = []
    for fact in alive:
        if fact.kind == "error_correction":
            continue
        values = {}
        name, last = fact.event_id, None
        while claims := [fix for fix in fixes if fix.of == name]:
            last = max(claims, key=lambda fix: (fix.effective_on, fix.key))
            name = last.event_id
        if last is not None and fact.kind in ("in_service", "opening", "intercompany_in", "class_transfer"):
            values["terms"] = last.terms
            day = "effective_on" if fact.kind == "in_service" else "in_service_on"
            if last.in_service_on and fact.kind != "class_transfer":
                values[day] = last.in_service_on
        if last is not None and fact.kind == "estimate_change" and last.terms is not None:
            values["terms"] = last.terms
        found.append(replace(fact, **values))
    return found


class Naive:
    """histories: {asset: (class, facts)}. rows: {asset: {(day, cause, role, class): amount}}."""

    def __init__(self, histories, through):
        fixes = sorted(
            (
                fact
                for _, facts in histories.values()
                for fact in net_corrections(facts)
                if fact.restated_before
            ),
            key=lambda fix: (fix.effective_on, 0, fix.key),
        )
        without = {fix.event_id for fix in fixes}
        self.once(histories, through, without)
        prior = defaultdict(lambda: defaultdict(int))
        for fix in fixes:
            old = self.rows
            without.discard(fix.event_id)
            self.once(histories, through, without)
            for asset in histories:
                for key in {*old[asset], *self.rows[asset]}:
                    if key[0] < fix.restated_before and key[2] in (120, 121, 122):
                        change = self.rows[asset][key] - old[asset][key]
                        prior[asset][key] -= change
                        prior[asset][key[0], fix.event_id, 123, key[3]] += change
        for asset, rows in prior.items():
            for key, amount in rows.items():
                self.rows[asset][key] += amount
        self.rows = {a: {k: x for k, x in rows.items() if x} for a, rows in self.rows.items()}

    def once(self, histories, through, without):
        self.rows = {asset: defaultdict(int) for asset in histories}
        self.thing = {asset: fresh() for asset in histories}
        self.klass = {asset: klass for asset, (klass, _) in histories.items()}
        self.gone = dict.fromkeys(histories, False)
        self.spans = {asset: [] for asset in histories}
        self.meter = dict.fromkeys(histories, Fraction(0))
        self.taken = {asset: {} for asset in histories}
        self.given = {}
        todo = [
            (f.effective_on, PHASE[f.kind], f.key, a, f)
            for a, (_, fs) in histories.items()
            for f in net(fs, without)
        ]
        todo = sorted((each for each in todo if each[0] <= through), key=lambda each: each[:3])
        day = month_end(todo[0][0]) if todo else through + DAY
        for on, phase, _, asset, fact in todo:
            while day < on or (day == on and phase >= 50):
                self.month(day)
                day = month_end(day + DAY)
            self.asset, self.fact, self.on = asset, fact, on
            self.before = on if phase >= 50 else on - DAY
            whole = fact.kind == "partial_disposal" and fact.accumulated is None
            if not whole and fact.kind not in ("idle", "resume", "meter_reading", "disposal"):
                self.charge(asset, self.before, on)
            getattr(self, fact.kind)(fact)
        while day <= through:
            self.month(day)
            day = month_end(day + DAY)

    # --- rows and time

    def put(self, asset, on, cause, role, amount, klass=None):
        self.rows[asset][on, cause, role, self.klass[asset] if klass is None else klass] += amount

    def row(self, role, amount, klass=None):
        self.put(self.asset, self.on, self.fact.event_id, role, amount, klass)

    @property
    def it(self):
        return self.thing[self.asset]

    @property
    def is_gone(self):
        return self.gone[self.asset]

    def month(self, day):
        for asset in self.thing:
            self.charge(asset, day, day)

    def charge(self, asset, through, on):
        it = self.thing[asset]
        if it["plan"] is not None and not it["held"]:
            now = due(it, it["plan"], through)
            change = now - it["charged"]
            self.put(asset, on, it["terms_id"], 120, change)
            it["acc"] += change
            it["charged"] = now
            total = it["plan"]["opening"] - it["plan"]["resid"]
            if change and it["as_used"]:
                gone = it["sur0"] if now >= total else round(Fraction(it["sur0"] * now, total))
                self.put(asset, on, it["terms_id"], 134, gone - it["sur_gone"])
                it["sur"] -= gone - it["sur_gone"]
                it["sur_gone"] = gone
            if change and total > 0:
                gone = round(Fraction(it["grant0"] * min(now, total), total))
                self.put(asset, on, it["terms_id"], 201, gone - it["grant_gone"])
                it["grant"] -= gone - it["grant_gone"]
                it["grant_gone"] = gone
        if it["owed"]:
            now = sum(owed(each, through) for each in it["owed"])
            self.put(asset, on, it["owed_id"], 191, now - it["prov"])
            it["prov"] = now

    def track(self, it, on):
        """Carrying amount without impairment."""
        if it["track"] is None:
            return nbv(it)
        plan, start = it["track"]
        return start - due(it, plan, on)

    def replan(self, added=0, here=False, starts=None):
        it, before = self.it, self.before
        tracked = None if it["track"] is None else self.track(it, before) + added
        old = it["plan"]
        if it["held"]:
            it["missed"] += due(it, old, before) - it["charged"]
        it["units"] = Fraction(0) if here else it["units"] + sum(units for _, units in it["read"])
        it["read"], it["today"] = [], None
        it["charged"] = it["sur_gone"] = it["grant_gone"] = 0
        it["sur0"], it["grant0"] = it["sur"], it["grant"]
        it["plan"] = None
        it["track"] = None if tracked is None else (None, tracked)
        if it["terms"] is None or it["since"] is None or self.is_gone:
            return
        used = None
        if here:
            used = Fraction(0)
        elif old is not None and old["used"] is not None:
            used = used_up(old, before)
        it["plan"] = {
            "terms": it["terms"].terms, "since": it["since"], "starts": max(starts or before + DAY, it["since"]),
            "opening": nbv(it) - it["missed"], "resid": max(it["resid"], 0), "used": used, "units": it["units"],
            "idle": list(self.spans[self.asset]),
        }  # fmt: skip
        if tracked is not None:
            it["track"] = (dict(it["plan"], opening=tracked), tracked)

    # --- coming

    def start_anew(self):
        if self.is_gone:
            self.gone[self.asset] = False
            self.keep_obligation()

    def keep_obligation(self):
        old = self.it
        self.thing[self.asset] = new = fresh()
        new["prov"], new["owed"], new["owed_id"] = old["prov"], old["owed"], old["owed_id"]
        old["prov"], old["owed"] = 0, []
        return old

    def cost(self, amount, role):
        self.row(role, -amount if role == 202 else amount)
        self.it["cost"] += amount
        if self.it["held"]:
            self.row(180, amount)
        self.replan(added=amount)

    def capitalise(self):
        amount = self.it["con"]
        if amount:
            self.it["con"] = 0
            self.cost(amount, 113)

    def too_late(self):
        if self.is_gone and (self.it["cost"] or self.it["con"]):
            self.leave(self.keep_obligation(), 0, 0, False)

    def acquisition(self, fact):
        self.start_anew()
        self.it["qty"] += fact.quantity
        self.cost(fact.cost, SUPPLIER[fact.source.value][0])

    def cost_addition(self, fact):
        self.cost(fact.amount, SUPPLIER[fact.source.value][1])
        self.too_late()

    def construction_cost(self, fact):
        self.row(SUPPLIER[fact.source.value][2], fact.amount)
        self.it["con"] += fact.amount
        if self.it["since"] is not None:
            self.capitalise()
        self.too_late()

    def opening(self, fact, roles=AT_OPENING):
        self.start_anew()
        it = self.it
        it["qty"] += fact.quantity
        for key, amount in (
            ("cost", fact.cost), ("acc", fact.accumulated), ("imp", fact.impairment), ("con", fact.construction),
            ("sur", fact.surplus),
        ):  # fmt: skip
            self.row(roles[key], amount)
            it[key] += amount
            if it["held"] and key in ("cost", "acc", "imp"):
                self.row({"cost": 180, "acc": 181, "imp": 182}[key], amount)
        added = fact.cost - fact.accumulated - fact.impairment
        starts = None
        if fact.in_service_on is not None:
            it["since"], it["terms"], it["terms_id"] = fact.in_service_on, fact.terms, fact.event_id
            it["resid"] = fact.terms.residual if fact.terms else 0
            it["units"], it["allow"] = fact.used_units, fact.allowances
            starts = fact.depreciated_through + DAY if fact.depreciated_through else self.on
        self.replan(added=added, starts=starts)

    def intercompany_in(self, fact):
        self.opening(fact, OTHER_COMPANY)

    def in_service(self, fact):
        it = self.it
        if self.is_gone or it["since"] is not None:
            self.capitalise()
            return
        it["since"], it["terms"], it["terms_id"] = self.on, fact.terms, fact.event_id
        it["resid"] = fact.terms.residual if fact.terms else 0
        self.capitalise()
        for allowance in fact.terms.allowances if fact.terms else ():
            amount = max(min(allowance.amount, nbv(it) - it["resid"]), 0)
            self.write_off(121, amount)
            it["allow"] += amount
        self.replan()

    # --- life

    def write_off(self, role, amount):
        self.row(role, amount)
        self.it["acc"] += amount
        if self.it["held"]:
            self.row(181, amount)

    def take_terms(self, terms, here):
        it = self.it
        it["terms"], it["terms_id"], it["resid"] = terms, self.fact.event_id, terms.residual
        if not here:
            it["plan"] = None
        self.replan(here=here)

    def estimate_change(self, fact):
        if self.it["since"] is not None:
            self.take_terms(fact.terms, fact.remaining_life)

    def terms_catch_up(self, fact):
        it = self.it
        if it["plan"] is None or it["held"]:
            return
        back = 0
        if fact.takes_back:
            back = max(min(it["allow"] - sum(one.amount for one in fact.terms.allowances), it["acc"]), 0)
            self.write_off(122, -back)
            it["allow"] -= back
        it["terms"], it["terms_id"], it["resid"] = fact.terms, fact.event_id, fact.terms.residual
        for plan in (it["plan"], it["track"] and it["track"][0]):
            if plan:
                plan.update(terms=fact.terms.terms, resid=max(it["resid"], 0), opening=plan["opening"] + back)
        self.catch_up(it)

    def set_idle(self, spans):
        self.spans[self.asset] = spans
        for plan in (self.it["plan"], self.it["track"] and self.it["track"][0]):
            if plan:
                plan["idle"] = list(spans)

    def idle_open(self):
        spans = self.spans[self.asset]
        return bool(spans) and spans[-1][1] == date.max

    def idle(self, fact):
        if not self.idle_open():
            self.set_idle([*self.spans[self.asset], (self.on, date.max)])

    def resume(self, fact):
        if self.idle_open():
            *others, (first, _) = self.spans[self.asset]
            self.set_idle([*others, (first, self.on - DAY)] if first < self.on else others)

    def meter_reading(self, fact):
        units = max(fact.reading - self.meter[self.asset], 0)
        self.meter[self.asset] += units
        if units and self.it["plan"] is not None:
            self.it["read"].append((self.on, units))
            self.charge(self.asset, self.on, self.on)

    def moves(self, it, roles, sign, klass=None):
        amounts = {key: it[key] for key in ("con", "sur", "prov", "grant")}
        if it["held"]:
            amounts["held"] = nbv(it) - it["held_loss"]
        else:
            amounts.update({key: it[key] for key in ("cost", "acc", "imp")})
        for key, amount in amounts.items():
            self.row(roles[key], sign * amount, klass)

    def class_transfer(self, fact):
        if fact.class_id != self.klass[self.asset]:
            self.moves(self.it, MOVE, -1)
            self.klass[self.asset] = fact.class_id
            self.moves(self.it, MOVE, +1)
        if fact.terms is not None and self.it["since"] is not None:
            self.take_terms(fact.terms, True)

    # --- value

    def revaluation(self, fact):
        it = self.it
        if it["held"] or self.is_gone:
            return
        self.row(133, it["imp"])
        it["cost"] -= it["imp"]
        it["imp"] = it["imp_sur"] = 0
        old_cost, old_acc, value = it["cost"], it["acc"], max(fact.value, 0)
        old = old_cost - old_acc
        new_cost = value
        if fact.method == "proportional" and old > 0 and old_acc:
            new_cost = round(Fraction(old_cost * value, old))
        if value >= old:
            profit = min(value - old, max(it["loss"], 0))
            surplus = value - old - profit
        else:
            surplus = -min(old - value, max(it["sur"], 0))
            profit = value - old - surplus
        self.row(132, old_acc - (new_cost - value))
        self.row(130, surplus)
        self.row(131, -profit)
        it["cost"], it["acc"] = new_cost, new_cost - value
        it["sur"] += surplus
        it["loss"] -= profit
        it["as_used"], it["revalued"], it["track"] = fact.surplus_policy == "as_used", True, None
        it["allow"] = 0
        self.replan()

    def write_down(self, target):
        it = self.it
        loss = nbv(it) - max(target, 0)
        if loss <= 0 or it["held"] or self.is_gone:
            return
        if it["track"] is None:
            plan = it["plan"]
            it["track"] = (plan, plan["opening"]) if plan else (None, nbv(it))
        from_surplus = min(loss, max(it["sur"], 0))
        self.row(140, loss - from_surplus)
        self.row(141, from_surplus)
        it["imp"] += loss
        it["sur"] -= from_surplus
        it["imp_sur"] += from_surplus
        self.replan()

    def impairment(self, fact):
        self.write_down(nbv(self.it) - fact.loss if fact.recoverable is None else fact.recoverable)

    def impairment_reversal(self, fact):
        it = self.it
        if it["track"] is None or it["held"] or self.is_gone:
            return
        now = nbv(it)
        target = now + fact.gain if fact.recoverable is None else fact.recoverable
        amount = min(max(min(target, self.track(it, self.on)) - now, 0), it["imp"])
        through_profit = min(amount, it["imp"] - it["imp_sur"])
        self.row(142, through_profit)
        self.row(143, amount - through_profit)
        it["imp"] -= amount
        it["sur"] += amount - through_profit
        it["imp_sur"] -= amount - through_profit
        self.replan()

    # --- held for sale

    def to_held(self, it, sign):
        self.row(180, sign * it["cost"])
        self.row(181, sign * it["acc"])
        self.row(182, sign * it["imp"])

    def held_for_sale(self, fact):
        it = self.it
        if it["held"] or self.is_gone or self.nothing(it):
            return
        it["held"] = True
        self.to_held(it, +1)
        it["held_loss"] = max(nbv(it) - max(fact.fair_value_less_costs, 0), 0)
        self.row(183, it["held_loss"])

    def held_measurement(self, fact):
        it = self.it
        if it["held"]:
            up = max(fact.fair_value_less_costs, 0) - (nbv(it) - it["held_loss"])
            up = min(up, max(it["held_loss"] + it["imp"], 0))
            self.row(184 if up > 0 else 183, abs(up))
            it["held_loss"] -= up

    def unhold(self, it):
        self.to_held(it, -1)
        self.row(184, it["held_loss"])
        it["held"], it["held_loss"] = False, 0
        self.catch_up(it)

    def catch_up(self, it):
        now = due(it, it["plan"], self.before)
        amount = it["missed"] + now - it["charged"]
        self.row(122, amount)
        it["acc"] += amount
        it["charged"], it["missed"] = now, 0

    def back_to_use(self, fact):
        if self.it["held"]:
            self.unhold(self.it)
            if fact.recoverable is not None:
                self.write_down(fact.recoverable)

    # --- obligations and grants

    def decommissioning(self, fact):
        obligation = Obligation(self.on, fact.flows, fact.rate)
        amount = provision_at_start(obligation)
        it = self.it
        it["owed"] = [*it["owed"], obligation]
        it["prov"] += amount
        it["owed_id"] = it["owed_id"] or fact.event_id
        self.cost(amount, 190)
        self.too_late()

    def decommissioning_change(self, fact):
        it = self.it
        obligation = Obligation(self.on + DAY, fact.flows, fact.rate)
        change = provision_at_start(obligation) - it["prov"]
        it["owed"], it["prov"] = [obligation], it["prov"] + change
        it["owed_id"] = it["owed_id"] or fact.event_id
        if self.is_gone:
            self.row(192, change)
        elif it["revalued"]:
            if change <= 0:
                profit = min(-change, max(it["loss"], 0))
                surplus = -change - profit
            else:
                surplus = -min(change, max(it["sur"], 0))
                profit = -change - surplus
            self.row(194, -surplus)
            self.row(192, -profit)
            it["sur"] += surplus
            it["loss"] -= profit
            self.cost(0, 190)
        else:
            borne = max(change, -max(nbv(it), 0))
            self.row(192, change - borne)
            self.cost(borne, 190)

    def decommissioning_settlement(self, fact):
        it = self.it
        self.row(193, fact.paid)
        left = it["prov"] - fact.paid
        if fact.final or left <= 0:
            self.row(192, -left)
            it["prov"], it["owed"] = 0, []
            return
        paid, still = fact.paid, []
        for each in it["owed"]:
            flows = []
            for day, amount in sorted(each.flows):
                part = min(max(amount, 0), paid)
                paid -= part
                flows += [(day, amount - part)] if amount - part else []
            still.append(each._replace(flows=tuple(flows)))
        it["owed"] = still
        it["prov"] = sum(owed(each, self.on) for each in still)
        self.row(191, it["prov"] - left)

    def grant(self, fact):
        if fact.treatment == "deducted":
            self.cost(-fact.amount, 202)
            self.too_late()
            return
        self.row(200, fact.amount)
        self.it["grant"] += fact.amount
        self.replan()
        if self.is_gone:
            self.row(201, self.it["grant"])
            self.it["grant"] = 0

    def grant_repayment(self, fact):
        it = self.it
        if fact.treatment == "deferred":
            deferred = min(fact.amount, max(it["grant"], 0))
            self.row(203, deferred)
            self.row(204, fact.amount - deferred)
            it["grant"] -= deferred
            self.replan()
            return
        whole = it["cost"] - it["resid"]
        late = round(Fraction(fact.amount * min(max(it["acc"], 0), whole), whole)) if whole > 0 else 0
        self.cost(fact.amount, 202)
        if not self.is_gone:
            self.write_off(122, late)
            self.replan(added=-late)
        self.too_late()

    # --- parts and the end

    def cut_up(self, it, weights):
        pieces = [deepcopy(it) for _ in weights]
        for key in FIGURES:
            for piece, amount in zip(pieces, shares(it[key], weights), strict=True):
                piece[key] = amount
        for piece, left in zip(pieces, shares(nbv(it), weights), strict=True):
            piece["acc"] = piece["cost"] - piece["imp"] - left
        starts = shares(it["track"][1], weights) if it["track"] else None
        for number, piece in enumerate(pieces):
            piece["today"] = None
            piece["qty"] = it["qty"] * weights[number] / sum(weights)
            if piece["plan"]:
                piece["plan"]["opening"] = nbv(piece) + piece["charged"] - piece["missed"]
                piece["plan"]["resid"] = max(piece["resid"], 0)
            if starts:
                plan = deepcopy(it["track"][0])
                if plan:
                    plan.update(opening=starts[number], resid=max(piece["resid"], 0))
                piece["track"] = (plan, starts[number])
            piece["owed"] = [
                each._replace(
                    flows=tuple((day, shares(amount, weights)[number]) for day, amount in each.flows)
                )
                for each in it["owed"]
            ]
        return pieces

    def part_out(self, fact):
        it = self.it
        if self.is_gone:
            return
        bad = not any(fact.weights) or any(weight < 0 for weight in fact.weights)
        if fact.amounts:
            amounts, there = [], it["con"]
            for wanted in fact.amounts:
                amounts.append(min(max(wanted, 0), max(there, 0)))
                there -= amounts[-1]
        elif bad:
            return
        elif fact.construction_only:
            there, *amounts = shares(it["con"], fact.weights)
        else:
            rest, *given = self.cut_up(it, fact.weights)
            self.thing[self.asset] = rest if fact.weights[0] else fresh()
            self.gone[self.asset] = not fact.weights[0]
        if fact.amounts or fact.construction_only:
            it["con"] = there
            given = [dict(fresh(), con=amount) for amount in amounts]
        for number, piece in enumerate(given, 1):
            self.moves(piece, MOVE, -1)
            self.given[fact.event_id, number] = piece

    def part_in(self, fact):
        piece = self.given.pop((fact.of, fact.part), None)
        if piece is None:
            return
        self.start_anew()
        self.moves(piece, MOVE, +1)
        self.join(piece)
        if fact.capitalise or self.it["since"] is not None:
            self.capitalise()

    def nothing(self, it):
        return (
            it["since"] is None
            and not it["qty"]
            and not any(it[key] for key in FIGURES[:13] if key != "prov")
        )

    def join(self, piece):
        it = self.it
        if self.nothing(it):
            piece["prov"] += it["prov"]
            piece["owed"] = piece["owed"] + it["owed"]
            piece["owed_id"] = piece["owed_id"] or it["owed_id"]
            self.thing[self.asset] = piece
            if piece["plan"]:
                self.spans[self.asset] = list(piece["plan"]["idle"])
            return
        if piece["held"] and not it["held"]:
            self.unhold(piece)
        elif it["held"] and not piece["held"]:
            piece["held"] = True
            self.to_held(piece, +1)
        if piece["held"]:
            piece["missed"] += due(piece, piece["plan"], self.before) - piece["charged"]
        tracked = self.track(piece, self.before)
        if piece["track"] is not None and it["track"] is None:
            it["track"] = (it["plan"], it["plan"]["opening"]) if it["plan"] else (None, nbv(it))
        for key in FIGURES[:13]:
            it[key] += piece[key]
        it["qty"] += piece["qty"]
        it["owed"] = it["owed"] + piece["owed"]
        it["owed_id"] = it["owed_id"] or piece["owed_id"]
        it["revalued"] = it["revalued"] or piece["revalued"]
        it["since"] = it["since"] or piece["since"]
        if it["terms"] is None and piece["terms"] is not None:
            for key in ("terms", "terms_id", "as_used", "plan", "charged", "units", "read"):
                it[key] = piece[key]
        self.replan(added=tracked)

    def partial_disposal(self, fact):
        it = self.it
        if self.is_gone:
            return
        if fact.share is not None:
            part = fact.share
        elif fact.quantity is not None:
            part = fact.quantity / it["qty"] if it["qty"] > 0 else Fraction(1)
        else:
            part = Fraction(fact.amount, it["cost"]) if it["cost"] > 0 else Fraction(1)
        if part <= 0:
            return
        if part >= 1:
            self.disposal(fact)
            return
        weights = (part.denominator - part.numerator, part.numerator)
        rest, piece = self.cut_up(it, weights)
        if it["plan"] is not None and not it["held"]:
            for each, share in zip((rest, piece), shares(self.at_disposal(it), weights), strict=True):
                each["today"] = (self.on, share)
        rest["prov"], rest["owed"], piece["prov"], piece["owed"] = it["prov"], it["owed"], 0, []
        if fact.accumulated is not None:
            low = max(it["acc"] - max(rest["cost"] - rest["imp"], 0), 0)
            high = min(max(piece["cost"] - piece["imp"], 0), it["acc"])
            stated = max(min(fact.accumulated, high), low)
            for each, acc in ((piece, stated), (rest, it["acc"] - stated)):
                more = each["acc"] - acc
                each["acc"] = acc
                self.thing[self.asset] = each
                self.replan(added=more)
        self.thing[self.asset] = rest
        self.out(fact, piece)

    def disposal(self, fact):
        if not self.is_gone:
            piece = self.keep_obligation()
            self.gone[self.asset] = True
            self.out(fact, piece)

    def out(self, fact, piece):
        taken = (piece, fact.proceeds, fact.costs, fact.how == "to_stock")
        self.leave(*taken)
        self.taken[self.asset][fact.event_id] = taken

    def leave(self, piece, proceeds, costs, to_stock):
        if piece["plan"] is not None and not piece["held"]:
            now = self.at_disposal(piece)
            self.put(self.asset, self.on, piece["terms_id"], 120, now - piece["charged"])
            piece["acc"] += now - piece["charged"]
            piece["charged"] = now
        self.leaving(piece, proceeds, costs, to_stock, +1)

    def at_disposal(self, it):
        if it["today"] is not None and it["today"][0] == self.on:
            return it["today"][1]
        return due(it, it["plan"], self.on, disposed=True)

    def leaving(self, piece, proceeds, costs, to_stock, sign):
        value = carrying(piece)
        if piece["held"]:
            self.row(174, sign * (nbv(piece) - piece["held_loss"]))
        else:
            for role, key in ((170, "cost"), (171, "acc"), (172, "imp")):
                self.row(role, sign * piece[key])
        self.row(173, sign * piece["con"])
        if to_stock and not proceeds:
            proceeds = value
        gain = proceeds - costs - value
        self.row(179 if to_stock else 175, sign * proceeds)
        self.row(176, sign * costs)
        self.row(177 if gain > 0 else 178, sign * abs(gain))
        self.row(135, sign * piece["sur"])
        self.row(201, sign * piece["grant"])

    def intercompany_out(self, fact):
        if not self.is_gone:
            self.moves(self.it, OTHER_COMPANY, -1)
            self.thing[self.asset] = fresh()
            self.gone[self.asset] = True

    def reinstatement(self, fact):
        taken = self.taken[self.asset].pop(fact.of, None)
        if taken is None:
            return
        piece, proceeds, costs, to_stock = taken
        if fact.keeps_proceeds:
            proceeds = costs = 0
        self.leaving(piece, proceeds, costs, to_stock, -1)
        self.gone[self.asset] = False
        if not piece["held"]:
            self.catch_up(piece)
        self.join(piece)


def net_corrections(facts):
    reversals = [fact for fact in facts if fact.kind == "reversal"]

    def stands(fact):
        return not any(r.of == fact.event_id and stands(r) for r in reversals)

    return [fact for fact in facts if fact.kind == "error_correction" and stands(fact)]
