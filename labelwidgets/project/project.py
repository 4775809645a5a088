"""A project: dataset, ontology, workflow and store; what a notebook holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from inspect import signature
from typing import TYPE_CHECKING, Any

import pandas as pd

from labelwidgets.errors import SourceError
from labelwidgets.media import Dataset, UrlPolicy
from labelwidgets.media.option_names import check_names
from labelwidgets.numbered import numbered
from labelwidgets.project.evaluating import Evaluating
from labelwidgets.project.exchange import Exchange
from labelwidgets.project.frames import InTime
from labelwidgets.project.golden import Golden
from labelwidgets.project.keeping import Keeping
from labelwidgets.project.leading import Leading
from labelwidgets.project.measuring import Measuring
from labelwidgets.project.people import Peopled
from labelwidgets.project.pictures import InPictures
from labelwidgets.project.predicting import Predicting
from labelwidgets.project.reviewing import Reviewing
from labelwidgets.project.sharing import Sharing
from labelwidgets.project.showing import Showing
from labelwidgets.project.training import Training
from labelwidgets.project.vocabulary import Vocabulary
from labelwidgets.project.work import Working
from labelwidgets.schema.instructions import check_instructions
from labelwidgets.schema.mode import Mode
from labelwidgets.schema.ontology import Attribute, Ontology
from labelwidgets.store.location import Location
from labelwidgets.store.ontologies import joined, wider
from labelwidgets.store.store import Store
from labelwidgets.workflow.gate import guarded
from labelwidgets.workflow.overlap import opinions_of_items
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.presets import maker_only
from labelwidgets.workflow.scratch import scratch_path
from labelwidgets.workflow.stages import Workflow
from labelwidgets.workflow.summary import summary
from labelwidgets.workflow.team import People, add_people, people_of, person_of_login
from labelwidgets.workflow.worklist import Query, work_list

if TYPE_CHECKING:
    from labelwidgets.media.gathering import Source
    from labelwidgets.widgets.dashboard import Dashboard
    from labelwidgets.widgets.image import ImageAnnotator
    from labelwidgets.widgets.task_viewer import TaskViewer


@guarded("Project")
class Project(
    Exchange,
    InPictures,
    InTime,
    Working,
    Reviewing,
    Leading,
    Predicting,
    Sharing,
    Measuring,
    Evaluating,
    Showing,
    Golden,
    Training,
    Peopled,
    Keeping,
):
    """Labels of a dataset, and all the work on them; made by `create` or `open`.

    Every change is durable when the call returns. May be used in a `with` statement.

    As soon as it has people (`add_person`), each may do what their role may: see `rights`.
    """

    @classmethod
    def create(
        cls,
        path_or_url: str | os.PathLike[str],
        dataset: Dataset,
        ontology: Vocabulary,
        workflow: Workflow | None = None,
        name: str | None = None,
        user: str | None = None,
        exist_ok: bool = False,
        instructions: str | None = None,
        people: People | None = None,
    ) -> Project:
        """Make a new project.

        Parameters
        ----------
        path_or_url
            A file, such as ``cars.db``: SQLite, on a disk of this machine.
        dataset
            What is to be labelled. The data stay where they are.
        ontology
            What may be said: an `Ontology`, its dict, or a list of classes or their names.
        workflow
            Who may do what when; `maker_only()` if None.
        name
            By default that of the file.
        user
            Who works; by default the hub's user, else the login name.
        exist_ok
            Open the project if it is there already. New items of the dataset become tasks,
            and an ontology with more in it becomes the current one; so that a notebook can
            run from the top again. Who is no admin of it opens it as it is.
        instructions
            What labellers are told, in Markdown; see `instructions`. None leaves those of a
            project that is there.
        people
            Who may do what: a dict from names to roles, or a frame as `people` of another project
            has it; see `add_people`. None leaves a new project free to everybody.

        Raises
        ------
        StoreError
            If something lies at the path: it is never overwritten.
        OntologyError
            With `exist_ok`, if the ontology and that of the project contradict each other.
        """
        user, ontology = current_user(user), Ontology.of(ontology)
        told = check_instructions(instructions)
        wanted = None if people is None else people_of(people)
        items = _dataset_items(dataset)
        location = Location.of(path_or_url)
        if exist_ok and location.exists():
            project = cls(Store.open(path_or_url), user, dataset, {})
            try:
                project._gate.open()
                if project.role not in (None, "admin"):
                    # What is new is for an admin to take in.
                    return project
                project._store.change_ontology(lambda old: wider(old, ontology), user)
                project._take(items)
                if instructions is not None:
                    project.instructions = told
                if wanted is not None:
                    add_people(project._store, user, wanted, anew=False)
                project._follow(dataset, len(items))
            except BaseException:
                project.close()
                raise
            return project
        workflow = workflow or maker_only()
        store = Store.create(
            path_or_url,
            ontology=ontology,
            items=items,
            workflow=workflow.to_dict(),
            initial=workflow.initial,
            actor=user,
            name=name,
            instructions=told,
            opinions=opinions_of_items(workflow),
        )
        project = cls(store, user, dataset, {})
        if wanted is not None:
            add_people(store, user, wanted, anew=False)
        project._follow(dataset, len(items))
        return project

    def _take(self, items: pd.DataFrame) -> None:
        """Take in new items: each with its task, or tasks where several people label it."""
        workflow = self.workflow
        opinions = opinions_of_items(workflow)
        self._store.add_items(items, workflow.initial, self.user, opinions)

    def _follow(self, dataset: Dataset, taken: int) -> None:
        """Take in what comes while a dataset is still being listed."""

        def take(items: pd.DataFrame) -> None:
            items = _with_errors(items, dataset.errors)
            self._take(items)

        self._end_following = dataset.follow(take, taken)

    @classmethod
    def open(
        cls,
        path_or_url: str | os.PathLike[str],
        user: str | None = None,
        dataset: Dataset | None = None,
        policy: UrlPolicy | None = None,
        **storage_options: Any,
    ) -> Project:
        """Open a project.

        Parameters
        ----------
        path_or_url
            The file.
        user
            Who works; by default the hub's user, else the login name. Behind the walls of a
            PostgreSQL project it is the person of the login.
        dataset
            Where pixels come from; None reads them where they lay when the project was made.
        policy
            What URLs may name that data files gave; the default one where None.
        **storage_options
            For fsspec: keys, endpoints. They are kept in memory only.

        Raises
        ------
        NotAStoreError, StoreVersionError, StoreLockedError, StoreReadOnlyError
            Naming the path and what to do.
        RightsError
            If the project has people, and the user is none of them.
        """
        known = [*signature(cls.open).parameters, *signature(Dataset.from_items).parameters]
        check_names(storage_options, known)
        options = {**storage_options, "policy": policy}
        if user is not None:
            current_user(user)
        store = Store.open(path_or_url)
        try:
            user = current_user(person_of_login(store, user))
        except BaseException:
            store.close()
            raise
        project = cls(store, user, dataset, options)
        try:
            project._gate.open()
        except BaseException:
            project.close()
            raise
        return project

    def __repr__(self) -> str:
        counts = self._store.counts()
        return (
            f"Project({self.name!r}, {numbered(sum(counts['states'].values()), 'task')}, "
            f"{numbered(sum(counts['classes'].values()), 'annotation')})"
        )

    def _repr_html_(self) -> str:
        counts = self._store.counts()
        classes = {made.name: 0 for made in self.ontology.classes} | counts["classes"]
        place = str(self._store.location)
        return summary(self.name, place, self.user, counts["states"], classes)

    def annotate(
        self,
        query: Query | None = None,
        task: str | None = None,
        mode: Mode | None = None,
        **options: Any,
    ) -> ImageAnnotator:
        """Return the widget to label with, at the next task in my queue.

        Parameters
        ----------
        query
            The work list: an expression such as ``"class_name == 'car' and area < 50"``
            (over `tasks` if it names columns of that frame alone, else over `annotations`),
            a part of either frame, or a list of task ids. None is the whole queue.
        task
            The task to begin with.
        mode
            What is asked for: ``segmentation`` (shapes, no questions about the image),
            ``classification`` (those questions and tags, by the keyboard alone) or ``both``;
            None for what the ontology implies.
        **options
            Of `ImageAnnotator`; with `window` or `layout` it is a `DicomAnnotator`, with `frame`,
            `speed` or `tracking` a `VideoAnnotator`.
        """
        return self._widget(self.session(query, mode=mode), task, options)

    def dashboard(self) -> Dashboard:
        """Return how the project goes, as a widget: stages, people, pace, and what is left."""
        from labelwidgets.widgets.dashboard import Dashboard

        return Dashboard(self)

    def view(self, query: str | None = None) -> TaskViewer:
        """Return all tasks as a widget of small pictures; a click opens one.

        Parameters
        ----------
        query
            Which tasks are shown at first: an expression as for `annotate`; None for all.
        """
        from labelwidgets.widgets.task_viewer import TaskViewer

        return TaskViewer(self, lambda asked: work_list(self._store, asked), query)


def _dataset_items(dataset: Dataset) -> pd.DataFrame:
    if not isinstance(dataset, Dataset):
        raise SourceError(
            f"must be a Dataset, not {type(dataset).__name__}.",
            where="dataset",
            hint="Make one with Dataset.open.",
        )
    return _with_errors(dataset.items, dataset.errors)


def _with_errors(items: pd.DataFrame, errors: pd.DataFrame) -> pd.DataFrame:
    reasons = dict(zip(errors["id"], errors["reason"], strict=True))
    items["error"] = pd.Series([reasons.get(name) for name in items["id"]], dtype=object)
    return items


def annotate(
    source: Source | Dataset,
    classes: Vocabulary = (),
    image_attributes: Iterable[Attribute] = (),
    user: str | None = None,
    storage_options: Mapping[str, Any] | None = None,
    **options: Any,
) -> ImageAnnotator:
    """Label one image or a few without making a project.

    The labels are kept in a project in the user's data folder, so that the same call shows
    them again tomorrow. Classes may be added from call to call.

    Parameters
    ----------
    source
        As for `Dataset.open`, or a dataset.
    classes
        An ontology, or a list of classes or their names.
    image_attributes
        Questions about each image.
    user
        Who works; by default the hub's user, else the login name.
    storage_options
        For fsspec: keys, endpoints. They are kept in memory only.
    **options
        Of `ImageAnnotator`.

    Returns
    -------
    ImageAnnotator
        Its `annotations` is a frame.
    """
    dataset = source
    if not isinstance(dataset, Dataset):
        dataset = Dataset.open(dataset, **(storage_options or {}))
    wanted = Ontology.of(classes).extend((), image_attributes)
    path = scratch_path(dataset.items["id"])
    if path.exists():
        project = Project.open(path, user, dataset)
        project._store.change_ontology(lambda old: joined(old, wanted), project.user)
    else:
        project = Project.create(path, dataset, wanted, name="scratch", user=user)
    return project.annotate(**options)
