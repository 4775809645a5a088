from __future__ import annotations

import pytest

from labelwidgets.errors import WorkflowError
from labelwidgets.store.store import Store
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.worklist import work_list
from tests.store.making import create, rectangle


@pytest.fixture
def tasks(store: Store) -> list[str]:
    found = store.task_ids()
    store.apply(
        [
            create(found[2]),
            create(found[2]),
            create(found[1], after={"geometry": rectangle(0, 0, 99, 99)}),
            create(
                found[0],
                f"{found[0]}:image",
                after={"class_name": None, "geometry": {"type": "tag"}},
            ),
        ],
        "ana",
    )
    return found


def test_any_query_is_a_work_list(store: Store, tasks: list[str]) -> None:
    assert work_list(store, "class_name == 'car' and area < 50") == [tasks[2]]
    assert work_list(store, "class_name == 'car'") == [tasks[2], tasks[1]]
    assert work_list(store, "geometry_type == 'tag'") == [tasks[0]]
    assert work_list(store, "state == 'queued' and n_annotations == 0") == [tasks[3]]
    assert work_list(store, "folder == 'odd'") == [tasks[1], tasks[3]]
    assert work_list(store, "title.str.startswith('3')") == [tasks[3]]
    assert work_list(store, store.tasks.tail(1)) == [tasks[3]]
    assert work_list(store, store.annotations.query("area > 50")) == [tasks[1]]
    assert work_list(store, [tasks[3], tasks[0], tasks[3]]) == [tasks[3], tasks[0]]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("class_name ==", "not an expression"),
        ("colour == 'red'", "names 'colour', which is no column.*class_name"),
        ("area + 'a' == 1", "cannot be evaluated"),
        ("area > 10**9", "about no task"),
        ("@tasks == 1", "not an expression"),
        (["nobody"], "no such task"),
        ([], "about no task"),
    ],
)
def test_a_query_that_will_not_do_says_why(
    store: Store, tasks: list[str], query: str | list[str], message: str
) -> None:
    with pytest.raises(WorkflowError, match=message):
        work_list(store, query)


def test_who_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "hub-ana")
    assert current_user() == "hub-ana"
    assert current_user("ben") == "ben"
    monkeypatch.delenv("JUPYTERHUB_USER")
    monkeypatch.setattr("getpass.getuser", lambda: "login-ana")
    assert current_user() == "login-ana"

    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    with pytest.raises(WorkflowError, match='user="ana"'):
        current_user()
    for wrong in ("", " ", "a\nb", "x" * 201):
        with pytest.raises(WorkflowError, match="user"):
            current_user(wrong)
