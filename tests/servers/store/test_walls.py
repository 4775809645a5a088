"""On PostgreSQL the database holds people to their roles: their own kernels work, and no more."""

from __future__ import annotations

import pytest

from labelwidgets.errors import StoreForbiddenError
from labelwidgets.workflow import moving
from labelwidgets.workflow.presets import consensus, maker_reviewer
from tests.servers.store.walled import Make, labelled
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
        with pytest.raises(StoreForbiddenError, match="lets nobody judge what is their own"):
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
