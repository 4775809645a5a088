import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Geometry, Polygon, Rectangle, XY } from "../document/types.ts";
import { bounds } from "./bounds.ts";
import type { Box } from "./box.ts";
import { corners } from "./outline.ts";
import {
  clampPoint,
  type HandleName,
  insertVertex,
  keepOnImage,
  moveVertex,
  onImage,
  rectangleHandles,
  removeVertex,
  resizeOnImage,
  resizeRectangle,
  translate,
  vertices,
} from "./transform.ts";

const SIZE = { width: 200, height: 100 };
const handle = fc.constantFrom<HandleName>("nw", "n", "ne", "e", "se", "s", "sw", "w");
const OPPOSITE: Record<HandleName, HandleName> = {
  ...{ nw: "se", n: "s", ne: "sw", e: "w", se: "nw", s: "n", sw: "ne", w: "e" },
};
const angle = fc.constantFrom(0, 30, 45, 90, 123.4, -60, 270);
const rectangle: fc.Arbitrary<Rectangle> = fc.record({
  type: fc.constant("rectangle" as const),
  x: fc.integer({ min: -50, max: 150 }),
  y: fc.integer({ min: -50, max: 150 }),
  width: fc.integer({ min: 1, max: 100 }),
  height: fc.integer({ min: 1, max: 100 }),
  angle,
});
const place: fc.Arbitrary<XY> = fc.tuple(
  fc.double({ min: -300, max: 300, noNaN: true }),
  fc.double({ min: -300, max: 300, noNaN: true }),
);

function at(shape: Rectangle, name: HandleName): XY {
  const found = rectangleHandles(shape).find(([other]) => other === name);
  if (!found) throw new Error(`There is no handle ${name}.`);
  return found[1];
}

function gap(a: XY, b: XY): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** The smallest distance of a point to any of the eight handles. */
function nearestHandle(shape: Rectangle, to: XY): number {
  return Math.min(...rectangleHandles(shape).map(([, place]) => gap(place, to)));
}

describe("rectangleHandles", () => {
  it("are the corners and the middles between them, turned with the shape", () => {
    fc.assert(
      fc.property(rectangle, (shape) => {
        const [nw, ne, se, sw] = corners(shape);
        expect(gap(at(shape, "nw"), nw)).toBeLessThan(1e-6);
        expect(gap(at(shape, "se"), se)).toBeLessThan(1e-6);
        const middle: XY = [(ne[0] + se[0]) / 2, (ne[1] + se[1]) / 2];
        expect(gap(at(shape, "e"), middle)).toBeLessThan(1e-6);
        expect(gap(at(shape, "sw"), sw)).toBeLessThan(1e-6);
      }),
    );
  });
});

describe("resizeRectangle", () => {
  it("keeps the opposite corner or side where it is, also of a turned one", () => {
    fc.assert(
      fc.property(rectangle, handle, place, (shape, name, to) => {
        const made = resizeRectangle(shape, name, to, false);
        expect(made.angle).toBe(shape.angle);
        if (name.length === 2) {
          // Dragged past it, the fixed corner has another name, but its place is the same.
          expect(nearestHandle(made, at(shape, OPPOSITE[name]))).toBeLessThan(0.03);
          expect(nearestHandle(made, to)).toBeLessThan(0.03);
        } else {
          const kept = at(shape, OPPOSITE[name]);
          expect(nearestHandle(made, kept)).toBeLessThan(0.03);
          const across = name === "n" || name === "s" ? "width" : "height";
          expect(made[across]).toBeCloseTo(shape[across], 1);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("square makes a square with the longer side, the opposite corner fixed", () => {
    const corner = fc.constantFrom<HandleName>("nw", "ne", "se", "sw");
    fc.assert(
      fc.property(rectangle, corner, place, (shape, name, to) => {
        const made = resizeRectangle(shape, name, to, true);
        const free = resizeRectangle(shape, name, to, false);
        expect(made.width).toBe(made.height);
        expect(made.width).toBeCloseTo(Math.max(free.width, free.height), 1);
        expect(nearestHandle(made, at(shape, OPPOSITE[name]))).toBeLessThan(0.03);
      }),
      { numRuns: 500 },
    );
  });

  it("of a side there is no square", () => {
    const shape: Rectangle = { type: "rectangle", x: 10, y: 10, width: 20, height: 10 };
    expect(resizeRectangle(shape, "e", [50, 0], true)).toMatchObject({ width: 40, height: 10 });
  });

  it("dragged to its own handle stays as it is", () => {
    fc.assert(
      fc.property(rectangle, handle, (shape, name) => {
        const made = resizeRectangle(shape, name, at(shape, name), false);
        for (const field of ["x", "y", "width", "height"] as const)
          expect(Math.abs(made[field] - shape[field])).toBeLessThan(0.011);
      }),
    );
  });
});

describe("resizeOnImage", () => {
  const inside = fc
    .record({
      type: fc.constant("rectangle" as const),
      x: fc.integer({ min: 0, max: 150 }),
      y: fc.integer({ min: 0, max: 80 }),
      width: fc.integer({ min: 1, max: 50 }),
      height: fc.integer({ min: 1, max: 50 }),
      angle,
    })
    .filter((shape) => sticksOut(bounds(shape)) < 1e-6);

  function sticksOut(box: Box | null): number {
    if (!box) return 0;
    return Math.max(-box.minX, -box.minY, box.maxX - SIZE.width, box.maxY - SIZE.height, 0);
  }

  it("leaves the image nowhere, wherever the pointer goes", () => {
    fc.assert(
      fc.property(inside, handle, place, fc.boolean(), (shape, name, to, square) => {
        const made = resizeOnImage(shape, name, to, square, SIZE);
        expect(sticksOut(bounds(made))).toBeLessThan(0.03);
        expect(nearestHandle(made, at(shape, OPPOSITE[name]))).toBeLessThan(0.03);
        if (square && name.length === 2) expect(made.width).toBe(made.height);
      }),
      { numRuns: 1000 },
    );
  });

  it("does what is asked where there is room", () => {
    fc.assert(
      fc.property(inside, handle, place, fc.boolean(), (shape, name, to, square) => {
        const free = resizeRectangle(shape, name, to, square);
        fc.pre(sticksOut(bounds(free)) === 0);
        expect(resizeOnImage(shape, name, to, square, SIZE)).toEqual(free);
      }),
    );
  });

  it("goes to the edge on either axis by itself", () => {
    const shape: Rectangle = { type: "rectangle", x: 10, y: 10, width: 20, height: 10 };
    const made = resizeOnImage(shape, "se", [500, 60], false, SIZE);
    expect(made).toMatchObject({ x: 10, y: 10, width: 190, height: 50 });
    const square = resizeOnImage(shape, "se", [500, 60], true, SIZE);
    expect(square.width).toBeCloseTo(90, 1);
    expect(square.height).toBeCloseTo(90, 1);
  });

  it("does not pull further out what lies a little outside, nor jerk it in", () => {
    const shape: Rectangle = { type: "rectangle", x: -0.8, y: 10, width: 20, height: 10 };
    const made = resizeOnImage(shape, "s", [0, 40], false, SIZE);
    expect(made).toEqual({ ...shape, height: 30 });
    expect(resizeOnImage(shape, "w", [-30, 0], false, SIZE).x).toBeGreaterThanOrEqual(-0.8);
  });
});

describe("translate and keepOnImage", () => {
  it("moves any shape as far as asked, to a hundredth", () => {
    const shapes: Geometry[] = [
      { type: "rectangle", x: 1, y: 2, width: 3, height: 4, angle: 30 },
      { type: "ellipse", x: 5, y: 6, rx: 2, ry: 3 },
      { type: "point", x: 1, y: 2 },
      {
        type: "polyline",
        points: [
          [0, 0],
          [1, 2],
        ],
      },
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
        ],
      },
      {
        type: "cuboid",
        points: [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
          [2, 2],
          [3, 2],
          [3, 3],
          [2, 3],
        ],
      },
      { type: "keypoints", points: [[1, 2, 2]] },
    ];
    for (const shape of shapes) {
      const moved = translate(shape, 10.001, -5);
      const [before, after] = [bounds(shape), bounds(moved)];
      expect(after?.minX).toBeCloseTo((before?.minX ?? 0) + 10, 5);
      expect(after?.maxX).toBeCloseTo((before?.maxX ?? 0) + 10, 5);
      expect(after?.minY).toBeCloseTo((before?.minY ?? 0) - 5, 5);
      expect(after?.maxY).toBeCloseTo((before?.maxY ?? 0) - 5, 5);
      expect(moved.type).toBe(shape.type);
    }
    const kept = translate({ type: "keypoints", points: [[1, 2, 1]] }, 1, 1);
    expect(kept).toEqual({ type: "keypoints", points: [[2, 3, 1]] });
  });

  it("leaves masks and tags alone", () => {
    const mask: Geometry = { type: "mask", rle: { size: [1, 1], counts: "01" } };
    expect(translate(mask, 5, 5)).toBe(mask);
    expect(translate({ type: "tag" }, 5, 5)).toEqual({ type: "tag" });
  });

  it("keepOnImage moves no further than the edge, and never the other way", () => {
    const box = fc
      .tuple(fc.nat(200), fc.nat(100), fc.nat(200), fc.nat(100))
      .map(([x, y, w, h]) => ({
        ...{ minX: x, minY: y, maxX: Math.min(200, x + w), maxY: Math.min(100, y + h) },
      }));
    const way = fc.integer({ min: -400, max: 400 });
    fc.assert(
      fc.property(box, way, way, (one, dx, dy) => {
        const [x, y] = keepOnImage(one, dx, dy, SIZE);
        expect(one.minX + x).toBeGreaterThanOrEqual(0);
        expect(one.maxX + x).toBeLessThanOrEqual(SIZE.width);
        expect(one.minY + y).toBeGreaterThanOrEqual(0);
        expect(one.maxY + y).toBeLessThanOrEqual(SIZE.height);
        expect(Math.abs(x)).toBeLessThanOrEqual(Math.abs(dx));
        expect(x * dx).toBeGreaterThanOrEqual(0);
        const free = one.minX + dx >= 0 && one.maxX + dx <= SIZE.width;
        if (free) expect(x).toBe(dx);
      }),
    );
  });

  it("a shape that lies outside can only come back", () => {
    const outside = { minX: -1, minY: 10, maxX: 20, maxY: 20 };
    expect(keepOnImage(outside, -5, 0, SIZE)).toEqual([0, 0]);
    expect(keepOnImage(outside, 5, 0, SIZE)).toEqual([5, 0]);
    const wide = { minX: -1, minY: 10, maxX: 201, maxY: 20 };
    expect(keepOnImage(wide, -5, 3, SIZE)).toEqual([0, 3]);
  });

  it("clampPoint and onImage know the edge", () => {
    expect(clampPoint([-3, 120], SIZE)).toEqual([0, 100]);
    expect(clampPoint([7, 8], SIZE)).toEqual([7, 8]);
    const shape = (x: number): Geometry => ({
      ...{ type: "rectangle", x, y: 0, width: 10, height: 10 },
    });
    expect(onImage(shape(-1), SIZE)).toBe(true);
    expect(onImage(shape(-1.1), SIZE)).toBe(false);
    expect(onImage(shape(191), SIZE)).toBe(true);
    expect(onImage(shape(191.1), SIZE)).toBe(false);
    expect(onImage({ type: "tag" }, SIZE)).toBe(true);
  });
});

describe("vertices", () => {
  const polygon: Polygon = {
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
          [2, 2],
          [4, 2],
          [2, 4],
        ],
      ],
      [
        [
          [20, 0],
          [30, 0],
          [20, 9],
        ],
      ],
    ],
  };

  it("insert, move and remove one, and only that one", () => {
    fc.assert(
      fc.property(fc.nat(9), place, (index, to) => {
        const all = vertices(polygon);
        const one = all[index];
        if (!one) throw new Error("The polygon has ten vertices.");
        const moved = vertices(moveVertex(polygon, one, to));
        expect(moved).toHaveLength(10);
        moved.forEach((vertex, i) => {
          if (i !== index) expect(vertex).toEqual(all[i]);
          else expect(gap(vertex.at, to)).toBeLessThan(0.008);
        });
        const inserted = insertVertex(polygon, { ...one, at: to });
        expect(vertices(inserted)).toHaveLength(11);
        expect(gap(vertices(inserted)[index]?.at ?? [0, 0], to)).toBeLessThan(0.008);
        expect(removeVertex(inserted, { ...one, at: to })).toEqual(polygon);
      }),
    );
  });

  it("inserts after the last point of a ring", () => {
    const made = insertVertex(polygon, { part: 0, ring: 0, index: 4, at: [0, 5] }) as Polygon;
    expect(made.parts[0]?.[0]?.at(-1)).toEqual([0, 5]);
    expect(made.parts[1]).toBe(polygon.parts[1]);
  });

  it("leaves a ring three points, a line two, and a point and a cuboid all", () => {
    expect(removeVertex(polygon, { part: 0, ring: 1, index: 0, at: [2, 2] })).toBeNull();
    expect(removeVertex(polygon, { part: 1, ring: 0, index: 0, at: [20, 0] })).toBeNull();
    expect(removeVertex(polygon, { part: 0, ring: 0, index: 0, at: [0, 0] })).not.toBeNull();
    const first = { part: 0, ring: 0, index: 0, at: [0, 0] as const };
    const line: Geometry = {
      type: "polyline",
      points: [
        [0, 0],
        [1, 1],
      ],
    };
    expect(removeVertex(line, first)).toBeNull();
    expect(removeVertex({ type: "point", x: 0, y: 0 }, first)).toBeNull();
  });

  it("of points and joints can be moved", () => {
    const first = { part: 0, ring: 0, index: 0, at: [0, 0] as const };
    expect(moveVertex({ type: "point", x: 0, y: 0 }, first, [1.234, 5])).toEqual({
      ...{ type: "point", x: 1.23, y: 5 },
    });
    const joints: Geometry = {
      type: "keypoints",
      points: [
        [0, 0, 2],
        [5, 5, 1],
      ],
    };
    expect(moveVertex(joints, { ...first, index: 1 }, [7, 8])).toEqual({
      type: "keypoints",
      points: [
        [0, 0, 2],
        [7, 8, 1],
      ],
    });
    expect(vertices({ type: "tag" })).toEqual([]);
  });
});
