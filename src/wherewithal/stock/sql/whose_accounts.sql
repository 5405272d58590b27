-- Accounts that carry the value of goods: only goods move them.
--   WH207  an entry on an account that carries goods, and no batch of stock of this transaction that names it

-- Lines of entries that no batch of stock of this transaction names, one for each account of an entry. The room above
-- replaces this function by one that looks at its own accounts as well: it sees the same lines, so it asks both at once.
CREATE OR REPLACE FUNCTION stock_lines_without_goods(companies int[], books int[], accounts int[], entries bigint[])
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    odd bigint;
BEGIN
    SELECT min(b.entry_id) INTO odd
    FROM unnest(companies, books, accounts, entries) AS b (company_id, book_id, account_id, entry_id)
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM ledger_account_map m
        WHERE m.company_id = b.company_id AND m.book_id = b.book_id AND m.account_id = b.account_id
          AND m.account_role IN ('inventory', 'goods_in_transit', 'transfer_clearing', 'nrv_allowance')
    ) m
    WHERE m.n > 0;
    IF odd IS NOT NULL THEN
        RAISE EXCEPTION 'entry % is on an account that carries goods: it comes with their batch', odd
            USING ERRCODE = 'WH207';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION stock_lines_have_goods() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    unnamed bigint[];
    lines record;
BEGIN
    -- Entries that no batch of this transaction names: nearly always none where goods are posted, all where they are not.
    -- The rest waits behind an IF, because each statement inside a trigger is felt by every single move.
    SELECT array_agg(o.entry_id) INTO unnamed FROM (
        SELECT entry_id FROM born
        EXCEPT
        SELECT unnest(k.entry_ids)
        FROM (SELECT DISTINCT b.company_id, e.batch_id
              FROM (SELECT DISTINCT company_id, book_id, entry_id FROM born) b
              CROSS JOIN LATERAL (SELECT max(x.batch_id) AS batch_id FROM ledger_entry x
                                  WHERE x.company_id = b.company_id AND x.book_id = b.book_id
                                    AND x.entry_id = b.entry_id) e
              WHERE e.batch_id IS NOT NULL) c
        CROSS JOIN LATERAL (SELECT s.entry_ids FROM stock_batch s
                            WHERE s.company_id = c.company_id AND s.batch_id = c.batch_id AND s.xmax = '0'::xid
                              AND stock_born_here(s.xmin)
                            OFFSET 0) k
    ) o;
    IF unnamed IS NULL THEN
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
