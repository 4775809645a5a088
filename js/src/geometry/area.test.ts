import { describe, expect, it } from "vitest";
import type { Ring } from "../document/types.ts";
import { area, ringArea } from "./area.ts";

const box = (x: number, y: number, side: number): Ring => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
];

describe("area", () => {
  it("of a ring does not mind its direction, nor how far away it lies", () => {
    expect(ringArea(box(3, 4, 5))).toBe(25);
    expect(ringArea([...box(3, 4, 5)].reverse())).toBe(25);
    expect(ringArea(box(1e9, 1e9, 1))).toBe(1);
    expect(ringArea(box(3, 4, 5).slice(0, 3))).toBe(12.5);
    expect(ringArea(box(3, 4, 5).slice(0, 2))).toBe(0);
    expect(ringArea([])).toBe(0);
  });

  it("of a polygon is that of its parts less their holes", () => {
    const parts = [[box(0, 0, 10), box(1, 1, 2), box(5, 5, 3)], [box(20, 0, 2)]];
    expect(area({ type: "polygon", parts })).toBe(100 - 4 - 9 + 4);
  });
});
