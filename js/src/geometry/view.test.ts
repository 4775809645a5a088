import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { XY } from "../document/types.ts";
import { fit, keepInSight, reveal, toImage, toScreen, type View, zoomAt } from "./view.ts";

const image = fc.record({
  width: fc.integer({ min: 1, max: 20000 }),
  height: fc.integer({ min: 1, max: 20000 }),
});
const screen = fc.record({
  width: fc.integer({ min: 40, max: 3000 }),
  height: fc.integer({ min: 40, max: 2000 }),
});
const offset = fc.double({ min: -5000, max: 5000, noNaN: true });
const view: fc.Arbitrary<View> = fc.record({
  scale: fc.double({ min: 0.01, max: 64, noNaN: true }),
  x: offset,
  y: offset,
});
const place: fc.Arbitrary<XY> = fc.tuple(offset, offset);

function near(a: XY, b: XY, tolerance = 1e-6): void {
  expect(Math.abs(a[0] - b[0])).toBeLessThanOrEqual(tolerance * (1 + Math.abs(b[0])));
  expect(Math.abs(a[1] - b[1])).toBeLessThanOrEqual(tolerance * (1 + Math.abs(b[1])));
}

describe("view", () => {
  it("to the screen and back is where one was", () => {
    fc.assert(fc.property(view, place, (v, at) => near(toImage(v, toScreen(v, at)), at)));
  });

  it("fit shows all of the picture in the middle, and touches the margin", () => {
    fc.assert(
      fc.property(image, screen, (size, on) => {
        const made = fit(size, on);
        const [left, top] = toScreen(made, [0, 0]);
        const [right, bottom] = toScreen(made, [size.width, size.height]);
        near([left, top], [on.width - right, on.height - bottom]);
        const [spareX, spareY] = [left - 8, top - 8];
        expect(Math.min(spareX, spareY)).toBeGreaterThan(-1e-6);
        if (made.scale < 64) expect(Math.min(spareX, spareY)).toBeLessThan(1e-6);
      }),
    );
  });

  it("zooming keeps the point under the pointer, within the least and the most", () => {
    const factor = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(view, place, factor, image, screen, (v, at, by, size, on) => {
        const made = zoomAt(v, at, by, size, on);
        near(toImage(made, at), toImage(v, at), 1e-5);
        expect(made.scale).toBeLessThanOrEqual(64);
        expect(made.scale).toBeGreaterThanOrEqual(Math.min(fit(size, on).scale, 1) / 4);
        if (by > 1 && v.scale < 64) expect(made.scale).toBeGreaterThan(v.scale);
      }),
    );
  });

  it("zooming in and out again is where one was", () => {
    const v = { scale: 0.5, x: 10, y: 20 };
    const [size, on] = [
      { width: 1000, height: 800 },
      { width: 600, height: 500 },
    ];
    const back = zoomAt(zoomAt(v, [100, 50], 1.25, size, on), [100, 50], 0.8, size, on);
    near([back.x, back.y], [10, 20]);
    expect(back.scale).toBeCloseTo(0.5);
  });

  it("keepInSight leaves some of the picture on the screen, and moves no more than needed", () => {
    fc.assert(
      fc.property(view, image, screen, (v, size, on) => {
        const made = keepInSight(v, size, on);
        const strip = Math.min(64, on.width / 4, on.height / 4) - 1e-6;
        expect(made.scale).toBe(v.scale);
        expect(made.x + size.width * v.scale).toBeGreaterThanOrEqual(strip);
        expect(made.y + size.height * v.scale).toBeGreaterThanOrEqual(strip);
        expect(made.x).toBeLessThanOrEqual(on.width - strip);
        expect(made.y).toBeLessThanOrEqual(on.height - strip);
        expect(keepInSight(made, size, on)).toEqual(made);
      }),
    );
    const inside = { scale: 1, x: 5, y: 6 };
    const size = { width: 100, height: 100 };
    expect(keepInSight(inside, size, { width: 300, height: 300 })).toEqual(inside);
  });

  it("reveal brings a box of the picture on the screen, and leaves alone what is there", () => {
    const part = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(view, image, screen, part, part, (v, size, on, a, b) => {
        const box = {
          minX: Math.min(a[0], b[0]) * size.width,
          minY: Math.min(a[1], b[1]) * size.height,
          maxX: Math.max(a[0], b[0]) * size.width,
          maxY: Math.max(a[1], b[1]) * size.height,
        };
        const made = reveal(v, box, size, on);
        const [left, top] = toScreen(made, [box.minX, box.minY]);
        const [right, bottom] = toScreen(made, [box.maxX, box.maxY]);
        expect(left).toBeGreaterThanOrEqual(-1e-6);
        expect(top).toBeGreaterThanOrEqual(-1e-6);
        expect(right).toBeLessThanOrEqual(on.width + 1e-6);
        expect(bottom).toBeLessThanOrEqual(on.height + 1e-6);
        expect(made.scale).toBeLessThanOrEqual(v.scale);
        expect(reveal(made, box, size, on)).toBe(made);
      }),
    );
  });
});
