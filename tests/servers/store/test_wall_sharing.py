"""Behind the walls: what is not agreed about is adjudicated, and nothing is split."""

from __future__ import annotations

import pytest

import labelwidgets as lw
from labelwidgets.errors import WorkflowError
from labelwidgets.workflow.advancing import advance
from labelwidgets.workflow.splitting import part_stages, split
from tests.servers.postgres import Postgres
from tests.servers.store.walled import Walled
from tests.store.making import applied, create


def test_a_reviewer_adjudicates_what_people_do_not_agree_about(postgres: Postgres) -> None:
    walled = Walled(postgres, lw.workflow.consensus(2, threshold=0.9), count=1)
    try:
        for name in ("ana", "ben"):
            session = walled.session(name)
            task = session.open().task["id"]
            if name == "ana":
                applied(session.apply([create(task)], "tab")[0])
            session.submit(task)
        lead = walled.session("ada")
        assert advance(lead.store, lead, None).stage.tolist() == ["adjudicate"]
        rea = walled.session("rea", stages=["adjudicate"])
        main = rea.open().task["id"]
        done = rea.accept(main)
        assert (done["stage"], done["maker"]) == ("done", "rea")
    finally:
        walled.close()


def test_classes_are_not_split_behind_walls(postgres: Postgres) -> None:
    walled = Walled(postgres, lw.workflow.maker_only(), count=1)
    try:
        lead = walled.lead
        ontology = lw.Ontology(["car", "sign"])
        shares = {"ana": ["car"], "ben": ["sign"]}
        wider, stages = part_stages(walled.workflow, ontology, shares, shown=False)
        with pytest.raises(WorkflowError, match="walls"):
            split(lead, wider, "lead", lead.task_ids(), stages)
        assert len(lead.task_ids()) == 1
    finally:
        walled.close()
