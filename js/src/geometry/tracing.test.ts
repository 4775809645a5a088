import fc from "fast-check";
import { describe, expect, it } from "vitest";
import fills from "../../../tests/golden/fills.json";
import golden from "../../../tests/golden/outlines.json";
import type { Part, Rle } from "../document/types.ts";
import { polygonToRuns } from "./filling.ts";
import { equalRuns, type Runs, rleOf, runsFromBitmap, runsOf } from "./runs.ts";
import { isSimple } from "./simple.ts";
import { runsToPolygons } from "./tracing.ts";

const traced = golden.outlines as unknown as {
  name: string;
  rle: Rle;
  parts: Part[];
  thinned: Part[];
}[];
const filled = fills.fills as unknown as { name: string; parts: Part[]; rle: Rle }[];

const noise = fc
  .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ min: 0, max: 1, minLength: width * height, maxLength: width * height })
      .map((data) => runsFromBitmap(data, width, height)),
  );

describe("masks to polygons", () => {
  it.each(traced)("$name: the outlines of the kernel", ({ rle, parts, thinned }) => {
    expect(runsToPolygons(runsOf(rle))).toEqual(parts);
    expect(runsToPolygons(runsOf(rle), 1.5)).toEqual(thinned);
  });

  it("and back are the very same mask, and every part is simple", () => {
    fc.assert(
      fc.property(noise, (runs: Runs) => {
        const parts = runsToPolygons(runs);
        expect(equalRuns(polygonToRuns(parts, runs.size), runs)).toBe(true);
        for (const part of parts) expect(isSimple({ type: "polygon", parts: [part] })).toBe(true);
      }),
    );
  });
});

describe("polygons to masks", () => {
  it.each(filled)("$name: the mask of the kernel", ({ parts, rle }) => {
    const size = [rle.size[0], rle.size[1]] as const;
    expect(rleOf(polygonToRuns(parts, size)).counts).toBe(rle.counts);
  });

  it("fill nothing of what has no area or lies elsewhere", () => {
    const size = [5, 5] as const;
    expect(polygonToRuns([], size).edges).toHaveLength(0);
    expect(polygonToRuns([[]], size).edges).toHaveLength(0);
    const line: Part = [
      [
        [0, 0],
        [3, 3],
        [5, 5],
      ],
    ];
    expect(polygonToRuns([line], size).edges).toHaveLength(0);
    const away: Part = [
      [
        [9, 9],
        [12, 9],
        [9, 12],
      ],
    ];
    expect(polygonToRuns([away], size).edges).toHaveLength(0);
  });
});
