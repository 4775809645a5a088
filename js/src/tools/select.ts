import type { Annotation, Geometry, XY } from "../document/types.ts";
import { area } from "../geometry/area.ts";
import { bounds } from "../geometry/bounds.ts";
import { type Box, boxBetween, union } from "../geometry/box.ts";
import { distance, nearestOnSegment, roundPoint } from "../geometry/points.ts";
import { isSimple } from "../geometry/simple.ts";
import {
  clampPoint,
  type HandleName,
  insertVertex,
  keepOnImage,
  moveVertex,
  rectangleHandles,
  removeVertex,
  resizeOnImage,
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
      readonly from: XY;
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
    if (!hit) return null;
    const { at, shift } = event;
    return { phase: "resize", id, handle: hit[0], from: at, to: at, square: shift };
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
      const wrong = wrongWith(only.geometry, geometry);
      if (wrong) return same(IDLE, { type: "say", text: wrong });
      return same<SelectState>(
        { phase: "idle", vertex: { id: only.id, vertex: { ...edge, at: roundPoint(edge.at) } } },
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
  const wrong = wrongWith(annotation.geometry, geometry);
  if (wrong) return same(IDLE, { type: "say", text: `The vertex has to stay. ${wrong}` });
  return same(IDLE, { type: "update", shapes: [[annotation.id, geometry]] });
}

/** Why a polygon cannot become another, null where it can. */
function wrongWith(before: Geometry, after: Geometry): string | null {
  if (before.type !== "polygon" || after.type !== "polygon") return null;
  if (!isSimple(after)) return "Edges may not cross.";
  // What came in smaller than that may stay so.
  const small = area(after) < Math.min(1, area(before));
  return small ? "A polygon needs to cover at least one pixel." : null;
}

/** The shapes as the gesture would leave them. */
function changed(state: SelectState, scene: Scene): Map<string, Geometry> {
  const result = new Map<string, Geometry>();
  if (state.phase === "move") {
    const shapes = state.ids.map((id) => scene.get(id)).filter(editable);
    const box = union(shapes.map((one) => bounds(one.geometry)));
    if (!box) return result;
    const [dx, dy] = roundPoint(
      keepOnImage(box, state.to[0] - state.from[0], state.to[1] - state.from[1], scene.size),
    );
    if (dx === 0 && dy === 0) return result;
    for (const one of shapes) {
      const moved = translate(one.geometry, dx, dy);
      if (moved !== one.geometry) result.set(one.id, moved);
    }
  } else if (state.phase === "resize") {
    const annotation = scene.get(state.id);
    const still = distance(state.from, state.to) === 0;
    if (still || !editable(annotation) || annotation.geometry.type !== "rectangle") return result;
    const { handle, to, square } = state;
    const made = resizeOnImage(annotation.geometry, handle, to, square, scene.size);
    if (made.width >= 1 && made.height >= 1) result.set(state.id, made);
  } else if (state.phase === "vertex") {
    const annotation = scene.get(state.id);
    const to = landing(state.to, scene);
    if (editable(annotation) && distance(to, roundPoint(state.vertex.at)) > 0) {
      result.set(state.id, moveVertex(annotation.geometry, state.vertex, to));
    }
  }
  return result;
}

/** Where a vertex comes to lie that is let go here. */
function landing(at: XY, scene: Scene): XY {
  return roundPoint(clampPoint(at, scene.size));
}

function release(state: SelectState, scene: Scene): Outcome<SelectState> {
  if (state.phase === "idle") return same(state);
  if (state.phase === "marquee") {
    const box = boxBetween(state.from, state.to);
    const ids = new Set([...state.keep, ...(box.maxX > box.minX ? scene.within(box) : [])]);
    return same(IDLE, { type: "select", ids: [...ids] });
  }
  const shapes = [...changed(state, scene)];
  if (state.phase === "vertex") return releaseVertex(state, scene, shapes[0]);
  if (shapes.length > 0) return same(IDLE, { type: "update", shapes });
  if (state.phase === "move") {
    const locked = state.ids.some((id) => scene.get(id)?.state === "locked");
    if (locked && distance(state.from, state.to) > 0)
      return same(IDLE, { type: "say", text: LOCKED });
    if (state.click) return same(IDLE, { type: "select", ids: state.click });
  }
  return same(IDLE);
}

/** A vertex that was let go stays in hand, so that Backspace deletes it. */
function releaseVertex(
  state: Extract<SelectState, { phase: "vertex" }>,
  scene: Scene,
  shape: readonly [string, Geometry] | undefined,
): Outcome<SelectState> {
  const before = scene.get(state.id)?.geometry;
  if (before?.type !== "polygon" && before?.type !== "polyline")
    return shape ? same(IDLE, { type: "update", shapes: [shape] }) : same(IDLE);
  const held = (at: XY): SelectState => ({
    phase: "idle",
    vertex: { id: state.id, vertex: { ...state.vertex, at } },
  });
  if (!shape) return same(held(state.vertex.at));
  const wrong = wrongWith(before, shape[1]);
  if (wrong)
    return same(IDLE, { type: "say", text: `${wrong} The vertex went back to where it was.` });
  return same(held(landing(state.to, scene)), { type: "update", shapes: [shape] });
}

/** Is the vertex still where the hand took it, on the only selected shape? */
function stillThere({ id, vertex }: VertexInHand, scene: Scene): boolean {
  const annotation = scene.get(id);
  if (!annotation || scene.selection.length !== 1 || scene.selection[0] !== id) return false;
  return vertices(annotation.geometry).some(
    ({ part, ring, index, at }) =>
      part === vertex.part &&
      ring === vertex.ring &&
      index === vertex.index &&
      distance(at, vertex.at) === 0,
  );
}

function follow(state: SelectState, event: PointerToolEvent): SelectState {
  switch (state.phase) {
    case "idle":
      return state;
    case "resize": {
      const far =
        distance(state.to, state.from) > 0 || distance(event.at, state.from) > event.slack / 3;
      return { ...state, to: far ? event.at : state.to, square: event.shift };
    }
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
  label: "Select and edit",
  makes: [],
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
        return held && editable(annotation) && stillThere(held, scene)
          ? deleteVertex(annotation, held.vertex)
          : same(IDLE);
      }
      case "double":
        return same(state);
      case "down":
        return press(scene, event);
      case "move":
        return same(event.pressed ? follow(state, event) : state);
      case "up":
        return release(follow(state, event), scene);
      default:
        return same(state);
    }
  },

  preview(state, scene): Preview {
    const shapes = changed(state, scene);
    const marquee: Box | null = state.phase === "marquee" ? boxBetween(state.from, state.to) : null;
    const invalid =
      state.phase === "vertex" &&
      [...shapes.values()].some((one) => one.type === "polygon" && !isSimple(one));
    const vertex = state.phase === "idle" ? state.vertex : null;
    return { ...NOTHING, changed: shapes, marquee, invalid, vertex };
  },
};
