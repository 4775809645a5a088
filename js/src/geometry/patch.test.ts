import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Geometry, Mask } from "../document/types.ts";
import { mask, patch } from "../testing/arbitraries.ts";
import { maskOf, patchBack, patchBetween, patched } from "./patch.ts";
import { bitmapOf, emptyRuns, equalRuns, invert, runsOf } from "./runs.ts";

const same = (a: Mask, b: Mask) => equalRuns(runsOf(a.rle), runsOf(b.rle));

describe("patches of a mask", () => {
  it("replace the pixels of their box, and none beyond; those from before take them back", () => {
    fc.assert(
      fc.property(mask, patch, (whole, one) => {
        const made = patched(whole, one);
        const back = patchBack(whole, one);
        const [height, width] = whole.rle.size;
        const [tall, wide] = one.rle.size;
        const fits = one.x + wide <= width && one.y + tall <= height;
        expect([made !== null, back !== null]).toEqual([fits, fits]);
        if (!made || !back) return;
        const before = bitmapOf(runsOf(whole.rle));
        const part = bitmapOf(runsOf(one.rle));
        bitmapOf(runsOf(made.rle)).forEach((pixel, i) => {
          const [x, y] = [(i % width) - one.x, Math.floor(i / width) - one.y];
          const inside = x >= 0 && y >= 0 && x < wide && y < tall;
          expect(pixel).toBe(inside ? part[y * wide + x] : before[i]);
        });
        expect(back.rle.size).toEqual(one.rle.size);
        const again = patched(made, back);
        expect(again && same(again, whole)).toBe(true);
      }),
    );
  });

  it("between two masks are as small as what differs", () => {
    fc.assert(
      fc.property(mask, patch, (whole, one) => {
        const made = patched(whole, one);
        if (!made) return;
        const between = patchBetween(runsOf(whole.rle), runsOf(made.rle));
        if (!between) {
          expect(same(made, whole)).toBe(true);
          return;
        }
        const again = patched(whole, between);
        expect(again && same(again, made)).toBe(true);
        expect(between.rle.size[0]).toBeLessThanOrEqual(one.rle.size[0]);
        expect(between.rle.size[1]).toBeLessThanOrEqual(one.rle.size[1]);
      }),
    );
  });

  it("fit masks only, and only within them", () => {
    const whole = maskOf(emptyRuns([5, 6]));
    const full = maskOf(invert(emptyRuns([2, 3]))).rle;
    const at = (x: number, y: number) => ({ type: "maskpatch", x, y, rle: full }) as const;
    expect(patched(whole, at(3, 3))).not.toBeNull();
    expect(patched(whole, at(4, 3))).toBeNull();
    expect(patched(whole, at(3, 4))).toBeNull();
    expect(patched(whole, at(-1, 0))).toBeNull();
    const box: Geometry = { type: "rectangle", x: 0, y: 0, width: 5, height: 5 };
    expect(patched(box, at(0, 0))).toBeNull();
    expect(patchBack(box, at(0, 0))).toBeNull();
  });
});
