import type { Geometry, Origin, Polygon, XY } from "../document/types.ts";
import { ringArea } from "../geometry/area.ts";
import { repair } from "../geometry/boolean.ts";
import { distance } from "../geometry/points.ts";
import { inWindow, type ScissorsMap, trace } from "../geometry/scissors.ts";
import { isSimple } from "../geometry/simple.ts";
import { thin } from "../geometry/simplify.ts";
import { clampPoint } from "../geometry/transform.ts";
import type { Answer } from "./kernel_call.ts";
import { areaStroke } from "./lasso.ts";
import type { Option } from "./option.ts";
import {
  isPointer,
  NOTHING,
  type Outcome,
  type PointerToolEvent,
  type Scene,
  same,
  type Tool,
} from "./tool.ts";

export interface LivewireState {
  /** What is fixed of the outline. */
  readonly points: readonly XY[];
  /** After each click, how many points were fixed. */
  readonly counts: readonly number[];
  /** The way back to the last click; null while the kernel computes it, or where it cannot. */
  readonly map: ScissorsMap | null;
  readonly hover: XY | null;
  /** The pointer is on the first point: a click closes. */
  readonly closing: boolean;
  /** Shift is held: the next stretch is straight. */
  readonly straight: boolean;
  readonly turn: number;
  readonly waiting: boolean;
  readonly origin: Origin | null;
}

const START: LivewireState = {
  points: [],
  counts: [],
  map: null,
  hover: null,
  closing: false,
  straight: false,
  turn: 0,
  waiting: false,
  origin: null,
};

const OPTIONS: readonly Option[] = [
  {
    ...{ type: "number", name: "window", label: "Reach" },
    ...{ min: 64, max: 1024, step: 64, value: 512, unit: "px", keys: "size" },
  },
  {
    ...{ type: "number", name: "coarseness", label: "Coarseness" },
    ...{ min: 0, max: 20, step: 0.25, value: 1, unit: "px", keys: "fineness" },
  },
];

type Kind = "polygon" | "polyline" | "mask";

/** What is drawn, by the class. */
function kindOf({ target }: Scene): Kind {
  if (target?.tool === "mask" || target?.tool === "volumemask") return "mask";
  return target?.tool === "polyline" ? target.tool : "polygon";
}

/** Answers to an earlier outline must not be taken for those to the next one. */
function anew({ turn }: LivewireState): LivewireState {
  return { ...START, turn };
}

function mapOf({ arrays }: Answer): ScissorsMap | null {
  const { directions, origin } = arrays;
  const [height, width] = directions?.shape ?? [];
  if (!(directions?.values instanceof Uint8Array) || !height || !width || !origin) return null;
  const [x, y] = origin.values;
  if (x === undefined || y === undefined) return null;
  return { directions: directions.values, width, height, x, y };
}

/** The points from the last click to a place, without that click itself. */
function stretch(state: LivewireState, to: XY, coarseness: number): readonly XY[] {
  const { map, points } = state;
  const last = points.at(-1);
  const wire = map && !state.straight ? trace(map, to) : null;
  const from = wire?.[0];
  // A map of another seed than the last click is none for this stretch.
  if (!map || !wire || !last || !from || distance(from, last) > 1) return [to];
  const line = inWindow(map, to) ? wire : [...wire, to];
  return thin([last, ...line.slice(1)], coarseness).slice(1);
}

function coarsenessOf({ settings }: Scene): number {
  return Number(settings.coarseness ?? 1);
}

/** The middle of the pixel, where wires begin and end. */
function middle(at: XY, { size }: Scene): XY {
  const [x, y] = clampPoint(at, size);
  return [
    Math.min(Math.floor(x), size.width - 1) + 0.5,
    Math.min(Math.floor(y), size.height - 1) + 0.5,
  ];
}

function ask(state: LivewireState): Outcome<LivewireState> {
  const last = state.points.at(-1);
  if (!last) return same(anew(state), { type: "unask" });
  const turn = state.turn + 1;
  return same(
    { ...state, map: null, turn, waiting: true },
    {
      ...{ type: "ask", turn, tool: "livewire" },
      prompt: { clicks: [{ x: last[0], y: last[1], positive: true }] },
    },
  );
}

function closes(state: LivewireState, { at, slack }: PointerToolEvent, scene: Scene): boolean {
  const first = state.points[0];
  const near = state.counts.length >= 2 && !!first && distance(first, at) <= slack;
  return near && kindOf(scene) !== "polyline";
}

function press(
  state: LivewireState,
  event: PointerToolEvent,
  scene: Scene,
): Outcome<LivewireState> {
  const now = { ...state, straight: event.shift };
  if (closes(state, event, scene)) return finish(now, scene);
  const at = middle(event.at, scene);
  const last = state.points.at(-1);
  // The second click of a double one.
  if (last && distance(last, at) <= Math.max(1, event.slack / 4)) return same(state);
  const more = last ? stretch(now, at, coarsenessOf(scene)) : [at];
  const points = [...state.points, ...more];
  return ask({
    ...now,
    points,
    counts: [...state.counts, points.length],
    hover: at,
    closing: false,
  });
}

function back(state: LivewireState): Outcome<LivewireState> {
  const counts = state.counts.slice(0, -1);
  const points = state.points.slice(0, counts.at(-1) ?? 0);
  return ask({ ...state, counts, points, closing: false });
}

function finish(state: LivewireState, scene: Scene): Outcome<LivewireState> {
  const first = state.points[0];
  if (!first) return same(anew(state));
  const kind = kindOf(scene);
  if (state.counts.length < 2) {
    return same(state, { type: "say", text: "Click at another place along the edge first." });
  }
  const parameters = { ...state.origin?.parameters, coarseness: coarsenessOf(scene) };
  const origin: Origin = { kind: "tool", name: "livewire", ...state.origin, parameters };
  if (kind === "polyline") {
    const geometry: Geometry = { type: "polyline", points: state.points };
    return same(anew(state), { type: "unask" }, { type: "create", geometry, origin });
  }
  const ring = [...state.points, ...stretch(state, first, coarsenessOf(scene)).slice(0, -1)];
  if (kind === "mask") {
    const effect = areaStroke(ring, false, scene);
    if (effect.type !== "stroke") return same(state, effect);
    return same(anew(state), { type: "unask" }, { ...effect, origin });
  }
  const geometry = sound(ring);
  if (!geometry) {
    return same(state, { type: "say", text: "The outline needs to go around at least one pixel." });
  }
  return same(anew(state), { type: "unask" }, { type: "create", geometry, origin });
}

/** The polygon of a ring; wires run along the same edge at times, which is mended. */
function sound(ring: readonly XY[]): Polygon | null {
  const polygon: Polygon = { type: "polygon", parts: [[ring]] };
  if (ring.length >= 3 && isSimple(polygon)) return ringArea(ring) >= 1 ? polygon : null;
  const mended = repair(polygon);
  if (!mended.ok) return null;
  const parts = mended.value.parts.filter(([outer]) => outer && ringArea(outer) >= 1);
  return parts.length > 0 ? { type: "polygon", parts } : null;
}

export const livewire: Tool<LivewireState> = {
  name: "livewire",
  label: "Live wire",
  makes: ["polygon", "polyline", "mask"],
  cursor: "crosshair",
  hint: "Click along an edge: the wire clings to it. The first point or Enter closes; Shift: straight.",
  start: START,
  options: OPTIONS,
  computes: "livewire",
  busy: (state) => state.points.length > 0,
  says: ({ points, waiting }) =>
    points.length > 0 && waiting ? "Looking for edges… Shift-click draws straight." : null,

  reduce(state, event, scene) {
    if (!isPointer(event)) {
      switch (event.type) {
        case "cancel":
          return same(anew(state), { type: "unask" });
        case "back":
          return state.points.length > 0 ? back(state) : same(state);
        case "finish":
          return finish(state, scene);
        case "settings":
          return state.points.length > 0 ? ask(state) : same(state);
        case "answer": {
          if (event.turn !== state.turn) return same(state);
          const { tool, version, parameters } = event.answer;
          const origin: Origin = { kind: "tool", name: tool, version, parameters };
          return same({ ...state, map: mapOf(event.answer), waiting: false, origin });
        }
        case "failed":
          if (event.turn !== state.turn) return same(state);
          return same(
            { ...state, waiting: false },
            { type: "say", text: event.message, kind: "warning" },
          );
        default:
          return same(state);
      }
    }
    switch (event.type) {
      case "down":
        return press(state, event, scene);
      case "double":
        return state.points.length > 0 ? finish(state, scene) : same(state);
      case "move": {
        const hover = clampPoint(event.at, scene.size);
        const closing = closes(state, event, scene);
        return same({ ...state, hover, closing, straight: event.shift });
      }
      default:
        return same(state);
    }
  },

  preview(state, scene) {
    const { points, counts, hover, closing, waiting } = state;
    if (points.length === 0) return NOTHING;
    const to = closing ? points[0] : hover;
    const line = to ? [...points, ...stretch(state, to, coarsenessOf(scene))] : points;
    const clicked = counts.map((count) => points[count - 1] as XY);
    return {
      ...NOTHING,
      draft: { type: "polyline", points: line },
      points: clicked,
      closing,
      waiting,
    };
  },
};
