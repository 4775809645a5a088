import { expect, test } from "vitest";
import type { XY } from "../document/types.ts";
import { angle, bidirectional, ruler } from "./measuring.ts";
import type { Effect, Scene, Tool, ToolEvent } from "./tool.ts";

const scene = {
  size: { width: 100, height: 100 },
  spacing: [1, 2],
  selection: [],
  settings: {},
  target: undefined,
} as unknown as Scene;

const at = (type: "down" | "move" | "up" | "double", x: number, y: number, shift = false) =>
  ({ type, at: [x, y], shift, ctrl: false, alt: false, slack: 4, pressed: type !== "up" }) as const;
const click = (x: number, y: number) => [at("move", x, y), at("down", x, y), at("up", x, y)];
const drag = (from: XY, to: XY, shift = false) => [
  at("down", ...from),
  at("move", ...to, shift),
  at("up", ...to, shift),
];

/** What all events together want done, and the state after them. */
function run<State>(tool: Tool<State>, events: readonly ToolEvent[]) {
  let state = tool.start;
  const effects: Effect[] = [];
  for (const event of events) {
    const outcome = tool.reduce(state, event, scene);
    state = outcome.state;
    effects.push(...outcome.effects);
  }
  return { state, effects, busy: tool.busy(state) };
}

const line = (...points: XY[]) => [{ type: "create", geometry: { type: "polyline", points } }];

test.each([
  ["a drag", drag([10, 10], [40, 50])],
  ["two clicks", [...click(10, 10), ...click(40, 50)]],
  ["a double click on the first end", [...click(10, 10), ...click(10, 10), ...click(40, 50)]],
])("a ruler is %s", (_, events) => {
  const { effects, busy } = run(ruler, events);
  expect(effects).toEqual(line([10, 10], [40, 50]));
  expect(busy).toBe(false);
});

test("Shift keeps a ruler level, and the picture's edge holds it", () => {
  expect(run(ruler, drag([10, 10], [50, 13], true)).effects).toEqual(line([10, 10], [50, 10]));
  expect(run(ruler, drag([10, 10], [500, 10])).effects).toEqual(line([10, 10], [100, 10]));
});

test("an angle is three points, by clicks or with a drag", () => {
  const wanted = line([10, 10], [30, 10], [30, 40]);
  const clicks = [...click(10, 10), ...click(30, 10), ...click(30, 40)];
  expect(run(angle, clicks).effects).toEqual(wanted);
  expect(run(angle, [...drag([10, 10], [30, 10]), ...click(30, 40)]).effects).toEqual(wanted);
});

test("the short axis is at a right angle to the long one in the patient", () => {
  const { effects } = run(bidirectional, [
    ...drag([10, 10], [50, 30]),
    ...drag([30, 15], [31, 60]),
  ]);
  const [effect] = effects;
  if (effect?.type !== "create" || effect.geometry.type !== "keypoints") throw new Error("none");
  const [a, b, c, d] = effect.geometry.points;
  if (!a || !b || !c || !d) throw new Error("not four");
  // In millimetres: pixels are twice as high as they are wide.
  const across = (b[0] - a[0]) * (d[0] - c[0]) + 4 * (b[1] - a[1]) * (d[1] - c[1]);
  // The points are kept to a hundredth of a pixel.
  expect(Math.abs(across)).toBeLessThan(3);
  expect(d[0]).toBe(0);
  expect(effect.geometry.points.map(([, , visible]) => visible)).toEqual([2, 2, 2, 2]);
});

test("Backspace takes the last point back, Escape all of them", () => {
  const begun = [...click(10, 10), ...click(30, 10)];
  expect(
    run(angle, [...begun, { type: "back" }, ...click(20, 20), ...click(5, 5)]).effects,
  ).toEqual(line([10, 10], [20, 20], [5, 5]));
  expect(run(angle, [...begun, { type: "cancel" }]).busy).toBe(false);
});

test("what is measured is said while it is drawn", () => {
  const { state } = run(ruler, [at("down", 10, 10), at("move", 13, 12)]);
  expect(ruler.says?.(state, scene)).toBe("5.0 mm");
  expect(ruler.preview(state, scene).guides.at(-1)?.label).toBe("5.0 mm");
});
