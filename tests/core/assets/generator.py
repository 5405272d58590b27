"""Random histories of assets: few days (ties everywhere), assets made of each other, corrections of everything."""

import random
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from wherewithal.core.assets.facts import (
    Acquisition,
    BackToUse,
    ClassTransfer,
    ConstructionCost,
    CostAddition,
    Decommissioning,
    DecommissioningChange,
    DecommissioningSettlement,
    Disposal,
    DisposalKind,
    ErrorCorrection,
    EstimateChange,
    Fact,
    Grant,
    GrantRepayment,
    GrantTreatment,
    HeldForSale,
    HeldMeasurement,
    Idle,
    Impairment,
    ImpairmentReversal,
    InService,
    IntercompanyIn,
    IntercompanyOut,
    MeterReading,
    Opening,
    PartialDisposal,
    PartIn,
    PartOut,
    Reinstatement,
    Resume,
    Revaluation,
    RevaluationMethod,
    Reversal,
    Source,
    SurplusPolicy,
    TermsCatchUp,
)
from wherewithal.core.assets.terms import Allowance, BookTerms
from wherewithal.core.depreciation.terms import Base, Convention, Method, Rounded, Rounding, Terms

FIRST, LAST = date(2023, 1, 1), date(2024, 6, 30)
DAYS = [
    date(2023, 1, 1), date(2023, 1, 16), date(2023, 1, 31), date(2023, 2, 28), date(2023, 3, 1), date(2023, 4, 12),
    date(2023, 6, 30), date(2023, 7, 1), date(2023, 9, 10), date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29),
]  # fmt: skip
CONVENTIONS = (Convention.FULL_MONTH, Convention.DAILY_MONTH, Convention.FOLLOWING_MONTH)


@dataclass
class Story:
    """facts: (asset, fact) in an order in which they can be entered. classes: of each asset at first."""

    seed: int
    classes: dict[int, int]
    facts: list[tuple[int, Fact]]

    def history(self, facts: list[tuple[int, Fact]]) -> dict[int, tuple[int, list[Fact]]]:
        return {
            asset: (klass, [fact for owner, fact in facts if owner == asset])
            for asset, klass in self.classes.items()
        }


class Teller:
    """Tells one story. Each `tell_*` makes a fact of its kind, or nothing if none would make sense."""

    def __init__(self, seed: int, *, every_method: bool = False) -> None:
        self.every_method = every_method
        self.random = random.Random(seed)
        self.story = Story(seed, dict.fromkeys(range(1, self.random.choice((1, 1, 2, 3)) + 1), 7), [])
        self.event_id = 0

    def tell(self) -> Story:
        pick = self.random
        for asset in self.story.classes:
            if asset == 1 or pick.random() < 0.6:
                self.begin(asset)
        kinds = [name for name in dir(self) if name.startswith("tell_")]
        for _ in range(pick.randint(1, 11)):
            getattr(self, pick.choice(kinds))(pick.choice(list(self.story.classes)))
        return self.story

    def add(self, kind: type[Fact], asset: int, on: date | None = None, **fields: object) -> Fact:
        self.event_id += 1
        on = on or self.random.choice(DAYS)
        key = self.random.randbytes(16)
        fact = kind(event_id=self.event_id, key=key, effective_on=on, **fields)
        self.story.facts.append((asset, fact))
        return fact

    def amount(self, most: int = 100_000) -> int:
        return self.random.choice((0, 1, 7, 100, self.random.randint(1, most), self.random.randint(1, most)))

    def day(self, early: bool = False) -> date:
        return self.random.choice(DAYS[:5] if early else DAYS)

    def source(self) -> Source:
        return self.random.choice(list(Source))

    def terms(self) -> BookTerms | None:
        pick = self.random
        if pick.random() < 0.06:
            return None
        if self.every_method:
            how = self.any_method()
        elif pick.random() < 0.12:
            how = Terms(Method.UNITS, total_units=Fraction(pick.randint(20, 200)))
        else:
            how = Terms(
                Method.STRAIGHT_LINE,
                life_months=Fraction(pick.choice((1, 3, 7, 12, 36, 60))),
                convention=pick.choice(CONVENTIONS),
                suspends_while_idle=pick.random() < 0.6,
            )
        allowances = (Allowance("bonus", self.amount(50_000)),) if pick.random() < 0.15 else ()
        return BookTerms(how, pick.choice((0, 0, 0, self.amount(30_000))), allowances)

    def any_method(self) -> Terms:
        """Methods, conventions, steps and roundings that the second opinion does not know."""
        pick = self.random
        life = Fraction(pick.choice((12, 24, 36, 60)))
        common = {
            "convention": pick.choice([each for each in Convention if each is not Convention.DAILY_LIFE]),
            "suspends_while_idle": pick.random() < 0.3,
            "rounding": Rounding(what=pick.choice(list(Rounded))),
        }
        return pick.choice(
            (
                Terms(
                    Method.DECLINING,
                    life_months=life,
                    factor=Fraction(2),
                    switches_to_straight_line=True,
                    **common,
                ),
                Terms(Method.DECLINING, rate=Fraction(3, 10), **common),
                Terms(Method.SUM_OF_DIGITS, life_months=life, **common),
                Terms(Method.ANNUITY, life_months=life, rate=Fraction(1, 10), **common),
                Terms(Method.TABLE, table=tuple(Fraction(n, 100) for n in (20, 32, 24, 24)), **common),
                Terms(Method.STRAIGHT_LINE, rate=Fraction(1, 4), base=Base.COST, **common),
            )
        )

    def sure_terms(self) -> BookTerms:
        return self.terms() or BookTerms(Terms(Method.STRAIGHT_LINE, life_months=Fraction(9)))

    def find(self, asset: int, *kinds: type[Fact]) -> Fact | None:
        there = [fact for owner, fact in self.story.facts if owner == asset and isinstance(fact, kinds)]
        return self.random.choice(there) if there else None

    # --- beginnings

    def begin(self, asset: int) -> None:
        way = self.random.random()
        if way < 0.15:
            kind = self.random.choice((Opening, IntercompanyIn))
            starts = self.random.choice((None, date(2022, 5, 3), date(2022, 11, 1)))
            self.add(
                kind, asset, self.day(True), cost=self.amount(), accumulated=self.amount(5_000),
                impairment=self.amount(900), surplus=self.amount(500), construction=self.amount(9),
                in_service_on=starts, terms=self.terms() if starts else None, quantity=3,
                depreciated_through=self.random.choice((None, date(2022, 12, 31))),
            )  # fmt: skip
            return
        if way < 0.3:
            self.add(ConstructionCost, asset, self.day(True), amount=self.amount(), source=self.source())
        else:
            cost = self.random.randint(1_000, 200_000)
            self.add(Acquisition, asset, self.day(True), cost=cost, source=self.source(), quantity=4)
        self.add(InService, asset, self.day(True), terms=self.terms())

    def tell_in_service(self, asset: int) -> None:
        self.add(InService, asset, terms=self.terms())

    def tell_addition(self, asset: int) -> None:
        self.add(
            CostAddition,
            asset,
            amount=self.amount(9_000) * self.random.choice((1, 1, -1)),
            source=self.source(),
        )

    def tell_construction(self, asset: int) -> None:
        self.add(ConstructionCost, asset, amount=self.amount(9_000), source=self.source())

    # --- life

    def tell_estimate(self, asset: int) -> None:
        self.add(EstimateChange, asset, terms=self.sure_terms(), remaining_life=self.random.random() < 0.6)

    def tell_catch_up(self, asset: int) -> None:
        terms = self.sure_terms()
        self.add(TermsCatchUp, asset, terms=terms, takes_back=terms.residual % 2 == 0)

    def tell_idle(self, asset: int) -> None:
        self.add(Idle, asset)
        if self.random.random() < 0.7:
            self.add(Resume, asset)

    def tell_reading(self, asset: int) -> None:
        for _ in range(2):
            self.add(MeterReading, asset, reading=Fraction(self.random.randint(0, 150)))

    def tell_class(self, asset: int) -> None:
        terms = self.terms() if self.random.random() < 0.3 else None
        self.add(ClassTransfer, asset, class_id=self.random.choice((7, 8, 9)), terms=terms)

    # --- value

    def tell_revaluation(self, asset: int) -> None:
        self.add(
            Revaluation, asset, value=self.amount(250_000), method=self.random.choice(list(RevaluationMethod)),
            surplus_policy=self.random.choice(list(SurplusPolicy)),
        )  # fmt: skip

    def tell_impairment(self, asset: int) -> None:
        if self.random.random() < 0.7:
            self.add(Impairment, asset, recoverable=self.amount())
        else:
            self.add(Impairment, asset, loss=self.amount())
        if self.random.random() < 0.6:
            self.add(ImpairmentReversal, asset, recoverable=self.amount(250_000))
        elif self.random.random() < 0.3:
            self.add(ImpairmentReversal, asset, gain=self.amount())

    def tell_held(self, asset: int) -> None:
        self.add(HeldForSale, asset, fair_value_less_costs=self.amount(150_000))
        if self.random.random() < 0.4:
            self.add(HeldMeasurement, asset, fair_value_less_costs=self.amount(150_000))
        if self.random.random() < 0.5:
            self.add(BackToUse, asset, recoverable=self.random.choice((None, self.amount())))

    # --- obligations, grants

    def flows(self) -> tuple[tuple[date, int], ...]:
        days = [date(2023, 10, 31), date(2024, 3, 15), date(2027, 1, 1)]
        return tuple(
            (day, self.amount(20_000)) for day in self.random.sample(days, self.random.choice((1, 1, 2)))
        )

    def tell_obligation(self, asset: int) -> None:
        rate = Fraction(self.random.choice((0, 5, 12)), 100)
        self.add(Decommissioning, asset, flows=self.flows(), rate=rate)
        if self.random.random() < 0.4:
            self.add(DecommissioningChange, asset, flows=self.flows(), rate=rate)
        if self.random.random() < 0.4:
            final = self.random.random() < 0.5
            self.add(DecommissioningSettlement, asset, paid=self.amount(15_000), final=final)

    def tell_grant(self, asset: int) -> None:
        treatment = self.random.choice(list(GrantTreatment))
        self.add(Grant, asset, amount=self.amount(20_000), treatment=treatment)
        if self.random.random() < 0.3:
            self.add(GrantRepayment, asset, amount=self.amount(20_000), treatment=treatment)

    # --- parts and the end

    def tell_part(self, asset: int) -> None:
        pick = self.random
        weights = pick.choice(((1, 1), (0, 1), (2, 1, 1), (1, 0, 3), (0, 1, 2)))
        way = pick.random()
        if way < 0.2:
            out = self.add(PartOut, asset, amounts=(self.amount(), self.amount()))
        else:
            out = self.add(PartOut, asset, weights=weights, construction_only=way < 0.35)
        for part in (1, 2):
            to = pick.choice(list(self.story.classes))
            if pick.random() < 0.9:
                self.add(
                    PartIn, to, out.effective_on, of=out.event_id, part=part, capitalise=pick.random() < 0.3
                )

    def money(self) -> dict[str, object]:
        how = self.random.choice(list(DisposalKind))
        return {"how": how, "proceeds": self.amount(), "costs": self.amount(900)}

    def tell_partial(self, asset: int) -> None:
        pick = self.random
        what = pick.choice(
            (
                {"share": Fraction(pick.randint(0, 4), pick.randint(3, 7))},
                {"quantity": pick.randint(1, 5)},
                {"amount": self.amount()},
                {"amount": self.amount(), "accumulated": self.amount(30_000)},
            )
        )
        self.add(PartialDisposal, asset, **what, **self.money())

    def tell_disposal(self, asset: int) -> None:
        if self.random.random() < 0.2:
            self.add(IntercompanyOut, asset)
        else:
            self.add(Disposal, asset, **self.money())

    def tell_reinstatement(self, asset: int) -> None:
        gone = self.find(asset, Disposal, PartialDisposal)
        if gone is not None:
            keeps = self.random.random() < 0.3
            self.add(Reinstatement, asset, of=gone.event_id, keeps_proceeds=keeps)

    # --- corrections

    def tell_reversal(self, asset: int) -> None:
        wrong = self.find(asset, Fact)
        if wrong is not None:
            self.add(Reversal, asset, of=wrong.event_id)

    tell_reversal_too = tell_reversal

    def tell_correction(self, asset: int) -> None:
        wrong = self.find(asset, InService, EstimateChange, Opening, IntercompanyIn, ClassTransfer)
        claimed = {fact.of for _, fact in self.story.facts if isinstance(fact, ErrorCorrection)}
        while wrong is not None and wrong.event_id in claimed:
            wrong = next(
                f for _, f in self.story.facts if isinstance(f, ErrorCorrection) and f.of == wrong.event_id
            )
        if wrong is not None:
            pick = self.random
            self.add(
                ErrorCorrection, asset, of=wrong.event_id, terms=self.terms(),
                in_service_on=pick.choice((None, None, date(2023, 2, 1), date(2022, 8, 9))),
                restated_before=pick.choice((None, date(2023, 7, 1), date(2024, 1, 1))),
            )  # fmt: skip


def generate(seed: int, *, every_method: bool = False) -> Story:
    return Teller(seed, every_method=every_method).tell()
