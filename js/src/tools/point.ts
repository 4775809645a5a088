import type { XY } from "../document/types.ts";
import { roundPoint } from "../geometry/points.ts";
import { clampPoint } from "../geometry/transform.ts";
import { NOTHING, same, type Tool } from "./tool.ts";

/** Where the hand is pressed: the point lies where it lets go. */
export type PointState = XY | null;

export const point: Tool<PointState> = {
  name: "point",
  label: "Point",
  makes: ["point"],
  cursor: "crosshair",
  hint: "Click. While the button is down, the point can be moved.",
  start: null,
  busy: (state) => state !== null,

  reduce(state, event, { size }) {
    switch (event.type) {
      case "cancel":
      case "back":
        return same<PointState>(null);
      case "down":
        return same<PointState>(clampPoint(event.at, size));
      case "move":
        return same<PointState>(state && clampPoint(event.at, size));
      case "up": {
        if (!state) return same<PointState>(null);
        const [x, y] = roundPoint(clampPoint(event.at, size));
        return same<PointState>(null, { type: "create", geometry: { type: "point", x, y } });
      }
      default:
        return same<PointState>(state);
    }
  },

  preview: (state) =>
    state ? { ...NOTHING, draft: { type: "point", x: state[0], y: state[1] } } : NOTHING,
};
