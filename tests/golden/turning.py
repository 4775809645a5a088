"""Shapes turned, scaled and reshaped, as the kernel does it."""

from __future__ import annotations

import random
from typing import Any

from labelwidgets.algorithms import cuboids, skeletons
from labelwidgets.algorithms import transforms as by


def transforms() -> list[dict[str, Any]]:
    """Return shapes turned, scaled and reshaped, as the kernel does it."""
    rows: list[dict[str, Any]] = []

    def row(do: str, arguments: list[Any], made: Any) -> None:
        rows.append({"do": do, "arguments": arguments, "made": _plain(made)})

    dice = random.Random(5)
    whole = dice.randint
    for angle in (0, 30, 45, 90, -90, 180, 137, -179):
        anchor = (whole(0, 100), whole(0, 100))
        rectangle = (whole(0, 90), whole(0, 90), whole(1, 60), whole(1, 60), angle)
        ellipse = (whole(0, 90), whole(0, 90), whole(1, 60), whole(1, 60), angle)
        for turned in (1, 15, -90, 180, 200, 720):
            row(
                "rotate_rectangle",
                [rectangle, anchor, turned],
                by.rotate_rectangle(rectangle, anchor, turned),
            )
            row(
                "rotate_ellipse",
                [ellipse, anchor, turned],
                by.rotate_ellipse(ellipse, anchor, turned),
            )
        for sx, sy in ((2, 2), (0.5, 0.5), (1, 3), (0.25, 1), (1.5, 0.75)):
            row(
                "scale_rectangle",
                [rectangle, anchor, sx, sy],
                by.scale_rectangle(rectangle, anchor, sx, sy),
            )
            row(
                "scale_ellipse",
                [ellipse, anchor, sx, sy],
                by.scale_ellipse(ellipse, anchor, sx, sy),
            )
    round_one = (50, 50, 10, 10, 30)
    row("scale_ellipse", [round_one, (0, 0), 2, 1], by.scale_ellipse(round_one, (0, 0), 2, 1))
    for _ in range(12):
        points = [(whole(-20, 120), whole(-20, 120)) for _ in range(whole(1, 5))]
        centre, degrees = (whole(0, 100), whole(0, 100)), whole(-400, 400)
        row("rotate_points", [points, centre, degrees], by.rotate_points(points, centre, degrees))
        sx, sy = whole(1, 30) / 10, whole(1, 30) / 10
        row("scale_points", [points, centre, sx, sy], by.scale_points(points, centre, sx, sy))
    sides = [
        ((10, 10), (30, 10), (25, 40)),
        ((10, 10), (30, 10), (25, -40)),
        ((5, 5), (5, 5), (9, 9)),
    ]
    for _ in range(12):
        start, end, reach = ((whole(0, 99), whole(0, 99)) for _ in range(3))
        sides.append((start, end, reach))
    for start, end, reach in sides:
        row("rectangle_from_side", [start, end, reach], by.rectangle_from_side(start, end, reach))
    cuboid = cuboids.cuboid_from_front(20, 30, 40, 20, (12, -8)).tolist()
    towards = [[10, 10], [50, 10], [50, 40], [10, 40], [18, 14], [44, 14], [44, 32], [18, 32]]
    flat = [[0, 0], [4, 0], [4, 0], [0, 0], [1, 1], [5, 1], [5, 1], [1, 1]]
    row("cuboid_from_front", [20, 30, 40, 20, (12, -8)], cuboid)
    for corners in (cuboid, towards, flat):
        for index in range(8):
            to = (whole(0, 99), whole(0, 99))
            row(
                "move_cuboid_corner",
                [corners, index, to],
                cuboids.move_cuboid_corner(corners, index, to),
            )
    person = [(0.5, 0.0), (0.5, 0.4), (0.1, 0.6), (0.9, 0.6), (0.3, 1.0), (0.7, 1.0)]
    for template in (person, [(0.2, 0.2)], [(0.3, 0.1), (0.3, 0.9)]):
        row(
            "fit_template",
            [template, 10, 20, 30, 50],
            skeletons.fit_template(template, 10, 20, 30, 50),
        )
    return rows


def _plain(value: Any) -> Any:
    """Return numbers and lists without the last digits, which machines differ in."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return round(float(value), 9) + 0.0
