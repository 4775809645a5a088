"""On PostgreSQL the database holds people to their roles: their own kernels work, and no more."""

from __future__ import annotations

import json

import pytest

from labelwidgets.errors import RightsError, StoreForbiddenError
from labelwidgets.schema.ontology import ObjectClass
from labelwidgets.workflow import directing, moving
from labelwidgets.workflow.presets import consensus, maker_reviewer
from labelwidgets.workflow.sampling import in_share
from tests.servers.store.walled import Make, Walled, labelled, refused
from tests.store.making import create


def test_a_maker_and_a_reviewer_work_as_their_own_logins(make: Make) -> None:
    project = make(maker_reviewer())
    ana, rea = project.session("ana"), project.session("rea", stages=["review"])
    task = labelled(ana)
    assert rea.open().task["id"] == task
    assert rea.reject(task, score=3, comment="Loose.")["assignee"] == "ana"
    again = ana.open()
    assert again.task["id"] == task
    ana.apply([create(task)], "page")
    ana.submit(task)
    assert rea.open().task["id"] == task
    assert rea.accept(task, score=9)["state"] == "done"
    assert [one.kind for one in ana.store.verdicts(task)] == ["reject", "accept"]


def test_a_maker_cannot_accept_their_own_work(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    # Their kernel has been told to say nothing against it.
    monkeypatch.setattr(moving, "check_judge", lambda *_: None)
    project = make(maker_reviewer())
    for name in ("ana", "rea", "ada"):
        person = project.session(name)
        task = labelled(person)
        words = "is for the role" if name == "ana" else "lets nobody judge what is their own"
        with pytest.raises(RightsError, match=words):
            person.accept(task)
        assert project.lead.task(task)["state"] == "submitted"


def test_opinions_are_blind_for_the_kernels_of_annotators(make: Make) -> None:
    project = make(consensus(2), count=1)
    ana, ben = project.session("ana"), project.session("ben")
    mine = labelled(ana)
    theirs = labelled(ben)
    assert mine != theirs
    assert set(ana.store.annotations["task_id"]) == {mine}
    assert set(ben.store.annotations["task_id"]) == {theirs}
    rea = project.session("rea", stages=["consensus"])
    assert set(rea.store.annotations["task_id"]) == {mine, theirs}
    main = rea.open().task["id"]
    assert rea.accept(main)["state"] == "done"


def lost(project: Walled, task: str) -> None:
    """Let the lease of a task end, as ten minutes without a sign of life do."""
    project.server.do(f"UPDATE tasks SET lease_until = 1 WHERE id = '{task}'", project.url("lead"))


def test_who_comes_too_late_keeps_a_task_of_their_own_behind_the_walls(make: Make) -> None:
    for workflow in (maker_reviewer(), consensus(2)):
        project = make(workflow, count=1)
        ana, ben = project.session("ana"), project.session("ben")
        task = ana.open().task["id"]
        ana.apply([create(task)], "page")
        lost(project, task)
        assert ben.open().task["id"] == task, "what was left is given to the next"
        assert {made.author for made in ben.store.read(task)} == {"ana"}
        (made,) = ana.apply([create(task)], "page")
        assert "kept as an opinion of your own" in made.message
        own = ana.open().task
        assert own["id"] != task
        assert own["assignee"] == "ana"
        assert len(ana.store.read(own["id"])) == 2, "a copy of what was there, and the late edit"
        ben.submit(task)
        assert ana.submit(own["id"])["state"] == "submitted"


def test_a_late_submit_is_kept_behind_the_walls(make: Make) -> None:
    for workflow in (maker_reviewer(), consensus(2)):
        for role in (None, "annotator"):
            project = make(workflow, count=1)
            ana, ben = project.session("ana", role), project.session("ben", role)
            task = ana.open().task["id"]
            ana.apply([create(task)], "page")
            lost(project, task)
            assert ben.open().task["id"] == task
            late = ana.submit(task)
            assert late["id"] != task
            assert late["maker"] == "ana"
            assert project.lead.task(task)["assignee"] == "ben", "his is left as it is"


def test_issues_are_raised_and_resolved_in_ones_own_name(make: Make) -> None:
    project = make(maker_reviewer())
    ana, rea = project.session("ana"), project.session("rea", stages=["review"])
    task = labelled(ana)
    issue = rea.issues.raise_issue(task, "Too wide.", at=(3.0, 4.0))
    assert ana.issues.of(task)[0].author == "rea"
    assert ana.issues.comment(issue.id, "So is the car.").thread[-1].author == "ana"
    assert rea.issues.resolve(issue.id, "True.").state == "resolved"
    assert ana.issues.reopen(issue.id).state == "open"
    with project.raw("ana") as connection:
        refused(connection, "UPDATE issues SET state = 'resolved', resolved_by = 'rea'")
        refused(connection, "UPDATE issues SET author = 'ana'")
        refused(
            connection,
            "INSERT INTO comments (id, seq, issue_id, author, text, created_at) "
            "SELECT 'forged', seq, issue_id, 'rea', 'Fine.', created_at FROM comments LIMIT 1",
        )


def test_an_admin_leads_without_owning_the_tables(make: Make) -> None:
    project = make(maker_reviewer())
    ada = project.store("ada")
    tasks = ada.task_ids()
    assert directing.prioritize(ada, "ada", tasks[:2], 5) == 2
    assert directing.assign(ada, project.workflow, "ada", tasks, "ana", 0) == 4
    ada.put_instructions("Tight boxes.", "ada")
    ada.change_ontology(lambda old: old.extend([ObjectClass("van")], [], []), "ada")
    with pytest.raises(StoreForbiddenError):
        project.store("ana").put_instructions("Loose boxes.", "ana")
    with pytest.raises(StoreForbiddenError):
        directing.prioritize(project.store("rea"), "rea", tasks, 9)
    with pytest.raises(StoreForbiddenError, match="in the name of ada"):
        directing.prioritize(project.store("ana"), "ada", tasks, 9)


def test_walls_of_another_version_are_put_up_anew_by_their_owner(make: Make) -> None:
    project = make(maker_reviewer())
    project.server.do(
        "COMMENT ON FUNCTION lw_me() IS 'labelwidgets walls old'", project.url("lead")
    )
    project.server.do("DROP TRIGGER lw_move ON tasks", project.url("lead"))
    for name in ("ana", "lead"):
        project.store(name)
    found = project.server.do(
        "SELECT count(*) FROM pg_trigger WHERE tgname = 'lw_move'", project.url("lead")
    )
    assert found == [(1,)]
    labelled(project.session("ana"))


def test_the_share_of_a_stage_is_the_same_for_the_database(make: Make) -> None:
    project = make(maker_reviewer(share=0.5, seed=3))
    with project.raw("lead") as owner:
        for number in range(200):
            options = {"share": number / 200, "seed": number % 7}
            query = "SELECT lw_in_share(%s, %s, %s::jsonb)"
            found = owner.execute(query, (f"item{number}", "réview", json.dumps(options)))
            assert found.fetchone() == (in_share(f"item{number}", "réview", options),)
    ana = project.session("ana")
    ends = {ana.store.task(labelled(ana))["stage"] for _ in range(4)}
    assert ends <= {"review", "done"}


def test_who_trains_says_on_what_and_an_admin_alone_splits(make: Make) -> None:
    project = make(maker_reviewer())
    ada, rea, ana = (project.store(name) for name in ("ada", "rea", "ana"))
    ada.put_note("split", "ada", {"after": {}})
    rea.put_note("trained", "rea", {"labels": 3})
    assert [note.actor for note in rea.notes("split")] == ["ada"]
    assert [note.payload for note in ada.notes("trained")] == [{"labels": 3}]
    assert ana.notes("split") == ana.notes("trained") == []
    with pytest.raises(StoreForbiddenError):
        rea.put_note("split", "rea", {})
    with pytest.raises(StoreForbiddenError):
        ana.put_note("trained", "ana", {})
