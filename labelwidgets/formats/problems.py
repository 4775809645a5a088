"""Records of a label file that are wrong, raised or collected, and labels that do not fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import FormatError, LabelwidgetsError, OntologyError
from labelwidgets.formats.mending import hint_of, is_flat
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.unfit_answers import without_unfit_answers
from labelwidgets.schema.validity import check_annotation

if TYPE_CHECKING:
    import pandas as pd

_COLLECT = 'pass errors="collect" to leave it out.'
_COLLECT_ANSWER = 'Mend the answer, or pass errors="collect" to keep the label without it.'
COLUMNS = ("record", "id", "field", "reason")


@dataclass
class Problems:
    """What is wrong in one file.

    Parameters
    ----------
    file
        Its name as it is shown.
    collect
        Keep the problems instead of raising the first one.
    """

    file: str
    collect: bool
    rows: list[tuple[str, str | None, str, str]] = field(default_factory=list)
    _raised: LabelwidgetsError | None = None

    def add(self, record: str, id: Any, error: LabelwidgetsError) -> None:
        """Note that a record is left out, or raise.

        Parameters
        ----------
        record
            Its place in the file, such as ``annotations[12]``.
        id
            Its id, None where it is not known.
        error
            What is wrong; its `where` is the field.
        """
        name = None if id is None else str(id)[:80] or None
        if error is self._raised:
            # On its way out, past records that this one is in.
            raise error
        hint = hint_of(error)
        if not self.collect and not is_flat(error):
            place = [self.file, record if name is None else f"{record} (id {name})"]
            self._raised = FormatError(
                error.message,
                where=", ".join([*place, error.where] if error.where else place),
                hint=_with_collect(hint),
            )
            raise self._raised from None
        reason = f"{error.message} {hint}" if hint else error.message
        self.rows.append((record, name, error.where or "", reason))

    def fitted(
        self,
        annotation: Annotation,
        ontology: Ontology,
        size: tuple[int, int] | None,
        record: str,
        *,
        sound: bool = False,
    ) -> Annotation:
        """Return a label that fits its ontology and its picture.

        Answers that do not fit are problems of their own: where these are collected, the label
        stays, and they are kept with its origin (see `without_unfit_answers`).

        Parameters
        ----------
        annotation, ontology, size, sound
            As for `check_annotation`.
        record
            The place of the label in the file.

        Raises
        ------
        OntologyError, GeometryError
            Naming the field.
        """
        try:
            check_annotation(annotation, ontology, size, sound=sound)
            return annotation
        except OntologyError as error:
            if not self.collect:
                raise OntologyError(
                    error.message, where=error.where, hint=error.hint or _COLLECT_ANSWER
                ) from None
        made, left = without_unfit_answers(annotation, ontology)
        check_annotation(made, ontology, size, sound=sound)
        for wrong in left:
            self.rows.append((
                f"{record}, answer", made.id, wrong.where or "",
                f"{wrong.message} The label is kept without this answer, which its origin has.",
            ))  # fmt: skip
        return made

    def frame(self) -> pd.DataFrame:
        """Return the frame of what was left out: record, id, field, reason.

        Of an answer that was left out of a label the record ends with ``, answer``.
        """
        import pandas as pd

        return pd.DataFrame(self.rows, columns=list(COLUMNS), dtype=object)


def _with_collect(hint: str | None) -> str:
    """Return what to do about a record, which is always also to leave it out."""
    if not hint:
        return f"Mend the record, or {_COLLECT}"
    if "collect" in hint:
        return hint
    return f"{hint} Or {_COLLECT}"


@contextmanager
def naming(label: Annotation) -> Iterator[None]:
    """Put the label before the place of an error, which is one of the file then."""
    try:
        yield
    except LabelwidgetsError as error:
        place = f"annotation {label.id!r}"
        place = f"{place}, {error.where}" if error.where else place
        raise FormatError(error.message, where=place, hint=error.hint) from None
