import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import golden from "../../../tests/golden/polygons.json";
import type { Part, Polygon, Ring, XY } from "../document/types.ts";
import { area } from "./area.ts";
import { intersect, type Made, repair, split, subtract, unite } from "./boolean.ts";
import { isSimple } from "./simple.ts";

vi.setConfig({ testTimeout: 30_000 });

const polygon = (...parts: Part[]): Polygon => ({ type: "polygon", parts });
const box = (x: number, y: number, width: number, height: number): Ring => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
];
const size = (made: Made<Polygon>) => (made.ok ? area(made.value) : 0);
/** How long all edges are together. */
const length = ({ parts }: Polygon) =>
  parts.flat().reduce((sum, ring) => {
    const edge = ([x, y]: XY, i: number) => {
      const [left = 0, top = 0] = ring[(i + 1) % ring.length] ?? [];
      return Math.hypot(left - x, top - y);
    };
    return sum + ring.reduce((one, point, i) => one + edge(point, i), 0);
  }, 0);
const cases = golden.polygons as unknown as { name: string; parts: Part[]; valid: boolean }[];

/** Rings of any kind: on a coarse grid, where much coincides, and on a fine one. */
const ring = fc.oneof(
  fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { minLength: 3, maxLength: 9 }),
  fc.array(
    fc.tuple(fc.nat(4000), fc.nat(4000)).map(([x, y]): XY => [x / 100, y / 100]),
    {
      minLength: 3,
      maxLength: 9,
    },
  ),
);
const shape = fc
  .array(fc.array(ring, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
  .map((parts): Polygon => polygon(...parts));

function expectValid(made: Made<Polygon>): void {
  if (!made.ok) return;
  expect(isSimple(made.value)).toBe(true);
  for (const [x, y] of made.value.parts.flat(2)) {
    expect(Math.round(x * 100) / 100).toBe(x);
    expect(Math.round(y * 100) / 100).toBe(y);
  }
}

describe("polygon algebra", () => {
  it("makes valid polygons on the grid out of anything", () => {
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        for (const made of [unite([a, b]), subtract(a, [b]), intersect([a, b]), repair(a)])
          expectValid(made);
      }),
      { numRuns: 120 },
    );
  });

  it("keeps areas: what both cover and what only one covers is what either covers", () => {
    const large = shape.map(({ parts }) =>
      polygon(
        ...parts.map((rings) =>
          rings.map((points) => points.map(([x, y]): XY => [x * 50, y * 50])),
        ),
      ),
    );
    fc.assert(
      fc.property(large, large, (a, b) => {
        const all = size(unite([a, b]));
        const parts = size(subtract(a, [b])) + size(subtract(b, [a])) + size(intersect([a, b]));
        // Every edge may move by half a step of the grid; slivers below a pixel are dropped, of
        // which shapes so large have few.
        const moved = (length(a) + length(b)) * 0.005;
        expect(Math.abs(all - parts)).toBeLessThan(30 + moved);
      }),
      { numRuns: 80 },
    );
  });

  it("has valid results for every pair of golden polygons", () => {
    cases.forEach((one, i) => {
      const other = cases[(i * 7 + 3) % cases.length];
      if (!other) return;
      const [a, b] = [polygon(...one.parts), polygon(...other.parts)];
      for (const made of [unite([a, b]), subtract(a, [b]), intersect([a, b])]) expectValid(made);
    });
  });

  it("drops no corner that was drawn, and leaves none where a line only was crossed", () => {
    const made = unite([polygon([box(0, 0, 10, 10)]), polygon([box(2, 2, 3, 3)])]);
    expect(made.ok && made.value.parts).toHaveLength(1);
    expect(made.ok && made.value.parts[0]?.[0]).toHaveLength(4);
  });

  it("makes a hole, an island in it, and rings that touch", () => {
    const frame = subtract(polygon([box(0, 0, 20, 20)]), [polygon([box(5, 5, 10, 10)])]);
    expect(frame.ok && frame.value.parts[0]).toHaveLength(2);
    if (!frame.ok) return;
    const island = unite([frame.value, polygon([box(8, 8, 4, 4)])]);
    expect(island.ok && island.value.parts).toHaveLength(2);
    expect(size(island)).toBe(316);
    const corner = unite([polygon([box(0, 0, 5, 5)]), polygon([box(5, 5, 5, 5)])]);
    expect(corner.ok && corner.value.parts).toHaveLength(2);
  });

  it("says why nothing came of it", () => {
    const far = intersect([polygon([box(0, 0, 5, 5)]), polygon([box(9, 9, 5, 5)])]);
    expect(far).toEqual({ ok: false, reason: "These polygons have no area in common." });
    expect(subtract(polygon([box(0, 0, 5, 5)]), [polygon([box(-1, -1, 9, 9)])]).ok).toBe(false);
    expect(unite([]).ok).toBe(false);
    const wild: Ring = [
      [0, 0],
      [1e9, 0],
      [Number.NaN, 4],
    ];
    expect(unite([polygon([wild])]).ok).toBe(false);
    const many = Array.from({ length: 300_000 }, (_, i): XY => [i % 100, Math.floor(i / 100)]);
    expect(unite([polygon([many])])).toMatchObject({ reason: expect.stringContaining("300,000") });
  });

  it("drops slivers and specks below one pixel", () => {
    const made = subtract(polygon([box(0, 0, 10, 10)]), [polygon([box(0.9, -1, 20, 20)])]);
    expect(size(made)).toBe(9);
    expect(subtract(polygon([box(0, 0, 10, 10)]), [polygon([box(0.09, -1, 20, 20)])]).ok).toBe(
      false,
    );
    expect(size(subtract(polygon([box(0, 0, 10, 10)]), [polygon([box(4, 4, 0.9, 0.9)])]))).toBe(
      100,
    );
  });
});

describe("split", () => {
  it("cuts in two, largest first, and loses no area", () => {
    const cut = split(polygon([box(0, 0, 10, 10)]), [
      [3, -5],
      [3, 15],
    ]);
    expect(cut.ok && cut.value.map(area)).toEqual([70, 30]);
  });

  it("goes through a hole, and cuts a ring of land in two", () => {
    const frame = polygon([box(0, 0, 10, 10), box(3, 3, 4, 4)]);
    const cut = split(frame, [
      [5, -5],
      [5, 15],
    ]);
    expect(cut.ok && cut.value.map(area)).toEqual([42, 42]);
    expect(cut.ok && cut.value.every((one) => one.parts[0]?.length === 1)).toBe(true);
  });

  it("refuses a line that ends within, or only reaches a hole", () => {
    const frame = polygon([box(0, 0, 10, 10), box(3, 3, 4, 4)]);
    expect(
      split(frame, [
        [5, -5],
        [5, 2],
      ]).ok,
    ).toBe(false);
    expect(
      split(frame, [
        [5, -5],
        [5, 5],
      ]).ok,
    ).toBe(false);
    expect(
      split(frame, [
        [50, -5],
        [50, 5],
      ]).ok,
    ).toBe(false);
    expect(split(frame, [[5, 5]]).ok).toBe(false);
    expect(split(frame, []).ok).toBe(false);
  });

  it("makes valid pieces that cover what the whole covered", () => {
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.tuple(fc.nat(45), fc.nat(45)), { maxLength: 5 }),
        (one, line) => {
          const cut = split(one, line);
          if (!cut.ok) return;
          for (const piece of cut.value) expectValid({ ok: true, value: piece });
          const sum = cut.value.reduce((all, piece) => all + area(piece), 0);
          expect(Math.abs(sum - size(repair(one)))).toBeLessThan(8);
        },
      ),
      { numRuns: 80 },
    );
  });
});
