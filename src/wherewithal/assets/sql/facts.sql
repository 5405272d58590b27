-- What happened to assets, written once, and what each book says of it, as differences. Ids come from the sequence of
-- stock (stock_reserve_ids), so that an entry's batch is one of stock or one of assets, never both.

CREATE TABLE assets_batch (
    company_id int NOT NULL REFERENCES ledger_company (id),
    batch_id bigint NOT NULL,
    idempotency_key text NOT NULL,
    request_hash bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor_id bigint,
    source text NOT NULL,
    asset_ids bigint[] NOT NULL DEFAULT '{}',
    event_ids bigint[] NOT NULL DEFAULT '{}',
    entry_ids bigint[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (company_id, batch_id),
    CONSTRAINT assets_batch_key UNIQUE (company_id, idempotency_key)
);

CREATE TABLE assets_event (
    company_id int NOT NULL,
    event_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    asset_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind <> ''),
    effective_on date NOT NULL,
    phase smallint NOT NULL,
    key uuid NOT NULL,
    book_id int,
    of_event_id bigint,
    currency char(3),
    detail jsonb NOT NULL DEFAULT '{}',
    move_id bigint,
    party_id int,
    reference text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL,
    FOREIGN KEY (company_id, asset_id) REFERENCES assets_asset (company_id, id),
    CONSTRAINT assets_event_party FOREIGN KEY (company_id, party_id) REFERENCES parties_party (company_id, id)
);
COMMENT ON TABLE assets_event IS 'One thing that happened to one asset. Append-only; a reversal names what never happened.';
COMMENT ON COLUMN assets_event.key IS 'Content key: breaks ties inside a day and phase, never the order of entry.';
COMMENT ON COLUMN assets_event.book_id IS 'The one book that hears of it; null: every book.';
COMMENT ON COLUMN assets_event.move_id IS 'The move of stock whose cost this event takes over or gives back.';
CREATE INDEX assets_event_asset ON assets_event (company_id, asset_id, effective_on, event_id);
CREATE INDEX assets_event_when ON assets_event (company_id, effective_on, event_id);
CREATE INDEX assets_event_of ON assets_event (company_id, of_event_id) WHERE of_event_id IS NOT NULL;
CREATE INDEX assets_event_move ON assets_event (company_id, move_id) WHERE move_id IS NOT NULL;
CREATE UNIQUE INDEX assets_event_reversed_once ON assets_event (company_id, of_event_id) WHERE kind = 'reversal';
ALTER TABLE assets_event ADD PRIMARY KEY (company_id, event_id);

CREATE TABLE assets_event_rate (
    company_id int NOT NULL,
    event_id bigint NOT NULL,
    to_currency char(3) NOT NULL,
    rate numeric NOT NULL CHECK (rate > 0),
    PRIMARY KEY (company_id, event_id, to_currency)
);
COMMENT ON COLUMN assets_event_rate.rate IS 'Price of one unit of the event''s currency in to_currency, captured with the event.';

-- Where an asset is, who has it, who bears its cost, of which class it is, and its status: each from a day on.
CREATE TABLE assets_placement (
    company_id int NOT NULL,
    asset_id bigint NOT NULL,
    aspect smallint NOT NULL CHECK (aspect BETWEEN 1 AND 6),
    effective_on date NOT NULL,
    phase smallint NOT NULL,
    key uuid NOT NULL,
    event_id bigint NOT NULL,
    value_id bigint,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, asset_id, aspect, effective_on, phase, key),
    FOREIGN KEY (company_id, asset_id) REFERENCES assets_asset (company_id, id)
);
COMMENT ON COLUMN assets_placement.aspect IS '1 place, 2 custodian (party), 3 custodian (user), 4 cost centre, 5 class, 6 status.';

CREATE TABLE assets_run (
    company_id int NOT NULL,
    run_id bigint NOT NULL,
    book_id int NOT NULL,
    from_on date,
    through_on date NOT NULL,
    of_run_id bigint,
    asset_count int NOT NULL,
    row_count int NOT NULL,
    total bigint NOT NULL,
    exceptions jsonb NOT NULL DEFAULT '[]',
    entry_ids bigint[] NOT NULL DEFAULT '{}',
    recorded_at timestamptz NOT NULL,
    actor_id bigint,
    PRIMARY KEY (company_id, run_id),
    FOREIGN KEY (company_id, book_id) REFERENCES ledger_book (company_id, id)
);
COMMENT ON TABLE assets_run IS 'Depreciation of a book brought up to a day; of_run_id: taken back to where that run began.';
COMMENT ON COLUMN assets_run.from_on IS 'The horizon before the run: what it posted lies after this day.';
CREATE INDEX assets_run_book ON assets_run (company_id, book_id, run_id);
CREATE UNIQUE INDEX assets_run_reversed_once ON assets_run (company_id, of_run_id) WHERE of_run_id IS NOT NULL;

-- A row is a balanced pair: its debit account is debited by `amount` and its credit account credited; a negative
-- amount the other way round.
CREATE TABLE assets_value (
    company_id int NOT NULL,
    book_id int NOT NULL,
    asset_id bigint NOT NULL,
    event_id bigint NOT NULL,
    role smallint NOT NULL,
    class_id int NOT NULL,
    cost_centre_id int NOT NULL DEFAULT 0,
    debit_account_id int NOT NULL,
    credit_account_id int NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    cost_amount bigint NOT NULL,
    carrying_amount bigint NOT NULL,
    effective_on date NOT NULL,
    posting_on date NOT NULL,
    entry_id bigint,
    batch_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL
);
COMMENT ON COLUMN assets_value.event_id IS 'The cause: the event itself, or for depreciation the event that set its terms.';
COMMENT ON COLUMN assets_value.cost_amount IS 'Effect of the row on the cost of the asset in the book.';
COMMENT ON COLUMN assets_value.carrying_amount IS 'Effect of the row on its net book value.';
COMMENT ON COLUMN assets_value.entry_id IS 'The entry that carries the row; null where the rows of its batch and days net to nothing.';
CREATE INDEX assets_value_asset ON assets_value (company_id, asset_id, book_id, effective_on)
    INCLUDE (role, amount, cost_amount, carrying_amount);
CREATE INDEX assets_value_entry ON assets_value USING brin (entry_id) WITH (pages_per_range = 8);
