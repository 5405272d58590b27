-- Goods and money are written together, whoever writes them. A batch is the unit: its moves and value rows come in the
-- transaction in which it is born, and when that transaction commits, its value rows must say what the entries that name
-- it say, account by account and day by day.
--   WH207  moves, values and entries that do not belong together
-- So no value is without its entry and no entry without its values. That a move has the values it should have is not
-- for the database to know: a move within a pool has none, nor has one that is worth less than half a cent, and what a
-- move is worth follows from all that went before. That is for `verify`: pools that cost another quantity than is on hand
-- ("stock value"), moves that cannot be worth nothing ("goods with value"), and with --deep every value worked out again
-- from the facts ("costs recomputed").

-- Was a row of this xmin written by the transaction that asks? Visible and still in progress is only what is our own,
-- savepoints included. The 32 bits of xmin are read as the nearest number to that of this transaction. One expression, so
-- that it is inlined. Below, a batch takes nothing more once it was judged: judging locks its row, and that shows in xmax. So
-- SET CONSTRAINTS IMMEDIATE, which has it judged early, closes it early.
CREATE FUNCTION stock_born_here(row_xmin xid) RETURNS boolean
    LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(pg_xact_status((
        (pg_current_xact_id()::text::bigint + 2147483647)
        - (((pg_current_xact_id()::text::bigint + 2147483647) - row_xmin::text::bigint) & 4294967295)
    )::text::xid8) = 'in progress', false)
$$;

-- Moves are asked in `stock_keep_quants` (moves_come.sql), which looks at each of them anyhow.

CREATE FUNCTION stock_values_have_a_batch() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    odd bigint;
BEGIN
    SELECT g.batch_id INTO odd
    FROM (SELECT DISTINCT company_id, batch_id, recorded_at FROM new_values) g
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM stock_batch b
        WHERE b.company_id = g.company_id AND b.batch_id = g.batch_id AND b.recorded_at = g.recorded_at
          AND b.xmax = '0'::xid AND stock_born_here(b.xmin)
    ) b
    WHERE b.n = 0
    LIMIT 1;
    IF odd IS NOT NULL THEN
        RAISE EXCEPTION 'values come with their batch: batch % is none of this transaction', odd USING ERRCODE = 'WH207';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER stock_value_batch AFTER INSERT ON stock_value
    REFERENCING NEW TABLE AS new_values FOR EACH STATEMENT EXECUTE FUNCTION stock_values_have_a_batch();

-- What a batch wrote, found again at its end and by whoever asks what it did.
CREATE INDEX stock_value_batch_rows ON stock_value (company_id, batch_id);

-- The trigger that judges a batch at commit, `stock_batch_agrees`, is in entries_of_batches.sql.

-- Accounts that carry the value of goods: only goods move them. An entry with a line on one comes in a batch that names it.
CREATE INDEX ledger_account_map_account ON ledger_account_map (company_id, book_id, account_id);

-- The trigger that holds them to it, `ledger_line_has_goods`, is in whose_accounts.sql.

-- Two units of one serial in one place.
ALTER TABLE stock_quant ADD CONSTRAINT stock_quant_one_unit_per_serial CHECK (serial_lot_id IS NULL OR qty = 1);
