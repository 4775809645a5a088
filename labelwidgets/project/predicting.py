"""Models over the items of a project: what they propose, stored or only looked at."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from labelwidgets.errors import SchemaError, WorkflowError
from labelwidgets.project.base import ProjectBase
from labelwidgets.project.model_failures import LEFT_ALONE, Failure, said_of, with_failures
from labelwidgets.workflow.prelabelling import Prelabelled, new_run, prelabel
from labelwidgets.workflow.stages import AT_WORK
from labelwidgets.workflow.worklist import Query, work_list

if TYPE_CHECKING:
    from labelwidgets.assist.assistants import Assistant
    from labelwidgets.assist.context import Context
    from labelwidgets.media.worker_pixels import OptionsOf
    from labelwidgets.project.asking import Answered, Frames, Settings
    from labelwidgets.schema.annotation import Annotation


class Predicting(ProjectBase):
    """Pre-labelling by models."""

    def predict(
        self,
        assistant: Assistant | Any,
        query: Query | None = None,
        *,
        threshold: float = 0.5,
        batch_size: int = 8,
        frames: Frames = None,
        beside: bool = False,
        timeout: float | None = 600.0,
        progress: bool | None = None,
        client: Any = None,
        workers: int | None = None,
        storage_options: OptionsOf | None = None,
    ) -> pd.DataFrame:
        """Let a model label tasks ahead of people, in batches.

        What it proposes are labels of origin ``model``, with its name, its version and their
        confidence. Tasks that were handed in, or in which people have made or changed labels, are
        left alone. Running the same model again replaces what it proposed before and nobody has
        touched; what a person deleted does not come back. All of a run is one gesture, which
        `undo` takes back. Whoever stops it in the middle (Ctrl-C) has whole items labelled.

        Parameters
        ----------
        assistant
            As `labelwidgets.assistant` makes it, or what it can be made of.
        query
            Which tasks; see `annotate`. None: main tasks that wait for people, or for a model.
        threshold
            Confidence below which nothing is proposed. What comes without a confidence, such as
            masks of a plain function, is proposed whatever the threshold is.
        batch_size
            How many pictures the model is given at once.
        frames
            Which pictures of videos, groups and scans: every so many, or a list. None: of those
            only a model of scans sees any.
        beside
            Also where people have made labels: then only what overlaps with none of its class.
        timeout
            Seconds that a batch may take; None is no limit.
        progress
            Show a bar: True at once, None after a second, False never.
        client
            A `distributed.Client` of a Dask cluster: the model goes to its workers, which read the
            pictures and ask it, one at a time in each process. What they say is written here.
        workers
            So many processes of this machine instead; None asks the model in this kernel.
        storage_options
            A function that returns what workers read pictures with, called there; see
            `labelwidgets.scale.map_items`. No key is sent to them.

        Returns
        -------
        DataFrame
            One row a task: task_id, item_id (string), added, replaced, kept (int64: labels),
            unscored (int64: those that came without a confidence, which no threshold holds back)
            and error (string: why it was left alone; where the model failed, with the picture).

        Raises
        ------
        AssistantError
            If it is no model, or every task failed, naming it.
        SchemaError
            If a setting is none.
        WorkflowError
            If the model cannot be sent to workers: see `labelwidgets.scale.made_on_workers`.
        """
        from labelwidgets.errors import AssistantError
        from labelwidgets.project.asking import Settings

        model = _assistant(assistant)
        settings = Settings(threshold, batch_size, frames, timeout)
        tasks = self._to_predict(query)
        session = self.session()
        run = new_run()
        done: list[Prelabelled] = []
        unscored: dict[str, int] = {}
        answers = self._answers(model, tasks, settings, client, workers, storage_options)
        with _bar(len(tasks), model.name, progress) as tell, closing(answers):
            for batch in answers:
                done += [Prelabelled(one.task, error=one.error) for one in batch if one.error]
                proposed = {one.task: one.labels for one in batch if not one.error}
                for task, labels in proposed.items():
                    unscored[task] = sum(label.confidence is None for label in labels)
                done += prelabel(session, proposed, model.name, run, beside=beside)
                tell(len(batch))
        order = {task: place for place, task in enumerate(tasks)}
        done.sort(key=lambda one: order[one.task])
        known = self._store.tasks.set_index("id")[["item_id", "title"]].to_dict("index")
        for place, one in enumerate(done):
            if one.error is not None and one.error not in LEFT_ALONE:
                said = said_of(known[one.task], model.name, one.error)
                done[place] = one._replace(error=said)
        failed = [one.error for one in done if one.error not in LEFT_ALONE]
        if failed and len(failed) == len(tasks):
            raise AssistantError(
                f"failed on every task. The first: {failed[0]}", where=f"assistant {model.name!r}"
            )
        rows = []
        for task, added, replaced, kept, error in done:
            item = known[task]["item_id"]
            rows.append((task, item, added, replaced, kept, unscored.get(task, 0), error))
        counts = ["added", "replaced", "kept", "unscored"]
        frame = pd.DataFrame(rows, columns=["task_id", "item_id", *counts, "error"])
        kinds = {"task_id": "string", "item_id": "string", "error": "string"}
        return frame.astype(kinds | dict.fromkeys(counts, "int64"))

    def predictions(
        self,
        assistant: Assistant | Any,
        query: Query | None = None,
        *,
        threshold: float = 0.0,
        batch_size: int = 8,
        frames: Frames = None,
        timeout: float | None = 600.0,
        progress: bool | None = None,
        client: Any = None,
        workers: int | None = None,
        storage_options: OptionsOf | None = None,
        errors: Literal["raise", "collect"] = "raise",
    ) -> pd.DataFrame:
        """Return what a model says of items, and store nothing.

        To compare it with people (`labelwidgets.agreement`), to measure it (`evaluate`), or to
        choose what is labelled next.

        Parameters
        ----------
        assistant, query, threshold, batch_size, frames, timeout, progress, client, workers, \
        storage_options
            As for `predict`; None is all main tasks.
        errors
            ``"raise"`` ends at the first picture that it fails on; ``"collect"`` goes on.

        Returns
        -------
        DataFrame
            Like `annotations`; the author is the name of the model. With ``errors="collect"`` it
            has a column ``error`` (string), and at its end a row for each picture that the model
            failed on, without a label: ``found[found["error"].isna()]`` are the labels.

        Raises
        ------
        AssistantError
            If it is no model, or fails on a task, naming its picture.
        SchemaError
            If a setting is none.
        """
        import msgspec

        from labelwidgets.errors import AssistantError
        from labelwidgets.project.asking import Settings
        from labelwidgets.workflow.label_frame import label_frame

        if errors not in ("raise", "collect"):
            raise SchemaError(f'must be "raise" or "collect", not {errors!r:.40}.', where="errors")
        model = _assistant(assistant)
        settings = Settings(threshold, batch_size, frames, timeout)
        mine = self.tasks
        tasks = list(mine.loc[mine["copy"] == 0, "id"])
        if query is not None:
            tasks = work_list(self._store, query)
        known = mine.set_index("id")[["item_id", "title"]].to_dict("index")
        found: dict[str, list[Annotation]] = {}
        failed: dict[str, Failure] = {}
        answers = self._answers(model, tasks, settings, client, workers, storage_options)
        with _bar(len(tasks), model.name, progress) as tell, closing(answers):
            for batch in answers:
                for one in batch:
                    if one.error:
                        said = said_of(known[one.task], model.name, one.error)
                        if errors == "raise":
                            raise AssistantError(
                                said, hint='errors="collect" returns what it says of the others.'
                            )
                        failed[one.task] = Failure(one.task, known[one.task]["item_id"], said)
                    found[one.task] = one.labels
                tell(len(batch))
        made = [label for task in tasks for label in found[task]]
        labels = label_frame([msgspec.structs.replace(one, author=model.name) for one in made])
        if errors == "raise":
            return labels
        return with_failures(labels, [failed[task] for task in tasks if task in failed])

    @property
    def proposals(self) -> pd.DataFrame:
        """One row for each label, and each answer about an image, that a model proposed.

        Columns: id (of the annotation), task_id, item_id, class_name, question, geometry_type,
        model, version (string), confidence (float64) and became (string: ``accepted``,
        ``corrected``, ``deleted`` or ``waiting``); see
        `labelwidgets.workflow.proposals.proposal_frame`. The origin of a label says who made it
        first, and stays ``model`` whatever is done to it.

        Examples
        --------
        >>> project.annotate(project.proposals.query("became == 'corrected'"))
        """
        from labelwidgets.workflow.proposals import proposal_frame

        return proposal_frame(self._store)

    def acceptance(self, by: str | Sequence[str] = ("model", "version")) -> pd.DataFrame:
        """Return how much of what models proposed people kept, put right and deleted.

        Parameters
        ----------
        by
            One or several of ``model``, ``version``, ``class_name``, ``question``,
            ``geometry_type``, ``task_id`` and ``item_id``.

        Returns
        -------
        DataFrame
            See `labelwidgets.workflow.proposals.acceptance`. What was dropped on the toolbar
            before it was a label is on no record.

        Raises
        ------
        SchemaError
            If `by` names something else.
        """
        from labelwidgets.workflow.proposals import acceptance

        made: pd.DataFrame = acceptance(self.proposals, by)
        return made

    def context(
        self, item: str, *, frame: int | None = None, class_name: str | None = None
    ) -> Context:
        """Return what a model is told of an item, to ask an assistant by code.

        As in `predict` and on the toolbar: the ontology, the spacing, and the labels that are
        there, which are read when the model looks at them.

        Parameters
        ----------
        item
            The id of an item, or of its task.
        frame
            Which frame or slice it is shown.
        class_name
            The class that is wanted.

        Raises
        ------
        SchemaError
            If there is no such item, or no such class.

        Examples
        --------
        >>> pixels = project.dataset.pixels(item)
        >>> proposal = net.propose(pixels, lw.assist.Prompt(), project.context(item))
        """
        from labelwidgets.assist.context import Context
        from labelwidgets.assist.late_labels import LateLabels

        session = self.session()
        known = self._store.tasks_of_items([item]).get(item)
        task = known[0] if known else item
        try:
            row = session.item(session.item_of(task))
        except WorkflowError:
            raise SchemaError(
                f"{str(item)[:80]!r} is no item of the project.",
                where="item",
                hint="See the column item_id of project.tasks.",
            ) from None
        spacing = session.spacing(row["id"])
        made = Context(
            item_id=row["id"],
            kind=row["kind"],
            title=row["title"],
            frame=frame,
            ontology=session.ontology,
            class_name=class_name,
            labels=LateLabels(lambda: session.look(task)[1]),
            spacing=None if spacing is None else tuple(spacing),
        )
        if class_name is not None and made.object_class(class_name) is None:
            raise SchemaError(
                f"{class_name!r:.80} is no class of the ontology.",
                where="class_name",
                hint=f"Classes: {', '.join(made.classes)}.",
            )
        return made

    def _answers(
        self,
        model: Assistant,
        tasks: list[str],
        settings: Settings,
        client: Any,
        workers: int | None,
        storage_options: OptionsOf | None,
    ) -> Generator[list[Answered], None, None]:
        from labelwidgets.project.prediction_run import answers, answers_of_workers
        from labelwidgets.workers import Workers

        session = self.session()
        if client is None and workers is None:
            return answers(session, model, tasks, settings)
        doing = Workers(client, workers, "processes")
        return answers_of_workers(
            session, self.dataset, model, tasks, settings, doing, storage_options
        )

    def _to_predict(self, query: Query | None) -> list[str]:
        if query is not None:
            return work_list(self._store, query)
        tasks = self._store.tasks
        return list(tasks.loc[(tasks["copy"] == 0) & tasks["state"].isin(AT_WORK), "id"])


def _assistant(given: Any) -> Assistant:
    from labelwidgets.assist.assistants import Assistant, assistant

    return given if isinstance(given, Assistant) else assistant(given)


@contextmanager
def _bar(count: int, name: str, progress: bool | None) -> Iterator[Any]:
    """Show how far a run is, in the bar and to whoever else listens."""
    from tqdm.auto import tqdm

    from labelwidgets.assist.cancelling import checkpoint

    bar = tqdm(
        total=count, desc=name, unit="item", delay=0 if progress else 1, disable=progress is False
    )

    # A bar that is not shown counts nothing.
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        bar.update(more)
        checkpoint(done / count if count else 1.0)

    with bar:
        yield tell
