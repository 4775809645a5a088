"""How much waits for a person is what their queue gives out, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.workflow.session import Session


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lw.Project]:
    for number in range(4):
        Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(tmp_path / f"{number}.png")
    flow = lw.workflow.maker_reviewer_qc(overlap=0.5, labelers=2, sample=0, seed=3)
    dataset = lw.Dataset.open(str(tmp_path / "*.png"))
    with lw.Project.create(tmp_path / "cars.db", dataset, ["car"], flow, user="lead") as made:
        yield made


def given(session: Session) -> list[str]:
    """Take all that the queue gives."""
    found: list[str] = []
    while (opened := session.ahead(found)) is not None:
        found.append(opened.task["id"])
    return found


def test_it_is_what_the_queue_gives_and_nothing_is_claimed(project: lw.Project) -> None:
    project.assign(project.tasks.query("state == 'queued'")["id"].head(1), "ben")
    ana, ben = project.session(user="ana"), project.session(user="ben", role="annotator")
    before = project.tasks
    counts = ana.waiting(), ben.waiting()
    assert project.tasks.equals(before)
    assert len(given(ben)) == counts[1]
    assert ben.waiting() == counts[1], "what was begun is still to be done"
    assert len(given(ana)) == ana.waiting()
    assert counts[0] >= ana.waiting(), "what ben has begun does not wait for ana"


def test_what_was_handed_in_waits_for_who_judges_and_not_for_its_maker(
    project: lw.Project,
) -> None:
    ana = project.session(user="ana", role="annotator")
    while ana.next_task() is not None:
        ana.submit(ana.open().task["id"])
    assert ana.waiting() == 0
    single = project.tasks.query("stage == 'review'")
    assert project.review_session(user="rex").waiting() == len(single)
    assert project.review_session(user="ana").waiting() == 0


def test_it_is_counted_up_to_a_limit_and_within_a_work_list(project: lw.Project) -> None:
    some = project.tasks.query("copy == 0 and state == 'queued'")["id"].tolist()
    assert project.session(user="ana").waiting(limit=1) == 1
    assert project.session(some[:1], user="ana").waiting() == len(some[:1])
