-- What every new move meets, in one trigger: it comes with its batch (wholeness.sql), it fits its item, its lot and its
-- places, and the balances that follow from it are kept and judged (guards.sql says by which rules).

-- Balances of the touched cells (company, item, place, lot), and what is wrong with them and with the moves. An old
-- cell that only gives what it had before, after everything known of it, cannot have dipped below zero in between; any
-- other that gives is looked at through its later history.
CREATE OR REPLACE FUNCTION stock_keep_quants() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company int;
    odd bigint;
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
           t.is_held AS to_held, t.allow_negative AS to_negative, b.is_own,
           (SELECT count(*) FROM new_moves) AS moves
    INTO one
    FROM new_moves m
    LEFT JOIN LATERAL (SELECT i.sku, i.tracking, i.qty_decimals FROM items_item i
                       WHERE i.company_id = m.company_id AND i.id = m.item_id) i ON true
    LEFT JOIN LATERAL (SELECT l.is_held, l.allow_negative FROM stock_location l
                       WHERE l.company_id = m.company_id AND l.id = m.from_location_id) f ON true
    LEFT JOIN LATERAL (SELECT l.is_held, l.allow_negative FROM stock_location l
                       WHERE l.company_id = m.company_id AND l.id = m.to_location_id) t ON true
    LEFT JOIN LATERAL (SELECT true AS is_own FROM stock_batch b
                       WHERE b.company_id = m.company_id AND b.batch_id = m.batch_id AND b.recorded_at = m.recorded_at
                         AND b.xmax = '0'::xid AND stock_born_here(b.xmin)) b ON true
    LIMIT 1;
    company := one.company_id;

    IF one.moves > 1 THEN
        SELECT g.batch_id INTO odd
        FROM (SELECT DISTINCT company_id, batch_id, recorded_at FROM new_moves) g
        CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM stock_batch b
            WHERE b.company_id = g.company_id AND b.batch_id = g.batch_id AND b.recorded_at = g.recorded_at
              AND b.xmax = '0'::xid AND stock_born_here(b.xmin)
        ) b
        WHERE b.n = 0
        LIMIT 1;
    ELSIF one.is_own IS NULL THEN
        odd := one.batch_id;
    END IF;
    IF odd IS NOT NULL THEN
        RAISE EXCEPTION 'moves come with their batch: batch % is none of this transaction', odd USING ERRCODE = 'WH207';
    END IF;

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

DROP TRIGGER IF EXISTS stock_move_0_batch ON stock_move;
DROP FUNCTION IF EXISTS stock_moves_have_a_batch();
DROP TRIGGER IF EXISTS stock_move_quants ON stock_move;
CREATE TRIGGER stock_move_quants AFTER INSERT ON stock_move
    REFERENCING NEW TABLE AS new_moves FOR EACH STATEMENT EXECUTE FUNCTION stock_keep_quants();

-- Nobody writes balances by hand: they move only underneath the triggers of moves and reservations. Asked in the trigger's
-- condition, so that those who may write them do not even call it.
CREATE OR REPLACE FUNCTION stock_quant_follows() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'balances follow from moves and reservations' USING ERRCODE = 'WH205';
END $$;
DROP TRIGGER IF EXISTS stock_quant_month_follows ON stock_quant_month;
DROP TRIGGER IF EXISTS stock_quant_follows ON stock_quant;
CREATE TRIGGER stock_quant_month_follows BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON stock_quant_month
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stock_quant_follows();
CREATE TRIGGER stock_quant_follows BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON stock_quant
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stock_quant_follows();
