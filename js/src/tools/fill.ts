import type { XY } from "../document/types.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import { clampPoint } from "../geometry/transform.ts";
import { UNDERLYING } from "./brush.ts";
import { areaPreview, areaStroke } from "./lasso.ts";
import { isPointer, type Outcome, type Scene, same, type Tool } from "./tool.ts";

export interface FillState {
  readonly points: readonly XY[];
  readonly hover: XY | null;
  readonly closing: boolean;
  /** Alt was held at the first click: the area is erased. */
  readonly erase: boolean;
}

const START: FillState = { points: [], hover: null, closing: false, erase: false };

function close(state: FillState, scene: Scene): Outcome<FillState> {
  if (state.points.length < 3) {
    return same(state, { type: "say", text: "An area needs at least three points." });
  }
  return same(START, areaStroke(state.points, state.erase, scene));
}

/** An area set point by point, and painted into the mask. */
export const fill: Tool<FillState> = {
  name: "fill",
  label: "Polygon into a mask",
  makes: ["mask"],
  cursor: "crosshair",
  hint: "Click around an area; the first point, a double click or Enter paints it. Begin with Alt to erase.",
  start: START,
  options: [UNDERLYING],
  group: "painting",
  busy: (state) => state.points.length > 0,

  reduce(state, event, scene) {
    switch (event.type) {
      case "cancel":
        return same(START);
      case "back":
        return same({ ...state, points: state.points.slice(0, -1), closing: false });
      case "finish":
      case "double":
        return state.points.length > 0 ? close(state, scene) : same(state);
    }
    if (!isPointer(event)) return same(state);
    const at = roundPoint(clampPoint(event.at, scene.size));
    const { points } = state;
    const first = points[0];
    const closing = points.length >= 3 && !!first && distance(first, event.at) <= event.slack;
    if (event.type !== "down") return same({ ...state, hover: at, closing });
    if (closing) return close(state, scene);
    const last = points.at(-1);
    if (last && distance(last, at) === 0) return same(state);
    const erase = points.length > 0 ? state.erase : event.alt;
    return same({ points: [...points, at], hover: at, closing: false, erase });
  },

  preview({ points, hover, closing, erase }) {
    const ring = hover && !closing && points.length > 0 ? [...points, hover] : points;
    return { ...areaPreview(ring, erase), points, closing };
  },
};
