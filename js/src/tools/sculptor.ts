import type { Polygon, XY } from "../document/types.ts";
import { distance } from "../geometry/points.ts";
import { type Contour, sculpt, toolAt } from "../geometry/sculpt.ts";
import { isSimple } from "../geometry/simple.ts";
import { chosen } from "./carving.ts";
import { pointsOf } from "./shaping.ts";
import {
  type Effect,
  isPointer,
  NOTHING,
  type PointerToolEvent,
  type Scene,
  same,
  type Tool,
} from "./tool.ts";

interface Held {
  readonly id: string;
  readonly contour: Contour;
  readonly radius: number;
  /** The polygon as it was when it was pressed, and as it is now. */
  readonly before: Polygon;
  readonly now: Polygon;
}

export interface SculptorState {
  readonly held: Held | null;
  readonly hover: XY | null;
}

const START: SculptorState = { held: null, hover: null };

/** A polygon of more points cannot be pushed as fast as a hand moves. */
const MOST_POINTS = 20_000;
/** One move of the pointer is gone in as many steps at most, each half a tool wide. */
const MOST_STEPS = 24;

/** The selected polygon whose contour is nearest, and the tool there. */
function nearest(at: XY, scene: Scene): Held | null {
  let best: Held | null = null;
  for (const [id, polygon] of chosen(scene)) {
    if (pointsOf(polygon) > MOST_POINTS) continue;
    const tool = toolAt(polygon, at);
    if (tool && (!best || tool.radius < best.radius))
      best = { id, ...tool, before: polygon, now: polygon };
  }
  return best;
}

/** Why a polygon cannot be sculpted, null where it can. */
function hindrance(polygon: Polygon): string | null {
  if (pointsOf(polygon) > MOST_POINTS)
    return "This polygon has too many points to sculpt. Simplify it first.";
  return isSimple(polygon) ? null : "This polygon crosses itself and cannot be sculpted.";
}

function press(state: SculptorState, event: PointerToolEvent, scene: Scene) {
  let held = nearest(event.at, scene);
  const effects: Effect[] = [];
  if (!held) {
    const id = scene.pick(event.at, event.slack);
    const annotation = id ? scene.get(id) : undefined;
    if (!id || annotation?.geometry.type !== "polygon")
      return same(state, { type: "say", text: "Click the polygon that you want to sculpt." });
    effects.push({ type: "select", ids: [id] });
    const { geometry } = annotation;
    const hindered = hindrance(geometry);
    if (hindered) return same(state, ...effects, { type: "say", text: hindered });
    const tool = annotation.state === "locked" ? null : toolAt(geometry, event.at);
    if (!tool) return same(state, ...effects);
    held = { id, ...tool, before: geometry, now: geometry };
  }
  const hindered = hindrance(held.now);
  if (hindered) return same(state, { type: "say", text: hindered });
  return same({ held, hover: event.at }, ...effects);
}

/** Push along the way from where the tool was, in steps that leave nothing out. */
function push(held: Held, from: XY, to: XY, scene: Scene): Held {
  const way = distance(from, to);
  const steps = Math.max(1, Math.min(MOST_STEPS, Math.ceil(way / (held.radius / 2))));
  let { now } = held;
  for (let step = 1; step <= steps; step++) {
    const t = step / steps;
    const at: XY = [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])];
    now = sculpt(now, held.contour, at, held.radius, scene.size);
  }
  return { ...held, now };
}

export const sculptor: Tool<SculptorState> = {
  name: "sculptor",
  label: "Sculptor",
  makes: ["polygon"],
  again: "freehand",
  cursor: "crosshair",
  hint: "Press near a contour and push it, from inside or outside: the nearer, the smaller the tool.",
  start: START,
  hovers: true,
  busy: (state) => state.held !== null,

  reduce(state, event, scene) {
    if (!isPointer(event)) {
      const stop = event.type === "cancel" || event.type === "back";
      return same(stop ? { ...state, held: null } : state);
    }
    const { held, hover } = state;
    switch (event.type) {
      case "down":
        return press(state, event, scene);
      case "move":
        if (!held || !event.pressed) return same({ held: null, hover: event.at });
        return same({ held: push(held, hover ?? event.at, event.at, scene), hover: event.at });
      case "up": {
        if (!held) return same(state);
        const { id, before, now } = push(held, hover ?? event.at, event.at, scene);
        const done = { held: null, hover: event.at };
        return now === before ? same(done) : same(done, { type: "update", shapes: [[id, now]] });
      }
      default:
        return same(state);
    }
  },

  preview({ held, hover }, scene) {
    if (!hover) return NOTHING;
    const tool = held ?? nearest(hover, scene);
    if (!tool) return NOTHING;
    const changed = held ? new Map([[held.id, held.now]]) : NOTHING.changed;
    return { ...NOTHING, changed, tip: { at: hover, radius: tool.radius, shape: "round" } };
  },

  says: (_, scene) =>
    chosen(scene).length === 0 ? "Click the polygon that you want to sculpt." : null,
};
