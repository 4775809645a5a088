import { describe, expect, it } from "vitest";
import type { XY } from "../document/types.ts";
import { polygonToRuns } from "../geometry/filling.ts";
import { equalRuns } from "../geometry/runs.ts";
import { Bench } from "../testing/bench.ts";
import { fill } from "./fill.ts";
import { lasso } from "./lasso.ts";
import type { Effect } from "./tool.ts";

const RING: XY[] = [
  [20, 20],
  [80, 20],
  [80, 70],
  [20, 70],
];

function strokes(bench: { effects: readonly Effect[] }) {
  return bench.effects.flatMap((effect) => (effect.type === "stroke" ? [effect] : []));
}

describe("areas painted into a mask", () => {
  it("the lasso paints what it went around, with Alt it erases", () => {
    for (const alt of [false, true]) {
      const bench = new Bench(lasso).down(RING[0] as XY, { alt });
      for (const at of RING.slice(1)) bench.drag(at);
      expect(bench.preview.draft === null).toBe(alt);
      bench.up(RING.at(-1) as XY);
      const [made] = strokes(bench);
      expect(made?.erase).toBe(alt);
      expect(made && equalRuns(made.runs, polygonToRuns([[RING]], [100, 200]))).toBe(true);
      expect(bench.busy).toBe(false);
    }
  });

  it("the polygon paints when it is closed at its first point, by Enter or a double click", () => {
    for (const end of ["first", "enter", "double"] as const) {
      const bench = new Bench(fill);
      for (const at of RING) bench.click(at);
      if (end === "first") bench.click(RING[0] as XY);
      else if (end === "enter") bench.finish();
      else bench.double(RING[3] as XY);
      const [made, ...others] = strokes(bench);
      expect(others).toEqual([]);
      expect(made && equalRuns(made.runs, polygonToRuns([[RING]], [100, 200]))).toBe(true);
    }
  });

  it("the polygon erases when its first point was set with Alt", () => {
    const bench = new Bench(fill).click(RING[0] as XY, { alt: true });
    for (const at of RING.slice(1)) bench.click(at);
    bench.finish();
    expect(strokes(bench).map((one) => one.erase)).toEqual([true]);
  });

  it("points are taken back one by one, and Escape drops them all", () => {
    const bench = new Bench(fill).click([10, 10]).click([50, 10]).back();
    expect(bench.state.points).toEqual([[10, 10]]);
    bench.cancel();
    expect(bench.busy).toBe(false);
  });

  it("an area without a pixel says so", () => {
    expect(new Bench(lasso).click([10, 10]).said).toHaveLength(1);
    expect(new Bench(fill).click([10, 10]).click([50, 10]).finish().said).toHaveLength(1);
  });
});
