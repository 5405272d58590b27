-- What can be worked out again from the facts at any time; kept so that nobody has to wait for it.

-- The only row lock of the posting path besides quants. One row per item, born with the item.
CREATE TABLE stock_item_lock (
    company_id int NOT NULL,
    item_id int NOT NULL,
    last_at timestamptz NOT NULL DEFAULT '-infinity',
    last_recorded_at timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (company_id, item_id)
) WITH (fillfactor = 50);
COMMENT ON COLUMN stock_item_lock.last_at IS 'The latest instant at which this item has a fact: a later one is an append.';

CREATE FUNCTION stock_lock_row_for_new_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_item_lock (company_id, item_id) SELECT company_id, id FROM new_items ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER stock_lock_row_for_new_items AFTER INSERT ON items_item
    REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION stock_lock_row_for_new_items();

CREATE TABLE stock_cost_state (
    company_id int NOT NULL,
    item_id int NOT NULL,
    book_id int NOT NULL,
    scope_id int NOT NULL,
    lot_id bigint NOT NULL,
    day date NOT NULL,
    qty bigint NOT NULL,
    value bigint NOT NULL,
    state bytea NOT NULL,
    before bytea,
    PRIMARY KEY (company_id, item_id, book_id, scope_id, lot_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE stock_cost_state IS 'Each pool after its last fact: the day of that, quantity, value, and the layers as core packs them.';
COMMENT ON COLUMN stock_cost_state.before IS 'The pool at the start of that day where known, for facts that come late the same day.';

CREATE TABLE stock_cost_snapshot (
    company_id int NOT NULL,
    item_id int NOT NULL,
    day date NOT NULL,
    book_id int NOT NULL,
    scope_id int NOT NULL,
    lot_id bigint NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (company_id, item_id, day, book_id, scope_id, lot_id)
);
COMMENT ON TABLE stock_cost_snapshot IS 'Pools at the start of a day, for replays to begin from. A replay rewrites those after its day.';

CREATE TABLE stock_cost_edge (
    company_id int NOT NULL,
    from_item_id int NOT NULL,
    to_item_id int NOT NULL,
    last_on date NOT NULL,
    PRIMARY KEY (company_id, from_item_id, to_item_id)
);
COMMENT ON TABLE stock_cost_edge IS 'Cost has flowed from one item into another (production); last_on is the latest day.';

-- The books that every movement is posted in. A book that is made before anything has moved is filled by nature; a
-- later one is filled by a use case that posts all facts there are (services/costing.py).
CREATE TABLE stock_filled_book (
    company_id int NOT NULL,
    book_id int NOT NULL,
    PRIMARY KEY (company_id, book_id),
    FOREIGN KEY (company_id, book_id) REFERENCES ledger_book (company_id, id)
);

CREATE FUNCTION stock_new_books_are_filled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_filled_book (company_id, book_id)
    SELECT b.company_id, b.id FROM new_books b
    WHERE NOT EXISTS (SELECT 1 FROM stock_move m WHERE m.company_id = b.company_id);
    RETURN NULL;
END $$;

CREATE TRIGGER stock_new_books_are_filled AFTER INSERT ON ledger_book
    REFERENCING NEW TABLE AS new_books
    FOR EACH STATEMENT EXECUTE FUNCTION stock_new_books_are_filled();

CREATE TABLE stock_quant (
    company_id int NOT NULL,
    item_id int NOT NULL,
    location_id int NOT NULL,
    lot_id bigint NOT NULL,
    qty bigint NOT NULL,
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    last_at timestamptz NOT NULL,
    serial_lot_id bigint,
    PRIMARY KEY (company_id, item_id, location_id, lot_id),
    CONSTRAINT stock_quant_one_place_per_serial UNIQUE (company_id, serial_lot_id) DEFERRABLE INITIALLY IMMEDIATE
) WITH (fillfactor = 50);
COMMENT ON TABLE stock_quant IS 'What is where now: the sum of the moves, kept by their trigger. serial_lot_id: the lot, while this is a serial and here.';
CREATE INDEX stock_quant_location ON stock_quant (company_id, location_id, item_id);

CREATE TABLE stock_quant_month (
    company_id int NOT NULL,
    month date NOT NULL,
    item_id int NOT NULL,
    location_id int NOT NULL,
    qty bigint NOT NULL,
    PRIMARY KEY (company_id, month, item_id, location_id) INCLUDE (qty)
) WITH (fillfactor = 50);
COMMENT ON TABLE stock_quant_month IS 'What came less what went in a month (its first day), kept by the trigger of moves: a past day is now less the months since.';

CREATE SEQUENCE stock_reservation_id_seq;
CREATE TABLE stock_reservation (
    company_id int NOT NULL,
    reservation_id bigint NOT NULL DEFAULT nextval('stock_reservation_id_seq'),
    item_id int NOT NULL,
    location_id int NOT NULL,
    lot_id bigint NOT NULL DEFAULT 0,
    qty bigint NOT NULL CHECK (qty > 0),
    open_qty bigint NOT NULL CHECK (open_qty BETWEEN 0 AND qty),
    reference text,
    idempotency_key text NOT NULL,
    line_no int NOT NULL,
    request_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    actor_id bigint,
    closed_at timestamptz,
    closed_by_id bigint,
    PRIMARY KEY (company_id, reservation_id),
    UNIQUE (company_id, idempotency_key, line_no)
);
COMMENT ON COLUMN stock_reservation.open_qty IS 'What is still claimed: neither released nor fulfilled.';
CREATE INDEX stock_reservation_open ON stock_reservation (company_id, item_id, location_id, lot_id) WHERE open_qty > 0;
