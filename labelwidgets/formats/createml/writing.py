"""From annotations to a file of Create ML."""

from __future__ import annotations

from collections import Counter

import msgspec

from labelwidgets.formats.holds import AREAS, KEPT, Holds, changed
from labelwidgets.formats.writing import Counts, Writing, writer

HOLDS = Holds(
    "Create ML",
    "pictures",
    {
        **dict.fromkeys((*AREAS, "volume mask"), changed("rectangle", "its box")),
        "rectangle": KEPT,
        "track": changed("rectangle", "a box on each frame"),
        "empty pictures": KEPT,
    },
    file="labels.json",
)


@writer(HOLDS, beside="")
def write(job: Writing) -> Counts:
    """Write boxes of Create ML: see `labelwidgets.formats.write`."""
    records = []
    count = 0
    for picture in job.pictures:
        labels = []
        lost: Counter[str] = Counter()
        for label in job.kept(picture.labels, lost):
            if (bounds := label.geometry.bounds) is not None:
                x, y, width, height = bounds
                box = {"x": x + width / 2, "y": y + height / 2, "width": width, "height": height}
                labels.append({"label": label.class_name, "coordinates": box})
        job.dropped.add(lost)
        records.append({"image": picture.name, "annotations": labels})
        count += len(labels)
    job.output.add("labels", msgspec.json.encode(records))
    return {"images": len(records), "annotations": count}
