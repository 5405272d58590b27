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
        WHEN tracking = 2 AND (smallest, largest) <> (10 ^ decimals, 10 ^ decimals) THEN format('item %s is serial: one unit a move', sku)
    END
$$;

CREATE FUNCTION stock_guard_moves_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    misfit text;
BEGIN
    SELECT min(stock_misfit_of_moves_text(i.sku, i.tracking, i.qty_decimals, g.smallest, g.largest, g.with_lot, g.without_lot))
    INTO misfit
    FROM (SELECT company_id, item_id, min(qty) AS smallest, max(qty) AS largest,
                 bool_or(lot_id <> 0) AS with_lot, bool_or(lot_id = 0) AS without_lot
          FROM new_moves GROUP BY company_id, item_id) g
    LEFT JOIN items_item i ON i.company_id = g.company_id AND i.id = g.item_id;
    IF misfit IS NOT NULL THEN
        RAISE EXCEPTION '%', misfit USING ERRCODE = 'WH201';
    END IF;

    SELECT min(format('location %s is not a location of company %s', g.location_id, g.company_id))
    INTO misfit
    FROM (SELECT company_id, from_location_id AS location_id FROM new_moves
          UNION SELECT company_id, to_location_id FROM new_moves) g
    LEFT JOIN stock_location l ON l.company_id = g.company_id AND l.id = g.location_id
    WHERE l.id IS NULL;
    IF misfit IS NOT NULL THEN
        RAISE EXCEPTION '%', misfit USING ERRCODE = 'WH201';
    END IF;

    SELECT min(format('lot %s is not a lot of item %s', g.lot_id, g.item_id))
    INTO misfit
    FROM (SELECT DISTINCT company_id, item_id, lot_id FROM new_moves WHERE lot_id <> 0) g
    LEFT JOIN items_lot l ON l.company_id = g.company_id AND l.id = g.lot_id AND l.item_id = g.item_id
    WHERE l.id IS NULL;
    IF misfit IS NOT NULL THEN
        RAISE EXCEPTION '%', misfit USING ERRCODE = 'WH201';
    END IF;
    RETURN NULL;
END $$;

-- Balances of the touched cells (company, item, place, lot), and what is wrong with them. A cell whose goods left at
-- or after the latest instant known there needs only its new balance; any other is looked at through its later history.
CREATE FUNCTION stock_keep_quants() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    negative jsonb;
    overclaimed jsonb;
    late_out_items int[];
    late_out_at timestamptz;
    serial_items int[];
    serial_at timestamptz;
BEGIN
    WITH cell AS MATERIALIZED (
        SELECT g.company_id, g.item_id, g.location_id, g.lot_id, sum(g.qty)::bigint AS qty,
               max(g.effective_at) AS last_at,
               min(g.effective_at) FILTER (WHERE g.qty < 0) AS out_at,
               min(g.effective_at) FILTER (WHERE g.qty > 0) AS in_at
        FROM (SELECT company_id, item_id, to_location_id AS location_id, lot_id, qty, effective_at FROM new_moves
              UNION ALL
              SELECT company_id, item_id, from_location_id, lot_id, -qty, effective_at FROM new_moves) g
        GROUP BY g.company_id, g.item_id, g.location_id, g.lot_id
    ), held AS MATERIALIZED (
        SELECT c.*, l.allow_negative, i.tracking
        FROM cell c
        JOIN stock_location l ON l.company_id = c.company_id AND l.id = c.location_id
        JOIN items_item i ON i.company_id = c.company_id AND i.id = c.item_id
        WHERE l.is_held
    ), locked AS MATERIALIZED (
        SELECT h.*, q.last_at AS known_at
        FROM held h
        JOIN stock_quant q USING (company_id, item_id, location_id, lot_id)
        ORDER BY h.company_id, h.item_id, h.location_id, h.lot_id
        FOR NO KEY UPDATE OF q
    ), updated AS (
        UPDATE stock_quant q
        SET qty = q.qty + k.qty,
            last_at = greatest(q.last_at, k.last_at),
            serial_lot_id = CASE WHEN k.tracking = 2 AND q.qty + k.qty > 0 THEN q.lot_id END
        FROM locked k
        WHERE q.company_id = k.company_id AND q.item_id = k.item_id
          AND q.location_id = k.location_id AND q.lot_id = k.lot_id
        RETURNING q.item_id, q.location_id, q.lot_id, q.qty, q.reserved, q.last_at,
                  k.known_at, k.out_at, k.in_at, k.allow_negative, k.tracking
    ), inserted AS (
        INSERT INTO stock_quant AS q (company_id, item_id, location_id, lot_id, qty, last_at, serial_lot_id)
        SELECT h.company_id, h.item_id, h.location_id, h.lot_id, h.qty, h.last_at,
               CASE WHEN h.tracking = 2 AND h.qty > 0 THEN h.lot_id END
        FROM held h
        WHERE NOT EXISTS (
            SELECT 1 FROM stock_quant q
            WHERE q.company_id = h.company_id AND q.item_id = h.item_id
              AND q.location_id = h.location_id AND q.lot_id = h.lot_id)
        ORDER BY h.company_id, h.item_id, h.location_id, h.lot_id
        RETURNING 1
    ), fresh AS (
        SELECT h.item_id, h.location_id, h.lot_id, h.qty, 0 AS reserved, h.last_at,
               '-infinity'::timestamptz AS known_at, h.out_at, h.in_at, h.allow_negative, h.tracking
        FROM held h
        WHERE NOT EXISTS (
            SELECT 1 FROM stock_quant q
            WHERE q.company_id = h.company_id AND q.item_id = h.item_id
              AND q.location_id = h.location_id AND q.lot_id = h.lot_id)
    )
    SELECT jsonb_agg(jsonb_build_object('item_id', item_id, 'location_id', location_id, 'lot_id', lot_id, 'qty', qty))
               FILTER (WHERE qty < 0 AND NOT allow_negative),
           jsonb_agg(jsonb_build_object('item_id', item_id, 'location_id', location_id, 'lot_id', lot_id, 'qty', qty,
                                        'reserved', reserved))
               FILTER (WHERE reserved > 0 AND qty < reserved),
           array_agg(DISTINCT item_id) FILTER (WHERE out_at < greatest(known_at, last_at) AND NOT allow_negative),
           min(out_at) FILTER (WHERE out_at < greatest(known_at, last_at) AND NOT allow_negative),
           array_agg(DISTINCT item_id) FILTER (WHERE tracking = 2 AND in_at IS NOT NULL),
           min(in_at) FILTER (WHERE tracking = 2)
    INTO negative, overclaimed, late_out_items, late_out_at, serial_items, serial_at
    FROM (SELECT * FROM updated UNION ALL SELECT * FROM fresh) x;

    IF late_out_items IS NOT NULL OR negative IS NOT NULL THEN
        PERFORM stock_refuse_negative(
            (SELECT min(company_id) FROM new_moves), coalesce(late_out_items, '{}'), late_out_at, negative);
    END IF;
    IF overclaimed IS NOT NULL THEN
        RAISE EXCEPTION 'less would be on hand than is reserved' USING ERRCODE = 'WH203', DETAIL = overclaimed::text;
    END IF;
    IF serial_items IS NOT NULL THEN
        PERFORM stock_refuse_double_serial((SELECT min(company_id) FROM new_moves), serial_items, serial_at);
    END IF;
    RETURN NULL;
END $$;

-- The first moment at which each cell would hold less than nothing, from `since` on; the balance at the end of an
-- instant is what is there now less all that came later. `now_negative` are cells already known to end below zero.
CREATE FUNCTION stock_refuse_negative(company int, items int[], since timestamptz, now_negative jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    broken jsonb;
    first_broken record;
    all_items int[] := items;
    from_at timestamptz := since;
BEGIN
    IF now_negative IS NOT NULL THEN
        -- Name the moment for these too: look at their whole history.
        SELECT array_agg(DISTINCT i) INTO all_items
        FROM (SELECT unnest(items) AS i UNION ALL
              SELECT (c ->> 'item_id')::int FROM jsonb_array_elements(now_negative) c) x;
        from_at := '-infinity';
    END IF;
    WITH delta AS (
        SELECT g.item_id, g.location_id, g.lot_id, g.effective_at, sum(g.qty) AS qty
        FROM (SELECT item_id, to_location_id AS location_id, lot_id, qty, effective_at FROM stock_move
              WHERE company_id = company AND item_id = ANY (all_items) AND effective_at >= from_at
              UNION ALL
              SELECT item_id, from_location_id, lot_id, -qty, effective_at FROM stock_move
              WHERE company_id = company AND item_id = ANY (all_items) AND effective_at >= from_at) g
        GROUP BY g.item_id, g.location_id, g.lot_id, g.effective_at
    ), running AS (
        SELECT d.*, coalesce(sum(d.qty) OVER later, 0) AS later_qty
        FROM delta d
        WINDOW later AS (PARTITION BY d.item_id, d.location_id, d.lot_id ORDER BY d.effective_at DESC
                         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), dip AS (
        SELECT r.item_id, r.location_id, r.lot_id, min(r.effective_at) AS at,
               (array_agg(q.qty - r.later_qty ORDER BY r.effective_at))[1] AS qty
        FROM running r
        JOIN stock_location l ON l.company_id = company AND l.id = r.location_id AND l.is_held AND NOT l.allow_negative
        JOIN stock_quant q ON q.company_id = company AND q.item_id = r.item_id
                          AND q.location_id = r.location_id AND q.lot_id = r.lot_id
        WHERE q.qty - r.later_qty < 0
        GROUP BY r.item_id, r.location_id, r.lot_id
    )
    SELECT jsonb_agg(jsonb_build_object('item_id', item_id, 'location_id', location_id, 'lot_id', lot_id,
                                        'lot', (SELECT t.code FROM items_lot t WHERE t.company_id = company AND t.id = lot_id),
                                        'qty', qty, 'at', at) ORDER BY at, item_id, location_id, lot_id)
    INTO broken FROM dip;
    IF broken IS NULL THEN
        RETURN;
    END IF;
    SELECT i.sku, l.code AS location, t.code AS lot, b ->> 'qty' AS qty, b ->> 'at' AS at INTO first_broken
    FROM (SELECT broken -> 0 AS b) x
    JOIN items_item i ON i.company_id = company AND i.id = (b ->> 'item_id')::int
    JOIN stock_location l ON l.company_id = company AND l.id = (b ->> 'location_id')::int
    LEFT JOIN items_lot t ON t.company_id = company AND t.id = (b ->> 'lot_id')::bigint;
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
    SELECT min(format('serial %s of item %s would be in two places on %s', t.code, i.sku, r.effective_at))
    INTO twice
    FROM running r
    JOIN items_item i ON i.company_id = company AND i.id = r.item_id
    JOIN items_lot t ON t.company_id = company AND t.id = r.lot_id
    WHERE r.effective_at >= since AND r.held_qty > (10 ^ i.qty_decimals)::bigint;
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION '%', twice USING ERRCODE = 'WH204';
    END IF;
END $$;

CREATE TRIGGER stock_move_1_fits AFTER INSERT ON stock_move
    REFERENCING NEW TABLE AS new_moves FOR EACH STATEMENT EXECUTE FUNCTION stock_guard_moves_fit();
CREATE TRIGGER stock_move_2_quants AFTER INSERT ON stock_move
    REFERENCING NEW TABLE AS new_moves FOR EACH STATEMENT EXECUTE FUNCTION stock_keep_quants();

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

-- Nobody writes balances by hand: they move only underneath the triggers above.
CREATE FUNCTION stock_quant_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'balances follow from moves and reservations' USING ERRCODE = 'WH205';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_quant_follows BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON stock_quant
    FOR EACH STATEMENT EXECUTE FUNCTION stock_quant_follows();

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
