"""Skeletons as SLEAP writes them down, in the form of a graph library."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton

_UNNAMED = re.compile(r"skeleton(?:[-_ ]?\d+)?|", re.IGNORECASE)
MAX_JOINTS = 10_000
_BODY = 1


class Named(NamedTuple):
    """A skeleton of a file, and the class that it is.

    Parameters
    ----------
    name
        Of the class.
    skeleton
        Its joints, in the order of the class, and its edges.
    order
        For each of its joints, the place among those of the file.
    """

    name: str
    skeleton: Skeleton
    order: list[int]


def skeletons_in(metadata: Mapping[str, Any]) -> list[tuple[str, Skeleton]]:
    """Return the skeletons of a file, with their names.

    Raises
    ------
    FormatError
        Naming the field.
    """
    nodes, given = metadata.get("nodes"), metadata.get("skeletons")
    if not isinstance(nodes, list) or not isinstance(given, list):
        raise FormatError("must have lists of nodes and skeletons.", where="metadata")
    made = []
    for number, one in enumerate(given):
        try:
            made.append(_skeleton(one, nodes))
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            raise FormatError(
                f"is malformed ({type(error).__name__}).", where=f"skeletons[{number}]"
            ) from None
    return made


def _skeleton(given: Any, nodes: Sequence[Any]) -> tuple[str, Skeleton]:
    if len(given["nodes"]) > MAX_JOINTS:
        raise ValueError
    ids = [_index(one["id"], nodes) for one in given["nodes"]]
    joints = [nodes[id]["name"] for id in ids]
    places = {id: at for at, id in enumerate(ids)}
    kinds: list[int] = []
    edges: list[tuple[float, tuple[int, int]]] = []
    for link in given.get("links", []):
        kind = link.get("type", {})
        if "py/reduce" in kind:
            kinds.append(kind["py/reduce"][1]["py/tuple"][0])
            value = kinds[-1]
        elif "py/id" in kind:
            value = kinds[kind["py/id"] - 1]
        else:
            value = _BODY
        if value == _BODY:
            ends = (places[_index(link[key], nodes)] for key in ("source", "target"))
            edges.append((float(link.get("edge_insert_idx", len(edges))), tuple(ends)))  # type: ignore[arg-type]
    name = given.get("graph", {}).get("name")
    edges.sort(key=lambda one: one[0])
    return name if isinstance(name, str) else "", Skeleton(joints, [edge for _, edge in edges])


def _index(value: Any, nodes: Sequence[Any]) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(nodes):
        raise ValueError
    return value


def named(name: str, skeleton: Skeleton, ontology: Ontology | None) -> Named:
    """Return which class a skeleton is."""
    classes = [one for one in (ontology.classes if ontology else []) if one.skeleton is not None]
    alike = [one for one in classes if set(_joints(one)) == set(skeleton.joints)]
    made = next((one for one in alike if one.name == name), None)
    if made is None and len(alike) == 1:
        made = alike[0]
    if made is not None and made.skeleton is not None:
        places = {joint: at for at, joint in enumerate(skeleton.joints)}
        return Named(made.name, made.skeleton, [places[joint] for joint in _joints(made)])
    called = "animal" if _UNNAMED.fullmatch(name.strip()) else name
    return Named(called, skeleton, list(range(len(skeleton.joints))))


def _joints(made: ObjectClass) -> list[str]:
    return list(made.skeleton.joints) if made.skeleton is not None else []


def metadata_of(classes: Sequence[ObjectClass], provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file says of its skeletons."""
    nodes: dict[str, int] = {}
    skeletons = []
    for made in classes:
        assert made.skeleton is not None  # noqa: S101 - asked for by the caller
        ids = [nodes.setdefault(joint, len(nodes)) for joint in made.skeleton.joints]
        links = [
            {
                "edge_insert_idx": number,
                "key": 0,
                "source": ids[a],
                "target": ids[b],
                "type": {"py/id": 1}
                if number
                else {"py/reduce": [{"py/type": "sleap.skeleton.EdgeType"}, {"py/tuple": [_BODY]}]},
            }
            for number, (a, b) in enumerate(made.skeleton.edges)
        ]
        skeletons.append(
            {
                "directed": True,
                "graph": {"name": made.name, "num_edges_inserted": len(links)},
                "links": links,
                "multigraph": True,
                "nodes": [{"id": id} for id in ids],
            }
        )
    return {
        "version": "2.0.0",
        "skeletons": skeletons,
        "nodes": [{"name": name, "weight": 1.0} for name in nodes],
        "videos": [],
        "tracks": [],
        "suggestions": [],
        "negative_anchors": {},
        "provenance": dict(provenance),
    }
