-- What a login may: given with its row in `people`, and taken with it, in the same transaction.

-- Every writer locks the row of meta first (labelwidgets.store.engine), which takes the right to
-- change a column of it; to change it takes an admin.
CREATE FUNCTION lw_meta() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF lw_rank() = 3 AND (NEW.id, NEW.schema_version, NEW.uid, NEW.created)
        IS NOT DISTINCT FROM (OLD.id, OLD.schema_version, OLD.uid, OLD.created) THEN
        RETURN NEW;
    END IF;
    PERFORM lw_refuse('has its workflow and its name changed by admins.', 'An admin may.');
END
$$;
CREATE TRIGGER lw_meta BEFORE UPDATE ON meta FOR EACH ROW
WHEN (row_security_active('events'::regclass)) EXECUTE FUNCTION lw_meta();

CREATE FUNCTION lw_take(who text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = who) OR lw_owns(who) THEN
        RETURN;
    END IF;
    EXECUTE format('REVOKE ALL ON meta, ontologies, instructions, items, tasks, annotations, issues,
        comments, seen_frames, events, people, access, lw_readable FROM %I', who);
    EXECUTE format('REVOKE ALL ON SEQUENCE %s, %s, %s FROM %I',
        pg_get_serial_sequence('access', 'seq'), pg_get_serial_sequence('ontologies', 'number'),
        pg_get_serial_sequence('instructions', 'number'), who);
END
$$;

CREATE FUNCTION lw_give(who text, role text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = who) THEN
        PERFORM lw_refuse(format('has no login role %I.', who),
            'Whoever runs the server makes one with CREATE ROLE, or pass a password.');
    ELSIF lw_owns(who) THEN
        -- No wall holds who owns the tables, or the server.
        IF role <> 'admin' THEN
            PERFORM lw_refuse(format('cannot hold the login %I: it owns the project or the server.',
                who), 'Give the person a login of their own, or the role admin.');
        END IF;
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), who);
    EXECUTE format('GRANT SELECT ON meta, ontologies, instructions, items, tasks, annotations,
        issues, comments, seen_frames, events, people, access, lw_readable TO %I', who);
    EXECUTE format('GRANT INSERT ON tasks, annotations, issues, comments, seen_frames, events,
        access TO %I', who);
    -- Of columns, and not of tables: those who may change whole tables may lock them as well.
    EXECUTE format('GRANT UPDATE (id) ON meta TO %I', who);
    EXECUTE format('GRANT UPDATE (%s) ON tasks TO %I', lw_columns('tasks'), who);
    EXECUTE format('GRANT UPDATE (%s) ON annotations TO %I', lw_columns('annotations'), who);
    EXECUTE format('GRANT UPDATE (state, resolved_by, updated_at) ON issues TO %I', who);
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', pg_get_serial_sequence('access', 'seq'), who);
    IF role = 'admin' THEN
        EXECUTE format('GRANT INSERT ON ontologies, instructions, items, people TO %I', who);
        EXECUTE format('GRANT UPDATE (workflow, name) ON meta TO %I', who);
        EXECUTE format('GRANT UPDATE (%s) ON items TO %I', lw_columns('items'), who);
        EXECUTE format('GRANT UPDATE (%s) ON people TO %I', lw_columns('people'), who);
        EXECUTE format('GRANT USAGE ON SEQUENCE %s, %s TO %I',
            pg_get_serial_sequence('ontologies', 'number'),
            pg_get_serial_sequence('instructions', 'number'), who);
    END IF;
END
$$;

CREATE FUNCTION lw_columns(of_table text) RETURNS text
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
    WHERE attrelid = of_table::regclass AND attnum > 0 AND NOT attisdropped
$$;

-- Whether policies do not hold a login: it owns the tables, or the server.
CREATE FUNCTION lw_owns(who text) RETURNS boolean
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, c.relowner, 'MEMBER')
    FROM pg_roles r, pg_class c WHERE r.rolname = who AND c.oid = 'events'::regclass
$$;

CREATE FUNCTION lw_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.login IS NOT NULL THEN
        PERFORM lw_take(OLD.login);
    END IF;
    IF NEW.login IS NOT NULL AND NEW.removed_at IS NULL THEN
        PERFORM lw_give(NEW.login, NEW.role);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER lw_person AFTER INSERT OR UPDATE ON people FOR EACH ROW
EXECUTE FUNCTION lw_person();

-- Whoever was let in before.
DO $$
DECLARE p people;
BEGIN
    FOR p IN SELECT * FROM people WHERE login IS NOT NULL AND removed_at IS NULL LOOP
        PERFORM lw_give(p.login, p.role);
    END LOOP;
END
$$;

-- What persons call, and policies in their name; all else is for triggers alone.
DO $$
DECLARE f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'lw\_%'
          AND p.proname NOT IN ('lw_me', 'lw_rank', 'lw_names', 'lw_blind_stages', 'lw_head',
            'lw_family', 'lw_nothing_new', 'lw_expired', 'lw_release_expired', 'lw_lost',
            'lw_events_before_loss', 'lw_last_copy') LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    END LOOP;
END
$$;
