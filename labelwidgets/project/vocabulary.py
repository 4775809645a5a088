"""What may be said, and what labellers are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from labelwidgets.project.base import ProjectBase
from labelwidgets.schema.growth import (
    rename_attribute,
    rename_class,
    rename_option,
    retire_attribute,
    retire_class,
)
from labelwidgets.schema.instructions import check_instructions
from labelwidgets.schema.ontology import (
    Attribute,
    ObjectClass,
    Ontology,
    WindowPreset,
    listed_classes,
)
from labelwidgets.workflow.growth import OntologyReport

if TYPE_CHECKING:
    from labelwidgets.widgets.ontology import OntologyBuilder

Vocabulary: TypeAlias = "Ontology | Mapping[str, Any] | Sequence[ObjectClass | str]"


class Wording(ProjectBase):
    """The ontology and the guide."""

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
            If one of the name is there already, or `classes` is no list.
        """
        more, asked, shown = listed_classes(classes), list(image_attributes), list(windows)
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
