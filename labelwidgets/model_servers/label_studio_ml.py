"""Back ends of Label Studio: models that answer in its JSON.

Source: ``api.py`` of label-studio-ml-backend, and Label Studio's documentation of its predictions.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

from labelwidgets.assist.class_names import named_after
from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer
from labelwidgets.assist.prompts import Prompt
from labelwidgets.assist.reading import SLACK
from labelwidgets.assist.results import MOST_SHAPES, Proposed
from labelwidgets.errors import AssistantError, LabelwidgetsError
from labelwidgets.formats.label_studio.config import write_config
from labelwidgets.formats.label_studio.predictions import read_prediction
from labelwidgets.formats.label_studio.shapes import write_shape
from labelwidgets.model_servers.client import Client
from labelwidgets.model_servers.scan_files import picture_file
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import (
    Ellipse,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
)
from labelwidgets.schema.ontology import ObjectClass, Ontology

Event = Literal["ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATION_DELETED", "START_TRAINING"]
_SHAPES = (Rectangle, Ellipse, Polygon, Polyline, Point, Mask)
# How wide a click is, in percent.
_DOT = 0.5


class LabelStudioML:
    """A back end of Label Studio, as a `Predictor` for pictures.

    It is sent tasks with the picture in ``data.image``, and a labelling interface that fits the
    ontology. Clicks and a box are the results of ``params.context``.

    Parameters
    ----------
    url
        Of the back end, such as ``http://127.0.0.1:9090``.
    address
        Returns the URL at which the back end reads the picture of a context. None sends the
        picture itself as a ``data:`` URL, which back ends must know to open.
    prompts
        What a person can show to it: any of ``clicks`` and ``box``.
    project
        Number that it has for the back end.
    headers, timeout, verify
        Of the `Client`.

    Raises
    ------
    AssistantError
        If the address is none of a server; of a server that is not there, on use.
    MissingExtraError
        If requests is not installed.

    Examples
    --------
    >>> server = lw.model_servers.LabelStudioML("http://127.0.0.1:9090", prompts=["clicks"])
    >>> lw.assist.register(lw.assistant(server, name="sam"))
    """

    def __init__(
        self,
        url: str,
        *,
        address: Callable[[Context], str] | None = None,
        prompts: Sequence[str] = (),
        project: int = 1,
        headers: Mapping[str, str] | None = None,
        timeout: float = 300.0,
        verify: bool | str = True,
    ) -> None:
        self.client = Client(url, headers=headers, timeout=timeout, verify=verify)
        self.name = named_after(self)
        self.version = "1"
        self.prompts = tuple(prompts)
        self.address, self.project = address, project
        if not set(self.prompts) <= {"clicks", "box"}:
            raise AssistantError("are clicks and box, no others.", where="prompts")

    def __repr__(self) -> str:
        return f"LabelStudioML({self.client.where!r})"

    def health(self) -> Mapping[str, Any]:
        """Return what the back end says of itself."""
        return self._object(self.client.ask("GET", "/health").json, "GET /health")

    def setup(self, ontology: Ontology | Sequence[ObjectClass | str]) -> str:
        """Tell the back end of the classes, and return the version of its model.

        Raises
        ------
        OntologyError
            If it is neither an ontology nor a list of classes.
        """
        schema = _interface(Ontology.of(ontology))
        told = {"project": self._project, "schema": schema, "extra_params": None}
        reply = self.client.ask("POST", "/setup", json=told)
        said = self._object(reply.json, "POST /setup")
        self._note_version(said)
        return self.version

    def predict(self, pixels: Any, prompt: Prompt | None, context: Context) -> Answer:
        """Return what the back end says of a picture.

        Raises
        ------
        AssistantError
            Naming the server, and what is wrong with its answer.
        ToolError
            If it was given up on.
        """
        (made,) = self._predicted([pixels], [context], prompt)
        return made

    def predict_batch(self, pixels: Sequence[Any], contexts: Sequence[Context]) -> Sequence[Answer]:
        """Return what the back end says of pictures, in one question."""
        return self._predicted(pixels, contexts, None)

    def tell(
        self,
        event: Event,
        annotations: Sequence[Annotation] = (),
        context: Context | None = None,
        size: tuple[int, int] | None = None,
    ) -> Mapping[str, Any]:
        """Tell the back end what was labelled, which may train it, or that it shall train.

        Parameters
        ----------
        event
            What happened.
        annotations
            Of one picture.
        context
            The picture, and the ontology.
        size
            (width, height) of the picture.

        Raises
        ------
        AssistantError
            If there is no such event, or a label is of a kind that Label Studio has not for
            pictures.
        """
        if event not in get_args(Event):
            raise AssistantError(
                f"is none that a back end knows: {event!r:.60}.",
                where="event",
                hint=f"It is one of {', '.join(get_args(Event))}.",
            )
        context = context or Context()
        project = {"id": self.project, "label_config": _interface(context.ontology)}
        told: dict[str, Any] = {"action": event, "project": project}
        if annotations:
            if size is None:
                raise AssistantError("is needed, as shapes are in percent of it.", where="size")
            told["annotation"] = {"result": [_result(one, size) for one in annotations]}
            data = {"image": self.address(context) if self.address is not None else context.title}
            told["task"] = {"id": context.item_id, "data": data}
        reply = self.client.ask("POST", "/webhook", json=told)
        return self._object(reply.json, "POST /webhook")

    def close(self) -> None:
        """Close the lines to the server."""
        self.client.close()

    @property
    def _project(self) -> str:
        # Of Label Studio it has the time at which it was made after the point.
        return f"{self.project}.0"

    def _predicted(
        self, pixels: Sequence[Any], contexts: Sequence[Context], prompt: Prompt | None
    ) -> list[Answer]:
        sizes = [(one.shape[1], one.shape[0]) for one in pixels]
        tasks = []
        for number, (one, context) in enumerate(zip(pixels, contexts, strict=True), 1):
            context.progress()
            tasks.append({"id": number, "data": {"image": self._image(one, context)}})
        told = {
            "tasks": tasks,
            "label_config": _interface(contexts[0].ontology),
            "project": self._project,
            "params": {"context": _context(prompt, sizes[0], contexts[0])},
        }
        reply = self.client.ask("POST", "/predict", json=told)
        said = self._object(reply.json, "POST /predict")
        found = self._results(said, len(tasks))
        return [
            self._read(one, size, f"results[{at}]")
            for at, (one, size) in enumerate(zip(found, sizes, strict=True))
        ]

    def _image(self, pixels: Any, context: Context) -> str:
        if self.address is not None:
            return self.address(context)
        return f"data:image/png;base64,{base64.b64encode(picture_file(pixels)).decode()}"

    def _results(self, said: Mapping[str, Any], count: int) -> list[Any]:
        results = said.get("results")
        if not isinstance(results, list) or len(results) != count:
            many = len(results) if isinstance(results, list) else 0
            raise AssistantError(
                f"answered with {numbered(many, 'result')} for {numbered(count, 'task')}.",
                where=f"{self.client.where}, POST /predict",
            )
        return results

    def _read(self, prediction: Any, size: tuple[int, int], where: str) -> Answer:
        if prediction is None or prediction == []:
            return None
        if isinstance(prediction, list):
            # Of back ends that answer with several, the first is the one that is meant.
            prediction = prediction[0]
        result = prediction.get("result") if isinstance(prediction, Mapping) else None
        place = f"{self.client.where}, {where}"
        if not isinstance(result, list) or len(result) > MOST_SHAPES:
            raise AssistantError(
                f"must have a list of at most {MOST_SHAPES} results.", where=f"{place}, result"
            )
        _check_score(prediction, place)
        for at, one in enumerate(result):
            if isinstance(one, Mapping):
                _check_score(one, f"{place}, result[{at}]")
        self._note_version(prediction)
        try:
            return [_answer(one) for one in read_prediction(prediction, size, where)]
        except LabelwidgetsError as error:
            raise AssistantError(
                f"answered with what is no label: {error.message}",
                where=f"{self.client.where}, {error.where}",
            ) from None

    def _note_version(self, said: Mapping[str, Any]) -> None:
        version = said.get("model_version")
        if isinstance(version, str | int) and str(version).strip():
            self.version = str(version).strip()[:100]

    def _object(self, call: Callable[[], Any], what: str) -> Mapping[str, Any]:
        said = self.client.told(call, what)
        if not isinstance(said, Mapping):
            raise AssistantError(
                "answered with no object of JSON.", where=f"{self.client.where}, {what}"
            )
        return said


def _check_score(said: Mapping[str, Any], where: str) -> None:
    """Raise unless a score is a confidence, as of every other model."""
    score = said.get("score")
    number = isinstance(score, int | float) and not isinstance(score, bool)
    if score is None or (number and -SLACK <= score <= 1 + SLACK):
        return
    raise AssistantError(
        f"answered with the confidence {score!r:.40}, not 0 to 1.", where=f"{where}, score"
    )


def _interface(ontology: Ontology | None) -> str:
    """Return the labelling interface, in which what is clicked has a control, too."""
    if ontology is None:
        ontology = Ontology(classes=[ObjectClass("object")])
    names = [made.name for made in ontology.classes if not made.retired]
    return write_config(ontology, {"keypoint": names, "rectangle": names}, False, False)


def _context(
    prompt: Prompt | None, size: tuple[int, int], context: Context
) -> dict[str, Any] | None:
    """Return what was shown, as the results that Label Studio makes of it."""
    if prompt is None or not (prompt.clicks or prompt.box):
        return None
    names = [context.class_name] if context.class_name is not None else context.classes[:1]
    shown = [
        _said("keypoint", size, click.positive)
        | {"value": _value("keypoint", names, Point(click.x, click.y), size) | {"width": _DOT}}
        for click in prompt.clicks
    ]
    if prompt.box is not None:
        box = Rectangle(prompt.box.x, prompt.box.y, prompt.box.width, prompt.box.height)
        made = _said("rectangle", size, True)
        shown.append(made | {"value": _value("rectangle", names, box, size)})
    return {"result": [one | {"id": f"shown{at}"} for at, one in enumerate(shown)]}


def _said(kind: str, size: tuple[int, int], positive: bool) -> dict[str, Any]:
    return {
        "type": f"{kind}labels",
        "from_name": f"{kind}labels",
        "to_name": "image",
        "original_width": size[0],
        "original_height": size[1],
        "image_rotation": 0,
        "is_positive": int(positive),
    }


def _value(kind: str, names: list[str], shape: Any, size: tuple[int, int]) -> dict[str, Any]:
    return write_shape(shape, size)[1] | {f"{kind}labels": names}


def _result(annotation: Annotation, size: tuple[int, int]) -> dict[str, Any]:
    """Return a label as a result."""
    shape, name = annotation.geometry, annotation.class_name
    if isinstance(shape, Tag) and name is not None:
        value: dict[str, Any] = {"choices": [name]}
        made = {"type": "choices", "from_name": "tag", "to_name": "image", "value": value}
        return made | {"id": annotation.id}
    if not isinstance(shape, _SHAPES) or name is None:
        raise AssistantError(
            f"is a {shape.type}, which is not told.", where=f"annotation {annotation.id!r}"
        )
    kind, value = write_shape(shape, size)
    said = _said(kind, size, True)
    del said["is_positive"]
    return said | {"id": annotation.id, "value": value | {f"{kind}labels": [name]}}


def _answer(label: Annotation) -> Any:
    """Return a label as an answer; a word about the picture may be one to a question, too."""
    if isinstance(label.geometry, Tag):
        if label.class_name is None:
            return {"attributes": label.origin.parameters.get("attributes", {})}
        return {"label": label.class_name, "score": label.confidence}
    return Proposed(label.geometry, label.class_name, label.confidence)
