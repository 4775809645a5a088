import type { Annotation, Geometry, XY } from "../document/types.ts";
import { type Box, bounds, boxBetween, union } from "../geometry/bounds.ts";
import { distance, nearestOnSegment } from "../geometry/points.ts";
import { isSimple } from "../geometry/simple.ts";
import {
  clampPoint,
  type HandleName,
  insertVertex,
  keepOnImage,
  moveVertex,
  onImage,
  rectangleHandles,
  removeVertex,
  resizeRectangle,
  type Size,
  translate,
  type Vertex,
  vertices,
} from "../geometry/transform.ts";
import {
  NOTHING,
  type Outcome,
  type PointerToolEvent,
  type Preview,
  type Scene,
  same,
  type Tool,
  type ToolEvent,
} from "./tool.ts";

interface VertexInHand {
  readonly id: string;
  readonly vertex: Vertex;
}

export type SelectState =
  | { readonly phase: "idle"; readonly vertex: VertexInHand | null }
  | {
      readonly phase: "move";
      readonly ids: readonly string[];
      readonly from: XY;
      readonly to: XY;
      readonly click: readonly string[] | null;
    }
  | {
      readonly phase: "resize";
      readonly id: string;
      readonly handle: HandleName;
      readonly to: XY;
      readonly square: boolean;
    }
  | {
      readonly phase: "vertex";
      readonly id: string;
      readonly vertex: Vertex;
      readonly from: XY;
      readonly to: XY;
    }
  | {
      readonly phase: "marquee";
      readonly from: XY;
      readonly to: XY;
      readonly keep: readonly string[];
    };

const IDLE: SelectState = { phase: "idle", vertex: null };
const LOCKED = "This object is locked. Unlock it in the object list (Shift+L) to change it.";

function editable(annotation: Annotation | undefined): annotation is Annotation {
  return !!annotation && annotation.state !== "locked";
}

/** The handle of the only selected shape under the pointer. */
function grab(scene: Scene, event: PointerToolEvent): SelectState | null {
  const [id, ...others] = scene.selection;
  if (!id || others.length > 0) return null;
  const annotation = scene.get(id);
  if (!annotation) return null;
  const { geometry } = annotation;
  if (geometry.type === "rectangle") {
    const hit = nearest(rectangleHandles(geometry), event.at, event.slack, ([, at]) => at);
    return hit && { phase: "resize", id, handle: hit[0], to: event.at, square: event.shift };
  }
  const vertex = nearest(vertices(geometry), event.at, event.slack, (one) => one.at);
  return vertex && { phase: "vertex", id, vertex, from: event.at, to: vertex.at };
}

function nearest<T>(items: readonly T[], at: XY, slack: number, place: (item: T) => XY): T | null {
  let best: T | null = null;
  let least = slack;
  for (const item of items) {
    const gap = distance(place(item), at);
    if (gap <= least) {
      least = gap;
      best = item;
    }
  }
  return best;
}

/** Where on the lines of a shape a new vertex would go. */
export function edgeAt(geometry: Geometry, at: XY, slack: number): Vertex | null {
  let best: Vertex | null = null;
  let least = slack;
  const rings =
    geometry.type === "polygon"
      ? geometry.parts.flatMap((part, p) =>
          part.map((points, r) => ({ p, r, points, closed: true })),
        )
      : geometry.type === "polyline"
        ? [{ p: 0, r: 0, points: geometry.points, closed: false }]
        : [];
  for (const { p, r, points, closed } of rings) {
    for (let i = closed ? 0 : 1; i < points.length; i++) {
      const a = points[i === 0 ? points.length - 1 : i - 1];
      const b = points[i];
      if (!a || !b) continue;
      const on = nearestOnSegment(at, a, b);
      const gap = distance(on, at);
      if (gap <= least) {
        least = gap;
        best = { part: p, ring: r, index: i === 0 ? points.length : i, at: on };
      }
    }
  }
  return best;
}

function press(scene: Scene, event: PointerToolEvent): Outcome<SelectState> {
  const only = scene.selection.length === 1 ? scene.get(scene.selection[0] ?? "") : undefined;
  const held = grab(scene, event);
  if (held && (!event.shift || held.phase === "resize")) {
    if (!editable(only)) return same(IDLE, { type: "say", text: LOCKED });
    if (event.ctrl && held.phase === "vertex") return deleteVertex(only, held.vertex);
    return same(held);
  }
  if (event.ctrl && only) {
    const edge = edgeAt(only.geometry, event.at, event.slack);
    if (edge) {
      if (!editable(only)) return same(IDLE, { type: "say", text: LOCKED });
      const geometry = insertVertex(only.geometry, edge);
      return same<SelectState>(
        { phase: "idle", vertex: { id: only.id, vertex: edge } },
        { type: "update", shapes: [[only.id, geometry]] },
      );
    }
  }
  const id = scene.pick(event.at, event.slack);
  if (!id) {
    const keep = event.shift ? scene.selection : [];
    return same<SelectState>({ phase: "marquee", from: event.at, to: event.at, keep });
  }
  const selected = scene.selection.includes(id);
  if (event.shift) {
    const ids = selected
      ? scene.selection.filter((other) => other !== id)
      : [...scene.selection, id];
    return same(IDLE, { type: "select", ids });
  }
  const ids = selected ? scene.selection : [id];
  const state: SelectState = {
    phase: "move",
    ids,
    from: event.at,
    to: event.at,
    click: selected ? [id] : null,
  };
  return selected ? same(state) : same(state, { type: "select", ids });
}

function deleteVertex(annotation: Annotation, vertex: Vertex): Outcome<SelectState> {
  const geometry = removeVertex(annotation.geometry, vertex);
  if (!geometry) {
    return same(IDLE, {
      type: "say",
      text: "A polygon needs at least three points; Delete removes it whole.",
    });
  }
  if (geometry.type === "polygon" && !isSimple(geometry)) {
    return same(IDLE, { type: "say", text: "Without this vertex two edges would cross." });
  }
  return same(IDLE, { type: "update", shapes: [[annotation.id, geometry]] });
}

/** The shapes as the gesture would leave them. */
function changed(state: SelectState, scene: Scene): Map<string, Geometry> {
  const result = new Map<string, Geometry>();
  if (state.phase === "move") {
    const shapes = state.ids.map((id) => scene.get(id)).filter(editable);
    const box = union(shapes.map((one) => bounds(one.geometry)));
    if (!box) return result;
    const [dx, dy] = keepOnImage(
      box,
      state.to[0] - state.from[0],
      state.to[1] - state.from[1],
      scene.size,
    );
    if (dx === 0 && dy === 0) return result;
    for (const one of shapes) {
      const moved = translate(one.geometry, dx, dy);
      if (moved !== one.geometry) result.set(one.id, moved);
    }
  } else if (state.phase === "resize") {
    const geometry = scene.get(state.id)?.geometry;
    if (geometry?.type !== "rectangle") return result;
    const to = geometry.angle ? state.to : clampPoint(state.to, scene.size);
    const made = resizeRectangle(geometry, state.handle, to, state.square);
    if (made.width >= 1 && made.height >= 1) result.set(state.id, shrinkToImage(made, scene.size));
  } else if (state.phase === "vertex") {
    const annotation = scene.get(state.id);
    if (annotation && distance(state.to, state.vertex.at) > 0) {
      result.set(
        state.id,
        moveVertex(annotation.geometry, state.vertex, clampPoint(state.to, scene.size)),
      );
    }
  }
  return result;
}

/** A square pulled from one corner may leave the image on the other axis. */
function shrinkToImage(geometry: Geometry, size: Size): Geometry {
  if (geometry.type !== "rectangle" || geometry.angle || onImage(geometry, size)) return geometry;
  const x = Math.max(0, geometry.x);
  const y = Math.max(0, geometry.y);
  return {
    ...geometry,
    x,
    y,
    width: Math.min(geometry.x + geometry.width, size.width) - x,
    height: Math.min(geometry.y + geometry.height, size.height) - y,
  };
}

function release(state: SelectState, scene: Scene): Outcome<SelectState> {
  if (state.phase === "marquee") {
    const box = boxBetween(state.from, state.to);
    const ids = new Set([...state.keep, ...(box.maxX > box.minX ? scene.within(box) : [])]);
    return same(IDLE, { type: "select", ids: [...ids] });
  }
  const shapes = [...changed(state, scene)];
  if (shapes.length === 0) {
    if (state.phase === "move") {
      const locked = state.ids.some((id) => scene.get(id)?.state === "locked");
      if (locked && distance(state.from, state.to) > 0)
        return same(IDLE, { type: "say", text: LOCKED });
      if (state.click) return same(IDLE, { type: "select", ids: state.click });
    }
    if (state.phase === "vertex") {
      return same<SelectState>({ phase: "idle", vertex: { id: state.id, vertex: state.vertex } });
    }
    return same(IDLE);
  }
  if (shapes.some(([, geometry]) => geometry.type === "polygon" && !isSimple(geometry))) {
    return same(IDLE, {
      type: "say",
      text: "Edges may not cross: the vertex went back to where it was.",
    });
  }
  const next: SelectState =
    state.phase === "vertex"
      ? { phase: "idle", vertex: { id: state.id, vertex: { ...state.vertex, at: state.to } } }
      : IDLE;
  return same(next, { type: "update", shapes });
}

function follow(state: SelectState, event: PointerToolEvent): SelectState {
  switch (state.phase) {
    case "idle":
      return state;
    case "resize":
      return { ...state, to: event.at, square: event.shift };
    case "move": {
      // A hand is never quite still: what moves less than a click's slack is a click.
      const far =
        distance(state.to, state.from) > 0 || distance(event.at, state.from) > event.slack / 2;
      return far ? { ...state, to: axis(state.from, event), click: null } : state;
    }
    case "vertex": {
      const far =
        distance(state.to, state.vertex.at) > 0 || distance(event.at, state.from) > event.slack / 3;
      return far ? { ...state, to: event.at } : state;
    }
    default:
      return { ...state, to: event.at };
  }
}

/** With Shift a shape moves along one axis only. */
function axis(from: XY, event: PointerToolEvent): XY {
  if (!event.shift) return event.at;
  const across = Math.abs(event.at[0] - from[0]) >= Math.abs(event.at[1] - from[1]);
  return across ? [event.at[0], from[1]] : [from[0], event.at[1]];
}

export const select: Tool<SelectState> = {
  name: "select",
  cursor: "default",
  hint: "Drag to move, handles to reshape. Ctrl-click: delete or insert a vertex. Shift: several.",
  start: IDLE,
  busy: (state) => state.phase !== "idle" || state.vertex !== null,

  reduce(state, event: ToolEvent, scene) {
    switch (event.type) {
      case "cancel":
      case "finish":
        return same(IDLE);
      case "back": {
        const held = state.phase === "idle" ? state.vertex : null;
        const annotation = held ? scene.get(held.id) : undefined;
        return held && editable(annotation) ? deleteVertex(annotation, held.vertex) : same(IDLE);
      }
      case "double":
        return same(state);
      case "down":
        return press(scene, event);
      case "move":
        return same(event.pressed ? follow(state, event) : state);
      default:
        return release(follow(state, event), scene);
    }
  },

  preview(state, scene): Preview {
    const shapes = changed(state, scene);
    const marquee: Box | null = state.phase === "marquee" ? boxBetween(state.from, state.to) : null;
    const invalid = [...shapes.values()].some(
      (one) => one.type === "polygon" && one.parts.length < 200 && !isSimple(one),
    );
    const vertex = state.phase === "idle" ? state.vertex : null;
    return { ...NOTHING, changed: shapes, marquee, invalid, vertex };
  },
};
