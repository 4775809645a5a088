"""MONAI Label: its models, its sessions, its datastore, and what it wants to have labelled next.

Source: the REST interface of MONAI Label 0.8 (``GET /info/`` says what a server has).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, get_args
from urllib.parse import quote

from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer, Pixels, Takes
from labelwidgets.assist.prompts import Prompt
from labelwidgets.errors import AssistantError
from labelwidgets.media.scan import Scan
from labelwidgets.model_servers import monai_training
from labelwidgets.model_servers.axis_order import Order
from labelwidgets.model_servers.client import Client, Files
from labelwidgets.model_servers.label_maps import label_map_file
from labelwidgets.model_servers.replies import (
    Inferred,
    clicks_of,
    extremes_of,
    id_of,
    names_from,
    read_inferred,
)
from labelwidgets.model_servers.reply import Reply
from labelwidgets.model_servers.scan_files import (
    picture_file,
    read_picture_labels,
    read_scan_labels,
    scan_file,
)
from labelwidgets.model_servers.sessions import Sessions
from labelwidgets.schema.annotation import Annotation

# Kinds of models that are shown clicks.
_CLICKED = ("deepgrow", "deepedit", "annotation")
_GONE = (404, 440, 500)
_BYTES = "application/octet-stream"


class Sample(NamedTuple):
    """What a server wants to have labelled next.

    Parameters
    ----------
    image
        Its id in the datastore of the server.
    item_id
        The item that it is, by `images`; None where that is not known.
    said
        All that the server says of it.
    """

    image: str
    item_id: str | None
    said: Mapping[str, Any]


class MonaiLabel:
    """A model of a MONAI Label server, as a `Predictor`.

    A scan is sent once, as a session, its axes turned to lead right, to the front and up: so the
    models of MONAI Label see it, and so they are told of clicks. Clicks go to models for deep
    growing and editing as ``foreground`` and ``background``, to those that take extreme points as
    ``points``.

    Parameters
    ----------
    url
        Of the server.
    model
        Its name there; None is the only one that there is.
    takes
        ``volume`` for scans, ``image`` for pictures, which are sent as PNG.
    images
        Ids in the server's own datastore, by the ids of items: these are not sent. Where such a
        model takes clicks, its file must have its voxels in the order of the scan.
    params
        What else the model is told with each question.
    expiry
        Seconds that the server keeps a scan.
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
    >>> server = lw.model_servers.MonaiLabel("http://127.0.0.1:8000", "deepedit")
    >>> lw.assist.register(lw.assistant(server, classes={"spleen": "Spleen", "*": None}))
    """

    def __init__(
        self,
        url: str,
        model: str | None = None,
        *,
        takes: Takes = "volume",
        images: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        expiry: int = 3600,
        headers: Mapping[str, str] | None = None,
        timeout: float = 300.0,
        verify: bool | str = True,
    ) -> None:
        if takes not in get_args(Takes):
            raise AssistantError(
                f"must be one of {', '.join(get_args(Takes))}, not {takes!r:.40}.", where="takes"
            )
        self.client = Client(url, headers=headers, timeout=timeout, verify=verify)
        self.takes: Takes = takes
        self.images = dict(images or {})
        self.params = dict(params or {})
        self.expiry = int(expiry)
        self._model = model
        self._info: Mapping[str, Any] | None = None
        self._sessions = Sessions(self._send, self._end)

    def __repr__(self) -> str:
        return f"MonaiLabel({self.client.where!r}, {self._model!r})"

    def info(self, again: bool = False) -> Mapping[str, Any]:
        """Return what the server says of itself: its models, trainers, strategies, its datastore.

        Parameters
        ----------
        again
            Ask, also where it was asked before.
        """
        if self._info is None or again:
            said = self.client.told(lambda: self.client.ask("GET", "/info/").json(), "GET /info/")
            if not isinstance(said, Mapping) or not isinstance(said.get("models"), Mapping):
                raise AssistantError(
                    "has no models.", where=self.client.where, hint="Is it MONAI Label?"
                )
            self._info = said
        return self._info

    @property
    def name(self) -> str:
        """The model, as the server calls it."""
        models = self.info()["models"]
        if self._model is None and len(models) == 1:
            self._model = str(next(iter(models)))
        if self._model is None or self._model not in models:
            raise AssistantError(
                f"has no model {self._model!r}." if self._model else "has several models.",
                where=self.client.where,
                hint=f"Say which: {', '.join(map(str, models))[:300] or 'it has none'}.",
            )
        return self._model

    @property
    def version(self) -> str:
        """That of the server's app, where it says one."""
        return str(self.info().get("version") or "1")[:100]

    @property
    def names(self) -> dict[int, str] | None:
        """What the numbers of its label maps mean; None where the server does not say."""
        labels = self._of_model().get("labels")
        return self.client.told(lambda: names_from(labels), f"model {self.name!r}, labels") or None

    @property
    def prompts(self) -> tuple[str, ...]:
        """What a person can show to it."""
        return ("clicks",) if self._of_model().get("type") in _CLICKED else ()

    def _of_model(self) -> Mapping[str, Any]:
        said = self.info()["models"].get(self.name)
        return said if isinstance(said, Mapping) else {}

    def predict(self, pixels: Pixels, prompt: Prompt | None, context: Context) -> Answer:
        """Return what the model says of a scan or a picture.

        Raises
        ------
        AssistantError
            Naming the server, and what is wrong with its answer.
        ToolError
            If it was given up on.
        """
        context.progress(0.0)
        params = {**self.params, **self._shown(prompt, pixels, context)}
        reply = self._infer(pixels, context, params)
        context.progress(0.9)
        return self.client.told(lambda: self._answer(read_inferred(reply), pixels), "answer")

    def prepare(self, pixels: Pixels) -> None:
        """Send a scan ahead of the first click."""
        if isinstance(pixels, Scan) and not self.images:
            self._sessions.of(pixels, Context())

    def close(self) -> None:
        """End the sessions, and close the lines to the server."""
        self._sessions.close()
        self.client.close()

    def next_sample(self, strategy: str = "random", **params: Any) -> Sample | None:
        """Return what the server wants to have labelled next, None where all is labelled.

        Parameters
        ----------
        strategy
            One of ``info()["strategies"]``.
        **params
            Of the strategy.
        """
        known = self.info().get("strategies")
        if isinstance(known, Mapping) and known and strategy not in known:
            raise AssistantError(
                f"has no strategy {strategy!r:.60}.",
                where=self.client.where,
                hint=f"It has: {', '.join(map(str, known))[:300]}.",
            )
        path = f"/activelearning/{quote(strategy, safe='')}"

        def asked() -> Sample | None:
            said = self.client.ask("POST", path, json=params).json()
            if not said:
                return None
            image = id_of(said, "id")
            known = {there: item for item, there in self.images.items()}
            return Sample(image, known.get(image), said)

        made: Sample | None = self.client.told(asked, f"POST {path}")
        return made

    def save_label(
        self, image: str, annotations: Iterable[Annotation], scan: Scan, *, tag: str = "final"
    ) -> Mapping[str, Any]:
        """Give labels of a scan to the server, which trains with them.

        Parameters
        ----------
        image
            Id in the server's datastore.
        annotations
            Of the scan, with the classes that the model has.
        scan
            What they are on.
        tag
            ``final``, or ``original`` for what a model proposed.

        Raises
        ------
        AssistantError, FormatError
            If a class is none of the model's, a label lies on no slice, or two overlap.
        """
        numbers = {name: number for number, name in (self.names or {}).items() if number > 0}
        data = label_map_file(annotations, numbers, scan)
        reply = self.client.ask(
            "PUT", "/datastore/label", query={"image": image, "tag": tag},
            fields={"params": json.dumps({"label_info": [{"name": name} for name in numbers]})},
            files={"label": ("label.nii.gz", data, _BYTES)},
        )  # fmt: skip
        said: Mapping[str, Any] = self.client.told(reply.json, "answer")
        return said

    def train(
        self,
        model: str | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        told: Callable[[Mapping[str, Any]], object] | None = None,
        every: float = 2.0,
    ) -> Mapping[str, Any]:
        """Train a model on the labels that the server has, and wait for it.

        Ctrl-C, and giving up on it, stop the training.

        Parameters
        ----------
        model
            One of ``info()["trainers"]``; None is this one.
        params
            Such as ``{"max_epochs": 50}``.
        told
            Called every now and then with what the server says of the training, its ``epoch``
            and ``best_metric`` among it.
        every
            Seconds between.

        Returns
        -------
        mapping
            What the server said last.

        Raises
        ------
        AssistantError
            If it failed, or somebody else stopped it.
        """
        chosen = model or self.name
        path = f"/train/{quote(chosen, safe='')}"
        said = monai_training.train(self.client, chosen, path, dict(params or {}), told, every)
        # Its version and its figures may be new.
        self._info = None
        return said

    def stop_training(self) -> None:
        """Stop what the server trains; nothing happens where it does not."""
        monai_training.stop(self.client)

    def _shown(self, prompt: Prompt | None, pixels: Any, context: Context) -> dict[str, Any]:
        """Return clicks as the model wants them."""
        kind = self._of_model().get("type")
        positive, negative = clicks_of(prompt, pixels)
        if isinstance(pixels, Scan) and context.item_id not in self.images:
            # Its own apps turn the scan to RAS, and leave the clicks as they are.
            order = Order.to_ras(pixels.grid)
            positive = [order.voxel(index) for index in positive]
            negative = [order.voxel(index) for index in negative]
        if not positive and not negative:
            return {}
        if kind == "annotation":
            return {"points": extremes_of(positive)}
        made: dict[str, Any] = {"foreground": positive, "background": negative}
        names = [name for number, name in (self.names or {}).items() if number > 0]
        if kind == "deepedit" and names:
            # It edits one label of several, which it finds by its name.
            chosen = context.class_name if context.class_name in names else names[0]
            made |= {"label": chosen, chosen: positive}
        return made

    def _infer(self, pixels: Any, context: Context, params: Mapping[str, Any]) -> Reply:
        path = f"/infer/{quote(self.name, safe='')}"
        fields = {"params": json.dumps(params)}
        query: dict[str, Any] = {"output": "all"}
        if context.item_id in self.images:
            query["image"] = self.images[context.item_id]
            return self.client.ask("POST", path, query=query, fields=fields)
        if not isinstance(pixels, Scan):
            fields["params"] = json.dumps({"result_extension": ".png", **params})
            files: Files = {"file": ("image.png", picture_file(pixels), "image/png")}
            return self.client.ask("POST", path, query=query, fields=fields, files=files)

        def ask(session: str) -> Reply:
            context.progress(0.3)
            told = query | {"session_id": session}
            return self.client.ask("POST", path, query=told, fields=fields, accept=_GONE)

        reply = self._sessions.ask(pixels, context, ask, self._expired)
        return self.client.checked(reply, f"POST {path}")

    def _answer(self, said: Inferred, pixels: Any) -> Answer:
        if said.file is None:
            return _of_words(said.params)
        if isinstance(pixels, Scan):
            made: Any = read_scan_labels(said.file, pixels.grid)
        else:
            made = read_picture_labels(said.file, pixels.shape[:2])
        return made if self.names else made > 0

    def _send(self, scan: Scan, context: Context) -> str:
        near = self.client.near
        # To pack takes longer than to copy within a machine.
        name = "image.nii" if near else "image.nii.gz"
        data = scan_file(scan, context, packed=not near, order=Order.to_ras(scan.grid))
        reply = self.client.ask(
            "PUT", "/session/", query={"expiry": self.expiry}, files={"files": (name, data, _BYTES)}
        )
        made: str = self.client.told(lambda: id_of(reply.json(), "session_id"), "PUT /session/")
        return made

    def _end(self, session: str) -> Reply:
        return self.client.ask("DELETE", f"/session/{quote(session, safe='')}", accept=(404,))

    def _expired(self, reply: Reply, session: str) -> bool:
        """Say whether an answer is bad because the session is over, which only it itself tells."""
        if reply.status not in _GONE:
            return False
        path = f"/session/{quote(session, safe='')}"
        there = self.client.ask("GET", path, accept=_GONE)
        return there.status in _GONE or there.body in (b"null", b"{}")


def _of_words(params: Mapping[str, Any]) -> Answer:
    """Return what is said of the picture as a whole, [] where nothing is."""
    said = params.get("prediction")
    if isinstance(said, Mapping):
        return [{"label": name, "score": score} for name, score in said.items()]
    if isinstance(said, str | list) and said:
        return [{"label": name} for name in ([said] if isinstance(said, str) else said)]
    return []
