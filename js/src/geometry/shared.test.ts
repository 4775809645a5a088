import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Polygon, Ring, XY } from "../document/types.ts";
import { area } from "./area.ts";
import { unite } from "./boolean.ts";
import { insertShared, moveShared, removeShared } from "./shared.ts";
import { isSimple } from "./simple.ts";

const polygon = (...rings: Ring[]): Polygon => ({ type: "polygon", parts: [rings] });
const box = (x: number, y: number, width: number, height: number): Ring => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
];

/** Cells side by side, some of them merged into wider ones, so that corners lie on edges of others. */
const mosaic = fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }).map((wide) => {
  const cells = new Map<string, Polygon>();
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      const merged = wide[row * 3 + column] && column < 2;
      cells.set(`${row} ${column}`, polygon(box(column * 20, row * 20, merged ? 40 : 20, 20)));
      if (merged) column++;
    }
  }
  return cells;
});

const step = fc.record({
  do: fc.constantFrom("move" as const, "insert" as const, "remove" as const),
  which: fc.nat(),
  edge: fc.nat(),
  along: fc.integer({ min: 1, max: 9 }),
  by: fc.tuple(fc.integer({ min: -600, max: 600 }), fc.integer({ min: -600, max: 600 })),
});

function expectNoGap(cells: ReadonlyMap<string, Polygon>, before: number): void {
  const shapes = [...cells.values()];
  const sum = shapes.reduce((all, one) => all + area(one), 0);
  const whole = unite(shapes);
  expect(whole.ok).toBe(true);
  if (!whole.ok) return;
  // An overlap would make the sum larger than the whole, a gap inside a hole or a lesser whole.
  expect(area(whole.value)).toBeCloseTo(sum, 6);
  expect(sum).toBeCloseTo(before, 6);
  expect(whole.value.parts).toHaveLength(1);
  expect(whole.value.parts[0]).toHaveLength(1);
}

/** Was a vertex pulled right over another border? That is no longer a drag along a shared one. */
function foldsOver(shapes: readonly Polygon[]): boolean {
  const edges = shapes.flatMap((shape) =>
    shape.parts.flat().flatMap((ring) => ring.map((a, i): [XY, XY] => [a, ring.at(i - 1) as XY])),
  );
  const side = (a: XY, b: XY, c: XY) =>
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  const parts = (a: XY, b: XY, c: XY, d: XY) => side(a, b, c) * side(a, b, d) < -1e-9;
  return edges.some(([a, b]) => edges.some(([c, d]) => parts(a, b, c, d) && parts(c, d, a, b)));
}

describe("shared borders", () => {
  it("move, gain and lose points without a gap or an overlap", () => {
    fc.assert(
      fc.property(mosaic, fc.array(step, { maxLength: 6 }), (start, steps) => {
        let cells: Map<string, Polygon> = new Map(start);
        const before = 3600;
        for (const one of steps) {
          const ring = [...cells.values()][one.which % cells.size]?.parts[0]?.[0] as Ring;
          const [a, b] = [ring[one.edge % ring.length], ring[(one.edge + 1) % ring.length]] as [
            XY,
            XY,
          ];
          const inner = ([x, y]: XY) => x > 0 && y > 0 && x < 60 && y < 60;
          const at: XY =
            one.do === "insert"
              ? [a[0] + (one.along / 10) * (b[0] - a[0]), a[1] + (one.along / 10) * (b[1] - a[1])]
              : a;
          if (!inner(at)) continue;
          const to: XY = [at[0] + one.by[0] / 100, at[1] + one.by[1] / 100];
          const changed =
            one.do === "move"
              ? moveShared(cells, at, to)
              : one.do === "insert"
                ? insertShared(cells, at)
                : removeShared(cells, at);
          if (!changed) continue;
          const after = new Map([...cells, ...changed]);
          // What would fold over is refused by the tool.
          if (![...after.values()].every(isSimple)) continue;
          if (foldsOver([...after.values()])) continue;
          cells = after;
          expectNoGap(cells, before);
        }
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  it("takes along a polygon whose edge the vertex lies on", () => {
    const cells = new Map([
      ["long", polygon(box(0, 0, 20, 40))],
      ["top", polygon(box(20, 0, 20, 15))],
      ["low", polygon(box(20, 15, 20, 25))],
    ]);
    const moved = moveShared(cells, [20, 15], [17, 16]);
    expect([...moved.keys()].sort()).toEqual(["long", "low", "top"]);
    expectNoGap(new Map([...cells, ...moved]), 1600);
  });

  it("keeps a vertex where borders part", () => {
    const cells = new Map([
      ["left", polygon(box(0, 0, 20, 40))],
      ["top", polygon(box(20, 0, 20, 15))],
      ["low", polygon(box(20, 15, 20, 25))],
    ]);
    expect(removeShared(cells, [20, 15])).toBeNull();
    const withPoint = new Map([...cells, ...insertShared(cells, [20, 30])]);
    const less = removeShared(withPoint, [20, 30]);
    expect(less && [...less.keys()].sort()).toEqual(["left", "low"]);
  });

  it("leaves a polygon alone that only is near", () => {
    const cells = new Map([
      ["one", polygon(box(0, 0, 20, 20))],
      ["near", polygon(box(20.5, 0, 20, 20))],
    ]);
    expect([...moveShared(cells, [20, 20], [18, 18]).keys()]).toEqual(["one"]);
  });
});
