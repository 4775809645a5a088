import fc from "fast-check";
import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/morphology.json";
import type { Rle } from "../document/types.ts";
import { columnsOf, runsOfColumns, spansOf } from "./columns.ts";
import { countIslands, fillHoles, keepLargestIsland, removeSmallIslands } from "./islands.ts";
import { grow, shrink } from "./margin.ts";
import { equalRuns, invert, type Runs, rleOf, runsFromBitmap, runsOf } from "./runs.ts";

const cases = golden.masks.map((one) => ({
  ...one,
  rle: { size: one.size as [number, number], counts: one.mask } satisfies Rle,
}));

const mask = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .chain(([width, height]) =>
    fc
      .array(fc.constantFrom(0, 1), { minLength: width * height, maxLength: width * height })
      .map((pixels) => runsFromBitmap(Uint8Array.from(pixels), width, height)),
  );

describe("islands, holes and margins", () => {
  it.each(cases)("$name", (one) => {
    const runs = runsOf(one.rle);
    const counts = (made: Runs) => rleOf(made).counts;
    expect(countIslands(runs)).toBe(one.islands);
    expect(counts(keepLargestIsland(runs))).toBe(one.largest);
    expect(counts(removeSmallIslands(runs, 3))).toBe(one["without islands below 3"]);
    expect(counts(fillHoles(runs))).toBe(one.filled);
    for (const [margin, wanted] of Object.entries(one.grown)) {
      expect(counts(grow(runs, Number(margin)))).toBe(wanted);
    }
    for (const [margin, wanted] of Object.entries(one.shrunk)) {
      expect(counts(shrink(runs, Number(margin)))).toBe(wanted);
    }
  });

  it("to shrink a mask is to grow what is around it", () => {
    fc.assert(
      fc.property(mask, fc.double({ min: 0, max: 30, noNaN: true }), (runs, margin) => {
        expect(equalRuns(shrink(runs, margin), invert(grow(invert(runs), margin)))).toBe(true);
      }),
    );
  });

  it("filled masks have no holes", () => {
    fc.assert(
      fc.property(mask, (runs) => {
        const filled = fillHoles(runs);
        expect(equalRuns(fillHoles(filled), filled)).toBe(true);
      }),
    );
  });
});

describe("columns", () => {
  it("hold the same pixels as the runs, all at once and one by one", () => {
    fc.assert(
      fc.property(mask, (runs) => {
        const columns = columnsOf(runs);
        expect(
          equalRuns(
            runsOfColumns(columns, runs.size, () => true),
            runs,
          ),
        ).toBe(true);
        for (let x = 0; x < runs.size[1]; x++) {
          const spans = spansOf(runs, x);
          const at = x - columns.left;
          const from = columns.first[at] ?? 0;
          const to = at >= 0 ? (columns.first[at + 1] ?? from) : from;
          const listed = Array.from({ length: to - from }, (_, i) => [
            columns.tops[from + i],
            columns.ends[from + i],
          ]);
          expect(spans).toEqual(listed.flat());
        }
      }),
    );
  });
});
