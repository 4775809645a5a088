import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rle, VolumeMask } from "../document/types.ts";
import { lattice, lattices } from "../testing/lattices.ts";
import { cutSize, cutsOf, type Lattice, voxelAt } from "./cut.ts";
import { maskInCut } from "./cut_mask.ts";
import { bitmapOf, rleOf, runsArea, runsFromBitmap } from "./runs.ts";

/** A mask whose voxels are set where `set` says so; slices without any have no entry. */
function maskOf({ shape }: Lattice, set: (k: number, j: number, i: number) => boolean): VolumeMask {
  const [slices, rows, columns] = shape;
  const made: Record<string, Rle> = {};
  for (let k = 0; k < slices; k++) {
    const bitmap = new Uint8Array(rows * columns);
    for (let at = 0; at < bitmap.length; at++)
      bitmap[at] = set(k, Math.floor(at / columns), at % columns) ? 1 : 0;
    if (bitmap.includes(1)) made[k] = rleOf(runsFromBitmap(bitmap, columns, rows));
  }
  return { type: "volumemask", slices: made };
}

/** A number of its own for every voxel. */
function noise(seed: number, k: number, j: number, i: number): number {
  return Math.abs(Math.sin(seed + k * 12.9898 + j * 78.233 + i * 37.719) * 43758.5453) % 1;
}

describe("a mask in a cut", () => {
  it("of a slice is that slice's, and nothing where it has none", () => {
    const scan = lattice({ shape: [3, 4, 5], pixel: [1, 1], gaps: [1] });
    const mask = maskOf(scan, (k, j) => k === 1 && j > 1);
    expect(runsArea(maskInCut(mask, { plane: "slice", index: 1 }, scan))).toBe(10);
    expect(maskInCut(mask, { plane: "slice", index: 2 }, scan).size).toEqual([4, 5]);
    expect(runsArea(maskInCut(mask, { plane: "slice", index: 2 }, scan))).toBe(0);
  });

  it("across the slices has at each pixel what the nearest voxel has", () => {
    fc.assert(
      fc.property(
        lattices,
        fc.constantFrom("row" as const, "column" as const),
        fc.nat(1000),
        fc.constantFrom(0.15, 0.6),
        (scan, plane, seed, share) => {
          const mask = maskOf(scan, (k, j, i) => noise(seed, k, j, i) < share && k > seed % 3);
          const cut = { plane, index: seed % cutsOf(scan, plane) };
          const { width, height } = cutSize(scan, plane);
          const found = bitmapOf(maskInCut(mask, cut, scan));
          expect(found.length).toBe(width * height);
          const slices = Object.fromEntries(
            Object.entries(mask.slices).map(([k, rle]) => [
              k,
              bitmapOf(maskInCut(mask, { plane: "slice", index: Number(k) }, scan)),
              rle,
            ]),
          );
          for (let at = 0; at < found.length; at++) {
            const place = [(at % width) + 0.5, Math.floor(at / width) + 0.5] as const;
            const [x, y, z] = voxelAt(scan, cut, place);
            // A place half way between two voxels may be either's.
            if ([x, y, z].some((one) => Math.abs(one - Math.floor(one) - 0.5) < 1e-6)) continue;
            const [i, j] = [Math.round(x), Math.round(y)];
            const k = Math.min(Math.max(0, Math.round(z)), scan.shape[0] - 1);
            const inside = i >= 0 && j >= 0 && i < scan.shape[2] && j < scan.shape[1];
            const expected = inside ? (slices[k]?.[j * scan.shape[2] + i] ?? 0) : 0;
            if (found[at] !== expected) throw new Error(`pixel ${place}: ${found[at]}`);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is cut once, until the mask or the cut is another", () => {
    const scan = lattice({ shape: [3, 4, 5], pixel: [1, 1], gaps: [1] });
    const mask = maskOf(scan, (k) => k < 2);
    const once = maskInCut(mask, { plane: "row", index: 1 }, scan);
    expect(maskInCut(mask, { plane: "row", index: 1 }, scan)).toBe(once);
    expect(maskInCut(mask, { plane: "row", index: 2 }, scan)).not.toBe(once);
    expect(maskInCut({ ...mask }, { plane: "row", index: 2 }, scan)).not.toBe(once);
  });
});
