import fc from "fast-check";
import { expect } from "vitest";
import type { Geometry, XY } from "../document/types.ts";
import { area } from "../geometry/area.ts";
import { bounds } from "../geometry/bounds.ts";
import { isSimple } from "../geometry/simple.ts";
import type { Size } from "../geometry/transform.ts";
import type { Bench } from "./bench.ts";

const keys = fc.record({
  shift: fc.boolean(),
  ctrl: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  alt: fc.constant(false),
});

/** A place on or about a picture of 200 by 100 pixels; on a coarse grid, so that places meet. */
export const place: fc.Arbitrary<XY> = fc.oneof(
  fc.tuple(
    fc.integer({ min: -2, max: 22 }).map((n) => n * 10),
    fc.integer({ min: -2, max: 12 }).map((n) => n * 10),
  ),
  fc.tuple(
    fc.double({ min: -40, max: 240, noNaN: true }),
    fc.double({ min: -40, max: 140, noNaN: true }),
  ),
);

export type Act =
  | {
      readonly do: "down" | "drag" | "hover" | "up" | "click";
      readonly at: XY;
      readonly keys: object;
    }
  | { readonly do: "double"; readonly at: XY }
  | { readonly do: "cancel" | "back" | "finish" };

/** Anything that can reach a tool, in any order. */
export const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom("down" as const, "drag" as const, "up" as const, "click" as const),
      at: place,
      keys,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("hover" as const), at: place, keys }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("double" as const), at: place }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("cancel" as const, "back" as const, "finish" as const),
    }),
  },
);

export function perform<State>(bench: Bench<State>, one: Act): void {
  if (one.do === "double") bench.double(one.at);
  else if ("at" in one) bench[one.do](one.at, one.keys);
  else bench[one.do]();
}

/** Lies on the picture, is simple, and has at least one pixel. */
export function expectSound(geometry: Geometry, size: Size): void {
  const box = bounds(geometry);
  expect(box).not.toBeNull();
  if (!box) return;
  expect(box.minX).toBeGreaterThanOrEqual(-0.03);
  expect(box.minY).toBeGreaterThanOrEqual(-0.03);
  expect(box.maxX).toBeLessThanOrEqual(size.width + 0.03);
  expect(box.maxY).toBeLessThanOrEqual(size.height + 0.03);
  if (geometry.type === "polygon") {
    expect(isSimple(geometry)).toBe(true);
    expect(area(geometry)).toBeGreaterThanOrEqual(1);
  }
  if (geometry.type === "rectangle") {
    expect(geometry.width).toBeGreaterThanOrEqual(1);
    expect(geometry.height).toBeGreaterThanOrEqual(1);
  }
}
