-- A table in a session's own temporary schema stands before the one of the same name in `public`: whoever may make such a
-- table could show a guard a ledger of his own. So every guard says where it looks, temporary tables last. Called at each
-- start with the owner's rights, after the migrations: a guard that is made or replaced later is not forgotten.
CREATE FUNCTION kit_guards_look_at_home() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    guard regprocedure;
BEGIN
    FOR guard IN
        SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype = 'trigger'::regtype
          AND p.proowner = current_user::regrole AND p.proname !~ '^procrastinate_'
          AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c (setting) WHERE c.setting LIKE 'search_path=%pg_temp')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', guard);
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION kit_guards_look_at_home FROM PUBLIC;
