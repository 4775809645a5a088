import fc from "fast-check";
import { expect, test } from "vitest";
import type { XY } from "../document/types.ts";
import { measure as measured } from "../geometry/measuring.ts";
import { magnify } from "./magnify.ts";
import { measure } from "./measure.ts";
import type { Scene, ToolEvent } from "./tool.ts";

const scene = { size: { width: 400, height: 300 }, spacing: null } as unknown as Scene;

function at(type: "down" | "move" | "up" | "double", [x, y]: XY, pressed = type === "down") {
  return {
    type,
    at: [x, y],
    shift: false,
    ctrl: false,
    alt: false,
    slack: 7,
    pressed,
  } as ToolEvent;
}

function play(events: readonly ToolEvent[]) {
  let state = measure.start;
  const effects = [];
  for (const event of events) {
    const outcome = measure.reduce(state, event, scene);
    state = outcome.state;
    effects.push(...outcome.effects);
  }
  return { state, effects };
}

const click = (point: XY) => [at("down", point), at("up", point)];
const drag = (from: XY, to: XY) => [at("down", from), at("move", to, true), at("up", to)];

test("a drag measures, and the next click goes on from there", () => {
  const { state } = play([...drag([10, 10], [40, 50]), ...click([40, 150])]);
  expect(measure.says?.(state, scene)).toContain("150.0 px");
});

test("two clicks measure, a double click or Enter ends the path", () => {
  const { state } = play([...click([10, 10]), at("move", [20, 10]), ...click([40, 10])]);
  expect(measure.says?.(state, scene)).toContain("30.0 px");
  for (const end of [at("double", [40, 10]), { type: "finish" } as ToolEvent]) {
    const ended = measure.reduce(state, end, scene).state;
    const anew = measure.reduce(ended, at("down", [100, 100]), scene).state;
    expect(anew.points).toEqual([[100, 100]]);
  }
});

test("Escape takes it away, Backspace its last point", () => {
  const { state } = play([...click([10, 10]), ...click([40, 10]), ...click([40, 20])]);
  expect(measure.busy(state)).toBe(true);
  expect(measure.reduce(state, { type: "back" }, scene).state.points).toHaveLength(2);
  expect(measure.busy(measure.reduce(state, { type: "cancel" }, scene).state)).toBe(false);
});

test("whatever a hand does, nothing is made and no point leaves the picture", () => {
  const event = fc.oneof(
    fc.tuple(
      fc.constantFrom("down" as const, "move" as const, "up" as const, "double" as const),
      fc.tuple(fc.integer({ min: -50, max: 450 }), fc.integer({ min: -50, max: 350 })),
    ),
    fc.constantFrom("cancel" as const, "back" as const, "finish" as const),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const { state, effects } = play(
        events.map((one) => (typeof one === "string" ? { type: one } : at(one[0], one[1]))),
      );
      expect(effects).toEqual([]);
      for (const [x, y] of state.points) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(400);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(300);
      }
      measure.preview(state, scene);
    }),
  );
});

test("angles go up as people read them, millimetres along each axis", () => {
  const up = measured(
    [
      [0, 10],
      [10, 0],
    ],
    [0.5, 2],
  );
  expect(up?.angle).toBeCloseTo(45);
  expect(up?.millimetres).toBeCloseTo(Math.hypot(5, 20));
  expect(measured([[3, 3]], null)).toBeNull();
  expect(
    measured(
      [
        [0, 0],
        [3, 4],
        [3, 14],
      ],
      null,
    ),
  ).toMatchObject({ length: 15, dx: 0, dy: 10 });
});

test("the lens follows the pointer while the button is held, and makes nothing", () => {
  const down = magnify.reduce(null, at("down", [5, 6]), scene);
  expect(magnify.preview(down.state, scene).lens).toEqual([5, 6]);
  const moved = magnify.reduce(down.state, at("move", [7, 8], true), scene);
  expect(moved.state).toEqual([7, 8]);
  expect(magnify.reduce(moved.state, at("up", [7, 8]), scene).state).toBeNull();
  expect(magnify.reduce(null, at("move", [7, 8]), scene).state).toBeNull();
});
