-- Who a connection is: the person whose login it came in with. `session_user` is what the server
-- made of the password; neither SET ROLE nor anything else that a client says changes it.

CREATE FUNCTION lw_me() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT name FROM people WHERE login = session_user AND removed_at IS NULL
$$;

-- 0 annotator, 1 reviewer, 2 qc, 3 admin; NULL for nobody.
CREATE FUNCTION lw_rank_of(role text) RETURNS int
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
    SELECT array_position(ARRAY['annotator', 'reviewer', 'qc', 'admin'], role) - 1
$$;

CREATE FUNCTION lw_rank() RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT lw_rank_of(role) FROM people WHERE login = session_user AND removed_at IS NULL
$$;

-- What a task of mine may be assigned to: my name, and my groups.
CREATE FUNCTION lw_names() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT array_prepend(p.name, ARRAY(
        SELECT '@' || g.name FROM jsonb_array_elements_text(p.groups::jsonb) AS g(name)))
    FROM people p WHERE p.login = session_user AND p.removed_at IS NULL
$$;

CREATE FUNCTION lw_clock() RETURNS bigint
LANGUAGE sql VOLATILE SET search_path FROM CURRENT AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
$$;

-- Refusals have an SQLSTATE of their own, and say in HINT who may.
CREATE FUNCTION lw_refuse(what text, who text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    RAISE EXCEPTION '%', what USING ERRCODE = 'LW001', HINT = who;
END
$$;
