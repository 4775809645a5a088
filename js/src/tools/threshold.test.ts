import { describe, expect, it } from "vitest";
import type { XY } from "../document/types.ts";
import { intersect, rleOf, runsArea, runsContain } from "../geometry/runs.ts";
import { strokeRuns } from "../geometry/stroke.ts";
import { Bench } from "../testing/bench.ts";
import { threshold } from "./threshold.ts";
import type { Pixels } from "./tool.ts";

/** A picture of 200 by 100: 60 to the left of column 50, 200 to the right; `level` times that. */
function bench(level = 1) {
  const hand = new Bench(threshold);
  hand.picture = ({ minX, minY, maxX, maxY }): Pixels | null => {
    const x = Math.max(0, Math.floor(minX));
    const y = Math.max(0, Math.floor(minY));
    const width = Math.min(200, Math.ceil(maxX)) - x;
    const height = Math.min(100, Math.ceil(maxY)) - y;
    if (width <= 0 || height <= 0) return null;
    const all = Array.from(
      { length: width * height },
      (_, i) => level * (x + (i % width) < 50 ? 60 : 200),
    );
    const values = level === 1 ? Uint8Array.from(all) : Uint16Array.from(all);
    return { x, y, width, height, channels: 1, values };
  };
  return hand;
}
const PATH: XY[] = [
  [30, 50],
  [45, 55],
  [70, 50],
];
const strokes = (hand: ReturnType<typeof bench>) =>
  hand.effects.flatMap((effect) => (effect.type === "stroke" ? [effect] : []));

describe("the threshold brush", () => {
  it.each([1, 257])("paints what is like its first pixel, as it was shown (times %i)", (level) => {
    const hand = bench(level)
      .set("radius", 8)
      .down(PATH[0] as XY);
    hand.drag(PATH[1] as XY).drag(PATH[2] as XY);
    const shown = hand.preview.glow;
    hand.up(PATH[2] as XY);
    const [made] = strokes(hand);
    if (!made || !shown) throw new Error("There is no stroke.");
    expect(rleOf(made.runs)).toEqual(rleOf(shown));
    const covered = strokeRuns(PATH, 8, "round", [100, 200]);
    const left = strokeRuns([[25, 50]], 25, "square", [100, 200]);
    expect(rleOf(made.runs)).toEqual(rleOf(intersect(covered, left)));
    expect(made.erase).toBe(false);
    expect(hand.busy).toBe(false);
  });

  it("paints an absolute range where that is wanted", () => {
    const hand = bench().set("radius", 8).set("relative", false).set("low", 150).set("high", 255);
    const [made] = strokes(hand.pull(PATH));
    expect(made && runsContain(made.runs, 60, 50)).toBe(true);
    expect(made && runsContain(made.runs, 40, 50)).toBe(false);
  });

  it("takes the range in the unit of the picture, also of 16 bits", () => {
    const hand = bench(2).set("radius", 8).set("relative", false).set("low", 390).set("high", 400);
    const [made] = strokes(hand.pull(PATH));
    expect(made && runsContain(made.runs, 60, 50)).toBe(true);
    expect(made && runsContain(made.runs, 40, 50)).toBe(false);
  });

  it("Alt erases", () => {
    const hand = bench().down([30, 50], { alt: true }).up([30, 50]);
    expect(strokes(hand)[0]?.erase).toBe(true);
    expect(runsArea(strokes(hand)[0]?.runs ?? { size: [1, 1], edges: new Uint32Array() })).toBe(
      448,
    );
  });

  it("says why nothing is painted", () => {
    expect(new Bench(threshold).down([30, 50]).said[0]).toContain("not here");
    const nothing = bench().set("relative", false).set("low", 250).set("high", 255);
    expect(nothing.pull(PATH).said[0]).toContain("No pixel");
    const upside = bench().set("low", 100).set("high", -100).pull(PATH);
    expect(upside.said[0]).toContain("above the high one");
    expect([...strokes(nothing), ...strokes(upside)]).toEqual([]);
    expect(
      bench().pull([
        [-30, 50],
        [-20, 40],
      ]).effects,
    ).toEqual([]);
  });

  it("Escape and Backspace drop the stroke", () => {
    for (const stop of ["cancel", "back"] as const) {
      const hand = bench().down([30, 50]).drag([40, 50])[stop]();
      expect(hand.busy).toBe(false);
      expect(strokes(hand.up([45, 50]))).toEqual([]);
    }
  });
});
