"""NVIDIA Clara AIAA, the server of AI-assisted annotation that came before MONAI Label.

Source: NVIDIA's documentation of its API (``/v1``, Clara Train 3.1 and 4.1) and its Python client.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer, Pixels, Takes
from labelwidgets.assist.prompts import Prompt
from labelwidgets.errors import AssistantError
from labelwidgets.media.scan import Scan
from labelwidgets.media.volumes import Grid
from labelwidgets.model_servers.clara_polygons import read_outlines, write_outlines
from labelwidgets.model_servers.client import Client, Files
from labelwidgets.model_servers.regions import region_around
from labelwidgets.model_servers.replies import (
    Inferred,
    clicks_of,
    extremes_of,
    id_of,
    names_from,
    read_inferred,
)
from labelwidgets.model_servers.reply import Reply
from labelwidgets.model_servers.scan_files import nifti_file, read_scan_labels, scan_file
from labelwidgets.model_servers.sessions import Sessions
from labelwidgets.schema.geometry import Polygon

_EXPIRED = 440
_DEXTR = ("annotation", "dextr3d")
_BYTES = "application/octet-stream"
PAD = 20.0
"""Millimetres around extreme points that DEXTR3D is shown."""
ROI = (128, 128, 128)
"""Voxels that it is shown."""


class ClaraAIAA:
    """A model of an NVIDIA Clara AIAA server, as a `Predictor` for scans.

    What its type says is asked: ``segmentation`` by itself, ``annotation`` (DEXTR3D) with six or
    more clicks on extreme points, ``deepgrow`` with clicks on what is meant and what is not.

    Parameters
    ----------
    url
        Of the server, by default at port 5000.
    model
        Its name there.
    sessions
        Send a scan once; False sends it with each question, for servers without sessions.
    expiry
        Seconds that the server keeps a scan; what has expired is sent anew.
    pad, roi
        Of DEXTR3D: millimetres around the points, and slices, rows and columns of its network.
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
    >>> server = lw.model_servers.ClaraAIAA("http://127.0.0.1:5000", "clara_ct_seg_spleen")
    >>> project.predict(lw.assistant(server, classes={"spleen": "Spleen"}))
    """

    takes: Takes = "volume"

    def __init__(
        self,
        url: str,
        model: str,
        *,
        sessions: bool = True,
        expiry: int = 3600,
        pad: float = PAD,
        roi: tuple[int, int, int] = ROI,
        headers: Mapping[str, str] | None = None,
        timeout: float = 300.0,
        verify: bool | str = True,
    ) -> None:
        self.client = Client(url, headers=headers, timeout=timeout, verify=verify)
        self.name = model
        self.expiry, self.pad, self.roi = int(expiry), float(pad), roi
        if len(roi) != 3 or not all(0 < side <= 512 for side in roi) or not 0 <= pad <= 1000:
            raise AssistantError("must be three sides to 512, around at most 1000 mm.", where="roi")
        self._with_sessions = sessions
        self._model: Mapping[str, Any] | None = None
        self._sessions = Sessions(self._send, self._end)

    def __repr__(self) -> str:
        return f"ClaraAIAA({self.client.where!r}, {self.name!r})"

    def models(self) -> list[Mapping[str, Any]]:
        """Return what the server says of its models: mappings, each with its ``name``.

        Raises
        ------
        AssistantError
            If it says anything else.
        """
        said = self.client.told(self.client.ask("GET", "/v1/models").json, "GET /v1/models")
        if isinstance(said, Mapping):
            said = said.get("models", [said])
        if not isinstance(said, list) or not all(
            isinstance(one, Mapping) and isinstance(one.get("name"), str) for one in said
        ):
            raise AssistantError(
                "has no list of models, each with a name.",
                where=f"{self.client.where}, GET /v1/models",
                hint="Is it Clara AIAA?",
            )
        return said

    def _of_model(self) -> Mapping[str, Any]:
        if self._model is None:
            models = {str(one.get("name")): one for one in self.models()}
            if self.name not in models:
                raise AssistantError(
                    f"has no model {self.name!r}.",
                    where=self.client.where,
                    hint=f"It has: {', '.join(models)[:300] or 'none'}.",
                )
            self._model = models[self.name]
        return self._model

    @property
    def version(self) -> str:
        """That of the model, where the server says one."""
        return str(self._of_model().get("version") or "1")[:100]

    @property
    def names(self) -> dict[int, str] | None:
        """What the numbers of its label maps mean; None where it says nothing."""
        labels = self._of_model().get("labels")
        return self.client.told(lambda: names_from(labels), f"model {self.name!r}, labels") or None

    @property
    def prompts(self) -> tuple[str, ...]:
        """What a person can show to it."""
        return () if self._of_model().get("type") == "segmentation" else ("clicks",)

    def predict(self, pixels: Pixels, prompt: Prompt | None, context: Context) -> Answer:
        """Return the label map of a scan.

        Raises
        ------
        AssistantError
            Naming the server, and what is wrong with its answer.
        ToolError
            If it was given up on.
        """
        if not isinstance(pixels, Scan):
            raise AssistantError("looks at scans, and this is a picture.")
        context.progress(0.0)
        kind = self._of_model().get("type")
        if kind == "segmentation":
            return self._named(self.segment(pixels, context)[0])
        positive, negative = clicks_of(prompt, pixels)
        if kind in _DEXTR:
            return self._named(self._dextr(pixels, extremes_of(positive), context))
        if kind != "deepgrow":
            raise AssistantError(f"is a model of the type {str(kind)[:40]!r}, which is not asked.")
        if not positive:
            raise AssistantError("wants a click on what is meant.")
        params: dict[str, Any] = {"foreground": positive, "background": negative}
        latest = prompt is not None and prompt.clicks[-1].positive
        params["current_point"] = (positive if latest else negative)[-1]
        return self._map(self._ask("deepgrow", pixels, params, context), pixels.grid) > 0

    def segment(
        self, scan: Scan, context: Context | None = None
    ) -> tuple[npt.NDArray[np.uint16], list[list[int]]]:
        """Return the label map of a scan, and the extreme points that the server found.

        Returns
        -------
        labels : ndarray
            (slices, rows, columns).
        points : list
            (column, row, slice) of voxels, to be given to DEXTR3D; [] where it says none.
        """
        said = self._ask("segmentation", scan, {}, context or Context())
        points = said.params.get("points") or []
        try:
            found = [[int(value) for value in point] for point in points]
        except (TypeError, ValueError):
            raise AssistantError("must be a list of voxels.", where="points") from None
        return self._map(said, scan.grid), found

    def outlines(
        self, labels: npt.ArrayLike, scan: Scan, more_points: int = 10
    ) -> dict[int, list[Polygon]]:
        """Return the outlines of a mask (slices, rows, columns), by slice.

        Parameters
        ----------
        labels
            What is set is outlined.
        scan
            What it is on.
        more_points
            The more, the closer.
        """
        mask = (np.asarray(labels) != 0).astype(np.uint8)
        if mask.shape != scan.shape:
            raise AssistantError(f"has the shape {mask.shape}, the scan {scan.shape}.")
        files: Files = {"datapoint": ("mask.nii.gz", nifti_file(mask.T, scan.grid), _BYTES)}
        fields = {"params": json.dumps({"more_points": more_points})}
        reply = self.client.ask("POST", "/v1/mask2polygon", fields=fields, files=files)
        made: dict[int, list[Polygon]] = self.client.told(
            lambda: read_outlines(reply.json(), scan.shape), "answer"
        )
        return made

    def move_vertex(
        self,
        scan: Scan,
        outlines: Mapping[int, list[Polygon]],
        index: tuple[int, int, int],
        offset: tuple[int, int],
        neighbours: tuple[int, int] = (1, 1),
        context: Context | None = None,
    ) -> dict[int, list[Polygon]]:
        """Return outlines in which one point was moved, and those around it after it.

        Parameters
        ----------
        scan, outlines
            The scan, and polygons by slice.
        index
            Slice, polygon and vertex.
        offset
            (x, y) in pixels.
        neighbours
            How many slices, and how many vertices, follow it.
        """
        params = {
            "poly": write_outlines(outlines, scan.shape[0]),
            "vertex_offset": list(offset),
            "dimension": 3,
            "slice_index": index[0],
            "polygon_index": index[1],
            "vertex_index": index[2],
            "propagate_neighbor_3d": neighbours[0],
            "propagate_neighbor": neighbours[1],
        }
        data = scan_file(scan, context or Context())
        files: Files = {"datapoint": ("image.nii.gz", data, _BYTES)}
        fields = {"params": json.dumps(params)}
        reply = self.client.ask("POST", "/v1/fixpolygon", fields=fields, files=files)
        made: dict[int, list[Polygon]] = self.client.told(
            lambda: read_outlines(read_inferred(reply).params, scan.shape), "answer"
        )
        return made

    def prepare(self, pixels: Pixels) -> None:
        """Send a scan ahead of the first click."""
        whole = self._of_model().get("type") not in _DEXTR
        if isinstance(pixels, Scan) and self._with_sessions and whole:
            self._sessions.of(pixels, Context())

    def close(self) -> None:
        """End the sessions, and close the lines to the server."""
        self._sessions.close()
        self.client.close()

    def _dextr(self, scan: Scan, points: list[list[int]], context: Context) -> npt.NDArray[Any]:
        """Ask about the box around extreme points."""
        region = region_around(points, scan, self.pad, self.roi)
        data = nifti_file(region.values(scan).T, region.grid)
        params = {"points": region.points(points)}
        context.progress(0.2)
        reply = self._post("dextr3d", params, {"datapoint": ("roi.nii.gz", data, _BYTES)}, None)
        self.client.checked(reply, "POST /v1/dextr3d")
        said = self.client.told(lambda: read_inferred(reply), "POST /v1/dextr3d")
        return region.back(self._map(said, region.grid), scan.shape)

    def _ask(self, what: str, scan: Scan, params: Mapping[str, Any], context: Context) -> Inferred:
        if self._with_sessions:
            reply = self._sessions.ask(
                scan,
                context,
                lambda session: self._post(what, params, None, session),
                lambda reply, _: reply.status == _EXPIRED,
            )
        else:
            data = scan_file(scan, context)
            reply = self._post(what, params, {"datapoint": ("image.nii.gz", data, _BYTES)}, None)
        context.progress(0.9)
        self.client.checked(reply, f"POST /v1/{what}")
        made: Inferred = self.client.told(lambda: read_inferred(reply), f"POST /v1/{what}")
        return made

    def _post(
        self, what: str, params: Mapping[str, Any], files: Files | None, session: str | None
    ) -> Reply:
        query = {"model": self.name} | ({"session_id": session} if session is not None else {})
        fields = {"params": json.dumps(params)}
        return self.client.ask(
            "POST", f"/v1/{what}", query=query, fields=fields, files=files, accept=(_EXPIRED,)
        )

    def _map(self, said: Inferred, grid: Grid) -> npt.NDArray[np.uint16]:
        def read() -> npt.NDArray[np.uint16]:
            if said.file is None:
                raise AssistantError("answered without a label map.")
            return read_scan_labels(said.file, grid)

        made: npt.NDArray[np.uint16] = self.client.told(read, "answer")
        return made

    def _named(self, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return labels if self.names else labels > 0

    def _send(self, scan: Scan, context: Context) -> str:
        data = scan_file(scan, context)
        files: Files = {"image": ("image.nii.gz", data, _BYTES)}
        reply = self.client.ask("PUT", "/session/", query={"expiry": self.expiry}, files=files)
        made: str = self.client.told(lambda: id_of(reply.json(), "session_id"), "PUT /session/")
        return made

    def _end(self, session: str) -> Reply:
        path = f"/session/{quote(session, safe='')}"
        return self.client.ask("DELETE", path, accept=(404, _EXPIRED))
