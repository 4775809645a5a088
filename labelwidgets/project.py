"""A project: dataset, ontology, workflow and store; what a notebook holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec
import pandas as pd

from labelwidgets.errors import (
    FormatError,
    OntologyError,
    SchemaError,
    SourceError,
    WorkflowError,
)
from labelwidgets.media import Dataset, DeidentifyOptions, UrlPolicy
from labelwidgets.media.kinds import IN_TIME
from labelwidgets.media.option_names import check_names
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.annotation_rows import Labels, records_of
from labelwidgets.schema.growth import (
    rename_attribute,
    rename_class,
    rename_option,
    retire_attribute,
    retire_class,
)
from labelwidgets.schema.instructions import check_instructions
from labelwidgets.schema.issue import Issue
from labelwidgets.schema.mode import Mode
from labelwidgets.schema.ontology import Attribute, ObjectClass, Ontology, WindowPreset
from labelwidgets.schema.renames import Renames, renamed
from labelwidgets.store.edits import FIELDS, Applied
from labelwidgets.store.location import Location
from labelwidgets.store.ontologies import joined, wider
from labelwidgets.store.snapshot import Snapshot
from labelwidgets.store.store import Store
from labelwidgets.workflow import directing, headless
from labelwidgets.workflow.advancing import advance
from labelwidgets.workflow.changing import archive, change_workflow
from labelwidgets.workflow.difference import difference_frame
from labelwidgets.workflow.directing import To
from labelwidgets.workflow.growth import OntologyReport
from labelwidgets.workflow.move_frames import history_frame, review_frame
from labelwidgets.workflow.overlap import opinions_of_items
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.presets import maker_only
from labelwidgets.workflow.registry import Model
from labelwidgets.workflow.reviewing import accept_all, changes_of, judge, to_judge
from labelwidgets.workflow.scratch import scratch_path
from labelwidgets.workflow.session import Session
from labelwidgets.workflow.stages import Workflow
from labelwidgets.workflow.summary import summary
from labelwidgets.workflow.worklist import Query, evaluate, work_list

if TYPE_CHECKING:
    from labelwidgets.algorithms.cuts import Cut
    from labelwidgets.formats import Exported, Imported, LabelledVolume
    from labelwidgets.media.gathering import Source
    from labelwidgets.widgets.dashboard import Dashboard
    from labelwidgets.widgets.image import ImageAnnotator
    from labelwidgets.widgets.ontology import OntologyBuilder
    from labelwidgets.widgets.task_viewer import TaskViewer
    from labelwidgets.workflow.agreed import Agreed
    from labelwidgets.workflow.disagreement import Disagreement

Vocabulary: TypeAlias = "Ontology | Mapping[str, Any] | Sequence[ObjectClass | str]"


class Project:
    """Labels of a dataset, and all the work on them; made by `create` or `open`.

    Every change is durable when the call returns. May be used in a `with` statement.

    Attributes
    ----------
    user : str
        Who works.
    """

    def __init__(
        self,
        store: Store,
        user: str,
        dataset: Dataset | None,
        storage_options: Mapping[str, Any],
    ) -> None:
        self._store = store
        self._dataset = dataset
        # In memory only: they may hold keys.
        self._options = dict(storage_options)
        self._end_following: Callable[[], None] | None = None
        self.user = user

    @classmethod
    def create(
        cls,
        path_or_url: str | os.PathLike[str],
        dataset: Dataset,
        ontology: Vocabulary,
        workflow: Workflow | None = None,
        name: str | None = None,
        user: str | None = None,
        exist_ok: bool = False,
        instructions: str | None = None,
    ) -> Project:
        """Make a new project.

        Parameters
        ----------
        path_or_url
            A file, such as ``cars.db``: SQLite, on a disk of this machine.
        dataset
            What is to be labelled. The data stay where they are.
        ontology
            What may be said: an `Ontology`, its dict, or a list of classes or their names.
        workflow
            Who may do what when; `maker_only()` if None.
        name
            By default that of the file.
        user
            Who works; by default the hub's user, else the login name.
        exist_ok
            Open the project if it is there already. New items of the dataset become tasks,
            and an ontology with more in it becomes the current one; so that a notebook can
            run from the top again.
        instructions
            What labellers are told, in Markdown; see `instructions`. None leaves those of a
            project that is there.

        Raises
        ------
        StoreError
            If something lies at the path: it is never overwritten.
        OntologyError
            With `exist_ok`, if the ontology and that of the project contradict each other.
        """
        user, ontology = current_user(user), Ontology.of(ontology)
        told = check_instructions(instructions)
        items = _dataset_items(dataset)
        location = Location.of(path_or_url)
        if exist_ok and location.exists():
            project = cls(Store.open(path_or_url), user, dataset, {})
            try:
                project._store.change_ontology(lambda old: wider(old, ontology), user)
                project._take(items)
                if instructions is not None:
                    project.instructions = told
                project._follow(dataset, len(items))
            except BaseException:
                project.close()
                raise
            return project
        workflow = workflow or maker_only()
        store = Store.create(
            path_or_url,
            ontology=ontology,
            items=items,
            workflow=workflow.to_dict(),
            initial=workflow.initial,
            actor=user,
            name=name,
            instructions=told,
            opinions=opinions_of_items(workflow),
        )
        project = cls(store, user, dataset, {})
        project._follow(dataset, len(items))
        return project

    def _take(self, items: pd.DataFrame) -> None:
        """Take in new items: each with its task, or tasks where several people label it."""
        workflow = self.workflow
        opinions = opinions_of_items(workflow)
        self._store.add_items(items, workflow.initial, self.user, opinions)

    def _follow(self, dataset: Dataset, taken: int) -> None:
        """Take in what comes while a dataset is still being listed."""

        def take(items: pd.DataFrame) -> None:
            items = _with_errors(items, dataset.errors)
            self._take(items)

        self._end_following = dataset.follow(take, taken)

    @classmethod
    def open(
        cls,
        path_or_url: str | os.PathLike[str],
        user: str | None = None,
        dataset: Dataset | None = None,
        policy: UrlPolicy | None = None,
        **storage_options: Any,
    ) -> Project:
        """Open a project.

        Parameters
        ----------
        path_or_url
            The file.
        user
            Who works; by default the hub's user, else the login name.
        dataset
            Where pixels come from; None reads them where they lay when the project was made.
        policy
            What URLs may name that data files gave; the default one where None.
        **storage_options
            For fsspec: keys, endpoints. They are kept in memory only.

        Raises
        ------
        NotAStoreError, StoreVersionError, StoreLockedError, StoreReadOnlyError
            Naming the path and what to do.
        """
        known = [*signature(cls.open).parameters, *signature(Dataset.from_items).parameters]
        check_names(storage_options, known)
        user = current_user(user)
        options = {**storage_options, "policy": policy}
        return cls(Store.open(path_or_url), user, dataset, options)

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._end_following is not None:
            self._end_following()
        self._store.close()

    # What is there

    @property
    def name(self) -> str:
        """What people call the project."""
        return self._store.name

    @property
    def workflow(self) -> Workflow:
        """Stages, and the table of the moves that are allowed, as they are now."""
        return Workflow.from_dict(msgspec.json.decode(self._store.workflow_text()))

    @property
    def store(self) -> Store:
        """The store under the project."""
        return self._store

    @property
    def dataset(self) -> Dataset:
        """Where pixels come from."""
        if self._dataset is None:
            self._dataset = Dataset.from_items(self._store.items(), **self._options)
        return self._dataset

    @property
    def ontology(self) -> Ontology:
        """What may be said, as it is now. To set it is `update_ontology`."""
        return self._store.ontology()

    @ontology.setter
    def ontology(self, ontology: Vocabulary) -> None:
        self.update_ontology(ontology)

    @property
    def instructions(self) -> str:
        """What labellers are told, in Markdown, up to 50,000 characters; empty for nothing.

        Whoever opens the widget sees it at first, and with the button *Guide* later. HTML and
        pictures are shown as text, and links go to http, https and mailto only.
        """
        return self._store.instructions()

    @instructions.setter
    def instructions(self, text: str | None) -> None:
        self._store.put_instructions(check_instructions(text), self.user)

    @property
    def tasks(self) -> pd.DataFrame:
        """One row a task, in the order of the dataset.

        Columns: id, item_id, title, folder, stage, state, assignee, maker, batch (string),
        priority, n_annotations, copy (0: the main task of its item; from 1: opinions; -1: the
        golden answer) and rounds (how often it was given back; int64), score (float64),
        updated_at (datetime64[us, UTC]).
        """
        return self._store.tasks

    @property
    def annotations(self) -> pd.DataFrame:
        """One row an annotation, in the order they were made.

        Columns: id, task_id, item_id, class_name, geometry_type, track_id, author, origin,
        state (string), geometry (`Geometry`), attributes (dict), frame (Int64), revision
        (int64), created_at and updated_at (datetime64[us, UTC]), confidence and x, y, width,
        height (the upright box) and area (float64, in pixels), pts (Int64). The answers about an
        image as a whole are a row with the geometry type ``tag`` and no class. A track is one row
        without a frame; its box is the one around all of its keyframes, its area 0. See `frames`
        for what it is on each frame.
        """
        return self._store.annotations

    def frames(self, item: str | None = None, shapes: bool = True) -> pd.DataFrame:
        """Return one row for each label of a video, or a sequence, and frame that it is seen on.

        The shapes between keyframes are those on the screen: this is what a model is trained on.
        The labels are those of main tasks, without opinions.

        Columns: item_id (string), frame (int64), pts (Int64, in the time base of the stream), id
        (of the annotation, that is of the track), class_name, geometry_type (of the shape,
        string), x, y, width, height (its upright box, float64, in pixels; missing of intervals),
        occluded and keyframe (bool: something is in front of it; it was placed on this very
        frame), attributes (dict: answers of the whole track, and those that hold on this frame)
        and geometry (a shape such as `Rectangle`). Rows go by item and frame.

        Parameters
        ----------
        item
            Id of the only item; None for all.
        shapes
            Whether to have the column `geometry`. Without, ten thousand frames of a thousand
            boxes take seconds.

        Raises
        ------
        SourceError, ImageError
            If a video cannot be opened, which is needed to count its frames.
        """
        from labelwidgets.media.video.address import frames_of
        from labelwidgets.workflow.frame_table import Pace, frame_table

        items = self._in_time(item)

        def pace(item_id: str) -> Pace:
            urls = items[item_id]["urls"]
            if items[item_id]["kind"] != "video":
                return Pace(0, len(urls), None)
            pts = self.dataset.video(item_id).pts
            part = frames_of(urls[0])
            if part is None:
                return Pace(0, len(pts), pts)
            last = part.first if part.last is None else part.last
            return Pace(part.first, min(last + 1, len(pts)), pts)

        made = [one for one in self._store.read_main() if one.item_id in items]
        return frame_table(made, pace, shapes)

    def verify(
        self, item: str | None = None, progress: Callable[[int, int], object] | None = None
    ) -> pd.DataFrame:
        """Prove that the frames of videos are those that were labelled.

        Each frame that somebody labelled (of tracks the keyframes) is decoded. The first time,
        the hash of its pixels is stored in the project; later, it is compared with that. Run it
        once after labelling, and again wherever the labels are used.

        Columns: item_id (string), frame (int64), pts (Int64), hash (string: SHA-256 of the RGB
        values, as `VideoReader.frame_hash` has it), same (boolean: missing where the frame was
        seen for the first time), first_seen (datetime64[us, UTC]) and problem (string: what is
        not as it was, in words).

        Parameters
        ----------
        item
            Id of the only video; None for all.
        progress
            Called for each video with the number of frames done and to do.

        Raises
        ------
        SourceError, ImageError
            If a video cannot be opened or decoded.
        """
        from labelwidgets.workflow.frame_proof import (
            SeenFrame,
            compare,
            labelled_frames,
            nothing_compared,
        )

        tables = []
        for item_id, row in self._in_time(item).items():
            made = [one for one in self._store.read() if one.item_id == item_id]
            labelled = labelled_frames(made)
            if row["kind"] != "video" or not labelled:
                continue
            known = {
                frame: SeenFrame(*seen) for frame, seen in self._store.seen_frames(item_id).items()
            }
            video = self.dataset.video(item_id)
            now = datetime.now(UTC)
            table, fresh = compare(item_id, labelled, known, video, now, progress)
            self._store.put_seen_frames(item_id, fresh)
            tables.append(table)
        return pd.concat(tables, ignore_index=True) if tables else nothing_compared()

    def _in_time(self, item: str | None) -> dict[str, dict[str, Any]]:
        """Return the videos and sequences by id, or the one that is named."""
        rows: list[Any] = self._store.items().to_dict("records")
        found = {row["id"]: row for row in rows if row["kind"] in IN_TIME}
        if item is None:
            return found
        if item not in found:
            raise SchemaError(
                f"{str(item)[:80]!r} is no video and no sequence of the project.", where="item"
            )
        return {item: found[item]}

    def measurements(self, values: bool = True) -> pd.DataFrame:
        """Return one row for each shape that has a length, an angle, an area or a volume.

        Columns: id, task_id, item_id, class_name (string), frame (Int64), kind (the tool of a
        class that measures, else the type of the geometry), length_px, length_mm (of a
        bidirectional measurement its long axis, the short one is width_px, width_mm), angle_deg,
        area_px, area_mm2, volume_ml (float64), count (Int64: pixels with a value), mean, sd, min,
        max (float64, of the values inside) and unit (string). Millimetres are missing where the
        size of a pixel is not known, and values where the picture has colours or cannot be read.
        The annotator shows the same numbers.

        Parameters
        ----------
        values
            Read the pictures for the values inside the shapes; without, only the headers of scans
            are read.
        """
        from labelwidgets.workflow.measurements import measurements

        rows: list[Any] = self._store.items().to_dict("records")
        items = {row["id"]: row for row in rows}
        return measurements(self.annotations, items, self.ontology, self.dataset, values)

    @property
    def events(self) -> pd.DataFrame:
        """One row an event, in their order: all that ever happened.

        Columns: seq (int64), time (datetime64[us, UTC]), id, actor, client, task_id,
        annotation_id, kind, gesture, undoes, redoes (string), base_revision (Int64),
        payload (dict).
        """
        return self._store.events

    def performance(self, by: str | Sequence[str] = "person", idle: float = 180.0) -> pd.DataFrame:
        """Return what each person did, how fast, and what reviewers thought of it.

        Columns: those of `by`; labels, seconds, seconds_per_label, last_activity, submitted,
        accepted, rejected, acceptance_rate, score, first_pass, rework and edit_distance: see
        `labelwidgets.workflow.performance.performance`.

        Parameters
        ----------
        by
            One or several of ``person``, ``task``, ``item``, ``frame``, ``class``, ``day``.
        idle
            A pause that is longer, in seconds, is no work.

        Raises
        ------
        WorkflowError
            If `by` names something else.
        """
        from labelwidgets.workflow.performance import performance

        store = self._store
        return performance(store.activity, store.moves, store.annotations, store.tasks, by, idle)

    def agreement(
        self,
        measure: str = "iou",
        by: str | Sequence[str] | None = None,
        *,
        threshold: float = 0.5,
        **options: Any,
    ) -> pd.DataFrame:
        """Return how far those who labelled the same items agree; see `labelwidgets.agreement`.

        Compared is what people made by themselves: golden and fused answers are left out, and who
        submitted an item without a label counts. Distances in scans are in millimetres where the
        files say how far their pixels are apart, unless ``spacing`` is given.

        Parameters
        ----------
        measure, by, threshold, **options
            As for `labelwidgets.agreement`.
        """
        from labelwidgets.workflow.agreement import MEASURES, agreement
        from labelwidgets.workflow.opinions import opinions_of, spacings_of

        labels, items = opinions_of(self.annotations, self.tasks)
        options.setdefault("items", items)
        known = MEASURES.get(measure)
        if known is not None and "spacing" in known.options and "spacing" not in options:
            rows: list[Any] = self._store.items().to_dict("records")
            options["spacing"] = spacings_of({row["id"]: row for row in rows}, self.dataset)
        return agreement(labels, measure, by, threshold=threshold, **options)

    def waiting(self) -> pd.DataFrame:
        """Return where tasks are, and how long they stay there, stage by stage.

        Columns: stage, state, tasks, passed, median_seconds, p90_seconds and oldest_seconds: see
        `labelwidgets.workflow.step_analytics.waiting`.
        """
        from labelwidgets.workflow.step_analytics import waiting

        return waiting(self._store.moves, self._store.tasks, datetime.now(UTC))

    def throughput(self, freq: str = "D") -> pd.DataFrame:
        """Return how much was done in each period.

        Columns: begins, submit, accept, reject, skip, reopen and people.

        Parameters
        ----------
        freq
            Length of a period as pandas has it, such as ``D``, ``h`` or ``7D``.
        """
        from labelwidgets.workflow.step_analytics import throughput

        return throughput(self._store.moves, freq)

    def forecast(self, days: int = 7) -> pd.DataFrame:
        """Return when all will be done if work goes on as in the last days, as one row.

        Columns: tasks, finished, remaining, per_day, days_left and finish.

        Parameters
        ----------
        days
            How long back the pace is taken from.
        """
        from labelwidgets.workflow.step_analytics import finished, forecast

        tasks = self._store.tasks
        tasks = tasks[tasks["copy"] == 0]
        return forecast(tasks, finished(tasks, self.workflow), datetime.now(UTC), days)

    def at(self, time: datetime | str) -> Snapshot:
        """Return the frames as they were: an object with tasks, annotations and events.

        Parameters
        ----------
        time
            A datetime, a pandas timestamp, or text such as ``"2026-03-01 12:00"``; in UTC
            where it names no time zone.
        """
        try:
            moment = pd.Timestamp(time)
        except (TypeError, ValueError) as error:
            raise SchemaError(f"is no moment in time ({error}).", where="time") from None
        if pd.isna(moment):
            raise SchemaError(f"{time!r} is no moment in time.", where="time")
        return self._store.at(moment.to_pydatetime(warn=False))

    def records(self, query: str | None = None) -> list[Annotation]:
        """Return annotations as records, all or those of a query over `annotations`."""
        if query is None:
            return self._store.read()
        return self._store.read(ids=list(evaluate([self.annotations], query)["id"]))

    def __repr__(self) -> str:
        counts = self._store.counts()
        return (
            f"Project({self.name!r}, {sum(counts['states'].values())} tasks, "
            f"{sum(counts['classes'].values())} annotations)"
        )

    def _repr_html_(self) -> str:
        counts = self._store.counts()
        classes = {made.name: 0 for made in self.ontology.classes} | counts["classes"]
        place = str(self._store.location)
        return summary(self.name, place, self.user, counts["states"], classes)

    # What several people's labels come to

    def consensus(
        self, method: str = "majority", item: str | None = None, **options: Any
    ) -> pd.DataFrame:
        """Return what would be fused of people's labels, one row an object; nothing is written.

        Parameters
        ----------
        method
            How votes become answers: ``majority``, ``weighted``, ``dawid_skene``, ``one_coin``,
            ``mace`` or ``glad``.
        item
            Id of the only item; None for all.
        **options
            Of `labelwidgets.consensus`, such as ``overlap`` and ``quorum``.

        Returns
        -------
        DataFrame
            `Agreed.objects`, with agreement and posterior of each; see `labelwidgets.consensus`.

        Raises
        ------
        SchemaError
            If a setting is impossible.
        """
        return self.agreed(method, item, **options).objects

    def agreed(self, method: str = "majority", item: str | None = None, **options: Any) -> Agreed:
        """Return all that people's labels come to: labels, and frames of objects, items, people.

        Parameters are those of `consensus`. Where an item has opinions, those that are submitted
        are compared; else its labels by their authors.
        """
        from labelwidgets.workflow.consensus_labels import consensus
        from labelwidgets.workflow.opinion_labels import opinion_labels

        labels, submitted = opinion_labels(self._store.annotations, self._store.tasks, item)
        return consensus(labels, method, items=submitted, **options)

    def fuse(
        self, method: str = "majority", item: str | None = None, **options: Any
    ) -> list[Applied]:
        """Write what people's labels come to into the main tasks, as one gesture.

        The labels are new ones, of origin ``consensus``, which says what they are made of; those
        of people stay. What an earlier `fuse` wrote into the same tasks goes. `undo` takes all
        of it back. Parameters are those of `consensus`.

        Returns
        -------
        list of Applied
            The acknowledged edits.

        Raises
        ------
        WorkflowError
            If no object is likely enough, or a task is closed; then nothing is written.
        """
        from labelwidgets.workflow.fusing import fusion_edits

        made = self.agreed(method, item, **options).annotations
        store = self._store
        edits = fusion_edits(made, store.tasks, store.annotations, store.held)
        return headless.acknowledged(self.session().apply(edits))

    def ability(self, method: str = "dawid_skene", **options: Any) -> pd.DataFrame:
        """Return how able each person is, as others' labels of the same items have it.

        Parameters are those of `consensus`.

        Returns
        -------
        DataFrame
            Columns: rater (string), votes, drawn (int64), ability (what the method says),
            recall and precision (of the objects that are there), sensitivity and specificity (of
            pixels, by STAPLE; float64). The ablest first.
        """
        return self.agreed(method, **options).ability

    def disagreement(self, item: str, frame: int | None = None) -> Disagreement:
        """Return where people differ about a picture, as an array that shows itself.

        Parameters
        ----------
        item
            Id of the item.
        frame
            Of a video, a sequence or a scan, which frame or slice, from 0.

        Raises
        ------
        SchemaError
            If less than two people have labelled it.
        SourceError, ImageError
            If the picture cannot be read.
        """
        from labelwidgets.workflow.disagreement import disagreement
        from labelwidgets.workflow.opinion_labels import opinion_labels

        labels, submitted = opinion_labels(self._store.annotations, self._store.tasks, item)
        picture = self.session().pixels(item, frame or 0)
        size = picture.shape[0], picture.shape[1]
        return disagreement(labels, [name for _, name in submitted], item, size, frame, picture)

    # Labels by script: the same way as a gesture

    def add(self, annotations: Labels) -> list[Applied]:
        """Add annotations, as one gesture.

        Parameters
        ----------
        annotations
            One, several, or a frame like `annotations`; `item_id` says where they belong.

        Returns
        -------
        list of Applied
            The acknowledged edits.

        Raises
        ------
        SchemaError, OntologyError, GeometryError
            If one does not fit; then none is added.
        ConflictError
            If one is there already.
        WorkflowError
            If a task is submitted or skipped: reopen it first.
        """
        return self._add(_records(annotations))

    def _add(self, records: Sequence[Annotation], *, keep_authors: bool = False) -> list[Applied]:
        placed = headless.place(records, self._tasks_of(records))
        held = self._store.held([made.id for made in placed])
        edits = headless.creations(placed, held)
        authors = {made.id: made.author for made in placed if keep_authors and made.author}
        return headless.acknowledged(self.session().apply(edits, authors=authors))

    def update(self, annotations: Labels) -> list[Applied]:
        """Make annotations what they are given as, as one gesture.

        Parameters
        ----------
        annotations
            Records (see `records`) or a frame like `annotations`, with changes. Fields that
            are equal are left alone; of a frame, so is the origin.

        Returns
        -------
        list of Applied
            The acknowledged edits, one for each annotation that differs.

        Raises
        ------
        ConflictError
            If one has changed since it was read; then none is changed.
        SchemaError, OntologyError, GeometryError, WorkflowError
            As for `add`.
        """
        records = self._current(_records(annotations))
        fields: Iterable[str] = FIELDS
        if isinstance(annotations, pd.DataFrame):
            fields = {name for name in FIELDS if name in annotations.columns} - {"origin"}
        placed = headless.place(records, self._tasks_of(records))
        held = self._store.held([made.id for made in placed])
        edits = headless.updates(placed, held, frozenset(fields))
        return headless.acknowledged(self.session().apply(edits))

    def delete(
        self, ids: str | Annotation | pd.DataFrame | Iterable[str | Annotation]
    ) -> list[Applied]:
        """Delete annotations, as one gesture.

        Parameters
        ----------
        ids
            Identifiers, records, or a frame like `annotations`.

        Raises
        ------
        SchemaError
            If one is not there; then none is deleted.
        WorkflowError
            If one is locked, or its task is submitted or skipped.
        """
        if isinstance(ids, pd.DataFrame):
            ids = list(ids["id"])
        some = [ids] if isinstance(ids, str | Annotation) else list(ids)
        names = [made.id if isinstance(made, Annotation) else str(made) for made in some]
        edits = headless.deletions(names, self._store.held(names))
        return headless.acknowledged(self.session().apply(edits))

    def _current(self, records: Iterable[Annotation]) -> list[Annotation]:
        """Return records that may have been read before something was renamed."""
        renames = Renames.of(self.ontology)
        return [renamed(made, renames) for made in records]

    def _tasks_of(self, records: Iterable[Annotation]) -> dict[str, list[str]]:
        return self._store.tasks_of_items({made.item_id for made in records})

    def undo(self, task: str | None = None) -> list[Applied]:
        """Take my last gesture back, of one task or of all; [] if there is none."""
        return headless.acknowledged(self.session().undo(task))

    def redo(self, task: str | None = None) -> list[Applied]:
        """Bring again what I undid last, of one task or of all; [] if there is none."""
        return headless.acknowledged(self.session().redo(task))

    # Work

    def submit(self, task: str) -> dict[str, Any]:
        """Submit a task; `WorkflowError` lists the required answers that are missing."""
        return self.session().submit(task)

    def skip(self, task: str, reason: str) -> dict[str, Any]:
        """Skip a task, saying why."""
        return self.session().skip(task, reason)

    def reopen(self, task: str) -> dict[str, Any]:
        """Reopen a task that was submitted, skipped or done."""
        return self.session().reopen(task)

    def requeue(self, task: str, reason: str | None = None) -> dict[str, Any]:
        """Put a task that was skipped, submitted or done back into the queue, for anybody."""
        return self.session().requeue(task, reason)

    def accept(self, task: str, *args: Any, **verdict: Any) -> dict[str, Any]:
        """Accept a task: ``score`` (0 to 10), ``comment``, ``tags``; see `Session.accept`."""
        return judge(self.session(), task, "accept", *args, **verdict)

    def reject(self, task: str, *args: Any, **verdict: Any) -> dict[str, Any]:
        """Give a task back to its maker, in whose queue it comes first; see `Session.reject`."""
        return judge(self.session(), task, "reject", *args, **verdict)

    def review(
        self,
        query: Query | None = None,
        task: str | None = None,
        stages: Sequence[str] | None = None,
        **options: Any,
    ) -> ImageAnnotator:
        """Return the widget to review with, at the next task that others have made.

        Parameters
        ----------
        query, task
            As for `annotate`.
        stages
            Which stages; by default those of the kinds review and qc.
        **options
            Of `ImageAnnotator`, as for `annotate`.

        Raises
        ------
        WorkflowError
            If the workflow has no stage in which work is reviewed.
        """
        return self._widget(self.review_session(query, stages=stages), task, options)

    def review_session(
        self,
        query: Query | None = None,
        user: str | None = None,
        role: str | None = None,
        stages: Sequence[str] | None = None,
    ) -> Session:
        """Return a hold on the work of others, which waits to be judged; see `review`."""
        wanted = stages or self.workflow.names("review", "qc")
        if not wanted:
            raise WorkflowError(
                "has no stage in which work is reviewed.",
                where=f"workflow {self.workflow.name!r}",
                hint="Make the project with lw.workflow.maker_reviewer(), for example.",
            )
        return self.session(query, user, role=role, stages=wanted)

    @property
    def reviews(self) -> pd.DataFrame:
        """One row a verdict on what somebody made, in their order.

        Columns: seq (int64), time (datetime64[us, UTC]), task_id, item_id, title, stage, verdict
        (``accept`` or ``reject``), reviewer, maker, comment (string), score (float64, 0 to 10),
        tags (list), diff (dict or None) and round (int64: how often it was given back before).
        """
        return review_frame(self._store)

    # What a lead does

    def assign(self, query: Query, to: To | None, seed: int = 0) -> int:
        """Assign tasks that wait, in one step, and return how many.

        Parameters
        ----------
        query
            Which; see `annotate`.
        to
            A person; a group (``"@readers"``: for whoever of it comes first, see `session`);
            several people, who get equal shares at random; or a dict from classes to one or
            several people, by the class that most labels of a task are of. None: for anybody.
        seed
            Who gets what of equal shares.

        Raises
        ------
        WorkflowError
            If a task is begun or finished, or none of the people may do it; then none is assigned.
        """
        tasks = work_list(self._store, query)
        return directing.assign(self._store, self._live(), self.user, tasks, to, seed)

    def prioritize(self, query: Query, priority: int) -> int:
        """Rank tasks: those of a higher number are given out first; return how many changed."""
        self._live()
        return directing.prioritize(self._store, self.user, work_list(self._store, query), priority)

    def put_in_batch(self, query: Query, batch: str) -> int:
        """Move tasks into a batch (``default`` for that of all others); return how many moved."""
        self._live()
        tasks = work_list(self._store, query)
        return directing.put_in_batch(self._store, self.user, tasks, batch)

    def push(self, query: Query, stage: str, reason: str) -> int:
        """Put main tasks into a stage, whatever the table of moves says, and say why."""
        tasks = work_list(self._store, query)
        return directing.push(self._store, self._live(), self.user, tasks, stage, reason)

    def reopen_batch(self, batch: str, reason: str) -> int:
        """Put the finished tasks of a batch back to where work begins, each to its maker."""
        return directing.reopen_batch(self._store, self._live(), self.user, batch, reason)

    @property
    def batches(self) -> pd.DataFrame:
        """One row a batch: batch (string), tasks, done, priority (int64), complete (bool)."""
        return directing.batch_frame(self._store, self.workflow)

    def advance(self, models: Mapping[str, Model] | None = None) -> pd.DataFrame:
        """Send on what waits at routers, and for models to label it.

        Parameters
        ----------
        models
            Functions by the names that stages of the kind model have; None for those that are
            registered with ``@lw.workflow.model(name)``. Each gets the pixels of an item and its
            row, and returns annotations.

        Returns
        -------
        DataFrame
            Columns task_id, from_stage, stage, state, error (string). What failed stays where it
            is, and can be tried again.
        """
        return advance(self._store, self.session(), models)

    def change_workflow(self, workflow: Workflow, moving: Mapping[str, str] | None = None) -> None:
        """Make a workflow the current one.

        Parameters
        ----------
        workflow
            From now on.
        moving
            Where the tasks go that are in a stage that there is no more.

        Raises
        ------
        WorkflowError
            If tasks would be left in a stage that there is no more, naming it.
        """
        self._live()
        change_workflow(self._store, self.user, workflow, moving)

    def archive(self) -> None:
        """Close the project: it is read as ever, and nothing in it changes until `restore`."""
        archive(self._store, self.user, archived=True)

    def restore(self) -> None:
        """Open an archived project again."""
        archive(self._store, self.user, archived=False)

    def _live(self) -> Workflow:
        workflow = self.workflow
        if workflow.archived:
            raise WorkflowError("is archived.", where="project", hint="Call restore() first.")
        return workflow

    def history(self, task: str) -> pd.DataFrame:
        """Return one row a move of a task, in their order.

        Columns: seq (int64), time (datetime64[us, UTC]), actor, kind, from_stage, from_state,
        stage, state, assignee (string) and note (dict: a reason, a score ...).
        """
        return history_frame(self._store, task)

    # Issues and what reviewers changed

    def difference(self, task: str) -> pd.DataFrame:
        """Return one row for each change of a task since its maker last handed it in.

        Columns as of `labelwidgets.workflow.difference.difference_frame`: kind, item_id, frame,
        before, after, class_before, class_after, overlap, shift and answers.
        """
        return difference_frame(changes_of(self.session(), task))

    def accept_all(self, query: Query | None = None, **verdict: Any) -> pd.DataFrame:
        """Accept all tasks of a work list that wait to be judged, as they are.

        Columns: id (string), accepted (bool) and reason (string: why one was not).

        Parameters
        ----------
        query
            As for `annotate`; None for all that wait.
        **verdict
            ``score``, ``comment`` and ``tags``, the same for all; see `accept`.
        """
        session = self.session(query)
        return accept_all(session, to_judge(session), **verdict)

    @property
    def issues(self) -> pd.DataFrame:
        """One row an issue, in the order they were raised.

        Columns: id, task_id, item_id, annotation_id (the object that it is pinned to), class_name
        (of that object), state (``open``, ``resolved``), text (its first comment), author,
        resolved_by (string), frame (Int64), x, y (where it is now, in pixels, as its object is),
        relative_x, relative_y (in the box of its object; float64), deleted (its object is; bool),
        n_comments (int64), created_at and updated_at (datetime64[us, UTC]).
        """
        return self._store.issues

    @property
    def comments(self) -> pd.DataFrame:
        """One row a comment in the thread of an issue, in their order.

        Columns: id, issue_id, author, text (string), created_at (datetime64[us, UTC]).
        """
        return self._store.comments

    def raise_issue(
        self,
        task: str,
        text: str,
        annotation: str | None = None,
        frame: int | None = None,
        at: tuple[float, float] | None = None,
    ) -> Issue:
        """Say what is wrong, and where; an issue on an object moves with it, also along a track.

        Parameters
        ----------
        task
            Its id.
        text
            What is wrong, up to 4,000 characters: the first comment of its thread.
        annotation
            The object that it is about; None for the picture.
        frame
            Of a video, a sequence or a scan, on which frame or slice, from 0; None for that of
            the object.
        at
            (x, y) in pixels of the full-resolution image; None for the middle of the object.

        Raises
        ------
        WorkflowError
            If there is no such task.
        SchemaError
            If the object is none of the task, or there are no words or too many.
        """
        return self.session().issues.raise_issue(task, text, annotation, frame, at)

    def comment(self, issue: str, text: str) -> Issue:
        """Say something in the thread of an issue, and return it."""
        return self.session().issues.comment(issue, text)

    def resolve(self, issue: str, text: str | None = None) -> Issue:
        """Close an issue, with a last word or without; `WorkflowError` if it is closed already."""
        return self.session().issues.resolve(issue, text)

    def reopen_issue(self, issue: str, text: str | None = None) -> Issue:
        """Open an issue again; `WorkflowError` if it is open."""
        return self.session().issues.reopen(issue, text)

    def extend(
        self,
        classes: Iterable[ObjectClass | str] = (),
        image_attributes: Iterable[Attribute] = (),
        windows: Iterable[WindowPreset] = (),
    ) -> Ontology:
        """Add classes, image attributes and windows; return the ontology as it is then.

        Raises
        ------
        OntologyError
            If one of the name is there already.
        """
        more, asked, shown = list(classes), list(image_attributes), list(windows)
        change = self._store.change_ontology(lambda old: old.extend(more, asked, shown), self.user)
        return change.after

    def update_ontology(self, ontology: Vocabulary, dry_run: bool = False) -> OntologyReport:
        """Make an ontology the current one; labels made under the old one stay valid.

        Something is taken for the same as before if it has the same name, or lists its old name
        in `formerly`; then its labels get the new name. What is to be offered no longer is
        retired (``retired=True``).

        Parameters
        ----------
        ontology
            What may be said from now on.
        dry_run
            Only say what would change.

        Returns
        -------
        OntologyReport
            What changed, and how many labels each change is about.

        Raises
        ------
        OntologyError
            If labels have a class or a question that it lacks, or would not fit it.
        """
        new = Ontology.of(ontology)
        return self._change(lambda _: new, dry=dry_run)

    def rename_class(self, old: str, new: str) -> OntologyReport:
        """Give a class another name, in the ontology and in its labels; `old` is still read."""
        return self._change(lambda now: rename_class(now, old, new))

    def rename_attribute(self, old: str, new: str, class_name: str | None = None) -> OntologyReport:
        """Give a question another name; without a class, one about the image."""
        return self._change(lambda now: rename_attribute(now, old, new, class_name))

    def rename_option(
        self, attribute: str, old: str, new: str, class_name: str | None = None
    ) -> OntologyReport:
        """Give an option of a question another name, in its answers too."""
        return self._change(lambda now: rename_option(now, attribute, old, new, class_name))

    def retire_class(self, name: str, retired: bool = True) -> OntologyReport:
        """Offer a class no longer (or again); its labels keep showing and are exported."""
        return self._change(lambda now: retire_class(now, name, retired))

    def retire_attribute(
        self, name: str, class_name: str | None = None, retired: bool = True
    ) -> OntologyReport:
        """Ask a question no longer (or again); its answers stay."""
        return self._change(lambda now: retire_attribute(now, name, class_name, retired))

    def _change(
        self, change: Callable[[Ontology], Ontology], *, dry: bool = False
    ) -> OntologyReport:
        return OntologyReport.of(self._store.change_ontology(change, self.user, dry=dry))

    def usage(self) -> dict[str, Any]:
        """Return how many labels there are of what the ontology has.

        Returns
        -------
        dict
            By class (``""`` is the image): ``labels``, and by question in ``attributes`` the
            ``answers`` and their numbers by option in ``options``.
        """
        return self._store.usage().to_dict()

    def edit_ontology(self, **options: Any) -> OntologyBuilder:
        """Return the widget to build the ontology and the guide with; it saves to the project.

        Parameters
        ----------
        **options
            Of `OntologyBuilder`.
        """
        from labelwidgets.widgets.ontology import OntologyBuilder

        return OntologyBuilder(self, **options)

    def session(
        self,
        query: Query | None = None,
        user: str | None = None,
        mode: Mode | None = None,
        role: str | None = None,
        stages: Sequence[str] | None = None,
        groups: Sequence[str] = (),
    ) -> Session:
        """Return a hold on the work, for a widget.

        Parameters
        ----------
        query
            Which tasks; None for all. See `annotate`.
        user
            Who works; by default the user of the project.
        mode
            What is asked for; see `annotate`.
        role
            ``annotator``, ``reviewer``, ``qc`` or ``admin``; None may do everything. An annotator
            sees nothing of others' opinions.
        stages
            The stages that the queue is of; by default those to annotate in.
        groups
            Groups that the person is in; see `assign`.
        """
        work = None if query is None else work_list(self._store, query)
        who = self.user if user is None else user
        return Session(self._store, self.dataset, who, work, mode, role, stages, groups)

    def grow(
        self,
        item: str,
        seed: Sequence[int],
        low: float = -30,
        high: float = 30,
        *,
        class_name: str | None = None,
        **parameters: Any,
    ) -> Annotation:
        """Return what grows from a voxel of a scan, as the 3D growth of the widget proposes it.

        It is no label yet: `add` makes it one.

        Parameters
        ----------
        item
            Which scan, by its id.
        seed
            Slice, row and column of the voxel that it grows from, each from 0.
        low, high
            Range of values relative to that of the voxel, both ends included, in the unit of
            the scan (of CT, Hounsfield units).
        class_name
            Of the object; by default the first class that is drawn as a mask through a scan.
        **parameters
            ``radius`` (50; 0 is anywhere), ``unit`` (``"px"`` or ``"mm"``, of radius and
            smoothing), ``connected`` (True), ``smoothing`` (0) and ``limit`` (in millilitres, 0
            is none): see `labelwidgets.assist.grow_volume.grow_volume`.

        Raises
        ------
        ToolError
            If nothing grows there, a parameter is impossible, or the seed lies outside.
        OntologyError
            If no class is drawn as a mask through a scan.
        SourceError, ImageError
            If the scan cannot be read.

        Examples
        --------
        >>> nodule = project.grow(item, (40, 210, 155), radius=20, unit="mm")
        >>> project.add(nodule)
        """
        from labelwidgets.assist import find
        from labelwidgets.assist.headless import propose_in_scan
        from labelwidgets.assist.prompts import seed_prompt

        classes = [one.name for one in self.ontology.classes if one.tool == "volumemask"]
        if class_name is None and not classes:
            raise OntologyError(
                "has no class that is drawn as a mask through a scan.",
                where="ontology",
                hint='Add one: lw.ObjectClass("nodule", tool="volumemask").',
            )
        scan = self.dataset.scan(item)
        shape, origin = propose_in_scan(
            find("grow_volume"),
            scan,
            seed_prompt(seed, scan.shape),
            {"low": low, "high": high, **parameters},
        )
        return Annotation(
            item_id=item, class_name=class_name or classes[0], geometry=shape, origin=origin
        )

    def carry(
        self, annotation: Annotation, frame: int, frames: int = 30, **parameters: Any
    ) -> Annotation:
        """Return a label of a video carried on from a frame by what is seen of it.

        It gets keyframes on frames on which it has none; `update` keeps it.

        Parameters
        ----------
        annotation
            A track, or a shape of one frame, of `records`.
        frame
            Where it begins, counted from 0.
        frames
            Over how many frames it is carried.
        **parameters
            ``tolerance`` (1 pixel; 0 is a keyframe on every frame), ``certainty`` (0.5, from 0 to
            1) and ``backward`` (False): see `labelwidgets.assist.carry.carry`.

        Raises
        ------
        ToolError
            If it is lost at once or a keyframe follows, saying so, or a parameter is impossible.
        MissingExtraError
            If OpenCV is not installed.
        SourceError, ImageError
            If the video cannot be read.

        Examples
        --------
        >>> fly = project.records("class_name == 'fly'")[0]
        >>> project.update(project.carry(fly, frame=120, frames=50))
        """
        from labelwidgets.assist import find
        from labelwidgets.assist.headless import extend_track

        film = self.dataset.film(annotation.item_id, frame)
        return extend_track(find("carry"), film, annotation, {"frames": frames, **parameters})[0]

    def suggest_keyframes(
        self, annotation: Annotation, reach: int = 0, **parameters: Any
    ) -> tuple[Annotation, list[int]]:
        """Return a track with keyframes where it is likely to be wrong between others, and where.

        Parameters
        ----------
        annotation
            A track, of `records`.
        reach
            How far from its first keyframe it looks, in frames; 0 is everywhere.
        **parameters
            ``tolerance`` (5 pixels), ``most`` (10) and ``certainty`` (0.5): see
            `labelwidgets.assist.suggest_keyframes.suggest_keyframes`.

        Returns
        -------
        changed : Annotation
            No label yet: `update` keeps it.
        frames : list of int
            Those to look at, rising.

        Raises
        ------
        ToolError, MissingExtraError, SourceError, ImageError
            As for `carry`; ToolError too where there is nothing to suggest.
        """
        from labelwidgets.assist import find
        from labelwidgets.assist.headless import extend_track

        known = getattr(annotation.geometry, "keyframes", {})
        film = self.dataset.film(annotation.item_id, min(known, default=0))
        tool = find("suggest_keyframes")
        made, proposal = extend_track(tool, film, annotation, {"reach": reach, **parameters})
        return made, [mark.frame for mark in proposal.marks]

    def cuts(self, item: str, threshold: float = 16.0, shortest: int = 5) -> list[Cut]:
        """Return where the shots of a video begin, but for the first.

        Parameters
        ----------
        item
            Which video, by its id.
        threshold, shortest
            See `labelwidgets.algorithms.cuts.find_cuts`.

        Raises
        ------
        SourceError, ImageError
            If the video cannot be read.
        """
        from labelwidgets.assist.cuts import cuts_of

        return cuts_of(self.dataset.film(item), threshold, shortest)

    def annotate(
        self,
        query: Query | None = None,
        task: str | None = None,
        mode: Mode | None = None,
        **options: Any,
    ) -> ImageAnnotator:
        """Return the widget to label with, at the next task in my queue.

        Parameters
        ----------
        query
            The work list: an expression such as ``"class_name == 'car' and area < 50"``
            (over `tasks` if it names columns of that frame alone, else over `annotations`),
            a part of either frame, or a list of task ids. None is the whole queue.
        task
            The task to begin with.
        mode
            What is asked for: ``segmentation`` (shapes, no questions about the image),
            ``classification`` (those questions and tags, by the keyboard alone) or ``both``;
            None for what the ontology implies.
        **options
            Of `ImageAnnotator`; with `window` or `layout` it is a `DicomAnnotator`, with `frame`,
            `speed` or `tracking` a `VideoAnnotator`.
        """
        return self._widget(self.session(query, mode=mode), task, options)

    def _widget(
        self, session: Session, task: str | None, options: dict[str, Any]
    ) -> ImageAnnotator:
        from labelwidgets.widgets.dicom import DicomAnnotator
        from labelwidgets.widgets.image import ImageAnnotator
        from labelwidgets.widgets.video import VideoAnnotator

        if task is not None:
            options["task"] = task
        scans = "window" in options or isinstance(options.get("layout"), str)
        videos = not {"frame", "speed", "tracking"}.isdisjoint(options)
        kind = DicomAnnotator if scans else VideoAnnotator if videos else ImageAnnotator
        return kind(session, **options)

    def dashboard(self) -> Dashboard:
        """Return how the project goes, as a widget: stages, people, pace, and what is left."""
        from labelwidgets.widgets.dashboard import Dashboard

        return Dashboard(self)

    def view(self, query: str | None = None) -> TaskViewer:
        """Return all tasks as a widget of small pictures; a click opens one.

        Parameters
        ----------
        query
            Which tasks are shown at first: an expression as for `annotate`; None for all.
        """
        from labelwidgets.widgets.task_viewer import TaskViewer

        return TaskViewer(self, lambda asked: work_list(self._store, asked), query)

    # Files of labels

    def import_annotations(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,
        errors: Literal["raise", "collect"] = "raise",
        add_classes: bool = False,
        **options: Any,
    ) -> Imported:
        """Add the labels of a file, as one gesture that `undo` takes back as one.

        Parameters
        ----------
        path
            File or any fsspec URL.
        format
            Such as ``coco``; None looks into the file.
        errors
            ``raise`` stops at the first record that is wrong, and nothing is added;
            ``collect`` leaves such records out and lists them in the result.
        add_classes
            Extend the ontology by the classes that it lacks.
        **options
            What the format can be told (see its module in `labelwidgets.formats`), and for
            fsspec, for this file.

        Returns
        -------
        Imported
            With `annotations`, and the frames `left_out`, `unmatched` and `categories`.

        Raises
        ------
        FormatError
            If the file is malformed or names a class that the ontology lacks.
        """
        from labelwidgets import formats

        ontology = self.ontology
        found = formats.read(
            path,
            format,
            items=self._store.items(),
            ontology=ontology,
            errors=errors,
            dataset=self.dataset,
            **options,
        )
        missing = found.missing(ontology)
        if missing and not add_classes:
            names = ", ".join(repr(made.name) for made in missing[:12])
            raise FormatError(
                f"names classes that the project lacks: {names}.",
                where=found.path,
                hint="Add them with Project.extend, or pass add_classes=True.",
            )
        if missing:
            self.extend(missing)
        self._add(found.annotations, keep_authors=True)
        return found

    def export(
        self,
        format: str,
        path: str | os.PathLike[str],
        strict: bool = False,
        deidentify: DeidentifyOptions | bool = False,
        **options: Any,
    ) -> Exported:
        """Write the labels to a file, whole or not at all.

        They are those of main tasks: opinions of single labellers, and golden answers, stay here.

        Parameters
        ----------
        format
            Such as ``coco``.
        path
            File or any fsspec URL; a file that is there is replaced.
        strict
            Raise where the format cannot express a label, instead of warning.
        deidentify
            Leave patients out (see `labelwidgets.formats.write`).
        **options
            What the format can be told (see its module in `labelwidgets.formats`), and for
            fsspec, for this file.
        """
        from labelwidgets import formats

        return formats.write(
            self._store.read_main(),
            path,
            format,
            items=self._store.items(),
            ontology=self.ontology,
            strict=strict,
            size_of=self._size_of,
            dataset=self.dataset,
            deidentify=deidentify,
            **options,
        )

    def volume(self, item: str, by: Literal["classes", "instances"] = "classes") -> LabelledVolume:
        """Return a scan and its labels as arrays, to train with.

        Parameters
        ----------
        item
            The id of a scan, or of its task.
        by
            ``classes``: a number a class, from 1 in the order of the ontology, the same in all
            scans; ``instances``: a number an object.

        Returns
        -------
        LabelledVolume
            ``values, labels, spacing, classes, affine, overlaps``: arrays of (slices, rows,
            columns), millimetres in the same order, and what each number is.

        Raises
        ------
        FormatError
            If it is no scan.
        """
        from labelwidgets import formats

        tasks = self.tasks
        own = tasks[(tasks["item_id"] == item) | (tasks["id"] == item)]
        items = [*own["item_id"].unique()] or [item]
        # Of an item with opinions, what it came to; of a task that is named, what is in it.
        main = own[(own["copy"] == 0) | (own["id"] == item)]
        labels = [made for task in main["id"] for made in self._store.read(task)]
        return formats.labelled_volume(labels, items[0], self.dataset, self.ontology, by)

    def _size_of(self, item_id: str) -> tuple[int, int]:
        picture = self.dataset.pyramid(item_id) or self.dataset.encoded(item_id)
        return picture.width, picture.height


def _records(labels: Labels) -> list[Annotation]:
    from labelwidgets.formats.frames import annotations_of

    if isinstance(labels, pd.DataFrame):
        return annotations_of(labels)
    return records_of(labels, "annotations")


def _dataset_items(dataset: Dataset) -> pd.DataFrame:
    if not isinstance(dataset, Dataset):
        raise SourceError(
            f"must be a Dataset, not {type(dataset).__name__}.",
            where="dataset",
            hint="Make one with Dataset.open.",
        )
    return _with_errors(dataset.items, dataset.errors)


def _with_errors(items: pd.DataFrame, errors: pd.DataFrame) -> pd.DataFrame:
    reasons = dict(zip(errors["id"], errors["reason"], strict=True))
    items["error"] = pd.Series([reasons.get(name) for name in items["id"]], dtype=object)
    return items


def annotate(
    source: Source | Dataset,
    classes: Vocabulary = (),
    image_attributes: Iterable[Attribute] = (),
    user: str | None = None,
    storage_options: Mapping[str, Any] | None = None,
    **options: Any,
) -> ImageAnnotator:
    """Label one image or a few without making a project.

    The labels are kept in a project in the user's data folder, so that the same call shows
    them again tomorrow. Classes may be added from call to call.

    Parameters
    ----------
    source
        As for `Dataset.open`, or a dataset.
    classes
        An ontology, or a list of classes or their names.
    image_attributes
        Questions about each image.
    user
        Who works; by default the hub's user, else the login name.
    storage_options
        For fsspec: keys, endpoints. They are kept in memory only.
    **options
        Of `ImageAnnotator`.

    Returns
    -------
    ImageAnnotator
        Its `annotations` is a frame.
    """
    dataset = source
    if not isinstance(dataset, Dataset):
        dataset = Dataset.open(dataset, **(storage_options or {}))
    wanted = Ontology.of(classes).extend((), image_attributes)
    path = scratch_path(dataset.items["id"])
    if path.exists():
        project = Project.open(path, user, dataset)
        project._store.change_ontology(lambda old: joined(old, wanted), project.user)
    else:
        project = Project.create(path, dataset, wanted, name="scratch", user=user)
    return project.annotate(**options)
