import { describe, expect, it } from "vitest";
import type { Geometry } from "../document/types.ts";
import { bounds } from "./bounds.ts";
import { boxBetween, boxOf, overlaps, union } from "./box.ts";

const box = (minX: number, minY: number, maxX: number, maxY: number) => ({
  ...{ minX, minY, maxX, maxY },
});

describe("bounds", () => {
  it("are upright around turned shapes", () => {
    const made = bounds({ type: "rectangle", x: 0, y: 4, width: 10, height: 2, angle: 90 });
    expect(made?.minX).toBeCloseTo(4);
    expect(made?.maxX).toBeCloseTo(6);
    expect(made?.minY).toBeCloseTo(0);
    expect(made?.maxY).toBeCloseTo(10);
    const ellipse = bounds({ type: "ellipse", x: 5, y: 6, rx: 4, ry: 2, angle: 90 });
    expect(ellipse?.minX).toBeCloseTo(3);
    expect(ellipse?.maxY).toBeCloseTo(10);
  });

  it.each<[string, Geometry, ReturnType<typeof box> | null]>([
    ["rectangle", { type: "rectangle", x: 1, y: 2, width: 3, height: 4 }, box(1, 2, 4, 6)],
    ["point", { type: "point", x: 1, y: 2 }, box(1, 2, 1, 2)],
    [
      "polyline",
      {
        type: "polyline",
        points: [
          [1, 5],
          [3, 2],
        ],
      },
      box(1, 2, 3, 5),
    ],
    [
      "polygon of two parts",
      {
        type: "polygon",
        parts: [
          [
            [
              [0, 0],
              [1, 0],
              [0, 1],
            ],
          ],
          [
            [
              [8, 9],
              [7, 9],
              [8, 7],
            ],
          ],
        ],
      },
      box(0, 0, 8, 9),
    ],
    [
      "joints, those not labelled left out",
      {
        type: "keypoints",
        points: [
          [0, 0, 0],
          [3, 4, 1],
          [5, 2, 2],
        ],
      },
      box(3, 2, 5, 4),
    ],
    ["tag", { type: "tag" }, null],
  ])("of a %s", (_, geometry, wanted) => {
    expect(bounds(geometry)).toEqual(wanted);
  });
});

describe("boxes", () => {
  it("union is around all, and of nothing null", () => {
    expect(union([box(0, 0, 1, 1), null, box(5, -2, 6, 0)])).toEqual(box(0, -2, 6, 1));
    expect(union([null])).toBeNull();
    expect(boxOf([])).toBeNull();
  });

  it("overlap where they touch", () => {
    expect(overlaps(box(0, 0, 1, 1), box(1, 1, 2, 2))).toBe(true);
    expect(overlaps(box(0, 0, 1, 1), box(1.01, 0, 2, 1))).toBe(false);
    expect(overlaps(box(0, 0, 1, 1), box(0, 1.01, 1, 2))).toBe(false);
    expect(overlaps(box(1.01, 0, 2, 1), box(0, 0, 1, 1))).toBe(false);
    expect(overlaps(box(0, 1.01, 1, 2), box(0, 0, 1, 1))).toBe(false);
  });

  it("lie between two corners, whichever", () => {
    expect(boxBetween([3, 1], [2, 5])).toEqual(box(2, 1, 3, 5));
  });
});
