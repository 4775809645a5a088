import type { XY } from "../document/types.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import type { Snap } from "../geometry/snapping.ts";
import { clampPoint } from "../geometry/transform.ts";
import { SNAP, snapAt, snapGuides, toggleSnap } from "./snapping.ts";
import {
  isPointer,
  NOTHING,
  type Outcome,
  type PointerToolEvent,
  type Scene,
  same,
  type Tool,
} from "./tool.ts";

export interface PolylineState {
  readonly points: readonly XY[];
  readonly hover: XY | null;
  readonly snap: Snap | null;
  readonly slack: number;
}

const START: PolylineState = { points: [], hover: null, snap: null, slack: 0 };

/** The state with the pointer where it is now, snapped. */
function follow(state: PolylineState, event: PointerToolEvent, scene: Scene): PolylineState {
  const snapped = snapAt(event, scene);
  const hover = clampPoint(snapped?.at ?? event.at, scene.size);
  return { ...state, hover, snap: snapped, slack: event.slack };
}

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
  options: [SNAP],
  hovers: true,
  busy: (state) => state.points.length > 0,

  reduce(state, event, scene) {
    if (isPointer(event) && event.type !== "double") {
      const now = follow(state, event, scene);
      if (event.type !== "down") return same(now);
      const point = roundPoint(now.hover ?? event.at);
      const last = state.points.at(-1);
      // The second click of a double one, by a hand that is never quite still.
      if (last && distance(last, point) <= event.slack / 4) return same(now);
      return same({ ...now, points: [...state.points, point] });
    }
    switch (event.type) {
      case "cancel":
        return same(START);
      case "back":
        return same({ ...state, points: state.points.slice(0, -1) });
      case "finish":
      case "double":
        return finish(state);
      case "command":
        return event.name === "hand.snap"
          ? toggleSnap({ ...state, snap: null }, scene)
          : same(state);
      default:
        return same(state);
    }
  },

  preview({ points, hover, snap, slack }) {
    const guides = snapGuides(snap, slack);
    if (points.length === 0) return guides.length > 0 ? { ...NOTHING, guides } : NOTHING;
    const line = hover ? [...points, hover] : points;
    return { ...NOTHING, draft: { type: "polyline", points: line }, points, guides };
  },
};
