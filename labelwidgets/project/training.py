"""What training code is handed: splits, training sets, and the record of what was trained on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pandas as pd

from labelwidgets.errors import WorkflowError
from labelwidgets.project.base import ProjectBase
from labelwidgets.schema.key_slices import is_key_slice
from labelwidgets.store.notes import SPLIT, TRAINED
from labelwidgets.workflow.gate import note
from labelwidgets.workflow.worklist import Query

if TYPE_CHECKING:
    from labelwidgets.training.choice import Choice
    from labelwidgets.training.records import Record
    from labelwidgets.training.splits import Split
    from labelwidgets.training.splitting import Shares
    from labelwidgets.training.torch_pictures import TorchPictures, TorchStream
    from labelwidgets.training.torch_volumes import TorchVolumes
    from labelwidgets.training.training_set import TrainingSet

# What `training_set` takes.
_OF_A_SET = ("states", "query", "classes", "frames", "unlabelled", "at")


class Training(ProjectBase):
    """From labels to a model."""

    def split(
        self,
        shares: Shares,
        by: str | None = None,
        stratify: bool = True,
        seed: int = 0,
        anew: bool = False,
    ) -> pd.DataFrame:
        """Split the items into parts, such as those to train with and those to test with.

        The split is kept in the project. Asked for again, what is in a part stays there, and new
        items are added.

        Parameters
        ----------
        shares
            The share of each part: ``{"train": 0.8, "val": 0.1, "test": 0.1}``.
        by
            What is never torn apart: ``"folder"``, another column of the items, or a name in
            their metadata, such as ``"patient_id"``. None: each item by itself, but for clips and
            frames of one video.
        stratify
            Each part gets its share of the labels of every class, by the labels of main tasks as
            they are now. Without, the part follows from the name of the group and the seed alone:
            the same on every machine and for all that is ever added, and shares are met as
            closely as chance has it.
        seed
            Another number gives another split.
        anew
            Put the split that there is aside. What was tested with may then be trained with.

        Returns
        -------
        pandas.DataFrame
            As `splits`.

        Raises
        ------
        WorkflowError
            If shares are not 1 in all, items lack what they are to be grouped by, there are fewer
            groups than parts, or the split that there is was made by other rules.
        """
        from labelwidgets.training.splits import make_split, payload_of, split_frame

        items, labels = self._store.items(), self._store.read_main()
        stored = self._split()
        before = None if anew else stored
        made = make_split(items, labels, shares, by, stratify, seed, before)
        if stored is None or made.hash != stored.hash:
            self._store.put_note(SPLIT, self.user, payload_of(made, stored, anew))
        return split_frame(made, items, labels)

    @property
    def splits(self) -> pd.DataFrame:
        """One row an item that is in a part of the split, in the order of the dataset.

        Columns: item_id, title, folder, group, part (string) and n_labels (int64). Empty before
        the first call of `split`.
        """
        from labelwidgets.training.splits import split_frame

        return split_frame(self._split(), self._store.items(), self._store.read_main())

    def training_set(
        self,
        part: str | None = None,
        *,
        states: str | Sequence[str] | None = ("done",),
        query: Query | None = None,
        classes: Sequence[str] | None = None,
        frames: str | int = "all",
        unlabelled: bool = False,
        at: datetime | str | None = None,
    ) -> TrainingSet:
        """Return pictures and labels to train with: for PyTorch and for other libraries.

        They are the labels of main tasks, read at one moment; what is labelled later changes
        nothing.

        Parameters
        ----------
        part
            Of the split; see `split`. None for all.
        states
            Of the tasks: those that are ``done`` by default, which in a workflow that ends with
            submitting are those that are submitted; None for all.
        query
            Which tasks, as for `annotate`: of a task that it is about all labels are taken.
        classes
            Only these, in the order of their numbers from 1; None for those of the ontology.
        frames
            Of tracks in videos: ``"all"`` frames on which they are seen, ``"keyframes"``, or every
            n-th.
        unlabelled
            Whether frames of videos and slices of scans without labels are samples too. Images
            without labels always are.
        at
            As it was at a moment; see `at`. None for now.

        Raises
        ------
        WorkflowError
            If there is no such state, part or task, or nothing is left.
        OntologyError
            If there is no such class.
        """
        from labelwidgets.training.choice import Choice

        done = self.workflow.finished
        choice = Choice.of(states, query, classes, part, frames, unlabelled, done)
        return self._training_set(choice, None if at is None else self._moment(at))

    def rebuild_training_set(self, record: Record | str | os.PathLike[str]) -> TrainingSet:
        """Return the training set that a record is of, as it was then, and prove that it is.

        Parameters
        ----------
        record
            What `record_run` returned, or the file that it wrote.

        Raises
        ------
        FormatError
            If it is no such record, or labels or pictures are not what they were, saying which.
        SourceError
            If a file is gone whose size is on record.
        """
        from labelwidgets.training.records import Record, read_record

        known = record if isinstance(record, Record) else read_record(record)
        made = self._training_set(known.choice, known.time)
        made.check(known)
        return made

    def record_run(
        self,
        training: TrainingSet,
        path: str | os.PathLike[str] | None = None,
        files: bool = False,
        **run: Any,
    ) -> Record:
        """Put on record what a model was trained on: in the project, and in a file beside it.

        Parameters
        ----------
        training
            What `training_set` returned.
        path
            Where the record is written as JSON, such as ``model.json``; None for nowhere.
        files
            Ask the stores for size and version of each file too, one request a file, so that one
            that was replaced is found out.
        **run
            What else is to be known: the model, its parameters, its metrics; as JSON can hold it.

        Raises
        ------
        WorkflowError
            If `training` is something else.
        SourceError
            If the file cannot be written, or with `files` one is not there.
        """
        if not hasattr(training, "record"):
            raise WorkflowError(
                f"must be a training set, not {type(training).__name__}.",
                where="training",
                hint="Pass what `training_set` returned, and what else is to be known by its name.",
            )
        record: Record = msgspec.structs.replace(training.record(files, **run), user=self.user)
        payload = msgspec.to_builtins(record)
        if path is not None:
            record.write(path)
        self._store.put_note(TRAINED, self.user, payload)
        return record

    @property
    def runs(self) -> pd.DataFrame:
        """One row for each time that `record_run` was called.

        Columns: recorded_at (datetime64[us, UTC]), user, part, label_version, data_hash (string),
        items, labels (int64) and run (dict: what was said of it).
        """
        rows = [
            {
                "recorded_at": one.time,
                "user": one.actor,
                "part": one.payload["choice"]["part"],
                **{name: one.payload[name] for name in ("label_version", "data_hash")},
                **{name: one.payload[name] for name in ("items", "labels")},
                "run": one.payload["run"],
            }
            for one in self._store.notes(TRAINED)
        ]
        kinds = {
            "recorded_at": "datetime64[us, UTC]",
            **dict.fromkeys(("user", "part", "label_version", "data_hash"), "string"),
            **dict.fromkeys(("items", "labels"), "int64"),
            "run": "object",
        }
        return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)

    def to_torch(
        self, part: str | None = None, **options: Any
    ) -> TorchPictures | TorchStream | TorchVolumes:
        """Return a dataset of PyTorch; pictures are read where they lie, as they are asked for.

        A sample is (image, target). The image is a `torchvision.tv_tensors.Image`, (3, H, W) uint8;
        of slices of scans (1, H, W) float32 in the unit of the scan. With ``volumes=True`` it is a
        whole scan, (1, D, H, W). It goes into a `DataLoader`
        with workers, forked or spawned; no key is sent to them.

        Parameters
        ----------
        part
            Of the split; None for all.
        **options
            ``states``, ``query``, ``classes``, ``frames``, ``unlabelled`` and ``at``: see
            `training_set`. And those of `TrainingSet.to_torch`: ``target``, ``transforms``,
            ``masks``, ``keypoints``, ``channels``, ``volumes``, ``iterable``, ``shuffle``, ``seed``
            and ``storage_options``.

        Raises
        ------
        MissingExtraError
            If torch and torchvision are not installed.
        WorkflowError, OntologyError
            See `training_set`.

        Examples
        --------
        >>> train = project.to_torch("train", transforms=transforms)
        >>> loader = DataLoader(train, 4, num_workers=2, collate_fn=train.collate)
        """
        own = {name: options.pop(name) for name in tuple(options) if name in _OF_A_SET}
        return self.training_set(part, **own).to_torch(**options)

    def _training_set(self, choice: Choice, at: datetime | None) -> TrainingSet:
        from labelwidgets.training.splits import Split
        from labelwidgets.training.training_set import TrainingSet

        moment = self._store.moment(SPLIT, at, frames=isinstance(choice.query, str))
        moment = moment._replace(
            tasks=self._seen(moment.tasks, "id"), labels=self._seen_records(moment.labels)
        )
        split = Split.of(one.payload for one in moment.notes)
        chosen = choice.items(moment, split, self.workflow.states | set(moment.tasks["state"]))
        names = choice.class_names(moment.ontology)
        wanted = set(chosen)
        items = self._store.items()
        note(items=len(chosen))
        return TrainingSet(
            project=self._store.uid,
            name=self.name,
            user=self.user,
            time=moment.time,
            choice=choice,
            classes=names,
            ontology=moment.ontology,
            items=items[items["id"].isin(wanted)].reset_index(drop=True),
            labels=[
                one
                for one in moment.labels
                if one.item_id in wanted
                and (one.class_name is None or one.class_name in names or is_key_slice(one))
            ],
            split=split,
            dataset=self.dataset,
        )

    def _split(self) -> Split | None:
        from labelwidgets.training.splits import Split

        return Split.of(note.payload for note in self._store.notes(SPLIT))
