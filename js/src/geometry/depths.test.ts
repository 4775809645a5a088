import { describe, expect, it } from "vitest";
import type { Lattice } from "./cut.ts";
import { depthsOf } from "./depths.ts";

const AFFINE = [
  [0.75, 0, 0, 0],
  [0, 0.5, 0, 0],
  [0, 0, 2, 0],
  [0, 0, 0, 1],
];
const POSITIONS = [
  [0, 0, 0],
  [5, 0, 2],
  [5, 7, 3],
] as const;
const SCAN: Lattice = {
  shape: [3, 4, 5],
  spacing: [2, 0.5, 0.75],
  affine: AFFINE,
  positions: POSITIONS,
};

describe("the depths of slices", () => {
  it("are along the normal, whatever else positions do", () => {
    expect(depthsOf(SCAN)).toEqual([0, 2, 3]);
    const back = POSITIONS.map(([x, y, z]) => [x, y, -z] as const);
    expect(depthsOf({ ...SCAN, positions: back })).toEqual([0, 2, 3]);
  });

  it("are evenly spaced where nothing else is known, and counted without a unit", () => {
    expect(depthsOf({ ...SCAN, positions: null })).toEqual([0, 2, 4]);
    expect(depthsOf({ ...SCAN, affine: null })).toEqual([0, 2, 4]);
    expect(depthsOf({ ...SCAN, spacing: null })).toEqual([0, 1, 2]);
  });
});
