"""One person's hold on the work: all that a widget needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import OntologyError, StoreForbiddenError, WorkflowError
from labelwidgets.schema.brought_questions import with_brought, without_brought
from labelwidgets.schema.mode import Mode
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import IMAGE, Renames
from labelwidgets.schema.revival import revived
from labelwidgets.store.application import RulesMovedError
from labelwidgets.store.edits import Applied, Edit, Outcome, Proposal, Refused
from labelwidgets.store.watch import Observer
from labelwidgets.workflow.frame_times import FrameTimes
from labelwidgets.workflow.gate import guarded
from labelwidgets.workflow.issues import Issues
from labelwidgets.workflow.openness import check_leads, check_open
from labelwidgets.workflow.overlap import check_distinct
from labelwidgets.workflow.parts import check_scope
from labelwidgets.workflow.pictures import Picture, Pictures
from labelwidgets.workflow.picturing import Picturing
from labelwidgets.workflow.queueing import OpenTask, Queueing
from labelwidgets.workflow.rules import check_edit
from labelwidgets.workflow.scan_shapes import ScanShapes
from labelwidgets.workflow.stages import Workflow

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OpenTask", "Picture", "Pictures", "Session"]


@guarded("Session")
class Session(Queueing, Picturing):
    """One person's hold on a project's tasks, or on some of them; for parameters see `Hold`.

    Who the person is is fixed here, by the kernel; nothing a page sends can change it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._scans = ScanShapes(self.store, self.dataset)
        self._times = FrameTimes(self.store, self.dataset)
        self.issues = Issues(self.store, self._user, self._check_talk)

    def _check_talk(self, task_id: str) -> None:
        with self._gate.through("Session.issues"):
            self._check_within(task_id)

    def in_mode(self, mode: Mode) -> Session:
        """Return the same hold on the work, with another mode."""
        return Session(
            self.store,
            self.dataset,
            self._user,
            self._work,
            mode,
            self._given[0],
            self._stages,
            self._given[1],
        )

    # Edits

    def apply(
        self,
        edits: Sequence[Edit],
        client: str | None = None,
        authors: Mapping[str, str] | None = None,
        judged: Callable[[], object] | None = None,
    ) -> list[Outcome]:
        """Apply edits of this person; see `Store.apply`.

        An edit is ``invalid`` if what it changes does not fit the ontology or the image, and
        ``forbidden`` if its task is closed or not in the work list.

        Parameters
        ----------
        edits
            As the browser sends them.
        client
            Which view sends them; the tasks that it edits become this person's.
        authors
            Authors of created annotations by id, for an import only.
        judged
            Called for each edit as it is looked at; what it raises stops all of them.
        """
        return self._settle(edits, client, authors, judged)

    def take_in(
        self,
        edits: Sequence[Edit],
        growth: Callable[[Ontology], Ontology] | None = None,
        authors: Mapping[str, str] | None = None,
        judged: Callable[[], object] | None = None,
    ) -> list[Outcome]:
        """Apply edits of an import, and let the ontology grow with them, all or nothing.

        Parameters
        ----------
        growth
            What the ontology becomes, in the transaction of the edits.
        edits, authors, judged
            As for `apply`.
        """
        return self._settle(edits, None, authors, judged, growth)

    def _settle(
        self,
        edits: Sequence[Edit],
        client: str | None,
        authors: Mapping[str, str] | None,
        judged: Callable[[], object] | None,
        growth: Callable[[Ontology], Ontology] | None = None,
    ) -> list[Outcome]:
        outcomes, queued = self._apply(edits, client, authors, judged, growth)
        strange = [one for one in outcomes if isinstance(one, Refused) and one.reason == "invalid"]
        if any(one.error == "OntologyError" for one in strange):
            # A label of what was taken out at this moment is kept, and so is its class.
            gone = {one.id for one in strange}
            again = [edit for edit in edits if edit.id in gone]
            if self._revive(again):
                retried, more = self._apply(again, client, authors, None, growth)
                queued |= more
                settled = {made.id: made for made in retried}
                outcomes = [settled.get(made.id, made) for made in outcomes]
        if client is not None and queued:
            for task_id in queued & {made.task for made in outcomes if isinstance(made, Applied)}:
                self.store.move(task_id, self._user, self._begin)
        return outcomes

    def _apply(
        self,
        edits: Sequence[Edit],
        client: str | None,
        authors: Mapping[str, str] | None,
        judged: Callable[[], object] | None = None,
        growth: Callable[[Ontology], Ontology] | None = None,
    ) -> tuple[list[Outcome], set[str]]:
        """Return the outcomes of edits, and the tasks among theirs that were queued."""
        shape_of = self._scans.of(edits)
        edits = self._times.stamped(edits)
        timing_of = self._times.of(edits)
        anew = False
        while True:
            # As they were last seen: the store says if they are no longer so.
            rules, ontology, workflow = self._rules(anew=anew)
            if growth is not None:
                ontology = growth(ontology)
            within = self.within
            queued: set[str] = set()

            def check(
                proposal: Proposal,
                ontology: Ontology = ontology,
                workflow: Workflow = workflow,
                queued: set[str] = queued,
            ) -> None:
                if judged is not None:
                    judged()
                task = proposal.task
                if task["copy"] < 0:
                    check_leads(task, workflow, self._role)
                elif proposal.edit.task not in queued:
                    check_open(task, workflow, self._user, self._role, self._assigned(task))
                    if task["copy"] > 0 and task["assignee"] is None:
                        siblings = self.store.siblings(proposal.edit.task)
                        part = workflow[task["stage"]].part
                        check_distinct(task, siblings, self._user, part=part)
                classes = [m.class_name for m in (proposal.before, proposal.after) if m]
                check_scope(task, workflow[task["stage"]], ontology, *classes)
                check_edit(proposal, ontology, shape_of, timing_of)
                if task["copy"] >= 0 and "open" in workflow.actions(task):
                    queued.add(proposal.edit.task)

            renames = Renames.of(ontology)
            try:
                outcomes = self.store.apply(
                    edits, self._user, client, check, authors, within, renames, rules, growth
                )
            except RulesMovedError:
                anew = True
                continue
            return outcomes, queued

    def _revive(self, edits: Sequence[Edit]) -> bool:
        """Bring back, retired, what refused edits have of earlier ontologies; say whether any."""
        held = self.store.held([edit.annotation for edit in edits])
        labels = []
        for edit in edits:
            after = edit.after or {}
            now = held.get(edit.annotation)
            name = after.get("class_name", now.annotation.class_name if now else None)
            answers = after.get("attributes") or {}
            labels.append((name, answers if isinstance(answers, Mapping) else {}))
        _, *earlier = self.store.ontologies()
        if not earlier:
            return False
        try:
            changed = self.store.change_ontology(
                lambda now: revived(now, earlier, labels), self._user
            )
        except (OntologyError, StoreForbiddenError):
            # On a server with walls, what labels may be is changed by admins alone.
            return False
        return changed.after.hash != changed.before.hash

    def undo(self, task_id: str | None = None, gesture: str | None = None) -> list[Outcome]:
        """Take this person's last gesture back, on one task or whole; [] if there is none.

        The classes and questions that an import added go with its labels, but those that other
        labels have, or that somebody has changed since.

        Parameters
        ----------
        task_id
            None for the last gesture on any task.
        gesture
            The gesture that is meant; None for whichever is the last.

        Raises
        ------
        WorkflowError
            If another gesture is the last.
        """
        if task_id is not None:
            self._check_within(task_id)
        edits = self._expected(self.store.taking_back(self._user, task_id), gesture)
        outcomes = self.apply(edits)
        # Imports make labels, and give answers to those that are there.
        undone = next((edit.undoes for edit in edits if edit.kind != "create"), None)
        if undone is not None and any(isinstance(made, Applied) for made in outcomes):
            self._shrink(undone)
        return outcomes

    def redo(self, task_id: str | None = None, gesture: str | None = None) -> list[Outcome]:
        """Bring again what this person undid last; see `undo`."""
        if task_id is not None:
            self._check_within(task_id)
        edits = self._expected(self.store.bringing_again(self._user, task_id), gesture)
        redone = next((edit.redoes for edit in edits if edit.kind != "delete"), None)
        brought = None if redone is None else self.store.brought(self._user, redone)
        if brought is None:
            return self.apply(edits)
        return self.take_in(edits, lambda now: with_brought(now, *brought))

    def _shrink(self, gesture: str) -> None:
        """Take back what a gesture brought into the ontology, as far as nothing else has it."""
        brought = self.store.brought(self._user, gesture)
        if brought is None:
            return
        usage = self.store.usage()

        def used(name: str | None, question: str | None) -> int:
            owner = name or IMAGE
            return usage.classes[owner] if question is None else usage.attributes[owner, question]

        with suppress(OntologyError, StoreForbiddenError):
            # What gets a label at this moment stays; and on a server with walls, all of it.
            self.store.change_ontology(lambda now: without_brought(now, *brought, used), self._user)

    def _expected(self, edits: list[Edit], gesture: str | None) -> list[Edit]:
        """Return the edits, if they take back or bring again the gesture that was meant."""
        if gesture is not None and not any(gesture in (e.undoes, e.redoes) for e in edits):
            raise WorkflowError(
                "is no longer the last one.",
                where=f"gesture {gesture[:80]}",
                hint="Look at the labels as they are now.",
            )
        return edits

    def annotations(self) -> pd.DataFrame:
        """Return the annotations of the session's tasks; columns as in `Store.annotations`."""
        frame = self.store.annotations
        if self.within is None:
            return frame
        mine = self._sees(frame["task_id"].unique())
        return frame[frame["task_id"].isin(list(mine))].reset_index(drop=True)

    def last_seq(self) -> int:
        """Return the place in the event log where it ends."""
        return self.store.last_seq()

    def changes(self, after_seq: int) -> list[Applied]:
        """Return the edits of any process since; cheap enough to ask every second."""
        return self._shown(self.store.changes(after_seq))

    def subscribe(self, callback: Observer) -> Callable[[], None]:
        """Call back with the edits of this process, after each commit; returns its end."""

        def within(applied: Sequence[Applied]) -> None:
            mine = self._shown(applied)
            if mine:
                callback(mine)

        return self.store.subscribe(within)

    def _shown(self, applied: Sequence[Applied]) -> list[Applied]:
        within = self.within
        return [made for made in applied if within is None or made.task in within]
