"""What a person sees who has a page and no notebook: the widget, as large as the window.

It runs in a kernel that `labelwidgets page` has Voila start. Which project that is, and in which
role, comes from the environment of that kernel, which no message of a page can change.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from html import escape

import ipywidgets
from traitlets import HasTraits

from labelwidgets.errors import LabelwidgetsError, WorkflowError
from labelwidgets.project import Project
from labelwidgets.widgets.image import ImageAnnotator

PROJECT, ROLE, USER = "LABELWIDGETS_PROJECT", "LABELWIDGETS_ROLE", "LABELWIDGETS_USER"
WORK = "LABELWIDGETS_WORK"
KINDS = ("annotate", "review")


def show(environment: Mapping[str, str] = os.environ) -> HasTraits:
    """Return the widget of the page, at the next task of whoever it is.

    Parameters
    ----------
    environment
        ``LABELWIDGETS_PROJECT`` is the project's path or URL, ``LABELWIDGETS_WORK`` what is to be
        done (``annotate`` or ``review``), ``LABELWIDGETS_ROLE`` the role, by default that which
        the work needs, and ``LABELWIDGETS_USER`` who works, by default the hub's user, else the
        login name.

    Returns
    -------
    The annotator; or, where there is none to be had, the reason in words.
    """
    try:
        return _annotator(environment)
    except LabelwidgetsError as error:
        said = escape(str(error))
        reason = f'<p role="alert"><b>This page cannot be shown.</b> {said}</p>'
        shown: HasTraits = ipywidgets.HTML(reason)
        return shown


def _annotator(environment: Mapping[str, str]) -> ImageAnnotator:
    place, work = environment.get(PROJECT), environment.get(WORK) or KINDS[0]
    if not place:
        raise WorkflowError(
            "is not said.", where=PROJECT, hint="Start the page with: labelwidgets page PROJECT"
        )
    if work not in KINDS:
        raise WorkflowError(f"is {work[:80]!r} and must be annotate or review.", where=WORK)
    project = Project.open(place, user=environment.get(USER) or None)
    role = environment.get(ROLE) or None
    if work == "review":
        return ImageAnnotator(project.review_session(role=role or "reviewer"), height=None)
    return ImageAnnotator(project.session(role=role or "annotator"), height=None)
