"""Real connections of people who try what they must not, without a line of our own code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest

from labelwidgets.schema.ids import new_id
from labelwidgets.workflow.presets import consensus, maker_reviewer
from tests.servers.store.walled import Make, Walled, forge, labelled, not_forged, refused
from tests.store.making import create


class Blind(NamedTuple):
    """A project in which ana and ben each gave an opinion, and a golden answer is hidden."""

    project: Walled
    ana: str
    ben: str
    gold: str
    secret: str


@pytest.fixture(scope="module")
def blind(make: Make) -> Blind:
    project = make(consensus(3), count=2)
    ana, ben = labelled(project.session("ana")), labelled(project.session("ben"))
    item = project.lead.task(ben)["item_id"]
    gold, secret = new_id(), new_id()
    with psycopg.connect(project.url("lead")) as owner:
        owner.execute(
            "INSERT INTO tasks (id, item_id, position, title, stage, state, priority, copy, "
            "rounds, seq, updated_at, revision) "
            "SELECT %s, item_id, position + 900, 'gold', stage, 'done', 0, -1, 0, "
            "seq, updated_at, 0 FROM tasks WHERE id = %s",
            (gold, ben),
        )
        owner.execute(
            "INSERT INTO annotations SELECT (jsonb_populate_record(a, jsonb_build_object("
            "'id', %s::text, 'task_id', %s::text, 'author', 'lead'))).* FROM annotations a "
            "WHERE task_id = %s",
            (secret, gold, ben),
        )
        owner.execute(
            "INSERT INTO events (seq, id, time, actor, task, annotation, kind, payload) SELECT "
            "max(seq) + 1, %s, max(time), 'lead', %s, %s, 'create', '{\"revision\": 1}' "
            "FROM events",
            (new_id(), gold, secret),
        )
    assert item
    return Blind(project, ana, ben, gold, secret)


@pytest.fixture(scope="module")
def cy(blind: Blind) -> Iterator[psycopg.Connection[Any]]:
    """An annotator who has still to give an opinion."""
    with blind.project.raw("cy") as connection:
        yield connection


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM annotations",
        "SELECT count(*) FROM tasks WHERE copy < 0 OR assignee IS NOT NULL OR copy > 0 "
        "AND maker IS NOT NULL",
        "SELECT count(*) FROM events WHERE kind IN ('create', 'update', 'submit')",
        "SELECT count(*) FROM events e JOIN items i ON i.id IS NOT NULL WHERE e.task = %(ben)s",
        "SELECT count(*) FROM lw_readable WHERE id IN (%(ben)s, %(gold)s)",
        "SELECT count(*) FROM issues",
        "SELECT count(*) FROM comments",
        "SELECT count(*) FROM access",
        "SELECT count(*) FROM lw_lost(ARRAY[%(ben)s, %(gold)s])",
        "SELECT count(*) FROM lw_events_before_loss(%(ben)s)",
        "SELECT count(*) FROM lw_family(%(ben)s)",
        "SELECT count(*) FROM lw_family(%(gold)s)",
        "SELECT coalesce(lw_last_copy(%(ben)s), 0)",
        "SELECT count(*) FROM items i JOIN LATERAL lw_family((SELECT t.id FROM tasks t WHERE "
        "t.item_id = i.id AND t.copy = 0)) s ON true WHERE s.maker IS NOT NULL OR s.copy < 0",
        # What the planner has seen of tables, it tells only those who see all.
        "SELECT count(*) FROM pg_stats WHERE tablename IN ('annotations', 'tasks', 'events')",
        # A function that is cheap comes first, if no barrier is there.
        "SELECT count(*) FROM annotations WHERE pg_temp.leak(geometry)",
        "SELECT count(*) FROM lw_readable WHERE pg_temp.leak(id)",
    ],
)
def test_blind_work_and_golden_answers_cannot_be_read(
    blind: Blind, cy: psycopg.Connection[Any], query: str
) -> None:
    blind.project.server.do("ANALYZE", blind.project.name)
    heard: list[str] = []
    cy.add_notice_handler(lambda said: heard.append(str(said.message_primary)))
    if "leak" in query:
        cy.execute(
            "CREATE OR REPLACE FUNCTION pg_temp.leak(what text) RETURNS boolean LANGUAGE plpgsql "
            "COST 0.0000001 AS $$BEGIN RAISE NOTICE '%', what; RETURN true; END$$"
        )
        main = "SELECT id FROM tasks WHERE copy = 0"
        public = {row[0] for row in cy.execute(main)}
        cy.execute(query.encode())
        assert set(heard) <= public
        return
    values = {"ben": blind.ben, "gold": blind.gold}
    row = cy.execute(query.encode(), values if "%(" in query else None).fetchone()
    assert row == (0,)
    assert heard == []


def test_copy_and_dumps_show_no_more(blind: Blind, cy: psycopg.Connection[Any]) -> None:
    with cy.cursor() as cursor, cursor.copy("COPY annotations TO STDOUT") as copied:
        assert b"".join(copied) == b""
    cy.execute("SET row_security = off")
    refused(cy, "SELECT count(*) FROM annotations")
    cy.execute("RESET row_security")


def test_errors_tell_nothing_of_what_is_hidden(blind: Blind, cy: psycopg.Connection[Any]) -> None:
    for task in (blind.gold, blind.ben, "nothing"):
        said = not_forged(cy, "cy", "create", task, {})
        assert "is there already" not in said
        assert blind.secret not in said
    hidden = (blind.gold, blind.ben, "nothing")
    words = {not_forged(cy, "cy", "create", task, {}) for task in hidden}
    assert len(words) == 1, "what is hidden is as good as nothing"


def test_who_has_given_an_opinion_sees_that_and_no_other(blind: Blind) -> None:
    with blind.project.raw("ben") as ben:
        assert {row[0] for row in ben.execute("SELECT task_id FROM annotations")} == {blind.ben}
        assert ben.execute("SELECT count(*) FROM tasks WHERE copy < 0").fetchone() == (0,)


def test_a_reviewer_sees_what_is_handed_in_and_only_an_admin_the_golden_answer(
    blind: Blind,
) -> None:
    for name, seen in (("rea", False), ("quin", False), ("ada", True)):
        with blind.project.raw(name) as connection:
            tasks = {row[0] for row in connection.execute("SELECT task_id FROM annotations")}
            assert {blind.ana, blind.ben} <= tasks
            assert (blind.gold in tasks) is seen


def test_a_reviewer_who_still_gives_an_opinion_is_blind_on_its_item(blind: Blind) -> None:
    session = blind.project.session("rob")
    own = session.open().task
    with blind.project.raw("rob") as rob:
        query = "SELECT count(*) FROM annotations WHERE item_id = %s"
        assert rob.execute(query, (own["item_id"],)).fetchone() == (0,)
    session.release([own["id"]])


class Work(NamedTuple):
    """A project in which ana's task waits for its review, and ben has one in progress."""

    project: Walled
    waits: str
    begun: str
    label: str


@pytest.fixture(scope="module")
def work(make: Make) -> Work:
    project = make(maker_reviewer(), count=6)
    ana, ben = project.session("ana"), project.session("ben")
    waits = labelled(ana)
    begun = ben.open().task["id"]
    edit = create(begun)
    ben.apply([edit], "page")
    return Work(project, waits, begun, edit.annotation)


@pytest.fixture
def ana(work: Work) -> Iterator[psycopg.Connection[Any]]:
    with work.project.raw("ana") as connection:
        yield connection


def as_it_was(work: Work) -> None:
    """Nothing of what was tried has come about."""
    store = work.project.lead
    assert store.task(work.waits)["state"] == "submitted"
    assert store.task(work.waits)["maker"] == "ana"
    assert store.task(work.begun)["assignee"] == "ben"
    assert {made.author for made in store.read()} <= {"ana", "ben"}


EVENT = (
    "INSERT INTO events (seq, id, time, actor, task, annotation, kind, payload, base_revision) "
    "SELECT h.seq + 1, %s, h.time, %s, %s, %s, %s, %s, 0 FROM lw_head() h"
)


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": "done", "state": "done", "assignee": None},
        {"stage": "done", "state": "done", "assignee": None, "maker": "ben"},
        {"stage": "done", "state": "done", "assignee": None, "score": 10.0},
    ],
)
@pytest.mark.parametrize("kind", ["accept", "submit", "push", "route", "open", "archive"])
def test_an_annotator_cannot_accept_their_own_work(
    work: Work, ana: psycopg.Connection[Any], kind: str, changes: dict[str, Any]
) -> None:
    not_forged(ana, "ana", kind, work.waits, changes)
    as_it_was(work)


@pytest.mark.parametrize("name", ["ana", "rea", "quin"])
@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("open", {"maker": None}),
        ("open", {"maker": "rob", "state": "in_review", "assignee": "rea"}),
        ("prioritize", {"priority": 9}),
        ("open", {"priority": 9}),
        ("batch", {"batch": "mine"}),
        ("assign", {"assignee": "rea"}),
        ("reject", {"rounds": 7}),
        ("accept", {"score": 10.0}),
        ("push", {"stage": "annotate", "state": "queued"}),
        ("requeue", {"stage": "annotate", "state": "queued", "maker": None}),
    ],
)
def test_only_the_table_of_the_workflow_moves_a_task(
    work: Work, name: str, kind: str, changes: dict[str, Any]
) -> None:
    with work.project.raw(name) as connection:
        not_forged(connection, name, kind, work.waits, changes)
    as_it_was(work)


def test_a_move_needs_its_event_and_an_event_its_move(
    work: Work, ana: psycopg.Connection[Any]
) -> None:
    refused(ana, "UPDATE tasks SET state = 'done', stage = 'done'")
    refused(
        ana, "UPDATE tasks SET state = 'in_progress', stage = 'annotate', revision = revision+1"
    )
    note = json.dumps({"before": {}, "after": {}, "revision": 99})
    refused(ana, EVENT, new_id(), "ana", work.waits, None, "reopen", note)
    refused(ana, EVENT, new_id(), "ana", None, None, "submit", note)
    as_it_was(work)


def test_nobody_takes_anothers_task(work: Work, ana: psycopg.Connection[Any]) -> None:
    begun = work.begun
    not_forged(ana, "ana", "open", begun, {"assignee": "ana", "state": "in_progress"})
    submitted = {"stage": "review", "state": "submitted", "assignee": None, "maker": "ana"}
    not_forged(ana, "ana", "submit", begun, submitted)
    not_forged(ana, "ana", "release", begun, {"state": "queued", "assignee": None})
    not_forged(ana, "ben", "release", begun, {"state": "queued", "assignee": None})
    refused(ana, "UPDATE tasks SET lease_until = 1 WHERE id = %s", begun)
    refused(ana, "UPDATE tasks SET lease_until = NULL WHERE id = %s", begun)
    refused(ana, "UPDATE tasks SET lease_seq = 1 WHERE id = %s", begun)
    assert ana.execute("SELECT lw_release_expired(%s)", (begun,)).fetchone() == (False,)
    as_it_was(work)


def test_nobody_keeps_a_task_for_longer_than_a_lease(work: Work) -> None:
    with work.project.raw("ben") as ben:
        refused(ben, "UPDATE tasks SET lease_until = lease_until * 2 WHERE id = %s", work.begun)


def test_no_event_is_written_in_the_name_of_another(
    work: Work, ana: psycopg.Connection[Any]
) -> None:
    for actor in ("ben", "ada", "lead", "nobody"):
        said = refused(ana, EVENT, new_id(), actor, work.begun, new_id(), "create", "{}")
        assert "in the name of" in said
    not_forged(ana, "rea", "accept", work.waits, {"stage": "done", "state": "done"})
    as_it_was(work)


def test_the_log_is_only_added_to(work: Work, ana: psycopg.Connection[Any]) -> None:
    for statement in (
        "UPDATE events SET actor = 'ben'",
        "DELETE FROM events",
        "TRUNCATE events",
        "DELETE FROM tasks",
        "DELETE FROM annotations",
        "TRUNCATE annotations, tasks, items CASCADE",
        "DELETE FROM access",
        "UPDATE access SET person = 'ben'",
        "DELETE FROM comments",
        "UPDATE comments SET text = 'Well done.'",
        "DROP TABLE events",
        "ALTER TABLE events RENAME TO others",
    ):
        refused(ana, statement)
    for seq, time in (
        (1, "h.time"),
        ("h.seq + 2", "h.time"),
        ("h.seq + 1", "h.time - 1"),
        ("h.seq + 1", "h.time + 999999999999"),
        (10**18, "h.time"),
    ):
        refused(
            ana,
            "INSERT INTO events (seq, id, time, actor, kind, payload) "
            f"SELECT {seq}, 'forged', {time}, 'ana', 'comment', '{{}}' FROM lw_head() h",
        )


def test_labels_are_written_into_ones_own_open_tasks_alone(
    work: Work, ana: psycopg.Connection[Any]
) -> None:
    refused(ana, "UPDATE annotations SET class_name = NULL")
    refused(ana, "UPDATE annotations SET author = 'ana'")
    refused(ana, "UPDATE annotations SET revision = 0")
    refused(ana, "UPDATE annotations SET deleted = true WHERE id = %s", work.label)
    # Theirs, and submitted: it is closed.
    for task in (work.begun, work.waits):
        refused(ana, EVENT, new_id(), "ana", task, work.label, "update", '{"revision": 2}')
    as_it_was(work)


def test_labels_are_made_in_ones_own_name_with_their_event(work: Work) -> None:
    with work.project.raw("ben") as ben:
        copied = (
            "INSERT INTO annotations SELECT (jsonb_populate_record(a, jsonb_build_object("
            "'id', %s::text, 'author', %s::text, 'revision', 1))).* FROM annotations a "
            "WHERE id = %s"
        )
        name = new_id()
        assert "without the event" in refused(ben, copied, name, "ben", work.label)
        for author in ("ana", None):
            assert "in the name of" in refused(ben, copied, new_id(), author, work.label)
        event = refused(ben, EVENT, new_id(), "ben", work.begun, new_id(), "create", "{}")
        assert "did not happen" in event
        back = "UPDATE annotations SET revision = 0 WHERE id = %s"
        assert "earlier revision" in refused(ben, back, work.label)
        moved = "UPDATE annotations SET task_id = %s WHERE id = %s"
        assert "what a label is of" in refused(ben, moved, work.waits, work.label)
    as_it_was(work)


def test_nobody_gives_themselves_a_role(work: Work) -> None:
    for name in ("ana", "rea", "quin"):
        with work.project.raw(name) as connection:
            owner = work.project.logins["lead"]
            for statement in (
                f"UPDATE people SET role = 'admin' WHERE name = '{name}'",
                "INSERT INTO people (name, role, groups, login, added_by, added_at, seq) "
                f"VALUES ('me', 'admin', '[]', '{name}', 'lead', 1, 1)",
                "DELETE FROM people",
                f"SET ROLE {owner}",
                f"SET SESSION AUTHORIZATION {owner}",
                f"ALTER ROLE {work.project.logins[name]} SUPERUSER",
                f"GRANT {owner} TO {work.project.logins[name]}",
                f"SELECT lw_give('{work.project.logins[name]}', 'admin')",
                f"SELECT lw_take('{work.project.logins['ben']}')",
                "ALTER TABLE tasks DISABLE TRIGGER ALL",
                "ALTER TABLE events DISABLE ROW LEVEL SECURITY",
                "DROP POLICY lw_tasks ON tasks",
                "SET session_replication_role = replica",
                "CREATE OR REPLACE FUNCTION lw_rank() RETURNS int LANGUAGE sql AS 'SELECT 3'",
                "DROP FUNCTION lw_move() CASCADE",
                "UPDATE meta SET workflow = '{}'",
                "UPDATE meta SET id = 2",
                "INSERT INTO ontologies (number, hash, json, created, actor) "
                "VALUES (99, 'x', '{}', 1, 'lead')",
                "INSERT INTO instructions (number, text, created, actor) "
                "VALUES (9, 'x', 1, 'lead')",
                "UPDATE items SET urls = '[]'",
                "INSERT INTO tasks SELECT * FROM tasks",
                "INSERT INTO access (time, person, action, detail) VALUES (1, 'ben', 'opened', '')",
            ):
                refused(connection, statement)
    as_it_was(work)


def test_a_name_that_comes_first_in_the_path_fools_no_function(
    work: Work, ana: psycopg.Connection[Any]
) -> None:
    ana.execute(
        "CREATE TEMPORARY TABLE people "
        "(name text, role text, groups text, login text, removed_at bigint)"
    )
    ana.execute("INSERT INTO people VALUES ('ana', 'admin', '[]', session_user, NULL)")
    ana.execute("SET search_path = pg_temp, public")
    assert ana.execute("SELECT public.lw_rank()").fetchone() == (0,)
    not_forged(
        ana, "ana", "accept", work.waits, {"stage": "done", "state": "done", "assignee": None}
    )
    as_it_was(work)


def test_no_table_can_be_locked(work: Work, ana: psycopg.Connection[Any]) -> None:
    for table in ("events", "tasks", "annotations", "meta", "people"):
        for mode in ("SHARE", "EXCLUSIVE", "ACCESS EXCLUSIVE"):
            refused(ana, f"LOCK TABLE {table} IN {mode} MODE")


def test_a_reviewer_judges_the_work_of_others_within_the_table(work: Work) -> None:
    with work.project.raw("rea") as rea:
        done = {"stage": "done", "state": "done", "assignee": None}
        for wrong in (
            {**done, "maker": "rea"},
            {**done, "score": 11.0},
            {**done, "assignee": "rea"},
            {**done, "rounds": 1},
        ):
            not_forged(rea, "rea", "accept", work.waits, wrong)
        back = {"stage": "annotate", "state": "queued", "rounds": 1}
        not_forged(rea, "rea", "reject", work.waits, {**back, "assignee": "ben"})
        not_forged(rea, "rea", "reject", work.waits, {**back, "assignee": "ana", "rounds": 2})
        not_forged(rea, "rob", "accept", work.waits, done)
        as_it_was(work)
        forge(rea, "rea", "open", work.waits, {"state": "in_review", "assignee": "rea"})
    with work.project.raw("rob") as rob:
        said = not_forged(rob, "rob", "accept", work.waits, done)
        assert "rea's" in said
    with work.project.raw("rea") as rea:
        forge(rea, "rea", "release", work.waits, {"state": "submitted", "assignee": None})


def test_who_is_removed_has_no_rights_from_that_moment(make: Make) -> None:
    project = make(maker_reviewer(), people={"ana": "annotator"})
    with project.raw("ana") as ana:
        assert ana.execute("SELECT count(*) FROM tasks").fetchone() == (4,)
        project.server.do(
            "UPDATE people SET removed_at = 1 WHERE name = 'ana'", project.url("lead")
        )
        for table in ("tasks", "events", "meta", "items", "people"):
            refused(ana, f"SELECT count(*) FROM {table}")
        assert ana.execute("SELECT lw_me()").fetchone() == (None,)
