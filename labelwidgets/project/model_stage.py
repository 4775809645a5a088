"""Assistants in the workflow: they label all that waits in a stage, and send it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwidgets.assist.assistants import Assistant
from labelwidgets.project.asking import Settings
from labelwidgets.project.model_failures import LEFT_ALONE, said_of
from labelwidgets.project.prediction_run import answers
from labelwidgets.workflow.advancing import is_sure
from labelwidgets.workflow.prelabelling import BY_PEOPLE, new_run, prelabel
from labelwidgets.workflow.registry import Labels
from labelwidgets.workflow.session import Session


class StageAssistant:
    """An assistant that labels the tasks of a stage."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def label(
        self, session: Session, tasks: Sequence[str], options: Mapping[str, Any]
    ) -> dict[str, str | None]:
        """Label tasks as one gesture, and send each on; return what went wrong with each."""
        settings = Settings(threshold=options.get("threshold", Settings().threshold))
        run = new_run()
        errors: dict[str, str | None] = {}
        name = self._assistant.name

        def said(task: str, error: str) -> str:
            row = session.store.task(task)
            item = {"item_id": row["item_id"], "title": session.item(row["item_id"])["title"]}
            return said_of(item, name, error)

        for batch in answers(session, self._assistant, tasks, settings):
            errors |= {one.task: said(one.task, one.error) for one in batch if one.error}
            proposed = {one.task: one.labels for one in batch if not one.error}
            for made in prelabel(session, proposed, name, run):
                if made.error not in (None, BY_PEOPLE):
                    failed = made.error not in LEFT_ALONE
                    errors[made.task] = said(made.task, made.error) if failed else made.error
                    continue
                # What a person has labelled is for people.
                sure = made.error is None and is_sure(session.look(made.task)[1], options)
                session.pass_on(made.task, sure=sure)
        return errors


def labeller_of(model: Labels) -> StageAssistant | None:
    """Return what labels many tasks at once; None for a function, which is asked about each."""
    return StageAssistant(model) if isinstance(model, Assistant) else None
