-- Memberships and tokens: of a company that exists, for ever of the same company and user, and never without anybody
-- left who may administer the company. SQLSTATE WH110: the last administrator; WH111: a changed identity.

ALTER TABLE people_membership ADD FOREIGN KEY (company_id) REFERENCES ledger_company (id);
ALTER TABLE people_token ADD FOREIGN KEY (company_id) REFERENCES ledger_company (id);

CREATE FUNCTION people_identity_stays() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.company_id, NEW.user_id) IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.user_id) THEN
        RAISE EXCEPTION 'A row of % keeps its company and user.', TG_TABLE_NAME USING ERRCODE = 'WH111';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER people_membership_identity BEFORE UPDATE ON people_membership
    FOR EACH ROW EXECUTE FUNCTION people_identity_stays();
CREATE TRIGGER people_token_identity BEFORE UPDATE ON people_token
    FOR EACH ROW EXECUTE FUNCTION people_identity_stays();

-- Two administrators who remove each other at the same moment must not both succeed: whoever takes an
-- administrator's role away is alone with the memberships of that company until the end of the transaction.
CREATE FUNCTION people_administrator_remains() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company int;
BEGIN
    FOR company IN
        SELECT DISTINCT company_id FROM before WHERE active AND 'administrator' = ANY (roles) ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('people_membership ' || company::text, 0));
        PERFORM FROM people_membership m
        WHERE m.company_id = company AND m.active AND 'administrator' = ANY (m.roles);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'The last administrator of a company stays.' USING ERRCODE = 'WH110';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER people_administrator_remains_updated AFTER UPDATE ON people_membership
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION people_administrator_remains();
CREATE TRIGGER people_administrator_remains_deleted AFTER DELETE ON people_membership
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION people_administrator_remains();
