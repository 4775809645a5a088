import type { Geometry } from "../document/types.ts";
import { type Box, boxOf, union } from "./box.ts";
import { outlines } from "./outline.ts";
import { maskBounds } from "./rle.ts";

/** The upright box around a shape, null where it has no place. */
export function bounds(geometry: Geometry): Box | null {
  if (geometry.type === "rectangle" && !geometry.angle) {
    const { x, y, width, height } = geometry;
    return { minX: x, minY: y, maxX: x + width, maxY: y + height };
  }
  if (geometry.type === "mask") return maskBounds(geometry.rle);
  return union(outlines(geometry).map((outline) => boxOf(outline.points)));
}
