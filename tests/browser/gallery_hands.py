"""What a hand does in each cell of the gallery, by the name of the cell's tag."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from playwright.sync_api import expect

from tests.browser.annotator import XY, AnnotatorPage

Hand = Callable[[AnnotatorPage], None]


def path(annotator: AnnotatorPage, points: Iterable[XY], modifier: str | None = None) -> None:
    """Press at the first point, go through all, let go at the last."""
    first, *others = points
    annotator.hover(first)
    if modifier:
        annotator.page.keyboard.down(modifier)
    annotator.page.mouse.down()
    for point in others:
        annotator.page.mouse.move(*annotator.at(point), steps=3)
    annotator.page.mouse.up()
    if modifier:
        annotator.page.keyboard.up(modifier)


def around(centre: XY, rx: float, ry: float, count: int = 16, turns: float = 1.0) -> list[XY]:
    """Return points on an ellipse."""
    angles = [2 * math.pi * turns * step / count for step in range(count + 1)]
    return [(centre[0] + rx * math.cos(t), centre[1] + ry * math.sin(t)) for t in angles]


def clicks(annotator: AnnotatorPage, points: Iterable[XY]) -> None:
    for point in points:
        annotator.click(point)


def take(annotator: AnnotatorPage, class_number: int, key: str) -> None:
    """Choose a class and a tool."""
    annotator.hover()
    annotator.key("v")
    annotator.key(str(class_number))
    if (
        annotator.root.locator(f'.lw-tool[aria-keyshortcuts="{key.upper()}"]').get_attribute(
            "aria-pressed"
        )
        != "true"
    ):
        annotator.key(key)


def rectangle(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "r")
    annotator.drag((122, 240), (310, 445))
    annotator.drag((512, 315), (678, 480))
    take(annotator, 2, "r")
    annotator.drag((491, 175), (515, 203))


def ellipse(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "o")
    annotator.drag((163, 55), (417, 245))
    take(annotator, 2, "o")
    annotator.drag((395, 235), (470, 262))


def polygon(annotator: AnnotatorPage) -> None:
    seat = [
        (143, 192),
        (175, 170),
        (222, 205),
        (300, 192),
        (352, 187),
        (330, 222),
        (222, 232),
        (166, 213),
    ]
    take(annotator, 1, "p")
    clicks(annotator, [*seat, seat[0]])
    tank = [(343, 212), (400, 172), (462, 163), (486, 190), (455, 228), (380, 250)]
    take(annotator, 2, "p")
    clicks(annotator, [*tank, tank[0]])


def operations(annotator: AnnotatorPage) -> None:
    outer = around((300, 215), 235, 150, 12)[:-1]
    take(annotator, 1, "p")
    clicks(annotator, [*outer, outer[0]])
    inner = around((290, 160), 120, 80, 10)[:-1]
    annotator.key("p")
    annotator.page.keyboard.down("Alt")
    clicks(annotator, [*inner, inner[0]])
    annotator.page.keyboard.up("Alt")
    annotator.hover()
    annotator.key("x")
    path(annotator, [(40, 290), (560, 290)])


def freehand(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "f")
    path(annotator, around((225, 150), 120, 100, 40))
    annotator.hover((250, 150))
    annotator.key("f")
    path(annotator, [(120, 30), (135, 60), (150, 80)])


def polyline(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "l")
    clicks(annotator, [(122, 330), (130, 210), (136, 120)])
    annotator.key("Enter")
    take(annotator, 2, "l")
    clicks(annotator, [(322, 350), (322, 240), (322, 110)])
    annotator.key("Enter")


def point(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "i")
    clicks(annotator, [(205, 105), (440, 270), (640, 640), (860, 330)])


def keypoints(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "k")
    clicks(annotator, [(201, 112), (246, 108), (223, 133), (205, 158), (246, 155)])
    annotator.key("Enter")


def cuboid(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "c")
    annotator.drag((528, 35), (590, 98))
    annotator.click((604, 25))


def tag(annotator: AnnotatorPage) -> None:
    annotator.hover()
    annotator.key("1")
    annotator.key("2")


def brush(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "b")
    path(annotator, [(1060, 690), (1000, 560), (900, 440), (760, 360), (620, 330)])
    take(annotator, 2, "b")
    path(annotator, around((1075, 705), 60, 66, 24))
    path(annotator, around((1075, 705), 25, 28, 12))
    annotator.key("e")
    path(annotator, [(1060, 705), (1095, 705)])


def lasso(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "y")
    path(annotator, [(130, 90), (135, 25), (180, 62), (190, 80), (150, 100)])
    take(annotator, 2, "u")
    eye = around((177, 128), 18, 14, 8)[:-1]
    clicks(annotator, [*eye, eye[0]])


def superpixel(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "s")
    annotator.hover((290, 160))
    hint = annotator.root.locator(".lw-hint")
    expect(hint).not_to_contain_text("on their way", timeout=180_000)
    path(annotator, [(210, 130), (250, 170), (290, 190), (340, 180), (380, 130)])
    annotator.click((290, 130))


def proposal(x: float, y: float, key: str, scribbles: Iterable[tuple[list[XY], bool]] = ()) -> Hand:
    """Click (or scribble), wait for what is proposed, accept it."""

    def hand(annotator: AnnotatorPage) -> None:
        take(annotator, 1, key)
        lines = list(scribbles)
        for points, positive in lines:
            path(annotator, points, None if positive else "Alt")
        if not lines:
            annotator.click((x, y))
        annotator.root.locator(".lw-proposal", has_text="Proposed").wait_for(timeout=180_000)
        annotator.key("Enter")

    return hand


def grow(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "g")
    for name, value in (("low", "-9000"), ("high", "20000")):
        annotator.root.get_by_label(f"{name}, exact").fill(value)
        annotator.root.get_by_label(f"{name}, exact").press("Enter")
    annotator.click((108, 92))
    annotator.root.locator(".lw-proposal", has_text="Proposed").wait_for(timeout=180_000)
    annotator.key("Enter")


# The middle of the nodule of ground glass in the made scan, on slice 22 of 60.
GLASS = (131, 113)


def scroll(annotator: AnnotatorPage, number: int, count: int) -> None:
    """Turn the wheel until a slice is shown, of a scan that began in its middle."""
    shown = annotator.root.locator(".lw-timeline .lw-count").first
    annotator.hover()
    for at in range(count // 2, number, -1):
        expect(shown).to_have_text(f"{at + 1} / {count}")
        annotator.page.mouse.wheel(0, -100)
    expect(shown).to_have_text(f"{number + 1} / {count}")
    annotator.ready()


def grow_volume(annotator: AnnotatorPage) -> None:
    scroll(annotator, 22, 60)
    annotator.key("1")
    annotator.key("Shift+G")
    annotator.click(GLASS)
    annotator.root.locator(".lw-proposal", has_text="Proposed").wait_for(timeout=180_000)
    annotator.key("Enter")


def seeds(annotator: AnnotatorPage) -> None:
    scroll(annotator, 22, 60)
    annotator.key("1")
    annotator.key("Shift+Q")
    x, y = GLASS
    path(annotator, [(x - 3, y), (x + 3, y)])
    path(annotator, around(GLASS, 12, 12), "Alt")
    annotator.root.locator(".lw-proposal", has_text="Proposed").wait_for(timeout=180_000)
    annotator.hover(GLASS)
    annotator.key("Enter")


def threshold(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "t")
    path(annotator, [(322, 372), (322, 392), (330, 410)])


def livewire(annotator: AnnotatorPage) -> None:
    take(annotator, 1, "j")
    ear = [(126, 118), (132, 18), (192, 62)]
    for place in [*ear, ear[0]]:
        annotator.hover(place)
        annotator.click(place)
        hint = annotator.root.locator(".lw-hint")
        expect(hint).not_to_contain_text("Looking", timeout=180_000)


def ruler(annotator: AnnotatorPage) -> None:
    annotator.hover()
    annotator.key("m")
    path(annotator, [(1010, 705), (1140, 705)])


def function(annotator: AnnotatorPage) -> None:
    annotator.hover()
    annotator.key("1")
    annotator.root.get_by_role("button", name="Bright things").click()
    annotator.click((300, 300))
    annotator.root.locator(".lw-proposal", has_text="Proposed").wait_for(timeout=180_000)
    annotator.key("Enter")


def questions(annotator: AnnotatorPage) -> None:
    annotator.hover()
    annotator.key("1")


# Width and height of the photograph, what is drawn, and how many labels there are then.
HANDS: dict[str, tuple[tuple[int, int], Hand, int]] = {
    "rectangle": ((741, 500), rectangle, 3),
    "ellipse": ((600, 400), ellipse, 2),
    "polygon": ((741, 500), polygon, 2),
    "operations": ((600, 400), operations, 2),
    "freehand": ((451, 300), freehand, 1),
    "polyline": ((640, 427), polyline, 2),
    "point": ((1000, 872), point, 4),
    "keypoints": ((512, 512), keypoints, 1),
    "cuboid": ((741, 500), cuboid, 1),
    "tag": ((512, 512), tag, 2),
    "brush": ((1411, 1411), brush, 2),
    "lasso": ((451, 300), lasso, 2),
    "superpixel": ((600, 400), superpixel, 1),
    "wand": ((600, 400), proposal(110, 250, "w"), 1),
    "grow": ((384, 303), grow, 1),
    "grow_volume": ((192, 192), grow_volume, 1),
    "seeds": ((192, 192), seeds, 1),
    "threshold": ((640, 427), threshold, 1),
    "livewire": ((451, 300), livewire, 1),
    "scribble": (
        (512, 512),
        proposal(
            0,
            0,
            "q",
            [
                ([(120, 330), (180, 400), (250, 450)], True),
                ([(30, 60), (120, 60), (380, 40), (470, 150)], False),
            ],
        ),
        1,
    ),
    "ruler": ((1411, 1411), ruler, 0),
    "function": ((1000, 872), function, 1),
    "questions": ((451, 300), questions, 1),
}
