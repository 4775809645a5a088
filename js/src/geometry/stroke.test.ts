import fc from "fast-check";
import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/strokes.json";
import type { XY } from "../document/types.ts";
import { PaintedMask } from "./painted_mask.ts";
import { emptyRuns, equalRuns, type Runs, rleOf, subtract, unite } from "./runs.ts";
import { strokeRuns, sweep, sweepPath, type TipShape } from "./stroke.ts";

const cases = golden.strokes.map((one) => ({
  ...one,
  size: one.size as [number, number],
  path: one.path as unknown as XY[],
  tip: one.tip as TipShape,
}));

const path = fc.array(
  fc.tuple(fc.integer({ min: -20, max: 60 }), fc.integer({ min: -20, max: 60 })),
  {
    minLength: 1,
    maxLength: 6,
  },
);
const radius = fc.integer({ min: 1, max: 40 }).map((n) => n / 2);
const tip = fc.constantFrom<TipShape>("round", "square");
const SIZE = [30, 40] as const;

describe("a stroke", () => {
  it.each(cases)("$name: covers the pixels of the table", (one) => {
    const runs = strokeRuns(one.path, one.radius, one.tip, one.size);
    expect(rleOf(runs)).toEqual({ size: one.size, counts: one.counts });
  });

  it("covers the same segment by segment as at once", () => {
    fc.assert(
      fc.property(path, radius, tip, (points, reach, shape) => {
        const live = new PaintedMask(emptyRuns(SIZE));
        for (let i = 0; i < points.length; i++) {
          sweepPath(points.slice(0, i + 1), i, reach, shape, SIZE, (x, top, end) =>
            live.paint(x, top, end),
          );
        }
        expect(equalRuns(live.runs(), strokeRuns(points, reach, shape, SIZE))).toBe(true);
      }),
    );
  });

  it("stays on the picture, one span a column", () => {
    fc.assert(
      fc.property(path, radius, tip, (points, reach, shape) => {
        const seen = new Set<number>();
        sweep(points[0] as XY, points.at(-1) as XY, reach, shape, SIZE, (x, top, end) => {
          expect(seen.has(x)).toBe(false);
          seen.add(x);
          expect(x >= 0 && x < 40 && top >= 0 && top < end && end <= 30).toBe(true);
        });
      }),
    );
  });
});

describe("a mask under the brush", () => {
  const strokes = fc.array(fc.tuple(path, radius, tip, fc.boolean()), { maxLength: 5 });

  it("is the union and difference of its strokes, and keeps what they did not touch", () => {
    fc.assert(
      fc.property(path, strokes, (start, list) => {
        const base = strokeRuns(start, 6, "round", SIZE);
        const live = new PaintedMask(base);
        let wanted: Runs = base;
        for (const [points, reach, shape, erase] of list) {
          sweepPath(points, 0, reach, shape, SIZE, (x, top, end) =>
            erase ? live.erase(x, top, end) : live.paint(x, top, end),
          );
          const runs = strokeRuns(points, reach, shape, SIZE);
          wanted = erase ? subtract(wanted, runs) : unite(wanted, runs);
          expect(equalRuns(live.runs(), wanted)).toBe(true);
        }
      }),
    );
  });

  it("keeps runs that go on over the foot of a column", () => {
    const base: Runs = { size: [4, 6], edges: Uint32Array.from([2, 22]) };
    const live = new PaintedMask(base);
    live.erase(2, 1, 3);
    expect([...live.runs().edges]).toEqual([2, 9, 11, 22]);
    live.paint(2, 1, 3);
    expect([...live.runs().edges]).toEqual([2, 22]);
    live.erase(3, 0, 4);
    expect([...live.runs().edges]).toEqual([2, 12, 16, 22]);
  });

  it("tells the box that was painted on, once", () => {
    const live = new PaintedMask(emptyRuns(SIZE));
    live.paint(3, 5, 9);
    live.paint(7, 2, 6);
    expect(live.takeDirty()).toEqual({ minX: 3, minY: 2, maxX: 8, maxY: 9 });
    expect(live.takeDirty()).toBeNull();
  });
});
