import type { Annotation, Geometry, Ontology, Rle } from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import type { Box } from "../geometry/box.ts";
import { type Edges, outlines } from "../geometry/outline.ts";
import type { PaintedMask } from "../geometry/painted_mask.ts";

/** A shape ready to be painted: flat coordinates, no names and no answers. */
export interface Shape {
  readonly id: string;
  readonly color: string;
  readonly box: Box;
  /** x, y, x, y, ... of all lines, one after the other. */
  readonly coordinates: Float32Array;
  /** Where each line ends in `coordinates`, counted in points. */
  readonly ends: Uint32Array;
  readonly closed: boolean;
  /** How many of the lines, from the first, enclose what is filled. */
  readonly filled: number;
  /** x, y, visibility, x, y, visibility, ... of points and joints; those of visibility 1 are hollow. */
  readonly dots: Float32Array;
  readonly mask: Rle | null;
  /** The mask as a brush has it now. */
  readonly painted?: PaintedMask;
}

const UNKNOWN = "#9e9e9e";
const NO_EDGES: ReadonlyMap<string, Edges> = new Map();

export function colorsOf(ontology: Ontology): ReadonlyMap<string, string> {
  return new Map((ontology.classes ?? []).map((made) => [made.name, made.color]));
}

/** The joints that are drawn connected, by the name of the class. */
export function edgesOf(ontology: Ontology): ReadonlyMap<string, Edges> {
  return new Map((ontology.classes ?? []).map((made) => [made.name, made.skeleton?.edges ?? []]));
}

export function shapeOf(
  annotation: Pick<Annotation, "id" | "class_name" | "geometry">,
  colors: ReadonlyMap<string, string>,
  edges: ReadonlyMap<string, Edges> = NO_EDGES,
): Shape | null {
  const { geometry } = annotation;
  const box = bounds(geometry);
  if (!box) return null;
  const all = outlines(geometry, edges.get(annotation.class_name ?? ""));
  const lines = all.filter((line) => line.points.length > 1);
  const count = lines.reduce((sum, line) => sum + line.points.length, 0);
  const coordinates = new Float32Array(2 * count);
  const ends = new Uint32Array(lines.length);
  let at = 0;
  lines.forEach((line, index) => {
    for (const [x, y] of line.points) {
      coordinates[at++] = x;
      coordinates[at++] = y;
    }
    ends[index] = at / 2;
  });
  return {
    id: annotation.id,
    color: colors.get(annotation.class_name ?? "") ?? UNKNOWN,
    box,
    coordinates,
    ends,
    closed: lines[0]?.closed ?? false,
    // Of a cuboid the front, which is the first of its faces.
    filled: !lines[0]?.closed ? 0 : geometry.type === "cuboid" ? 1 : lines.length,
    dots: new Float32Array(dotsOf(geometry, box).flat()),
    mask: maskOf(annotation.geometry),
  };
}

function dotsOf(geometry: Geometry, box: Box): (readonly [number, number, number])[] {
  if (geometry.type === "point") return [[geometry.x, geometry.y, 2]];
  if (geometry.type === "keypoints") return geometry.points.filter((joint) => joint[2] > 0);
  // A line without any length would be seen nowhere.
  const speck = geometry.type === "polyline" && box.minX === box.maxX && box.minY === box.maxY;
  return speck ? [[box.minX, box.minY, 2]] : [];
}

function maskOf(geometry: Geometry): Rle | null {
  return geometry.type === "mask" ? geometry.rle : null;
}
