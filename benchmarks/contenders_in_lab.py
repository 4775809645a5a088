"""How each contender is brought up in JupyterLab, and where on the page its picture is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks import scenes
from benchmarks.browser.cdp import Page

# The picture: where it lies on the page, and how large.
Place = dict[str, float]

HEIGHT = 900
# Of the picture in CSS pixels, as our annotator shows it at that height; the peer gets the same.
WIDTH = 984


@dataclass(frozen=True)
class Contender:
    """A widget: cells that prepare it, the cell that is timed, and how to find its picture."""

    name: str
    prepare: str
    show: str
    picture: str
    ours: bool = False

    def place(self, page: Page) -> Place | None:
        """Return where the picture is, if it is there."""
        return find_place(page, self.picture)


def find_place(page: Page, picture: str) -> Place | None:
    """Return where an element is, given as JavaScript, if it is there and of some size."""
    found: Place | None = page.evaluate(f"(() => {{ const it = {picture}; {_BOX} }})()")
    return found


_BOX = """if (!it) return null;
const box = it.getBoundingClientRect();
if (box.width < 300) return null;
return { x: box.x, y: box.y, width: box.width, height: box.height };"""
OUR_PICTURE = """[...document.querySelectorAll(".lw-image canvas")]
  .find((it) => it.style.visibility === "visible")"""


def ours(database: Path) -> Contender:
    """Return our annotator on a project."""
    return Contender(
        "labelwidgets",
        "import labelwidgets as lw\nlw.Project, lw.ImageAnnotator",
        f"lw.Project.open({str(database)!r}, user='ana').annotate(height={HEIGHT})",
        OUR_PICTURE,
        ours=True,
    )


def bbox_widget(picture: Path, boxes: Path, count: int) -> Contender:
    """Return jupyter_bbox_widget with the same boxes."""
    found = []
    for number, ring in enumerate(scenes.rings("box", count)):
        (x, y), (right, bottom) = ring[0], ring[2]
        label = scenes.CLASSES[number % len(scenes.CLASSES)]
        found.append({"x": x, "y": y, "width": right - x, "height": bottom - y, "label": label})
    boxes.write_text(json.dumps(found))
    return Contender(
        "jupyter_bbox_widget 0.7.0",
        "import json\nfrom ipywidgets import Layout, VBox\n"
        "from jupyter_bbox_widget import BBoxWidget\n"
        f"boxes = json.load(open({str(boxes)!r}))",
        f"classes = {list(scenes.CLASSES)!r}\n"
        f"made = BBoxWidget(image={str(picture)!r}, classes=classes, bboxes=boxes)\n"
        f"VBox([made], layout=Layout(width='{WIDTH}px'))",
        "document.querySelector('.jp-OutputArea-output img')",
    )
