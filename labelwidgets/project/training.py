"""What training code is handed: splits, training sets, and the record of what was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from labelwidgets.project.base import ProjectBase
from labelwidgets.store.notes import SPLIT

if TYPE_CHECKING:
    from labelwidgets.training.splits import Split
    from labelwidgets.training.splitting import Shares


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

    def _split(self) -> Split | None:
        from labelwidgets.training.splits import Split

        return Split.of(note.payload for note in self._store.notes(SPLIT))
