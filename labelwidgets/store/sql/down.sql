-- Takes all walls down, so that they can be put up anew.

DO $$
DECLARE f regprocedure;
BEGIN
    DROP VIEW IF EXISTS lw_readable CASCADE;
    -- With their triggers and policies.
    FOR f IN SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'lw\_%' LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', f);
    END LOOP;
    DROP POLICY IF EXISTS lw_comments ON comments;
    ALTER TABLE tasks DISABLE ROW LEVEL SECURITY;
    ALTER TABLE annotations DISABLE ROW LEVEL SECURITY;
    ALTER TABLE events DISABLE ROW LEVEL SECURITY;
    ALTER TABLE issues DISABLE ROW LEVEL SECURITY;
    ALTER TABLE comments DISABLE ROW LEVEL SECURITY;
    ALTER TABLE people DISABLE ROW LEVEL SECURITY;
    ALTER TABLE access DISABLE ROW LEVEL SECURITY;
END
$$;
