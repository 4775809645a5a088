import fc from "fast-check";
import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/transforms.json";
import type { Cuboid, Ellipse, Geometry, Rectangle, Ring, XY } from "../document/types.ts";
import {
  rectangleFromSide,
  rotateEllipse,
  rotateRectangle,
  scale,
  scaleEllipse,
  scalePoint,
  scaleRectangle,
  turn,
} from "./affine.ts";
import { bounds } from "./bounds.ts";
import { cuboidFromFront, moveCorner } from "./cuboid.ts";
import { fitTemplate } from "./joints.ts";
import { rotate } from "./points.ts";

type Five = [number, number, number, number, number];
const rectangle = ([x, y, width, height, angle]: Five): Rectangle => ({
  ...{ type: "rectangle", x, y, width, height, angle },
});
const ellipse = ([x, y, rx, ry, angle]: Five): Ellipse => ({
  ...{ type: "ellipse", x, y, rx, ry, angle },
});
const ofRectangle = (one: Rectangle) => [one.x, one.y, one.width, one.height, one.angle];
const ofEllipse = (one: Ellipse) => [one.x, one.y, one.rx, one.ry, one.angle];

// biome-ignore lint/suspicious/noExplicitAny: each row has the arguments of its own function
const DOERS: Readonly<Record<string, (...its: any[]) => unknown>> = {
  rotate_rectangle: (one: Five, at: XY, by: number) =>
    ofRectangle(rotateRectangle(rectangle(one), at, by)),
  rotate_ellipse: (one: Five, at: XY, by: number) => ofEllipse(rotateEllipse(ellipse(one), at, by)),
  scale_rectangle: (one: Five, at: XY, sx: number, sy: number) =>
    ofRectangle(scaleRectangle(rectangle(one), at, sx, sy)),
  scale_ellipse: (one: Five, at: XY, sx: number, sy: number) =>
    ofEllipse(scaleEllipse(ellipse(one), at, sx, sy)),
  rotate_points: (points: Ring, at: XY, by: number) => points.map((one) => rotate(one, at, by)),
  scale_points: (points: Ring, at: XY, sx: number, sy: number) =>
    points.map((one) => scalePoint(one, at, sx, sy)),
  rectangle_from_side: (a: XY, b: XY, c: XY) => ofRectangle(rectangleFromSide(a, b, c)),
  cuboid_from_front: (x: number, y: number, width: number, height: number, depth: XY) =>
    (cuboidFromFront([x, y], [x + width, y + height], depth) as Cuboid).points,
  move_cuboid_corner: (corners: Ring, index: number, to: XY) => moveCorner(corners, index, to),
  fit_template: (at: Ring, x: number, y: number, width: number, height: number) =>
    fitTemplate(at, { minX: x, minY: y, maxX: x + width, maxY: y + height }),
};

describe("the table that the kernel shares", () => {
  it.each(golden.transforms.map((one) => [one.do, one] as const))("%s", (name, one) => {
    const made = [DOERS[name]?.(...one.arguments) as number[]].flat(2);
    const wanted = [one.made as number[]].flat(2);
    expect(made).toHaveLength(wanted.length);
    made.forEach((value, i) => {
      expect(Math.abs(value - (wanted[i] ?? Number.NaN))).toBeLessThan(1e-7);
    });
  });
});

const coordinate = fc.integer({ min: 0, max: 100 });
const place = fc.tuple(coordinate, coordinate) as fc.Arbitrary<XY>;
const length = fc.integer({ min: 5, max: 60 });
const points = (count: number) => fc.array(place, { minLength: count, maxLength: count });
const shape: fc.Arbitrary<Geometry> = fc.oneof(
  fc
    .tuple(coordinate, coordinate, length, length, fc.integer({ min: -180, max: 180 }))
    .map((five) => rectangle(five)),
  fc
    .tuple(coordinate, coordinate, length, length, fc.integer({ min: -180, max: 180 }))
    .map((five) => ellipse(five)),
  points(4).map((ring): Geometry => ({ type: "polygon", parts: [[ring]] })),
  points(3).map((line): Geometry => ({ type: "polyline", points: line })),
  points(8).map((corners): Geometry => ({ type: "cuboid", points: corners })),
  points(3).map(
    (joints): Geometry => ({
      type: "keypoints",
      points: joints.map(([x, y], i) => [x, y, (i + 1) % 3] as const),
    }),
  ),
);

function expectNear(one: Geometry, other: Geometry, gap: number): void {
  const [a, b] = [bounds(one), bounds(other)];
  for (const side of ["minX", "minY", "maxX", "maxY"] as const)
    expect(Math.abs((a?.[side] ?? 0) - (b?.[side] ?? 0))).toBeLessThan(gap);
}

describe("any shape", () => {
  it("turned there and back is where it was", () => {
    fc.assert(
      fc.property(shape, place, fc.integer({ min: -360, max: 360 }), (one, centre, degrees) => {
        expectNear(turn(turn(one, centre, degrees), centre, -degrees), one, 0.05);
      }),
    );
  });

  it("scaled there and back is where it was", () => {
    fc.assert(
      fc.property(shape, place, fc.constantFrom(2, 4, 8), (one, anchor, factor) => {
        const there = scale(one, anchor, factor, factor);
        expectNear(scale(there, anchor, 1 / factor, 1 / factor), one, 0.05);
      }),
    );
  });

  it("keeps what says nothing about its place", () => {
    const joints: Geometry = {
      type: "keypoints",
      points: [
        [0, 0, 0],
        [10, 0, 1],
      ],
    };
    expect(turn(joints, [0, 0], 90)).toEqual({
      type: "keypoints",
      points: [
        [0, 0, 0],
        [0, 10, 1],
      ],
    });
    expect(turn({ type: "tag" }, [0, 0], 90)).toEqual({ type: "tag" });
    const box = rectangle([10.123, 5, 20, 30, 0]);
    expect(turn(turn(box, [3, 4], 180), [3, 4], 180)).not.toHaveProperty("angle");
  });
});
