-- The log of events: only added to, in one's own name, one number after the other.

-- Where it ends, also where the last event is none that the person may read.
CREATE FUNCTION lw_head(OUT seq bigint, OUT "time" bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT e.seq, e.time FROM events e WHERE lw_rank() >= 0 ORDER BY e.seq DESC LIMIT 1
$$;

CREATE FUNCTION lw_log() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    me CONSTANT text := lw_me();
    rank CONSTANT int := lw_rank();
    last_seq bigint;
    last_time bigint;
BEGIN
    IF me IS NULL THEN
        PERFORM lw_refuse('is no project of yours.', 'Ask an admin to add you.');
    END IF;
    IF NEW.actor <> me THEN
        PERFORM lw_refuse(format('lets %s write nothing in the name of %s.', me, NEW.actor),
            'Everybody works in their own name.');
    END IF;
    SELECT e.seq, e.time INTO last_seq, last_time FROM events e ORDER BY e.seq DESC LIMIT 1;
    IF NEW.seq <> last_seq + 1 OR NEW.time < last_time
        OR NEW.time > greatest(last_time, lw_clock()) THEN
        PERFORM lw_refuse('keeps its log in order: this is not the next event.', 'Nobody may.');
    END IF;
    IF rank = 3 THEN
        RETURN NEW;
    END IF;
    IF NEW.kind IN ('create', 'update', 'delete') THEN
        PERFORM lw_check_open(NEW.task);
    ELSIF NEW.kind IN ('conflict', 'raise_issue', 'comment', 'resolve_issue', 'reopen_issue') THEN
        IF NOT EXISTS (SELECT FROM lw_readable r WHERE r.id = NEW.task) THEN
            PERFORM lw_refuse('shows no such task.', 'Label what your own queue gives you.');
        END IF;
    ELSIF NEW.kind = 'tasks' THEN
        -- Only with the opinion that came late, see labelwidgets.store.late.
        IF NOT EXISTS (SELECT FROM tasks t WHERE t.seq = NEW.seq AND t.assignee = me) THEN
            PERFORM lw_refuse('lets only an admin add tasks.', 'Ask an admin.');
        END IF;
    ELSIF NEW.kind = 'trained' AND NEW.task IS NULL AND rank >= 1 THEN
        -- What a model was trained on is said by who trained it.
        RETURN NEW;
    ELSIF NEW.kind NOT IN ('open', 'submit', 'skip', 'release', 'reopen', 'requeue', 'accept',
            'reject', 'gather', 'wait', 'route', 'archive') OR NEW.task IS NULL THEN
        PERFORM lw_refuse(format('does not let a person of the role %s do this (%s).',
            (SELECT p.role FROM people p WHERE p.name = me), NEW.kind), 'An admin may.');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER lw_log BEFORE INSERT ON events FOR EACH ROW
WHEN (row_security_active('events'::regclass)) EXECUTE FUNCTION lw_log();

-- At the end of a transaction, what an event says has come about.
CREATE FUNCTION lw_came_about() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    so boolean;
BEGIN
    IF NEW.kind IN ('create', 'update', 'delete') THEN
        so := EXISTS (SELECT FROM annotations a WHERE a.id = NEW.annotation
            AND a.task_id = NEW.task AND a.revision > NEW.base_revision);
    ELSIF NEW.kind = 'conflict' THEN
        so := true;
    ELSIF NEW.kind IN ('raise_issue', 'comment', 'resolve_issue', 'reopen_issue') THEN
        so := EXISTS (SELECT FROM issues i WHERE i.id = NEW.payload::jsonb ->> 'issue'
            AND i.task_id = NEW.task);
    ELSE
        so := EXISTS (SELECT FROM tasks t WHERE t.id = NEW.task
            AND t.revision >= (NEW.payload::jsonb ->> 'revision')::int);
    END IF;
    IF so IS NOT TRUE THEN
        PERFORM lw_refuse(format('keeps no event of what did not happen (%s).', NEW.kind),
            'Nobody may.');
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER lw_came_about AFTER INSERT ON events
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (row_security_active('events'::regclass) AND NEW.task IS NOT NULL)
EXECUTE FUNCTION lw_came_about();
