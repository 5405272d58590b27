"""Gap-free document numbers, per company and series.

The counter's row stays locked until the transaction ends, so draw numbers last, and for a batch in one block.
"""

from wherewithal.kit.db import fetch_one, require_transaction


def next_numbers(*, company_id: int, series: str, count: int = 1) -> range:
    """The next `count` numbers of the series, beginning with 1. Given back when the transaction rolls back."""
    require_transaction()
    assert count >= 0, "a block of numbers cannot be negative"
    row = fetch_one(
        """
        INSERT INTO kit_sequence (company_id, series, last_number) VALUES (%s, %s, %s)
        ON CONFLICT (company_id, series) DO UPDATE SET last_number = kit_sequence.last_number + excluded.last_number
        RETURNING last_number
        """,
        (company_id, series, count),
    )
    assert row is not None, "a counter that was just written is not visible: is app.company set?"
    return range(row[0] - count + 1, row[0] + 1)
