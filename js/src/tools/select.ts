import type { Geometry, XY } from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import { type Box, boxBetween, union } from "../geometry/box.ts";
import { centreOf } from "../geometry/frame.ts";
import { placeOf } from "../geometry/near.ts";
import { distance, round, roundPoint } from "../geometry/points.ts";
import { isSimple } from "../geometry/simple.ts";
import { grab } from "./select/handles.ts";
import { SHARED, vertexAt } from "./select/sharing.ts";
import { editable, IDLE, LOCKED, type Marquee, type SelectState } from "./select/state.ts";
import { moved, resized, scaled, turned, turning } from "./select/transforms.ts";
import {
  deleteVertex,
  insertAt,
  releaseVertex,
  reshaped,
  snapVertex,
  stepVisibility,
  stillThere,
  wrongWith,
} from "./select/vertices.ts";
import { SNAP, snapGuides, toggleSnap } from "./snapping.ts";
import {
  type Guide,
  NOTHING,
  type Outcome,
  type PointerToolEvent,
  type Preview,
  type Scene,
  same,
  type Tool,
  type ToolEvent,
} from "./tool.ts";

function press(scene: Scene, event: PointerToolEvent): Outcome<SelectState> {
  const only = scene.selection.length === 1 ? scene.get(scene.selection[0] ?? "") : undefined;
  const held = grab(scene, event);
  if (held && (!event.shift || held.phase !== "vertex")) {
    const free = scene.selection.some((id) => editable(scene.get(id)));
    if (!free) return same(IDLE, { type: "say", text: LOCKED });
    if (event.ctrl && held.phase === "vertex" && only)
      return deleteVertex(only, held.vertex, scene);
    return same(held);
  }
  const inserted = event.ctrl && only ? insertAt(only, event, scene) : null;
  if (inserted) return inserted;
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

/** The shapes as the gesture would leave them. */
function changed(state: SelectState, scene: Scene): Map<string, Geometry> {
  switch (state.phase) {
    case "move":
      return moved(state, scene);
    case "resize":
      return resized(state, scene);
    case "scale":
      return scaled(state, scene);
    case "turn":
      return turned(state, scene);
    case "vertex":
      return reshaped(state, scene);
    default:
      return new Map();
  }
}

function release(state: SelectState, scene: Scene): Outcome<SelectState> {
  if (state.phase === "idle") return same(state);
  if (state.phase === "marquee") return same(IDLE, { type: "select", ids: taken(state, scene) });
  if (state.phase === "vertex") return releaseVertex(state, scene);
  const shapes = [...changed(state, scene)];
  if (state.phase !== "move") {
    const wrong = shapes.map(([id, made]) => wrongWith(scene.get(id)?.geometry ?? made, made));
    const first = wrong.find((text) => text !== null);
    if (first) return same(IDLE, { type: "say", text: first });
  }
  if (shapes.length > 0) return same(IDLE, { type: "update", shapes });
  if (state.phase === "turn" && distance(state.from, state.to) > 0)
    return same(IDLE, { type: "say", text: "There is no room on the picture to turn it so far." });
  if (state.phase === "move") {
    const locked = state.ids.some((id) => scene.get(id)?.state === "locked");
    if (locked && distance(state.from, state.to) > 0)
      return same(IDLE, { type: "say", text: LOCKED });
    if (state.click) return same(IDLE, { type: "select", ids: state.click });
  }
  return same(IDLE);
}

function taken({ from, to, keep }: Marquee, scene: Scene): string[] {
  const box = boxBetween(from, to);
  return [...new Set([...keep, ...(box.maxX > box.minX ? scene.within(box) : [])])];
}

function follow(state: SelectState, event: PointerToolEvent, scene: Scene): SelectState {
  // A hand is never quite still: what moves less than a click's slack is a click.
  const further = (before: XY, part: number, begun: boolean) =>
    begun || distance(event.at, before) > event.slack / part;
  switch (state.phase) {
    case "idle":
      return state;
    case "resize":
    case "scale":
    case "turn": {
      const far = further(state.from, 3, distance(state.to, state.from) > 0);
      const to = far ? event.at : state.to;
      const { shift, alt } = event;
      if (state.phase === "turn") return { ...state, to, snap: shift };
      if (state.phase === "scale") return { ...state, to, proportional: shift, centred: alt };
      return { ...state, to, square: shift, centred: alt };
    }
    case "move": {
      const far = further(state.from, 2, distance(state.to, state.from) > 0);
      return far ? { ...state, to: axis(state.from, event), click: null } : state;
    }
    case "vertex": {
      const far = further(state.from, 3, distance(state.to, state.vertex.at) > 0);
      if (!far) return state;
      const snapped = snapVertex(state, event, scene);
      const { alt: alone, slack } = event;
      return { ...state, to: snapped?.at ?? event.at, alone, snap: snapped, slack };
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

/** Keys act on the vertex in hand. */
function command(state: SelectState, name: string, scene: Scene): Outcome<SelectState> {
  if (name === "hand.shared") {
    const value = scene.settings[SHARED.name] !== true;
    const text = value ? "Shared borders move together." : "Borders move one by one.";
    return same(state, { type: "set", name: SHARED.name, value }, { type: "say", text });
  }
  if (name === "hand.snap") return toggleSnap(state, scene);
  if (name !== "hand.occlude") return same(state);
  const held = state.phase === "idle" ? state.vertex : null;
  const stepped = held && stillThere(held, scene) ? stepVisibility(held, scene) : null;
  return stepped ?? same(state, { type: "say", text: "Click on a joint of a skeleton first." });
}

/** Polygons of more points than this are looked at only when the hand lets go. */
const MOST_WATCHED = 5000;

function crosses(shape: Geometry): boolean {
  if (shape.type !== "polygon") return false;
  const count = shape.parts.flat().reduce((sum, ring) => sum + ring.length, 0);
  return count <= MOST_WATCHED && !isSimple(shape);
}

export const select: Tool<SelectState> = {
  name: "select",
  label: "Select and edit",
  makes: [],
  cursor: "default",
  hint: "Drag to move, handles to reshape. Ctrl-click: delete or insert a vertex. Shift: several.",
  start: IDLE,
  options: [SHARED, { ...SNAP, among: ["polygon", "polyline", "keypoints", "point"] }],
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
          ? deleteVertex(annotation, held.vertex, scene)
          : same(IDLE);
      }
      case "hold": {
        const { id, index } = event;
        const shape = scene.get(id)?.geometry;
        const joint = shape?.type === "keypoints" ? shape.points[index] : undefined;
        const vertex = joint && { part: 0, ring: 0, index, at: [joint[0], joint[1]] as const };
        return same<SelectState>(vertex ? { phase: "idle", vertex: { id, vertex } } : IDLE);
      }
      case "command":
        return command(state, event.name, scene);
      case "down":
        return press(scene, event);
      case "move":
        return same(event.pressed ? follow(state, event, scene) : state);
      case "up":
        return release(follow(state, event, scene), scene);
      default:
        return same(state);
    }
  },

  preview(state, scene): Preview {
    const shapes = changed(state, scene);
    const marquee: Box | null = state.phase === "marquee" ? boxBetween(state.from, state.to) : null;
    const invalid = state.phase !== "move" && [...shapes.values()].some(crosses);
    const vertex = inHand(state, shapes);
    return { ...NOTHING, changed: shapes, marquee, invalid, vertex, guides: guides(state, shapes) };
  },
};

/** How far a frame is turned or scaled. */
function guides(state: SelectState, shapes: ReadonlyMap<string, Geometry>): readonly Guide[] {
  if (shapes.size === 0) return [];
  if (state.phase === "vertex") return snapGuides(state.snap, state.slack);
  if (state.phase === "turn") {
    const label = `${round(turning(state))}°`;
    return [{ points: [centreOf(state.box), state.to], dashed: true, label }];
  }
  if (state.phase !== "scale") return [];
  const [was, now] = [state.box, union([...shapes.values()].map(bounds))];
  if (!now) return [];
  const { minX, minY, maxX, maxY } = now;
  const percent = (made: number, before: number) =>
    before > 0 ? Math.round((100 * made) / before) : 100;
  const [across, down] = [percent(maxX - minX, was.width), percent(maxY - minY, was.height)];
  const label = across === down ? `${across} %` : `${across} × ${down} %`;
  const points: XY[] = [
    [maxX, maxY],
    [minX, maxY],
    [minX, minY],
    [maxX, minY],
  ];
  return [{ points, closed: true, dashed: true, label }];
}

function inHand(state: SelectState, shapes: ReadonlyMap<string, Geometry>): Preview["vertex"] {
  if (state.phase === "idle") return state.vertex;
  if (state.phase !== "vertex") return null;
  const shape = shapes.get(state.id);
  // Among shared borders points may have come in before it.
  const moved = shape?.type === "polygon" ? vertexAt(shape, roundPoint(state.to)) : null;
  if (moved) return { id: state.id, vertex: moved };
  const at = shape && placeOf(shape, state.vertex);
  return { id: state.id, vertex: at ? { ...state.vertex, at } : state.vertex };
}
