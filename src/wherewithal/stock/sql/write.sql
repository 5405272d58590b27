-- A whole batch in one statement: facts, value and what is derived from them. Runs with the caller's rights, so that
-- row-level security and every guard hold. The arrays of a part belong together, one element a row; instants come as
-- microseconds since 1970, days as ordinals (1 = 0001-01-01). Written by the posting side only: services/posting/write.py
-- names the same columns in the same order.
CREATE FUNCTION stock_write(
    company int, batch bigint, key text, hash bytea, recorded timestamptz, actor bigint, origin text, entries bigint[],
    d_document_id bigint[], d_kind text[], d_number text[], d_reference text[], d_party_id int[], d_effective_at
    timestamptz[], d_note text[], d_first_move_id bigint[], d_move_count int[], d_of_document_id bigint[],
    r_document_id bigint[], r_currency text[], r_to_currency text[], r_rate numeric[],
    m_move_id bigint[], m_document_id bigint[], m_event_id bigint[], m_line_no int[], m_item_id int[],
    m_from_location_id int[], m_to_location_id int[], m_lot_id bigint[], m_qty bigint[], m_at bigint[], m_day int[],
    m_phase smallint[], m_key uuid[], m_kind smallint[], m_of_move_id bigint[], m_amount bigint[], m_currency text[],
    m_share bigint[],
    c_cost_id bigint[], c_move_id bigint[], c_item_id int[], c_day int[], c_kind smallint[], c_amount bigint[],
    c_currency text[], c_document_id bigint[],
    v_book_id int[], v_item_id int[], v_scope_id int[], v_lot_id bigint[], v_move_id bigint[], v_cause_id bigint[],
    v_role smallint[], v_debit_account_id int[], v_credit_account_id int[], v_amount bigint[], v_stock_amount
    bigint[], v_day int[], v_posting_day int[], v_entry_id bigint[],
    s_item_id int[], s_book_id int[], s_scope_id int[], s_lot_id bigint[], s_day int[], s_qty bigint[], s_value
    bigint[], s_state bytea[], s_before bytea[],
    n_item_id int[], n_day int[], n_book_id int[], n_scope_id int[], n_lot_id bigint[], n_state bytea[],
    k_item_id int[], k_last_at bigint[],
    e_from_item_id int[], e_to_item_id int[], e_day int[]
) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_batch (company_id, batch_id, idempotency_key, request_hash, recorded_at, actor_id, source, entry_ids)
    VALUES (company, batch, key, hash, recorded, actor, origin, entries);

    IF cardinality(d_document_id) > 0 THEN
        INSERT INTO stock_document (company_id, batch_id, document_id, kind, number, reference, party_id,
        effective_at, note, first_move_id, move_count, of_document_id)
        SELECT company, batch, u.document_id, u.kind, u.number, u.reference, u.party_id, u.effective_at, u.note,
        u.first_move_id, u.move_count, u.of_document_id
        FROM unnest(d_document_id, d_kind, d_number, d_reference, d_party_id, d_effective_at, d_note, d_first_move_id,
        d_move_count, d_of_document_id) AS u (document_id, kind, number, reference, party_id, effective_at, note,
        first_move_id, move_count, of_document_id);
    END IF;

    IF cardinality(r_document_id) > 0 THEN
        INSERT INTO stock_document_rate (company_id, document_id, currency, to_currency, rate)
        SELECT company, u.document_id, u.currency, u.to_currency, u.rate
        FROM unnest(r_document_id, r_currency, r_to_currency, r_rate) AS u (document_id, currency, to_currency, rate);
    END IF;

    IF cardinality(m_move_id) > 0 THEN
        INSERT INTO stock_move (company_id, batch_id, recorded_at, move_id, document_id, event_id, line_no, item_id,
        from_location_id, to_location_id, lot_id, qty, effective_at, effective_on, phase, key, kind, of_move_id,
        amount, currency, share)
        SELECT company, batch, recorded, u.move_id, u.document_id, u.event_id, u.line_no, u.item_id,
        u.from_location_id, u.to_location_id, u.lot_id, u.qty, timestamptz 'epoch' + u.at * interval '1 microsecond',
        date '0001-01-01' + (u.day - 1), u.phase, u.key, u.kind, u.of_move_id, u.amount, u.currency, u.share
        FROM unnest(m_move_id, m_document_id, m_event_id, m_line_no, m_item_id, m_from_location_id, m_to_location_id,
        m_lot_id, m_qty, m_at, m_day, m_phase, m_key, m_kind, m_of_move_id, m_amount, m_currency, m_share) AS u
        (move_id, document_id, event_id, line_no, item_id, from_location_id, to_location_id, lot_id, qty, at, day,
        phase, key, kind, of_move_id, amount, currency, share);
    END IF;

    IF cardinality(c_cost_id) > 0 THEN
        INSERT INTO stock_move_cost (company_id, batch_id, recorded_at, cost_id, move_id, item_id, effective_on, kind,
        amount, currency, document_id)
        SELECT company, batch, recorded, u.cost_id, u.move_id, u.item_id, date '0001-01-01' + (u.day - 1), u.kind,
        u.amount, u.currency, u.document_id
        FROM unnest(c_cost_id, c_move_id, c_item_id, c_day, c_kind, c_amount, c_currency, c_document_id) AS u
        (cost_id, move_id, item_id, day, kind, amount, currency, document_id);
    END IF;

    IF cardinality(v_book_id) > 0 THEN
        INSERT INTO stock_value (company_id, batch_id, recorded_at, book_id, item_id, scope_id, lot_id, move_id,
        cause_id, role, debit_account_id, credit_account_id, amount, stock_amount, effective_on, posting_on, entry_id)
        SELECT company, batch, recorded, u.book_id, u.item_id, u.scope_id, u.lot_id, u.move_id, u.cause_id, u.role,
        u.debit_account_id, u.credit_account_id, u.amount, u.stock_amount, date '0001-01-01' + (u.day - 1), date
        '0001-01-01' + (u.posting_day - 1), u.entry_id
        FROM unnest(v_book_id, v_item_id, v_scope_id, v_lot_id, v_move_id, v_cause_id, v_role, v_debit_account_id,
        v_credit_account_id, v_amount, v_stock_amount, v_day, v_posting_day, v_entry_id) AS u (book_id, item_id,
        scope_id, lot_id, move_id, cause_id, role, debit_account_id, credit_account_id, amount, stock_amount, day,
        posting_day, entry_id);
    END IF;

    IF cardinality(s_item_id) > 0 THEN
        INSERT INTO stock_cost_state (company_id, item_id, book_id, scope_id, lot_id, day, qty, value, state, before)
        SELECT company, u.item_id, u.book_id, u.scope_id, u.lot_id, date '0001-01-01' + (u.day - 1), u.qty, u.value,
        u.state, u.before
        FROM unnest(s_item_id, s_book_id, s_scope_id, s_lot_id, s_day, s_qty, s_value, s_state, s_before) AS u
        (item_id, book_id, scope_id, lot_id, day, qty, value, state, before)
        ON CONFLICT (company_id, item_id, book_id, scope_id, lot_id) DO UPDATE
        SET day = excluded.day, qty = excluded.qty, value = excluded.value, state = excluded.state,
            before = excluded.before;
    END IF;

    IF cardinality(n_item_id) > 0 THEN
        INSERT INTO stock_cost_snapshot (company_id, item_id, day, book_id, scope_id, lot_id, state)
        SELECT company, u.item_id, date '0001-01-01' + (u.day - 1), u.book_id, u.scope_id, u.lot_id, u.state
        FROM unnest(n_item_id, n_day, n_book_id, n_scope_id, n_lot_id, n_state) AS u (item_id, day, book_id, scope_id,
        lot_id, state)
        ON CONFLICT (company_id, item_id, day, book_id, scope_id, lot_id) DO UPDATE SET state = excluded.state;
    END IF;

    UPDATE stock_item_lock t
    SET last_at = greatest(t.last_at, timestamptz 'epoch' + u.last_at * interval '1 microsecond'), last_recorded_at = recorded
    FROM unnest(k_item_id, k_last_at) AS u (item_id, last_at)
    WHERE t.company_id = company AND t.item_id = u.item_id;

    IF cardinality(e_from_item_id) > 0 THEN
        INSERT INTO stock_cost_edge AS t (company_id, from_item_id, to_item_id, last_on)
        SELECT company, u.from_item_id, u.to_item_id, date '0001-01-01' + (u.day - 1)
        FROM unnest(e_from_item_id, e_to_item_id, e_day) AS u (from_item_id, to_item_id, day)
        ON CONFLICT (company_id, from_item_id, to_item_id) DO UPDATE
        SET last_on = greatest(t.last_on, excluded.last_on);
    END IF;
END $$;
