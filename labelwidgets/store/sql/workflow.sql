-- The workflow of the project, as `labelwidgets.workflow.stages` keeps it in meta.workflow.

CREATE FUNCTION lw_flow() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT workflow::jsonb FROM meta
$$;

CREATE FUNCTION lw_stage(flow jsonb, stage text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
    -- A stage that is only a name is one to annotate.
    SELECT CASE jsonb_typeof(s) WHEN 'string' THEN jsonb_build_object('name', s, 'kind', 'annotate')
           ELSE s END
    FROM jsonb_array_elements(flow -> 'stages') AS s
    WHERE CASE jsonb_typeof(s) WHEN 'string' THEN s #>> '{}' ELSE s ->> 'name' END = stage
$$;

-- Stages whose labels come of opinions: whoever may still give one does not see them.
CREATE FUNCTION lw_blind_stages() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT ARRAY(SELECT s ->> 'name' FROM jsonb_array_elements(lw_flow() -> 'stages') AS s
                 WHERE s ->> 'kind' = 'consensus')
$$;

-- As labelwidgets.workflow.sampling.in_share.
CREATE FUNCTION lw_in_share(item text, stage text, options jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$
DECLARE
    nul CONSTANT bytea := '\x00';
    code text;
BEGIN
    IF options -> 'share' IS NULL THEN
        RETURN true;
    END IF;
    code := encode(sha256(convert_to(stage, 'UTF8') || nul
        || convert_to(coalesce(options ->> 'seed', '0'), 'UTF8') || nul
        || convert_to(item, 'UTF8')), 'hex');
    RETURN (('x' || substr(code, 1, 8))::bit(32)::bigint::numeric * 4294967296
        + ('x' || substr(code, 9, 8))::bit(32)::bigint) / 18446744073709551616.0
        < (options ->> 'share')::numeric;
END
$$;

-- Where a move comes to rest, as labelwidgets.workflow.landing: a stage that only a share of the
-- tasks goes into lets the others pass, and so does a router that needs not look at the task.
CREATE FUNCTION lw_landing(
    flow jsonb, way jsonb, item text, OUT stage text, OUT state text
) LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$
DECLARE
    here jsonb;
    options jsonb;
    picked boolean;
    onward jsonb;
    passed text[] := '{}';
BEGIN
    stage := coalesce(way ->> 'to_stage', way ->> 'stage');
    state := way ->> 'to';
    IF way ->> 'to_stage' IS NULL THEN
        RETURN;
    END IF;
    WHILE stage <> ALL (passed) LOOP
        here := lw_stage(flow, stage);
        options := coalesce(here -> 'options', '{}');
        picked := lw_in_share(item, stage, options);
        IF here ->> 'kind' IN ('review', 'qc') AND state = 'submitted' AND NOT picked THEN
            SELECT t INTO onward FROM jsonb_array_elements(flow -> 'table') AS t
            WHERE t ->> 'stage' = lw_landing.stage AND t ->> 'state' = 'submitted'
              AND t ->> 'action' = 'accept';
        ELSIF here ->> 'kind' = 'router'
            AND options - ARRAY['share', 'seed', 'then', 'next'] = '{}' THEN
            onward := lw_exit(flow, here, picked);
        ELSE
            RETURN;
        END IF;
        passed := passed || stage;
        stage := coalesce(onward ->> 'to_stage', onward ->> 'stage');
        state := onward ->> 'to';
    END LOOP;
END
$$;

-- The way out of a router, as labelwidgets.workflow.landing.router_exit.
CREATE FUNCTION lw_exit(flow jsonb, here jsonb, yes boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
    SELECT t FROM jsonb_array_elements(flow -> 'table') WITH ORDINALITY AS w(t, place)
    WHERE t ->> 'stage' = here ->> 'name' AND t ->> 'action' = 'route'
    ORDER BY (yes AND t ->> 'to_stage' = here #>> '{options,then}') IS TRUE DESC,
             (t ->> 'to_stage' = here #>> '{options,next}') IS TRUE DESC, place DESC
    LIMIT 1
$$;
