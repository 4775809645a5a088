"""The store of a project: every label, and everything that ever happened to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from labelwidgets.schema.annotation import Annotation, OriginKind
from labelwidgets.schema.issue import Issue, NewIssue
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import Renames
from labelwidgets.schema.verdict import Opinion, Verdict
from labelwidgets.store import (
    gold_tasks,
    history,
    late,
    leases,
    log,
    moving,
    navigator,
    queue,
    task_items,
)
from labelwidgets.store import issues as talk
from labelwidgets.store.access import put_access
from labelwidgets.store.among import Among, Sight
from labelwidgets.store.arrival import take_in
from labelwidgets.store.claims import Wanted
from labelwidgets.store.clock import from_datetime
from labelwidgets.store.edits import Applied, Check, Edit, Outcome
from labelwidgets.store.first_labels import (
    read_deleted_by_hand,
    read_first,
    read_from_pages,
    read_touched,
)
from labelwidgets.store.golden import read_golden
from labelwidgets.store.hands import Hand, read_hands
from labelwidgets.store.instructions import put_instructions, read_instructions, read_number
from labelwidgets.store.intake import Opinions, add_items
from labelwidgets.store.leaving import change_team
from labelwidgets.store.location import Location
from labelwidgets.store.migrations import Migration
from labelwidgets.store.more_tasks import Plan, add_beside
from labelwidgets.store.moves import (
    Decide,
    Move,
    find_siblings,
    find_task,
    read_annotations,
    read_largest,
    read_named,
)
from labelwidgets.store.news import News
from labelwidgets.store.notes import Note, put_note, read_notes
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
from labelwidgets.store.opened import Opened, read_opened
from labelwidgets.store.people import (
    ChangePeople,
    Person,
    Standing,
    read_maker,
    read_people,
    read_standing,
)
from labelwidgets.store.records import Held
from labelwidgets.store.reversal import read_reversal
from labelwidgets.store.seen_frames import put_seen_frames, read_seen_frames
from labelwidgets.store.statements import read
from labelwidgets.store.table_frames import TableFrames
from labelwidgets.store.usage import Usage, read_counts, read_usage
from labelwidgets.store.verdicts import read_handed_in, read_opinions, read_verdicts
from labelwidgets.store.waiting import count_waiting
from labelwidgets.store.watch import Observer, Observers

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.store.moment import Moment
    from labelwidgets.store.snapshot import Snapshot


class Store(TableFrames):
    """The tables of one project; make one with `create` or `open`.

    A store may be used from several threads, and by several processes at once. Each method is one
    transaction, whose work is done in a room of its own.
    """

    def __init__(
        self, location: Location, wait: float, migrations: Mapping[int, Migration], newest: int
    ) -> None:
        super().__init__(location, wait, migrations, newest)
        self._news = News(self)
        self._observers = Observers()

    # Edits

    def apply(
        self,
        edits: Sequence[Edit],
        actor: str,
        client: str | None = None,
        check: Check | None = None,
        authors: Mapping[str, str] | None = None,
        within: Container[str] | None = None,
        renames: Renames | None = None,
        rules: Rules | None = None,
        growth: Callable[[Ontology], Ontology] | None = None,
    ) -> list[Outcome]:
        """Apply edits in one transaction, durable when this returns.

        Parameters
        ----------
        edits
            A gesture's edits are applied all or none; edits with an id that was applied
            before are acknowledged again and change nothing.
        actor
            Who makes them.
        client
            From which view.
        check
            Called for each edit that would be applied; raises `WorkflowError` for what is
            forbidden and another `LabelwidgetsError` for what is invalid.
        authors
            Authors of created annotations by id, where it is not the actor (an import).
        within
            Ids of the only tasks that may be edited; outcomes show nothing of others.
        renames
            Former names, which edits may still have.
        rules
            What `check` and `renames` are made from.
        growth
            What the ontology becomes with the edits, in the same transaction; where none of them
            is applied, it stays as it is.

        Returns
        -------
        list of Applied or Refused
            One for each edit, in their order.

        Raises
        ------
        StoreLockedError, StoreFullError, StoreReadOnlyError
            In which case nothing was applied.
        RulesMovedError
            If `rules` are no longer the current ones; nothing was applied.
        """
        edits = list(edits)
        if not edits:
            return []
        self.make_ready()
        with self.writing() as connection:
            outcomes, applied = take_in(
                connection, edits, actor, client, check, authors, within, renames, rules, growth
            )
        if applied:
            self._observers.tell(applied)
        return outcomes

    def changes(self, after_seq: int) -> list[Applied]:
        """Return the edits of any process that were applied after a sequence number."""
        return self._news.edits(after_seq)

    def issues_since(self, after_seq: int) -> tuple[list[Issue], int]:
        """Return issues that anybody said something of since, as they are now, and the last seq."""
        return self._news.issues(after_seq)

    def last_seq(self) -> int:
        """Return the sequence number of the last event."""
        with self.reading() as connection:
            return log.last_seq(connection)

    def subscribe(self, callback: Observer) -> Callable[[], None]:
        """Call back with the edits that this object applies, after each commit.

        Returns
        -------
        callable
            Ends the subscription.
        """
        return self._observers.add(callback)

    # Tasks

    def move(self, task_id: str, actor: str, decide: Decide) -> dict[str, Any]:
        """Move a task in one transaction, and return it as it is then.

        Parameters
        ----------
        task_id
            Which.
        actor
            Who moves it.
        decide
            Called with the task and a function that gets its annotations; returns the
            move, or None to leave the task, or raises.

        Raises
        ------
        WorkflowError
            If there is no such task, or as `decide` raises it.
        """
        return moving.move(self, task_id, actor, decide)

    def move_all(self, task_ids: Sequence[str], actor: str, decide: Decide) -> int:
        """Move tasks in one transaction, all or none, and return how many moved; see `move`."""
        with self.writing() as connection:
            return moving.move_all(connection, task_ids, actor, decide)

    def add_beside(
        self,
        main_ids: Sequence[str],
        actor: str,
        plan: Plan,
        move: Decide,
        note: Mapping[str, Any],
    ) -> int:
        """Add tasks beside main tasks, in one transaction, and return how many.

        See `labelwidgets.store.more_tasks.add_beside`.
        """
        with self.writing() as connection:
            return add_beside(connection, main_ids, actor, plan, move, note)

    def put_workflow(
        self, change: Callable[[str], tuple[str, Mapping[str, Move]]], actor: str
    ) -> None:
        """Replace the workflow in one transaction, and move tasks with it.

        Parameters
        ----------
        change
            From the workflow as JSON to the new one, and moves of tasks by their ids.
        actor
            Who does it.
        """
        with self.writing() as connection:
            moving.put_workflow(connection, change, actor)

    def claim(
        self,
        actor: str,
        active: Sequence[str],
        waiting: Sequence[str],
        decide: Decide,
        within: Collection[str] | None = None,
        but: Collection[str] = (),
        among: Among | None = None,
    ) -> dict[str, Any] | None:
        """Move the next task of a person, that nobody else can take at the same moment.

        See `labelwidgets.store.queue.ways` for which that is.

        Returns
        -------
        dict or None
            The task as it is then; None if none is left.
        """
        wanted = Wanted(actor, active, waiting, within, but, among or Among())
        return moving.claim(self, wanted, decide)

    def renew(self, task_id: str, actor: str, lease_seq: int | None = None) -> bool:
        """Show a sign of life: a task stays this person's for another ten minutes.

        Parameters
        ----------
        task_id
            Which.
        actor
            Whose it is.
        lease_seq
            Of the claim, as in the row of the task; None for whichever the person has.

        Returns
        -------
        bool
            False if it is no longer this person's, or not by that claim.
        """
        with self.writing() as connection:
            return leases.renew(connection, task_id, actor, lease_seq)

    def opened(self, task_id: str, actor: str) -> Opened:
        """Return all that is to be seen of a task at one moment.

        Parameters
        ----------
        task_id
            Which.
        actor
            Whose undo and redo stacks come along.

        Raises
        ------
        WorkflowError
            If there is no such task.
        """
        with self.reading() as connection:
            return read_opened(connection, task_id, actor)

    def largest(self, task_id: str, most: int) -> tuple[list[Annotation], int]:
        """Return the largest shapes of a task and its tags, and how many shapes it has."""
        with self.reading() as connection:
            return read_largest(connection, task_id, most)

    def task(self, task_id: str) -> dict[str, Any]:
        """Return one task; `WorkflowError` if there is no such."""
        with self.reading() as connection:
            return find_task(connection, task_id)

    def page(
        self,
        folder: str | None = None,
        within: Collection[str] | None = None,
        offset: int = 0,
        limit: int = 200,
        sight: Sight | None = None,
    ) -> tuple[list[dict[str, Any]], int]:
        """Return one page of tasks for a navigator, and how many there are in all."""
        with self.reading() as connection:
            return navigator.read_page(connection, folder, within, offset, limit, sight)

    def folders(
        self, within: Collection[str] | None = None, sight: Sight | None = None
    ) -> list[dict[str, Any]]:
        """Return the folders, each with `folder`, `total` and the counts by state in `states`."""
        with self.reading() as connection:
            return navigator.read_folders(connection, within, sight)

    def neighbour(
        self,
        task_id: str,
        step: int,
        within: Collection[str] | None = None,
        sight: Sight | None = None,
    ) -> str | None:
        """Return the task `step` places on in the order of the dataset, None beyond the ends."""
        if step == 0:
            return task_id
        with self.reading() as connection:
            return navigator.find_neighbour(connection, task_id, step, within, sight)

    def next_task(
        self,
        actor: str,
        active: Sequence[str],
        waiting: Sequence[str],
        within: Collection[str] | None = None,
        among: Among | None = None,
    ) -> str | None:
        """Return the task that `claim` would take, without taking it."""
        with self.reading() as connection:
            return queue.find_next(connection, actor, active, waiting, within, (), among)

    def count_waiting(
        self,
        actor: str,
        active: Sequence[str],
        waiting: Sequence[str],
        within: Collection[str] | None = None,
        *,
        limit: int,
        among: Among | None = None,
    ) -> int:
        """Return how many tasks wait for a person, counted up to a limit."""
        with self.reading() as connection:
            return count_waiting(connection, actor, active, waiting, within, limit, among)

    def upcoming(
        self,
        actor: str,
        active: Sequence[str],
        waiting: Sequence[str],
        within: Collection[str] | None = None,
        *,
        task: str,
        limit: int,
        among: Among | None = None,
        sight: Sight | None = None,
    ) -> list[str]:
        """Return the items that are likely to be wanted after a task; none is claimed."""
        with self.reading() as connection:
            return queue.find_upcoming(
                connection, actor, active, waiting, within, task, limit, among, sight
            )

    def index(
        self,
        task_id: str,
        folder: str | None = None,
        within: Collection[str] | None = None,
        sight: Sight | None = None,
    ) -> tuple[int | None, int]:
        """Return the index of a task among those of `page`, and how many there are in all."""
        with self.reading() as connection:
            return navigator.find_index(connection, task_id, folder, within, sight)

    def task_ids(self) -> list[str]:
        """Return the ids of all tasks, in the order of the dataset."""
        with self.reading() as connection:
            return task_items.read_task_ids(connection)

    def tasks_of_items(self, item_ids: Collection[str]) -> dict[str, list[str]]:
        """Return the tasks of each item, by item."""
        with self.reading() as connection:
            return task_items.read_tasks_of_items(connection, item_ids)

    def lost(self, task_id: str, actor: str) -> bool:
        """Say whether a person had a task until their lease ended, and somebody else has it now."""
        with self.reading() as connection:
            return task_id in late.find_lost(connection, [task_id], actor)

    def seen(self, sight: Sight, task_ids: Collection[str] | None = None) -> set[str]:
        """Return those of these tasks, or of all, that a person may see."""
        with self.reading() as connection:
            return task_items.read_seen(connection, sight, task_ids)

    def read_moves(
        self, kinds: Sequence[str] | None = None, task: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the moves of tasks in their order: seq, time, actor, task, kind and payload.

        Parameters
        ----------
        kinds
            Only events of these kinds; None for all that are no edits.
        task
            Only those of this task.
        """
        with self.reading() as connection:
            return log.read_moves(connection, kinds, task)

    def siblings(self, task_id: str) -> list[dict[str, Any]]:
        """Return the other tasks of the item of a task, in their order."""
        with self.reading() as connection:
            return find_siblings(connection, find_task(connection, task_id))

    def workflow_text(self) -> str:
        """Return the workflow as it is now, as JSON: cheap enough to ask before every move."""
        return self.rules().workflow

    def item(self, item_id: str) -> dict[str, Any] | None:
        """Return one item, None if there is no such."""
        with self.reading() as connection:
            return task_items.find_item(connection, item_id)

    def items_of_tasks(self, task_ids: Collection[str]) -> set[str]:
        """Return the items that tasks are about."""
        with self.reading() as connection:
            return task_items.read_items_of_tasks(connection, task_ids)

    def videos_of_tasks(self, task_ids: Collection[str]) -> dict[str, str]:
        """Return the videos that tasks are about, by task; tasks about others are not in it."""
        with self.reading() as connection:
            return task_items.read_videos_of_tasks(connection, task_ids)

    def seen_frames(self, item_id: str) -> dict[int, tuple[int | None, str, datetime]]:
        """Return the frames of an item that were looked at, with timestamp, hash and time."""
        with self.reading() as connection:
            return read_seen_frames(connection, item_id)

    def put_seen_frames(
        self, item_id: str, seen: Mapping[int, tuple[int | None, str, datetime]]
    ) -> None:
        """Remember frames of an item as they are now; those that are known stay as they were."""
        with self.writing() as connection:
            put_seen_frames(connection, item_id, seen)

    # History

    def history(self, task_id: str, actor: str, limit: int | None = None) -> history.History:
        """Return what a person can undo and redo on a task, the next gesture last."""
        with self.reading() as connection:
            return history.read_history(connection, task_id, actor, limit)

    def taking_back(self, actor: str, task_id: str | None = None) -> list[Edit]:
        """Return the edits that undo the last gesture of a person, none if there is none.

        Parameters
        ----------
        actor
            Whose gesture.
        task_id
            Of one task; None of all, and then on every task where it can be undone.
        """
        with self.reading() as connection:
            return read_reversal(connection, actor, task_id, undo=True)

    def bringing_again(self, actor: str, task_id: str | None = None) -> list[Edit]:
        """Return the edits that redo what a person undid last; see `taking_back`."""
        with self.reading() as connection:
            return read_reversal(connection, actor, task_id, undo=False)

    # Issues

    def issues_of(self, task_id: str) -> list[Issue]:
        """Return the issues of a task with their threads, in the order they were raised."""
        with self.reading() as connection:
            return talk.read_issues(connection, task_id)

    def issue(self, issue_id: str) -> Issue:
        """Return one issue; `WorkflowError` if there is no such."""
        with self.reading() as connection:
            return talk.find_issue(connection, issue_id)

    def raise_issue(self, made: NewIssue, actor: str) -> Issue:
        """Put an issue on record; see `labelwidgets.store.issues.raise_issue`."""
        with self.writing() as connection:
            return talk.raise_issue(connection, made, actor)

    def say(self, issue_id: str, actor: str, kind: str, text: str | None, comment_id: str) -> Issue:
        """Comment on an issue, resolve or reopen it; see `labelwidgets.store.issues.say`."""
        with self.writing() as connection:
            return talk.say(connection, issue_id, actor, kind, text, comment_id)

    def verdicts(self, task_id: str) -> list[Verdict]:
        """Return the verdicts on a task, the first one first."""
        with self.reading() as connection:
            return read_verdicts(connection, task_id)

    def handed_in(self, task_id: str) -> list[Annotation] | None:
        """Return the labels of a task as its maker, or a consensus, last handed them in."""
        with self.reading() as connection:
            return read_handed_in(connection, task_id)

    def hands(self, task_ids: Collection[str]) -> dict[str, Hand]:
        """Return who submitted which of these tasks, by task, and when at first."""
        with self.reading() as connection:
            return read_hands(connection, task_ids)

    def opinions(self, task_id: str) -> list[Opinion]:
        """Return what several people labelled on the item of a task, once all of them have."""
        with self.reading() as connection:
            return read_opinions(connection, task_id)

    # People

    def standing(self, name: str) -> Standing:
        """Return what somebody is to the project: cheap enough to ask before every edit."""
        with self.glancing() as connection:
            return read_standing(connection, name)

    def made_by(self) -> str:
        """Return who made the project."""
        with self.reading() as connection:
            return read_maker(connection)

    def read_people(self) -> dict[str, Person]:
        """Return all people by name, also those who were removed."""
        with self.reading() as connection:
            return read_people(connection)

    def change_people(
        self,
        change: ChangePeople,
        actor: str,
        leave: Decide,
        passwords: Mapping[str, str] | None = None,
    ) -> list[Person]:
        """Add, change or remove people in one transaction, and return those who differ then.

        Parameters
        ----------
        change
            From all that is held of people, by name, to those who are to be held otherwise; may
            raise, and then nothing is done.
        actor
            Who does it.
        leave
            What becomes of each task that is assigned to somebody who is removed; see `move`.
        passwords
            Of login roles that are made with it, by their names; see `logins.make_login`.
        """
        try:
            with self.writing() as connection:
                return change_team(connection, change, actor, leave, passwords or {})
        finally:
            self.forget_prepared()

    def record(self, person: str, action: str, task: str | None = None, **detail: Any) -> None:
        """Put on record what somebody saw or was refused: what is no event."""
        with self.adding() as connection:
            put_access(connection, person, action, task, detail)

    # Ontology and items

    def rules(self) -> Rules:
        """Return what edits are judged by, in one trip to the database."""
        with self.glancing() as connection:
            return rules_of(read(connection, ASKED_RULES)[0])

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

    def put_note(self, kind: str, actor: str, payload: Mapping[str, Any]) -> None:
        """Put on record what is about the project as a whole; see `labelwidgets.store.notes`."""
        with self.writing() as connection:
            put_note(connection, kind, actor, payload)

    def notes(self, kind: str, until: datetime | None = None) -> list[Note]:
        """Return what was put on record, of a kind, up to a moment."""
        with self.reading() as connection:
            return read_notes(connection, kind, None if until is None else from_datetime(until))

    def golden(self, item_ids: Collection[str] | None = None) -> dict[str, str]:
        """Return the tasks with golden answers that are in force, by item."""
        with self.reading() as connection:
            return read_golden(connection, item_ids)

    def place_gold(
        self, item_ids: Sequence[str], start: Mapping[str, Any], actor: str
    ) -> dict[str, str]:
        """Return the tasks for golden answers of items, made where there was none, by item."""
        with self.writing() as connection:
            return gold_tasks.place_gold(connection, item_ids, start, actor)

    def place_probes(
        self, probes: Sequence[gold_tasks.Probe], start: Mapping[str, Any], actor: str
    ) -> int:
        """Make probes; see `labelwidgets.store.gold_tasks.place_probes`."""
        with self.writing() as connection:
            return gold_tasks.place_probes(connection, probes, start, actor)

    def add_items(
        self,
        items: pd.DataFrame,
        initial: Mapping[str, Any],
        actor: str,
        opinions: Opinions | None = None,
    ) -> int:
        """Add those items of a frame that are not in the store yet; return how many."""
        with self.writing() as connection:
            head = log.take_head(connection)
            return add_items(connection, head, items, initial, actor, opinions)

    # Reading

    def read(
        self, task_id: str | None = None, ids: Collection[str] | None = None
    ) -> list[Annotation]:
        """Return annotations in the order they were made: all, of a task, or by id."""
        with self.reading() as connection:
            if ids is not None:
                return read_named(connection, ids)
            return read_annotations(connection, task_id)

    def read_main(self) -> list[Annotation]:
        """Return what projects come to: the annotations of main tasks, without opinions."""
        with self.reading() as connection:
            return read_annotations(connection, main=True)

    def read_first(self, origin: OriginKind) -> list[Annotation]:
        """Return the labels of an origin as they were first made; see `first_labels`."""
        with self.reading() as connection:
            return read_first(connection, origin)

    def from_pages(self, ids: Collection[str]) -> set[str]:
        """Return those of labels that a person made, or took, on a page."""
        with self.reading() as connection:
            return read_from_pages(connection, ids)

    def deleted_by_hand(self, ids: Collection[str]) -> set[str]:
        """Return those of deleted labels whose deletion did not take back what made them."""
        with self.reading() as connection:
            return read_deleted_by_hand(connection, ids)

    def touched(self, ids: Collection[str]) -> set[str]:
        """Return those of labels that were edited since they were made; see `read_touched`."""
        if not ids:
            return set()
        with self.reading() as connection:
            return read_touched(connection, ids)

    def held(self, ids: Collection[str]) -> dict[str, Held]:
        """Return what is held under annotation ids, deleted ones too."""
        with self.reading() as connection:
            return log.read_held(connection, ids)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the number of tasks by state, and of annotations by class."""
        with self.reading() as connection:
            return read_counts(connection)

    def moment(self, kind: str, until: datetime | None = None, *, frames: bool = False) -> Moment:
        """Return what the project comes to, now or then; see `labelwidgets.store.moment`."""
        from labelwidgets.store.moment import read_moment

        aware = until if until is None or until.tzinfo else until.replace(tzinfo=UTC)
        with self.reading() as connection:
            return read_moment(connection, kind, aware, frames=frames)

    def at(self, time: datetime) -> Snapshot:
        """Return the store as it was, by replay of the events up to and with that moment.

        Parameters
        ----------
        time
            A datetime; one without a time zone is in UTC.
        """
        from labelwidgets.store.snapshot import take

        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        with self.reading() as connection:
            return take(connection, aware, from_datetime(aware))
