"""Models label ahead of people: in batches, as one gesture, and never over what a person made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.assist.cancelling import telling, while_wanted
from labelwidgets.errors import (
    AssistantError,
    RightsError,
    SchemaError,
    ToolError,
    WorkflowError,
)
from labelwidgets.scale import made_on_workers
from labelwidgets.schema.answer_origins import ProposedAnswer, proposed_answers
from labelwidgets.workflow import Stage, workflow
from tests.project.nets import net, number_of

ONTOLOGY = lw.Ontology(
    [lw.ObjectClass("car"), lw.ObjectClass("tree", tool="polygon")],
    [lw.Dropdown("weather", ["dry", "rain"]), lw.Radio("light", ["day", "night"])],
)
Make = Callable[..., lw.Project]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(6):
        Image.fromarray(np.full((48, 64), 40 * number, np.uint8)).save(folder / f"{number}.png")
    made: list[lw.Project] = []

    def build(**options: Any) -> lw.Project:
        project = lw.Project.create(
            tmp_path / f"{len(made)}.db", lw.Dataset.open(folder), ONTOLOGY, user="ana", **options
        )
        made.append(project)
        return project

    yield build
    for project in made:
        project.close()


def spans(project: lw.Project) -> dict[str, list[tuple[float, float]]]:
    """Left edge and width of the cars, by title."""
    titles = dict(zip(project.tasks.item_id, project.tasks.title, strict=True))
    made: dict[str, list[tuple[float, float]]] = {}
    for one in project.records("class_name == 'car'") if len(project.annotations) else []:
        left, _, width, _ = one.geometry.bounds or (0, 0, 0, 0)
        made.setdefault(titles[one.item_id], []).append((left, width))
    return made


def test_predictions_keep_who_made_them_and_are_undone_as_one(make: Make) -> None:
    project = make()
    model = lw.assistant(net, version="3")
    report = project.predict(model, threshold=0.5, batch_size=2, progress=False)
    assert report.added.tolist() == [1, 2, 2, 2, 2, 2]
    (first, *_) = project.records("class_name == 'car'")
    assert first.origin == lw.Origin("model", "net", "3")
    assert first.confidence == pytest.approx(0.5)
    assert project.records("geometry_type == 'tag'")[0].attributes == {"weather": "rain"}
    assert set(project.tasks.state) == {"queued"}
    assert project.tasks.maker.isna().all()
    project.undo()
    assert len(project.annotations) == 0
    project.redo()
    assert len(project.annotations) == 11


def test_the_same_model_again_replaces_what_nobody_touched(make: Make) -> None:
    project = make()
    project.predict(lw.assistant(net, version="1"), progress=False)
    again = project.predict(lw.assistant(net, version="1"), progress=False)
    assert again.added.sum() == again.replaced.sum() == 0
    assert again.kept.tolist() == [0, 1, 1, 1, 1, 1]

    def moved(pixels: Any) -> Any:
        return (lw.Rectangle(number_of(pixels) + 20, 2, 5, 5), "car", 0.9)

    newer = project.predict(lw.assistant(moved, name="net", version="2"), progress=False)
    assert newer.replaced.sum() == 5 + 6
    assert spans(project) == {f"{k}.png": [(k + 20, 5)] for k in range(6)}
    other = project.predict(lw.assistant(net, name="other"), progress=False)
    assert other.replaced.sum() == 0, "what another model proposed is not its own"
    assert len(spans(project)["3.png"]) == 2
    project.undo()
    project.undo()
    assert spans(project)["3.png"] == [(3, 10)]
    back = project.predict(lw.assistant(net, version="1"), progress=False)
    assert back.kept.sum() == 5, "to be taken back and forth is no person's touch"


def test_what_people_made_changed_or_deleted_is_left_as_it_is(make: Make) -> None:
    project = make()
    items = dict(zip(project.tasks.title, project.tasks.item_id, strict=True))
    tasks = dict(zip(project.tasks.title, project.tasks.id, strict=True))
    project.add(
        lw.Annotation(item_id=items["1.png"], class_name="tree", geometry=lw.Rectangle(1, 1, 3, 3))
    )
    report = project.predict(net, progress=False).set_index("task_id")
    assert report.error[tasks["1.png"]] == "has labels that a person made"
    by_item = {one.item_id: one for one in project.records("class_name == 'car'")}
    changed = msgspec.structs.replace(by_item[items["2.png"]], geometry=lw.Rectangle(9, 9, 9, 9))
    project.update(changed)
    project.delete(by_item[items["3.png"]])
    project.submit(tasks["4.png"])
    everything = list(tasks.values())
    again = project.predict(net, everything, threshold=0.0, progress=False).set_index("task_id")
    assert again.error[tasks["2.png"]] == "has labels that a person made"
    assert again.error[tasks["4.png"]] == "has been handed in"
    assert spans(project)["2.png"] == [(9, 9)]
    assert "3.png" not in spans(project), "what was rejected does not come back"


def test_beside_peoples_labels_only_what_they_do_not_say_is_added(make: Make) -> None:
    project = make()
    item = project.tasks.item_id[2]
    task = project.tasks.id[2]
    project.add(
        [
            lw.Annotation(item_id=item, class_name="car", geometry=lw.Rectangle(2, 3, 10, 10)),
            lw.Annotation(item_id=item, geometry=lw.Tag(), attributes={"weather": "dry"}),
        ]
    )

    def two(pixels: Any) -> Any:
        far = (lw.Rectangle(40, 30, 5, 5), "car", 0.9)
        return [*net(pixels), far]

    report = project.predict(two, [task], beside=True, progress=False)
    assert report.added.tolist() == [1]
    assert spans(project)["2.png"] == [(2, 10), (40, 5)]
    assert project.records("geometry_type == 'tag'")[0].attributes == {"weather": "dry"}


def test_one_bad_picture_leaves_the_others(make: Make) -> None:
    project = make()

    def fails(pixels: Any) -> Any:
        if number_of(pixels) == 3:
            raise RuntimeError("too dark")
        return (lw.Rectangle(1, 1, 5, 5), "boat" if number_of(pixels) == 4 else "car", 0.9)

    report = project.predict(fails, progress=False)
    assert report.added.tolist() == [1, 1, 1, 0, 0, 1]
    assert report.unscored.sum() == 0
    assert "raised RuntimeError: too dark" in report.error[3]
    assert "'boat', which is none of the ontology's" in report.error[4]
    assert report.error[3].startswith(f"'3.png' (item {report.item_id[3]}): assistant 'fails'")
    with pytest.raises(AssistantError, match=r"on every task\. The first: '0.png' \(item .*html"):
        project.predict(lambda pixels: "<html>", progress=False)


def test_what_has_no_confidence_passes_any_threshold_and_is_counted(make: Make) -> None:
    project = make()

    def bare(pixels: Any) -> Any:
        return [(lw.Rectangle(1, 1, 5, 5), "car"), (lw.Rectangle(30, 1, 5, 5), "car", 0.4)]

    report = project.predict(bare, threshold=0.9, progress=False)
    assert report.added.tolist() == report.unscored.tolist() == [1] * 6
    assert report.dtypes["unscored"] == "int64"


def test_predictions_may_go_on_after_a_bad_picture(make: Make) -> None:
    project = make()

    def fails(pixels: Any) -> Any:
        if number_of(pixels) in (1, 3):
            raise RuntimeError("too dark")
        return net(pixels)

    with pytest.raises(AssistantError, match=r"'1.png' \(item .*too dark.*errors=\"collect\""):
        project.predictions(fails, progress=False)
    found = project.predictions(fails, progress=False, errors="collect")
    assert found.dtypes.drop("error").equals(project.annotations.dtypes)
    labels, failed = found[found.error.isna()], found[found.error.notna()]
    assert len(labels) == 8
    assert lw.agreement(labels) is not None
    tasks = project.tasks.loc[[1, 3]]
    assert failed.task_id.tolist() == tasks.id.tolist()
    assert failed.item_id.tolist() == tasks.item_id.tolist()
    assert all("too dark" in error for error in failed.error)
    assert "error" in project.predictions(net, progress=False, errors="collect")
    nothing = project.predictions(lambda pixels: "<html>", progress=False, errors="collect")
    assert nothing.error.notna().sum() == len(nothing) == 6
    with pytest.raises(SchemaError, match="errors"):
        project.predictions(net, errors="skip")  # type: ignore[arg-type]


def test_too_few_joints_are_said_with_the_model_and_the_picture(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((48, 64), np.uint8)).save(tmp_path / "dog.png")
    ontology = lw.Ontology(
        [lw.ObjectClass("dog", tool="keypoints", skeleton=lw.Skeleton(["nose", "tail"]))]
    )
    data = lw.Dataset.open(tmp_path)

    def joints(pixels: Any) -> Any:
        return (lw.Keypoints([(1, 2, 2)]), "dog", 0.9)

    with lw.Project.create(tmp_path / "dogs.db", data, ontology, user="ana") as project:
        for ask in (project.predict, project.predictions):
            with pytest.raises(AssistantError, match=r"'dog.png' \(.*'joints'.*has 1 joint.* 2"):
                ask(joints, progress=False)


def test_a_run_that_is_stopped_leaves_whole_items(make: Make) -> None:
    project = make()
    told: list[float] = []

    def wanted() -> bool:
        return len(told) < 2

    with while_wanted(wanted), telling(told.append), pytest.raises(ToolError, match="given up"):
        project.predict(net, threshold=0, batch_size=2, progress=False)
    found = project.annotations.groupby("item_id").size()
    assert 0 < len(found) < 6
    assert set(found) == {2}
    assert told
    assert told == sorted(told)
    assert told[-1] > 0, "a bar that is not shown counts nothing"

    def interrupted(pixels: Any) -> Any:
        if number_of(pixels) == 5:
            raise KeyboardInterrupt
        return net(pixels)

    with pytest.raises(KeyboardInterrupt):
        project.predict(lw.assistant(interrupted, name="net"), batch_size=1, timeout=None)
    assert len(spans(project)) == 4, "the first is not sure enough"
    project.undo()
    assert len(project.annotations) == len(found) * 2


def test_a_model_that_hangs_is_an_error_and_changes_nothing(make: Make) -> None:
    import threading

    project = make()
    free = threading.Event()
    with pytest.raises(AssistantError, match="did not answer within"):
        project.predict(lambda pixels: free.wait(30), project.tasks.id[:1].tolist(), timeout=0.2)
    free.set()
    assert len(project.annotations) == 0


def test_pictures_of_a_batch_come_together(make: Make) -> None:
    project = make()
    sizes: list[int] = []

    def many(pixels: Any, contexts: Any) -> Any:
        sizes.append(len(pixels))
        assert all(context.ontology == project.ontology for context in contexts)
        return [net(one) for one in pixels]

    project.predict(lw.assistant(net, batch=many), batch_size=4, threshold=0, progress=False)
    assert sizes == [4, 2]
    assert len(project.annotations) == 12


def test_every_so_many_frames_of_a_group_are_looked_at(tmp_path: Path) -> None:
    for number in range(4):
        Image.fromarray(np.full((48, 64), 40 * number, np.uint8)).save(tmp_path / f"{number}.png")
    frame = pd.DataFrame({"urls": [[str(tmp_path / f"{k}.png") for k in range(4)]], "title": ["g"]})
    dataset = lw.Dataset.open(frame)
    with lw.Project.create(tmp_path / "a.db", dataset, ONTOLOGY, user="ana") as project:
        with pytest.raises(AssistantError, match="has many pictures"):
            project.predict(net, progress=False)
        project.predict(net, frames=2, threshold=0, progress=False)
        cars = project.annotations.query("class_name == 'car'")
        assert cars.frame.tolist() == [0, 2]
        assert cars.x.tolist() == [0, 2]


def test_settings_that_mean_nothing_are_refused(make: Make) -> None:
    project = make()
    wrong = {
        "threshold": [2, "a", None, True],
        "batch_size": [0, "a", 1.5],
        "frames": [0, "all", [0, "a"], [-1], 1.5],
        "timeout": [0, "5"],
    }
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(SchemaError, match=f"^{name}: must"):
                project.predict(net, **{name: value})


def test_a_model_that_leaves_is_an_error_of_its_picture(make: Make) -> None:
    project = make()

    def leaves(pixels: Any) -> Any:
        if number_of(pixels) == 2:
            raise SystemExit(3)
        return net(pixels)

    for timeout in (None, 60.0):
        report = project.predict(leaves, progress=False, timeout=timeout)
        assert report.error.notna().tolist() == [False, False, True, False, False, False]
        assert "raised SystemExit: 3" in report.error[2]


def test_predictions_are_a_frame_and_store_nothing(make: Make) -> None:
    project = make()
    frame = project.predictions(net, progress=False)
    assert len(project.annotations) == 0
    assert frame.dtypes.equals(project.annotations.dtypes)
    assert set(frame.author) == {"net"}
    assert len(frame) == 12


def test_who_leads_lets_models_label(make: Make) -> None:
    project = make(people={"ana": "admin", "ben": "annotator"})
    project.predict(net, progress=False)
    with (
        lw.Project.open(project.store.location.path, user="ben") as ben,
        pytest.raises(RightsError),
    ):
        ben.predict(net)


def test_a_model_is_one_more_rater(make: Make) -> None:
    project = make()
    project.predict(net, threshold=0, progress=False)
    for task, car in zip(project.tasks.id, project.records("class_name == 'car'"), strict=True):
        if car.geometry.x % 2:  # type: ignore[union-attr]
            better = lw.Rectangle(car.geometry.x, 2, 10, 5)  # type: ignore[union-attr]
            project.update(msgspec.structs.replace(car, geometry=better))
        project.submit(task)
    pairs = project.agreement(by="pair", models=True)
    (row,) = pairs.query("rater_a == 'ana' and rater_b == 'net'").itertuples()
    assert row.value == pytest.approx((3 * 1 + 3 * 0.5) / 6)
    assert project.agreement(by="pair").empty, "what a model proposed is the opinion of who kept it"
    both = pd.concat([project.annotations, project.predictions(net, progress=False)])
    by_hand = lw.agreement(both, by="pair")
    assert by_hand.value.tolist() == [pytest.approx(0.75)]


def staged(**options: Any) -> lw.workflow.Workflow:
    first = Stage("model", "model", {"model": "net", "threshold": 0.3, **options})
    stages = [
        first,
        Stage("annotate", "annotate"),
        Stage("review", "review"),
        Stage("done", "done"),
    ]
    return workflow("staged", stages)


def test_a_model_stage_labels_in_batches_and_sends_on_what_it_is_sure_of(make: Make) -> None:
    project = make(workflow=staged(sure=0.75, then="review"))
    report = project.advance({"net": lw.assistant(net, version="2")})
    assert report.error.isna().all()
    assert report.stage.tolist() == ["annotate"] * 4 + ["review"] * 2
    origins = {(one.origin.kind, one.origin.name, one.origin.version) for one in project.records()}
    assert origins == {("model", "net", "2")}
    task = project.tasks.id[5]
    project.reject(task, comment="no car")
    back = project.tasks.set_index("id").loc[task]
    assert (back.stage, back.state) == ("annotate", "queued")


def test_a_registered_assistant_is_found_by_its_name(make: Make) -> None:
    project = make(workflow=staged())
    said = project.advance().error[0]
    assert "no model 'net'" in said
    assert "project.advance({'net': assistant})" in said
    lw.workflow.model(lw.assistant(net))
    try:
        assert set(project.advance().stage) == {"annotate"}
    finally:
        from labelwidgets.workflow import registry

        del registry._models["net"]


def test_a_workflow_that_begins_with_a_model_takes_one_line(make: Make) -> None:
    from labelwidgets.workflow import registry

    try:
        flow = lw.workflow.model_first(lw.assistant(net), threshold=0.3, sure=0.75)
        project = make(workflow=flow)
        assert project.advance().stage.tolist() == ["annotate"] * 4 + ["review"] * 2
        project.submit(project.tasks.id[0])
        assert project.tasks.stage[0] == "review"
    finally:
        del registry._models["net"]
    done = make(workflow=lw.workflow.model_first("net", 0.3, sure=0.75, share=0.0))
    moved = done.advance({"net": lw.assistant(net)})
    assert moved.stage.tolist() == ["annotate"] * 4 + ["done"] * 2
    with pytest.raises(lw.errors.WorkflowError, match="sure"):
        lw.workflow.model_first("net", sure=1.5)


def test_what_a_model_fails_at_waits_in_its_stage(make: Make) -> None:
    project = make(workflow=staged(sure=0.7, then="done"))

    def fails(pixels: Any) -> Any:
        if number_of(pixels) == 2:
            raise ValueError("blurred")
        return net(pixels)

    report = project.advance({"net": lw.assistant(fails, name="net")})
    assert report.stage.tolist() == ["annotate", "annotate", "model", "done", "done", "done"]
    assert "blurred" in report.error[2]
    assert report.error[2].startswith("'2.png' (item ")
    again = project.advance({"net": lw.assistant(net)})
    assert again.stage.tolist() == ["annotate"]


def test_sure_needs_somewhere_to_go() -> None:
    with pytest.raises(lw.errors.WorkflowError, match="sure"):
        staged(sure=0.5)


def labelled(make: Make) -> tuple[lw.Project, dict[str, str]]:
    """A project with a car and an answer on each picture, and its items by title."""
    project = make()
    items = dict(zip(project.tasks.title, project.tasks.item_id, strict=True))
    for number, item in enumerate(items.values()):
        car = lw.Rectangle(number, 1, 8, 9)
        project.add(
            [
                lw.Annotation(item_id=item, class_name="car", geometry=car),
                lw.Annotation(item_id=item, geometry=lw.Tag(), attributes={"weather": "dry"}),
            ]
        )
    return project, items


class Looking:
    """A model that keeps what it is told is there."""

    name = "looking"

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {}

    def predict(self, pixels: Any, prompt: Any, context: lw.Context) -> Any:
        found = {one.class_name: one for one in context.labels}
        assert found[None].attributes == {"weather": "dry"}
        assert list(context.labels) == context.labels_here
        assert {one.item_id for one in context.labels} == {context.item_id}
        self.seen[context.title] = list(found["car"].geometry.bounds)


class LookingAtMany(Looking):
    def predict_batch(self, pixels: Any, contexts: Any) -> Any:
        return [self.predict(one, None, told) for one, told in zip(pixels, contexts, strict=True)]


WHOLE = {f"{number}.png": [number, 1, 8, 9] for number in range(6)}


@pytest.mark.parametrize("kind", [Looking, LookingAtMany])
@pytest.mark.parametrize("by", ["predict", "predictions"])
def test_a_model_is_told_of_the_labels_of_each_item(make: Make, kind: Any, by: str) -> None:
    project, _ = labelled(make)
    model = kind()
    getattr(project, by)(model, batch_size=4, progress=False)
    assert model.seen == WHOLE


def test_a_model_stage_is_told_of_the_labels_of_each_item(make: Make) -> None:
    project, _ = labelled(make)
    flow = lw.workflow.model_first("looking")
    project.change_workflow(flow, {"annotate": "model"})
    model = Looking()
    assert project.advance({"looking": lw.assistant(model)}).error.isna().all()
    assert model.seen == WHOLE


def test_whoever_asks_by_code_tells_what_the_project_knows(make: Make) -> None:
    project, items = labelled(make)
    model = Looking()
    context = project.context(items["3.png"], class_name="car")
    assert "LateLabels(...)" in repr(context), "nobody has looked"
    lw.assistant(model).propose(project.dataset.pixels(items["3.png"]), None, context)
    assert model.seen == {"3.png": WHOLE["3.png"]}
    assert (context.class_name, context.classes) == ("car", ["car", "tree"])
    by_task = project.context(project.tasks.id[3])
    assert by_task.item_id == items["3.png"]
    assert list(by_task.labels) == list(context.labels)
    with pytest.raises(SchemaError, match="no item of the project"):
        project.context("nothing")
    with pytest.raises(SchemaError, match="Classes: car, tree"):
        project.context(items["3.png"], class_name="cat")


def test_a_model_that_does_not_look_costs_no_reading(make: Make, monkeypatch: Any) -> None:
    project, _ = labelled(make)
    looks: list[str] = []
    look = lw.workflow.session.Session.look
    monkeypatch.setattr(
        lw.workflow.session.Session,
        "look",
        lambda self, task: looks.append(task) or look(self, task),
    )
    project.predictions(net, progress=False)
    assert looks == []


def test_processes_come_to_what_this_kernel_does(make: Make) -> None:
    here, there = make(), make()
    model = lw.assistant(net, version="3")
    expected = here.predict(model, batch_size=2, progress=False)
    found = there.predict(model, batch_size=2, progress=False, workers=2)
    columns = ["item_id", "added", "replaced", "kept", "error"]
    pd.testing.assert_frame_equal(found[columns], expected[columns])
    columns = ["item_id", "class_name", "geometry", "attributes", "confidence", "origin", "author"]
    order = ["item_id", "class_name"]
    pd.testing.assert_frame_equal(
        there.annotations[columns].sort_values(order, ignore_index=True),
        here.annotations[columns].sort_values(order, ignore_index=True),
    )
    again = there.predict(model, progress=False)
    assert again.added.sum() == again.replaced.sum() == 0, "they have other ids"
    there.undo()
    assert len(there.annotations) == 0, "it is not one gesture"


def test_workers_that_die_cost_their_batch_and_no_other(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(work: Any, pieces: Any, *_: Any, lost: Any, **__: Any) -> Any:
        for number, piece in enumerate(pieces):
            yield piece, lost(piece) if number == 1 else work(piece)

    monkeypatch.setattr("labelwidgets.project.prediction_run.run", run)
    report = make().predict(net, batch_size=2, progress=False, workers=1)
    assert report.added.tolist() == [1, 2, 0, 0, 2, 2]
    lost = report.error.dropna()
    assert len(lost) == 2
    assert all(error.endswith("'net': killed the workers that it was on.") for error in lost)


def test_a_model_that_cannot_travel_is_made_where_it_works(make: Make) -> None:
    project = make()

    def local(pixels: Any) -> Any:
        return net(pixels)

    with pytest.raises(WorkflowError, match="cannot be sent to other processes"):
        project.predict(local, progress=False, workers=1)
    assert len(project.annotations) == 0
    server = lw.assistant(
        lw.model_servers.LabelStudioML("http://127.0.0.1:9", headers={"a": "key"})
    )
    with pytest.raises(AssistantError, match="goes to no other process"):
        project.predict(server, progress=False, workers=1)
    project.predict(net, progress=False)
    model = lw.assistant(made_on_workers(locked_net), name="other")
    report = project.predict(model, progress=False, workers=1)
    assert report.error.isna().all()
    assert spans(project)["2.png"] == [(2, 10), (30, 10)], "it was told what is there"


class Locked:
    """A model that holds what belongs to its process, and goes by the labels that are there."""

    version = "7"

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def predict(self, pixels: Any, prompt: Any, context: Any) -> Any:
        with self.lock:
            found = [one for one in context.labels if one.class_name == "car"]
            return [(lw.Rectangle(30, *one.geometry.bounds[1:]), "car", 0.9) for one in found]


def locked_net() -> Locked:
    return Locked()


def test_answers_about_the_picture_say_each_which_model_proposed_them(make: Make) -> None:
    project = make()
    items = dict(zip(project.tasks.title, project.tasks.item_id, strict=True))
    hand = lw.Annotation(item_id=items["1.png"], geometry=lw.Tag(), attributes={"light": "day"})
    project.add(hand)
    project.predict(lw.assistant(net, version="3"), beside=True, progress=False)
    found = {one.item_id: one for one in project.records() if one.class_name is None}
    by = ProposedAnswer("rain", "net", "3", 0.9)
    for title, item in items.items():
        assert proposed_answers(found[item].origin) == {"weather": by}
        assert found[item].origin.kind == ("hand" if title == "1.png" else "model")
    mixed = found[items["1.png"]]
    assert mixed.attributes == {"light": "day", "weather": "rain"}
    assert mixed.confidence is None, "a person is as sure as before"

    def newer(pixels: Any) -> Any:
        return [
            {"attributes": {"weather": "dry"}, "score": 0.7},
            {"attributes": {"light": "night"}, "score": 0.8},
        ]

    project.predict(lw.assistant(newer, name="net", version="4"), progress=False)
    now = {one.item_id: one for one in project.records() if one.class_name is None}
    assert now[items["1.png"]].attributes == mixed.attributes
    again = now[items["2.png"]]
    assert again.attributes == {"weather": "dry", "light": "night"}
    assert (again.origin.version, again.confidence) == ("4", 0.7)
    assert proposed_answers(again.origin) == {
        "weather": ProposedAnswer("dry", "net", "4", 0.7),
        "light": ProposedAnswer("night", "net", "4", 0.8),
    }
    project.undo()
    back = {one.item_id: one for one in project.records() if one.class_name is None}
    assert proposed_answers(back[items["2.png"]].origin) == {"weather": by}


def test_answers_to_what_is_not_asked_are_no_proposal(make: Make) -> None:
    project = make()
    for said, words in (
        ({"wether": "rain"}, "'wether'.*Questions: weather, light"),
        ({"weather": "hail"}, "no option 'hail'"),
        ({"weather": ["rain"]}, "must be a string"),
    ):
        model = lw.assistant(lambda pixels, said=said: {"attributes": said}, name="odd")
        with pytest.raises(AssistantError, match=words):
            project.predictions(model, progress=False)
