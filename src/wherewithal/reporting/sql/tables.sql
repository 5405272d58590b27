-- When the books were proved, and what came of it.

CREATE TABLE reporting_verify_run (
    company_id  int         NOT NULL REFERENCES ledger_company (id),
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    started_at  timestamptz NOT NULL,
    seconds     numeric     NOT NULL,
    actor_id    bigint,                                        -- null: the nightly job
    deep        boolean     NOT NULL,
    passed      boolean     NOT NULL,
    checks      jsonb       NOT NULL,                          -- as `wherewithal verify --json` prints them
    PRIMARY KEY (company_id, id)
);
COMMENT ON TABLE reporting_verify_run IS 'Each run of verify: what was checked, how long it took, what was found.';
