"""The posting rules of fixed assets: part of the one list in `posting`, which is where to read them from.

Every role has the accounts of the class the asset belongs to on the day of the row. ASSET_DISPOSAL,
ASSET_TRANSFER_CLEARING and (between the books of two companies) INTERCOMPANY_CLEARING come to nothing by event.
"""

from wherewithal.core.roles import AccountRole, PostingRule, Role
from wherewithal.core.words import say

_A = AccountRole

ASSET_RULES: dict[Role, PostingRule] = {
    Role.ASSET_ACQUIRED: PostingRule(
        _A.ASSET_COST,
        _A.ASSET_CLEARING,
        0,
        say("An asset was acquired at cost; the bill is settled against the clearing account."),
    ),
    Role.ASSET_FROM_STOCK: PostingRule(
        _A.ASSET_COST,
        _A.ASSET_STOCK_CLEARING,
        0,
        say("Goods from stock became an asset, or part of its cost, at the cost they left stock with."),
    ),
    Role.ASSET_EXCHANGED: PostingRule(
        _A.ASSET_COST,
        _A.DISPOSAL_PROCEEDS,
        0,
        say("The part of the cost of an asset that was paid by trading in another one."),
    ),
    Role.ASSET_OPENING_COST: PostingRule(
        _A.ASSET_COST,
        _A.OPENING_EQUITY,
        0,
        say("Cost of an asset that was there when the books were opened."),
    ),
    Role.ASSET_OPENING_ACCUMULATED: PostingRule(
        _A.OPENING_EQUITY, _A.ACCUMULATED_DEPRECIATION, 0, say("What had been depreciated of it until then.")
    ),
    Role.ASSET_OPENING_IMPAIRMENT: PostingRule(
        _A.OPENING_EQUITY,
        _A.ACCUMULATED_IMPAIRMENT,
        0,
        say("What had been written off it as impaired until then."),
    ),
    Role.ASSET_OPENING_SURPLUS: PostingRule(
        _A.OPENING_EQUITY, _A.REVALUATION_SURPLUS, 0, say("Its revaluation surplus until then.")
    ),
    Role.COST_ADDED: PostingRule(
        _A.ASSET_COST, _A.ASSET_CLEARING, 0, say("Cost was added to an asset after it was acquired.")
    ),
    Role.CONSTRUCTION_COST: PostingRule(
        _A.CONSTRUCTION_IN_PROGRESS, _A.ASSET_CLEARING, 0, say("Cost of an asset under construction.")
    ),
    Role.CONSTRUCTION_FROM_STOCK: PostingRule(
        _A.CONSTRUCTION_IN_PROGRESS,
        _A.ASSET_STOCK_CLEARING,
        0,
        say("Goods from stock were used to build an asset."),
    ),
    Role.CONSTRUCTION_OPENING: PostingRule(
        _A.CONSTRUCTION_IN_PROGRESS,
        _A.OPENING_EQUITY,
        0,
        say("Cost of construction that was under way when the books were opened."),
    ),
    Role.CAPITALISED: PostingRule(
        _A.ASSET_COST,
        _A.CONSTRUCTION_IN_PROGRESS,
        0,
        say("An asset under construction is ready: its cost becomes the cost of the asset."),
    ),
    Role.DEPRECIATION: PostingRule(
        _A.DEPRECIATION_EXPENSE,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say("Depreciation or amortisation due for a period."),
    ),
    Role.FIRST_YEAR_ALLOWANCE: PostingRule(
        _A.DEPRECIATION_EXPENSE,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say(
            "Written off at once when the asset came into service: bonus, section 179, first-year allowance."
        ),
    ),
    Role.DEPRECIATION_CATCH_UP: PostingRule(
        _A.DEPRECIATION_EXPENSE,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say("Depreciation of the time in which an asset was wrongly gone, or not depreciated."),
    ),
    Role.PRIOR_PERIOD_DEPRECIATION: PostingRule(
        _A.RETAINED_EARNINGS,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say("What a corrected error changes in the depreciation of years already reported (IAS 8.42)."),
    ),
    Role.POOL_ALLOWANCE: PostingRule(
        _A.DEPRECIATION_EXPENSE,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say("The share of an asset (or of what left) in the allowance of its pool for a year."),
    ),
    Role.POOL_FIRST_YEAR: PostingRule(
        _A.DEPRECIATION_EXPENSE,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say("Deducted at once of what joined a pool: annual investment allowance, full expensing."),
    ),
    Role.POOL_OUTSIDE: PostingRule(
        _A.RETAINED_EARNINGS,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say(
            "What leaves a pool without being deductible (negative: what is deductible beyond what "
            "leaves it)."
        ),
    ),
    Role.POOL_BALANCING_CHARGE: PostingRule(
        _A.ACCUMULATED_DEPRECIATION,
        _A.DISPOSAL_GAIN,
        0,
        say(
            "More was got for what left a pool than was left in it: balancing charge, recapture, "
            "gain of a block."
        ),
    ),
    Role.POOL_BALANCING_ALLOWANCE: PostingRule(
        _A.DISPOSAL_LOSS,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say("What was left in a pool that has ended: balancing allowance, terminal loss, loss of a block."),
    ),
    Role.REVALUED: PostingRule(
        _A.ASSET_COST,
        _A.REVALUATION_SURPLUS,
        0,
        say("An asset was revalued upwards (negative: downwards against its own surplus)."),
    ),
    Role.REVALUED_THROUGH_PROFIT: PostingRule(
        _A.REVALUATION_LOSS,
        _A.ASSET_COST,
        0,
        say("An asset was revalued below what its surplus covers (negative: such a loss was taken back)."),
    ),
    Role.REVALUED_ACCUMULATED: PostingRule(
        _A.ACCUMULATED_DEPRECIATION,
        _A.ASSET_COST,
        0,
        say(
            "A revaluation eliminated accumulated depreciation against cost (negative: grew both in "
            "proportion)."
        ),
    ),
    Role.REVALUED_IMPAIRMENT: PostingRule(
        _A.ACCUMULATED_IMPAIRMENT,
        _A.ASSET_COST,
        0,
        say("A revaluation eliminated accumulated impairment against cost."),
    ),
    Role.SURPLUS_USED: PostingRule(
        _A.REVALUATION_SURPLUS,
        _A.RETAINED_EARNINGS,
        0,
        say("Revaluation surplus went to retained earnings as the asset was used."),
    ),
    Role.SURPLUS_REALISED: PostingRule(
        _A.REVALUATION_SURPLUS,
        _A.RETAINED_EARNINGS,
        0,
        say("Revaluation surplus went to retained earnings when the asset was disposed of."),
    ),
    Role.IMPAIRED: PostingRule(
        _A.IMPAIRMENT_LOSS,
        _A.ACCUMULATED_IMPAIRMENT,
        0,
        say("An asset was written down to its recoverable amount."),
    ),
    Role.IMPAIRED_AGAINST_SURPLUS: PostingRule(
        _A.REVALUATION_SURPLUS,
        _A.ACCUMULATED_IMPAIRMENT,
        0,
        say("The part of an impairment that its revaluation surplus bears."),
    ),
    Role.IMPAIRMENT_REVERSED: PostingRule(
        _A.ACCUMULATED_IMPAIRMENT,
        _A.IMPAIRMENT_REVERSAL,
        0,
        say("An impairment was reversed, up to the amount there would be without it."),
    ),
    Role.IMPAIRMENT_REVERSED_TO_SURPLUS: PostingRule(
        _A.ACCUMULATED_IMPAIRMENT,
        _A.REVALUATION_SURPLUS,
        0,
        say("The part of a reversal that gives back what the surplus had borne."),
    ),
    Role.TRANSFERRED_COST: PostingRule(
        _A.ASSET_COST,
        _A.ASSET_TRANSFER_CLEARING,
        0,
        say("Cost came from another class or asset (negative: went there)."),
    ),
    Role.TRANSFERRED_ACCUMULATED: PostingRule(
        _A.ASSET_TRANSFER_CLEARING,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say("Accumulated depreciation came with it."),
    ),
    Role.TRANSFERRED_IMPAIRMENT: PostingRule(
        _A.ASSET_TRANSFER_CLEARING, _A.ACCUMULATED_IMPAIRMENT, 0, say("Accumulated impairment came with it.")
    ),
    Role.TRANSFERRED_CONSTRUCTION: PostingRule(
        _A.CONSTRUCTION_IN_PROGRESS,
        _A.ASSET_TRANSFER_CLEARING,
        0,
        say("Cost of construction came from another class or asset (negative: was settled there)."),
    ),
    Role.TRANSFERRED_SURPLUS: PostingRule(
        _A.ASSET_TRANSFER_CLEARING, _A.REVALUATION_SURPLUS, 0, say("Revaluation surplus came with it.")
    ),
    Role.TRANSFERRED_PROVISION: PostingRule(
        _A.ASSET_TRANSFER_CLEARING,
        _A.DECOMMISSIONING_PROVISION,
        0,
        say("A decommissioning provision came with it."),
    ),
    Role.TRANSFERRED_GRANT: PostingRule(
        _A.ASSET_TRANSFER_CLEARING, _A.GRANT_DEFERRED, 0, say("A deferred grant came with it.")
    ),
    Role.TRANSFERRED_HELD: PostingRule(
        _A.ASSET_HELD_FOR_SALE,
        _A.ASSET_TRANSFER_CLEARING,
        0,
        say("An amount held for sale came from another class or asset (negative: went there)."),
    ),
    Role.TRANSFERRED_LIABILITY: PostingRule(
        _A.ASSET_TRANSFER_CLEARING, _A.LEASE_LIABILITY, 0, say("A lease liability came with it.")
    ),
    Role.TRANSFERRED_ACCRUAL: PostingRule(
        _A.ASSET_TRANSFER_CLEARING, _A.LEASE_ACCRUAL, 0, say("Accrued lease cost came with it.")
    ),
    Role.INTERCOMPANY_COST: PostingRule(
        _A.ASSET_COST,
        _A.INTERCOMPANY_CLEARING,
        0,
        say("Cost came with an asset from another company (negative: went there)."),
    ),
    Role.INTERCOMPANY_ACCUMULATED: PostingRule(
        _A.INTERCOMPANY_CLEARING,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say("Accumulated depreciation came with it."),
    ),
    Role.INTERCOMPANY_IMPAIRMENT: PostingRule(
        _A.INTERCOMPANY_CLEARING, _A.ACCUMULATED_IMPAIRMENT, 0, say("Accumulated impairment came with it.")
    ),
    Role.INTERCOMPANY_CONSTRUCTION: PostingRule(
        _A.CONSTRUCTION_IN_PROGRESS,
        _A.INTERCOMPANY_CLEARING,
        0,
        say("Cost of construction came from another company (negative: went there)."),
    ),
    Role.INTERCOMPANY_SURPLUS: PostingRule(
        _A.INTERCOMPANY_CLEARING, _A.REVALUATION_SURPLUS, 0, say("Revaluation surplus came with it.")
    ),
    Role.INTERCOMPANY_PROVISION: PostingRule(
        _A.INTERCOMPANY_CLEARING,
        _A.DECOMMISSIONING_PROVISION,
        0,
        say("A decommissioning provision came with it."),
    ),
    Role.INTERCOMPANY_GRANT: PostingRule(
        _A.INTERCOMPANY_CLEARING, _A.GRANT_DEFERRED, 0, say("A deferred grant came with it.")
    ),
    Role.INTERCOMPANY_HELD: PostingRule(
        _A.ASSET_HELD_FOR_SALE,
        _A.INTERCOMPANY_CLEARING,
        0,
        say("An amount held for sale came from another company (negative: went there)."),
    ),
    Role.INTERCOMPANY_PROCEEDS: PostingRule(
        _A.INTERCOMPANY_CLEARING,
        _A.ASSET_DISPOSAL,
        0,
        say(
            "The price at which an asset went to another company; what is above its carrying amount "
            "is a gain here."
        ),
    ),
    Role.DISPOSED_COST: PostingRule(
        _A.ASSET_DISPOSAL, _A.ASSET_COST, 0, say("Cost of what was disposed of.")
    ),
    Role.DISPOSED_ACCUMULATED: PostingRule(
        _A.ACCUMULATED_DEPRECIATION,
        _A.ASSET_DISPOSAL,
        0,
        say("Accumulated depreciation of what was disposed of."),
    ),
    Role.DISPOSED_IMPAIRMENT: PostingRule(
        _A.ACCUMULATED_IMPAIRMENT,
        _A.ASSET_DISPOSAL,
        0,
        say("Accumulated impairment of what was disposed of."),
    ),
    Role.DISPOSED_CONSTRUCTION: PostingRule(
        _A.ASSET_DISPOSAL, _A.CONSTRUCTION_IN_PROGRESS, 0, say("Cost of construction that was given up.")
    ),
    Role.DISPOSED_HELD: PostingRule(
        _A.ASSET_DISPOSAL,
        _A.ASSET_HELD_FOR_SALE,
        0,
        say("Carrying amount of what was held for sale and is now disposed of."),
    ),
    Role.DISPOSAL_PROCEEDS: PostingRule(
        _A.DISPOSAL_PROCEEDS,
        _A.ASSET_DISPOSAL,
        0,
        say("What the buyer, the insurer or the dealer owes for it."),
    ),
    Role.DISPOSAL_EXPENSE: PostingRule(
        _A.ASSET_DISPOSAL, _A.ASSET_CLEARING, 0, say("Costs of the disposal itself.")
    ),
    Role.DISPOSAL_GAIN: PostingRule(
        _A.ASSET_DISPOSAL, _A.DISPOSAL_GAIN, 0, say("Proceeds above carrying amount and costs.")
    ),
    Role.DISPOSAL_LOSS: PostingRule(
        _A.DISPOSAL_LOSS, _A.ASSET_DISPOSAL, 0, say("Carrying amount and costs above proceeds.")
    ),
    Role.DISPOSED_TO_STOCK: PostingRule(
        _A.ASSET_STOCK_CLEARING,
        _A.ASSET_DISPOSAL,
        0,
        say("An asset went to stock, at the amount stock takes it in at."),
    ),
    Role.HELD_COST: PostingRule(
        _A.ASSET_HELD_FOR_SALE,
        _A.ASSET_COST,
        0,
        say("Cost of an asset that is now held for sale (negative: no longer)."),
    ),
    Role.HELD_ACCUMULATED: PostingRule(
        _A.ACCUMULATED_DEPRECIATION, _A.ASSET_HELD_FOR_SALE, 0, say("Its accumulated depreciation.")
    ),
    Role.HELD_IMPAIRMENT: PostingRule(
        _A.ACCUMULATED_IMPAIRMENT, _A.ASSET_HELD_FOR_SALE, 0, say("Its accumulated impairment.")
    ),
    Role.HELD_LOSS: PostingRule(
        _A.IMPAIRMENT_LOSS, _A.ASSET_HELD_FOR_SALE, 0, say("Written down to fair value less costs to sell.")
    ),
    Role.HELD_GAIN: PostingRule(
        _A.ASSET_HELD_FOR_SALE,
        _A.IMPAIRMENT_REVERSAL,
        0,
        say("Fair value less costs to sell rose again, up to the losses before."),
    ),
    Role.DECOMMISSIONING: PostingRule(
        _A.ASSET_COST,
        _A.DECOMMISSIONING_PROVISION,
        0,
        say("The obligation to dismantle and restore, as part of the cost (negative: it shrank)."),
    ),
    Role.DECOMMISSIONING_UNWOUND: PostingRule(
        _A.FINANCE_COST,
        _A.DECOMMISSIONING_PROVISION,
        0,
        say("The obligation came nearer: unwinding of the discount."),
    ),
    Role.DECOMMISSIONING_EXPENSE: PostingRule(
        _A.DECOMMISSIONING_EXPENSE,
        _A.DECOMMISSIONING_PROVISION,
        0,
        say("A change of the obligation that the asset cannot bear (negative: a gain)."),
    ),
    Role.DECOMMISSIONING_SETTLED: PostingRule(
        _A.DECOMMISSIONING_PROVISION, _A.ASSET_CLEARING, 0, say("The obligation was met, wholly or partly.")
    ),
    Role.DECOMMISSIONING_SURPLUS: PostingRule(
        _A.REVALUATION_SURPLUS,
        _A.DECOMMISSIONING_PROVISION,
        0,
        say("A change of the obligation of a revalued asset, against its surplus (IFRIC 1.6)."),
    ),
    Role.GRANT_RECEIVED: PostingRule(
        _A.GRANT_RECEIVABLE, _A.GRANT_DEFERRED, 0, say("A grant for the asset, to be income over its life.")
    ),
    Role.GRANT_RELEASED: PostingRule(
        _A.GRANT_DEFERRED,
        _A.GRANT_INCOME,
        0,
        say("The part of a grant that belongs to the depreciation of a period."),
    ),
    Role.GRANT_DEDUCTED: PostingRule(
        _A.GRANT_RECEIVABLE,
        _A.ASSET_COST,
        0,
        say("A grant that reduces the cost of the asset (negative: it was repaid)."),
    ),
    Role.GRANT_REPAID: PostingRule(
        _A.GRANT_DEFERRED, _A.GRANT_RECEIVABLE, 0, say("A grant was repaid out of what was still deferred.")
    ),
    Role.GRANT_REPAID_EXPENSE: PostingRule(
        _A.GRANT_INCOME, _A.GRANT_RECEIVABLE, 0, say("A grant was repaid that had been income already.")
    ),
    Role.LEASE_LIABILITY: PostingRule(
        _A.ASSET_COST,
        _A.LEASE_LIABILITY,
        0,
        say("A right of use: the present value of what is still to be paid."),
    ),
    Role.LEASE_PAID_AT_START: PostingRule(
        _A.ASSET_COST, _A.ASSET_CLEARING, 0, say("Paid to the lessor at or before commencement.")
    ),
    Role.LEASE_DIRECT_COSTS: PostingRule(
        _A.ASSET_COST, _A.ASSET_CLEARING, 0, say("Initial direct costs of a lease.")
    ),
    Role.LEASE_INCENTIVE: PostingRule(
        _A.ASSET_CLEARING, _A.ASSET_COST, 0, say("Incentives received from the lessor.")
    ),
    Role.LEASE_RESTORATION: PostingRule(
        _A.ASSET_COST, _A.DECOMMISSIONING_PROVISION, 0, say("The estimate for restoring what is leased.")
    ),
    Role.LEASE_PAYMENT: PostingRule(
        _A.LEASE_LIABILITY, _A.LEASE_PAYMENTS, 0, say("A lease payment fell due.")
    ),
    Role.LEASE_INTEREST: PostingRule(
        _A.LEASE_INTEREST, _A.LEASE_LIABILITY, 0, say("Interest on a lease liability.")
    ),
    Role.LEASE_DEPRECIATION: PostingRule(
        _A.DEPRECIATION_EXPENSE, _A.ACCUMULATED_DEPRECIATION, 0, say("A right of use was consumed.")
    ),
    Role.LEASE_OPERATING_ACCRETION: PostingRule(
        _A.LEASE_EXPENSE, _A.LEASE_LIABILITY, 0, say("Operating lease cost: the part that is interest.")
    ),
    Role.LEASE_OPERATING_AMORTISATION: PostingRule(
        _A.LEASE_EXPENSE,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say("Operating lease cost: what makes it even over the term."),
    ),
    Role.LEASE_VARIABLE_COST: PostingRule(
        _A.LEASE_EXPENSE, _A.LEASE_PAYMENTS, 0, say("Paid beyond what the liability was measured with.")
    ),
    Role.LEASE_REMEASURED: PostingRule(
        _A.ASSET_COST, _A.LEASE_LIABILITY, 0, say("A lease liability was measured anew.")
    ),
    Role.LEASE_REMEASUREMENT_GAIN: PostingRule(
        _A.LEASE_LIABILITY, _A.LEASE_GAIN, 0, say("A decrease beyond what the right of use was carried at.")
    ),
    Role.LEASE_SCOPE_LIABILITY: PostingRule(
        _A.LEASE_LIABILITY, _A.LEASE_GAIN, 0, say("The liability of what is no longer leased.")
    ),
    Role.LEASE_SCOPE_COST: PostingRule(
        _A.LEASE_GAIN, _A.ASSET_COST, 0, say("The cost of what is no longer leased.")
    ),
    Role.LEASE_SCOPE_ACCUMULATED: PostingRule(
        _A.ACCUMULATED_DEPRECIATION, _A.LEASE_GAIN, 0, say("The depreciation of what is no longer leased.")
    ),
    Role.LEASE_PENALTY: PostingRule(
        _A.LEASE_GAIN, _A.ASSET_CLEARING, 0, say("Paid for ending a lease early.")
    ),
    Role.LEASE_IMPAIRED: PostingRule(
        _A.IMPAIRMENT_LOSS, _A.ACCUMULATED_DEPRECIATION, 0, say("A right of use was impaired.")
    ),
    Role.LEASE_RETIRED: PostingRule(
        _A.ACCUMULATED_DEPRECIATION, _A.ASSET_COST, 0, say("A lease is over: cost and depreciation leave.")
    ),
    Role.LEASE_EXEMPT_COST: PostingRule(
        _A.LEASE_EXPENSE,
        _A.LEASE_ACCRUAL,
        0,
        say("Cost of a short-term or low-value lease, even over its term."),
    ),
    Role.LEASE_EXEMPT_PAYMENT: PostingRule(
        _A.LEASE_ACCRUAL, _A.LEASE_PAYMENTS, 0, say("A payment for a short-term or low-value lease fell due.")
    ),
    Role.POOL_RETIRED: PostingRule(
        _A.ACCUMULATED_DEPRECIATION,
        _A.ASSET_DISPOSAL,
        0,
        say("What an asset that left a pool was carried at above what was got for it: it stays in the pool."),
    ),
    Role.POOL_MOVED: PostingRule(
        _A.ASSET_TRANSFER_CLEARING,
        _A.ACCUMULATED_DEPRECIATION,
        0,
        say("Allowances of a pool came with cost from another asset or class (negative: went there)."),
    ),
}
