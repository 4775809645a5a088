-- Moves of tasks: by the table of the workflow, by who may make them, each with its event.

CREATE FUNCTION lw_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    lease CONSTANT bigint := 600000000;
    kept CONSTANT text[] := ARRAY['lease_until', 'lease_seq', 'updated_at', 'revision'];
    me CONSTANT text := lw_me();
    rank CONSTANT int := lw_rank();
    flow jsonb;
    made events;
    note jsonb;
    way jsonb;
    onto record;
    kind text;
    stage_kind text;
    mine boolean;
    allowed boolean := false;
    may_at int;
    -- Compares one person with a golden answer, and stays with them.
    probe CONSTANT boolean := OLD.copy >= lw_probes();
BEGIN
    IF me IS NULL THEN
        PERFORM lw_refuse('is no project of yours.', 'Ask an admin to add you.');
    END IF;
    IF to_jsonb(NEW) - 'lease_until' = to_jsonb(OLD) - 'lease_until' THEN
        -- A sign of life.
        IF OLD.assignee IS DISTINCT FROM me OR OLD.lease_until IS NULL
            OR NEW.lease_until IS NULL OR NEW.lease_until > lw_clock() + lease THEN
            PERFORM lw_refuse('keeps each task for who has it.', 'Its holder may.');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.item_id, NEW.position, NEW.title, NEW.seq, NEW.copy)
        IS DISTINCT FROM (OLD.id, OLD.item_id, OLD.position, OLD.title, OLD.seq, OLD.copy) THEN
        PERFORM lw_refuse('keeps what a task is of.', 'Nobody may.');
    END IF;

    -- The event of the move comes first, and says what changes.
    SELECT * INTO made FROM events e WHERE e.task = NEW.id AND e.actor = me
    ORDER BY e.seq DESC LIMIT 1;
    note := made.payload::jsonb;
    kind := made.kind;
    IF NEW.revision <> OLD.revision + 1 OR (note ->> 'revision')::int IS DISTINCT FROM NEW.revision
        OR NEW.updated_at <> made.time OR jsonb_typeof(note -> 'after') IS DISTINCT FROM 'object'
        OR NOT to_jsonb(OLD) @> (note -> 'before')
        OR (to_jsonb(OLD) || (note -> 'after')) - kept <> to_jsonb(NEW) - kept THEN
        PERFORM lw_refuse('moves no task without the event of the move.', 'Nobody may.');
    END IF;
    IF NEW.lease_until > made.time + lease OR NEW.lease_seq IS DISTINCT FROM OLD.lease_seq
        AND NEW.lease_seq <> made.seq THEN
        PERFORM lw_refuse('lends a task for ten minutes.', 'Nobody may.');
    END IF;
    IF kind IN ('accept', 'reject') AND OLD.maker = me THEN
        PERFORM lw_refuse('lets nobody judge what is their own.',
            'Somebody else reviews it; reopen it to change it.');
    END IF;
    IF rank = 3 THEN
        RETURN NEW;
    END IF;

    -- What only an admin changes, and what each kind of move leaves as it is.
    IF (NEW.priority, NEW.batch) IS DISTINCT FROM (OLD.priority, OLD.batch) THEN
        PERFORM lw_refuse('has its tasks ranked and batched by admins.', 'An admin may.');
    END IF;
    IF NEW.maker IS DISTINCT FROM OLD.maker AND kind NOT IN ('submit', 'accept', 'requeue')
        OR NEW.rounds <> OLD.rounds AND kind <> 'reject'
        OR NEW.score IS DISTINCT FROM OLD.score AND kind NOT IN ('accept', 'reject') THEN
        PERFORM lw_refuse(format('changes neither maker, rounds nor score of a task that is %s.',
            OLD.state), 'Who judges it may.');
    END IF;

    flow := lw_flow();
    stage_kind := lw_stage(flow, OLD.stage) ->> 'kind';
    mine := OLD.assignee IS NULL OR OLD.assignee = ANY (lw_names());
    IF coalesce((flow ->> 'archived')::boolean, false) THEN
        PERFORM lw_refuse('is archived.', 'An admin may restore it.');
    END IF;

    -- The table of the workflow.
    FOR way IN SELECT t FROM jsonb_array_elements(flow -> 'table') AS t
        WHERE t ->> 'stage' = OLD.stage AND t ->> 'state' = OLD.state AND t ->> 'action' = kind
    LOOP
        may_at := lw_rank_of(coalesce(way ->> 'role', 'annotator'));
        IF kind = 'route' THEN
            -- What a router finds is found by who may judge, not by who made the work.
            may_at := 1;
        END IF;
        IF rank < may_at THEN
            CONTINUE;
        END IF;
        onto := lw_landing(flow, way, OLD.item_id);
        IF kind = 'submit' AND (OLD.copy > 0 AND NOT probe OR probe AND lw_stage(flow, onto.stage)
            ->> 'kind' NOT IN ('annotate', 'review', 'qc', 'done', 'archive')) THEN
            onto.stage := OLD.stage;
            onto.state := 'submitted';
        END IF;
        IF (NEW.stage, NEW.state) = (onto.stage, onto.state) THEN
            allowed := true;
            EXIT;
        END IF;
    END LOOP;
    IF NOT allowed THEN
        PERFORM lw_refuse(format('does not let a person of the role %s take this task from %s, %s '
            'to %s, %s (%s).', (SELECT p.role FROM people p WHERE p.name = me),
            OLD.stage, OLD.state, NEW.stage, NEW.state, kind),
            coalesce('It takes the role ' || (SELECT t ->> 'role'
                FROM jsonb_array_elements(flow -> 'table') AS t
                WHERE t ->> 'stage' = OLD.stage AND t ->> 'state' = OLD.state
                  AND t ->> 'action' = kind LIMIT 1) || '.', 'See project.workflow.transitions.'));
    END IF;

    -- Who of those may.
    IF OLD.copy < 0 THEN
        PERFORM lw_refuse('has golden answers that are nobody''s work.', 'An admin may.');
    END IF;
    allowed := CASE kind
        WHEN 'open' THEN NEW.assignee = me AND CASE
            WHEN stage_kind IN ('review', 'qc', 'consensus')
                THEN mine AND OLD.maker IS DISTINCT FROM me
            WHEN OLD.copy > 0 THEN mine AND NOT lw_has_opinion(OLD.item_id, OLD.id)
            ELSE mine OR rank > 0 END
        WHEN 'submit' THEN stage_kind = 'annotate' AND NEW.maker = me
            AND (NEW.assignee IS NULL OR NEW.assignee = me)
            AND (mine OR rank > 0 AND OLD.copy = 0)
            AND (OLD.copy = 0 OR NOT lw_has_opinion(OLD.item_id, OLD.id))
        WHEN 'skip' THEN CASE stage_kind
            WHEN 'consensus' THEN NEW.assignee IS NULL AND lw_settled(OLD.item_id) = 'skipped'
            ELSE NEW.assignee = me AND (mine OR rank > 0 AND OLD.copy = 0)
                AND (OLD.copy = 0 OR NOT lw_has_opinion(OLD.item_id, OLD.id)) END
        WHEN 'release' THEN OLD.assignee = me
            AND CASE WHEN OLD.rounds > 0 OR probe THEN NEW.assignee = me OR NEW.assignee IS NULL
                AND NOT probe ELSE NEW.assignee IS NULL END
        WHEN 'reopen' THEN NEW.assignee = me AND CASE
            WHEN OLD.copy > 0 THEN mine AND (OLD.maker IS NULL OR OLD.maker = me)
                AND NOT lw_has_opinion(OLD.item_id, OLD.id)
            ELSE rank > 0 OR OLD.maker IS NULL OR OLD.maker = me END
        WHEN 'requeue' THEN NEW.assignee IS NOT DISTINCT FROM
                CASE WHEN probe THEN coalesce(OLD.maker, OLD.assignee) END
            AND CASE stage_kind
                WHEN 'consensus' THEN NEW.maker IS NOT DISTINCT FROM OLD.maker
                ELSE NEW.maker IS NULL AND (mine OR rank > 0) END
        WHEN 'accept' THEN mine AND NEW.assignee IS NULL
            AND (NEW.score IS NULL OR NEW.score BETWEEN 0 AND 10)
            AND NEW.maker IS NOT DISTINCT FROM
                CASE WHEN stage_kind = 'consensus' OR OLD.maker IS NULL THEN me ELSE OLD.maker END
        WHEN 'reject' THEN mine AND NEW.assignee IS NOT DISTINCT FROM OLD.maker
            AND NEW.rounds = OLD.rounds + 1 AND (NEW.score IS NULL OR NEW.score BETWEEN 0 AND 10)
        WHEN 'gather' THEN NEW.assignee IS NULL AND lw_settled(OLD.item_id) IS NOT NULL
        WHEN 'wait' THEN NEW.assignee IS NULL AND lw_settled(OLD.item_id) IS NULL
        WHEN 'route' THEN NEW.assignee IS NOT DISTINCT FROM OLD.assignee
        ELSE false END;
    IF allowed IS NOT TRUE THEN
        PERFORM lw_refuse(format('has this task, which is %s, for somebody else than %s to %s.',
            coalesce(OLD.assignee || '''s', 'nobody''s'), me, kind),
            'Take what your own queue gives you.');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER lw_move BEFORE UPDATE ON tasks FOR EACH ROW
WHEN (row_security_active('tasks'::regclass)) EXECUTE FUNCTION lw_move();

-- As labelwidgets.store.tables.PROBES.
CREATE FUNCTION lw_probes() RETURNS int
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$ SELECT 512 $$;

-- What came of the opinions on an item: 'submitted', 'skipped' (all of them), NULL as long as
-- somebody is at work.
CREATE FUNCTION lw_settled(item text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT CASE WHEN bool_and(t.state = 'skipped') THEN 'skipped'
                WHEN bool_and(t.state IN ('submitted', 'skipped')) THEN 'submitted' END
    FROM tasks t WHERE t.item_id = item AND t.copy > 0 AND t.copy < lw_probes()
$$;

-- A task that a person sees with all tasks of its item; of others' opinions, how far they are.
CREATE FUNCTION lw_family(task_id text) RETURNS SETOF tasks
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    me CONSTANT text := lw_me();
    rank CONSTANT int := lw_rank();
    t tasks;
    other tasks;
BEGIN
    SELECT * INTO t FROM tasks WHERE id = task_id;
    IF me IS NULL OR t.id IS NULL OR t.copy < 0 AND rank < 3
        OR t.copy > 0 AND rank = 0 AND t.maker IS DISTINCT FROM me
           AND (t.assignee IS NULL AND t.state <> 'queued'
                OR t.assignee IS NOT NULL AND t.assignee <> ALL (lw_names())) THEN
        RETURN;
    END IF;
    FOR other IN SELECT * FROM tasks s WHERE s.item_id = t.item_id ORDER BY s.position LOOP
        CONTINUE WHEN other.copy < 0 AND rank < 3;
        IF other.copy > 0 AND rank = 0 AND other.id <> t.id
            AND NOT coalesce(other.assignee = me OR other.maker = me, false) THEN
            other.assignee := NULL;
            other.maker := NULL;
            other.score := NULL;
            other.lease_until := NULL;
        END IF;
        RETURN NEXT other;
    END LOOP;
END
$$;

-- Whether nothing came after an event that is of these tasks, or of none.
CREATE FUNCTION lw_nothing_new(seen bigint, ids text[]) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT NOT EXISTS (SELECT FROM events e
        WHERE e.seq > seen AND (e.task IS NULL OR e.task = ANY (ids)))
$$;

-- What others have left for too long, also what this person does not see.
CREATE FUNCTION lw_expired(active text[]) RETURNS SETOF text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT t.id FROM tasks t
    WHERE t.state = ANY (active) AND t.lease_until < lw_clock() AND t.assignee <> lw_me()
    ORDER BY t.position LIMIT 100
$$;

-- Back into the queue with it, as labelwidgets.store.moves.release_expired: the clock is the
-- server's, and the name that of who had it.
CREATE FUNCTION lw_release_expired(task_id text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    t tasks;
    waiting text;
    whose text;
    head record;
    moment bigint;
BEGIN
    PERFORM FROM meta FOR NO KEY UPDATE;
    SELECT * INTO t FROM tasks WHERE id = task_id;
    waiting := CASE t.state WHEN 'in_progress' THEN 'queued' WHEN 'in_review' THEN 'submitted' END;
    IF waiting IS NULL OR lw_me() IS NULL OR t.assignee IS NULL OR t.assignee = lw_me()
        OR t.lease_until IS NULL OR t.lease_until >= lw_clock() THEN
        RETURN false;
    END IF;
    whose := CASE WHEN t.copy >= lw_probes() THEN t.assignee END;
    SELECT h.seq, h.time INTO head FROM lw_head() h;
    moment := greatest(lw_clock(), head.time);
    INSERT INTO events (seq, id, time, actor, task, kind, payload) VALUES (
        head.seq + 1, replace(gen_random_uuid()::text, '-', ''), moment, t.assignee, t.id,
        'release', json_build_object(
            'before', json_build_object('state', t.state, 'assignee', t.assignee),
            'after', json_build_object('state', waiting, 'assignee', whose),
            'revision', t.revision + 1, 'expired', true, 'stage', t.stage,
            'lease_seq', t.lease_seq)::text);
    UPDATE tasks SET state = waiting, assignee = whose, lease_until = NULL,
        updated_at = moment, revision = t.revision + 1 WHERE id = t.id;
    RETURN true;
END
$$;
