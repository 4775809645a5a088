import type { Annotation, Polygon, XY } from "../../document/types.ts";
import { bounds } from "../../geometry/bounds.ts";
import { distance } from "../../geometry/points.ts";
import { insertShared, moveShared, type Polygons, removeShared } from "../../geometry/shared.ts";
import { type Vertex, vertices } from "../../geometry/transform.ts";
import type { ToggleOption } from "../option.ts";
import type { Scene } from "../tool.ts";
import { editable } from "./state.ts";

/** Vertices that polygons have in common move, come and go in all of them. */
export const SHARED: ToggleOption = {
  type: "toggle",
  name: "shared",
  label: "Shared borders",
  value: false,
  among: ["polygon"],
};

export type Sharing = ReadonlyMap<string, Polygon>;

export function shares(annotation: Annotation, scene: Scene): boolean {
  return scene.settings[SHARED.name] === true && annotation.geometry.type === "polygon";
}

/** The polygons that lie where this one does. */
function around(annotation: Annotation, scene: Scene): Polygons {
  const box = bounds(annotation.geometry);
  const ids = box ? new Set([annotation.id, ...scene.near(box)]) : [];
  return new Map(
    [...ids].flatMap((id) => {
      const geometry = scene.get(id)?.geometry;
      return geometry?.type === "polygon" ? [[id, geometry] as const] : [];
    }),
  );
}

export function movedTogether(annotation: Annotation, from: XY, to: XY, scene: Scene): Sharing {
  return moveShared(around(annotation, scene), from, to);
}

export function insertedTogether(annotation: Annotation, at: XY, scene: Scene): Sharing {
  return insertShared(around(annotation, scene), at);
}

export function removedTogether(annotation: Annotation, at: XY, scene: Scene): Sharing | null {
  return removeShared(around(annotation, scene), at);
}

/** Is one of them locked? Then the border has to stay. */
export function anyLocked(changed: Sharing, scene: Scene): boolean {
  return [...changed.keys()].some((id) => !editable(scene.get(id)));
}

/** The vertex of a shape at a place: points that came in may have given it another number. */
export function vertexAt(shape: Polygon | undefined, at: XY): Vertex | null {
  return (shape && vertices(shape).find((vertex) => distance(vertex.at, at) === 0)) ?? null;
}
