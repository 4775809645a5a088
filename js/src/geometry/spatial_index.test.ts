import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Box, overlaps } from "./box.ts";
import { SpatialIndex } from "./spatial_index.ts";

const box: fc.Arbitrary<Box> = fc
  .tuple(fc.nat(100), fc.nat(100), fc.nat(20), fc.nat(20))
  .map(([x, y, w, h]) => ({ minX: x, minY: y, maxX: x + w, maxY: y + h }));
const name = fc.nat(30).map((n) => `n${n}`);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("put" as const), name, box }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("drop" as const), name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("search" as const), box }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("load" as const),
      entries: fc.uniqueArray(fc.tuple(name, box), { maxLength: 40, selector: ([id]) => id }),
    }),
  },
);

describe("SpatialIndex", () => {
  it("finds what looking at every box finds, whatever was put, dropped and loaded", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const index = new SpatialIndex();
        let boxes = new Map<string, Box>();
        for (const one of steps) {
          if (one.do === "put") {
            index.put(one.name, one.box);
            boxes.set(one.name, one.box);
          } else if (one.do === "drop") {
            index.drop(one.name);
            boxes.delete(one.name);
          } else if (one.do === "load") {
            index.load(one.entries);
            boxes = new Map(one.entries);
          } else {
            const found = index.search(one.box).sort();
            const wanted = [...boxes].filter(([, other]) => overlaps(other, one.box));
            expect(found).toEqual(wanted.map(([id]) => id).sort());
          }
        }
        for (const [id, one] of boxes) expect(index.box(id)).toEqual(one);
      }),
    );
  });

  it("makes a new tree when many were touched, and forgets none", () => {
    const index = new SpatialIndex();
    const at = (i: number): Box => ({ minX: i, minY: 0, maxX: i + 0.5, maxY: 1 });
    index.load(Array.from({ length: 600 }, (_, i) => [`n${i}`, at(i)] as const));
    for (let i = 0; i < 600; i++) index.put(`n${i}`, at(i + 1000));
    for (let i = 0; i < 600; i += 2) index.drop(`n${i}`);
    expect(index.search({ minX: 0, minY: 0, maxX: 900, maxY: 1 })).toEqual([]);
    const found = index.search({ minX: 1000, minY: 0, maxX: 1009.9, maxY: 1 }).sort();
    expect(found).toEqual(["n1", "n3", "n5", "n7", "n9"]);
    expect(index.box("n0")).toBeUndefined();
  });

  it("is empty after an empty load", () => {
    const index = new SpatialIndex();
    index.put("a", { minX: 0, minY: 0, maxX: 1, maxY: 1 });
    index.load([]);
    expect(index.search({ minX: 0, minY: 0, maxX: 9, maxY: 9 })).toEqual([]);
  });
});
