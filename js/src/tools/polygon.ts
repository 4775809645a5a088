import type { Polygon, XY } from "../document/types.ts";
import { ringArea } from "../geometry/area.ts";
import { crossing } from "../geometry/crossing.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import { clampPoint } from "../geometry/transform.ts";
import { isPointer, NOTHING, type Outcome, same, type Tool, type ToolEvent } from "./tool.ts";

export interface PolygonState {
  readonly points: readonly XY[];
  readonly hover: XY | null;
  /** The pointer is on the first point: a click closes. */
  readonly closing: boolean;
}

const START: PolygonState = { points: [], hover: null, closing: false };

function close(state: PolygonState): Outcome<PolygonState> {
  const { points } = state;
  if (points.length < 3) {
    return same(state, { type: "say", text: "A polygon needs at least three points." });
  }
  if (crossing(points, true)) {
    return same(state, {
      type: "say",
      text: "The closing edge would cross another. Add points around it, or take some back with Backspace.",
    });
  }
  if (ringArea(points) < 1) {
    return same(state, { type: "say", text: "A polygon needs to cover at least one pixel." });
  }
  const geometry: Polygon = { type: "polygon", parts: [[points]] };
  return same(START, { type: "create", geometry });
}

function add(state: PolygonState, at: XY): Outcome<PolygonState> {
  const point = roundPoint(at);
  const last = state.points.at(-1);
  if (last && distance(last, point) === 0) return same(state);
  const points = [...state.points, point];
  if (crossing(points, false)) {
    return same(state, { type: "say", text: "That edge would cross another." });
  }
  return same({ points, hover: at, closing: false });
}

export const polygon: Tool<PolygonState> = {
  name: "polygon",
  label: "Polygon",
  makes: ["polygon"],
  cursor: "crosshair",
  hint: "Click point by point; the first one, a double click or Enter closes. Backspace takes one back.",
  start: START,
  busy: (state) => state.points.length > 0,

  reduce(state, event: ToolEvent, { size }) {
    switch (event.type) {
      case "cancel":
        return same(START);
      case "back":
        return same({ ...state, points: state.points.slice(0, -1), closing: false });
      case "finish":
      case "double":
        return state.points.length > 0 ? close(state) : same(state);
      default: {
        if (!isPointer(event)) return same(state);
        const at = clampPoint(event.at, size);
        const first = state.points[0];
        const closing =
          state.points.length >= 3 && !!first && distance(first, event.at) <= event.slack;
        if (event.type === "down") return closing ? close(state) : add(state, at);
        return same({ ...state, hover: at, closing });
      }
    }
  },

  preview(state) {
    const { points, hover, closing } = state;
    if (points.length === 0) return NOTHING;
    const line = hover && !closing ? [...points, hover] : points;
    const invalid = closing
      ? crossing(points, true) !== null
      : crossing(dropRepeats(line), false) !== null;
    const draft =
      line.length >= 3
        ? ({ type: "polygon", parts: [[line]] } as const)
        : ({ type: "polyline", points: line } as const);
    return { ...NOTHING, draft, points, closing, invalid };
  },
};

function dropRepeats(points: readonly XY[]): readonly XY[] {
  return points.filter((point, i) => {
    const before = points[i - 1];
    return !before || distance(before, point) > 0;
  });
}
