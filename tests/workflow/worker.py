"""A process of a person of a team, who makes or judges until they are killed."""

from __future__ import annotations

import random
import time
from multiprocessing.connection import Connection

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.ids import new_id
from labelwidgets.store.store import Store
from labelwidgets.workflow.session import OpenTask, Session
from tests.store.making import create
from tests.workflow.pictures import BlankPictures


def work_for_ever(place: str, name: str, role: str, acknowledge: Connection) -> None:
    """Say what was acknowledged: ``edit <gesture>``, or ``<move> <task>``."""
    dice = random.Random(name)
    with Store.open(place, wait=60) as store:
        stages = ("review",) if role == "reviewer" else None
        session = Session(store, BlankPictures(), name, role=role, stages=stages)
        acknowledge.send_bytes(b"ready")
        while True:
            try:
                task = next_of(session)
            except WorkflowError:
                task = None
            if task is None:
                time.sleep(0.005)
                continue
            for said in do(session, task.task["id"], role, dice.random() < 0.5):
                acknowledge.send_bytes(said.encode())


def next_of(session: Session) -> OpenTask | None:
    """Open what comes next, if anything waits."""
    return session.open() if session.next_task() is not None else None


def do(session: Session, task: str, role: str, rejected: bool = False) -> list[str]:
    """Make two labels and submit them, or judge; return what to say of it."""
    if role == "annotator":
        gesture = new_id()
        session.apply([create(task, gesture=gesture) for _ in range(2)], client="page")
        session.submit(task)
        return [f"edit {gesture}", f"submit {task}"]
    verdict = "reject" if rejected else "accept"
    getattr(session, verdict)(task)
    return [f"{verdict} {task}"]
