import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { XY } from "../document/types.ts";
import { fillRing } from "./fill_ring.ts";
import { insideRing } from "./hit.ts";
import { intersect, runsArea, runsContain, unite } from "./runs.ts";

const SIZE = [12, 15] as const;
const coordinate = fc.integer({ min: -30, max: 180 }).map((n) => n / 10 + 0.013);
const ring = fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 8 });

describe("a filled ring", () => {
  it("holds the pixels whose centres are inside, by the even-odd rule", () => {
    fc.assert(
      fc.property(ring, (points) => {
        const runs = fillRing(points, SIZE);
        for (let y = 0; y < SIZE[0]; y++) {
          for (let x = 0; x < SIZE[1]; x++) {
            expect(runsContain(runs, x, y)).toBe(insideRing([x + 0.5, y + 0.5], points));
          }
        }
      }),
    );
  });

  it("shares no pixel with its neighbour, and leaves none between them", () => {
    const left: XY[] = [
      [0, 0],
      [5.5, 0],
      [5.5, 12],
      [0, 12],
    ];
    const right: XY[] = [
      [5.5, 0],
      [15, 0],
      [15, 12],
      [5.5, 12],
    ];
    const [a, b] = [fillRing(left, SIZE), fillRing(right, SIZE)];
    expect(runsArea(intersect(a, b))).toBe(0);
    expect(runsArea(unite(a, b))).toBe(12 * 15);
  });

  it("is nothing without an area", () => {
    expect(runsArea(fillRing([[1, 1]], SIZE))).toBe(0);
    expect(runsArea(fillRing([], SIZE))).toBe(0);
  });
});
