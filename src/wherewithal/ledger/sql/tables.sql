-- The ledger's own tables. Masters (company, book, account) are Django's; everything that is written in bulk or
-- may never be rewritten is here, whole and readable. Every key begins with the company.

CREATE SEQUENCE ledger_entry_id_seq AS bigint;

-- Which account plays which role in a book: versioned like a fact. Of the rows for one (book, role, category) the
-- latest effective day counts, and for one effective day the one recorded last.
CREATE TABLE ledger_account_map (
    company_id   int         NOT NULL,
    id           bigint      GENERATED ALWAYS AS IDENTITY,
    book_id      int         NOT NULL,
    account_role text        NOT NULL CHECK (account_role <> ''),
    category_id  int,                                         -- null: the default of the book
    account_id   int         NOT NULL,
    effective_on date        NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id     bigint,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, book_id) REFERENCES ledger_book (company_id, id),
    FOREIGN KEY (company_id, account_id) REFERENCES ledger_account (company_id, id)
);

-- A period that has been closed at least once. Months that have no row are open, unless a later one is closed:
-- what counts is the last day of the last closed period, because a posting before it would change its balance sheet.
CREATE TABLE ledger_period (
    company_id  int         NOT NULL,
    book_id     int         NOT NULL,
    start_on    date        NOT NULL,
    end_on      date        NOT NULL,
    fiscal_year int         NOT NULL,
    number      int         NOT NULL CHECK (number BETWEEN 1 AND 12),
    state       smallint    NOT NULL CHECK (state IN (0, 1, 2)),  -- open, closed, locked for good
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id    bigint,
    reason      text        NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, book_id, end_on),
    FOREIGN KEY (company_id, book_id) REFERENCES ledger_book (company_id, id),
    CONSTRAINT ledger_period_is_a_month CHECK (
        extract(day FROM start_on) = 1 AND end_on = (start_on + interval '1 month')::date - 1
    )
);

-- Who opened and closed what, when and why. Written by a trigger on ledger_period, never by hand.
CREATE TABLE ledger_period_event (
    company_id  int         NOT NULL,
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    book_id     int         NOT NULL,
    end_on      date        NOT NULL,
    from_state  smallint    NOT NULL,
    to_state    smallint    NOT NULL,
    actor_id    bigint,
    reason      text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id)
);

CREATE TABLE ledger_entry (
    company_id   int         NOT NULL,
    book_id      int         NOT NULL,
    entry_id     bigint      NOT NULL,
    effective_on date        NOT NULL,
    posting_on   date        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    source       text        NOT NULL CHECK (source <> ''),
    batch_id     bigint,
    reference    text        NOT NULL DEFAULT '',
    description  text        NOT NULL DEFAULT '',
    actor_id     bigint,
    CONSTRAINT ledger_entry_posted_not_before_effect CHECK (posting_on >= effective_on)
);
-- Here and below the primary key comes last: while a table is nearly empty the planner finds all indexes that begin
-- with the company and book equally good, takes the newest, and keeps that plan for the life of the session.
CREATE INDEX ledger_entry_by_posting ON ledger_entry (company_id, book_id, posting_on, entry_id);
CREATE INDEX ledger_entry_by_batch ON ledger_entry (company_id, batch_id) WHERE batch_id IS NOT NULL;
ALTER TABLE ledger_entry ADD PRIMARY KEY (company_id, book_id, entry_id);

-- Amounts are minor units of the book's currency: debit positive, credit negative. The dates repeat the entry's
-- (a trigger holds them together), so that balances are read from this table alone.
CREATE TABLE ledger_line (
    company_id      int         NOT NULL,
    book_id         int         NOT NULL,
    entry_id        bigint      NOT NULL,
    line_no         int         NOT NULL CHECK (line_no > 0),
    account_id      int         NOT NULL,
    amount          bigint      NOT NULL CHECK (amount <> 0),
    currency        char(3),
    document_amount bigint,                                    -- minor units of `currency`
    rate            numeric     CHECK (rate > 0),              -- book units for one unit of `currency`
    memo            text,
    effective_on    date        NOT NULL,
    posting_on      date        NOT NULL,
    recorded_at     timestamptz NOT NULL,
    CONSTRAINT ledger_line_document_amount_has_currency CHECK (
        (currency IS NULL) = (document_amount IS NULL) AND (currency IS NOT NULL OR rate IS NULL)
    )
);
CREATE INDEX ledger_line_by_account
    ON ledger_line (company_id, book_id, account_id, posting_on) INCLUDE (amount);
ALTER TABLE ledger_line ADD PRIMARY KEY (company_id, book_id, entry_id, line_no);

-- The entry's number, the hash of its content and the chain. Written by the trigger that sees the entry born, so
-- whoever inserts an entry, by whatever way, gets it sealed; the application itself may only read these two tables.
CREATE TABLE ledger_entry_seal (
    company_id   int    NOT NULL,
    book_id      int    NOT NULL,
    year         int    NOT NULL,                              -- fiscal year of posting_on
    number       int    NOT NULL CHECK (number > 0),
    entry_id     bigint NOT NULL,
    content_hash bytea  NOT NULL,
    chain_hash   bytea  NOT NULL,
    PRIMARY KEY (company_id, book_id, year, number),
    UNIQUE (company_id, book_id, entry_id)
);

CREATE TABLE ledger_chain_head (
    company_id int   NOT NULL,
    book_id    int   NOT NULL,
    year       int   NOT NULL,
    number     int   NOT NULL,
    chain_hash bytea NOT NULL,
    PRIMARY KEY (company_id, book_id, year)
) WITH (fillfactor = 50);

-- Rates for use at the doors. What a document used is kept with the document, so a corrected rate changes no past.
CREATE TABLE ledger_exchange_rate (
    company_id  int     NOT NULL,
    currency    char(3) NOT NULL,
    to_currency char(3) NOT NULL,
    on_date     date    NOT NULL,
    rate        numeric NOT NULL CHECK (rate > 0),             -- units of to_currency for one unit of currency
    PRIMARY KEY (company_id, currency, to_currency, on_date),
    FOREIGN KEY (company_id) REFERENCES ledger_company (id),
    CONSTRAINT ledger_exchange_rate_between_two CHECK (currency <> to_currency)
);

-- Which entry takes which other one back: each at most once.
CREATE TABLE ledger_reversal (
    company_id        int    NOT NULL,
    book_id           int    NOT NULL,
    entry_id          bigint NOT NULL,
    reversed_entry_id bigint NOT NULL,
    reason            text   NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (company_id, book_id, entry_id),
    CONSTRAINT ledger_reversal_once UNIQUE (company_id, book_id, reversed_entry_id),
    FOREIGN KEY (company_id, book_id, entry_id) REFERENCES ledger_entry,
    FOREIGN KEY (company_id, book_id, reversed_entry_id) REFERENCES ledger_entry,
    CONSTRAINT ledger_reversal_not_of_itself CHECK (entry_id <> reversed_entry_id)
);
