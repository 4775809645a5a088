import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { XY } from "../document/types.ts";
import { Bench } from "../testing/bench.ts";
import { act, expectSound, perform } from "../testing/hands.ts";
import { polygon } from "./polygon.ts";

const SQUARE: readonly XY[] = [
  [10, 10],
  [60, 10],
  [60, 60],
  [10, 60],
];
const CROSSED: readonly XY[] = [
  [10, 10],
  [60, 60],
  [60, 10],
];
const drawing = (points: readonly XY[]) => {
  const bench = new Bench(polygon);
  for (const at of points) bench.click(at);
  return bench;
};
const whole = (points: readonly XY[]) => [{ type: "polygon", parts: [[points]] }];

describe("polygon", () => {
  it("is closed by a click on the first point", () => {
    const drawn = drawing(SQUARE).hover([12, 12]);
    expect(drawn.preview.closing).toBe(true);
    expect(drawn.click([12, 12]).made).toEqual(whole(SQUARE));
    expect(drawn.busy).toBe(false);
  });

  it("is closed by a double click, which is its last point, and by Enter", () => {
    expect(drawing(SQUARE.slice(0, 3)).double([10, 60]).made).toEqual(whole(SQUARE));
    expect(drawing(SQUARE).finish().made).toEqual(whole(SQUARE));
  });

  it("is not closed near its first point before it has three", () => {
    const drawn = drawing(SQUARE.slice(0, 2)).hover([12, 12]);
    expect(drawn.preview.closing).toBe(false);
    expect(drawn.click([12, 12]).made).toEqual([]);
    expect(drawn.state.points).toHaveLength(3);
  });

  it("needs three points, and says so", () => {
    const drawn = drawing(SQUARE.slice(0, 2)).finish();
    expect(drawn.said).toEqual(["A polygon needs at least three points."]);
    expect(drawn.state.points).toHaveLength(2);
    expect(drawing([]).finish().effects).toEqual([]);
  });

  it("does not close where the closing edge would cross, and goes on", () => {
    const drawn = drawing([
      [50, 50],
      [60, 50],
      [60, 60],
      [40, 60],
      [40, 40],
      [70, 40],
      [75, 70],
    ]);
    expect(drawn.said).toEqual([]);
    expect(drawn.hover([50, 50]).preview).toMatchObject({ closing: true, invalid: true });
    drawn.click([50, 50]).finish();
    expect(drawn.made).toEqual([]);
    expect(drawn.said).toHaveLength(2);
    expect(drawn.said[0]).toContain("closing edge would cross");
    expect(drawn.back().finish().made).toHaveLength(1);
  });

  it("refuses a point whose edge would cross, and keeps the others", () => {
    const drawn = drawing(CROSSED).hover([10, 60]);
    expect(drawn.preview.invalid).toBe(true);
    drawn.click([10, 60]);
    expect(drawn.said).toEqual(["That edge would cross another."]);
    expect(drawn.state.points).toEqual(CROSSED);
  });

  it("refuses to fold back on its last edge", () => {
    const drawn = drawing([
      [10, 10],
      [60, 10],
      [30, 10],
    ]);
    expect(drawn.state.points).toHaveLength(2);
    expect(drawn.said).toEqual(["That edge would cross another."]);
  });

  it("needs to cover a pixel", () => {
    const drawn = drawing([
      [10, 10],
      [10.5, 10],
    ]);
    drawn.slack = 0.1;
    drawn.click([10.5, 10.5]).finish();
    expect(drawn.made).toEqual([]);
    expect(drawn.said).toEqual(["A polygon needs to cover at least one pixel."]);
  });

  it("Backspace takes back one point after the other", () => {
    const drawn = drawing(SQUARE).back();
    expect(drawn.state.points).toEqual(SQUARE.slice(0, 3));
    drawn.back().back();
    expect(drawn.busy).toBe(true);
    drawn.back();
    expect(drawn.busy).toBe(false);
    expect(drawn.back().effects).toEqual([]);
  });

  it("Escape throws all away", () => {
    const drawn = drawing(SQUARE).cancel();
    expect(drawn.busy).toBe(false);
    expect(drawn.finish().effects).toEqual([]);
  });

  it("takes the same place twice for one point", () => {
    expect(drawing([...SQUARE, [10, 60]]).state.points).toEqual(SQUARE);
  });

  it("puts points outside on the edge, and rounds the others", () => {
    const drawn = drawing([
      [-20, 50],
      [100.1234, 20],
      [300, 300],
    ]);
    expect(drawn.state.points).toEqual([
      [0, 50],
      [100.12, 20],
      [200, 100],
    ]);
  });

  it("shows a line, then an area, then what would be closed", () => {
    expect(drawing([]).hover([5, 5]).preview.draft).toBeNull();
    const drawn = drawing([[10, 10]]).hover([30, 10]);
    expect(drawn.preview.draft).toMatchObject({ type: "polyline" });
    drawn.click([60, 10]).hover([60, 60]);
    expect(drawn.preview.draft).toEqual(whole(SQUARE.slice(0, 3))[0]);
    drawn.click([60, 60]).hover([10, 11]);
    expect(drawn.preview).toMatchObject({ closing: true, invalid: false });
    expect(drawn.preview.draft).toEqual(whole(SQUARE.slice(0, 3))[0]);
  });

  it("whatever the hand does, a polygon lies on the picture, is simple and has a pixel", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40, size: "max" }), (acts) => {
        const drawn = new Bench(polygon);
        for (const one of acts) perform(drawn, one);
        for (const geometry of drawn.made) expectSound(geometry, drawn.size);
        const count = drawn.made.length;
        drawn.cancel();
        expect(drawn.busy).toBe(false);
        expect(drawn.made).toHaveLength(count);
        expect(drawn.preview.draft).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it("a ring around a point is taken as it was clicked", () => {
    const reaches = fc.array(fc.integer({ min: 10, max: 45 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(reaches, (distances) => {
        const points = distances.map((reach, i): XY => {
          const angle = (2 * Math.PI * i) / distances.length;
          const at = [100 + reach * Math.cos(angle), 50 + reach * Math.sin(angle)];
          return at.map((value) => Math.round(value * 100) / 100) as unknown as XY;
        });
        const bench = new Bench(polygon);
        bench.slack = 0.5;
        for (const at of points) bench.click(at);
        expect(bench.finish().made).toEqual(whole(points));
      }),
    );
  });
});
