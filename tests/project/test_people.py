"""Roles: who may do what, by every public door of a project."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest

from labelwidgets.errors import LabelwidgetsError, RightsError, WorkflowError
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import Ontology
from labelwidgets.widgets.link import Link
from labelwidgets.workflow.permissions import FREE, RIGHTS, is_known, right_of, rights
from labelwidgets.workflow.presets import maker_reviewer_qc
from labelwidgets.workflow.session import Session
from labelwidgets.workflow.stages import ROLES, may
from tests.store.making import create

TEAM = {"lea": "admin", "qi": "qc", "rob": "reviewer", "ana": "annotator", "ben": "annotator"}

Open = Callable[[str], Project]


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)


@pytest.fixture
def open_as(tmp_path: Path, dataset: Dataset) -> Iterator[Open]:
    """A project of several labelers with people, opened by any of them."""
    place = tmp_path / "team.db"
    flow = maker_reviewer_qc(overlap=1.0, labelers=2, sample=1.0)
    made = [Project.create(place, dataset, ["car", "tree"], flow, user="lea", people=TEAM)]

    def open_it(user: str) -> Project:
        made.append(Project.open(place, user=user))
        return made[-1]

    yield open_it
    for project in made:
        project.close()


def box(project: Project, task: str, left: float = 1) -> Annotation:
    rows = project.tasks.set_index("id")
    return Annotation(
        item_id=rows.loc[task, "item_id"],
        task_id=task,
        class_name="car",
        geometry=Rectangle(left, 2, 3, 4),
    )


def doors(kind: type, name: str) -> list[str]:
    found = [f"{name}.{attribute}" for attribute in dir(kind) if not attribute.startswith("_")]
    made = {door for door in found if not isinstance(vars_of(kind, door), classmethod)}
    setters = {
        f"{door}="
        for door in made
        if isinstance(vars_of(kind, door), property) and vars_of(kind, door).fset
    }
    if name == "Session":
        made = {door for door in made if not isinstance(vars_of(kind, door), property)}
    return sorted(made | setters)


def vars_of(kind: type, door: str) -> Any:
    attribute = door.split(".")[1]
    return next(vars(base)[attribute] for base in kind.__mro__ if attribute in vars(base))


DOORS = [*doors(Project, "Project"), *doors(Session, "Session")]
CHECKED = [door for door in DOORS if door not in FREE]


@pytest.mark.parametrize("door", DOORS)
def test_every_public_door_is_in_the_table_of_rights(door: str) -> None:
    assert is_known(door), "say in workflow/permissions.py who may; until then it takes an admin"


def test_every_door_of_the_table_is_there() -> None:
    named = {door for right in RIGHTS for door in right.doors}
    assert named - {*DOORS, "Session.issues"} == set()
    assert not named & FREE


def test_a_door_that_nobody_named_takes_an_admin() -> None:
    assert right_of("Project.sell").role == "admin"


@pytest.mark.parametrize(("door", "role"), list(itertools.product(CHECKED, ROLES)))
def test_every_door_is_open_to_those_roles_alone_that_may(
    door: str, role: str, shared: dict[str, Any]
) -> None:
    project, session = shared[role]
    name, attribute = door.rstrip("=").split(".")
    target: Any = project if name == "Project" else session
    refused, named = None, ""
    try:
        if door.endswith("="):
            # What cannot be taken, so that nothing is changed by those who may.
            setattr(target, attribute, 0)
        else:
            found = getattr(target, attribute)
            if callable(found) and not isinstance(found, pd.DataFrame):
                made = found(*[None] * needed(found))
                # A widget looks after its task until it is closed.
                getattr(made, "close", bool)()
    except RightsError as error:
        refused = error
    except Exception as error:
        # The door is open, and nothing sensible was asked for.
        named = type(error).__name__
    assert (refused is None) == may(role, right_of(door).role), refused or named


def needed(function: Callable[..., Any]) -> int:
    from inspect import Parameter, signature

    return sum(
        one.default is Parameter.empty
        and one.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        for one in signature(function).parameters.values()
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A project and a session of somebody of each role; the project is closed for good."""
    folder = tmp_path_factory.mktemp("shared")
    from labelwidgets.media import sample_photos

    dataset = Dataset.open(sample_photos()[:2])
    team = {f"{role}s": role for role in ROLES}
    made = {}
    Project.create(folder / "shared.db", dataset, ["car"], user="admins", people=team).close()
    for name, role in team.items():
        project = Project.open(folder / "shared.db", user=name)
        made[role] = (project, project.session())
    yield made
    for project, _ in made.values():
        project.close()


def test_a_project_without_people_is_free_to_everybody(project: Project, tmp_path: Path) -> None:
    with Project.open(tmp_path / "cars.db", user="somebody") as other:
        assert other.role is None
        other.extend(["van"])
        other.session(user="else", role="annotator")
        assert other.people.empty
    assert not set(project.access["action"]) & {"opened", "denied"}, "nobody is watched"


def test_who_made_a_project_and_who_adds_people_are_its_first_admins(
    project: Project, tmp_path: Path
) -> None:
    with Project.open(tmp_path / "cars.db", user="lea") as other:
        other.add_person("ben", "annotator", ["readers"])
        people = other.people.set_index("name")
        assert people["role"].to_dict() == {"ana": "admin", "lea": "admin", "ben": "annotator"}
        assert people.loc["ben", "groups"] == ["readers"]
        assert set(people["added_by"]) == {"lea"}
        assert other.role == project.role == "admin"


@pytest.mark.parametrize("user", ["eve", "gone"])
def test_who_is_unknown_or_removed_is_refused_and_told_what_to_do(user: str, open_as: Open) -> None:
    lea = open_as("lea")
    lea.add_person("gone", "annotator")
    before = open_as("gone")
    lea.remove_person("gone")
    with pytest.raises(RightsError, match="add_person"):
        open_as(user)
    with pytest.raises(RightsError, match="removed"):
        before.tasks  # noqa: B018
    denied = lea.access[lea.access["action"] == "denied"]
    assert user in set(denied["person"])


def test_the_role_is_that_of_the_table_and_a_parameter_only_makes_it_less(open_as: Open) -> None:
    rob, ana = open_as("rob"), open_as("ana")
    assert rob.session().role == "reviewer"
    assert rob.session(role="annotator").role == "annotator"
    with pytest.raises(RightsError, match="can be no more"):
        ana.session(role="reviewer")
    with pytest.raises(RightsError, match="another's name"):
        ana.session(user="rob")
    with pytest.raises(RightsError, match="can be no more"):
        Session(ana.store, ana.dataset, "ana", role="admin")


def test_a_role_that_is_taken_away_is_gone_at_the_next_step(open_as: Open) -> None:
    lea, rob = open_as("lea"), open_as("rob")
    session = rob.session()
    task = lea.tasks.query("copy == 0")["id"][0]
    lea.push([task], "review", "as a test")
    lea.set_role("rob", "annotator")
    with pytest.raises(RightsError):
        session.accept(task)
    with pytest.raises(RightsError):
        rob.accept(task)
    assert session.role == "annotator"


def test_the_hub_says_who_somebody_is(open_as: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "ana")
    with pytest.raises(RightsError, match="the hub says"):
        open_as("lea")
    assert open_as("ana").role == "annotator"


def test_nobody_opens_another_projects_user_up(open_as: Open) -> None:
    ana = open_as("ana")
    with pytest.raises(AttributeError):
        ana.user = "lea"  # type: ignore[misc]


def test_an_annotator_sees_nothing_of_others_opinions_by_any_frame(open_as: Open) -> None:
    ana, ben, rob = open_as("ana"), open_as("ben"), open_as("rob")
    mine = ana.session().open().task["id"]
    ana.add(box(ana, mine))
    theirs = ben.session().open().task["id"]
    ben.add(box(ben, theirs, 9))
    issue = rob.raise_issue(theirs, "Look here.")
    moment = rob.events["time"].iloc[-1]
    assert theirs in set(rob.annotations["task_id"])
    for frame, column in [
        (ana.tasks, "id"),
        (ana.annotations, "task_id"),
        (ana.events, "task_id"),
        (ana.issues, "task_id"),
        (ana.at(moment).tasks, "id"),
        (ana.at(moment).annotations, "task_id"),
        (ana.at(moment).events, "task_id"),
        (ana.session().annotations(), "task_id"),
    ]:
        assert theirs not in set(frame[column].dropna())
    assert mine in set(ana.annotations["task_id"])
    assert [made.task_id for made in ana.records()] == [mine]
    assert ana.comments.empty
    for attempt in (
        lambda: ana.history(theirs),
        lambda: ana.difference(theirs),
        lambda: ana.session().open(theirs),
        lambda: ana.session().look(theirs),
        lambda: ana.comment(issue.id, "I see."),
        lambda: ana.submit(theirs),
    ):
        with pytest.raises(RightsError):
            attempt()
    with pytest.raises(LabelwidgetsError):
        ana.add(box(ben, theirs))
    assert len(rob.annotations) == 2


def test_an_annotator_labels_what_is_theirs_and_judges_nothing(
    tmp_path: Path, dataset: Dataset
) -> None:
    place = tmp_path / "flow.db"
    flow = maker_reviewer_qc(sample=1.0)
    with (
        Project.create(place, dataset, ["car"], flow, user="lea", people=TEAM) as lea,
        Project.open(place, user="ana") as ana,
        Project.open(place, user="ben") as ben,
        Project.open(place, user="rob") as rob,
        Project.open(place, user="qi") as qi,
    ):
        task = ana.session().open().task["id"]
        ana.add(box(ana, task))
        with pytest.raises(RightsError, match="being labelled by ana"):
            ben.add(box(ben, task, 9))
        with pytest.raises(RightsError):
            ben.submit(task)
        rob.add(box(rob, task, 20))  # A reviewer may what an annotator may, and take over.
        ana.submit(task)
        for person in (ana, ben):
            with pytest.raises(RightsError):
                person.accept(task)
        rob.accept(task, score=7)
        with pytest.raises(RightsError, match="takes qc"):
            rob.accept(task)
        qi.accept(task)
        assert lea.tasks.set_index("id").loc[task, "state"] == "done"
        assert ana.reviews["verdict"].tolist() == ["accept", "accept"], "a maker hears of it"
        assert ben.reviews.empty


def test_who_is_removed_leaves_what_waits_and_keeps_what_they_made(
    tmp_path: Path, dataset: Dataset
) -> None:
    place = tmp_path / "flow.db"
    flow = maker_reviewer_qc(sample=0)
    with (
        Project.create(place, dataset, ["car"], flow, user="lea", people=TEAM) as lea,
        Project.open(place, user="ana") as ana,
        Project.open(place, user="rob") as rob,
    ):
        first, second, third = lea.tasks["id"]
        ana.session().open()
        ana.add(box(ana, first))
        ana.submit(first)
        rob.review_session().open(None)
        ana.session().open()
        ana.add(box(ana, second))
        lea.assign([third], "ana")
        lea.remove_person("ana")
        tasks = lea.tasks.set_index("id")
        assert tasks.loc[first, "maker"] == "ana"
        assert tasks.loc[first, "assignee"] == "rob", "what others do with it goes on"
        assert tasks.loc[[second, third], "state"].tolist() == ["queued", "queued"]
        assert tasks.loc[[second, third], "assignee"].isna().all()
        assert set(lea.annotations["author"]) == {"ana"}
        with pytest.raises(RightsError):
            ana.add(box(lea, second, 20))
        with Project.open(place, user="ben") as ben:
            assert ben.session().open().task["id"] == second
        with pytest.raises(WorkflowError, match="none of the people"):
            lea.assign([third], "ana")
        gone = lea.people.set_index("name").loc["ana"]
        assert gone["role"] == "annotator"
        assert pd.notna(gone["removed_at"])
        lea.remove_person("rob")
        assert lea.tasks.set_index("id").loc[first, "state"] == "submitted"
        lea.add_person("ana", "reviewer")
        assert lea.people.set_index("name").loc["ana", "removed_at"] is pd.NaT
        assert ana.session().role == "reviewer"


def test_a_project_keeps_an_admin(open_as: Open) -> None:
    lea = open_as("lea")
    for attempt in (
        lambda: lea.remove_person("lea"),
        lambda: lea.set_role("lea", "qc"),
        lambda: lea.add_people({"lea": "annotator"}),
    ):
        with pytest.raises(WorkflowError, match="last admin"):
            attempt()
    lea.set_role("qi", "admin")
    lea.remove_person("lea")
    with pytest.raises(RightsError):
        lea.add_person("cy", "annotator")
    assert open_as("qi").people.set_index("name").loc["lea", "removed_at"] is not pd.NaT


def test_of_two_admins_who_remove_each_other_at_once_one_stays(open_as: Open) -> None:
    lea = open_as("lea")
    lea.set_role("qi", "admin")
    both = {"lea": (lea, "qi"), "qi": (open_as("qi"), "lea")}
    begin = threading.Barrier(2)
    failed: list[str] = []

    def remove(me: str) -> None:
        project, other = both[me]
        begin.wait()
        try:
            project.remove_person(other)
        except WorkflowError:
            failed.append(me)

    threads = [threading.Thread(target=remove, args=[me]) for me in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failed) == 1
    people = lea.store.people
    there = people[people["removed_at"].isna() & (people["role"] == "admin")]
    assert len(there) == 1


@pytest.mark.parametrize(
    "name", ["", "  ", "a\nb", "a\x00", "\x1b[31mred", "ana ", "@ana", "x" * 201, "a\u202eb", 7]
)
def test_a_name_that_is_none_is_refused(name: Any, open_as: Open) -> None:
    lea = open_as("lea")
    with pytest.raises(WorkflowError):
        lea.add_person(name, "annotator")
    with pytest.raises(WorkflowError):
        lea.set_groups("ana", [name if name != "@ana" else "@@ana"])
    assert len(lea.people) == len(TEAM)


@pytest.mark.parametrize("role", ["boss", "", None, 3, "Admin", ["admin"]])
def test_a_role_that_is_none_is_refused(role: Any, open_as: Open) -> None:
    lea = open_as("lea")
    for attempt in (
        lambda: lea.add_person("cy", role),
        lambda: lea.set_role("ana", role),
        lambda: lea.add_people([{"name": "cy", "role": role}]),
    ):
        with pytest.raises(WorkflowError, match="role"):
            attempt()
    assert len(lea.people) == len(TEAM)


def test_nobody_is_there_twice_and_nobody_else_is_changed(open_as: Open) -> None:
    lea = open_as("lea")
    with pytest.raises(WorkflowError, match="annotator already"):
        lea.add_person("ana", "admin")
    for attempt in (
        lambda: lea.remove_person("eve"),
        lambda: lea.set_role("eve", "qc"),
        lambda: lea.set_groups("eve", []),
    ):
        with pytest.raises(WorkflowError, match="none of the people"):
            attempt()
    with pytest.raises(WorkflowError, match="PostgreSQL"):
        lea.add_person("cy", "annotator", login="cy")
    with pytest.raises(WorkflowError, match="list of names"):
        lea.set_groups("ana", "readers")


def test_tasks_are_assigned_to_groups_that_have_somebody_in_them(open_as: Open) -> None:
    lea = open_as("lea")
    lea.set_groups("ana", ["@readers"])
    opinion = lea.tasks.query("copy == 1")["id"].iloc[0]
    with pytest.raises(WorkflowError, match="nobody in it"):
        lea.assign([opinion], "@writers")
    lea.prioritize([opinion], 5)
    lea.assign([opinion], "@readers")
    assert open_as("ben").session().open().task["id"] != opinion
    assert open_as("ana").session().open().task["id"] == opinion
    with pytest.raises(RightsError, match="not in the group"):
        open_as("ben").session(groups=["readers"])


def test_what_takes_a_reviewer_is_not_assigned_to_an_annotator(
    tmp_path: Path, dataset: Dataset
) -> None:
    flow = maker_reviewer_qc(sample=0)
    place = tmp_path / "flow.db"
    with Project.create(place, dataset, ["car"], flow, user="lea", people=TEAM) as lea:
        task = lea.tasks["id"][0]
        lea.push([task], "review", "as a test")
        with pytest.raises(WorkflowError, match="their role may not"):
            lea.assign([task], "ana")
        assert lea.assign([task], ["ana", "rob"]) == 1
        assert lea.tasks.set_index("id").loc[task, "assignee"] == "rob"


def test_the_access_log_says_who_opened_edited_exported_and_was_refused(
    open_as: Open, tmp_path: Path
) -> None:
    lea, ana, rob = open_as("lea"), open_as("ana"), open_as("rob")
    task = ana.session().open().task["id"]
    ana.add(box(ana, task))
    ana.annotations  # noqa: B018
    rob.export("coco", tmp_path / "labels.json")
    for _ in range(3):
        with pytest.raises(RightsError):
            ana.assign([task], "ana")
    log = lea.access
    said = {(row.person, row.action) for row in log.itertuples()}
    assert {
        ("ana", "opened"),
        ("ana", "edited"),
        ("ana", "claimed"),
        ("rob", "exported"),
        ("ana", "denied"),
    } <= said
    exported = log[log["action"] == "exported"].iloc[0]["detail"]
    assert exported["format"] == "coco"
    assert exported["path"].endswith("labels.json")
    opened = log[(log["action"] == "opened") & (log["person"] == "ana")]
    assert [detail["door"] for detail in opened["detail"]] == [
        "Session.open",
        "Project.annotations",
    ], "once a call"
    assert opened["task_id"].iloc[0] == task
    assert len(log[log["action"] == "denied"]) == 1, "what is tried again at once is one attempt"
    with pytest.raises(RightsError):
        rob.access  # noqa: B018


def test_an_export_that_is_recorded_names_no_password(open_as: Open, tmp_path: Path) -> None:
    lea = open_as("lea")
    with pytest.raises(LabelwidgetsError):
        lea.export("coco", "https://me:secret@example.org/a.json?X-Amz-Signature=abc")
    lea.export("coco", tmp_path / "a.json")
    assert "secret" not in str(lea.access["detail"].tolist())


def test_one_list_of_people_serves_several_projects(
    open_as: Open, tmp_path: Path, dataset: Dataset, ontology: Ontology
) -> None:
    lea = open_as("lea")
    lea.set_groups("ana", ["readers", "night"])
    lea.remove_person("ben")
    with Project.create(tmp_path / "b.db", dataset, ontology, user="lea", people=lea.people) as b:
        assert set(b.people["name"]) == set(TEAM) - {"ben"}
        assert b.people.set_index("name").loc["ana", "groups"] == ["readers", "night"]
        (tmp_path / "team.csv").write_text("name,role,groups\nana,qc,readers day\ncy,annotator,\n")
        b.add_people(pd.read_csv(tmp_path / "team.csv"))
        people = b.people.set_index("name")
        roles = {"lea": "admin", "qi": "qc", "rob": "reviewer", "ana": "qc", "cy": "annotator"}
        assert people["role"].to_dict() == roles
        assert people.loc["ana", "groups"] == ["readers", "day"]
        assert people.loc["cy", "groups"] == []


def test_who_is_no_admin_opens_what_is_there_as_it_is(open_as: Open, dataset: Dataset) -> None:
    lea = open_as("lea")
    place = lea.store.location.path
    assert place is not None
    with Project.create(place, dataset, ["car", "tree", "van"], user="ana", exist_ok=True) as ana:
        assert [made.name for made in ana.ontology.classes] == ["car", "tree"]
    with Project.create(place, dataset, ["car", "tree", "van"], user="lea", exist_ok=True) as again:
        assert len(again.ontology.classes) == 3
    with pytest.raises(RightsError):
        Project.create(place, dataset, ["car"], user="eve", exist_ok=True)


def test_the_table_of_rights_is_a_frame(open_as: Open) -> None:
    table = open_as("ana").rights
    assert table.equals(rights())
    row = table.set_index("door").loc["Project.assign"]
    assert not row["annotator"]
    assert not row["qc"]
    assert row["admin"]
    assert (table["annotator"] <= table["reviewer"]).all(), "a reviewer may what an annotator may"


def test_ten_thousand_people_are_held_and_each_is_known(open_as: Open) -> None:
    lea = open_as("lea")
    lea.add_people({f"p{number}": "annotator" for number in range(10_000)})
    assert open_as("p9999").role == "annotator"
    lea.set_role("p500", "reviewer")
    assert lea.people.set_index("name").loc["p500", "role"] == "reviewer"
    assert len(lea.people._repr_html_()) < 100_000


def test_the_page_of_somebody_who_is_removed_is_told_so_and_can_be_closed(open_as: Open) -> None:
    lea, ana = open_as("lea"), open_as("ana")
    sent: list[dict[str, Any]] = []
    link = Link(ana.session(), lambda content, _: sent.append(content), lambda: None)
    link.receive({"type": "open", "request": 1})
    task = sent[-1]["task"]["id"]
    link.receive({"type": "open", "request": 2, "ahead": True, "known": [task]})
    lea.remove_person("ana")
    link.receive({"type": "submit", "request": 3, "task": task})
    assert sent[-1]["error"]["kind"] == "RightsError"
    assert "add_person" in sent[-1]["error"]["message"]
    edit = msgspec.to_builtins(create(task))
    link.receive({"type": "edits", "client": "page", "edits": [edit]})
    assert sent[-1]["error"]["kind"] == "RightsError", "the page keeps the edit"
    link.close()
    assert lea.tasks["assignee"].isna().all()
    assert lea.annotations.empty
