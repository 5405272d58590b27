-- Accounts that carry assets: only assets move them. An entry with a line on one comes with the batch of assets that names
-- it, or with a batch of stock (goods on their way to assets and back).
--   WH303  an entry on an account that carries assets, and no batch of this transaction that names it
-- The second half of the trigger of stock (stock/sql/whose_accounts.sql), for goods and assets at once.
CREATE OR REPLACE FUNCTION stock_lines_without_goods(companies int[], books int[], accounts int[], entries bigint[])
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    odd record;
BEGIN
    SELECT min(b.entry_id) FILTER (WHERE m.goods > 0) AS goods,
           min(b.entry_id) FILTER (WHERE m.assets > 0 AND a.n = 0) AS assets
    INTO odd
    FROM unnest(companies, books, accounts, entries) AS b (company_id, book_id, account_id, entry_id)
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE m.account_role IN (
                   'inventory', 'goods_in_transit', 'transfer_clearing', 'nrv_allowance')) AS goods,
               count(*) FILTER (WHERE m.account_role IN (
                   'asset_cost', 'construction_in_progress', 'accumulated_depreciation', 'accumulated_impairment',
                   'asset_held_for_sale', 'asset_transfer_clearing', 'asset_disposal', 'asset_stock_clearing')) AS assets
        FROM ledger_account_map m
        WHERE m.company_id = b.company_id AND m.book_id = b.book_id AND m.account_id = b.account_id
    ) m
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM ledger_entry x
        JOIN assets_batch g ON g.company_id = x.company_id AND g.batch_id = x.batch_id
        WHERE m.assets > 0 AND x.company_id = b.company_id AND x.book_id = b.book_id AND x.entry_id = b.entry_id
          AND x.entry_id = ANY (g.entry_ids) AND stock_born_here(g.xmin)
    ) a
    WHERE m.goods > 0 OR m.assets > 0;
    IF odd.goods IS NOT NULL THEN
        RAISE EXCEPTION 'entry % is on an account that carries goods: it comes with their batch', odd.goods
            USING ERRCODE = 'WH207';
    ELSIF odd.assets IS NOT NULL THEN
        RAISE EXCEPTION 'entry % is on an account that carries assets: it comes with their batch', odd.assets
            USING ERRCODE = 'WH303';
    END IF;
END $$;
