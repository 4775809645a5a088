import type { Geometry, XY } from "../document/types.ts";
import { measuredWords } from "../geometry/measured_words.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import { clampPoint, type Size } from "../geometry/transform.ts";
import {
  isPointer,
  NOTHING,
  type Outcome,
  type PointerToolEvent,
  type Scene,
  same,
  type Tool,
} from "./tool.ts";

/** A measurement that is being made, point by point; a drag makes two. */
export interface MeasuringState {
  readonly points: readonly XY[];
  readonly to: XY | null;
  readonly pressed: boolean;
}

const START: MeasuringState = { points: [], to: null, pressed: false };
/** Shift keeps a line to steps of this. */
const STEP = Math.PI / 4;

interface Kind {
  readonly name: "ruler" | "angle" | "bidirectional";
  readonly label: string;
  readonly hint: string;
  readonly says: readonly string[];
  /** How many points it has. */
  readonly count: number;
}

/** Where the next point goes: the last end of a short axis stays at a right angle to the long one. */
function placed(state: MeasuringState, event: PointerToolEvent, scene: Scene, kind: Kind): XY {
  const at = clampPoint(event.at, scene.size);
  const [a, b, c] = state.points;
  if (kind.name === "bidirectional" && a && b && c)
    return within(c, square(a, b, c, at, scene.spacing ?? [1, 1]), scene.size);
  const last = state.points.at(-1);
  if (!event.shift || !last) return at;
  const [dx, dy] = [at[0] - last[0], at[1] - last[1]];
  const turn = Math.round(Math.atan2(dy, dx) / STEP) * STEP;
  const along = dx * Math.cos(turn) + dy * Math.sin(turn);
  const end: XY = [last[0] + along * Math.cos(turn), last[1] + along * Math.sin(turn)];
  return within(last, end, scene.size);
}

/** A line that leaves the picture ends at its edge, in the same direction. */
function within(from: XY, to: XY, { width, height }: Size): XY {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const room = (start: number, way: number, end: number) =>
    way === 0 ? 1 : ((way > 0 ? end : 0) - start) / way;
  const part = Math.max(0, Math.min(1, room(from[0], dx, width), room(from[1], dy, height)));
  return [from[0] + part * dx, from[1] + part * dy];
}

/** The place on the line through `from`, at a right angle to that from a to b, nearest to `at`. */
function square(a: XY, b: XY, from: XY, at: XY, [sx, sy]: XY): XY {
  // A right angle of the patient: pixels need not be square.
  const [px, py] = [-(b[1] - a[1]) * sy, (b[0] - a[0]) * sx];
  const length = px * px + py * py;
  if (length === 0) return at;
  const along = ((at[0] - from[0]) * sx * px + (at[1] - from[1]) * sy * py) / length;
  return [from[0] + (along * px) / sx, from[1] + (along * py) / sy];
}

function geometryOf(kind: Kind, points: readonly XY[]): Geometry {
  if (kind.name !== "bidirectional") return { type: "polyline", points };
  return { type: "keypoints", points: points.map(([x, y]) => [x, y, 2] as const) };
}

function add(state: MeasuringState, at: XY, kind: Kind): Outcome<MeasuringState> {
  const points = [...state.points, roundPoint(at)];
  if (points.length < kind.count) return same({ ...state, points, to: at });
  return same(START, { type: "create", geometry: geometryOf(kind, points) });
}

/** The lines between the points so far. */
function lines({ points, to }: MeasuringState, { name }: Kind): (readonly XY[])[] {
  const path = to ? [...points, to] : points;
  if (name !== "bidirectional") return [path];
  return [path.slice(0, 2), path.slice(2)].filter((line) => line.length > 0);
}

function words(state: MeasuringState, kind: Kind, { spacing }: Scene): string {
  const path = state.to ? [...state.points, state.to] : state.points;
  if (path.length === kind.count) return measuredWords(kind.name, geometryOf(kind, path), spacing);
  if (kind.name === "angle" || path.length < 2) return "";
  return measuredWords("ruler", { type: "polyline", points: path.slice(0, 2) }, spacing);
}

function measuringTool(kind: Kind): Tool<MeasuringState> {
  return {
    name: kind.name,
    label: kind.label,
    makes: [kind.name],
    cursor: "crosshair",
    hint: kind.hint,
    start: START,
    busy: (state) => state.points.length > 0,

    reduce(state, event, scene) {
      if (event.type === "cancel") return same(START);
      if (event.type === "back") {
        const points = state.points.slice(0, -1);
        return same(points.length > 0 ? { points, to: null, pressed: false } : START);
      }
      if (!isPointer(event) || event.type === "double") return same(state);
      const at = placed(state, event, scene, kind);
      const last = state.points.at(-1);
      if (event.type === "move") return same(last ? { ...state, to: at } : state);
      if (event.type === "down") {
        // The second click of a double one.
        if (last && distance(last, at) <= event.slack / 4) return same({ ...state, pressed: true });
        return add({ ...state, pressed: true }, at, kind);
      }
      if (!state.pressed || !last) return same(state);
      const now = { ...state, pressed: false };
      return distance(last, at) > event.slack / 2 ? add(now, at, kind) : same(now);
    },

    preview(state, scene) {
      if (state.points.length === 0) return NOTHING;
      const guides = lines(state, kind).map((points) => ({ points }));
      const label = words(state, kind, scene);
      const end = state.to ?? state.points.at(-1);
      const said = label && end ? [{ points: [end], label }] : [];
      return { ...NOTHING, points: state.points, guides: [...guides, ...said] };
    },

    says: (state, scene) => words(state, kind, scene) || (kind.says[state.points.length] ?? null),
  };
}

export const ruler = measuringTool({
  name: "ruler",
  label: "Length",
  hint: "Drag from end to end, or click both. Shift: level, upright or diagonal.",
  says: ["Drag from end to end, or click both."],
  count: 2,
});

export const angle = measuringTool({
  name: "angle",
  label: "Angle",
  hint: "Click an end, the corner and the other end.",
  says: ["Click the first end.", "Click the corner.", "Click the other end."],
  count: 3,
});

export const bidirectional = measuringTool({
  name: "bidirectional",
  label: "Long and short axis",
  hint: "Drag along the longest axis, then across it: the second line stays at a right angle.",
  says: [
    "Drag along the longest axis.",
    "Its other end.",
    "Now drag across it.",
    "Its other end, at a right angle.",
  ],
  count: 4,
});
