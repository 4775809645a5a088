"""What labels may be, and what labellers are told."""

from __future__ import annotations

from collections.abc import Callable

from labelwidgets.schema.ontology import Ontology
from labelwidgets.store import log
from labelwidgets.store.brought import Brought, read_brought
from labelwidgets.store.database import Database
from labelwidgets.store.instructions import put_instructions, read_instructions, read_number
from labelwidgets.store.ontologies import (
    ASKED_RULES,
    Changed,
    Rules,
    change_ontology,
    read_hash,
    read_ontologies,
    read_ontology,
    rules_of,
)
from labelwidgets.store.statements import read
from labelwidgets.store.usage import Usage, read_usage


class Rulebook(Database):
    """Ontology, workflow and instructions, as they are now and were."""

    def rules(self) -> Rules:
        """Return what edits are judged by, in one trip to the database."""
        with self.glancing() as connection:
            return rules_of(read(connection, ASKED_RULES)[0])

    def workflow_text(self) -> str:
        """Return the workflow as it is now, as JSON: cheap enough to ask before every move."""
        return self.rules().workflow

    def ontology_hash(self) -> str:
        """Return the hash of the current ontology: cheap enough to ask before every edit."""
        return self.rules().ontology

    def ontology(self) -> Ontology:
        """Return the current ontology."""
        with self.reading() as connection:
            return read_ontology(connection)

    def ontologies(self) -> list[Ontology]:
        """Return all ontologies that there were, the current one first."""
        with self.reading() as connection:
            return read_ontologies(connection)

    def brought(self, actor: str, gesture: str) -> Brought | None:
        """Return what a gesture of a person made of the ontology; None if it let it be."""
        with self.reading() as connection:
            return read_brought(connection, actor, gesture)

    def change_ontology(
        self, change: Callable[[Ontology], Ontology], actor: str, *, dry: bool = False
    ) -> Changed:
        """Replace the ontology by what `change` makes of the current one, in one transaction.

        See `labelwidgets.store.ontologies.change_ontology`.

        Raises
        ------
        OntologyError
            If labels have a class or a question that the new one lacks, or would not fit it.
        """
        with self.writing() as connection:
            return change_ontology(connection, change, actor, dry=dry)

    def usage(self) -> Usage:
        """Return how many labels there are of each class, question and option."""
        with self.reading() as connection:
            return read_usage(connection)

    def said(self) -> tuple[str, int]:
        """Return the hash of the ontology and the number of the instructions, 0 for none."""
        with self.reading() as connection:
            return read_hash(connection), read_number(connection)

    def instructions(self) -> str:
        """Return what labellers are told, as Markdown; empty for nothing."""
        with self.reading() as connection:
            return read_instructions(connection)

    def put_instructions(self, text: str, actor: str) -> None:
        """Replace what labellers are told; the text before stays on record."""
        with self.writing() as connection:
            put_instructions(connection, log.take_head(connection), text, actor)
