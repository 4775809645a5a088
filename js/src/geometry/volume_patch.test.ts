import fc from "fast-check";
import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/volume_patches.json";
import type { VolumeMask, VolumePatch } from "../document/types.ts";
import { volumeMask, volumePatch } from "../testing/arbitraries.ts";
import { emptyRuns, equalRuns, runsOf } from "./runs.ts";
import {
  middleSlice,
  slicesOf,
  volumePatchBack,
  volumePatchBetween,
  volumePatched,
  withSlices,
} from "./volume_patch.ts";

interface Case {
  readonly before: VolumeMask;
  readonly patch: VolumePatch;
  readonly after: VolumeMask;
  readonly back: VolumePatch;
}

function same(a: VolumeMask, b: VolumeMask): boolean {
  return (
    slicesOf(a).join() === slicesOf(b).join() &&
    slicesOf(a).every((k) => {
      const [one, two] = [a.slices[k], b.slices[k]];
      return one && two && equalRuns(runsOf(one), runsOf(two));
    })
  );
}

describe("a patch of a volume mask", () => {
  it("replaces its slices, leaves the others and is taken back", () => {
    fc.assert(
      fc.property(volumeMask, volumePatch, (mask, patch) => {
        const after = volumePatched(mask, patch);
        const back = volumePatchBack(mask, patch);
        expect(after === null).toBe(back === null);
        if (!after || !back) return;
        for (const k of new Set([...Object.keys(mask.slices), ...Object.keys(patch.slices)])) {
          const wanted = k in patch.slices ? patch.slices[k] : mask.slices[k];
          expect(after.slices[k] ?? null).toBe(wanted ?? null);
        }
        expect(volumePatched(after, back)).toEqual(mask);
        expect(volumePatchBack(after, back)).toEqual(patch);
      }),
    );
  });

  it("between two volume masks has only the slices that differ", () => {
    fc.assert(
      fc.property(volumeMask, volumePatch, (mask, patch) => {
        const after = volumePatched(mask, patch);
        if (!after) return;
        const between = volumePatchBetween(mask, after);
        if (!between) {
          expect(same(mask, after)).toBe(true);
          return;
        }
        const made = volumePatched(mask, between);
        expect(made && same(made, after)).toBe(true);
        for (const k of Object.keys(between.slices)) expect(Object.keys(patch.slices)).toContain(k);
      }),
    );
  });

  it("fits no other geometry, and no slices of another size", () => {
    const rle = { size: [2, 2], counts: "4" } as const;
    const patch: VolumePatch = { type: "volumepatch", slices: { 0: rle } };
    expect(volumePatched({ type: "mask", rle }, patch)).toBeNull();
    const other: VolumeMask = {
      type: "volumemask",
      slices: { 7: { size: [1, 2], counts: "2" } },
    };
    expect(volumePatched(other, patch)).toBeNull();
    expect(volumePatchBack(other, patch)).toBeNull();
  });

  it("is the same in the kernel", () => {
    expect(golden.cases.length).toBeGreaterThan(10);
    for (const { before, patch, after, back } of golden.cases as unknown as Case[]) {
      expect(volumePatched(before, patch)).toEqual(after);
      expect(volumePatchBack(before, patch)).toEqual(back);
    }
  });
});

describe("the slices of a volume mask", () => {
  it("are left out where nothing is on them", () => {
    const rle = { size: [2, 2], counts: "04" } as const;
    const mask = withSlices(null, [[3, runsOf(rle)]]);
    expect(withSlices(mask, [[3, emptyRuns([2, 2])]]).slices).toEqual({});
    expect(slicesOf(withSlices(mask, [[12, runsOf(rle)]]))).toEqual([3, 12]);
    expect(middleSlice(withSlices(mask, [[12, runsOf(rle)]]))).toBe(12);
    expect(middleSlice({ type: "volumemask", slices: {} })).toBeNull();
  });
});
