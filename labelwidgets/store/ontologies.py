"""The ontologies of a store: the newest is current, the older ones stay on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from labelwidgets.errors import OntologyError
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.changes import Change, compare, inherit
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import IMAGE, Renames, questions
from labelwidgets.store import log
from labelwidgets.store.faults import DamagedRecordError
from labelwidgets.store.records import to_text
from labelwidgets.store.statements import Statement, Values
from labelwidgets.store.tables import labels, meta, ontologies
from labelwidgets.store.usage import Usage, keypoints_of, read_usage

_decode = msgspec.json.Decoder(dict[str, AttributeValue]).decode


class Changed(NamedTuple):
    """What became of an ontology.

    Parameters
    ----------
    before, after
        The ontology.
    changes
        Each change, with the number of labels that it is about.
    """

    before: Ontology
    after: Ontology
    changes: list[tuple[Change, int]]


def read_hash(connection: Connection) -> str:
    """Return the hash of the current ontology."""
    query = select(ontologies.c.hash).order_by(ontologies.c.number.desc()).limit(1)
    return str(connection.execute(query).scalar_one())


class Rules(NamedTuple):
    """What edits are judged by.

    Parameters
    ----------
    ontology
        The hash of the current one.
    workflow
        The workflow as JSON.
    """

    ontology: str
    workflow: str


# To be read with other things in one trip, see `rules_of`.
ASKED_RULES: tuple[Statement, Values] = (
    Statement(
        lambda sqlite: select(
            select(ontologies.c.hash)
            .order_by(ontologies.c.number.desc())
            .limit(1)
            .scalar_subquery()
            .label("ontology"),
            meta.c.workflow,
        )
    ),
    {},
)


def rules_of(rows: Sequence[Mapping[str, Any]]) -> Rules:
    """Return the rules from the one row of `ASKED_RULES`."""
    if not rows or rows[0]["ontology"] is None:
        raise DamagedRecordError("the ontology is missing.")
    return Rules(rows[0]["ontology"], rows[0]["workflow"])


def read_ontology(connection: Connection, until: int | None = None) -> Ontology:
    """Return the current ontology, or that of a moment in microseconds."""
    query = select(ontologies.c.json).order_by(ontologies.c.number.desc()).limit(1)
    if until is not None:
        query = query.where(ontologies.c.created <= until)
    return _read(connection.execute(query).scalar_one())


def read_ontologies(connection: Connection) -> list[Ontology]:
    """Return all ontologies that there were, the current one first."""
    query = select(ontologies.c.json).order_by(ontologies.c.number.desc())
    return [_read(text) for text in connection.execute(query).scalars()]


def _read(text: str) -> Ontology:
    try:
        return Ontology.from_json(text)
    except OntologyError as error:
        raise DamagedRecordError(f"the ontology cannot be read ({error}).") from error


def put_ontology(
    connection: Connection,
    head: log.Head,
    ontology: Ontology,
    actor: str,
    renames: Renames | None = None,
    gesture: str | None = None,
) -> log.Head:
    """Make an ontology the current one, and return the new head of the log.

    The event has the names that became others; a replay reads the labels before it by them. It
    also has the gesture whose labels it came with.
    """
    connection.execute(
        insert(ontologies).values(
            hash=ontology.hash, json=ontology.to_json(), created=head.moment, actor=actor
        )
    )
    payload: dict[str, Any] = {"after": {"hash": ontology.hash}}
    if renames:
        payload["renames"] = msgspec.to_builtins(renames)
    if gesture is not None:
        payload["gesture"] = gesture
    return log.append(connection, head, "ontology", actor, payload)


def change_ontology(
    connection: Connection,
    change: Callable[[Ontology], Ontology],
    actor: str,
    *,
    dry: bool = False,
    gesture: str | None = None,
) -> Changed:
    """Replace the ontology by what `change` makes of the current one.

    Labels of what was renamed get its new name, in the same transaction; their revisions stay,
    so that edits on their way to the store still arrive. Options that are taken out are retired
    if an answer has them.

    Parameters
    ----------
    dry
        Only say what would change.
    gesture
        That of the labels which come with it; to take them back is to take it back, too.

    Raises
    ------
    OntologyError
        If labels have a class or a question that the new ontology lacks, or would not fit it.
    """
    head = log.take_head(connection)
    before = read_ontology(connection)
    wanted = change(before)
    if wanted.hash == before.hash:
        return Changed(before, before, [])
    after = inherit(before, wanted)
    found = compare(before, after)
    # What was only added has no labels to count.
    only_more = all(one.kind == "added" for one in found.changes)
    usage = Usage({}, ()) if only_more else read_usage(connection)
    after = _without_unused_options(before, wanted, after, usage, found.renames)
    found = compare(before, after)
    counted = [(one, _count(one, usage, found.renames)) for one in found.changes]
    _check_labels_fit(connection, counted)
    if not dry and after.hash != before.hash:
        put_ontology(connection, head, after, actor, found.renames, gesture)
        rename_labels(connection, found.renames)
    return Changed(before, after, counted)


def _count(change: Change, usage: Usage, renames: Renames) -> int:
    """Return how many labels a change is about; they have the old names still."""
    owner = _former(renames.classes, change.class_name)
    attribute, option = change.attribute, change.option
    if attribute is not None and option is not None:
        option = _former(renames.options.get(change.class_name, {}).get(attribute, {}), option)
    if attribute is not None:
        attribute = _former(renames.attributes.get(change.class_name, {}), attribute)
    old = msgspec.structs.replace(change, attribute=attribute, option=option)
    return usage.of(old, owner)


def _former(names: Mapping[str, str], current: str) -> str:
    return next((old for old, new in names.items() if new == current), current)


def _check_labels_fit(connection: Connection, counted: list[tuple[Change, int]]) -> None:
    for change, count in counted:
        if change.kind == "recast" and change.attribute is None:
            count = keypoints_of(connection, change.class_name)
        if not count or change.kind not in ("removed", "recast"):
            continue
        some = f"{count:,} label{'s have' if count > 1 else ' has'} it"
        if change.kind == "removed":
            raise OntologyError(
                f"is missing in the new ontology, and {some}.",
                where=change.what,
                hint="Retire it instead (retired=True): it is no longer offered, "
                "and its labels stay. If it was renamed, keep its old name in `formerly`.",
            )
        raise OntologyError(
            f"cannot change its kind any more: {some}.",
            where=change.what,
            hint="Retire it, and add a new one.",
        )


def _without_unused_options(
    before: Ontology, wanted: Ontology, after: Ontology, usage: Usage, renames: Renames
) -> Ontology:
    """Take those retired options out again that no answer has, and nobody retired by name."""
    known, said = questions(before), questions(wanted)

    def asked(owner: str, attributes: Any) -> Any:
        was = _former(renames.classes, owner)
        names = renames.attributes.get(owner, {})
        made = []
        for one in attributes:
            retired = getattr(one, "retired_options", [])
            if retired:
                former = _former(names, one.name)
                old = next((it for it in known.get(was, ()) if it.name == former), None)
                now = next((it for it in said.get(owner, ()) if it.name == one.name), None)
                offered = set(getattr(old, "options", []))
                offered -= set(getattr(now, "retired_options", []))
                kept = [
                    option
                    for option in retired
                    if option not in offered or usage.options[was, former, option]
                ]
                one = msgspec.structs.replace(one, retired_options=kept)
            made.append(one)
        return made

    classes = [
        msgspec.structs.replace(one, attributes=asked(one.name, one.attributes))
        for one in after.classes
    ]
    return Ontology(classes, asked(IMAGE, after.image_attributes), after.windows)


def rename_labels(connection: Connection, renames: Renames) -> None:
    """Give labels, deleted ones too, the names that things are called now."""
    if not renames:
        return
    if renames.classes:
        # All at once, since two classes may have swapped their names.
        query = select(labels.c.id, labels.c.class_name).where(
            labels.c.class_name.in_(list(renames.classes))
        )
        rows = [
            {"of_id": name, "to": renames.classes[old]} for name, old in connection.execute(query)
        ]
        if rows:
            statement = update(labels).where(labels.c.id == bindparam("of_id"))
            connection.execute(statement.values(class_name=bindparam("to")), rows)
    rows = []
    for owner in {*renames.attributes, *renames.options}:
        of_owner = labels.c.class_name.is_(None) if owner == IMAGE else labels.c.class_name == owner
        query = select(labels.c.id, labels.c.attributes).where(
            of_owner, labels.c.attributes != "{}"
        )
        for name, text in connection.execute(query):
            made = to_text(renames.answers(owner or None, _decode(text)))
            if made != text:
                rows.append({"of_id": name, "to": made})
    if rows:
        statement = update(labels).where(labels.c.id == bindparam("of_id"))
        connection.execute(statement.values(attributes=bindparam("to")), rows)


def wider(old: Ontology, new: Ontology) -> Ontology:
    """Return the one of two ontologies that has all the names of the other in it.

    If they have the same names, that is the new one: with other colours, say. Where the new one
    has names that were others since, it adds to the old one and changes nothing of it.

    Raises
    ------
    OntologyError
        If each lacks something of the other.
    """
    before, after = _names(old, old), _names(new, old)
    if before <= after:
        return new if _names(new, new) == after else joined(old, new)
    if after <= before:
        return old
    raise OntologyError(
        f"lacks {min(before - after)}, which the project has.",
        where="ontology",
        hint="Open the project with Project.open, and add to it with Project.extend.",
    )


def joined(old: Ontology, new: Ontology) -> Ontology:
    """Return an ontology with what `new` has and `old` lacks at its end."""
    asked = {name for made in old.image_attributes for name in (made.name, *made.formerly)}
    shown = {made.name.casefold() for made in old.windows}
    return old.extend(
        [made for made in new.classes if made.name not in old],
        [made for made in new.image_attributes if made.name not in asked],
        [made for made in new.windows if made.name.casefold() not in shown],
    )


def _names(ontology: Ontology, current: Ontology) -> set[str]:
    """Return the names of an ontology, as `current` calls them."""
    renames = Renames.of(current)
    image = renames.attributes.get(IMAGE, {})
    names = {
        f"the image attribute {image.get(made.name, made.name)!r}"
        for made in ontology.image_attributes
    }
    names |= {f"the window {one.name!r}" for one in ontology.windows}
    for made in ontology.classes:
        owner = renames.classes.get(made.name, made.name)
        asked = renames.attributes.get(owner, {})
        names.add(f"the class {owner!r}")
        names |= {
            f"the attribute {asked.get(one.name, one.name)!r} of {owner!r}"
            for one in made.attributes
        }
    return names
