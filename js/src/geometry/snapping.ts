import type { Geometry, XY } from "../document/types.ts";
import { outlines } from "./outline.ts";
import { distance, nearestOnSegment, roundPoint } from "./points.ts";
import type { Size } from "./transform.ts";

/** Where a point is drawn to: a vertex, or a place on an edge. */
export interface Snap {
  readonly at: XY;
  readonly kind: "vertex" | "edge";
  /** What lights up: the vertex alone, or the ends of the edge. */
  readonly line: readonly XY[];
}

/** The vertex within reach that is nearest, else the nearest place on an edge; the image's border counts. */
export function snap(at: XY, shapes: Iterable<Geometry>, size: Size, reach: number): Snap | null {
  let vertex: Snap | null = null;
  let edge: Snap | null = null;
  let [toVertex, toEdge] = [reach, reach];
  const { width, height } = size;
  const frame: XY[] = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ];
  const seek = (points: readonly XY[], closed: boolean) => {
    points.forEach((b, i) => {
      const gap = distance(at, b);
      if (gap <= toVertex) {
        toVertex = gap;
        vertex = { at: roundPoint(b), kind: "vertex", line: [b] };
      }
      const a = i > 0 ? points[i - 1] : closed ? points.at(-1) : undefined;
      if (!a) return;
      const on = nearestOnSegment(at, a, b);
      const off = distance(at, on);
      if (off <= toEdge) {
        toEdge = off;
        edge = { at: roundPoint(on), kind: "edge", line: [a, b] };
      }
    });
  };
  seek(frame, true);
  for (const shape of shapes)
    for (const { points, closed } of outlines(shape)) seek(points, closed);
  return vertex ?? edge;
}
