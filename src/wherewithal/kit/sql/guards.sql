-- What every table with a company has in common, in one place: who may touch it, which rows are seen, what may
-- never change, and who changed what. Migrations call kit_protect, kit_share and kit_allow_sequence; start-up calls
-- kit_grant_all with the name of the application's role, which differs from server to server.

-- --- what the application may touch ------------------------------------------------------------------------

CREATE TABLE kit_guarded (
    name           text PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('table', 'sequence')),
    verbs          text NOT NULL,
    company_column text,                       -- null: the table has no company, hence no row-level security
    append_only    boolean NOT NULL DEFAULT false,
    audited        boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE kit_guarded IS 'What the application role may do with which table or sequence, and how it is guarded';

CREATE FUNCTION kit_share(relation text, verbs text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO kit_guarded (name, kind, verbs) VALUES (relation, 'table', verbs)
    ON CONFLICT (name) DO UPDATE SET verbs = excluded.verbs;
$$;
COMMENT ON FUNCTION kit_share IS 'Open a table without company (people, exchange of jobs) to the application';

CREATE FUNCTION kit_allow_sequence(sequence_name text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO kit_guarded (name, kind, verbs) VALUES (sequence_name, 'sequence', 'usage, select')
    ON CONFLICT (name) DO NOTHING;
$$;

CREATE FUNCTION kit_protect(
    relation text, company_column text, append_only boolean, audited boolean, verbs text,
    visible text, writable text, secret_columns text, skipped_columns text, key_columns text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kit_guarded (name, kind, verbs, company_column, append_only, audited)
    VALUES (relation, 'table', verbs, company_column, append_only, audited);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', relation);
    EXECUTE format('CREATE POLICY company ON %I USING (%s) WITH CHECK (%s)', relation, visible, writable);
    IF append_only THEN
        EXECUTE format(
            'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change()', relation);
    END IF;
    IF audited THEN
        PERFORM kit_audit(relation, company_column, secret_columns, skipped_columns, key_columns);
    END IF;
END $$;
COMMENT ON FUNCTION kit_protect IS 'Row-level security by company, and, where asked for, append-only and audit trail';

CREATE FUNCTION kit_grant_all(app_role text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    guarded kit_guarded;
    foreign_relation record;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app_role);
    EXECUTE format('GRANT SELECT ON kit_guarded TO %I', app_role);
    FOR guarded IN SELECT * FROM kit_guarded LOOP
        IF to_regclass(guarded.name) IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON %I FROM %I', guarded.name, app_role);
            EXECUTE format('GRANT %s ON %s %I TO %I', guarded.verbs, guarded.kind, guarded.name, app_role);
        END IF;
    END LOOP;
    -- Tables of the libraries: sessions, sign-in, jobs. None of them holds a company's rows.
    FOR foreign_relation IN
        SELECT relname, relkind FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')
          AND relname ~ '^(django|auth|account|mfa|socialaccount|usersessions|procrastinate)_'
    LOOP
        IF foreign_relation.relkind = 'S' THEN
            EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %I TO %I', foreign_relation.relname, app_role);
        ELSIF foreign_relation.relname = 'django_migrations' THEN
            EXECUTE format('GRANT SELECT ON %I TO %I', foreign_relation.relname, app_role);
        ELSE
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', foreign_relation.relname, app_role);
        END IF;
    END LOOP;
END $$;

-- --- posted is posted --------------------------------------------------------------------------------------

CREATE FUNCTION kit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% refused: rows of % are never changed or removed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'WH002', HINT = 'Enter a correction that names the row instead.', TABLE = TG_TABLE_NAME;
END $$;

-- --- the trail of master data ------------------------------------------------------------------------------

CREATE TABLE kit_audit_change (
    company_id int,                            -- null: changed outside any company (people at first start)
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id   bigint,
    table_name text NOT NULL,
    row_id     text NOT NULL,
    action     text NOT NULL CHECK (action IN ('insert', 'update', 'delete')),
    old        jsonb,                          -- for updates only the columns that changed
    new        jsonb
);
CREATE INDEX kit_audit_change_row ON kit_audit_change (company_id, table_name, row_id, id);

-- Runs as the owner: the application can read the trail of its company but cannot write one by hand.
CREATE FUNCTION kit_audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    company_column text := TG_ARGV[0];
    secret_columns text[] := string_to_array(TG_ARGV[1], ',');
    skipped_columns text[] := string_to_array(TG_ARGV[2], ',');
    key_columns text[] := string_to_array(TG_ARGV[3], ',');
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - skipped_columns END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - skipped_columns END;
    whole jsonb := coalesce(after, before);
    company int;
    column_name text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, after -> o.key)
          INTO before, after
          FROM jsonb_each(before) AS o WHERE o.value IS DISTINCT FROM after -> o.key;
        IF before IS NULL THEN
            RETURN NULL;                       -- nothing that matters has changed
        END IF;
    END IF;
    FOREACH column_name IN ARRAY secret_columns LOOP
        IF before ? column_name THEN before := jsonb_set(before, ARRAY[column_name], '"***"'); END IF;
        IF after ? column_name THEN after := jsonb_set(after, ARRAY[column_name], '"***"'); END IF;
    END LOOP;
    company := coalesce((whole ->> company_column)::int, nullif(current_setting('app.company', true), '')::int);
    INSERT INTO kit_audit_change (company_id, actor_id, table_name, row_id, action, old, new)
    VALUES (
        company, nullif(current_setting('app.user', true), '')::bigint, TG_TABLE_NAME,
        (SELECT string_agg(whole ->> k, '/' ORDER BY n) FROM unnest(key_columns) WITH ORDINALITY AS t(k, n)),
        lower(TG_OP), before, after);
    RETURN NULL;
END $$;

CREATE FUNCTION kit_audit(
    relation text, company_column text, secret_columns text, skipped_columns text, key_columns text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON %I '
        'FOR EACH ROW EXECUTE FUNCTION kit_audit_row(%L, %L, %L, %L)',
        relation, coalesce(company_column, ''), secret_columns, skipped_columns, key_columns);
    UPDATE kit_guarded SET audited = true WHERE name = relation;
END $$;

-- Functions can be called by everybody unless one says otherwise.
REVOKE ALL ON FUNCTION kit_share, kit_allow_sequence, kit_protect, kit_grant_all, kit_audit FROM PUBLIC;
