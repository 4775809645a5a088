import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { geometry } from "../testing/arbitraries.ts";
import { packed, ShapePacker, unpacked } from "./packed_shapes.ts";
import { shapeOf } from "./scene.ts";

const COLORS = new Map([["car", "#ff0000"]]);

describe("packed shapes", () => {
  it("are the shapes that were put together", () => {
    fc.assert(
      fc.property(fc.array(geometry), (geometries) => {
        const shapes = geometries.flatMap((one, i) => {
          return shapeOf({ id: `${i}`, class_name: "car", geometry: one }, COLORS) ?? [];
        });
        expect(unpacked(packed(shapes))).toEqual(shapes);
        expect(unpacked(packed(shapes), 1)).toEqual(shapes.slice(0, 1));
      }),
    );
  });

  it("have upright rectangles as the others would be, without a shape of their own", () => {
    const box = { type: "rectangle", x: 1.5, y: 2, width: 30, height: 4.25 } as const;
    const packer = new ShapePacker(2);
    expect(packer.addBox("a", { ...box, angle: 10 }, "#ff0000")).toBe(false);
    expect(packer.addBox("a", box, "#ff0000")).toBe(true);
    expect(packer.addBox("b", box, "#ff0000")).toBe(true);
    const made = (id: string) => shapeOf({ id, class_name: "car", geometry: box }, COLORS);
    expect(unpacked(packer.done())).toEqual([made("a"), made("b")]);
  });
});
