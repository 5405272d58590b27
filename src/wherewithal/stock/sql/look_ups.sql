-- Ways to find what would else be looked for in a whole table, and to store what is large.

-- What reverses a document.
CREATE INDEX stock_document_of ON stock_document (company_id, of_document_id) WHERE of_document_id IS NOT NULL;

-- Allowances for net realisable value (role 60): few rows among the many of costing.
CREATE INDEX stock_value_allowance ON stock_value (company_id, book_id, item_id, effective_on) WHERE role = 60;

-- A pool of many layers takes a hundred kilobytes: lz4 packs them in a tenth of pglz's time, where the server has it.
DO $$
BEGIN
    IF 'lz4' = ANY (SELECT unnest(enumvals) FROM pg_settings WHERE name = 'default_toast_compression') THEN
        ALTER TABLE stock_cost_state ALTER COLUMN state SET COMPRESSION lz4, ALTER COLUMN before SET COMPRESSION lz4;
        ALTER TABLE stock_cost_snapshot ALTER COLUMN state SET COMPRESSION lz4;
    END IF;
END $$;
