"""A project: dataset, ontology, workflow and store; what a notebook holds."""

from labelwidgets.project.project import Project, annotate

__all__ = ["Project", "annotate"]
