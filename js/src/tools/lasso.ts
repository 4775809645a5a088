import type { XY } from "../document/types.ts";
import { polygonToRuns } from "../geometry/filling.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import { clampPoint } from "../geometry/transform.ts";
import { UNDERLYING } from "./brush.ts";
import {
  type Effect,
  isPointer,
  NOTHING,
  type Preview,
  type Scene,
  same,
  type Tool,
} from "./tool.ts";

export interface LassoState {
  readonly path: readonly XY[];
  readonly erase: boolean;
}

const START: LassoState = { path: [], erase: false };

/** What is seen of an area that will be painted, or erased. */
export function areaPreview(ring: readonly XY[], erase: boolean): Preview {
  if (ring.length < 3 || erase) {
    return { ...NOTHING, guides: [{ points: ring, closed: ring.length > 2, dashed: erase }] };
  }
  return { ...NOTHING, draft: { type: "polygon", parts: [[ring]] } };
}

/** The area of a ring as pixels to paint, or to erase. */
export function areaStroke(ring: readonly XY[], erase: boolean, { size }: Scene): Effect {
  const runs = polygonToRuns([[ring]], [size.height, size.width]);
  if (runs.edges.length === 0) {
    return { type: "say", text: "There is no pixel inside. Go around the area." };
  }
  return { type: "stroke", runs, erase };
}

export const lasso: Tool<LassoState> = {
  name: "lasso",
  label: "Lasso",
  makes: ["mask"],
  cursor: "crosshair",
  hint: "Press, go around an area and let go: it is painted into the mask. Alt erases it.",
  start: START,
  options: [UNDERLYING],
  group: "painting",
  busy: (state) => state.path.length > 0,

  reduce(state, event, scene) {
    if (!isPointer(event)) {
      return same(event.type === "cancel" || event.type === "back" ? START : state);
    }
    const at = roundPoint(clampPoint(event.at, scene.size));
    const { path, erase } = state;
    const last = path.at(-1);
    switch (event.type) {
      case "down":
        return same({ path: [at], erase: event.alt });
      case "move":
        // A quarter of what a click may be off: about two pixels of the screen.
        if (!last || distance(last, at) < event.slack / 4) return same(state);
        return same({ path: [...path, at], erase });
      case "up":
        if (path.length === 0) return same(state);
        return same(START, areaStroke([...path, at], erase, scene));
      default:
        return same(state);
    }
  },

  preview: ({ path, erase }) => areaPreview(path, erase),
};
