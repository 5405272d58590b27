-- An entry names its batch (ledger_entry.batch_id), and that alone says which entries a batch has. So a batch and its
-- moves are written before anybody knows which entries there will be, and the server inserts them while they are valued.
-- The two guards of wholeness.sql and whose_accounts.sql that look at a batch's entries therefore find them by the batch.

ALTER TABLE stock_batch DROP COLUMN IF EXISTS entry_ids;

-- At commit: for each book, entry, pair of days and account, value rows less ledger lines are nothing. Rows without an
-- entry have no lines, so they must net to nothing by themselves, in a period that is open; an entry that names the
-- batch and that no value row names explains nothing, and one of another batch is not there to be explained twice.
-- Deferred, because value rows are written before their entry: the head of the book's chain is locked last. The look into
-- the ledger asks for an order that only the primary key has for nothing: plans are kept, and while tables are empty the
-- planner finds all indexes equal.
CREATE OR REPLACE FUNCTION stock_batch_agrees() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    one record;
    odd record;
BEGIN
    PERFORM FROM stock_batch b WHERE b.company_id = NEW.company_id AND b.batch_id = NEW.batch_id FOR NO KEY UPDATE;
    -- One value row and one entry of two lines that say just that: nearly all single moves. What is not so plain is for
    -- the statement below, which takes longer to begin.
    SELECT count(*) = 1 AND bool_and(
               v.debit_account_id <> v.credit_account_id AND e.n = 1 AND e.entry_id = v.entry_id AND e.book_id = v.book_id
               AND l.lines = 2 AND l.debits = 1 AND l.credits = 1 AND l.same_dates) AS is_plain
    INTO one
    FROM (SELECT x.book_id, x.entry_id, x.debit_account_id, x.credit_account_id, x.amount, x.effective_on, x.posting_on
          FROM stock_value x
          WHERE x.company_id = NEW.company_id AND x.batch_id = NEW.batch_id
          LIMIT 2) v
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, min(x.entry_id) AS entry_id, min(x.book_id) AS book_id
        FROM ledger_entry x
        WHERE x.company_id = NEW.company_id AND x.batch_id = NEW.batch_id) e
    CROSS JOIN LATERAL (
        SELECT count(*) AS lines,
               count(*) FILTER (WHERE l.account_id = v.debit_account_id AND l.amount = v.amount) AS debits,
               count(*) FILTER (WHERE l.account_id = v.credit_account_id AND l.amount = -v.amount) AS credits,
               bool_and(l.effective_on = v.effective_on AND l.posting_on = v.posting_on) AS same_dates
        FROM (SELECT x.effective_on, x.posting_on, x.account_id, x.amount FROM ledger_line x
              WHERE x.company_id = NEW.company_id AND x.book_id = v.book_id AND x.entry_id = v.entry_id
              ORDER BY x.line_no LIMIT 3) l) l;
    IF one.is_plain THEN
        RETURN NULL;
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
        SELECT NULL, e.entry_id, NULL, NULL, NULL, 1
        FROM (SELECT x.book_id, x.entry_id FROM ledger_entry x
              WHERE x.company_id = NEW.company_id AND x.batch_id = NEW.batch_id
              EXCEPT SELECT book_id, entry_id FROM told) e
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
        RAISE EXCEPTION 'entry % names batch %, but no value of it does', odd.entry_id, NEW.batch_id
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

DROP TRIGGER IF EXISTS stock_batch_agrees ON stock_batch;
CREATE CONSTRAINT TRIGGER stock_batch_agrees AFTER INSERT ON stock_batch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stock_batch_agrees();

-- An entry with a line on an account that carries goods names a batch of this transaction that was not judged yet. One
-- that names an older batch is refused whatever its accounts: what a batch posted is settled. Whether one that names no
-- batch of stock names any is for the room above to say (assets/sql/whose_accounts.sql), which knows the others.
CREATE OR REPLACE FUNCTION stock_lines_have_goods() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    one record;
    unnamed bigint[];
    late bigint;
    lines record;
BEGIN
    -- The lines of a single entry of a batch of this transaction: nearly always where goods are posted.
    SELECT b.first_id = b.last_id AND b.first_book = b.last_book AND b.first_company = b.last_company
           AND (SELECT s.xmax = '0'::xid AND stock_born_here(s.xmin) FROM stock_batch s
                WHERE s.company_id = b.first_company
                  AND s.batch_id = (SELECT x.batch_id FROM ledger_entry x
                                    WHERE x.company_id = b.first_company AND x.book_id = b.first_book AND x.entry_id = b.first_id))
           AS is_own
    INTO one
    FROM (SELECT min(entry_id) AS first_id, max(entry_id) AS last_id, min(book_id) AS first_book, max(book_id) AS last_book,
                 min(company_id) AS first_company, max(company_id) AS last_company FROM born) b;
    IF one.is_own THEN
        RETURN NULL;
    END IF;
    -- Entries that name no batch of this transaction: nearly always none where goods are posted, all where they are not.
    -- The rest waits behind an IF, because each statement inside a trigger is felt by every single move.
    SELECT array_agg(u.entry_id), min(u.entry_id) FILTER (WHERE k.n > 0) INTO unnamed, late
    FROM (SELECT b.company_id, e.batch_id, array_agg(b.entry_id) AS entry_ids
          FROM (SELECT DISTINCT company_id, book_id, entry_id FROM born) b
          CROSS JOIN LATERAL (SELECT max(x.batch_id) AS batch_id FROM ledger_entry x
                              WHERE x.company_id = b.company_id AND x.book_id = b.book_id AND x.entry_id = b.entry_id) e
          GROUP BY b.company_id, e.batch_id) g
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, count(*) FILTER (WHERE s.xmax = '0'::xid AND stock_born_here(s.xmin)) AS own
        FROM stock_batch s
        WHERE s.company_id = g.company_id AND s.batch_id = g.batch_id) k
    CROSS JOIN LATERAL unnest(g.entry_ids) AS u (entry_id)
    WHERE k.own = 0;
    IF late IS NOT NULL THEN
        RAISE EXCEPTION 'entries come with their batch: that of entry % is none of this transaction', late
            USING ERRCODE = 'WH207';
    ELSIF unnamed IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(b.company_id) AS companies, array_agg(b.book_id) AS books, array_agg(b.account_id) AS accounts,
           array_agg(b.entry_id) AS entries
    INTO lines
    FROM (SELECT DISTINCT company_id, book_id, account_id, entry_id
          FROM born WHERE (entry_id IN (SELECT unnest(unnamed))) IS TRUE) b;  -- looked up by hash, however many
    PERFORM stock_lines_without_goods(lines.companies, lines.books, lines.accounts, lines.entries);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS ledger_line_has_goods ON ledger_line;
CREATE TRIGGER ledger_line_has_goods AFTER INSERT ON ledger_line
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT EXECUTE FUNCTION stock_lines_have_goods();
