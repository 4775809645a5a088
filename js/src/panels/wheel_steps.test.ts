import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WheelSteps } from "./wheel_steps.ts";

test("a notch of any mouse is one step, and several that came together are several", () => {
  for (const notch of [48, 100, 120, -53, -100]) {
    expect(new WheelSteps().take(notch, 0)).toBe(Math.sign(notch));
  }
  expect(new WheelSteps().take(300, 0)).toBe(3);
});

test("a touchpad's small moves add up, whatever pieces they come in", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 100 }), (moves) => {
      const wheel = new WheelSteps();
      const steps = moves.reduce((sum, move, i) => sum + wheel.take(move, i * 16), 0);
      expect(steps).toBe(Math.floor(moves.reduce((a, b) => a + b, 0) / 30));
    }),
  );
});

test("what is left of a turn is forgotten when the way changes, or after a pause", () => {
  const wheel = new WheelSteps();
  expect(wheel.take(29, 0)).toBe(0);
  expect(wheel.take(-29, 16)).toBe(0);
  expect(wheel.take(-1, 32)).toBe(-1);
  expect(wheel.take(29, 48)).toBe(0);
  expect(wheel.take(29, 1000)).toBe(0);
});
