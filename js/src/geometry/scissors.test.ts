import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/wires.json";
import { inWindow, type ScissorsMap, trace } from "./scissors.ts";

const map = (
  directions: readonly number[],
  [height, width]: readonly number[],
  [x, y]: readonly number[],
): ScissorsMap => ({
  directions: Uint8Array.from(directions),
  width: width as number,
  height: height as number,
  x: x as number,
  y: y as number,
});

describe("the wire of the scissors", () => {
  it.each(golden.wires)("$name: is that of the table", ({ directions, size, origin, traced }) => {
    const made = map([...directions].map(Number), size, origin);
    for (const { to, wire } of traced) {
      expect(trace(made, to as [number, number])).toEqual(wire);
    }
  });

  it("a broken table gives no wire", () => {
    expect(trace(map([1, 1], [1, 2], [0, 0]), [0, 0])).toBeNull();
    expect(trace(map([5, 1], [1, 2], [0, 0]), [0, 0])).toBeNull();
    expect(trace(map([9], [1, 1], [0, 0]), [0, 0])).toBeNull();
    expect(trace(map([], [1, 1], [0, 0]), [0, 0])).toBeNull();
  });

  it("its window ends before the next pixel", () => {
    const made = map([0, 1], [1, 2], [10, 20]);
    expect(inWindow(made, [10, 20])).toBe(true);
    expect(inWindow(made, [11.99, 20.99])).toBe(true);
    expect(inWindow(made, [12, 20])).toBe(false);
    expect(inWindow(made, [11, 19.9])).toBe(false);
  });
});
