import type { Annotation, Geometry, XY } from "../../document/types.ts";
import { area } from "../../geometry/area.ts";
import { moveCorner } from "../../geometry/cuboid.ts";
import { cycleVisibility, placeAbsent, withoutJoint } from "../../geometry/joints.ts";
import { edgeNear, placeOf } from "../../geometry/near.ts";
import { distance, roundPoint } from "../../geometry/points.ts";
import { isSimple } from "../../geometry/simple.ts";
import type { Snap } from "../../geometry/snapping.ts";
import { asFarAsFits } from "../../geometry/staying.ts";
import {
  clampPoint,
  insertVertex,
  moveVertex,
  removeVertex,
  type Vertex,
} from "../../geometry/transform.ts";
import { snapAt } from "../snapping.ts";
import { type Outcome, type PointerToolEvent, type Scene, same } from "../tool.ts";
import {
  anyLocked,
  insertedTogether,
  movedTogether,
  removedTogether,
  type Sharing,
  shares,
  vertexAt,
} from "./sharing.ts";
import {
  editable,
  IDLE,
  LOCKED,
  type Reshaping,
  type SelectState,
  type VertexInHand,
} from "./state.ts";

type Edited = Outcome<SelectState>;

function edited(id: string, geometry: Geometry, vertex: Vertex | null): Edited {
  const state: SelectState = { phase: "idle", vertex: vertex && { id, vertex } };
  return same(state, { type: "update", shapes: [[id, geometry]] });
}

function refused(text: string): Edited {
  return same(IDLE, { type: "say", text });
}

/** Why a polygon cannot become another, null where it can. */
export function wrongWith(before: Geometry, after: Geometry): string | null {
  if (before.type !== "polygon" || after.type !== "polygon") return null;
  if (!isSimple(after)) return "Edges may not cross.";
  // What came in smaller than that may stay so.
  const small = area(after) < Math.min(1, area(before));
  return small ? "A polygon needs to cover at least one pixel." : null;
}

/** What Ctrl-click puts in where no vertex is: a point on a line, or a joint that was absent. */
export function insertAt(only: Annotation, event: PointerToolEvent, scene: Scene): Edited | null {
  const { geometry, id } = only;
  if (geometry.type === "keypoints") {
    const at = clampPoint(event.at, scene.size);
    const placed = placeAbsent(geometry, at);
    if (!placed) return null;
    if (!editable(only)) return refused(LOCKED);
    const vertex = { part: 0, ring: 0, index: placed.index, at: roundPoint(at) };
    return edited(id, placed.made, vertex);
  }
  const edge = edgeNear(geometry, event.at, event.slack);
  if (!edge) return null;
  if (!editable(only)) return refused(LOCKED);
  if (shares(only, scene))
    return together(only, insertedTogether(only, edge.at, scene), roundPoint(edge.at), scene);
  const made = insertVertex(geometry, edge);
  const wrong = wrongWith(geometry, made);
  return wrong ? refused(wrong) : edited(id, made, { ...edge, at: roundPoint(edge.at) });
}

/** One edit of all polygons that share a border, or the reason why there is none. */
function together(only: Annotation, changed: Sharing, at: XY | null, scene: Scene): Edited {
  if (anyLocked(changed, scene)) return refused("A locked object has this border, too.");
  for (const [id, made] of changed) {
    const wrong = wrongWith(scene.get(id)?.geometry ?? made, made);
    if (wrong) return refused(`${wrong} The shared border stays as it was.`);
  }
  const vertex = at && vertexAt(changed.get(only.id), at);
  const state: SelectState = { phase: "idle", vertex: vertex && { id: only.id, vertex } };
  return same(state, { type: "update", shapes: [...changed] });
}

/** Take a vertex away; a joint of a skeleton becomes absent. */
export function deleteVertex(annotation: Annotation, vertex: Vertex, scene: Scene): Edited {
  const { geometry, id } = annotation;
  if (shares(annotation, scene)) {
    const changed = removedTogether(annotation, vertex.at, scene);
    return changed
      ? together(annotation, changed, null, scene)
      : refused("Borders part at this vertex, or too few points would be left: it has to stay.");
  }
  if (geometry.type === "keypoints") {
    const left = geometry.points.filter(([, , v], i) => v > 0 && i !== vertex.index).length;
    if (left === 0) return refused("The last joint has to stay; Delete removes the object.");
    return edited(id, withoutJoint(geometry, vertex.index), null);
  }
  const made = removeVertex(geometry, vertex);
  if (!made) return refused(TOO_FEW[geometry.type] ?? "This vertex has to stay.");
  const wrong = wrongWith(geometry, made);
  return wrong ? refused(`The vertex has to stay. ${wrong}`) : edited(id, made, null);
}

const TOO_FEW: Readonly<Record<string, string>> = {
  polygon: "A polygon needs at least three points; Delete removes it whole.",
  polyline: "A line needs at least two points; Delete removes it whole.",
  cuboid: "A cuboid has eight corners; Delete removes it whole.",
  point: "Delete removes the point.",
};

/** The joint in hand stepped on from visible to hidden, absent, and visible again. */
export function stepVisibility({ id, vertex }: VertexInHand, scene: Scene): Edited | null {
  const annotation = scene.get(id);
  if (annotation?.geometry.type !== "keypoints") return null;
  if (!editable(annotation)) return refused(LOCKED);
  return edited(id, cycleVisibility(annotation.geometry, vertex.index), vertex);
}

/** Where a vertex comes to lie that is let go here. */
function landing(at: XY, scene: Scene): XY {
  return roundPoint(clampPoint(at, scene.size));
}

/**
 * What a vertex is drawn to: any other shape, and none of those that move with it. Corners of
 * cuboids are bound to one another and go where the hand is.
 */
export function snapVertex(state: Reshaping, event: PointerToolEvent, scene: Scene): Snap | null {
  const annotation = scene.get(state.id);
  if (!annotation || annotation.geometry.type === "cuboid") return null;
  const together = shares(annotation, scene);
  return snapAt(event, scene, (id) => {
    if (id === state.id) return true;
    const other = together ? scene.get(id)?.geometry : null;
    return other?.type === "polygon" && vertexAt(other, state.vertex.at) !== null;
  });
}

/** The shape with the vertex in hand where the hand is. */
export function reshaped(state: Reshaping, scene: Scene): Map<string, Geometry> {
  const annotation = scene.get(state.id);
  const to = landing(state.to, scene);
  if (!editable(annotation) || distance(to, roundPoint(state.vertex.at)) === 0) return new Map();
  const { geometry } = annotation;
  const { vertex } = state;
  if (shares(annotation, scene)) return new Map(movedTogether(annotation, vertex.at, to, scene));
  if (geometry.type !== "cuboid" || state.alone)
    return new Map([[state.id, moveVertex(geometry, vertex, to)]]);
  const [made] = asFarAsFits([geometry], scene.size, (reach) => {
    const at: XY = [
      vertex.at[0] + (to[0] - vertex.at[0]) * reach,
      vertex.at[1] + (to[1] - vertex.at[1]) * reach,
    ];
    const points = moveCorner(geometry.points, vertex.index, at).map(roundPoint);
    return [{ ...geometry, points }];
  });
  return new Map(made ? [[state.id, made]] : []);
}

/** A vertex that was let go stays in hand, so that keys can act on it. */
export function releaseVertex(state: Reshaping, scene: Scene): Edited {
  const annotation = scene.get(state.id);
  const before = annotation?.geometry;
  const shapes = reshaped(state, scene);
  const made = shapes.get(state.id);
  const { id, vertex } = state;
  const alone = before?.type === "point" || before?.type === "cuboid";
  if (before && alone) return made ? edited(id, made, null) : same(IDLE);
  if (!annotation || !before || !made)
    return same<SelectState>({ phase: "idle", vertex: { id, vertex } });
  if (shares(annotation, scene))
    return together(annotation, shapes as Sharing, landing(state.to, scene), scene);
  const wrong = wrongWith(before, made);
  if (wrong) return refused(`${wrong} The vertex went back to where it was.`);
  const at = placeOf(made, vertex) ?? vertex.at;
  return edited(id, made, { ...vertex, at });
}

/** Is the vertex still where the hand took it, on the only selected shape? */
export function stillThere({ id, vertex }: VertexInHand, scene: Scene): boolean {
  const annotation = scene.get(id);
  if (!annotation || scene.selection.length !== 1 || scene.selection[0] !== id) return false;
  const at = placeOf(annotation.geometry, vertex);
  return !!at && distance(at, vertex.at) === 0;
}
