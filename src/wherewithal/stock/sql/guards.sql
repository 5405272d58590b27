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

-- Balances of the touched cells (company, item, place, lot), and what is wrong with them and with the moves. An old
-- cell that only gives what it had before, after everything known of it, cannot have dipped below zero in between; any
-- other that gives is looked at through its later history.
CREATE FUNCTION stock_keep_quants() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company int;
    misfit text;
    any_lot boolean;
    strangers int;
    negative int[];
    overclaimed jsonb;
    dipping int[];
    dipping_at timestamptz;
    serial_items int[];
    serial_at timestamptz;
    one record;
    place int;
    change bigint;
    cell record;
BEGIN
    SELECT m.*, i.sku, i.tracking, i.qty_decimals, f.is_held AS from_held, f.allow_negative AS from_negative,
           t.is_held AS to_held, t.allow_negative AS to_negative, (SELECT count(*) FROM new_moves) AS moves
    INTO one
    FROM new_moves m
    LEFT JOIN LATERAL (SELECT i.sku, i.tracking, i.qty_decimals FROM items_item i
                       WHERE i.company_id = m.company_id AND i.id = m.item_id) i ON true
    LEFT JOIN LATERAL (SELECT l.is_held, l.allow_negative FROM stock_location l
                       WHERE l.company_id = m.company_id AND l.id = m.from_location_id) f ON true
    LEFT JOIN LATERAL (SELECT l.is_held, l.allow_negative FROM stock_location l
                       WHERE l.company_id = m.company_id AND l.id = m.to_location_id) t ON true
    LIMIT 1;
    company := one.company_id;

    IF one.moves = 1 THEN
        IF one.sku IS NULL OR (one.tracking = 0) <> (one.lot_id = 0)
           OR (one.tracking = 2 AND one.qty <> 10 ^ one.qty_decimals) THEN
            misfit := stock_misfit_of_moves_text(one.sku, one.tracking, one.qty_decimals, one.qty, one.qty,
                                                 one.lot_id <> 0, one.lot_id = 0);
        ELSIF one.lot_id <> 0 AND NOT EXISTS (
            SELECT 1 FROM items_lot l WHERE l.company_id = company AND l.id = one.lot_id AND l.item_id = one.item_id) THEN
            misfit := format('lot %s is not a lot of item %s', one.lot_id, one.item_id);
        ELSIF one.from_held IS NULL OR one.to_held IS NULL THEN
            strangers := 1;
        END IF;
    ELSIF one.moves > 1 THEN
        SELECT min(stock_misfit_of_moves_text(i.sku, i.tracking, i.qty_decimals, g.smallest, g.largest, g.with_lot, g.without_lot)),
               bool_or(g.with_lot)
        INTO misfit, any_lot
        FROM (SELECT company_id, item_id, min(qty) AS smallest, max(qty) AS largest,
                     bool_or(lot_id <> 0) AS with_lot, bool_or(lot_id = 0) AS without_lot
              FROM new_moves GROUP BY company_id, item_id) g
        LEFT JOIN LATERAL (SELECT sku, tracking, qty_decimals FROM items_item i
                           WHERE i.company_id = g.company_id AND i.id = g.item_id) i ON true;
        IF misfit IS NULL AND any_lot THEN
            SELECT min(format('lot %s is not a lot of item %s', g.lot_id, g.item_id))
            INTO misfit
            FROM (SELECT DISTINCT company_id, item_id, lot_id FROM new_moves WHERE lot_id <> 0) g
            WHERE NOT EXISTS (SELECT 1 FROM items_lot l
                              WHERE l.company_id = g.company_id AND l.id = g.lot_id AND l.item_id = g.item_id);
        END IF;
    END IF;
    IF misfit IS NOT NULL THEN
        RAISE EXCEPTION '%', misfit USING ERRCODE = 'WH201';
    END IF;

    IF one.moves = 1 THEN
        -- A single move, one end after the other: the large statements below take longer to begin.
        -- What gives comes first, so that a serial has left its old place when it comes to the new one.
        FOR side IN (CASE WHEN one.from_held THEN 0 ELSE 1 END) .. (CASE WHEN one.to_held THEN 1 ELSE 0 END) LOOP
            place := CASE side WHEN 0 THEN one.from_location_id ELSE one.to_location_id END;
            change := CASE side WHEN 0 THEN -one.qty ELSE one.qty END;
            UPDATE stock_quant q
            SET qty = q.qty + change, last_at = greatest(q.last_at, one.effective_at),
                serial_lot_id = CASE WHEN one.tracking = 2 AND q.qty + change > 0 THEN q.lot_id END
            WHERE q.company_id = company AND q.item_id = one.item_id AND q.location_id = place AND q.lot_id = one.lot_id
            RETURNING q.qty, q.last_at, q.reserved INTO cell;
            IF NOT FOUND THEN
                INSERT INTO stock_quant AS q (company_id, item_id, location_id, lot_id, qty, last_at, serial_lot_id)
                VALUES (company, one.item_id, place, one.lot_id, change, one.effective_at,
                        CASE WHEN one.tracking = 2 AND change > 0 THEN one.lot_id END)
                RETURNING q.qty, q.last_at, q.reserved INTO cell;
            END IF;
            UPDATE stock_quant_month t SET qty = t.qty + change
            WHERE t.company_id = company AND t.month = one.effective_on - extract(day FROM one.effective_on)::int + 1
              AND t.item_id = one.item_id AND t.location_id = place;
            IF NOT FOUND THEN
                INSERT INTO stock_quant_month (company_id, month, item_id, location_id, qty)
                VALUES (company, one.effective_on - extract(day FROM one.effective_on)::int + 1, one.item_id, place, change);
            END IF;
            IF NOT (CASE side WHEN 0 THEN one.from_negative ELSE one.to_negative END) THEN
                IF cell.qty < 0 THEN
                    negative := ARRAY[one.item_id];
                ELSIF side = 0 AND one.effective_at < cell.last_at THEN
                    dipping := ARRAY[one.item_id];
                    dipping_at := one.effective_at;
                END IF;
            END IF;
            IF cell.reserved > 0 AND cell.qty < cell.reserved THEN
                overclaimed := coalesce(overclaimed, '[]') || jsonb_build_object(
                    'item_id', one.item_id, 'location_id', place, 'lot_id', one.lot_id,
                    'qty', cell.qty, 'reserved', cell.reserved);
            END IF;
            IF side = 1 AND one.tracking = 2 THEN
                serial_items := ARRAY[one.item_id];
                serial_at := one.effective_at;
            END IF;
        END LOOP;
    ELSIF one.moves > 1 THEN
        WITH part AS MATERIALIZED (
            SELECT g.company_id, g.item_id, g.location_id, g.lot_id, date_trunc('month', g.effective_on::timestamp)::date AS month,
                   sum(g.qty)::bigint AS qty, coalesce(sum(g.qty) FILTER (WHERE g.qty > 0), 0)::bigint AS came_qty,
                   max(g.effective_at) AS last_at,
                   min(g.effective_at) FILTER (WHERE g.qty < 0) AS out_at,
                   min(g.effective_at) FILTER (WHERE g.qty > 0) AS in_at
            FROM (SELECT company_id, item_id, to_location_id AS location_id, lot_id, qty, effective_at, effective_on FROM new_moves
                  UNION ALL
                  SELECT company_id, item_id, from_location_id, lot_id, -qty, effective_at, effective_on FROM new_moves) g
            GROUP BY 1, 2, 3, 4, 5
        ), cell AS (
            SELECT p.company_id, p.item_id, p.location_id, p.lot_id, sum(p.qty)::bigint AS qty, sum(p.came_qty) AS came_qty,
                   max(p.last_at) AS last_at, min(p.out_at) AS out_at, min(p.in_at) AS in_at
            FROM part p
            GROUP BY p.company_id, p.item_id, p.location_id, p.lot_id
        ), placed AS MATERIALIZED (
            SELECT c.*, l.is_held, l.allow_negative
            FROM cell c
            LEFT JOIN LATERAL (SELECT is_held, allow_negative FROM stock_location l
                               WHERE l.company_id = c.company_id AND l.id = c.location_id) l ON true
            ORDER BY c.company_id, c.item_id, c.location_id, c.lot_id  -- the order in which the rows below are locked
        ), held AS MATERIALIZED (
            SELECT p.*, i.tracking, q.qty AS old_qty, coalesce(q.last_at, '-infinity') AS known_at
            FROM placed p
            CROSS JOIN LATERAL (SELECT tracking FROM items_item i WHERE i.company_id = p.company_id AND i.id = p.item_id) i
            LEFT JOIN LATERAL (
                SELECT q.qty, q.last_at FROM stock_quant q
                WHERE q.company_id = p.company_id AND q.item_id = p.item_id
                  AND q.location_id = p.location_id AND q.lot_id = p.lot_id
                FOR NO KEY UPDATE) q ON true
            WHERE p.is_held
        ), updated AS (
            UPDATE stock_quant q
            SET qty = q.qty + h.qty,
                last_at = greatest(q.last_at, h.last_at),
                serial_lot_id = CASE WHEN h.tracking = 2 AND q.qty + h.qty > 0 THEN q.lot_id END
            FROM held h
            WHERE h.old_qty IS NOT NULL AND q.company_id = h.company_id AND q.item_id = h.item_id
              AND q.location_id = h.location_id AND q.lot_id = h.lot_id
            RETURNING q.item_id, q.location_id, q.lot_id, q.qty, q.reserved
        ), inserted AS (
            INSERT INTO stock_quant (company_id, item_id, location_id, lot_id, qty, last_at, serial_lot_id)
            SELECT h.company_id, h.item_id, h.location_id, h.lot_id, h.qty, h.last_at,
                   CASE WHEN h.tracking = 2 AND h.qty > 0 THEN h.lot_id END
            FROM held h
            WHERE h.old_qty IS NULL
        ), monthly AS (
            INSERT INTO stock_quant_month AS t (company_id, month, item_id, location_id, qty)
            SELECT p.company_id, p.month, p.item_id, p.location_id, sum(p.qty)
            FROM part p
            CROSS JOIN LATERAL (SELECT 1 FROM stock_location l
                                WHERE l.company_id = p.company_id AND l.id = p.location_id AND l.is_held) l
            GROUP BY p.company_id, p.month, p.item_id, p.location_id
            ORDER BY p.company_id, p.month, p.item_id, p.location_id
            ON CONFLICT (company_id, month, item_id, location_id) DO UPDATE SET qty = t.qty + excluded.qty
        )
        SELECT min(h.company_id),
               (SELECT count(*) FROM placed WHERE is_held IS NULL),
               array_agg(DISTINCT h.item_id) FILTER (WHERE NOT h.allow_negative AND coalesce(h.old_qty, 0) + h.qty < 0),
               array_agg(DISTINCT h.item_id) FILTER (WHERE h.dips),
               min(h.out_at) FILTER (WHERE h.dips),
               array_agg(DISTINCT h.item_id) FILTER (WHERE h.tracking = 2 AND h.in_at IS NOT NULL),
               min(h.in_at) FILTER (WHERE h.tracking = 2),
               (SELECT jsonb_agg(jsonb_build_object('item_id', item_id, 'location_id', location_id, 'lot_id', lot_id,
                                                    'qty', qty, 'reserved', reserved))
                FROM updated WHERE reserved > 0 AND qty < reserved)
        INTO company, strangers, negative, dipping, dipping_at, serial_items, serial_at, overclaimed
        FROM (SELECT *, NOT allow_negative AND out_at < greatest(known_at, last_at)
                        AND NOT (out_at >= known_at AND coalesce(old_qty, 0) + qty - came_qty >= 0) AS dips
              FROM held) h;
    END IF;

    IF strangers > 0 THEN
        RAISE EXCEPTION 'a move names a location that its company does not have' USING ERRCODE = 'WH201';
    END IF;
    IF negative IS NOT NULL THEN
        PERFORM stock_refuse_negative(company, negative, '-infinity');
    ELSIF dipping IS NOT NULL THEN
        PERFORM stock_refuse_negative(company, dipping, dipping_at);
    END IF;
    IF overclaimed IS NOT NULL THEN
        RAISE EXCEPTION 'less would be on hand than is reserved' USING ERRCODE = 'WH203', DETAIL = overclaimed::text;
    END IF;
    IF serial_items IS NOT NULL THEN
        PERFORM stock_refuse_double_serial(company, serial_items, serial_at);
    END IF;
    RETURN NULL;
END $$;

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

CREATE TRIGGER stock_move_quants AFTER INSERT ON stock_move
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
CREATE TRIGGER stock_quant_month_follows BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON stock_quant_month
    FOR EACH STATEMENT EXECUTE FUNCTION stock_quant_follows();
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
