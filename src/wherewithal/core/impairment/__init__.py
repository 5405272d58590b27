"""Impairment of assets: recoverable amount, loss and reversal, of one asset and of a cash-generating unit (IAS 36)."""
