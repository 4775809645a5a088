"""The training of a MONAI Label server, watched until it is done or given up on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from labelwidgets.assist.cancelling import checkpoint, while_wanted
from labelwidgets.errors import AssistantError
from labelwidgets.model_servers.client import Client

# Of a training: it waits, or goes on. Anything else is an end of it.
_GOES_ON = ("PENDING", "SUBMITTED", "RUNNING", "STARTED")
# A training that was begun just now has no process yet that could be stopped.
_STOPS = 20
_BETWEEN = 0.25


def train(
    client: Client,
    model: str,
    path: str,
    params: Mapping[str, Any],
    told: Callable[[Mapping[str, Any]], object] | None,
    every: float,
) -> Mapping[str, Any]:
    """Start a training and wait for it; see `MonaiLabel.train`."""
    before = _figures(client, model)
    said: Mapping[str, Any]
    said = client.told(client.ask("POST", path, json=params).json, f"POST {path}")
    begun = _of(said, "id")
    try:
        while True:
            now = client.ask("GET", "/train/", accept=(404,))
            if now.status != 404:
                heard = client.told(now.json, "GET /train/")
                if not isinstance(heard, Mapping):
                    raise AssistantError("does not say how the training is.", where=client.where)
                # Of another one, that began after this one was over.
                if _of(heard, "id") not in (None, begun):
                    return said
                figures = _figures(client, model)
                said = {**heard, **(figures if figures != before else {})}
            if told is not None:
                told(said)
            state = said.get("status")
            if state == "ERROR":
                raise AssistantError(f"failed to train: {_last_line(said)}", where=client.where)
            # Where nothing is trained, that is not found.
            if now.status == 404 or state == "DONE":
                return said
            if state not in _GOES_ON:
                raise AssistantError(
                    f"ended the training: it is {str(state)[:40]}.",
                    where=client.where,
                    hint="Somebody stopped it, or the server was started anew.",
                )
            checkpoint(_share(said, params))
            time.sleep(every)
    except BaseException:
        stop(client)
        raise


def stop(client: Client) -> None:
    """Stop what is trained; nothing happens where nothing is."""
    # Also where nobody waits for the training any more, as that is why it is stopped.
    with while_wanted(lambda: True):
        for _ in range(_STOPS):
            client.ask("DELETE", "/train/", accept=(404,))
            now = client.ask("GET", "/train/", accept=(404,))
            said = None if now.status == 404 else client.told(now.json, "GET /train/")
            if _of(said, "status") not in _GOES_ON:
                return
            time.sleep(_BETWEEN)


def _figures(client: Client, model: str) -> Mapping[str, Any]:
    """Return the epoch and the figures of a model's last training, which only ``/info/`` says."""
    said = client.told(client.ask("GET", "/info/").json, "GET /info/")
    of_model = _of(_of(said, "train_stats"), model)
    if not isinstance(of_model, Mapping):
        return {}
    kept = {name: value for name, value in of_model.items() if name not in ("id", "status")}
    trainer = _of(_of(_of(said, "trainers"), model), "config")
    most = _of(trainer, "max_epochs")
    return kept if most is None or not kept else {"max_epochs": most, **kept}


def _of(said: Any, name: str) -> Any:
    return said.get(name) if isinstance(said, Mapping) else None


def _share(said: Mapping[str, Any], params: Mapping[str, Any]) -> float | None:
    """Return what share of a training is done, None where that is not said."""
    try:
        return float(said["epoch"]) / float(params.get("max_epochs", said.get("max_epochs")))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _last_line(said: Mapping[str, Any]) -> str:
    lines = said.get("details")
    last = lines[-1] if isinstance(lines, list) and lines else lines
    return " ".join(str(last or "it does not say why").split())[:300]
