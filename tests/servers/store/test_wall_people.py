"""People who are added to a project get the rights of a login, and lose them when removed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

import labelwidgets as lw
from labelwidgets.errors import RightsError, StoreForbiddenError, WorkflowError
from tests.servers.postgres import Postgres

SECRET = "correct horse battery staple"  # noqa: S105 of a role that lives for a second


class Place(NamedTuple):
    server: Postgres
    name: str
    tail: str

    def url(self, login: str) -> str:
        return self.server.url(self.name, user=f"{login}_{self.tail}")


@pytest.fixture
def place(postgres: Postgres) -> Iterator[Place]:
    tail = uuid.uuid4().hex[:8]
    postgres.do(f"CREATE ROLE lead_{tail} LOGIN CREATEROLE")
    name = postgres.database().rsplit("/", 1)[1]
    postgres.do(f"ALTER DATABASE {name} OWNER TO lead_{tail}")
    postgres.do(f"ALTER SCHEMA public OWNER TO lead_{tail}", name)
    yield Place(postgres, name, tail)
    postgres.drop(postgres.url(name))
    for login in ("ana", "ada", "lead"):
        postgres.do(f"DROP ROLE IF EXISTS {login}_{tail}")


def test_people_come_with_a_login_and_go_with_it(place: Place, tmp_path: Path) -> None:
    from PIL import Image

    for number in range(3):
        Image.new("RGB", (64, 48)).save(tmp_path / f"{number}.png")
    dataset = lw.Dataset.open(tmp_path)
    flow = lw.workflow.maker_reviewer()
    lead = lw.Project.create(place.url("lead"), dataset, ["car"], flow, user="lead")
    login = f"ana_{place.tail}"
    with pytest.raises(StoreForbiddenError, match="has no login role"):
        lead.add_person("ana", "annotator", login=login)
    with pytest.raises(WorkflowError, match="password"):
        lead.add_person("ana", "annotator", password=SECRET)
    lead.add_person("ana", "annotator", login=login, password=SECRET)
    with pytest.raises(WorkflowError, match="role of the server already"):
        lead.add_person("ben", "annotator", login=login, password=SECRET)

    query = f"SELECT rolpassword FROM pg_authid WHERE rolname = '{login}'"
    ((kept,),) = place.server.do(query)
    assert kept.startswith("SCRAM-SHA-256$")
    assert SECRET not in lead.events.to_csv()
    assert SECRET not in lead.people.to_csv()

    with lw.Project.open(place.url("ana")) as ana:
        assert ana.user == "ana", "who works is told by the login"
        item = ana.tasks["item_id"][0]
        ana.add(lw.Annotation(item_id=item, class_name="car", geometry=lw.Rectangle(1, 2, 9, 9)))
        task = ana.annotations["task_id"][0]
        ana.submit(task)
        with pytest.raises(RightsError):
            ana.accept(task)
        with pytest.raises(RightsError):
            ana.set_role("ana", "admin")
        with pytest.raises(RightsError, match="works with the login of ana"):
            lw.Project.open(place.url("ana"), user="lead")
        seen = ana.store.access
        assert "ana" in set(seen["person"])
        assert set(seen["person"]) <= {"ana", "lead"}

        lead.set_role("ana", "reviewer")
        with psycopg.connect(place.url("ana")) as raw:
            assert raw.execute("SELECT lw_rank()").fetchone() == (1,)
        lead.remove_person("ana")
        with pytest.raises(StoreForbiddenError):
            ana.store.task_ids()
    with pytest.raises(StoreForbiddenError):
        lw.Project.open(place.url("ana"))
    lead.add_person("ana", "annotator", login=login)
    with lw.Project.open(place.url("ana")) as ana:
        assert len(ana.tasks) == 3
    lead.close()


def test_an_admin_with_a_login_adds_people_too(place: Place, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 48)).save(tmp_path / "0.png")
    lead = lw.Project.create(place.url("lead"), lw.Dataset.open(tmp_path), ["car"], user="lead")
    lead.add_person("ada", "admin", login=f"ada_{place.tail}", password=SECRET)
    place.server.do(f"CREATE ROLE ana_{place.tail} LOGIN")
    with lw.Project.open(place.url("ada")) as ada:
        with pytest.raises(StoreForbiddenError, match="permission denied to create role"):
            ada.add_person("cy", "annotator", login=f"cy_{place.tail}", password=SECRET)
        ada.add_person("ana", "annotator", login=f"ana_{place.tail}")
    with lw.Project.open(place.url("ana")) as ana:
        assert ana.user == "ana"
        with pytest.raises(RightsError):
            ana.add_person("ben", "admin")
    lead.close()


def test_no_person_but_an_admin_has_the_login_of_the_owner(place: Place, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 48)).save(tmp_path / "0.png")
    lead = lw.Project.create(place.url("lead"), lw.Dataset.open(tmp_path), ["car"], user="lead")
    with pytest.raises(StoreForbiddenError, match="owns the project or the server"):
        lead.add_person("ana", "annotator", login=f"lead_{place.tail}")
    with pytest.raises(StoreForbiddenError, match="owns the project or the server"):
        lead.add_person("ana", "annotator", login="keeper")
    lead.close()
