import fc from "fast-check";
import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/rle.json";
import sets from "../../../tests/golden/runs.json";
import type { Rle } from "../document/types.ts";
import {
  bitmapOf,
  cropRuns,
  differ,
  emptyRuns,
  equalRuns,
  forEachSpan,
  intersect,
  invert,
  placeRuns,
  type Runs,
  rleOf,
  runsArea,
  runsBounds,
  runsContain,
  runsFromBitmap,
  runsOf,
  spliceRuns,
  subtract,
  unite,
} from "./runs.ts";

const cases = golden.masks.map((one) => ({ ...one, size: one.size as [number, number] }));

interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const side = fc.integer({ min: 1, max: 9 });
const sized = (width: number, height: number): fc.Arbitrary<Bitmap> =>
  fc
    .uint8Array({ min: 0, max: 1, minLength: width * height, maxLength: width * height })
    .map((data) => ({ width, height, data }));
const bitmap = fc.tuple(side, side).chain(([width, height]) => sized(width, height));
const pair = fc
  .tuple(side, side)
  .chain(([width, height]) => fc.tuple(sized(width, height), sized(width, height)));
const offset = fc.integer({ min: -4, max: 10 });

const runs = (one: Bitmap): Runs => runsFromBitmap(one.data, one.width, one.height);

function wellFormed({ size, edges }: Runs): void {
  expect(edges.length % 2).toBe(0);
  for (let i = 1; i < edges.length; i++) {
    expect(edges[i] as number).toBeGreaterThan(edges[i - 1] as number);
  }
  expect(edges.at(-1) ?? 0).toBeLessThanOrEqual(size[0] * size[1]);
}

/** The pixel of a bitmap, 0 beyond it. */
function pixel({ width, height, data }: Bitmap, x: number, y: number): number {
  return x < 0 || y < 0 || x >= width || y >= height ? 0 : (data[y * width + x] as number);
}

function expectPixels(made: Runs, want: (x: number, y: number) => number): void {
  wellFormed(made);
  const [height, width] = made.size;
  const wanted = Array.from({ length: height * width }, (_, i) =>
    want(i % width, Math.floor(i / width)),
  );
  expect([...bitmapOf(made)]).toEqual(wanted);
}

describe("runs and the codes of pycocotools", () => {
  it.each(cases)("$name: the code of its runs is the one it came from", ({ size, counts }) => {
    const made = runsOf({ size, counts });
    wellFormed(made);
    expect(rleOf({ ...made })).toEqual({ size, counts });
  });

  it.each(cases)("$name: area, box and pixels", ({ size, counts, pixels, area, box }) => {
    const made = runsOf({ size, counts });
    expect(runsArea(made)).toBe(area);
    const [x, y, width, height] = box as [number, number, number, number];
    expect(runsBounds(made)).toEqual(
      area ? { minX: x, minY: y, maxX: x + width, maxY: y + height } : null,
    );
    const drawn = Uint8Array.from(pixels, (one) => (one === "#" ? 1 : 0));
    expect(bitmapOf(made)).toEqual(drawn);
    expect(equalRuns(runsFromBitmap(drawn, size[1], size[0]), made)).toBe(true);
  });

  it("decodes a code once", () => {
    const rle = { size: [3, 4] as const, counts: "01;" };
    expect(runsOf(rle)).toBe(runsOf(rle));
    const made = runsFromBitmap(new Uint8Array([1, 0]), 2, 1);
    expect(runsOf(rleOf(made))).toBe(made);
    expect(rleOf(made)).toBe(rleOf(made));
  });

  it("takes runs of no length and beyond the last pixel as far as they go", () => {
    expect([...runsOf({ size: [2, 3], counts: "101" }).edges]).toEqual([]);
    expect([...runsOf({ size: [2, 3], counts: "1101" }).edges]).toEqual([1, 4]);
    expect([...runsOf({ size: [2, 3], counts: "1`0" }).edges]).toEqual([1, 6]);
    expect([...runsOf({ size: [2, 3], counts: "" }).edges]).toEqual([]);
  });

  it("goes up to the largest mask there may be", () => {
    const size = [46340, 46341] as const;
    const whole = invert(emptyRuns(size));
    expect(runsArea(whole)).toBe(46340 * 46341);
    const back = runsOf({ ...rleOf(whole) });
    expect([...back.edges]).toEqual([0, 46340 * 46341]);
    expect(runsContain(back, 46340.5, 46339.5)).toBe(true);
  });

  it("writes codes of many pieces", () => {
    const data = Uint8Array.from({ length: 40000 }, (_, i) => ((i * i) % 7) & 1);
    const made = runsFromBitmap(data, 200, 200);
    const rle = { ...rleOf(made) };
    expect(rle.counts.length).toBeGreaterThan(10000);
    expect(equalRuns(runsOf(rle), made)).toBe(true);
  });
});

const pairs = sets.runs.map((one) => ({
  ...one,
  a: one.a as unknown as Rle,
  b: one.b as unknown as Rle,
  part: one.part as unknown as Rle,
  at: one.at as [number, number],
}));

describe("sets of pixels", () => {
  it.each(pairs)("$name: the codes of the kernel", (one) => {
    const [a, b, part] = [runsOf(one.a), runsOf(one.b), runsOf(one.part)];
    const [minX, minY] = one.at;
    const box = { minX, minY, maxX: minX + part.size[1], maxY: minY + part.size[0] };
    const made = {
      unite: unite(a, b),
      subtract: subtract(a, b),
      intersect: intersect(a, b),
      differ: differ(a, b),
      invert: invert(a),
      crop: cropRuns(a, box),
      place: placeRuns(part, minX, minY, a.size),
      splice: spliceRuns(a, minX, minY, part),
    };
    const codes = Object.entries(made).map(([name, mask]) => [name, rleOf(mask).counts]);
    expect(Object.fromEntries(codes)).toEqual(one.counts);
  });

  it("unite, subtract, intersect, differ and invert say of each pixel what they should", () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const one = runs(a);
        const two = runs(b);
        expectPixels(unite(one, two), (x, y) => pixel(a, x, y) | pixel(b, x, y));
        expectPixels(subtract(one, two), (x, y) => pixel(a, x, y) & ~pixel(b, x, y));
        expectPixels(intersect(one, two), (x, y) => pixel(a, x, y) & pixel(b, x, y));
        expectPixels(differ(one, two), (x, y) => pixel(a, x, y) ^ pixel(b, x, y));
        expectPixels(invert(one), (x, y) => 1 - pixel(a, x, y));
      }),
    );
  });

  it("a few runs among many touch no others", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ min: 0, max: 1, minLength: 400, maxLength: 400 }),
        fc.integer({ min: 0, max: 390 }),
        fc.integer({ min: 1, max: 10 }),
        (data, from, length) => {
          const a = { width: 20, height: 20, data };
          const drawn = new Uint8Array(400).fill(1, from, from + length);
          const b = { width: 20, height: 20, data: drawn };
          const [one, two] = [runs(a), runs(b)];
          expectPixels(unite(one, two), (x, y) => pixel(a, x, y) | pixel(b, x, y));
          expectPixels(subtract(one, two), (x, y) => pixel(a, x, y) & ~pixel(b, x, y));
          expectPixels(intersect(one, two), (x, y) => pixel(a, x, y) & pixel(b, x, y));
          expectPixels(differ(one, two), (x, y) => pixel(a, x, y) ^ pixel(b, x, y));
        },
      ),
      { numRuns: 25 },
    );
  });

  it("masks of two sizes do not go together", () => {
    expect(() => unite(emptyRuns([2, 3]), emptyRuns([3, 2]))).toThrow(RangeError);
    expect(equalRuns(emptyRuns([2, 3]), emptyRuns([3, 2]))).toBe(false);
  });

  it("area, box and what lies under a point agree with the pixels", () => {
    fc.assert(
      fc.property(bitmap, (a) => {
        const made = runs(a);
        expect(runsArea(made)).toBe(a.data.reduce((sum, one) => sum + one, 0));
        for (let y = -1; y <= a.height; y++) {
          for (let x = -1; x <= a.width; x++) {
            expect(runsContain(made, x + 0.5, y + 0.5)).toBe(pixel(a, x, y) === 1);
          }
        }
        const set = [...a.data].flatMap((one, i) => (one ? [i] : []));
        const xs = set.map((i) => i % a.width);
        const ys = set.map((i) => Math.floor(i / a.width));
        expect(runsBounds(made)).toEqual(
          set.length === 0
            ? null
            : {
                minX: Math.min(...xs),
                minY: Math.min(...ys),
                maxX: Math.max(...xs) + 1,
                maxY: Math.max(...ys) + 1,
              },
        );
      }),
    );
  });

  it("spans paint each pixel once, within its column", () => {
    fc.assert(
      fc.property(bitmap, (a) => {
        const drawn = new Uint8Array(a.data.length);
        forEachSpan(runs(a), (column, row, length) => {
          expect(length).toBeGreaterThan(0);
          expect(row + length).toBeLessThanOrEqual(a.height);
          for (let y = row; y < row + length; y++) (drawn[y * a.width + column] as number)++;
        });
        for (let i = 0; i < drawn.length; i++) expect(drawn[i]).toBe(a.data[i]);
      }),
    );
  });
});

describe("boxes of a mask", () => {
  it("a crop has the pixels of its box, none where the box leaves the mask", () => {
    fc.assert(
      fc.property(bitmap, offset, offset, side, side, (a, x, y, width, height) => {
        const box = { minX: x, minY: y, maxX: x + width, maxY: y + height };
        const made = cropRuns(runs(a), box);
        expect(made.size).toEqual([height, width]);
        expectPixels(made, (i, j) => pixel(a, x + i, y + j));
      }),
    );
  });

  it("a mask that is placed lies at its place, cut at the sides", () => {
    fc.assert(
      fc.property(bitmap, offset, offset, side, side, (a, x, y, width, height) => {
        const made = placeRuns(runs(a), x, y, [height, width]);
        expect(made.size).toEqual([height, width]);
        expectPixels(made, (i, j) => pixel(a, i - x, j - y));
      }),
    );
  });

  it("a splice replaces its box, and the crop from before takes it back", () => {
    fc.assert(
      fc.property(bitmap, bitmap, offset, offset, (a, part, x, y) => {
        const before = runs(a);
        const made = spliceRuns(before, x, y, runs(part));
        const inside = (i: number, j: number) =>
          i >= x && j >= y && i < x + part.width && j < y + part.height;
        expectPixels(made, (i, j) => (inside(i, j) ? pixel(part, i - x, j - y) : pixel(a, i, j)));
        const box = { minX: x, minY: y, maxX: x + part.width, maxY: y + part.height };
        expect(equalRuns(spliceRuns(made, x, y, cropRuns(before, box)), before)).toBe(true);
      }),
    );
  });
});
