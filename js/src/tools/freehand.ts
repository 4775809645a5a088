import type { XY } from "../document/types.ts";
import { lineOf, outlineOf } from "../geometry/freehand.ts";
import { distance } from "../geometry/points.ts";
import { clampPoint } from "../geometry/transform.ts";
import { carve, type Purpose, purposeOf } from "./carving.ts";
import type { Option } from "./option.ts";
import { isPointer, NOTHING, type Outcome, type Scene, same, type Tool } from "./tool.ts";

export interface FreehandState {
  readonly line: readonly XY[];
  readonly purpose: Purpose;
}

const START: FreehandState = { line: [], purpose: "new" };

/** A pointer's slack is so many pixels of the screen. */
const SLACK_ON_SCREEN = 7;
/** Longer lines than a hand draws: what comes after is dropped until the button is let go. */
const MOST_POINTS = 20_000;

const SPACING: Option = {
  type: "number",
  name: "spacing",
  label: "Spacing",
  min: 1,
  max: 30,
  step: 1,
  value: 3,
  unit: "px",
  keys: "size",
};

const SMOOTHING: Option = {
  type: "number",
  name: "tolerance",
  label: "Simplify",
  min: 0,
  max: 5,
  step: 0.1,
  value: 0.5,
  unit: "px",
  keys: "fineness",
};

function isLine({ target }: Scene): boolean {
  return target?.tool === "polyline";
}

/** A point further along, where it is far enough from the one before, as seen on the screen. */
function go(state: FreehandState, at: XY, slack: number, scene: Scene): FreehandState {
  const last = state.line.at(-1);
  const gap = (Number(scene.settings.spacing) * slack) / SLACK_ON_SCREEN;
  const point = clampPoint(at, scene.size);
  if (!last || distance(last, point) < gap || state.line.length >= MOST_POINTS) return state;
  return { ...state, line: [...state.line, point] };
}

function release({ line, purpose }: FreehandState, scene: Scene): Outcome<FreehandState> {
  const tolerance = Number(scene.settings.tolerance);
  if (line.length < 2)
    return same(START, {
      type: "say",
      text: "Press, draw around the object without letting go, and let go where you began.",
    });
  if (isLine(scene) && purpose === "new") {
    const points = lineOf(line, tolerance);
    return same(START, { type: "create", geometry: { type: "polyline", points } });
  }
  const made = outlineOf(line, tolerance);
  if (!made.ok) return same(START, { type: "say", text: made.reason });
  const effects = carve(made.value.ring, purpose, scene);
  return made.value.mended
    ? same(START, ...effects, {
        type: "say",
        text: "The line crossed itself: the largest area that it encloses was kept.",
      })
    : same(START, ...effects);
}

export const freehand: Tool<FreehandState> = {
  name: "freehand",
  label: "Freehand",
  makes: ["polygon", "polyline"],
  again: "sculptor",
  cursor: "crosshair",
  hint: "Press, draw, let go: it closes itself. Alt: a hole. Shift: add. F again: sculptor.",
  start: START,
  options: [SPACING, SMOOTHING],
  busy: (state) => state.line.length > 0,

  reduce(state, event, scene) {
    if (!isPointer(event)) {
      return same(event.type === "cancel" || event.type === "back" ? START : state);
    }
    switch (event.type) {
      case "down":
        return same({
          line: [clampPoint(event.at, scene.size)],
          purpose: purposeOf(event, scene),
        });
      case "move":
        return same(
          state.line.length > 0 && event.pressed ? go(state, event.at, event.slack, scene) : state,
        );
      case "up":
        return state.line.length > 0
          ? release(go(state, event.at, event.slack, scene), scene)
          : same(state);
      default:
        return same(state);
    }
  },

  preview({ line, purpose }, scene) {
    if (line.length < 2) return NOTHING;
    const open = (isLine(scene) && purpose === "new") || line.length < 3;
    return {
      ...NOTHING,
      draft: open ? { type: "polyline", points: line } : { type: "polygon", parts: [[line]] },
    };
  },
};
