import type { Rectangle, XY } from "../document/types.ts";
import { round } from "../geometry/points.ts";
import { clampPoint, type Size } from "../geometry/transform.ts";
import { isPointer, NOTHING, type Outcome, same, type Tool, type ToolEvent } from "./tool.ts";

interface Drawing {
  readonly from: XY;
  readonly to: XY;
  /** The first corner was set by a click; the next click sets the other. */
  readonly clicked: boolean;
}
export type RectangleState = Drawing | null;

/** The upright rectangle between two points; a square with the longer side when asked. */
export function between(from: XY, to: XY, square: boolean, size: Size): Rectangle {
  let [x, y] = to;
  if (square) {
    const side = Math.max(Math.abs(x - from[0]), Math.abs(y - from[1]));
    const roomX = x < from[0] ? from[0] : size.width - from[0];
    const roomY = y < from[1] ? from[1] : size.height - from[1];
    const kept = Math.min(side, roomX, roomY);
    x = from[0] + (x < from[0] ? -kept : kept);
    y = from[1] + (y < from[1] ? -kept : kept);
  }
  const left = round(Math.min(from[0], x));
  const top = round(Math.min(from[1], y));
  return {
    type: "rectangle",
    x: left,
    y: top,
    width: round(Math.max(from[0], x) - left),
    height: round(Math.max(from[1], y) - top),
  };
}

function finish(state: Drawing, square: boolean, size: Size): Outcome<RectangleState> {
  const geometry = between(state.from, state.to, square, size);
  if (geometry.width < 1 || geometry.height < 1) {
    return same<RectangleState>(null, {
      type: "say",
      text: "A box needs to be at least one pixel wide and high.",
    });
  }
  return same<RectangleState>(null, { type: "create", geometry });
}

export const rectangle: Tool<RectangleState> = {
  name: "rectangle",
  label: "Rectangle",
  makes: ["rectangle"],
  cursor: "crosshair",
  hint: "Drag, or click two corners. Shift: square.",
  start: null,
  busy: (state) => state !== null,

  reduce(state, event: ToolEvent, { size }) {
    if (event.type === "cancel" || event.type === "back") return same<RectangleState>(null);
    if (event.type === "finish") return state ? finish(state, false, size) : same(state);
    if (!isPointer(event) || event.type === "double") return same(state);
    const at = clampPoint(event.at, size);
    if (event.type === "down") {
      if (state?.clicked) return finish({ ...state, to: at }, event.shift, size);
      return same<RectangleState>({ from: at, to: at, clicked: false });
    }
    if (!state) return same(state);
    const to = event.shift ? cornerOf(state.from, at, size) : at;
    if (event.type === "move") return same<RectangleState>({ ...state, to });
    if (state.clicked) return same(state);
    const still = Math.hypot(at[0] - state.from[0], at[1] - state.from[1]) <= event.slack / 2;
    if (still) return same<RectangleState>({ ...state, clicked: true });
    return finish({ ...state, to: at }, event.shift, size);
  },

  preview(state, { size }) {
    if (!state) return NOTHING;
    const draft = between(state.from, state.to, false, size);
    return {
      ...NOTHING,
      draft: draft.width > 0 && draft.height > 0 ? draft : null,
      points: [state.from],
    };
  },
};

function cornerOf(from: XY, at: XY, size: Size): XY {
  const made = between(from, at, true, size);
  return [
    at[0] < from[0] ? made.x : made.x + made.width,
    at[1] < from[1] ? made.y : made.y + made.height,
  ];
}
