"""The tables of a project as pandas frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labelwidgets.store.database import Database
from labelwidgets.store.issues import read_comment_frame, read_issue_frame
from labelwidgets.store.people import people_rows
from labelwidgets.store.task_items import read_items

if TYPE_CHECKING:
    import pandas as pd


class TableFrames(Database):
    """One project's database, read table by table; pandas is loaded when one is wanted."""

    @property
    def tasks(self) -> pd.DataFrame:
        """One row a task, in the order of the dataset.

        Columns: id, item_id, title, folder, stage, state, assignee, maker, batch (string),
        priority, n_annotations, copy (0: the main task of its item; from 1: opinions; -1: the
        golden answer) and rounds (how often it was given back; int64), score (float64),
        updated_at (datetime64[us, UTC]).
        """
        from labelwidgets.store.frames import task_frame

        with self.reading() as connection:
            return task_frame(connection, self.location if self.location.path is None else None)

    def items(self) -> pd.DataFrame:
        """Return the items with the columns of `Dataset.items`, in their order."""
        from labelwidgets.store.frames import item_frame

        with self.reading() as connection:
            return item_frame(read_items(connection))

    @property
    def annotations(self) -> pd.DataFrame:
        """One row an annotation that is not deleted, in the order they were made.

        Columns: id, task_id, item_id, class_name, geometry_type, track_id, author, origin,
        state (string), geometry (`Geometry`), attributes (dict), frame (Int64), revision
        (int64), created_at and updated_at (datetime64[us, UTC]), confidence and x, y, width,
        height (the upright box) and area (float64, pixels). The answers about an image as a
        whole are a row with the geometry type ``tag`` and no class.
        """
        from labelwidgets.store.frame_columns import ANNOTATION_COLUMNS

        return self.annotations_with(tuple(ANNOTATION_COLUMNS))

    def annotations_with(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return some of the columns of `annotations`, in less time than all of them."""
        from labelwidgets.store.frames import annotation_frame

        with self.reading() as connection:
            place = self.location if self.location.path is None else None
            return annotation_frame(connection, place, columns)

    @property
    def events(self) -> pd.DataFrame:
        """One row an event, in their order: all that ever happened.

        Columns: seq (int64), time (datetime64[us, UTC]), id, actor, client, task_id,
        annotation_id, kind, gesture, undoes, redoes (string), base_revision (Int64),
        payload (dict).
        """
        from labelwidgets.store.frames import event_frame

        with self.reading() as connection:
            return event_frame(connection)

    @property
    def activity(self) -> pd.DataFrame:
        """One row an event, in their order, without payload: columns as in `events`.

        Columns: seq, time, actor, task_id, annotation_id, kind. Much quicker to read than all.
        """
        from labelwidgets.store.frames import activity_frame

        with self.reading() as connection:
            return activity_frame(connection)

    @property
    def moves(self) -> pd.DataFrame:
        """One row a move of a task, in their order: columns of `activity`, and payload (dict)."""
        from labelwidgets.store.frames import move_frame

        with self.reading() as connection:
            return move_frame(connection)

    @property
    def issues(self) -> pd.DataFrame:
        """One row an issue, in the order they were raised.

        Columns: id, task_id, item_id, annotation_id (the object that it is pinned to), class_name
        (of that object), state (``open``, ``resolved``), text (its first comment), author,
        resolved_by (string), frame (Int64), x, y (where it is now, in pixels, as its object is),
        relative_x, relative_y (in the box of its object; float64), deleted (its object is; bool),
        n_comments (int64), created_at and updated_at (datetime64[us, UTC]).
        """
        with self.reading() as connection:
            return read_issue_frame(connection)

    @property
    def comments(self) -> pd.DataFrame:
        """One row a comment, in their order.

        Columns: id, issue_id, author, text (string), created_at (datetime64[us, UTC]).
        """
        with self.reading() as connection:
            return read_comment_frame(connection)

    @property
    def people(self) -> pd.DataFrame:
        """One row a person, in the order they were added; who was removed stays.

        Columns: name, role (string), groups (list of str), login, added_by (string), added_at and
        removed_at (datetime64[us, UTC]).
        """
        from labelwidgets.store.frame_columns import PEOPLE_COLUMNS
        from labelwidgets.store.frames import columns_of_rows, frame

        with self.reading() as connection:
            rows = people_rows(connection)
        return frame(PEOPLE_COLUMNS, columns_of_rows(list(PEOPLE_COLUMNS), rows))

    @property
    def access(self) -> pd.DataFrame:
        """One row a thing that somebody saw, did or was refused, in the order of time.

        Columns: time, until (datetime64[us, UTC]), person, action, task_id (string), n (int64:
        how many edits it was) and detail (dict). What is no event is kept from when there are
        people on: ``opened``, ``exported``, ``imported`` and ``denied``. All else comes of the
        events: ``edited`` (edits of one task without a pause of ten minutes are one row),
        ``claimed`` and the moves by their own names.
        """
        from labelwidgets.store.access import access_frame

        with self.reading() as connection:
            return access_frame(connection)
