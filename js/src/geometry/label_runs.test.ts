import fc from "fast-check";
import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/label_maps.json";
import type { XY } from "../document/types.ts";
import { LabelRuns } from "./label_runs.ts";
import { rleOf, runsContain, runsOf } from "./runs.ts";

interface Case {
  readonly name: string;
  readonly size: [number, number];
  readonly map: number[];
  readonly lengths: number[];
  readonly labels: number[];
  readonly masks: Record<string, string>;
}
const cases = golden.maps as unknown as Case[];

function runsOfCase({ size, lengths, labels }: Case): LabelRuns {
  const kind = Math.max(...labels) > 65535 ? Uint32Array : Uint16Array;
  return new LabelRuns(size, Uint32Array.from(lengths), kind.from(labels));
}

const small = cases.filter((one) => Math.max(...one.labels) < one.map.length);
const onSmall = fc.constantFrom(...small);

describe.each(small)("the map $name", (one) => {
  const [height, width] = one.size;
  const made = runsOfCase(one);

  it("has the label of each pixel under its middle and its corner, none beside it", () => {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        expect(made.labelAt(x + 0.5, y + 0.5)).toBe(one.map[y * width + x]);
        expect(made.labelAt(x, y)).toBe(one.map[y * width + x]);
      }
    }
    expect(made.labelAt(-0.1, 0)).toBe(-1);
    expect(made.labelAt(0, height)).toBe(-1);
    expect(made.labelAt(width, 0)).toBe(-1);
    expect(made.labelAt(Number.NaN, 0)).toBe(-1);
  });

  it("has the masks that pycocotools has", () => {
    for (const [label, counts] of Object.entries(one.masks)) {
      expect(rleOf(made.runsOfLabel(Number(label)))).toEqual({ size: one.size, counts });
    }
    expect(made.runsOfLabel(made.count).edges).toHaveLength(0);
    expect(made.runsOfLabel(-1).edges).toHaveLength(0);
    const all = made.runsOfLabels(Object.keys(one.masks).map(Number));
    expect([...all.edges]).toEqual([0, height * width]);
  });
});

describe("labels under a path", () => {
  const path = fc.array(
    fc.tuple(
      fc.double({ min: -3, max: 12, noNaN: true }),
      fc.double({ min: -3, max: 12, noNaN: true }),
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  ) as fc.Arbitrary<XY[]>;

  it("are those of every pixel whose centre is near enough", () => {
    fc.assert(
      fc.property(
        onSmall,
        path,
        fc.double({ min: 0.3, max: 4, noNaN: true }),
        (one, way, radius) => {
          const [height, width] = one.size;
          const wanted = new Set<number>();
          const doubtful = new Set<number>();
          one.map.forEach((label, i) => {
            const centre: XY = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
            const gap =
              Math.min(...way.map((b, k) => distance(centre, way[k - 1] ?? b, b))) - radius;
            if (gap < -1e-4) wanted.add(label);
            else if (gap < 1e-4) doubtful.add(label);
          });
          expect(height * width).toBe(one.map.length);
          const found = runsOfCase(one).labelsUnder(way, radius);
          expect(new Set(found).size).toBe(found.length);
          for (const label of wanted) expect(found).toContain(label);
          for (const label of found) expect(wanted.has(label) || doubtful.has(label)).toBe(true);
        },
      ),
    );
  });

  it("without a radius are those of every pixel that it enters", () => {
    fc.assert(
      fc.property(onSmall, path, (one, way) => {
        const made = runsOfCase(one);
        const found = new Set(made.labelsUnder(way));
        // Points close to one another along the way come into nothing that was not found.
        way.forEach((b, k) => {
          const a = way[k - 1] ?? b;
          for (let n = 0; n <= 400; n++) {
            const at: XY = [a[0] + ((b[0] - a[0]) * n) / 400, a[1] + ((b[1] - a[1]) * n) / 400];
            const label = made.labelAt(...at);
            if (label >= 0 && inside(at)) expect(found.has(label)).toBe(true);
          }
        });
        for (const label of found) {
          const runs = made.runsOfLabel(label);
          expect(way.some((b, k) => touches(way[k - 1] ?? b, b, runs, one.size))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("come in the order of the way, each once", () => {
    const made = new LabelRuns([1, 4], Uint32Array.of(1, 1, 1, 1), Uint16Array.of(2, 0, 1, 0));
    expect(
      made.labelsUnder([
        [3.5, 0.5],
        [0.5, 0.5],
      ]),
    ).toEqual([0, 1, 2]);
    expect(made.labelsUnder([[-5, -5]])).toEqual([]);
    // Far off the picture no grid line is counted.
    expect(
      made.labelsUnder([
        [-1e9, 0.5],
        [1e9, 0.5],
      ]),
    ).toEqual([2, 0, 1]);
  });
});

describe("a map from the wire", () => {
  it("is refused where its runs do not fill the picture", () => {
    const lengths = Uint32Array.of(3);
    expect(() => new LabelRuns([2, 2], lengths, Uint16Array.of(0))).toThrow(/do not fill/);
    expect(() => new LabelRuns([1, 3], lengths, Uint16Array.of(0, 1))).toThrow(/no label/);
    const high = new LabelRuns([1, 3], lengths, Uint32Array.of(4e9));
    expect(() => high.runsOfLabel(0)).toThrow(/too high/);
  });

  it("of a large picture is the same mask as its code", () => {
    const size = [300, 200] as const;
    const lengths = new Uint32Array(6000).fill(10);
    const labels = Uint16Array.from(lengths, (_, i) => i % 7);
    const made = new LabelRuns(size, lengths, labels);
    const mask = made.runsOfLabels([1, 2, 6]);
    for (let k = 0; k < 60000; k += 37) {
      const [x, y] = [Math.floor(k / 300), k % 300];
      expect(runsContain(mask, x, y)).toBe([1, 2, 6].includes(made.labelAt(x, y)));
    }
    expect(runsOf(rleOf(mask)).edges).toEqual(mask.edges);
  });
});

function distance([x, y]: XY, a: XY, b: XY): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const long = dx * dx + dy * dy;
  const t = long ? Math.min(1, Math.max(0, ((x - a[0]) * dx + (y - a[1]) * dy) / long)) : 0;
  return Math.hypot(x - a[0] - t * dx, y - a[1] - t * dy);
}

/** Is a point well within its pixel, so that rounding does not matter? */
function inside([x, y]: XY): boolean {
  return Math.abs(x - Math.round(x)) > 1e-6 && Math.abs(y - Math.round(y)) > 1e-6;
}

/** Does a segment come as near to a pixel of the mask as half its diagonal? */
function touches(
  a: XY,
  b: XY,
  runs: Parameters<typeof runsContain>[0],
  size: [number, number],
): boolean {
  for (let y = 0; y < size[0]; y++) {
    for (let x = 0; x < size[1]; x++) {
      const near = distance([x + 0.5, y + 0.5], a, b) <= Math.SQRT1_2 + 1e-9;
      if (near && runsContain(runs, x, y)) return true;
    }
  }
  return false;
}
