-- What a person sees. Policies decide that, and triggers (labels.sql, moves.sql, log.sql) what they do.

-- The tasks whose labels, events and issues a person may read:
--   an admin all; everybody their own opinions; reviewers also those of others that are handed in;
--   of main tasks annotators not what comes of opinions, nor what others made of a golden item;
--   golden answers nobody; and nobody anything of an item on which they have still to give an
--   opinion of their own.
CREATE VIEW lw_readable WITH (security_barrier) AS
SELECT t.id
FROM tasks t
WHERE (SELECT lw_rank()) = 3
   OR (t.copy > 0 AND (t.assignee = (SELECT lw_me()) OR t.maker = (SELECT lw_me())))
   OR (
        (
            (t.copy = 0 AND ((SELECT lw_rank()) > 0
                OR (SELECT lw_rank()) = 0 AND t.stage <> ALL ((SELECT lw_blind_stages())::text[])
                   AND (t.assignee = (SELECT lw_me()) OR t.maker = (SELECT lw_me())
                        OR NOT EXISTS (SELECT FROM tasks gold
                            WHERE gold.item_id = t.item_id AND gold.copy < 0))))
         OR (t.copy > 0 AND (SELECT lw_rank()) > 0 AND t.state NOT IN ('queued', 'in_progress'))
        )
        AND NOT EXISTS (
            SELECT FROM tasks mine
            WHERE mine.item_id = t.item_id AND mine.copy > 0
              AND mine.assignee = (SELECT lw_me()) AND mine.state IN ('queued', 'in_progress'))
      );

-- Rows of tasks: main ones are everybody's, opinions only one's own and those that nobody has begun.
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY lw_tasks ON tasks USING (
    (SELECT lw_rank()) = 3
    OR (SELECT lw_rank()) >= 0 AND (
        copy = 0
        OR copy > 0 AND (
            (SELECT lw_rank()) > 0 OR assignee = (SELECT lw_me()) OR maker = (SELECT lw_me())
            OR state = 'queued'
                AND (assignee IS NULL OR assignee = ANY ((SELECT lw_names())::text[]))))
) WITH CHECK ((SELECT lw_rank()) >= 0);

ALTER TABLE annotations ENABLE ROW LEVEL SECURITY;
CREATE POLICY lw_annotations ON annotations
USING (EXISTS (SELECT FROM lw_readable r WHERE r.id = task_id))
WITH CHECK ((SELECT lw_rank()) >= 0);

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY lw_events ON events USING (
    (SELECT lw_rank()) = 3
    OR actor = (SELECT lw_me())
    OR task IS NULL AND (SELECT lw_rank()) >= 0
        AND kind IN ('created', 'ontology', 'instructions', 'workflow', 'tasks')
        AND payload NOT LIKE '%"late"%'
    OR task IS NULL AND (SELECT lw_rank()) >= 1 AND kind IN ('split', 'trained')
    OR EXISTS (SELECT FROM lw_readable r WHERE r.id = task)
) WITH CHECK ((SELECT lw_rank()) >= 0);

ALTER TABLE issues ENABLE ROW LEVEL SECURITY;
CREATE POLICY lw_issues ON issues
USING (EXISTS (SELECT FROM lw_readable r WHERE r.id = task_id))
WITH CHECK ((SELECT lw_rank()) >= 0);

ALTER TABLE comments ENABLE ROW LEVEL SECURITY;
CREATE POLICY lw_comments ON comments
USING (EXISTS (SELECT FROM issues i WHERE i.id = issue_id))
WITH CHECK (author = (SELECT lw_me()));

ALTER TABLE people ENABLE ROW LEVEL SECURITY;
CREATE POLICY lw_people ON people
USING ((SELECT lw_rank()) >= 0) WITH CHECK ((SELECT lw_rank()) = 3);

ALTER TABLE access ENABLE ROW LEVEL SECURITY;
CREATE POLICY lw_access ON access
USING ((SELECT lw_rank()) = 3 OR person = (SELECT lw_me()))
WITH CHECK (person = (SELECT lw_me()));
