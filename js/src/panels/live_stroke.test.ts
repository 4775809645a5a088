import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { XY } from "../document/types.ts";
import { emptyRuns, equalRuns, subtract, unite } from "../geometry/runs.ts";
import { strokeRuns } from "../geometry/stroke.ts";
import { withinRange } from "../geometry/threshold.ts";
import { LiveStroke } from "./live_stroke.ts";

const SIZE = [30, 40] as const;
const point = fc.tuple(fc.integer({ min: -5, max: 45 }), fc.integer({ min: -5, max: 35 }));
const path = fc.array(point, { minLength: 1, maxLength: 6 });

describe("a stroke in the making", () => {
  it("shows after each movement what it would leave", () => {
    fc.assert(
      fc.property(path, path, path, fc.boolean(), (start, locked, points, erase) => {
        const base = strokeRuns(start, 6, "round", SIZE);
        const kept = subtract(strokeRuns(locked, 4, "square", SIZE), base);
        const live = new LiveStroke();
        for (let i = 1; i <= points.length; i++) {
          const done = points.slice(0, i);
          const stroke = { path: done, radius: 3, shape: "round" as const, erase };
          const shown = live.follow(stroke, base, kept).runs();
          const pixels = strokeRuns(done, 3, "round", SIZE);
          const wanted = erase ? subtract(base, pixels) : unite(base, subtract(pixels, kept));
          expect(equalRuns(shown, wanted)).toBe(true);
        }
      }),
    );
  });

  it("begins anew with another stroke, and where its path is another", () => {
    const base = emptyRuns(SIZE);
    const live = new LiveStroke();
    const a: XY = [5, 5];
    const stroke = { radius: 2, shape: "round" as const, erase: false };
    live.follow({ ...stroke, path: [a, [20, 20]] }, base, null);
    const bent = live.follow({ ...stroke, path: [a, [30, 5]] }, base, null).runs();
    expect(equalRuns(bent, strokeRuns([a, [30, 5]], 2, "round", SIZE))).toBe(true);
    const other = live.follow({ ...stroke, path: [[9, 9]] }, base, null).runs();
    expect(equalRuns(other, strokeRuns([[9, 9]], 2, "round", SIZE))).toBe(true);
  });

  it("of limited values shows those in the range, as the whole stroke at its end", () => {
    fc.assert(
      fc.property(path, fc.integer({ min: 0, max: 255 }), fc.boolean(), (points, low, erase) => {
        const [height, width] = SIZE;
        const numbers = Uint16Array.from({ length: height * width }, (_, i) => (i * 37) % 256);
        const values = { x: 0, y: 0, width, height, channels: 1, values: numbers } as const;
        const base = strokeRuns([[10, 10]], 9, "round", SIZE);
        const live = new LiveStroke();
        const limit = [low, low + 60] as const;
        const stroke = { path: points, radius: 4, shape: "round" as const, erase, limit };
        for (let i = 1; i < points.length; i++)
          live.follow({ ...stroke, path: points.slice(0, i) }, base, null, values);
        const shown = live.follow(stroke, base, null, values).runs();
        const pixels = withinRange(strokeRuns(points, 4, "round", SIZE), values, ...limit);
        const wanted = erase ? subtract(base, pixels) : unite(base, pixels);
        expect(equalRuns(shown, wanted)).toBe(true);
      }),
    );
  });
});
