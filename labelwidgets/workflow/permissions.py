"""Who may do what: one table, from every public door of a project to the least role it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from labelwidgets.workflow.stages import ROLES, may

if TYPE_CHECKING:
    import pandas as pd


class Right(msgspec.Struct, frozen=True):
    """Something that a role may do.

    Parameters
    ----------
    action
        What it is, in words.
    role
        The least that may: it, and each that stands above it in `ROLES`.
    doors
        By which it is done: public methods and properties of projects and sessions. ``=`` at
        the end is to set a property.
    record
        What the access log calls it; None where it is no news, or the log of events has it.
    age
        For so many seconds it goes by who somebody was: to look is asked for often.
    """

    action: str
    role: str
    doors: tuple[str, ...]
    record: str | None = None
    age: float = 0.0


_A_MOMENT = 1.0


def _doors(of: str, names: str) -> tuple[str, ...]:
    return tuple(f"{of}.{name}" for name in names.split())


RIGHTS: tuple[Right, ...] = (
    Right(
        "look at tasks, and at what is known of them",
        "annotator",
        _doors(
            "Project",
            "tasks annotate session view history reviews issues comments people batches usage "
            "difference grow carry suggest_keyframes cuts predictions",
        )
        + _doors(
            "Session",
            "task item_of upcoming next_task place tasks folders neighbour last_seq changes "
            "labels_of waiting ontology_of scope_of",
        ),
    ),
    Right(
        "see pictures",
        "annotator",
        _doors(
            "Session",
            "picture pyramid volume video item glimpse film is_near opens_first coarse reformat "
            "scan spacing direct pixels prefetch thumbnail",
        ),
        age=_A_MOMENT,
    ),
    Right(
        "read labels: all but others' blind ones, which take a reviewer",
        "annotator",
        _doors(
            "Project",
            "annotations records frames events at measurements volume draw contact_sheet context",
        )
        + _doors("Session", "open ahead look largest annotations"),
        "opened",
    ),
    Right(
        "label what is one's own, or nobody's, and hand it in",
        "annotator",
        _doors("Project", "add update delete undo redo submit skip reopen requeue")
        + _doors("Session", "apply undo redo submit skip reopen requeue release renew"),
    ),
    Right(
        "raise issues, and talk about them",
        "annotator",
        _doors("Project", "raise_issue comment resolve reopen_issue") + _doors("Session", "issues"),
    ),
    Right(
        "judge what others made; what is in a stage of QC takes the role qc",
        "reviewer",
        _doors(
            "Project",
            "accept reject review review_session accept_all adjudicate adjudication_session",
        )
        + _doors("Session", "accept reject"),
    ),
    Right(
        "measure people, agreement and progress",
        "reviewer",
        _doors(
            "Project",
            "performance acceptance proposals agreement consensus agreed ability disagreement "
            "waiting throughput forecast dashboard verify evaluate describe",
        ),
    ),
    Right(
        "check quality: samples of what is done, and golden answers",
        "qc",
        _doors("Project", "qc quality gold"),
    ),
    Right("export labels", "reviewer", _doors("Project", "export"), "exported"),
    Right(
        "train with labels",
        "reviewer",
        _doors("Project", "training_set rebuild_training_set to_torch"),
        "exported",
    ),
    Right(
        "see what is trained and tested with, and put it on record",
        "reviewer",
        _doors("Project", "splits runs record_run"),
    ),
    Right(
        "import labels, whoever made them",
        "admin",
        _doors("Project", "import_annotations") + _doors("Session", "take_in"),
        "imported",
    ),
    Right(
        "lead: who does what, in which order and by which rules",
        "admin",
        _doors(
            "Project",
            "assign prioritize put_in_batch push reopen_batch advance predict change_workflow "
            "archive restore fuse ask_opinions split_classes backup set_gold unset_gold seed_gold "
            "feedback split",
        )
        + _doors("Session", "archive pass_on"),
    ),
    Right(
        "change what may be said, and what people are told",
        "admin",
        _doors(
            "Project",
            "ontology= instructions= extend update_ontology rename_class rename_attribute "
            "rename_option retire_class retire_attribute edit_ontology",
        ),
    ),
    Right(
        "say who works here, and see who saw what",
        "admin",
        _doors(
            "Project",
            "add_person add_people set_role set_groups remove_person access",
        ),
    ),
)

# What a project is, which whoever opened it knows, and what lets go of it.
FREE = frozenset(
    _doors("Project", "name store dataset workflow ontology instructions user role rights close")
    + _doors("Session", "in_mode said subscribe")
)

_BY_DOOR: Mapping[str, Right] = {door: right for right in RIGHTS for door in right.doors}
# A door that nobody has put into the table is no hole in the wall.
_UNKNOWN = Right("what no right is for", "admin", ())


def right_of(door: str) -> Right:
    """Return the right that a door takes; one that is in no row takes an admin."""
    return _BY_DOOR.get(door, _UNKNOWN)


def is_known(door: str) -> bool:
    """Say whether a door is in the table, or free."""
    return door in _BY_DOOR or door in FREE


def rights() -> pd.DataFrame:
    """Return the table of who may do what, one row a door.

    Columns: door, action (string), annotator, reviewer, qc, admin (bool) and recorded (string:
    what the access log calls it).
    """
    import pandas as pd

    rows = [
        {
            "door": door,
            "action": right.action,
            **{role: may(role, right.role) for role in ROLES},
            "recorded": right.record,
        }
        for right in RIGHTS
        for door in right.doors
    ]
    return pd.DataFrame(rows).astype({"door": "string", "action": "string", "recorded": "string"})
