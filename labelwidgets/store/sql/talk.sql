-- Issues and comments: raised and said in one's own name, and never said differently afterwards.

CREATE FUNCTION lw_issue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    me CONSTANT text := lw_me();
    made events;
BEGIN
    IF NOT EXISTS (SELECT FROM lw_readable r WHERE r.id = NEW.task_id) THEN
        PERFORM lw_refuse('shows no such task.', 'Label what your own queue gives you.');
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - ARRAY['state', 'resolved_by', 'updated_at']
            <> to_jsonb(OLD) - ARRAY['state', 'resolved_by', 'updated_at'] THEN
            PERFORM lw_refuse('keeps what was said.', 'Nobody may.');
        END IF;
    ELSIF NEW.author <> me OR NEW.state <> 'open' THEN
        PERFORM lw_refuse(format('lets %s write nothing in the name of %s.', me, NEW.author),
            'Everybody works in their own name.');
    END IF;
    SELECT * INTO made FROM events e WHERE e.task = NEW.task_id AND e.actor = me
    ORDER BY e.seq DESC LIMIT 1;
    IF made.kind IS NULL OR made.kind NOT IN ('raise_issue', 'comment', 'resolve_issue', 'reopen_issue')
        OR made.payload::jsonb ->> 'issue' <> NEW.id OR made.time <> NEW.updated_at
        OR NEW.state <> (CASE made.kind WHEN 'raise_issue' THEN 'open'
            WHEN 'resolve_issue' THEN 'resolved' WHEN 'reopen_issue' THEN 'open'
            ELSE OLD.state END)
        OR NEW.resolved_by IS DISTINCT FROM (CASE made.kind WHEN 'resolve_issue' THEN me
            WHEN 'comment' THEN OLD.resolved_by END) THEN
        PERFORM lw_refuse('keeps no issue without its event.', 'Nobody may.');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER lw_issue BEFORE INSERT OR UPDATE ON issues FOR EACH ROW
WHEN (row_security_active('issues'::regclass)) EXECUTE FUNCTION lw_issue();

CREATE FUNCTION lw_comment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.author <> lw_me() THEN
        PERFORM lw_refuse(format('lets %s write nothing in the name of %s.', lw_me(), NEW.author),
            'Everybody works in their own name.');
    ELSIF NOT EXISTS (SELECT FROM issues i JOIN lw_readable r ON r.id = i.task_id
        WHERE i.id = NEW.issue_id) THEN
        PERFORM lw_refuse('shows no such issue.', 'Label what your own queue gives you.');
    ELSIF NOT EXISTS (SELECT FROM events e WHERE e.seq = NEW.seq AND e.actor = NEW.author
        AND e.time = NEW.created_at AND e.payload::jsonb ->> 'comment' = NEW.id
        AND e.payload::jsonb ->> 'issue' = NEW.issue_id
        AND e.payload::jsonb ->> 'text' = NEW.text) THEN
        PERFORM lw_refuse('keeps no comment without its event.', 'Nobody may.');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER lw_comment BEFORE INSERT ON comments FOR EACH ROW
WHEN (row_security_active('comments'::regclass)) EXECUTE FUNCTION lw_comment();
