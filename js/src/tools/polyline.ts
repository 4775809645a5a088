import type { XY } from "../document/types.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import { clampPoint } from "../geometry/transform.ts";
import { NOTHING, type Outcome, same, type Tool } from "./tool.ts";

export interface PolylineState {
  readonly points: readonly XY[];
  readonly hover: XY | null;
}

const START: PolylineState = { points: [], hover: null };

function finish(state: PolylineState): Outcome<PolylineState> {
  const { points } = state;
  if (points.length === 0) return same(state);
  if (points.length < 2)
    return same(state, { type: "say", text: "A line needs at least two points." });
  return same(START, { type: "create", geometry: { type: "polyline", points } });
}

export const polyline: Tool<PolylineState> = {
  name: "polyline",
  label: "Polyline",
  makes: ["polyline"],
  cursor: "crosshair",
  hint: "Click point by point; a double click or Enter finishes. Backspace takes one back.",
  start: START,
  busy: (state) => state.points.length > 0,

  reduce(state, event, { size }) {
    switch (event.type) {
      case "cancel":
        return same(START);
      case "back":
        return same({ ...state, points: state.points.slice(0, -1) });
      case "finish":
      case "double":
        return finish(state);
      case "down": {
        const point = roundPoint(clampPoint(event.at, size));
        const last = state.points.at(-1);
        // The second click of a double one, by a hand that is never quite still.
        if (last && distance(last, point) <= event.slack / 4) return same(state);
        return same({ points: [...state.points, point], hover: point });
      }
      case "move":
        return same({ ...state, hover: clampPoint(event.at, size) });
      default:
        return same(state);
    }
  },

  preview({ points, hover }) {
    if (points.length === 0) return NOTHING;
    const line = hover ? [...points, hover] : points;
    return { ...NOTHING, draft: { type: "polyline", points: line }, points };
  },
};
