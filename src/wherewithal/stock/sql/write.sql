-- A whole batch in one statement (a large one in several): facts, value and what is derived from them. Runs with the caller's rights, so that
-- row-level security and every guard hold. Each part comes as an array of its table's own rows, columns in the table's
-- order: PostgreSQL reads these as fast as it reads COPY, and a plan without a projection is begun soonest.
-- services/posting/write.py names the same columns in the same order.
CREATE FUNCTION stock_write(
    batches stock_batch[], documents stock_document[], moves stock_move[], vals stock_value[],
    states stock_cost_state[], snapshots stock_cost_snapshot[], locks stock_item_lock[], edges stock_cost_edge[]
) RETURNS void
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF cardinality(batches) > 0 THEN
        INSERT INTO stock_batch SELECT * FROM unnest(batches);
    END IF;
    IF cardinality(documents) > 0 THEN
        INSERT INTO stock_document SELECT * FROM unnest(documents);
    END IF;
    IF cardinality(moves) > 0 THEN
        INSERT INTO stock_move SELECT * FROM unnest(moves);
    END IF;
    IF cardinality(vals) > 0 THEN
        INSERT INTO stock_value SELECT * FROM unnest(vals);
    END IF;
    IF cardinality(states) > 0 THEN
        INSERT INTO stock_cost_state SELECT * FROM unnest(states)
        ON CONFLICT (company_id, item_id, book_id, scope_id, lot_id) DO UPDATE
        SET day = excluded.day, qty = excluded.qty, value = excluded.value, state = excluded.state,
            before = excluded.before;
    END IF;
    IF cardinality(snapshots) > 0 THEN
        INSERT INTO stock_cost_snapshot SELECT * FROM unnest(snapshots)
        ON CONFLICT (company_id, item_id, day, book_id, scope_id, lot_id) DO UPDATE SET state = excluded.state;
    END IF;
    IF cardinality(locks) > 0 THEN
        INSERT INTO stock_item_lock AS t SELECT * FROM unnest(locks)
        ON CONFLICT (company_id, item_id) DO UPDATE
        SET last_at = greatest(t.last_at, excluded.last_at), last_recorded_at = excluded.last_recorded_at;
    END IF;
    IF cardinality(edges) > 0 THEN
        INSERT INTO stock_cost_edge AS t SELECT * FROM unnest(edges)
        ON CONFLICT (company_id, from_item_id, to_item_id) DO UPDATE
        SET last_on = greatest(t.last_on, excluded.last_on);
    END IF;
END $$;
