import { expect, test } from "vitest";
import type { Annotation, Geometry, Track } from "../document/types.ts";
import { differences, shapeChange } from "./difference.ts";
import { pinTo, placeIn } from "./pins.ts";
import { rleOf, runsFromBitmap } from "./runs.ts";

const box = (x: number, y: number, width = 10, height = 5): Geometry => ({
  type: "rectangle",
  x,
  y,
  width,
  height,
});

const label = (id: string, geometry: Geometry, rest: Partial<Annotation> = {}): Annotation => ({
  id,
  class_name: "car",
  geometry,
  revision: 1,
  ...rest,
});

test("what was added, removed, moved, reshaped, relabelled and answered is told apart", () => {
  const before = [
    label("same", box(0, 0), { attributes: { a: "1", b: "2" } }),
    label("gone", box(0, 0)),
    label("moved", box(0, 0)),
    label("grown", box(0, 0)),
    label("both", box(0, 0), { attributes: { a: "1" } }),
    label("later", box(0, 0), { frame: 3 }),
  ];
  const now = [
    label("same", box(0, 0), { attributes: { b: "2", a: "1" }, revision: 7 }),
    label("moved", box(4, 2)),
    label("grown", box(0, 0, 20)),
    label("both", box(0, 0), { class_name: "tree", attributes: { a: "2" } }),
    label("later", box(0, 0), { frame: 4 }),
    label("new", box(0, 0)),
  ];
  expect(Object.fromEntries(differences(before, now))).toEqual({
    gone: ["removed"],
    moved: ["moved"],
    grown: ["reshaped"],
    both: ["relabelled", "answered"],
    later: ["moved"],
    new: ["added"],
  });
});

test("a polygon is moved only as a whole", () => {
  const ring = [
    [0, 0],
    [10, 0],
    [10, 10],
  ] as const;
  const moved = ring.map(([x, y]) => [x + 3, y - 1] as const);
  const bent = [...moved.slice(0, 2), [14, 9] as const];
  const polygon = (points: readonly (readonly [number, number])[]): Geometry => ({
    type: "polygon",
    parts: [[points]],
  });
  expect(shapeChange(polygon(ring), polygon(ring))).toBeNull();
  expect(shapeChange(polygon(ring), polygon(moved))).toBe("moved");
  expect(shapeChange(polygon(ring), polygon(bent))).toBe("reshaped");
  expect(shapeChange(polygon(ring), box(0, 0))).toBe("reshaped");
});

test("a mask and a track are moved, or reshaped", () => {
  const mask = (...set: number[]): Geometry => {
    const data = new Uint8Array(16);
    for (const i of set) data[i] = 1;
    return { type: "mask", rle: rleOf(runsFromBitmap(data, 4, 4)) };
  };
  expect(shapeChange(mask(0, 1), mask(5, 6))).toBe("moved");
  expect(shapeChange(mask(0, 1), mask(0, 1, 2))).toBe("reshaped");
  const track = (x: number, last = 9): Track => ({
    type: "track",
    keyframes: {
      0: { geometry: box(x, 0) as never },
      [last]: { geometry: box(x + 5, 0) as never },
    },
  });
  expect(shapeChange(track(0), track(0))).toBeNull();
  expect(shapeChange(track(0), track(3))).toBe("moved");
  expect(shapeChange(track(0), track(0, 8))).toBe("reshaped");
});

test("a pin keeps its place in its box, also in one without a width", () => {
  const wide = { minX: 10, minY: 20, maxX: 30, maxY: 60 };
  expect(placeIn(wide, [0.5, 0.5])).toEqual([20, 40]);
  expect(placeIn(wide, pinTo(wide, [13, 70]))).toEqual([13, 70]);
  const point = { minX: 5, minY: 5, maxX: 5, maxY: 5 };
  expect(placeIn(point, pinTo(point, [6.5, 4]))).toEqual([6.5, 4]);
});
