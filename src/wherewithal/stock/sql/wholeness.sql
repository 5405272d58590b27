-- Goods and money are written together or not at all, whoever writes them. A batch is the unit: its moves and value
-- rows come in the transaction in which it is born, and when that transaction commits, its value rows must say what the
-- entries it names say, account by account and day by day.
--   WH207  moves, values and entries that do not belong together
-- What costs are right is not for the database to know (`verify --deep` works them out again): here is looked at that
-- no figure stands alone.

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

CREATE FUNCTION stock_moves_have_a_batch() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    odd bigint;
BEGIN
    SELECT g.batch_id INTO odd
    FROM (SELECT DISTINCT company_id, batch_id, recorded_at FROM new_moves) g
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM stock_batch b
        WHERE b.company_id = g.company_id AND b.batch_id = g.batch_id AND b.recorded_at = g.recorded_at
          AND b.xmax = '0'::xid AND stock_born_here(b.xmin)
    ) b
    WHERE b.n = 0
    LIMIT 1;
    IF odd IS NOT NULL THEN
        RAISE EXCEPTION 'moves come with their batch: batch % is none of this transaction', odd USING ERRCODE = 'WH207';
    END IF;
    RETURN NULL;
END $$;

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

CREATE TRIGGER stock_move_0_batch AFTER INSERT ON stock_move
    REFERENCING NEW TABLE AS new_moves FOR EACH STATEMENT EXECUTE FUNCTION stock_moves_have_a_batch();
CREATE TRIGGER stock_value_batch AFTER INSERT ON stock_value
    REFERENCING NEW TABLE AS new_values FOR EACH STATEMENT EXECUTE FUNCTION stock_values_have_a_batch();

-- What a batch wrote, found again at its end and by whoever asks what it did.
CREATE INDEX stock_value_batch_rows ON stock_value (company_id, batch_id);

-- At commit: for each book, entry, pair of days and account, value rows less ledger lines are nothing. Rows without an
-- entry have no lines, so they must net to nothing by themselves, in a period that is open; an entry that no value row
-- names explains nothing, and one of another batch is not there to be explained twice.
-- Deferred, because value rows are written before their entry: the head of the book's chain is locked last. The look into
-- the ledger asks for an order that only the primary key has for nothing: plans are kept, and while tables are empty the
-- planner finds all indexes equal.
CREATE FUNCTION stock_batch_agrees() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    one record;
    carried record;
    odd record;
BEGIN
    PERFORM FROM stock_batch b WHERE b.company_id = NEW.company_id AND b.batch_id = NEW.batch_id FOR NO KEY UPDATE;
    IF cardinality(NEW.entry_ids) = 1 THEN
        -- One value row and one entry of two lines that say just that: nearly all single moves. What is not so plain is
        -- for the statement below, which takes longer to begin.
        SELECT count(*) AS n, min(v.book_id) AS book_id, min(v.entry_id) AS entry_id, min(v.debit_account_id) AS debit,
               min(v.credit_account_id) AS credit, min(v.amount) AS amount, min(v.effective_on) AS effective_on,
               min(v.posting_on) AS posting_on
        INTO one
        FROM stock_value v
        WHERE v.company_id = NEW.company_id AND v.batch_id = NEW.batch_id;
        IF one.n = 1 AND one.entry_id = NEW.entry_ids[1] AND one.debit <> one.credit THEN
            SELECT count(*) AS lines,
                   count(*) FILTER (WHERE l.account_id = one.debit AND l.amount = one.amount) AS debits,
                   count(*) FILTER (WHERE l.account_id = one.credit AND l.amount = -one.amount) AS credits,
                   bool_and(l.effective_on = one.effective_on AND l.posting_on = one.posting_on) AS same_dates,
                   (SELECT max(e.batch_id) FROM ledger_entry e
                    WHERE e.company_id = NEW.company_id AND e.book_id = one.book_id AND e.entry_id = one.entry_id) AS batch_id
            INTO carried
            FROM (SELECT x.effective_on, x.posting_on, x.account_id, x.amount FROM ledger_line x
                  WHERE x.company_id = NEW.company_id AND x.book_id = one.book_id AND x.entry_id = one.entry_id
                  ORDER BY x.line_no OFFSET 0) l;
            IF carried.lines = 2 AND carried.debits = 1 AND carried.credits = 1 AND carried.same_dates
               AND carried.batch_id = NEW.batch_id THEN
                RETURN NULL;
            END IF;
        END IF;
    END IF;
    WITH told AS MATERIALIZED (
        SELECT v.book_id, v.entry_id, v.effective_on, v.posting_on, v.debit_account_id, v.credit_account_id,
               sum(v.amount) AS amount
        FROM stock_value v
        WHERE v.company_id = NEW.company_id AND v.batch_id = NEW.batch_id
        GROUP BY v.book_id, v.entry_id, v.effective_on, v.posting_on, v.debit_account_id, v.credit_account_id
    ), side AS (
        SELECT book_id, entry_id, effective_on, posting_on, debit_account_id AS account_id, amount FROM told
        UNION ALL
        SELECT book_id, entry_id, effective_on, posting_on, credit_account_id, -amount FROM told
        UNION ALL
        SELECT t.book_id, t.entry_id, l.effective_on, l.posting_on, l.account_id, -l.amount
        FROM (SELECT DISTINCT book_id, entry_id FROM told) t
        CROSS JOIN LATERAL (
            SELECT max(e.batch_id) AS batch_id FROM ledger_entry e
            WHERE e.company_id = NEW.company_id AND e.book_id = t.book_id AND e.entry_id = t.entry_id) e
        CROSS JOIN LATERAL (
            SELECT x.effective_on, x.posting_on, x.account_id, x.amount FROM ledger_line x
            WHERE x.company_id = NEW.company_id AND x.book_id = t.book_id AND x.entry_id = t.entry_id
            ORDER BY x.line_no OFFSET 0) l
        WHERE e.batch_id = NEW.batch_id
        UNION ALL
        SELECT NULL, named.entry_id, NULL, NULL, NULL, 1
        FROM (SELECT unnest(NEW.entry_ids) AS entry_id EXCEPT SELECT entry_id FROM told) named
        UNION ALL
        SELECT t.book_id, NULL, NULL, t.posting_on, NULL, 1
        FROM (SELECT DISTINCT book_id, posting_on, effective_on FROM told WHERE entry_id IS NULL) t
        CROSS JOIN LATERAL (
            SELECT max(p.end_on) AS closed_to FROM ledger_period p
            WHERE p.company_id = NEW.company_id AND p.book_id = t.book_id AND p.state > 0) p
        WHERE t.posting_on <= p.closed_to OR t.posting_on < t.effective_on
    )
    SELECT s.book_id, s.entry_id, s.account_id, s.posting_on, sum(s.amount) AS amount INTO odd
    FROM side s
    GROUP BY s.book_id, s.entry_id, s.effective_on, s.posting_on, s.account_id
    HAVING sum(s.amount) <> 0
    LIMIT 1;
    IF FOUND AND odd.book_id IS NULL THEN
        RAISE EXCEPTION 'batch % names entry %, but no value of it does', NEW.batch_id, odd.entry_id
            USING ERRCODE = 'WH207';
    ELSIF FOUND AND odd.account_id IS NULL THEN
        RAISE EXCEPTION 'Book % is closed on %, or values are posted before their day.', odd.book_id, odd.posting_on
            USING ERRCODE = 'WH001';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'batch %: values and entry % differ by % on account % of book %',
                NEW.batch_id, coalesce(odd.entry_id::text, '(none)'), odd.amount, odd.account_id, odd.book_id
            USING ERRCODE = 'WH207';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER stock_batch_agrees AFTER INSERT ON stock_batch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stock_batch_agrees();

-- Accounts that carry the value of goods: only goods move them. An entry with a line on one comes in a batch that names it.
CREATE INDEX ledger_account_map_account ON ledger_account_map (company_id, book_id, account_id);

-- The trigger that holds them to it, `ledger_line_has_goods`, is in whose_accounts.sql.

-- Two units of one serial in one place.
ALTER TABLE stock_quant ADD CONSTRAINT stock_quant_one_unit_per_serial CHECK (serial_lot_id IS NULL OR qty = 1);
