-- The kit's own tables. They carry company_id, but no foreign key: the kit does not know what a company is.

CREATE TABLE kit_idempotency (
    company_id   int NOT NULL,
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash bytea NOT NULL,
    response     jsonb,                        -- null only while the first call is still in its transaction
    at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, key)
);
COMMENT ON TABLE kit_idempotency IS 'The first answer to each idempotency key, given again to every repetition';

CREATE TABLE kit_sequence (
    company_id  int NOT NULL,
    series      text NOT NULL,
    last_number bigint NOT NULL CHECK (last_number >= 0),
    PRIMARY KEY (company_id, series)
);
COMMENT ON TABLE kit_sequence IS 'Gap-free document numbers: one locked counter per company and series';

CREATE TABLE kit_job (
    company_id  int NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    progress    bigint NOT NULL DEFAULT 0,
    total       bigint,
    message     text NOT NULL DEFAULT '',
    arguments   jsonb NOT NULL DEFAULT '{}',
    result      jsonb,
    actor_id    bigint,
    created_at  timestamptz NOT NULL DEFAULT now(),
    started_at  timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (company_id, id)
);
COMMENT ON TABLE kit_job IS 'Long work as its user sees it; the queue itself is procrastinate''s';
