import type { Annotation, Geometry, Ontology, Rle } from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import type { Box } from "../geometry/box.ts";
import { outlines } from "../geometry/outline.ts";
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
  readonly mask: Rle | null;
  /** The mask as a brush has it now. */
  readonly painted?: PaintedMask;
}

const UNKNOWN = "#9e9e9e";

export function colorsOf(ontology: Ontology): ReadonlyMap<string, string> {
  return new Map((ontology.classes ?? []).map((made) => [made.name, made.color]));
}

export function shapeOf(
  annotation: Pick<Annotation, "id" | "class_name" | "geometry">,
  colors: ReadonlyMap<string, string>,
): Shape | null {
  const box = bounds(annotation.geometry);
  if (!box) return null;
  const lines = outlines(annotation.geometry);
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
    mask: maskOf(annotation.geometry),
  };
}

function maskOf(geometry: Geometry): Rle | null {
  return geometry.type === "mask" ? geometry.rle : null;
}
