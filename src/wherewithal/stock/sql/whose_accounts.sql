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

-- The trigger that asks, `ledger_line_has_goods`, is in entries_of_batches.sql.
