import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/ranges.json";
import type { XY } from "../document/types.ts";
import { rleOf, runsArea } from "./runs.ts";
import { strokeRuns } from "./stroke.ts";
import { type Values, valueUnder, withinRange } from "./threshold.ts";

describe("the threshold brush", () => {
  it.each(golden.ranges)("$name: takes the pixels of the table", (one) => {
    const size = one.size as [number, number];
    const [height, width] = size;
    const channels = one.channels as 1 | 3;
    const values: Values = { x: 0, y: 0, width, height, channels, values: one.values };
    const at = one.at as unknown as XY;
    const start = one.relative ? (valueUnder(values, at) ?? Number.NaN) : 0;
    const stroke = strokeRuns([at], one.radius, "round", size);
    const runs = withinRange(stroke, values, start + one.low, start + one.high);
    expect(rleOf(runs)).toEqual({ size, counts: one.counts });
  });

  it("leaves out what is not among the values", () => {
    const stroke = strokeRuns([[5, 5]], 20, "square", [10, 10]);
    const values: Values = {
      x: 2,
      y: 3,
      width: 4,
      height: 5,
      channels: 1,
      values: Array(20).fill(7),
    };
    expect(runsArea(withinRange(stroke, values, 7, 7))).toBe(20);
    expect(runsArea(withinRange(stroke, values, 8, 9))).toBe(0);
    expect(valueUnder(values, [1.9, 4])).toBeNull();
    expect(valueUnder(values, [5.9, 7.9])).toBe(7);
    expect(valueUnder(values, [5, 8])).toBeNull();
  });

  it("not a number is never in", () => {
    const stroke = strokeRuns([[1, 0.5]], 3, "square", [1, 2]);
    const values: Values = {
      ...{ x: 0, y: 0, width: 2, height: 1, channels: 1 },
      values: Float32Array.of(Number.NaN, 1),
    };
    expect([...withinRange(stroke, values, -9, 9).edges]).toEqual([1, 2]);
    expect(withinRange(stroke, values, Number.NaN, 9).edges).toHaveLength(0);
  });
});
