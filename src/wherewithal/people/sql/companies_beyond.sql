-- A backup holds every company, so only who administers them all may take one away. The application's role sees the
-- companies of its user only; this tells it one word about the others, about the user of the transaction, nothing else.
CREATE FUNCTION people_administers_every_company() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT FROM ledger_company c
        WHERE NOT EXISTS (
            SELECT FROM people_membership m JOIN people_user u ON u.id = m.user_id
            WHERE m.company_id = c.id AND m.user_id = nullif(current_setting('app.user', true), '')::bigint
              AND m.active AND u.is_active AND 'administrator' = ANY (m.roles)))
$$;
COMMENT ON FUNCTION people_administers_every_company IS 'Whether the user of this transaction administers all companies';
