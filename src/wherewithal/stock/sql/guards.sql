-- The last guard for goods. Balances are written with the owner's rights, so that the application itself can only
-- read them; row-level security does not apply there, hence company_id in each join. Statement triggers, so that COPY, a migration or a psql session meets them too.
--   WH201  a move that does not fit its item, its lot or its places
--   WH202  less than nothing on hand, now or at a later moment of the history (DETAIL: the cells, as JSON)
--   WH203  less on hand than is reserved (DETAIL: the cells, as JSON)
--   WH204  one serial in two places at a time
--   WH205  balances follow from moves and reservations, nobody writes them
-- Written so that no join is between two sets without an index: plans are kept, and made for the first, small call.

-- Does every move name an item, places and a lot that exist in its company and fit each other?
CREATE FUNCTION stock_misfit_of_moves_text(sku text, tracking smallint, decimals smallint, smallest bigint, largest bigint,
                                           with_lot boolean, without_lot boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN sku IS NULL THEN 'a move names an item that its company does not have'
        WHEN tracking = 0 AND with_lot THEN format('item %s is not tracked, but a move of it names a lot', sku)
        WHEN tracking <> 0 AND without_lot THEN format('item %s is tracked, but a move of it names no lot', sku)
        WHEN tracking = 2 AND (smallest, largest) <> (10 ^ decimals, 10 ^ decimals)
        THEN format('item %s is serial: one unit a move', sku)
    END
$$;

-- `stock_keep_quants`, which asks all this of new moves and keeps the balances, is in moves_come.sql.

-- The first moment since `since` at which each cell of these items would hold less than nothing. The balance at the end
-- of an instant is what is there now (a row at infinity) less all that came later: no join of two sets is needed.
CREATE FUNCTION stock_refuse_negative(company int, items int[], since timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    broken jsonb;
    first_broken record;
BEGIN
    WITH delta AS (
        SELECT g.item_id, g.location_id, g.lot_id, g.effective_at, sum(g.qty) AS qty
        FROM (SELECT item_id, to_location_id AS location_id, lot_id, -qty AS qty, effective_at FROM stock_move
              WHERE company_id = company AND item_id = ANY (items) AND effective_at >= since
              UNION ALL
              SELECT item_id, from_location_id, lot_id, qty, effective_at FROM stock_move
              WHERE company_id = company AND item_id = ANY (items) AND effective_at >= since
              UNION ALL
              SELECT item_id, location_id, lot_id, qty, 'infinity' FROM stock_quant
              WHERE company_id = company AND item_id = ANY (items)) g
        GROUP BY g.item_id, g.location_id, g.lot_id, g.effective_at
    ), running AS (
        SELECT d.item_id, d.location_id, d.lot_id, d.effective_at,
               sum(d.qty) OVER (PARTITION BY d.item_id, d.location_id, d.lot_id ORDER BY d.effective_at DESC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS qty
        FROM delta d
    ), dip AS (
        SELECT r.item_id, r.location_id, r.lot_id, min(r.effective_at) AS at,
               (array_agg(r.qty ORDER BY r.effective_at))[1] AS qty
        FROM running r
        WHERE r.qty < 0
        GROUP BY r.item_id, r.location_id, r.lot_id
    )
    SELECT jsonb_agg(jsonb_build_object('item_id', d.item_id, 'location_id', d.location_id, 'lot_id', d.lot_id,
                                        'lot', t.code, 'qty', d.qty, 'at', d.at)
                     ORDER BY d.at, d.item_id, d.location_id, d.lot_id)
    INTO broken
    FROM dip d
    CROSS JOIN LATERAL (SELECT 1 FROM stock_location l
                        WHERE l.company_id = company AND l.id = d.location_id AND l.is_held AND NOT l.allow_negative) l
    LEFT JOIN LATERAL (SELECT code FROM items_lot t WHERE t.company_id = company AND t.id = d.lot_id) t ON true;
    IF broken IS NULL THEN
        RETURN;
    END IF;
    SELECT i.sku, l.code AS location, b ->> 'lot' AS lot, b ->> 'qty' AS qty, b ->> 'at' AS at INTO first_broken
    FROM (SELECT broken -> 0 AS b) x
    JOIN items_item i ON i.company_id = company AND i.id = (b ->> 'item_id')::int
    JOIN stock_location l ON l.company_id = company AND l.id = (b ->> 'location_id')::int;
    RAISE EXCEPTION 'item % at % (lot %) would fall to % smallest units on %',
            first_broken.sku, first_broken.location, coalesce(first_broken.lot, 'none'), first_broken.qty, first_broken.at
        USING ERRCODE = 'WH202', DETAIL = broken::text;
END $$;

-- A serial is in one place at a time, at every later moment too. Cheap when nothing of the item is later.
CREATE FUNCTION stock_refuse_double_serial(company int, items int[], since timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    twice text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM stock_move WHERE company_id = company AND item_id = ANY (items) AND effective_at > since) THEN
        RETURN;
    END IF;
    WITH delta AS (
        SELECT g.item_id, g.lot_id, g.effective_at, sum(g.qty) AS qty
        FROM (SELECT m.item_id, m.lot_id, m.effective_at,
                     m.qty * ((t.is_held)::int - (f.is_held)::int) AS qty
              FROM stock_move m
              JOIN stock_location f ON f.company_id = company AND f.id = m.from_location_id
              JOIN stock_location t ON t.company_id = company AND t.id = m.to_location_id
              WHERE m.company_id = company AND m.item_id = ANY (items)) g
        GROUP BY g.item_id, g.lot_id, g.effective_at
    ), running AS (
        SELECT d.item_id, d.lot_id, d.effective_at,
               sum(d.qty) OVER (PARTITION BY d.item_id, d.lot_id ORDER BY d.effective_at) AS held_qty
        FROM delta d
    )
    SELECT min(format('serial %s of item %s would be in two places on %s %s', t.code, i.sku,
                      to_char(r.effective_at AT TIME ZONE c.timezone, 'YYYY-MM-DD HH24:MI:SS'), c.timezone))
    INTO twice
    FROM running r
    JOIN items_item i ON i.company_id = company AND i.id = r.item_id
    JOIN items_lot t ON t.company_id = company AND t.id = r.lot_id
    JOIN ledger_company c ON c.id = company
    WHERE r.effective_at >= since AND r.held_qty > (10 ^ i.qty_decimals)::bigint;
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION '%', twice USING ERRCODE = 'WH204';
    END IF;
END $$;

-- Claims: `reserved` of a cell is the sum of what its reservations still claim, and never more than is there.
CREATE FUNCTION stock_claim(cells jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    overclaimed jsonb;
BEGIN
    WITH claim AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(cells)
            AS c (company_id int, item_id int, location_id int, lot_id bigint, qty bigint)
        WHERE qty <> 0
    ), locked AS MATERIALIZED (
        SELECT c.* FROM claim c
        JOIN stock_quant q USING (company_id, item_id, location_id, lot_id)
        ORDER BY c.company_id, c.item_id, c.location_id, c.lot_id
        FOR NO KEY UPDATE OF q
    ), updated AS (
        UPDATE stock_quant q SET reserved = q.reserved + k.qty
        FROM locked k
        WHERE q.company_id = k.company_id AND q.item_id = k.item_id
          AND q.location_id = k.location_id AND q.lot_id = k.lot_id
        RETURNING q.company_id, q.item_id, q.location_id, q.lot_id, q.qty, q.reserved, k.qty AS claimed
    ), nothing_there AS (
        SELECT c.company_id, c.item_id, c.location_id, c.lot_id, 0::bigint, c.qty, c.qty FROM claim c
        WHERE NOT EXISTS (
            SELECT 1 FROM stock_quant q
            WHERE q.company_id = c.company_id AND q.item_id = c.item_id
              AND q.location_id = c.location_id AND q.lot_id = c.lot_id)
    )
    SELECT jsonb_agg(jsonb_build_object('item_id', item_id, 'location_id', location_id, 'lot_id', lot_id,
                                        'qty', qty, 'reserved', reserved)) INTO overclaimed
    FROM (SELECT * FROM updated UNION ALL SELECT * FROM nothing_there) x
    WHERE x.claimed > 0 AND x.reserved > x.qty;
    IF overclaimed IS NOT NULL THEN
        RAISE EXCEPTION 'more would be reserved than is on hand' USING ERRCODE = 'WH203', DETAIL = overclaimed::text;
    END IF;
END $$;

CREATE FUNCTION stock_claim_new_reservations() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM stock_claim(jsonb_agg(to_jsonb(c))) FROM (
        SELECT company_id, item_id, location_id, lot_id, sum(open_qty)::bigint AS qty FROM new_rows
        GROUP BY company_id, item_id, location_id, lot_id) c;
    RETURN NULL;
END $$;

CREATE FUNCTION stock_claim_changed_reservations() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM stock_claim(jsonb_agg(to_jsonb(c))) FROM (
        SELECT company_id, item_id, location_id, lot_id, sum(qty)::bigint AS qty
        FROM (SELECT company_id, item_id, location_id, lot_id, open_qty AS qty FROM new_rows
              UNION ALL
              SELECT company_id, item_id, location_id, lot_id, -open_qty FROM old_rows) g
        GROUP BY company_id, item_id, location_id, lot_id) c;
    RETURN NULL;
END $$;

CREATE TRIGGER stock_reservation_claims_new AFTER INSERT ON stock_reservation
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stock_claim_new_reservations();
CREATE TRIGGER stock_reservation_claims_changed AFTER UPDATE ON stock_reservation
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stock_claim_changed_reservations();

CREATE FUNCTION stock_reservation_only_shrinks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'DELETE' OR new.open_qty > old.open_qty
       OR (new.company_id, new.reservation_id, new.item_id, new.location_id, new.lot_id, new.qty)
          IS DISTINCT FROM (old.company_id, old.reservation_id, old.item_id, old.location_id, old.lot_id, old.qty) THEN
        RAISE EXCEPTION 'a reservation can only be released or fulfilled' USING ERRCODE = 'WH205';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER stock_reservation_only_shrinks BEFORE UPDATE OR DELETE ON stock_reservation
    FOR EACH ROW EXECUTE FUNCTION stock_reservation_only_shrinks();

-- Costs, accounts and quantities hang on these: fixed once the item has moved.
CREATE FUNCTION stock_item_keeps_its_nature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (new.category_id, new.qty_decimals, new.tracking, new.base_unit_id)
       IS DISTINCT FROM (old.category_id, old.qty_decimals, old.tracking, old.base_unit_id)
       AND EXISTS (SELECT 1 FROM stock_move m WHERE m.company_id = old.company_id AND m.item_id = old.id) THEN
        RAISE EXCEPTION 'item % has moved: its category, base unit, decimals and tracking stay as they are', old.sku
            USING ERRCODE = 'WH130';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER stock_item_keeps_its_nature BEFORE UPDATE ON items_item
    FOR EACH ROW EXECUTE FUNCTION stock_item_keeps_its_nature();
