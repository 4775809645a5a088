import type { XY } from "../document/types.ts";
import { inWords, measure as measured } from "../geometry/measuring.ts";
import { distance } from "../geometry/points.ts";
import { clampPoint } from "../geometry/transform.ts";
import { isPointer, NOTHING, type Outcome, same, type Tool } from "./tool.ts";

export interface MeasureState {
  /** The path that is measured; it stays until the next one. */
  readonly points: readonly XY[];
  /** Where the button is down, or the pointer after the first click: the leg that is being made. */
  readonly to: XY | null;
  readonly pressed: boolean;
  /** The next click begins anew. */
  readonly done: boolean;
}

const START: MeasureState = { points: [], to: null, pressed: false, done: true };

function press(state: MeasureState, at: XY): Outcome<MeasureState> {
  if (state.done || state.points.length === 0) {
    return same({ points: [at], to: at, pressed: true, done: false });
  }
  return same({ ...state, to: at, pressed: true });
}

function release(state: MeasureState, at: XY, slack: number): Outcome<MeasureState> {
  const last = state.points.at(-1);
  if (!state.pressed || !last) return same(state);
  const far = distance(last, at) > slack / 2;
  if (state.points.length === 1 && state.to === last && !far) {
    return same({ ...state, to: null, pressed: false });
  }
  if (!far) return same({ ...state, to: null, pressed: false, done: state.points.length > 1 });
  return same({ points: [...state.points, at], to: null, pressed: false, done: false });
}

function pathOf({ points, to }: MeasureState): readonly XY[] {
  return to ? [...points, to] : points;
}

function words(path: readonly XY[], spacing: XY | null): string | null {
  const found = measured(path, spacing);
  return found && found.length > 0 ? inWords(found) : null;
}

/** A ruler: it draws nothing that is kept. */
export const measure: Tool<MeasureState> = {
  name: "measure",
  label: "Ruler",
  makes: [],
  cursor: "crosshair",
  hint: "Drag, or click two points; more clicks make a path, Enter or a double click ends it. Escape takes it away.",
  start: START,
  busy: (state) => state.points.length > 0,

  reduce(state, event, { size }) {
    if (event.type === "cancel") return same(START);
    if (event.type === "back") {
      const points = state.points.slice(0, -1);
      return same(points.length > 0 ? { ...state, points, to: null, done: false } : START);
    }
    if (event.type === "finish") return same({ ...state, to: null, done: true });
    if (!isPointer(event)) return same(state);
    const at = clampPoint(event.at, size);
    if (event.type === "double") return same({ ...state, to: null, pressed: false, done: true });
    if (event.type === "down") return press(state, at);
    if (event.type === "up") return release(state, at, event.slack);
    // The pointer draws a leg along while the button is down, and between the first two clicks.
    const drawing = state.pressed || (!state.done && state.points.length === 1);
    return drawing ? same({ ...state, to: at }) : same(state);
  },

  preview(state, { spacing }) {
    if (state.points.length === 0) return NOTHING;
    const path = pathOf(state);
    const label = words(path, spacing);
    return {
      ...NOTHING,
      points: state.points,
      guides: [{ points: path, ...(label ? { label } : {}) }],
    };
  },

  says: (state, { spacing }) => words(pathOf(state), spacing),
};
