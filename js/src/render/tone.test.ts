import { expect, test } from "vitest";
import golden from "../../../tests/golden/tones.json";
import { GreyPyramid } from "./grey_pyramid.ts";
import { levelFor, levelsOf, sizeOf } from "./levels.ts";
import { rangeOf, valueAt } from "./picture.ts";
import { isPlain, PLAIN, type Tone, toneTable } from "./tone.ts";

test.each(golden.tones)("shades are those of the kernel: $name", (one) => {
  const tone = { ...PLAIN, ...one.tone } as Tone;
  const table = toneTable(one.levels, one.low, one.high, tone);
  one.at.forEach((level, i) => {
    expect(Math.abs((table[level] ?? -9) - (one.shades[i] ?? 0))).toBeLessThanOrEqual(1);
  });
});

test("a photograph is left as it is", () => {
  expect([...toneTable(256, 0, 255, PLAIN)]).toEqual([...Array(256).keys()]);
  expect(isPlain({ ...PLAIN, window: [1, 2] })).toBe(true);
  expect(isPlain({ ...PLAIN, invert: true })).toBe(false);
});

const meaning = { low: 0, high: 1, scale: 0.5, offset: -10, gaps: true };
const picture = {
  kind: "grey",
  width: 2,
  height: 2,
  numbers: Uint16Array.of(0, 20, 40, 65535),
  meaning,
} as const;

test("a value is what its number means, and none where there is a gap", () => {
  expect(valueAt(picture, 1.5, 0.5)).toBe(0);
  expect(valueAt(picture, 0, 1)).toBe(10);
  expect(valueAt(picture, 0.5, 0.5)).toBeNaN();
  expect(valueAt(picture, 2, 0)).toBeNull();
  expect(rangeOf(picture)).toEqual([0, 65535 * 0.5 - 10]);
});

test("pictures of one pixel and very long ones have levels", () => {
  expect(levelsOf({ width: 1, height: 1 })).toEqual([0]);
  expect(levelFor({ width: 1, height: 1 }, 800)).toBe(0);
  const long = { width: 20_000, height: 100 };
  for (const halvings of levelsOf(long)) {
    const { width, height } = sizeOf(long, halvings);
    expect(width).toBeLessThanOrEqual(8192);
    expect(height).toBeGreaterThanOrEqual(1);
  }
});

test("a smaller copy is the mean, and gaps do not count", () => {
  globalThis.ImageData ??= class {
    readonly data: Uint8ClampedArray;
    constructor(
      readonly width: number,
      readonly height: number,
    ) {
      this.data = new Uint8ClampedArray(4 * width * height);
    }
  } as unknown as typeof ImageData;
  const table = Uint8Array.from({ length: 65536 }, (_, i) => Math.min(255, i));
  const pyramid = new GreyPyramid(4, 2, Uint16Array.of(0, 10, 20, 40, 30, 50, 60, 80), true);
  const whole = pyramid.paint(0, table).data;
  expect([...whole.slice(0, 8)]).toEqual([0, 0, 0, 255, 10, 10, 10, 255]);
  const half = pyramid.paint(1, table).data;
  expect([...half]).toEqual([30, 30, 30, 255, 50, 50, 50, 255]);
});
