"""What projects come to, at one moment: the main tasks and their labels, now or then."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, select

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology
from labelwidgets.store.clock import from_datetime, to_datetime
from labelwidgets.store.frames import annotation_frame, task_frame
from labelwidgets.store.log import asked_head, read_log
from labelwidgets.store.moves import read_annotations
from labelwidgets.store.notes import Note, read_notes
from labelwidgets.store.ontologies import read_ontology
from labelwidgets.store.past import replay_annotations
from labelwidgets.store.snapshot import take
from labelwidgets.store.statements import read
from labelwidgets.store.tables import events

if TYPE_CHECKING:
    import pandas as pd


class Moment(NamedTuple):
    """What there was at a moment, read in one transaction.

    Parameters
    ----------
    time
        Of the last event that counts.
    tasks
        The frame of all tasks.
    labels
        The labels of main tasks, in the order they were made.
    annotations
        The frame of all labels, where it was asked for.
    ontology
        What could be said.
    notes
        The events of the kind that was asked for; see `labelwidgets.store.notes`.
    """

    time: datetime
    tasks: pd.DataFrame
    labels: list[Annotation]
    annotations: pd.DataFrame | None
    ontology: Ontology
    notes: list[Note]


def read_moment(
    connection: Connection, kind: str, until: datetime | None = None, *, frames: bool = False
) -> Moment:
    """Return what there is, or what there was up to and with a moment.

    Parameters
    ----------
    kind
        Of the notes.
    until
        The moment; None for now.
    frames
        Whether the frame of labels is needed.
    """
    if until is not None:
        return _then(connection, kind, until, frames=frames)
    ((row,),) = read(connection, asked_head(connection))
    return Moment(
        to_datetime(row["time"] or 0),
        task_frame(connection),
        read_annotations(connection, main=True),
        annotation_frame(connection) if frames else None,
        read_ontology(connection),
        read_notes(connection, kind),
    )


def _then(connection: Connection, kind: str, until: datetime, *, frames: bool) -> Moment:
    moment = from_datetime(until)
    past = take(connection, until, moment)
    main = set(past.tasks.loc[past.tasks["copy"] == 0, "id"])
    held = replay_annotations(read_log(connection, moment)).values()
    alive = [one for one in held if not one.deleted and one.annotation.task_id in main]
    last = select(events.c.time).where(events.c.time <= moment).order_by(events.c.seq.desc())
    time = connection.execute(last.limit(1)).scalar()
    return Moment(
        to_datetime(time or 0),
        past.tasks,
        [one.annotation for one in sorted(alive, key=lambda one: one.seq)],
        past.annotations if frames else None,
        read_ontology(connection, moment),
        read_notes(connection, kind, moment),
    )
