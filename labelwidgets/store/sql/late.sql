-- What came after a lease had ended: labelwidgets.store.late, for those who no longer see the task.

-- The event by which a person lost a task to somebody else, NULL where they have not.
CREATE FUNCTION lw_loss(task_id text) RETURNS events
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT l FROM (
        SELECT e AS l FROM events e
        WHERE e.task = task_id AND e.actor = lw_me()
          AND e.kind IN ('open', 'release', 'submit', 'skip', 'reopen')
        ORDER BY e.seq DESC LIMIT 1) AS last
    WHERE (l).kind = 'release' AND (l).payload::jsonb ->> 'expired' = 'true'
$$;

CREATE FUNCTION lw_lost(ids text[]) RETURNS SETOF tasks
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT t.* FROM tasks t
    WHERE t.id = ANY (ids) AND t.assignee <> lw_me() AND (lw_loss(t.id)).seq IS NOT NULL
$$;

-- What the labels were then, with what renamed their classes.
CREATE FUNCTION lw_events_before_loss(task_id text) RETURNS SETOF events
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT e.* FROM events e
    WHERE (e.task = task_id OR e.kind = 'ontology') AND e.seq <= (lw_loss(task_id)).seq
    ORDER BY e.seq
$$;

-- How many opinions there are on the item of a task that a person lost.
CREATE FUNCTION lw_last_copy(task_id text) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT max(o.copy) FROM tasks t JOIN tasks o ON o.item_id = t.item_id
    WHERE t.id = task_id AND (lw_loss(t.id)).seq IS NOT NULL AND o.copy < lw_probes()
$$;

CREATE FUNCTION lw_new_task() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    me CONSTANT text := lw_me();
    lost tasks;
    loss events;
BEGIN
    IF lw_rank() = 3 THEN
        RETURN NEW;
    END IF;
    -- Its id says which loss it stands for.
    SELECT t.* INTO lost FROM tasks t
    WHERE t.item_id = NEW.item_id AND NEW.id = lw_derived(t.id, (lw_loss(t.id)).seq::text);
    loss := lw_loss(lost.id);
    IF loss.seq IS NULL OR NEW.assignee IS DISTINCT FROM me OR NEW.maker IS NOT NULL
        OR NEW.copy < 1 OR NEW.rounds <> 0 OR NEW.score IS NOT NULL
        OR NEW.revision <> 0 OR NEW.lease_until IS NOT NULL OR NEW.lease_seq IS NOT NULL
        OR (NEW.priority, NEW.batch, NEW.title) IS DISTINCT FROM
           (lost.priority, lost.batch, lost.title)
        OR NEW.stage <> loss.payload::jsonb ->> 'stage'
        OR NEW.state <> loss.payload::jsonb #>> '{before,state}' THEN
        PERFORM lw_refuse('lets only an admin add tasks.', 'Ask an admin.');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER lw_new_task BEFORE INSERT ON tasks FOR EACH ROW
WHEN (row_security_active('tasks'::regclass)) EXECUTE FUNCTION lw_new_task();
