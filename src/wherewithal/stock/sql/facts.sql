-- What happened to goods, written once. Quantities: whole numbers of the item's smallest unit. Money: minor units of
-- the named currency. Instants: timestamptz; `effective_on` is the company's local day of `effective_at`.

-- One sequence for batches, documents, moves and costs: a batch takes one block, so that the moves of a document
-- are consecutive. Ids are identity, never order.
CREATE SEQUENCE stock_id_seq;

CREATE FUNCTION stock_reserve_ids(count bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    first_id bigint;
BEGIN
    -- Conditions rather than queries: those would take longer than what they ask for.
    IF pg_advisory_lock(hashtextextended('stock_id_seq', 0)) IS NOT NULL THEN
        first_id := nextval('stock_id_seq');
    END IF;
    IF (count > 1 AND setval('stock_id_seq', first_id + count - 1) IS NULL)
       OR NOT pg_advisory_unlock(hashtextextended('stock_id_seq', 0)) THEN
        RAISE EXCEPTION 'no ids can be reserved';
    END IF;
    RETURN first_id;
END $$;
COMMENT ON FUNCTION stock_reserve_ids IS 'The first of `count` consecutive ids. The lock lasts for the call only.';

CREATE TABLE stock_batch (
    company_id int NOT NULL REFERENCES ledger_company (id),
    batch_id bigint NOT NULL,
    idempotency_key text NOT NULL,
    request_hash bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor_id bigint,
    source text NOT NULL,
    PRIMARY KEY (company_id, batch_id),
    UNIQUE (company_id, idempotency_key)
);
COMMENT ON TABLE stock_batch IS 'What was recorded together. Its entries are those that name it: ledger_entry.batch_id.';

CREATE TABLE stock_document (
    company_id int NOT NULL,
    document_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    reference text,
    party_id int,
    effective_at timestamptz NOT NULL,
    note text,
    first_move_id bigint,
    move_count int NOT NULL DEFAULT 0,
    of_document_id bigint,
    PRIMARY KEY (company_id, document_id)
);
COMMENT ON COLUMN stock_document.first_move_id IS 'A document owns the moves first_move_id .. first_move_id + move_count - 1, in line order.';
CREATE INDEX stock_document_batch ON stock_document (company_id, batch_id);
CREATE INDEX stock_document_number ON stock_document (company_id, number);
CREATE INDEX stock_document_when ON stock_document (company_id, effective_at, document_id);

CREATE TABLE stock_document_rate (
    company_id int NOT NULL,
    document_id bigint NOT NULL,
    currency char(3) NOT NULL,
    to_currency char(3) NOT NULL,
    rate numeric NOT NULL CHECK (rate > 0),
    PRIMARY KEY (company_id, document_id, currency, to_currency)
);
COMMENT ON COLUMN stock_document_rate.rate IS 'Price of one unit of currency in to_currency, captured when the fact was entered.';

CREATE TABLE stock_move (
    company_id int NOT NULL,
    move_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    document_id bigint NOT NULL,
    event_id bigint NOT NULL,
    line_no int NOT NULL,
    item_id int NOT NULL,
    from_location_id int NOT NULL,
    to_location_id int NOT NULL,
    lot_id bigint NOT NULL DEFAULT 0,
    qty bigint NOT NULL CHECK (qty > 0),
    effective_at timestamptz NOT NULL,
    effective_on date NOT NULL,
    phase smallint NOT NULL,
    key uuid NOT NULL,
    kind smallint NOT NULL,
    of_move_id bigint,
    amount bigint,
    currency char(3),
    share bigint,
    recorded_at timestamptz NOT NULL,
    CHECK (from_location_id <> to_location_id),
    PRIMARY KEY (company_id, move_id)
);
COMMENT ON TABLE stock_move IS 'One quantity of one item (and lot) going from one place to another. Append-only.';
COMMENT ON COLUMN stock_move.event_id IS 'Moves of one production share an event; any other move is an event of its own.';
COMMENT ON COLUMN stock_move.key IS 'Content key: breaks ties inside an instant and phase, never the order of entry.';
COMMENT ON COLUMN stock_move.of_move_id IS 'The move that this one returns, amends or reverses; amendments and reversals take its instant.';
COMMENT ON COLUMN stock_move.amount IS 'What the goods cost, from outside, in minor units of currency.';

-- The replay index: a suffix of an item in order, read without touching the table.
CREATE UNIQUE INDEX stock_move_replay ON stock_move
    (company_id, item_id, effective_at, phase, key, move_id)
    INCLUDE (qty, from_location_id, to_location_id, lot_id, effective_on, recorded_at);
-- Company-wide in time: lists of moves, the rest of a month, and the events of one instant.
CREATE INDEX stock_move_when ON stock_move (company_id, effective_at, move_id);
CREATE INDEX stock_move_of ON stock_move (company_id, of_move_id) WHERE of_move_id IS NOT NULL;

CREATE TABLE stock_move_cost (
    company_id int NOT NULL,
    cost_id bigint NOT NULL,
    move_id bigint NOT NULL,
    item_id int NOT NULL,
    effective_on date NOT NULL,
    kind smallint NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    currency char(3) NOT NULL,
    batch_id bigint NOT NULL,
    document_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, cost_id)
);
COMMENT ON TABLE stock_move_cost IS 'Money that belongs to an earlier receipt: landed cost (1) and price corrections (2). item and day are the receipt''s.';
CREATE INDEX stock_move_cost_item ON stock_move_cost (company_id, item_id, effective_on);
CREATE INDEX stock_move_cost_document ON stock_move_cost (company_id, document_id);

CREATE TABLE stock_cost_policy (
    company_id int NOT NULL,
    policy_id int GENERATED BY DEFAULT AS IDENTITY,
    book_id int NOT NULL,
    category_id int,
    method text NOT NULL CHECK (method IN (
        'fifo', 'lifo', 'moving_average', 'periodic_average', 'standard', 'specific')),
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor_id bigint,
    PRIMARY KEY (company_id, policy_id),
    FOREIGN KEY (company_id, book_id) REFERENCES ledger_book (company_id, id)
);
COMMENT ON TABLE stock_cost_policy IS 'How a book costs a category (null: all) from a day on; the latest recorded for the same day wins.';

CREATE TABLE stock_standard_cost (
    company_id int NOT NULL,
    standard_id int GENERATED BY DEFAULT AS IDENTITY,
    book_id int NOT NULL,
    item_id int NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    per_qty bigint NOT NULL CHECK (per_qty > 0),
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor_id bigint,
    PRIMARY KEY (company_id, standard_id)
);
COMMENT ON COLUMN stock_standard_cost.amount IS 'Minor units of the book''s currency for per_qty smallest units of the item: an exact fraction.';
CREATE INDEX stock_standard_cost_item ON stock_standard_cost (company_id, item_id, book_id, effective_on);

-- Value: what each book says each move did, as differences. A row is a balanced pair: its debit account is debited by
-- `amount` and its credit account credited; a negative amount the other way round.
CREATE TABLE stock_value (
    company_id int NOT NULL,
    book_id int NOT NULL,
    item_id int NOT NULL,
    scope_id int NOT NULL,
    lot_id bigint NOT NULL,
    move_id bigint NOT NULL,
    cause_id bigint NOT NULL,
    role smallint NOT NULL,
    debit_account_id int NOT NULL,
    credit_account_id int NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    stock_amount bigint NOT NULL,
    effective_on date NOT NULL,
    posting_on date NOT NULL,
    entry_id bigint,
    batch_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL
);
COMMENT ON COLUMN stock_value.stock_amount IS 'Effect of the row on the value of its pool (book, item, scope, lot).';
COMMENT ON COLUMN stock_value.cause_id IS 'The move itself, or the later receipt that trued it up; its day is effective_on.';
COMMENT ON COLUMN stock_value.entry_id IS 'The entry that carries the row; null where the rows of its batch and days net to nothing.';
CREATE INDEX stock_value_replay ON stock_value (company_id, item_id, effective_on, move_id, cause_id, role)
    INCLUDE (book_id, scope_id, lot_id, debit_account_id, credit_account_id, amount, stock_amount);
CREATE INDEX stock_value_entry ON stock_value USING brin (entry_id) WITH (pages_per_range = 8);
