import { describe, expect, it } from "vitest";
import type { XY } from "../document/types.ts";
import { equalRuns, runsArea } from "../geometry/runs.ts";
import { strokeRuns } from "../geometry/stroke.ts";
import { Bench } from "../testing/bench.ts";
import { brush, eraser } from "./brush.ts";
import type { Effect } from "./tool.ts";

const PATH: XY[] = [
  [20, 20],
  [40, 25],
  [60, 60],
];

function strokes(bench: { effects: readonly Effect[] }) {
  return bench.effects.flatMap((effect) => (effect.type === "stroke" ? [effect] : []));
}

describe("brush and eraser", () => {
  it("a drag is one stroke, of the pixels that were shown", () => {
    const bench = new Bench(brush).set("radius", 5).down(PATH[0] as XY);
    bench.drag(PATH[1] as XY).drag(PATH[2] as XY);
    const { stroke, tip } = bench.preview;
    expect(stroke).toEqual({ path: PATH, radius: 5, shape: "round", erase: false });
    expect(tip).toEqual({ at: PATH[2], radius: 5, shape: "round" });
    expect(bench.busy).toBe(true);
    bench.up(PATH[2] as XY);
    const [made, ...others] = strokes(bench);
    expect(others).toEqual([]);
    expect(made?.erase).toBe(false);
    const { width, height } = bench.size;
    const wanted = strokeRuns(PATH, 5, "round", [height, width]);
    expect(made && equalRuns(made.runs, wanted)).toBe(true);
    expect(bench.busy).toBe(false);
    expect(bench.preview.stroke).toBeNull();
  });

  it("Alt turns one into the other", () => {
    const alt = { alt: true };
    for (const [tool, keys, erase] of [
      [brush, {}, false],
      [brush, alt, true],
      [eraser, {}, true],
      [eraser, alt, false],
    ] as const) {
      const bench = new Bench(tool).click([30, 30], keys);
      expect(strokes(bench).map((one) => one.erase)).toEqual([erase]);
    }
  });

  it("Shift goes straight from where the last stroke ended, and shows the line before", () => {
    const bench = new Bench(brush).set("radius", 2).click([10, 10]);
    bench.hover([50, 30], { shift: true });
    expect(bench.preview.guides).toEqual([
      {
        points: [
          [10, 10],
          [50, 30],
        ],
        dashed: true,
      },
    ]);
    bench.click([50, 30], { shift: true });
    const { width, height } = bench.size;
    const line: XY[] = [
      [10, 10],
      [50, 30],
    ];
    const wanted = strokeRuns(line, 2, "round", [height, width]);
    const last = strokes(bench).at(-1);
    expect(last && equalRuns(last.runs, wanted)).toBe(true);
  });

  it("a stroke that is cancelled, or taken back, was never made", () => {
    for (const type of ["cancel", "back"] as const) {
      const bench = new Bench(brush).down([20, 20]).drag([40, 40]).handle({ type });
      expect(bench.busy).toBe(false);
      bench.up([40, 40]);
      expect(strokes(bench)).toEqual([]);
    }
  });

  it("the size of a stroke stays while it is made", () => {
    const bench = new Bench(brush).set("radius", 5).down([20, 20]).set("radius", 50);
    expect(bench.preview.stroke?.radius).toBe(5);
    expect(bench.preview.tip?.radius).toBe(5);
  });

  it("with Ctrl takes the shape under the pointer in hand, and paints where there is none", () => {
    const box = { type: "rectangle", x: 10, y: 10, width: 30, height: 30 } as const;
    const bench = new Bench(brush).lay("a", box).click([20, 20], { ctrl: true });
    expect(bench.selection).toEqual(["a"]);
    expect(strokes(bench)).toEqual([]);
    bench.click([150, 80], { ctrl: true });
    expect(strokes(bench)).toHaveLength(1);
  });

  it("the smallest tip always meets one pixel", () => {
    for (const at of [
      [10, 10],
      [10.99, 10.01],
      [10.5, 10.5],
    ] as const) {
      for (const tip of ["round", "square"]) {
        const bench = new Bench(brush).set("radius", 0.5).set("tip", tip).click(at);
        expect(strokes(bench).map((one) => runsArea(one.runs))).toEqual([1]);
      }
    }
  });

  it("a square tip covers a square", () => {
    const bench = new Bench(brush).set("radius", 4).set("tip", "square").click([20, 20]);
    expect(bench.preview.tip?.shape).toBe("square");
    expect(strokes(bench).map((one) => runsArea(one.runs))).toEqual([64]);
  });

  const lattice = {
    shape: [4, 100, 200] as const,
    spacing: [2, 0.5, 0.5] as const,
    affine: null,
    positions: null,
  };
  const onScan = (tool = brush, volume = true) => {
    const bench = new Bench(tool);
    bench.cut = { cut: { plane: "slice", index: 1 }, lattice };
    bench.target = { name: "lung", color: "#ff0000", tool: volume ? "volumemask" : "mask" };
    bench.picture = (box) => ({
      ...{ x: box.minX, y: box.minY, width: 1, height: 1, channels: 1 },
      values: Float32Array.of(10 * box.minX + box.minY),
    });
    return bench;
  };

  it("as a sphere paints the slices around too, in millimetres where they are chosen", () => {
    const bench = onScan().set("radius", 3).set("unit", "mm").set("sphere", true);
    const [made] = strokes(bench.click([50, 50]));
    expect(made?.ball?.map(([k]) => k)).toEqual([0, 2]);
    expect(made && equalRuns(made.runs, strokeRuns([[50, 50]], 6, "round", [100, 200]))).toBe(true);
    const around = made?.ball?.[0]?.[1];
    const left = Math.sqrt(36 - 16);
    const wanted = strokeRuns([[50, 50]], left, "round", [100, 200]);
    expect(around && equalRuns(around, wanted)).toBe(true);
  });

  it("is no sphere, and knows no millimetres, for masks of one slice", () => {
    const bench = onScan(brush, false).set("radius", 3).set("unit", "mm").set("sphere", true);
    const [made] = strokes(bench.click([50, 50]));
    expect(made?.ball).toBeUndefined();
    expect(made && equalRuns(made.runs, strokeRuns([[50, 50]], 3, "round", [100, 200]))).toBe(true);
  });

  it("limited to values says so, and shows their range", () => {
    const bench = onScan().set("limited", true).set("from", -100).set("to", 300);
    expect(bench.hover([5, 5]).preview.range).toEqual([-100, 300]);
    const [made] = strokes(bench.click([50, 50]));
    expect(made?.limit).toEqual([-100, 300]);
    const plain = new Bench(brush).set("limited", true);
    expect(plain.hover([5, 5]).preview.range).toBeNull();
    expect(strokes(plain.click([50, 50]))[0]?.limit).toBeUndefined();
  });

  it("Alt-click takes the range around a value, and a drag with Alt erases", () => {
    const bench = onScan().set("limited", true).set("from", -100).set("to", 300);
    bench.down([40.5, 7.5], { alt: true });
    expect(bench.preview.stroke).toBeNull();
    bench.up([40.5, 7.5], { alt: true });
    expect(strokes(bench)).toEqual([]);
    expect(bench.effects.filter((one) => one.type === "set")).toEqual([
      { type: "set", name: "from", value: 207 },
      { type: "set", name: "to", value: 607 },
    ]);
    bench.down([40, 7], { alt: true }).drag([60, 9], { alt: true }).up([60, 9], { alt: true });
    expect(strokes(bench).map((one) => one.erase)).toEqual([true]);
  });
});
