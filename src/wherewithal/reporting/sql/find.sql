-- Finding anything: one row per word of the code and name of each asset, party and place, without case and accents, as
-- items_word holds those of items. Collation C: `^@` and `=` are leakproof and keep the index under row-level security.
-- Kinds: 1 asset, 2 party, 3 location.
CREATE TABLE reporting_word (
    company_id int NOT NULL,
    word text COLLATE "C" NOT NULL,
    kind smallint NOT NULL CHECK (kind IN (1, 2, 3)),
    of_id bigint NOT NULL,
    PRIMARY KEY (company_id, word, kind, of_id)
);
CREATE INDEX reporting_word_of ON reporting_word (company_id, kind, of_id);

CREATE FUNCTION reporting_words(given text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT left(word, 64)
    FROM regexp_split_to_table(
        translate(
            replace(replace(replace(replace(
                regexp_replace(normalize(lower(given), NFKD), '[\u0300-\u036f]', '', 'g'),
                'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            'øłđðıħ', 'olddih'),
        '[\s!-/:-@\[-`{-~]+') AS word
    WHERE word <> ''
    LIMIT 60
$$;

-- Arguments: the kind, then the columns. All rows of an insert at once; a changed name row by row, for that is rare.
CREATE FUNCTION reporting_word_inserted() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO reporting_word (company_id, word, kind, of_id)
    SELECT r.company_id, w.word, TG_ARGV[0]::smallint, r.id
    FROM new_rows r
    CROSS JOIN LATERAL (
        SELECT string_agg(to_jsonb(r) ->> c.name, ' ') AS given FROM unnest(TG_ARGV[1:]) AS c (name)
    ) t
    CROSS JOIN LATERAL reporting_words(t.given) AS w (word);
    RETURN NULL;
END $$;

CREATE FUNCTION reporting_word_changed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM reporting_word
    WHERE company_id = NEW.company_id AND kind = TG_ARGV[0]::smallint AND of_id = NEW.id;
    INSERT INTO reporting_word (company_id, word, kind, of_id)
    SELECT NEW.company_id, w.word, TG_ARGV[0]::smallint, NEW.id
    FROM (SELECT string_agg(to_jsonb(NEW) ->> c.name, ' ') AS given FROM unnest(TG_ARGV[1:]) AS c (name)) t
    CROSS JOIN LATERAL reporting_words(t.given) AS w (word);
    RETURN NULL;
END $$;

CREATE TRIGGER reporting_word_inserted AFTER INSERT ON assets_asset REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reporting_word_inserted('1', 'tag', 'name', 'serial_no');
CREATE TRIGGER reporting_word_changed AFTER UPDATE OF tag, name, serial_no ON assets_asset FOR EACH ROW
    WHEN ((OLD.tag, OLD.name, OLD.serial_no) IS DISTINCT FROM (NEW.tag, NEW.name, NEW.serial_no))
    EXECUTE FUNCTION reporting_word_changed('1', 'tag', 'name', 'serial_no');
CREATE TRIGGER reporting_word_inserted AFTER INSERT ON parties_party REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reporting_word_inserted('2', 'code', 'name');
CREATE TRIGGER reporting_word_changed AFTER UPDATE OF code, name ON parties_party FOR EACH ROW
    WHEN ((OLD.code, OLD.name) IS DISTINCT FROM (NEW.code, NEW.name))
    EXECUTE FUNCTION reporting_word_changed('2', 'code', 'name');
CREATE TRIGGER reporting_word_inserted AFTER INSERT ON stock_location REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reporting_word_inserted('3', 'code', 'name', 'barcode');
CREATE TRIGGER reporting_word_changed AFTER UPDATE OF code, name, barcode ON stock_location FOR EACH ROW
    WHEN ((OLD.code, OLD.name, OLD.barcode) IS DISTINCT FROM (NEW.code, NEW.name, NEW.barcode))
    EXECUTE FUNCTION reporting_word_changed('3', 'code', 'name', 'barcode');

INSERT INTO reporting_word (company_id, word, kind, of_id)
SELECT a.company_id, w.word, 1, a.id FROM assets_asset a
CROSS JOIN LATERAL reporting_words(concat_ws(' ', a.tag, a.name, a.serial_no)) AS w (word)
UNION ALL
SELECT p.company_id, w.word, 2, p.id FROM parties_party p
CROSS JOIN LATERAL reporting_words(concat_ws(' ', p.code, p.name)) AS w (word)
UNION ALL
SELECT l.company_id, w.word, 3, l.id FROM stock_location l
CROSS JOIN LATERAL reporting_words(concat_ws(' ', l.code, l.name, l.barcode)) AS w (word);

-- Items, lots and serials, and the numbers of documents have their indexes; what a document refers to gets one.
CREATE INDEX stock_document_by_reference ON stock_document (company_id, (reference COLLATE "C"), document_id)
    WHERE reference IS NOT NULL;
