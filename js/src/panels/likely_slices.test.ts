import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Annotation } from "../document/types.ts";
import { aheadOf, firstSlice, runsOf } from "./likely_slices.ts";

const rectangle = { type: "rectangle", x: 0, y: 0, width: 1, height: 1 } as const;
const on = (...frames: number[]): Annotation[] =>
  frames.map((frame) => ({ id: `${frame}`, geometry: rectangle, frame, revision: 1 }));

test("of a near scan all other slices are likely, those in the direction of travel first", () => {
  expect(aheadOf(5, 20, 1, true).slice(0, 6)).toEqual([6, 4, 7, 3, 8, 2]);
  expect(aheadOf(5, 20, -1, true).slice(0, 4)).toEqual([4, 6, 3, 7]);
  fc.assert(
    fc.property(fc.nat(50), fc.integer({ min: 1, max: 51 }), fc.boolean(), (at, count, back) => {
      fc.pre(at < count);
      const likely = aheadOf(at, count, back ? -1 : 1, true);
      expect([...likely, at].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
    }),
  );
});

test("of a far scan only the neighbours are likely", () => {
  expect(aheadOf(5, 20, 1, false)).toEqual([6, 4, 7]);
  expect(aheadOf(5, 20, -1, false)).toEqual([4, 6, 3]);
  expect(aheadOf(0, 2, 1, false)).toEqual([1]);
});

test("a scan is opened at its middle, or at the labelled slice that is nearest to it", () => {
  expect(firstSlice(9, [])).toBe(4);
  expect(firstSlice(1, [])).toBe(0);
  expect(firstSlice(9, on(0, 7, 6, 99))).toBe(6);
  const rle = { size: [1, 1] as const, counts: "1" };
  const mask: Annotation = {
    id: "m",
    geometry: { type: "volumemask", slices: { 1: rle, 2: rle } },
    revision: 1,
  };
  expect(firstSlice(9, [mask, { id: "t", geometry: { type: "tag" }, revision: 1 }])).toBe(2);
});

test("slices that follow one another are one mark", () => {
  expect(runsOf([3, 1, 2, 2, 9])).toEqual([
    [1, 3],
    [9, 9],
  ]);
  expect(runsOf([])).toEqual([]);
});
