import fc from "fast-check";
import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/polygons.json";
import type { Part, Polygon, XY } from "../document/types.ts";
import { isSimple } from "./simple.ts";

const cases = golden.polygons as unknown as { name: string; parts: Part[]; valid: boolean }[];
const polygon = (parts: Polygon["parts"]): Polygon => ({ type: "polygon", parts });

describe("isSimple", () => {
  it.each(cases)("says of “$name” what the kernel says", ({ parts, valid }) => {
    expect(isSimple(polygon(parts))).toBe(valid);
  });

  it("does not mind where a ring starts, its direction, nor a closing point", () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.nat(20), fc.boolean(), (one, start, back) => {
        const parts = one.parts.map((part) =>
          part.map((ring) => {
            const first = start % ring.length;
            const turned = [...ring.slice(first), ...ring.slice(0, first)];
            return back ? turned.reverse() : [...turned, turned[0] as XY];
          }),
        );
        expect(isSimple(polygon(parts))).toBe(one.valid);
      }),
      { numRuns: 400 },
    );
  });

  it("does not mind the order of the holes", () => {
    for (const { parts, valid } of cases.filter((one) => one.parts.length === 1)) {
      const [outer, ...holes] = parts[0] as Part;
      if (outer) expect(isSimple(polygon([[outer, ...holes.reverse()]]))).toBe(valid);
    }
  });

  it("takes no part without a ring, and no ring without three points", () => {
    expect(isSimple(polygon([[]]))).toBe(false);
    expect(
      isSimple(
        polygon([
          [
            [
              [0, 0],
              [1, 0],
            ],
          ],
        ]),
      ),
    ).toBe(false);
  });
});
