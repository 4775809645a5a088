import fc from "fast-check";
import { expect, test } from "vitest";
import { dragged, endsOf, levelsOf, percentiles } from "./windowing.ts";

test("a window of DICOM ends one value earlier than an exact one", () => {
  expect(endsOf({ level: 40, width: 400 }, "LINEAR")).toEqual([-160, 239]);
  expect(endsOf({ level: 40, width: 400 }, "LINEAR_EXACT")).toEqual([-160, 240]);
  expect(endsOf({ level: 40, width: 400 }, "SIGMOID")).toEqual([-160, 240]);
});

test("level and width come back from the ends", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5000, max: 5000 }),
      fc.integer({ min: 1, max: 9000 }),
      fc.constantFrom("LINEAR", "LINEAR_EXACT", "SIGMOID"),
      (level, width, curve) => {
        expect(levelsOf(endsOf({ level, width }, curve), curve)).toEqual({ level, width });
      },
    ),
  );
});

test("right is wider, down is higher, and a wide window moves faster", () => {
  const from = { level: 40, width: 400 };
  expect(dragged(from, 0, 0)).toEqual(from);
  expect(dragged(from, 50, 0).width).toBeGreaterThan(400);
  expect(dragged(from, -50, 0).width).toBeLessThan(400);
  expect(dragged(from, 0, 10).level).toBeGreaterThan(40);
  const wide = dragged({ level: 40, width: 4000 }, 0, 10).level - 40;
  expect(wide).toBeGreaterThan(5 * (dragged(from, 0, 10).level - 40));
});

test("no drag makes a window without a width", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), (dx) => {
      const { width, level } = dragged({ level: 0.001, width: 0.004 }, dx, dx);
      expect(width).toBeGreaterThan(0);
      expect(Number.isFinite(level)).toBe(true);
    }),
  );
});

test("percentiles leave out what has no value", () => {
  const values = Array.from({ length: 1001 }, (_, i) => i);
  expect(percentiles([...values, Number.NaN, Number.POSITIVE_INFINITY])).toEqual([1, 999]);
  expect(percentiles([Number.NaN])).toBeNull();
  expect(percentiles([7])).toEqual([7, 7]);
});
