import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distanceTo } from "../testing/distance.ts";
import { ballRuns, type SlicePlace } from "./ball.ts";
import { forEachSpan, type Runs } from "./runs.ts";
import { strokeRuns } from "./stroke.ts";

const SIZE = [16, 18] as const;
const point = fc.tuple(fc.integer({ min: 0, max: 18 }), fc.integer({ min: 0, max: 16 }));

function pixelsOf(runs: Runs): Set<string> {
  const found = new Set<string>();
  forEachSpan(runs, (column, row, length) => {
    for (let y = row; y < row + length; y++) found.add(`${column} ${y}`);
  });
  return found;
}

describe("a ball on its way through a slice", () => {
  it("covers the voxels that are within its radius in millimetres", () => {
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 24 }).map((n) => n / 4 + 0.01),
        fc.constantFrom([1, 1] as const, [0.5, 0.75] as const, [2, 1] as const),
        fc.array(fc.constantFrom(0.5, 1, 2.5), { minLength: 5, maxLength: 5 }),
        (path, millimetres, pitch, gaps) => {
          const depths = gaps.map((_, i) => gaps.slice(0, i).reduce((sum, gap) => sum + gap, 0));
          const place: SlicePlace = { index: 2, depths, pitch };
          const radius = millimetres / pitch[0];
          const aspect = pitch[1] / pitch[0];
          const found = new Map(ballRuns(path, radius, place, SIZE));
          expect(found.has(2)).toBe(false);
          found.set(2, strokeRuns(path, radius, "round", SIZE, aspect));
          const way = path.map(([x, y]) => [x * pitch[0], y * pitch[1]] as const);
          for (let k = 0; k < depths.length; k++) {
            const covered = pixelsOf(found.get(k) ?? { size: SIZE, edges: new Uint32Array() });
            const off = (depths[k] as number) - (depths[2] as number);
            for (let x = 0; x < SIZE[1]; x++)
              for (let y = 0; y < SIZE[0]; y++) {
                const flat = distanceTo(way, [(x + 0.5) * pitch[0], (y + 0.5) * pitch[1]]);
                const far = Math.hypot(flat, off);
                // On the rim, rounding decides.
                if (Math.abs(far - millimetres) > 1e-4)
                  expect(covered.has(`${x} ${y}`)).toBe(far < millimetres);
              }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
