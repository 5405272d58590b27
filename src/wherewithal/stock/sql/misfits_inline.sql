-- `stock_misfit_of_moves_text` (guards.sql) shows its texts by format(), which is stable: as a stable function it becomes part
-- of the query that asks it; as an immutable one it was called for each item, 10 us each time.
ALTER FUNCTION stock_misfit_of_moves_text(text, smallint, smallint, bigint, bigint, boolean, boolean) STABLE;
