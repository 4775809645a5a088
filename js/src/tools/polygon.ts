import type { XY } from "../document/types.ts";
import { ringArea } from "../geometry/area.ts";
import { crossing } from "../geometry/crossing.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import type { Snap } from "../geometry/snapping.ts";
import { clampPoint } from "../geometry/transform.ts";
import { carve, type Purpose, purposeOf } from "./carving.ts";
import { SNAP, snapAt, snapGuides, toggleSnap, waysBetween } from "./snapping.ts";
import {
  isPointer,
  NOTHING,
  type Outcome,
  type PointerToolEvent,
  type Scene,
  same,
  type Tool,
  type ToolEvent,
} from "./tool.ts";

/** Which way along a border a click goes: straight there, the shorter or the longer one. */
type Trace = "straight" | "shorter" | "longer";

export interface PolygonState {
  readonly points: readonly XY[];
  readonly hover: XY | null;
  /** The pointer is on the first point: a click closes. */
  readonly closing: boolean;
  readonly purpose: Purpose;
  readonly snap: Snap | null;
  readonly slack: number;
  readonly trace: Trace;
  /** Alt is held: a click goes along a border as if the key had been pressed. */
  readonly alt: boolean;
  /** How many points each click put in, so that one step back takes as many. */
  readonly strides: readonly number[];
}

const START: PolygonState = {
  points: [],
  hover: null,
  closing: false,
  purpose: "new",
  snap: null,
  slack: 0,
  trace: "straight",
  alt: false,
  strides: [],
};

const NEXT: Readonly<Record<Trace, Trace>> = {
  straight: "shorter",
  shorter: "longer",
  longer: "straight",
};

function close(state: PolygonState, scene: Scene): Outcome<PolygonState> {
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
  return same(START, ...carve(points, state.purpose, scene));
}

function traceOf({ trace, alt }: PolygonState): Trace {
  return alt && trace === "straight" ? "shorter" : trace;
}

/** The points that a click puts in, the last of them where the pointer is. */
function step(state: PolygonState, to: XY, scene: Scene): readonly XY[] {
  const last = state.points.at(-1);
  const trace = traceOf(state);
  const ways = last && trace !== "straight" ? waysBetween(last, to, scene) : null;
  if (!ways) return [to];
  return [...ways[trace === "longer" ? 1 : 0].map(roundPoint), to];
}

function add(state: PolygonState, event: PointerToolEvent, scene: Scene): Outcome<PolygonState> {
  const to = roundPoint(state.hover ?? event.at);
  const last = state.points.at(-1);
  if (last && distance(last, to) === 0) return same(state);
  const put = step(state, to, scene);
  const points = [...state.points, ...put];
  if (crossing(points, false)) {
    return same(state, { type: "say", text: "That edge would cross another." });
  }
  const purpose = last ? state.purpose : purposeOf(event, scene);
  const strides = [...state.strides, put.length];
  return same({ ...state, points, strides, purpose, closing: false, trace: "straight" });
}

function back(state: PolygonState): PolygonState {
  const strides = state.strides.slice(0, -1);
  const points = state.points.slice(0, -(state.strides.at(-1) ?? 1));
  return points.length > 0 ? { ...state, points, strides, closing: false } : START;
}

/** The state with the pointer where it is now: snapped, on the first point, on a border. */
function follow(state: PolygonState, event: PointerToolEvent, scene: Scene): PolygonState {
  const first = state.points[0];
  const closing = state.points.length >= 3 && !!first && distance(first, event.at) <= event.slack;
  const snapped = closing ? null : snapAt(event, scene);
  const hover = clampPoint(snapped?.at ?? event.at, scene.size);
  const alt = state.points.length > 0 && event.alt;
  return { ...state, closing, snap: snapped, hover, slack: event.slack, alt };
}

export const polygon: Tool<PolygonState> = {
  name: "polygon",
  label: "Polygon",
  makes: ["polygon"],
  cursor: "crosshair",
  hint: "Click point by point; the first one or Enter closes. Alt at the start: a hole. Shift: add.",
  start: START,
  options: [SNAP],
  hovers: true,
  busy: (state) => state.points.length > 0,

  reduce(state, event: ToolEvent, scene) {
    if (isPointer(event) && event.type !== "double") {
      const now = follow(state, event, scene);
      if (event.type === "down") return now.closing ? close(now, scene) : add(now, event, scene);
      return same(now);
    }
    switch (event.type) {
      case "cancel":
        return same(START);
      case "back":
        return same(back(state));
      case "finish":
      case "double":
        return state.points.length > 0 ? close(state, scene) : same(state);
      case "command":
        return command(state, event.name, scene);
      default:
        return same(state);
    }
  },

  preview(state, scene) {
    const { points, hover, closing, slack } = state;
    const guides = snapGuides(state.snap, slack);
    if (points.length === 0) return guides.length > 0 ? { ...NOTHING, guides } : NOTHING;
    const line = hover && !closing ? [...points, ...step(state, hover, scene)] : points;
    const invalid = closing
      ? crossing(points, true) !== null
      : crossing(dropRepeats(line), false) !== null;
    const draft =
      line.length >= 3
        ? ({ type: "polygon", parts: [[line]] } as const)
        : ({ type: "polyline", points: line } as const);
    return { ...NOTHING, draft, points, closing, invalid, guides };
  },

  says(state, scene) {
    const { points, purpose, hover, snap } = state;
    const last = points.at(-1);
    if (!last) return null;
    if (hover && snap && waysBetween(last, hover, scene)) {
      const trace = traceOf(state);
      return trace === "straight"
        ? "Shift+B goes along the border; again: the longer way."
        : `Along the border, the ${trace} way: click to take it, Shift+B for the other.`;
    }
    if (purpose === "subtract") return "What is drawn is taken away from the selected polygons.";
    return purpose === "add" ? "What is drawn is added to the selected polygon." : null;
  },
};

function command(state: PolygonState, name: string, scene: Scene): Outcome<PolygonState> {
  if (name === "hand.snap") return toggleSnap({ ...state, snap: null }, scene);
  if (name !== "hand.trace") return same(state);
  const last = state.points.at(-1);
  if (last && state.hover && waysBetween(last, state.hover, scene))
    return same({ ...state, trace: NEXT[state.trace] });
  return same(state, {
    type: "say",
    text: "To go along a border, snap two points in a row to the same polygon (Shift+S snaps).",
  });
}

function dropRepeats(points: readonly XY[]): readonly XY[] {
  return points.filter((point, i) => {
    const before = points[i - 1];
    return !before || distance(before, point) > 0;
  });
}
