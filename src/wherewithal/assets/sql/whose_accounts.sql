-- Accounts that carry assets: only assets move them. An entry with a line on one comes with the batch of assets that names
-- it, or with a batch of stock (goods on their way to assets and back). And whatever its accounts, an entry that names a
-- batch names one of its own transaction: it could else name one that is still to come, and be found with that.
--   WH303  an entry on an account that carries assets, and no batch of this transaction that names it
--   WH207  an entry that names a batch which is none of this transaction
-- The second half of the trigger of stock (stock/sql/entries_of_batches.sql), for goods and assets at once: what comes here
-- names no batch of stock. Each entry is looked at once, however many lines it has.
CREATE OR REPLACE FUNCTION stock_lines_without_goods(companies int[], books int[], accounts int[], entries bigint[])
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    odd record;
BEGIN
    SELECT min(e.entry_id) FILTER (WHERE m.goods > 0) AS goods,
           min(e.entry_id) FILTER (WHERE m.assets > 0 AND b.own = 0) AS assets,
           min(e.entry_id) FILTER (WHERE b.named > b.own) AS astray
    INTO odd
    FROM (SELECT l.company_id, l.book_id, l.entry_id, array_agg(l.account_id) AS account_ids
          FROM unnest(companies, books, accounts, entries) AS l (company_id, book_id, account_id, entry_id)
          GROUP BY l.company_id, l.book_id, l.entry_id) e
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE a.account_role IN (
                   'inventory', 'goods_in_transit', 'transfer_clearing', 'nrv_allowance')) AS goods,
               count(*) FILTER (WHERE a.account_role IN (
                   'asset_cost', 'construction_in_progress', 'accumulated_depreciation', 'accumulated_impairment',
                   'asset_held_for_sale', 'asset_transfer_clearing', 'asset_disposal', 'asset_stock_clearing')) AS assets
        FROM ledger_account_map a
        WHERE a.company_id = e.company_id AND a.book_id = e.book_id AND a.account_id = ANY (e.account_ids)
    ) m
    CROSS JOIN LATERAL (
        SELECT count(x.batch_id) AS named,
               count(*) FILTER (WHERE x.entry_id = ANY (g.entry_ids) AND stock_born_here(g.xmin)) AS own
        FROM ledger_entry x
        LEFT JOIN assets_batch g ON g.company_id = x.company_id AND g.batch_id = x.batch_id
        WHERE x.company_id = e.company_id AND x.book_id = e.book_id AND x.entry_id = e.entry_id
    ) b;
    IF odd.goods IS NOT NULL THEN
        RAISE EXCEPTION 'entry % is on an account that carries goods: it comes with their batch', odd.goods
            USING ERRCODE = 'WH207';
    ELSIF odd.assets IS NOT NULL THEN
        RAISE EXCEPTION 'entry % is on an account that carries assets: it comes with their batch', odd.assets
            USING ERRCODE = 'WH303';
    ELSIF odd.astray IS NOT NULL THEN
        RAISE EXCEPTION 'entries come with their batch: that of entry % is none of this transaction', odd.astray
            USING ERRCODE = 'WH207';
    END IF;
END $$;
