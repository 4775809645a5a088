"""Who works, on which tasks, and in which role: what all that a session does begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets.errors import RightsError, WorkflowError
from labelwidgets.numbered import numbered
from labelwidgets.schema.mode import Mode, check_mode, implied_mode
from labelwidgets.schema.ontology import Ontology
from labelwidgets.store.among import Among, Sight
from labelwidgets.store.ontologies import Rules
from labelwidgets.store.store import Store
from labelwidgets.workflow.gate import Gate
from labelwidgets.workflow.parts import narrowed, scope_of
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.pictures import Pictures
from labelwidgets.workflow.stages import (
    IN_PROGRESS,
    IN_REVIEW,
    JUDGING,
    QUEUED,
    SUBMITTED,
    Workflow,
)


class Hold:
    """One person's hold on a project's tasks, or on some of them.

    Who the person is is fixed here, by the kernel; nothing a page sends can change it.

    Parameters
    ----------
    store
        The project's.
    dataset
        Where pixels come from.
    user
        Who works.
    work
        Ids of the only tasks that this session may see; None for all.
    mode
        What is asked for: ``segmentation`` (shapes, no questions about the image),
        ``classification`` (those questions and tags alone) or ``both``; None for what the
        ontology implies.
    role
        ``annotator``, ``reviewer``, ``qc`` or ``admin``, each of which may do what those
        before it may. In a project with people it is that of the person, and this only makes it
        less; in one without, None may do everything. An annotator sees nothing of others' opinions.
    stages
        The stages that the queue is of; None for those to annotate in. Of stages in which
        others' work is judged, nobody gets what is their own.
    groups
        Groups that the person is in: tasks may be assigned to one of them. In a project with
        people, those of them to work for; by default all that the person is in.

    Raises
    ------
    RightsError
        If the person is none of the project's people, or is less than the role.
    """

    def __init__(
        self,
        store: Store,
        dataset: Pictures,
        user: str,
        work: Iterable[str] | None = None,
        mode: Mode | None = None,
        role: str | None = None,
        stages: Sequence[str] | None = None,
        groups: Sequence[str] = (),
    ) -> None:
        if not isinstance(user, str) or not user.strip():
            raise WorkflowError("A session needs the name of a person.", where="user")
        current_user(user)
        self.store = store
        self.dataset = dataset
        self._user = user
        self._work = None if work is None else frozenset(work)
        self._mode = check_mode(mode)
        self._gate = Gate(store, user, role, tuple(groups))
        self._gate.open()
        self._given = (role, tuple(groups))
        self._ontology: tuple[str, Ontology] | None = None
        self._workflow: tuple[str, Workflow] | None = None
        self._stages = None if stages is None else tuple(stages)
        self._check_stages()

    def _check_stages(self) -> None:
        if self._stages is None:
            return
        workflow = self.workflow
        kinds = {workflow[name].kind for name in self._stages}
        if not kinds or kinds - {"annotate", *JUDGING}:
            raise WorkflowError("are none that people work in.", where="stages")
        if "annotate" in kinds and len(kinds) > 1:
            raise WorkflowError(
                "are both to make in and to judge in.", where="stages", hint="Take two sessions."
            )

    @property
    def _role(self) -> str | None:
        return self._gate.role

    @property
    def _groups(self) -> tuple[str, ...]:
        return self._gate.groups

    def __repr__(self) -> str:
        some = "all tasks" if self._work is None else f"{numbered(len(self._work), 'task')}"
        return f"Session(project={self.project_name!r}, user={self._user!r}, {some})"

    @property
    def user(self) -> str:
        """Who works."""
        return self._user

    @property
    def role(self) -> str | None:
        """What the person may do; None for everything."""
        return self._role

    @property
    def work(self) -> frozenset[str] | None:
        """Ids of the only tasks that this session may see; None for all."""
        return self._work

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that the queue is of."""
        if self._stages is not None:
            return self._stages
        return tuple(self.workflow.names("annotate"))

    @property
    def judging(self) -> bool:
        """Whether the queue is one of others' work."""
        if self._stages is None:
            return False
        return self.workflow[self._stages[0]].kind != "annotate"

    @property
    def workflow(self) -> Workflow:
        """The workflow as it is now, whoever changed it."""
        text = self.store.workflow_text()
        if self._workflow is None or self._workflow[0] != text:
            self._workflow = (text, Workflow.from_dict(msgspec.json.decode(text)))
        return self._workflow[1]

    @property
    def project_uid(self) -> str:
        """What the project is known by, wherever its file is moved to."""
        return self.store.uid

    @property
    def project_name(self) -> str:
        """What people call the project."""
        return self.store.name

    @property
    def ontology(self) -> Ontology:
        """The ontology as it is now, whoever extended it."""
        current = self.store.ontology_hash()
        if self._ontology is None or self._ontology[0] != current:
            found = self.store.ontology()
            self._ontology = (found.hash, found)
        return self._ontology[1]

    def _rules(self, *, anew: bool) -> tuple[Rules, Ontology, Workflow]:
        """Return what edits are judged by, as it was last seen or as it is now."""
        if anew or self._ontology is None or self._workflow is None:
            ontology, workflow = self.ontology, self.workflow
        else:
            ontology, workflow = self._ontology[1], self._workflow[1]
        rules = Rules(ontology.hash, self._workflow[0] if self._workflow else "")
        return rules, ontology, workflow

    def ontology_of(self, task: Mapping[str, Any]) -> Ontology:
        """Return what may be said of a task: of its stage, where only some classes are labelled."""
        return narrowed(self.ontology, self.workflow[task["stage"]])

    def scope_of(self, task: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the `classes` that are labelled in a task, and whether `questions` are asked.

        None for a task that is about all that there is.
        """
        stage = self.workflow[task["stage"]]
        classes = scope_of(stage, self.ontology)
        if classes is None:
            return None
        return {"classes": classes, "questions": bool(stage.options.get("questions"))}

    @property
    def mode(self) -> Mode:
        """What is asked for: ``segmentation``, ``classification`` or ``both``."""
        return self._mode or implied_mode(self.ontology)

    @property
    def instructions(self) -> str:
        """What the person is told about the project, as Markdown; empty for nothing."""
        return self.store.instructions()

    def said(self) -> tuple[str, int]:
        """Return the versions of the ontology and of the instructions: cheap to ask often."""
        return self.store.said()

    # What the queue is of, and what of it may be seen

    @property
    def _states(self) -> tuple[list[str], list[str]]:
        """The states of what this person has begun, and of what waits."""
        return ([IN_REVIEW], [SUBMITTED]) if self.judging else ([IN_PROGRESS], [QUEUED])

    @property
    def _among(self) -> Among:
        parts = tuple(self.workflow.parts) if self.judging else ()
        return Among(self.stages, self.judging, self._groups, parts)

    @property
    def _sight(self) -> Sight | None:
        """Who must not see others' opinions, or golden answers; None sees all."""
        return sight_of(self._role, self._user, lambda: self.workflow)

    @property
    def within(self) -> Within | None:
        """The tasks that this session may see; None for all."""
        return None if self._work is None and self._sight is None else Within(self)

    def _sees(self, task_ids: Iterable[str]) -> set[str]:
        """Return those of some tasks that this session may see."""
        some = {name for name in task_ids if self._work is None or name in self._work}
        sight = self._sight
        return some if sight is None else self.store.seen(sight, some)

    def _check_within(self, task_id: str) -> None:
        if self._work is not None and task_id not in self._work:
            raise WorkflowError(
                "is not in the work list of this session.", where=f"task {str(task_id)[:80]!r}"
            )
        if self._sight is not None and not self._sees([task_id]) and not self._gives(task_id):
            self.store.task(task_id)
            raise RightsError(
                "is a golden answer, or what others think of an item, which is not shown.",
                where=f"task {str(task_id)[:80]!r}",
                hint="Label what your own queue gives you.",
            )

    def _gives(self, task_id: str) -> bool:
        """Say whether the queue gives this task next: who opens it has it."""
        active, waiting = self._states
        given = self.store.next_task(self._user, active, waiting, self._work, self._among)
        return task_id == given

    def _assigned(self, task: Mapping[str, Any]) -> bool:
        """Say whether a task is mine, or anybody's."""
        mine = (None, self._user, *(f"@{group}" for group in self._groups))
        return task["assignee"] in mine


def sight_of(role: str | None, user: str, workflow: Callable[[], Workflow]) -> Sight | None:
    """Return who must not see others' opinions, or golden answers; None sees all."""
    if role in (None, "admin"):
        return None
    if role != "annotator":
        return Sight(user, judges=True)
    flow = workflow()
    shown = [stage.name for stage in flow.stages if stage.options.get("shown")]
    return Sight(user, flow.names("consensus", "join"), shown=shown)


class Within:
    """Ids of the tasks that a session may see, asked of the store as it is then."""

    def __init__(self, hold: Hold) -> None:
        self._hold = hold
        self._known: dict[str, bool] = {}

    def __contains__(self, task_id: object) -> bool:
        if not isinstance(task_id, str):
            return False
        if task_id not in self._known:
            self._known[task_id] = bool(self._hold._sees([task_id]))
        return self._known[task_id]
