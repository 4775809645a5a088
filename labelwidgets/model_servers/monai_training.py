"""The training of a MONAI Label server, watched until it is done or given up on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.errors import AssistantError
from labelwidgets.model_servers.client import Client


def train(
    client: Client,
    path: str,
    params: Mapping[str, Any],
    told: Callable[[Mapping[str, Any]], object] | None,
    every: float,
) -> Mapping[str, Any]:
    """Start a training and wait for it; see `MonaiLabel.train`."""
    said = client.told(client.ask("POST", path, json=params).json, f"POST {path}")
    try:
        while True:
            now = client.ask("GET", "/train/", accept=(404,))
            if now.status != 404:
                said = client.told(now.json, "GET /train/")
            if not isinstance(said, Mapping):
                raise AssistantError("does not say how the training is.", where=client.where)
            if told is not None:
                told(said)
            state = said.get("status")
            if state == "ERROR":
                raise AssistantError(f"failed to train: {_last_line(said)}", where=client.where)
            # Where nothing is trained, that is not found.
            if now.status == 404 or state == "DONE":
                return said
            checkpoint(_share(said, params))
            time.sleep(every)
    except BaseException:
        stop(client)
        raise


def stop(client: Client) -> None:
    """Stop what is trained; nothing happens where nothing is."""
    client.ask("DELETE", "/train/", accept=(404,))


def _share(said: Mapping[str, Any], params: Mapping[str, Any]) -> float | None:
    """Return what share of a training is done, None where that is not said."""
    try:
        return float(said["epoch"]) / float(said.get("max_epochs", params.get("max_epochs")))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _last_line(said: Mapping[str, Any]) -> str:
    lines = said.get("details")
    last = lines[-1] if isinstance(lines, list) and lines else lines
    return " ".join(str(last or "it does not say why").split())[:300]
