import type { Geometry, Rectangle, Ring, XY } from "../document/types.ts";
import { rotate } from "./points.ts";

/** A line on the screen: closed ones enclose an area and may be filled. */
export interface Outline {
  readonly points: Ring;
  readonly closed: boolean;
}

/** Pairs of joints that are drawn connected. */
export type Edges = readonly (readonly [number, number])[];

const ELLIPSE_STEPS = 48;
const CUBOID_FACES = [
  [0, 1, 2, 3],
  [4, 5, 6, 7],
  [0, 4, 7, 3],
  [1, 5, 6, 2],
] as const;

/** The corners of a rectangle, clockwise from its top left before turning. */
export function corners(rectangle: Rectangle): readonly [XY, XY, XY, XY] {
  const { x, y, width, height, angle = 0 } = rectangle;
  const centre: XY = [x + width / 2, y + height / 2];
  return [
    rotate([x, y], centre, angle),
    rotate([x + width, y], centre, angle),
    rotate([x + width, y + height], centre, angle),
    rotate([x, y + height], centre, angle),
  ];
}

/**
 * The lines that draw a shape, those of a skeleton between the joints that `edges` names. Masks have
 * none: they are painted as pixels.
 */
export function outlines(geometry: Geometry, edges: Edges = []): Outline[] {
  switch (geometry.type) {
    case "rectangle":
      return [{ points: corners(geometry), closed: true }];
    case "ellipse": {
      const { x, y, rx, ry, angle = 0 } = geometry;
      const points = Array.from({ length: ELLIPSE_STEPS }, (_, step): XY => {
        const t = (step / ELLIPSE_STEPS) * 2 * Math.PI;
        return rotate([x + rx * Math.cos(t), y + ry * Math.sin(t)], [x, y], angle);
      });
      return [{ points, closed: true }];
    }
    case "polygon":
      return geometry.parts.flatMap((part) => part.map((points) => ({ points, closed: true })));
    case "polyline":
      return [{ points: geometry.points, closed: false }];
    case "cuboid":
      return CUBOID_FACES.map((face) => ({
        points: face.map((corner) => geometry.points[corner] ?? [0, 0]),
        closed: true,
      }));
    case "point":
      return [{ points: [[geometry.x, geometry.y]], closed: false }];
    case "keypoints": {
      const { points } = geometry;
      const lines = edges.flatMap(([a, b]): Outline[] => {
        const [from, to] = [points[a], points[b]];
        if (!from?.[2] || !to?.[2]) return [];
        const ends: Ring = [
          [from[0], from[1]],
          [to[0], to[1]],
        ];
        return [{ points: ends, closed: false }];
      });
      const joints = points
        .filter(([, , visibility]) => visibility > 0)
        .map(([x, y]): Outline => ({ points: [[x, y]], closed: false }));
      return [...lines, ...joints];
    }
    default:
      return [];
  }
}
