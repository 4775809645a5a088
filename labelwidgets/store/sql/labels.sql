-- Labels: of tasks that are one's own and open, in one's own name, each with its event.

-- Raise unless a person may change the labels of a task, as labelwidgets.workflow.openness.
CREATE FUNCTION lw_check_open(task_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    me CONSTANT text := lw_me();
    rank CONSTANT int := lw_rank();
    flow CONSTANT jsonb := lw_flow();
    t tasks;
    stage jsonb;
    mine boolean;
BEGIN
    SELECT * INTO t FROM tasks WHERE id = task_id;
    mine := t.assignee IS NULL OR t.assignee = ANY (lw_names());
    -- What is hidden is refused in the words, and at the line, of what there is not.
    IF me IS NULL OR t.id IS NULL OR t.copy < 0 AND rank < 3
        OR t.copy > 0 AND rank = 0 AND NOT mine AND t.maker IS DISTINCT FROM me THEN
        PERFORM lw_refuse('shows no such task.', 'Label what your own queue gives you.');
    END IF;
    stage := lw_stage(flow, t.stage);
    IF coalesce((flow ->> 'archived')::boolean, false) THEN
        PERFORM lw_refuse('is archived.', 'An admin may restore it.');
    ELSIF rank = 3 THEN
        RETURN;
    ELSIF stage ->> 'kind' = 'annotate' AND t.state IN ('queued', 'in_progress') THEN
        IF NOT mine AND (t.copy > 0 OR rank = 0) THEN
            PERFORM lw_refuse('lets nobody write into a task that is somebody else''s.',
                'Label what your own queue gives you.');
        ELSIF t.copy > 0 AND lw_has_opinion(t.item_id, t.id) THEN
            PERFORM lw_refuse('takes one opinion of a person on an item.', 'Somebody else may.');
        END IF;
    ELSIF stage ->> 'kind' IN ('review', 'qc', 'consensus')
        AND t.state IN ('submitted', 'in_review')
        AND rank >= (CASE stage ->> 'kind' WHEN 'qc' THEN 2 ELSE 1 END) THEN
        IF t.maker = me THEN
            PERFORM lw_refuse('lets nobody review what is their own.', 'Somebody else may.');
        ELSIF NOT mine THEN
            PERFORM lw_refuse(format('has the task under review by %s.', t.assignee), 'They may.');
        ELSIF coalesce((stage #>> '{options,strict}')::boolean, false) THEN
            PERFORM lw_refuse('has labels judged here, and not changed.', 'Reject the task.');
        END IF;
    ELSE
        PERFORM lw_refuse(format('has the labels of this task closed (%s, %s).', t.stage, t.state),
            'To change them, reopen the task first, or ask a reviewer.');
    END IF;
END
$$;

CREATE FUNCTION lw_has_opinion(item text, but text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT EXISTS (SELECT FROM tasks t WHERE t.item_id = item AND t.id <> but AND t.copy > 0
        AND (t.assignee = lw_me() OR t.maker = lw_me()))
$$;

CREATE FUNCTION lw_label() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    me CONSTANT text := lw_me();
    made events;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.seq, NEW.task_id, NEW.item_id, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.seq, OLD.task_id, OLD.item_id, OLD.created_at) THEN
        PERFORM lw_refuse('keeps what a label is of.', 'Nobody may.');
    ELSIF NEW.item_id <> (SELECT t.item_id FROM tasks t WHERE t.id = NEW.task_id) THEN
        PERFORM lw_refuse('has the task of another item there.', 'Nobody may.');
    END IF;
    IF lw_rank() = 3 THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.author IS DISTINCT FROM OLD.author THEN
            PERFORM lw_refuse('keeps who made a label.', 'Nobody may.');
        ELSIF NEW.revision <= OLD.revision THEN
            PERFORM lw_refuse('lets no label go back to an earlier revision.', 'Nobody may.');
        END IF;
    ELSIF NEW.author IS DISTINCT FROM me AND NOT lw_is_copy(NEW) THEN
        PERFORM lw_refuse(format('lets %s write nothing in the name of %s.', me, NEW.author),
            'Everybody works in their own name.');
    END IF;
    -- Whether the task is open was asked when the event was written (log.sql), once.
    SELECT * INTO made FROM events e
    WHERE e.annotation = NEW.id AND e.kind IN ('create', 'update', 'delete')
    ORDER BY e.seq DESC LIMIT 1;
    IF made.actor IS DISTINCT FROM me OR made.task <> NEW.task_id
        OR made.base_revision + 1 <> NEW.revision THEN
        PERFORM lw_refuse('keeps no label without the event of its edit.', 'Nobody may.');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER lw_label BEFORE INSERT OR UPDATE ON annotations FOR EACH ROW
WHEN (row_security_active('annotations'::regclass)) EXECUTE FUNCTION lw_label();

CREATE INDEX IF NOT EXISTS lw_events_annotation ON events (annotation, seq)
WHERE annotation IS NOT NULL;

-- An identifier that follows from two texts, as in labelwidgets.store.late.
CREATE FUNCTION lw_derived(one text, other text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
    SELECT substr(encode(sha256(convert_to(one, 'UTF8') || '\x00'::bytea
        || convert_to(other, 'UTF8')), 'hex'), 1, 20)
$$;

-- Who comes late keeps a copy of what was there, with its authors: labelwidgets.store.late.
CREATE FUNCTION lw_is_copy(made annotations) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT EXISTS (
        SELECT FROM annotations a JOIN tasks t ON t.id = a.task_id
        WHERE t.item_id = made.item_id AND t.id <> made.task_id AND a.author = made.author
          AND (made.id = lw_derived(made.task_id, a.id)
               OR made.id = made.task_id || ':image' AND a.id = t.id || ':image'))
$$;
