-- What the ORM has no classes for: faults by the thousand, and the keys of what has been loaded.

ALTER TABLE feeds_mapping ADD FOREIGN KEY (company_id) REFERENCES ledger_company (id);
ALTER TABLE feeds_import ADD FOREIGN KEY (company_id) REFERENCES ledger_company (id);

-- One fault of one cell of a file; position keeps the order in which they were found.
CREATE TABLE feeds_problem (
    company_id int NOT NULL,
    import_id bigint NOT NULL,
    position int NOT NULL,
    line int NOT NULL,           -- as people count, the header is line 1; 0 concerns the whole file
    column_name text NOT NULL,
    value text NOT NULL,
    rule text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (company_id, import_id, position),
    FOREIGN KEY (company_id, import_id) REFERENCES feeds_import (company_id, id) ON DELETE CASCADE
);

-- A document, or a row of masters, that an import has written: written once, whatever is imported again.
-- digest tells whether what comes again under the same key is the same.
CREATE TABLE feeds_loaded (
    company_id int NOT NULL,
    source text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    import_id bigint NOT NULL,
    digest bytea NOT NULL,
    made_id bigint,              -- the document's id, or the master's
    PRIMARY KEY (company_id, source, key),
    FOREIGN KEY (company_id, import_id) REFERENCES feeds_import (company_id, id)
);
CREATE INDEX feeds_loaded_by_import ON feeds_loaded (company_id, import_id);
