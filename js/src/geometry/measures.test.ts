import { expect, test } from "vitest";
import golden from "../../../tests/golden/measures.json";
import type { XY } from "../document/types.ts";
import { angleBetween, ellipseArea, ellipseStatistics, pathLength, twoAxes } from "./measuring.ts";

const WIDTH = 24;
const HEIGHT = 16;
// As `tests/golden/measures.py` has them.
const values = Array.from({ length: WIDTH * HEIGHT }, (_, k) =>
  k % 11 === 3 ? Number.NaN : ((k * 7919) % 3011) - 1000,
);
const picture = { x: 0, y: 0, width: WIDTH, height: HEIGHT, values };

test.each(golden.measures)("measures are those of the kernel: %j", (one) => {
  const spacing = one.spacing as unknown as XY;
  if (one.kind === "line") {
    const points = one.points as unknown as XY[];
    expect(pathLength(points, spacing)).toBeCloseTo(one.length ?? -1, 10);
    if (one.angle !== undefined) expect(angleBetween(points, spacing)).toBeCloseTo(one.angle, 5);
    twoAxes(points, spacing).forEach((axis, i) => {
      if (one.axes) expect(axis).toBeCloseTo(one.axes[i] ?? -1, 10);
      else expect(axis).toBeNaN();
    });
    return;
  }
  const ellipse = one.ellipse as { x: number; y: number; rx: number; ry: number };
  expect(ellipseArea(ellipse, spacing)).toBeCloseTo(one.area ?? -1, 10);
  const told = ellipseStatistics(ellipse, picture);
  expect(told.count).toBe(one.count);
  if (told.count === 0) expect(told.mean).toBeNaN();
  else {
    expect(told.mean).toBeCloseTo(one.mean ?? Number.NaN, 9);
    expect(told.sd).toBeCloseTo(one.sd ?? Number.NaN, 9);
    expect([told.least, told.most]).toEqual([one.least, one.most]);
  }
});

test("what is no angle is none", () => {
  expect(angleBetween([[0, 0]], [1, 1])).toBeNaN();
  expect(
    angleBetween(
      [
        [1, 1],
        [1, 1],
        [2, 3],
      ],
      [1, 1],
    ),
  ).toBeNaN();
});
