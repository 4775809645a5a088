import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Geometry, Ring, XY } from "../document/types.ts";
import { boxOf } from "./box.ts";
import { contains, distanceToOutline, insideRing, touches } from "./hit.ts";
import { nearestOnSegment, rotate } from "./points.ts";

const DONUT: Geometry = {
  type: "polygon",
  parts: [
    [
      [
        [0, 0],
        [10, 0],
        [10, 10],
        [0, 10],
      ],
      [
        [3, 3],
        [7, 3],
        [7, 7],
        [3, 7],
      ],
    ],
    [
      [
        [20, 0],
        [24, 0],
        [24, 4],
      ],
    ],
  ],
};

/** How often a ring goes around a point: the sum of the angles under which its edges are seen. */
function windings(p: XY, ring: Ring): number {
  let sum = 0;
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length] as XY;
    const [ax, ay, bx, by] = [a[0] - p[0], a[1] - p[1], b[0] - p[0], b[1] - p[1]];
    sum += Math.atan2(ax * by - ay * bx, ax * bx + ay * by);
  });
  return Math.round(sum / (2 * Math.PI));
}

describe("insideRing", () => {
  it("is the parity of how often the ring goes around the point", () => {
    const corner = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }));
    const ring = fc.array(corner, { minLength: 3, maxLength: 9, size: "max" });
    // Between the grid lines and off their diagonals, so that no point lies on an edge.
    const place = fc.tuple(fc.integer({ min: -1, max: 8 }), fc.integer({ min: -1, max: 8 }));
    fc.assert(
      fc.property(ring, place, (points, [x, y]) => {
        const p: XY = [x + 0.4142, y + 0.7321];
        expect(insideRing(p, points)).toBe(Math.abs(windings(p, points)) % 2 === 1);
      }),
      { numRuns: 1000 },
    );
  });

  it("of nothing is nowhere", () => expect(insideRing([0, 0], [])).toBe(false));
});

describe("contains", () => {
  it("counts no hole, and every part", () => {
    expect(contains(DONUT, [1, 1])).toBe(true);
    expect(contains(DONUT, [5, 5])).toBe(false);
    expect(contains(DONUT, [23, 1])).toBe(true);
    expect(contains(DONUT, [21, 3])).toBe(false);
    expect(contains(DONUT, [15, 5])).toBe(false);
  });

  it("turns a rectangle clockwise about its centre", () => {
    const bar: Geometry = { type: "rectangle", x: 0, y: 4, width: 10, height: 2, angle: 90 };
    expect(contains(bar, [5, 0.5])).toBe(true);
    expect(contains(bar, [0.5, 5])).toBe(false);
    const diagonal = { ...bar, angle: 45 };
    expect(contains(diagonal, [8, 8])).toBe(true);
    expect(contains(diagonal, [8, 2])).toBe(false);
  });

  it("fills ellipses and cuboids, not lines and points", () => {
    const ellipse: Geometry = { type: "ellipse", x: 5, y: 5, rx: 4, ry: 2, angle: 0 };
    expect(contains(ellipse, [8.8, 5])).toBe(true);
    expect(contains(ellipse, [5, 7.5])).toBe(false);
    expect(contains({ ...ellipse, angle: 90 }, [5, 8.8])).toBe(true);
    const line: Geometry = {
      type: "polyline",
      points: [
        [0, 0],
        [10, 0],
        [10, 10],
      ],
    };
    expect(contains(line, [9, 1])).toBe(false);
    expect(contains({ type: "point", x: 1, y: 1 }, [1, 1])).toBe(false);
    expect(contains({ type: "tag" }, [1, 1])).toBe(false);
  });
});

describe("distanceToOutline", () => {
  it("is to the nearest line, hole or part", () => {
    expect(distanceToOutline(DONUT, [5, 5])).toBe(2);
    expect(distanceToOutline(DONUT, [5, -3])).toBe(3);
    expect(distanceToOutline(DONUT, [5, 1])).toBe(1);
    expect(distanceToOutline(DONUT, [27, 8])).toBe(5);
  });

  it("does not close an open line", () => {
    const line: Geometry = {
      type: "polyline",
      points: [
        [0, 0],
        [10, 0],
        [10, 10],
      ],
    };
    expect(distanceToOutline(line, [0, 6])).toBe(6);
  });

  it("is to the nearest joint that is labelled", () => {
    const joints: Geometry = {
      type: "keypoints",
      points: [
        [0, 0, 0],
        [10, 0, 1],
        [20, 0, 2],
      ],
    };
    expect(distanceToOutline(joints, [4, 0])).toBe(6);
    expect(distanceToOutline({ type: "tag" }, [4, 0])).toBe(Number.POSITIVE_INFINITY);
  });

  it("touches within the slack, and on the area", () => {
    expect(touches(DONUT, [5, -3], 3)).toBe(true);
    expect(touches(DONUT, [5, -3], 2.9)).toBe(false);
    expect(touches(DONUT, [1.5, 1.5], 0)).toBe(true);
    expect(touches(DONUT, [5, 5], 1)).toBe(false);
    expect(touches({ type: "point", x: 1, y: 1 }, [4, 5], 5)).toBe(true);
  });
});

describe("points", () => {
  it("nearestOnSegment is as near as any point of it", () => {
    const place = fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 }));
    fc.assert(
      fc.property(place, place, place, (p, a, b) => {
        const best = nearestOnSegment(p, a, b);
        const gap = Math.hypot(p[0] - best[0], p[1] - best[1]);
        for (let i = 0; i <= 50; i++) {
          const on = [a[0] + ((b[0] - a[0]) * i) / 50, a[1] + ((b[1] - a[1]) * i) / 50];
          const other = Math.hypot(p[0] - (on[0] as number), p[1] - (on[1] as number));
          expect(gap).toBeLessThanOrEqual(other + 1e-9);
        }
        const box = boxOf([a, b]);
        expect(best[0]).toBeGreaterThanOrEqual((box?.minX ?? 0) - 1e-9);
        expect(best[0]).toBeLessThanOrEqual((box?.maxX ?? 0) + 1e-9);
      }),
    );
  });

  it("rotate turns clockwise on a screen whose y goes down", () => {
    const [x, y] = rotate([1, 0], [0, 0], 90);
    expect(x).toBeCloseTo(0);
    expect(y).toBeCloseTo(1);
    expect(rotate([3, 4], [1, 1], 0)).toEqual([3, 4]);
  });
});
