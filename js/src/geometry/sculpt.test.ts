import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Polygon, Ring, XY } from "../document/types.ts";
import { area } from "./area.ts";
import { distance } from "./points.ts";
import { MIN_SPACING, maxSpacing, sculpt, toolAt } from "./sculpt.ts";
import { isSimple } from "./simple.ts";

const SIZE = { width: 60, height: 50 };
const OUTER = { part: 0, ring: 0 };
const polygon = (...rings: Ring[]): Polygon => ({ type: "polygon", parts: [rings] });
const square: Ring = [
  [10, 10],
  [40, 10],
  [40, 40],
  [10, 40],
];
const hole: Ring = [
  [20, 20],
  [30, 20],
  [30, 30],
  [20, 30],
];

const star = fc
  .array(fc.tuple(fc.integer({ min: 4, max: 22 }), fc.integer({ min: -30, max: 30 })), {
    minLength: 3,
    maxLength: 24,
  })
  .map(
    (spokes): Ring =>
      spokes.map(([reach, wobble], i) => {
        const angle = (2 * Math.PI * (i + wobble / 100)) / spokes.length;
        return [
          Math.round((30 + reach * Math.cos(angle)) * 100) / 100,
          Math.round((25 + reach * Math.sin(angle)) * 100) / 100,
        ];
      }),
  )
  .filter((ring) => isSimple(polygon(ring)));
const place = fc.tuple(
  fc.double({ min: 0, max: 60, noNaN: true }),
  fc.double({ min: 0, max: 50, noNaN: true }),
);

describe("the sculptor", () => {
  it("is as large as its distance to the contour, within limits", () => {
    const shape = polygon(square, hole);
    expect(toolAt(shape, [13, 25])).toEqual({ contour: OUTER, radius: 3 });
    expect(toolAt(shape, [18, 25])?.contour).toEqual({ part: 0, ring: 1 });
    expect(toolAt(shape, [10, 25])?.radius).toBe(MIN_SPACING);
    expect(toolAt(shape, [1000, 25])?.radius).toBe(15);
    expect(toolAt({ type: "polygon", parts: [] }, [1, 1])).toBeNull();
  });

  it("pushes outwards from inside and inwards from outside", () => {
    const shape = polygon(square);
    expect(area(sculpt(shape, OUTER, [39, 25], 4, SIZE))).toBeGreaterThan(area(shape));
    expect(area(sculpt(shape, OUTER, [41, 25], 4, SIZE))).toBeLessThan(area(shape));
    expect(sculpt(shape, OUTER, [25, 25], 4, SIZE)).toBe(shape);
  });

  it("pushes holes, too, and no ring through another", () => {
    const shape = polygon(square, hole);
    const made = sculpt(shape, { part: 0, ring: 1 }, [31, 25], 3, SIZE);
    expect(made.parts[0]?.[0]).toEqual(square);
    expect(area(made)).toBeGreaterThan(area(shape));
    expect(sculpt(shape, { part: 0, ring: 1 }, [29, 25], 12, SIZE)).toBe(shape);
  });

  it("leaves no point within its radius, puts those it pushed on the rim, and keeps the ring sound", () => {
    fc.assert(
      fc.property(star, place, fc.double({ min: 1, max: 20, noNaN: true }), (ring, at, radius) => {
        const before = polygon(ring);
        const made = sculpt(before, OUTER, at, radius, SIZE);
        const points = made.parts[0]?.[0] as Ring;
        expect(points.length).toBeGreaterThanOrEqual(3);
        expect(isSimple(made)).toBe(true);
        if (made === before) return;
        for (const point of points) {
          const [x, y] = point;
          expect(x >= 0 && y >= 0 && x <= SIZE.width && y <= SIZE.height).toBe(true);
          const onBorder = x === 0 || y === 0 || x === SIZE.width || y === SIZE.height;
          const gap = distance(point, at);
          if (!onBorder) expect(gap).toBeGreaterThanOrEqual(radius - 0.01);
        }
        for (const point of ring) {
          if (distance(point, at) < radius) expect(points).not.toContain(point);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keeps the points that it made apart, but not too far", () => {
    fc.assert(
      fc.property(star, place, fc.double({ min: 1, max: 20, noNaN: true }), (ring, at, radius) => {
        const made = sculpt(polygon(ring), OUTER, at, radius, SIZE).parts[0]?.[0] as Ring;
        if (made === ring) return;
        const known = new Set(ring.map(String));
        made.forEach((b, i) => {
          const a = made[(i + made.length - 1) % made.length] as XY;
          if (known.has(String(a)) || known.has(String(b))) return;
          if (made.length > 3) expect(distance(a, b)).toBeGreaterThan(MIN_SPACING / 2);
          expect(distance(a, b)).toBeLessThanOrEqual(2 * maxSpacing(radius));
        });
      }),
      { numRuns: 200 },
    );
  });

  it("stays sound over a whole stroke, whichever way it goes", () => {
    fc.assert(
      fc.property(star, fc.array(place, { minLength: 2, maxLength: 12 }), (ring, path) => {
        let shape = polygon(ring);
        const tool = toolAt(shape, path[0] as XY);
        for (const at of path)
          shape = sculpt(shape, tool?.contour ?? OUTER, at, tool?.radius ?? 1, SIZE);
        expect(isSimple(shape)).toBe(true);
        expect(shape.parts[0]?.[0]?.length).toBeGreaterThanOrEqual(3);
      }),
      { numRuns: 100 },
    );
  });
});
