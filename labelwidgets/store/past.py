"""The state of a store at a moment, by replay of its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from labelwidgets.algorithms.runs import Runs, rle_of, runs_of, splice_runs
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.renames import Renames
from labelwidgets.store.clock import to_datetime
from labelwidgets.store.edits import FIELDS
from labelwidgets.store.history import EDIT_KINDS
from labelwidgets.store.issues import ISSUE_KINDS
from labelwidgets.store.records import Held, from_text

TASKS_ADDED = "tasks"
# Events of a task that leave it as it is.
_NO_MOVES = (*EDIT_KINDS, "conflict", *ISSUE_KINDS)


def replay_annotations(log: Iterable[Mapping[str, Any]]) -> dict[str, Held]:
    """Return what the events of a log, in their order, leave held.

    Parameters
    ----------
    log
        Rows of the table `events`.
    """
    states: dict[str, dict[str, Any]] = {}
    # Masks that strokes have changed since they were whole in an event, decoded once.
    painted: dict[str, Runs] = {}
    for event in log:
        kind = event["kind"]
        if kind == "ontology":
            _rename(states, from_text(event["payload"]))
        if kind not in EDIT_KINDS:
            continue
        payload = from_text(event["payload"])
        name = event["annotation"]
        state = states.get(name)
        if kind == "create":
            states[name] = {
                "record": payload["after"],
                "deleted": False,
                "seq": state["seq"] if state else event["seq"],
            }
            painted.pop(name, None)
            continue
        if state is None:
            raise ValueError(f"Event {event['id']} edits an annotation that never was.")
        record = state["record"]
        if kind == "update":
            changed = {
                field: payload["after"][field] for field in FIELDS if field in payload["after"]
            }
            geometry = changed.get("geometry", {})
            if geometry.get("type") == "maskpatch":
                whole = painted.get(name) or runs_of(record["geometry"]["rle"])
                part = runs_of(changed.pop("geometry")["rle"])
                painted[name] = splice_runs(whole, geometry["x"], geometry["y"], part)
            elif geometry.get("type") == "volumepatch":
                slices = {**record["geometry"]["slices"], **changed.pop("geometry")["slices"]}
                kept = {key: code for key, code in slices.items() if code is not None}
                record["geometry"] = {"type": "volumemask", "slices": kept}
            elif geometry.get("type") == "trackpatch":
                placed = {**record["geometry"]["keyframes"], **changed.pop("geometry")["keyframes"]}
                there = {key: made for key, made in placed.items() if made is not None}
                record["geometry"] = {"type": "track", "keyframes": there}
            elif geometry:
                painted.pop(name, None)
            record |= changed
        state["deleted"] = kind == "delete"
        record["revision"] = payload["revision"]
        record["updated_at"] = to_datetime(event["time"])
    for name, runs in painted.items():
        states[name]["record"]["geometry"] = {"type": "mask", "rle": rle_of(runs)}
    return {
        name: Held(
            msgspec.convert(state["record"], Annotation, str_keys=True),
            state["deleted"],
            state["seq"],
        )
        for name, state in states.items()
    }


def _rename(states: Mapping[str, dict[str, Any]], payload: Mapping[str, Any]) -> None:
    """Give records the names that classes, questions and options were given by an event."""
    if "renames" not in payload:
        return
    renames = msgspec.convert(payload["renames"], Renames)
    for state in states.values():
        record = state["record"]
        record["class_name"] = renames.class_name(record.get("class_name"))
        answers = renames.answers(record["class_name"], record.get("attributes") or {})
        record["attributes"] = answers


def replay_tasks(
    rows: Iterable[Mapping[str, Any]], log: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the rows of the table `tasks` as the events of a log leave them.

    Parameters
    ----------
    rows
        As they are now; tasks that were made later are left out.
    log
        Rows of the table `events`, in their order.
    """
    born: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        born.setdefault(row["seq"], []).append(row)
    made: dict[str, dict[str, Any]] = {}
    for event in log:
        if event["kind"] == TASKS_ADDED:
            payload = from_text(event["payload"])
            rows_born = born.get(event["seq"], ())
            several = {row["item_id"] for row in rows_born if row["copy"] > 0}
            for row in rows_born:
                kind = "opinions" if row["copy"] > 0 else "main"
                start = payload.get(kind, {}) if row["item_id"] in several else {}
                made[row["id"]] = {
                    **row,
                    "maker": None,
                    "rounds": 0,
                    **payload["after"],
                    **start,
                    "updated_at": event["time"],
                    "revision": 0,
                }
        elif event["task"] in made and event["kind"] not in _NO_MOVES:
            payload = from_text(event["payload"])
            made[event["task"]] |= {
                **payload["after"],
                "updated_at": event["time"],
                "revision": payload["revision"],
            }
    return sorted(made.values(), key=lambda row: int(row["position"]))
