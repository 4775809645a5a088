"""What every part of a project stands on: its store, its dataset, and who works."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import msgspec
import pandas as pd

from labelwidgets.errors import (
    RightsError,
    SchemaError,
    WorkflowError,
)
from labelwidgets.media import Dataset
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.mode import Mode
from labelwidgets.schema.renames import Renames, renamed
from labelwidgets.store.among import Sight
from labelwidgets.store.item_metadata import size_of
from labelwidgets.store.snapshot import Snapshot
from labelwidgets.store.store import Store
from labelwidgets.workflow.gate import Gate
from labelwidgets.workflow.hold import sight_of
from labelwidgets.workflow.permissions import rights
from labelwidgets.workflow.session import Session
from labelwidgets.workflow.stages import Workflow
from labelwidgets.workflow.worklist import Query, work_list

if TYPE_CHECKING:
    from labelwidgets.widgets.image import ImageAnnotator


ANNOTATOR = "annotator"


class ProjectBase:
    """What a project is to all its parts."""

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
        self._gate = Gate(store, user)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._end_following is not None:
            self._end_following()
        self._store.close()

    @property
    def user(self) -> str:
        """Who works: fixed when the project is opened."""
        return self._gate.user

    @property
    def role(self) -> str | None:
        """What I may do here; None for everything, in a project without people."""
        self._gate.standing()
        return self._gate.role

    @property
    def rights(self) -> pd.DataFrame:
        """Who may do what, one row a door; see `labelwidgets.workflow.rights`."""
        return rights()

    @property
    def name(self) -> str:
        """What people call the project."""
        return self._store.name

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
    def workflow(self) -> Workflow:
        """Stages, and the table of the moves that are allowed, as they are now."""
        return Workflow.from_dict(msgspec.json.decode(self._store.workflow_text()))

    @property
    def tasks(self) -> pd.DataFrame:
        """One row a task, in the order of the dataset.

        Columns: id, item_id, title, folder, stage, state, assignee, maker, batch (string),
        priority, n_annotations, copy (0: the main task of its item; from 1: opinions; -1: the
        golden answer) and rounds (how often it was given back; int64), score (float64),
        updated_at (datetime64[us, UTC]).
        """
        return self._seen(self._store.tasks, "id")

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
        return self._seen(self._store.annotations)

    @property
    def events(self) -> pd.DataFrame:
        """One row an event, in their order: all that ever happened.

        Columns: seq (int64), time (datetime64[us, UTC]), id, actor, client, task_id,
        annotation_id, kind, gesture, undoes, redoes (string), base_revision (Int64),
        payload (dict).
        """
        return self._seen(self._store.events)

    def at(self, time: datetime | str) -> Snapshot:
        """Return the frames as they were: an object with tasks, annotations and events.

        Parameters
        ----------
        time
            A datetime, a pandas timestamp, or text such as ``"2026-03-01 12:00"``; in UTC
            where it names no time zone.
        """
        then = self._store.at(self._moment(time))
        return then._replace(
            tasks=self._seen(then.tasks, "id"),
            annotations=self._seen(then.annotations),
            events=self._seen(then.events),
            issues=self._seen(then.issues),
        )

    def _moment(self, time: datetime | str) -> datetime:
        try:
            moment = pd.Timestamp(time)
        except (TypeError, ValueError) as error:
            raise SchemaError(f"is no moment in time ({error}).", where="time") from None
        if pd.isna(moment):
            raise SchemaError(f"{time!r} is no moment in time.", where="time")
        return moment.to_pydatetime(warn=False)

    def _sight(self) -> Sight | None:
        return sight_of(self._gate.role, self.user, lambda: self.workflow)

    def _seen(self, frame: pd.DataFrame, column: str = "task_id") -> pd.DataFrame:
        """Return the rows that I may see: of opinions, and of gold, not all see all."""
        sight = self._sight()
        if sight is None:
            return frame
        known = self._store.seen(sight)
        there = frame[column].isin(known) | frame[column].isna()
        return frame[there].reset_index(drop=True)

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
            ``annotator``, ``reviewer``, ``qc`` or ``admin``: to be no more than that. In a project
            with people it cannot be more than what I am. An annotator sees nothing of others'
            opinions.
        stages
            The stages that the queue is of; by default those to annotate in.
        groups
            Groups that the person is in; see `assign`. In a project with people, some of those
            that the table says; by default all of them.

        Raises
        ------
        RightsError
            If in a project with people the user is somebody else, or the role is more than mine.
        """
        work = None if query is None else work_list(self._store, query)
        who = self.user if user is None else user
        if who != self.user and self._gate.standing().team:
            raise RightsError(
                f"is not {self.user}, who opened the project, and nobody works in another's name.",
                where=f"user {who!r:.80}",
                hint="Leave `user` out.",
            )
        return Session(self._store, self.dataset, who, work, mode, role, stages, groups)

    def _seen_records(self, made: list[Annotation]) -> list[Annotation]:
        """Return the labels that I may see; see `_seen`."""
        sight = self._sight()
        if sight is None:
            return made
        known = self._store.seen(sight)
        return [one for one in made if one.task_id in known]

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

    def _live(self) -> Workflow:
        workflow = self.workflow
        if workflow.archived:
            raise WorkflowError("is archived.", where="project", hint="Call restore() first.")
        return workflow

    def _size_of(self, item_id: str) -> tuple[int, int]:
        picture = self.dataset.pyramid(item_id) or self.dataset.encoded(item_id)
        return picture.width, picture.height

    def _sizes(self) -> Callable[[str], tuple[float, float]]:
        """Return what says how large a picture is, of those whose items tell."""
        known: dict[str, tuple[float, float]] = {}

        def size(item_id: str) -> tuple[float, float]:
            if item_id not in known:
                item = self._store.item(item_id)
                found = size_of(item["metadata"]) if item else None
                if found is None and item and item["kind"] in VOLUMES:
                    _, rows, columns = self.dataset.scan(item_id).shape
                    found = columns, rows
                known[item_id] = found or self._size_of(item_id)
            return known[item_id]

        return size

    def _current(self, records: Iterable[Annotation]) -> list[Annotation]:
        """Return records that may have been read before something was renamed."""
        renames = Renames.of(self._store.ontology())
        return [renamed(made, renames) for made in records]
