"""A naive second opinion: what a book should say, by full recompute, written apart from the engine.

Shares nothing with it but the fact types and role names. No snapshots, no windows, no speed: one pass over all
facts, quantities and values in plain lists, exact fractions, rounding by Python's own round (half-even).
"""

from collections import defaultdict
from fractions import Fraction

from wherewithal.core.costing.facts import Move

INTERNAL, TRANSIT, SUPPLIER, CUSTOMER, PRODUCTION, ADJUSTMENT, SCRAP, OPENING, ASSET = range(1, 10)
PLAIN, RETURN, AMENDMENT, REVERSAL, VALUE, NEVER_HAPPENED = 0, 1, 2, 3, 4, 99
FIFO, LIFO, AVERAGE, PERIODIC, STANDARD, SPECIFIC = range(1, 7)
END = 10**15

IN_ROLE = {SUPPLIER: 1, CUSTOMER: 7, PRODUCTION: 10, ADJUSTMENT: 5, SCRAP: 6, OPENING: 4, ASSET: 14}
BACK_ROLE = {**IN_ROLE, SUPPLIER: 9, PRODUCTION: 8}
OUT_ROLE = {SUPPLIER: 21, CUSTOMER: 20, PRODUCTION: 22, ADJUSTMENT: 25, SCRAP: 24, OPENING: 26, ASSET: 27}
TRUE_UP = {SUPPLIER: 33, CUSTOMER: 30, PRODUCTION: 33, ADJUSTMENT: 32, SCRAP: 31, OPENING: 33, ASSET: 33}
EFFECT = {
    **dict.fromkeys((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 42, 43), 1),
    **dict.fromkeys((20, 21, 22, 23, 24, 25, 26, 27, 30, 31, 32, 33, 40, 41, 44), -1),
    **dict.fromkeys((50, 51, 52, 53, 54, 55, 56), 0),
}


def costed(place_type):
    return place_type in (INTERNAL, TRANSIT)


def part(value, qty, of):
    """value x qty / of, rounded half-even."""
    down, rest = divmod(value * qty, of)
    return down + (2 * rest > of or (2 * rest == of and down % 2 == 1))


def share_out(total, weights):
    """Largest remainder, a tie to the earlier."""
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    shares = [each.numerator // each.denominator for each in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_rest[: total - sum(shares)]:
        shares[i] += 1
    return shares


# --- the net facts and their order ---------------------------------------------------------------------------


def net_facts(facts: list[Move]) -> list[Move]:
    by_id = {fact.move_id: fact for fact in facts}
    corrections = [fact for fact in facts if fact.kind in (AMENDMENT, REVERSAL)]

    def stands(fact):
        return not any(f.kind == REVERSAL and f.of == fact.move_id and stands(f) for f in corrections)

    def root(fact):
        while fact.kind == AMENDMENT:
            fact = by_id[fact.of]
        return fact.move_id

    net = []
    for fact in facts:
        if fact.kind in (AMENDMENT, REVERSAL):
            continue
        amendments = [f for f in corrections if f.kind == AMENDMENT and root(f) == fact.move_id]
        if not corrections:
            net.append(fact)
            continue
        extras = list(fact.extras) + [extra for f in amendments for extra in f.extras]
        qty, amount = fact.qty, fact.amount
        for f in amendments:
            if stands(f):
                sign = 1 if f.source_node == fact.source_node else -1
                qty += sign * f.qty
                if fact.amount is None:
                    if f.amount is not None:
                        extras.append((f.move_id, 2, sign * f.amount))
                elif f.amount is not None:
                    amount += sign * f.amount
                else:
                    amount += sign * part(fact.amount, f.qty, fact.qty)
        if not stands(fact) or (qty <= 0 and fact.kind != VALUE):
            extras = [extra for extra in extras if extra[1] == 1]
            if extras:
                net.append(fact._replace(kind=NEVER_HAPPENED, qty=0, amount=None, extras=tuple(extras)))
        else:
            net.append(fact._replace(qty=qty, amount=amount, extras=tuple(extras)))
    return net


def by_supply(events: list[list[Move]]) -> list[list[Move]]:
    """Sources before what they feed; a ring opened at its smallest key. By the definition, in cubic time."""
    if len(events) <= 1:
        return events
    keys = [min(leg.key for leg in event) for event in events]
    takes = [{(leg.item, leg.source_node) for leg in event if costed(leg.source_type)} for event in events]
    gives = [{(leg.item, leg.target_node) for leg in event if costed(leg.target_type)} for event in events]
    count = range(len(events))
    feeds = [[a != b and bool(gives[a] & takes[b]) for b in count] for a in count]
    for k in count:
        for a in count:
            for b in count:
                feeds[a][b] = feeds[a][b] or (feeds[a][k] and feeds[k][b])
    ring = [frozenset(b for b in count if b == a or (feeds[a][b] and feeds[b][a])) for a in count]

    def rank(each):
        before = {ring[b] for b in count if b not in each and any(feeds[b][a] for a in each)}
        return max((rank(other) + 1 for other in before), default=0)

    result = []
    for each in sorted(set(ring), key=lambda r: (rank(r), min(keys[a] for a in r))):
        members = sorted(each, key=lambda a: keys[a])
        result.append(events[members[0]])
        result += by_supply([events[a] for a in members[1:]])
    return result


def in_order(facts: list[Move]) -> list[list[Move]]:
    """The events of the net facts, each a list of legs."""
    groups = defaultdict(list)
    for fact in sorted(net_facts(facts), key=lambda f: f.key):
        groups[fact.at, fact.phase].append(fact)
    ordered = []
    for (_, phase), group in sorted(groups.items()):
        if phase != 30:
            ordered += [[fact] for fact in group]
            continue
        events = defaultdict(list)
        for fact in group:
            if fact.kind == NEVER_HAPPENED:
                ordered.append([fact])
            else:
                events[fact.event_id].append(fact)
        ordered += by_supply(list(events.values()))
    return ordered


# --- one pool --------------------------------------------------------------------------------------------------


class Pool:
    """One item in one scope. layers: [qty, value, move, lot]; shorts: [qty, value, move, role, lot]."""

    def __init__(self):
        self.layers, self.shorts = [], []
        self.last = None
        self.period = None

    def net(self):
        return (
            sum(layer[0] for layer in self.layers) - sum(short[0] for short in self.shorts),
            sum(layer[1] for layer in self.layers) - sum(short[1] for short in self.shorts),
        )


class Period:
    def __init__(self, pool, last_day):
        qty, value = pool.net()
        self.last_day = last_day
        self.came = [max(qty, 0), value if qty >= 0 else 0]
        self.left = defaultdict(lambda: [0, 0])
        if qty < 0:
            self.left[33] = [-qty, -value]
        self.fed = []
        self.moves = set()


class Oracle:
    def __init__(self, facts, policies):
        self.rows = defaultdict(int)
        self.pools = {}
        self.policies = policies
        self.now = {item: each[0] for item, each in policies.items()}
        self.left = {}
        todo = [(event[0].at, 1, number, event) for number, event in enumerate(in_order(facts))]
        for item, each in sorted(policies.items()):
            todo += [(policy.at, 0, number, (item, policy)) for number, policy in enumerate(each) if number]
        for _, is_event, _, what in sorted(
            todo, key=lambda each: (*each[:3], each[3][0] if not each[1] else 0)
        ):
            day = what[0].day if is_event else what[1].day
            while self.ends() and min(self.ends()) < day:
                self.settle(min(self.ends()))
            if is_event:
                self.event(what)
            else:
                self.change(*what)
        while self.ends():
            self.settle(min(self.ends()))
        self.rows = {key: amount for key, amount in self.rows.items() if amount}

    # rows and pools

    def row(self, move_id, cause_id, role, scope, item, lot, day, amount):
        self.rows[move_id, cause_id, role, scope, item, lot, day] += amount

    def own(self, move, role, scope, amount):
        lot = move.lot if self.now[move.item].method == SPECIFIC and scope is not None else 0
        self.row(move.move_id, move.move_id, role, scope or 0, move.item, lot, move.day, amount)

    def pool(self, scope, item):
        return self.pools.setdefault((scope, item), Pool())

    def unit_cost(self, pool, item):
        """As a fraction (value, quantity)."""
        return pool.last or self.now[item].standard or (0, 1)

    def at_cost(self, pool, item, qty):
        value, one = self.unit_cost(pool, item)
        return part(value, qty, one)

    def ensure_period(self, pool, item, day):
        if self.now[item].method == PERIODIC and pool.period is None:
            pool.period = Period(pool, self.now[item].calendar.last_day(day))

    # take and put

    def take(self, move, scope, true_up, own):
        pool, method = self.pool(scope, move.item), self.now[move.item].method
        self.ensure_period(pool, move.item, move.day)
        if method == PERIODIC:
            cost = self.at_cost(pool, move.item, move.qty)
            self.set_signed(pool, pool.net()[0] - move.qty, pool.net()[1] - cost)
            pool.period.left[true_up][0] += move.qty
            pool.period.left[true_up][1] += cost
            pool.period.moves.add(move.move_id)
            return cost
        if method == STANDARD:
            qty, value = pool.net()
            left = self.at_cost(pool, move.item, qty - move.qty)
            self.set_signed(pool, qty - move.qty, left)
            return value - left
        wanted, cost = move.qty, 0
        for layer in self.to_take(pool, method, move.lot, own):
            k = min(wanted, layer[0])
            if k:
                value = layer[1] if k == layer[0] else part(layer[1], k, layer[0])
                layer[0] -= k
                layer[1] -= value
                wanted -= k
                cost += value
        pool.layers = [layer for layer in pool.layers if layer[0]]
        if wanted:
            provisional = self.at_cost(pool, move.item, wanted)
            lot = move.lot if method == SPECIFIC else 0
            pool.shorts.append([wanted, provisional, move.move_id, true_up, lot])
            cost += provisional
        return cost

    def to_take(self, pool, method, lot, own):
        layers = list(pool.layers)
        if method == LIFO:
            layers.reverse()
        if method == SPECIFIC:
            layers = [x for x in layers if x[3] == lot] + [x for x in layers if x[3] == 0 and lot != 0]
        if own and method != AVERAGE:
            mine = [layer for layer in layers if layer[2] == own and (method != SPECIFIC or layer[3] == lot)]
            layers = mine[:1] + [layer for layer in layers if layer is not (mine or [None])[0]]
        return layers

    def set_signed(self, pool, qty, value):
        """Standard and periodic pools are one figure, also below zero."""
        pool.layers = [[qty, value, 0, 0]] if (qty or value) else []
        pool.shorts = []

    def put(self, move, scope, value, variance):
        pool, method = self.pool(scope, move.item), self.now[move.item].method
        self.ensure_period(pool, move.item, move.day)
        standard = self.now[move.item].standard
        if method in (PERIODIC, STANDARD):
            if pool.last is None:
                pool.last = standard if method == STANDARD and standard else (value, move.qty)
            qty, before = pool.net()
            after = before + value if method == PERIODIC else self.at_cost(pool, move.item, qty + move.qty)
            self.set_signed(pool, qty + move.qty, after)
            if method == PERIODIC:
                pool.period.came[0] += move.qty
                pool.period.came[1] += value
            self.own(move, variance, scope, before + value - after)
            return
        pool.last = (value, move.qty)
        qty = move.qty
        lot = move.lot if method == SPECIFIC else 0
        for short in [x for x in pool.shorts if x[4] == 0] + [x for x in pool.shorts if x[4] == lot and lot]:
            k = min(short[0], qty)
            if k:
                cost = value if k == qty else part(value, k, qty)
                provisional = short[1] if k == short[0] else part(short[1], k, short[0])
                short[0] -= k
                short[1] -= provisional
                qty -= k
                value -= cost
                self.true_up(move, scope, short, cost - provisional)
        pool.shorts = [short for short in pool.shorts if short[0]]
        if qty:
            pool.layers.append([qty, value, move.move_id, lot])
        if method == AVERAGE:
            self.average(pool)

    def average(self, pool):
        qty, value = sum(x[0] for x in pool.layers), sum(x[1] for x in pool.layers)
        pool.layers = [[qty, value, 0, 0]] if qty else []
        if qty:
            pool.last = (value, qty)

    def true_up(self, cause, scope, short, amount):
        _, _, move_id, role, lot = short
        self.row(move_id or cause.move_id, cause.move_id, role, scope, cause.item, lot, cause.day, amount)
        if move_id in self.left and role != 33:
            self.left[move_id]["cost"] += amount

    # policies

    def change(self, item, policy):
        before = self.now[item]
        ends = before.method == PERIODIC and (policy.method != PERIODIC or policy.calendar != before.calendar)
        mine = [(key, pool) for key, pool in self.pools.items() if key[1] == item]
        if ends:
            self.settle_pools([(key, pool) for key, pool in mine if pool.period], policy.day)
        for key, pool in mine:
            value = pool.net()[1]
            self.convert(pool, before, policy)
            if policy.method == STANDARD:
                qty = pool.net()[0]
                value_of_one, one = policy.standard or pool.last or (0, 1)
                self.set_signed(pool, qty, part(value_of_one, qty, one))
            role = 42 if before.method == policy.method == STANDARD else 43
            self.row(0, -policy.day, role, key[0], item, 0, policy.day, pool.net()[1] - value)
        self.now[item] = policy
        for _, pool in mine:
            self.ensure_period(pool, item, policy.day)

    def convert(self, pool, before, policy):
        old, new = before.method, policy.method
        if old == new != STANDARD:
            return
        qty, value = pool.net()
        if old == SPECIFIC and any(x[3] for x in pool.layers) | any(x[4] for x in pool.shorts):
            self.set_nobodys(pool, qty, value)
        if old == STANDARD and before.standard:
            pool.last = before.standard
        if new in (STANDARD, PERIODIC):
            qty, value = pool.net()
            self.set_signed(pool, qty, value)
            if qty > 0:
                pool.last = (value, qty)
            if new == STANDARD and policy.standard:
                pool.last = policy.standard
        elif old in (STANDARD, PERIODIC):
            self.set_nobodys(pool, *pool.net())
            if new == AVERAGE:
                self.average(pool)
        elif new == AVERAGE:
            self.average(pool)

    def set_nobodys(self, pool, qty, value):
        pool.layers = [[qty, value, 0, 0]] if qty > 0 else []
        pool.shorts = [[-qty, -value, 0, 33, 0]] if qty < 0 else []

    # periods

    def ends(self):
        return {pool.period.last_day for pool in self.pools.values() if pool.period}

    def settle(self, last_day):
        self.settle_pools(
            [(k, p) for k, p in self.pools.items() if p.period and p.period.last_day == last_day], last_day
        )

    def settle_pools(self, mine, day):
        pools = dict(mine)
        feeds = defaultdict(set)
        for key, pool in mine:
            for outputs, _, _ in pool.period.fed:
                feeds[key[1]] |= {
                    out[1] for out, then in outputs if out in pools and pools[out].period is then
                }
        items = {key[1] for key, _ in mine}
        reach = {item: set(feeds[item]) for item in items}
        for _ in items:
            for item in items:
                for other in list(reach[item]):
                    reach[item] |= reach.get(other, set())
        done = set()
        while len(done) < len(items):
            for item in sorted(items - done):
                if all(
                    (item in reach[other] and other in reach[item]) or other in done or item == other
                    for other in items
                    if item in reach[other]
                ):
                    ring = {
                        other
                        for other in items
                        if item == other or (item in reach[other] and other in reach[item])
                    }
                    for other in sorted(ring):
                        for key, pool in mine:
                            if key[1] == other:
                                self.settle_one(key, pool, pools, ring, day)
                    done |= ring
                    break
        for _, pool in mine:
            pool.period = None

    def settle_one(self, key, pool, pools, ring, day):
        period = pool.period
        qty, value = pool.net()
        if period.came[0] == 0:
            self.row(0, -day, 44, *key, 0, day, period.came[1])
            self.set_signed(pool, qty, value - period.came[1])
            return
        average = (period.came[1], period.came[0])
        gone = said = 0
        for role in sorted(period.left):
            left, interim = period.left[role]
            gone += left
            amount = part(average[0], gone, average[1]) - said - interim
            said += amount + interim
            value -= amount
            self.row(0, -day, role, *key, 0, day, amount)
            if role == 22 and amount:
                rest = amount
                fed = period.fed
                if sum(k for _, _, k in fed):
                    for (outputs, weights, _), share in zip(
                        fed, share_out(amount, [k for _, _, k in fed]), strict=True
                    ):
                        rest -= 0 if outputs else share
                        pieces = share_out(share, weights) if outputs else []
                        for (out, then), piece in zip(outputs, pieces, strict=True):
                            if out in pools and pools[out].period is then and out[1] not in ring:
                                pools[out].period.came[1] += piece
                                out_qty, out_value = pools[out].net()
                                self.set_signed(pools[out], out_qty, out_value + piece)
                                self.row(0, -day, 10, *out, 0, day, piece)
                                rest -= piece
                self.row(0, -day, 51, *key, 0, day, rest)
        self.set_signed(pool, qty, value)
        pool.last = average

    # events

    def event(self, legs):
        move = legs[0]
        if move.kind == NEVER_HAPPENED:
            scope = move.target_scope if costed(move.target_type) else move.source_scope
            self.row(
                move.move_id, move.move_id, 56, scope, move.item, 0, move.day, sum(x[2] for x in move.extras)
            )
        elif move.kind == VALUE:
            self.value(move)
        elif move.phase == 30 or (costed(move.source_type) and costed(move.target_type)):
            self.internal(legs)
        elif costed(move.target_type):
            self.goods_in(move)
        elif costed(move.source_type):
            self.goods_out(move)
        else:
            self.past(move)

    def extras(self, move):
        return sum(x[2] for x in move.extras if x[1] == 1), sum(x[2] for x in move.extras if x[1] == 2)

    def keep(self, move, cost, price):
        self.left[move.move_id] = {"whole": move.qty, "qty": move.qty, "cost": cost, "price": price}

    def recall(self, move, which, otherwise):
        """What a return brings back of the cost or price of its original."""
        original = self.left.get(move.of)
        left = max(original["qty"], 0) if original else 0
        if move.amount is not None:
            return move.amount
        if not left or original[which] is None:
            return otherwise(move.qty)
        if move.qty >= left:
            return original[which] + otherwise(move.qty - left)
        return part(original[which], move.qty, left)

    def goods_in(self, move):
        pool, place = self.pool(move.target_scope, move.item), move.source_type

        def at_last(qty):
            return self.at_cost(pool, move.item, qty)

        landed, correction = self.extras(move)
        original = self.left.get(move.of)
        if move.kind == RETURN:
            cost = self.recall(move, "cost", at_last)
            self.own(move, BACK_ROLE[place], move.target_scope, cost)
            price = None
            if original:
                original["cost"] -= cost
            if place == SUPPLIER:
                price = self.recall(move, "price", lambda qty: part(cost, qty, move.qty)) + correction
                if original and original["price"] is not None:
                    original["price"] -= price
                role = 53 if self.now[move.item].method == STANDARD else 52
                self.own(move, role, move.target_scope, cost + correction - price)
            if original:
                original["qty"] -= move.qty
            variance = 41
        else:
            cost = at_last(move.qty) if move.amount is None else move.amount
            self.own(move, IN_ROLE[place], move.target_scope, cost)
            price = cost + correction if place == SUPPLIER else None
            variance = 40 if place == SUPPLIER else 41
        self.keep(move, 0, price)
        self.own(move, 3, move.target_scope, landed)
        self.own(move, 2, move.target_scope, correction)
        self.put(move, move.target_scope, cost + landed + correction, variance)
        if move.kind == RETURN and pool.period and move.of in pool.period.moves:
            pool.period.came[0] -= move.qty
            pool.period.came[1] -= cost
            pool.period.left[TRUE_UP[place]][0] -= move.qty
            pool.period.left[TRUE_UP[place]][1] -= cost

    def goods_out(self, move):
        place = move.target_type
        cost = self.take(move, move.source_scope, TRUE_UP[place], move.of)
        self.own(move, OUT_ROLE[place], move.source_scope, cost)
        landed, correction = self.extras(move)
        original = self.left.get(move.of)
        price = None
        if place == SUPPLIER:
            price = self.recall(move, "price", lambda qty: part(cost, qty, move.qty)) + correction
            if original and original["price"] is not None:
                original["price"] -= price
            role = 53 if self.now[move.item].method == STANDARD else 52
            self.own(move, role, move.source_scope, price - cost)
        else:
            landed += correction
        if original and place == SUPPLIER:
            original["qty"] -= move.qty
        self.own(move, 56, move.source_scope, landed)
        self.keep(move, cost, price)

    def past(self, move):
        standard = self.now[move.item].standard
        landed, correction = self.extras(move)

        def at_standard(qty):
            return part(standard[0], qty, standard[1]) if standard else 0

        if (move.source_type, move.target_type) == (SUPPLIER, CUSTOMER):
            price = (at_standard(move.qty) if move.amount is None else move.amount) + correction
            self.keep(move, price + landed, price)
        elif (move.source_type, move.target_type) == (CUSTOMER, SUPPLIER):
            whole = at_standard(move.qty) if move.amount is None else move.amount
            original = self.left.get(move.of)
            price = correction - self.recall(move, "price", lambda qty: part(whole, qty, move.qty))
            if original:
                original["qty"] -= move.qty
                original["cost"] += price + landed
                if original["price"] is not None:
                    original["price"] += price
        else:
            self.own(move, 56, None, landed + correction)
            return
        self.own(move, 54, None, price)
        self.own(move, 55, None, landed)

    def value(self, move):
        scope = move.target_scope
        pool, method = self.pool(scope, move.item), self.now[move.item].method
        self.ensure_period(pool, move.item, move.day)
        amount = (move.amount or 0) + sum(x[2] for x in move.extras)
        self.own(move, 13 if move.source_type == ADJUSTMENT else 12, scope, amount)
        absorbed = 0
        if not move.of or self.left.get(move.of, {"whole": 0})["whole"] > 0:
            whole = self.left[move.of]["whole"] if move.of else 0
            absorbed = self.absorb(pool, method, move.lot, amount, move.of, whole)
        self.own(move, 44, scope, amount - absorbed)

    def absorb(self, pool, method, lot, amount, own, whole):
        if method == STANDARD:
            return 0
        if method == PERIODIC:
            pool.period.came[1] += amount
            self.set_signed(pool, pool.net()[0], pool.net()[1] + amount)
            return amount
        layers = pool.layers
        if method == SPECIFIC:
            layers = [layer for layer in layers if layer[3] == lot]
        if own and method != AVERAGE:
            layers = [layer for layer in layers if layer[2] == own]
        left = sum(layer[0] for layer in layers)
        if not left:
            return 0
        absorbed = amount if not own or left >= whole else part(amount, left, whole)
        rest = absorbed
        for layer in layers:
            piece = rest if layer[0] == left else part(rest, layer[0], left)
            layer[1] += piece
            rest -= piece
            left -= layer[0]
        if method == AVERAGE:
            self.average(pool)
        return absorbed

    def internal(self, legs):
        costs = {}
        eaten = [leg for leg in legs if leg.target_type == PRODUCTION]
        made = [leg for leg in legs if leg.source_type == PRODUCTION]
        for leg in legs:
            same = costed(leg.target_type) and leg.source_scope == leg.target_scope
            if costed(leg.source_type) and not same:
                periodic = self.now[leg.item].method == PERIODIC
                true_up = 22 if leg.target_type == PRODUCTION and periodic else 33
                costs[leg.move_id] = self.take(leg, leg.source_scope, true_up, leg.of)
                role = 22 if leg.target_type == PRODUCTION else 23
                self.own(leg, role, leg.source_scope, costs[leg.move_id])
                if leg.target_type == PRODUCTION:
                    self.own(leg, 56, leg.source_scope, sum(x[2] for x in leg.extras))
                    self.keep(leg, costs[leg.move_id], None)
        weights = [leg.qty if leg.weight is None else leg.weight for leg in made]
        if not sum(weights):
            weights = [leg.qty for leg in made]
        shares = share_out(sum(costs[leg.move_id] for leg in eaten), weights) if made else []
        for leg in legs:
            landed, correction = self.extras(leg)
            scope = leg.target_scope
            if leg in made:
                share = shares[made.index(leg)]
                pool = self.pool(scope, leg.item)
                if not eaten:
                    share = self.at_cost(pool, leg.item, leg.qty) if leg.amount is None else 0
                value = share + (leg.amount or 0)
                self.own(leg, 50, scope, leg.amount or 0)
                self.own(leg, 10, scope, value)
            elif costed(leg.target_type):
                landed += leg.amount or 0
                value = costs.get(leg.move_id, 0)
                if leg.move_id in costs:
                    self.own(leg, 11, scope, value)
            else:
                continue
            self.own(leg, 3, scope, landed)
            self.own(leg, 2, scope, correction)
            value += landed + correction
            if leg in made or leg.move_id in costs:
                self.keep(leg, 0, None)
                self.put(leg, scope, value, 41)
            elif landed or correction:
                pool = self.pool(scope, leg.item)
                self.ensure_period(pool, leg.item, leg.day)
                absorbed = self.absorb(pool, self.now[leg.item].method, leg.lot, value, 0, 0)
                self.own(leg, 44, scope, value - absorbed)
        outputs = [(leg.target_scope, leg.item) for leg in made]
        open_then = [(out, self.pool(*out).period) for out in outputs]
        for leg in eaten:
            pool = self.pool(leg.source_scope, leg.item)
            if pool.period:
                pool.period.fed.append((open_then, weights, leg.qty))


def should(facts, policies):
    """{(move, cause, role, scope, item, lot, day): amount} and {(scope, item): (qty, value)}."""
    oracle = Oracle(list(facts), policies)
    return oracle.rows, {key: pool.net() for key, pool in oracle.pools.items()}
