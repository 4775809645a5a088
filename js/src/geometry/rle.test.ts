import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/rle.json";
import type { Rle } from "../document/types.ts";
import { bounds } from "./bounds.ts";
import { decodeCounts } from "./counts.ts";
import { forEachRun, maskBounds, maskContains } from "./rle.ts";

const cases = golden.masks.map((one) => ({ ...one, size: one.size as [number, number] }));

function drawn(rle: Rle): string {
  const [height, width] = rle.size;
  const pixels = Array.from({ length: height * width }, () => ".");
  forEachRun(rle, (column, row, length) => {
    expect(length).toBeGreaterThan(0);
    for (let i = row; i < row + length; i++) {
      expect(pixels[i * width + column]).toBe(".");
      pixels[i * width + column] = "#";
    }
  });
  return pixels.join("");
}

describe("run-length codes of pycocotools", () => {
  it.each(cases)("$name: its pixels", ({ size, counts, pixels }) => {
    expect(drawn({ size, counts })).toBe(pixels);
  });

  it.each(cases)("$name: its runs fill the mask", ({ size, counts, area }) => {
    const runs = decodeCounts(counts);
    expect(runs.reduce((sum, run) => sum + run, 0)).toBe(size[0] * size[1]);
    const set = runs.filter((_, i) => i % 2 === 1).reduce((sum, run) => sum + run, 0);
    expect(set).toBe(area);
  });

  it.each(cases.filter((one) => one.area > 0))("$name: its box", ({ size, counts, pixels }) => {
    const [height, width] = size;
    const set = [...pixels].flatMap((pixel, i) => (pixel === "#" ? [i] : []));
    const columns = set.map((i) => i % width);
    const rows = set.map((i) => Math.floor(i / width));
    const box = maskBounds({ size, counts });
    expect(box).toEqual({
      minX: Math.min(...columns),
      minY: Math.min(...rows),
      maxX: Math.max(...columns) + 1,
      maxY: Math.max(...rows) + 1,
    });
    expect(bounds({ type: "mask", rle: { size, counts } })).toEqual(box);
    expect(box?.maxY).toBeLessThanOrEqual(height);
  });

  it.each(cases)("$name: what lies under a point", ({ size, counts, pixels }) => {
    const [height, width] = size;
    for (let row = -1; row <= height; row++) {
      for (let column = -1; column <= width; column++) {
        const inside = row >= 0 && column >= 0 && row < height && column < width;
        const set = inside && pixels[row * width + column] === "#";
        expect(maskContains({ size, counts }, column + 0.5, row + 0.5)).toBe(set);
      }
    }
  });

  it("an empty mask has no box", () => {
    const empty = cases.find((one) => one.name === "nothing");
    expect(empty && maskBounds(empty)).toBeNull();
  });

  it("pixel (i, j) spans from its corner to the next, that one not included", () => {
    const first = cases.find((one) => one.name === "first pixel");
    if (!first) throw new Error("The table has no such mask.");
    expect(maskContains(first, 0, 0)).toBe(true);
    expect(maskContains(first, 0.999, 0.999)).toBe(true);
    expect(maskContains(first, 1, 0)).toBe(false);
    expect(maskContains(first, 0, 1)).toBe(false);
  });
});
