import type { XY } from "../document/types.ts";

/** An upright box by its corners. */
export interface Box {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

export function boxOf(points: readonly XY[]): Box | null {
  let minX = Number.POSITIVE_INFINITY;
  let minY = Number.POSITIVE_INFINITY;
  let maxX = Number.NEGATIVE_INFINITY;
  let maxY = Number.NEGATIVE_INFINITY;
  // By index: an import may bring a million points.
  for (let i = 0; i < points.length; i++) {
    const point = points[i] as XY;
    const [x, y] = [point[0], point[1]];
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  return minX <= maxX ? { minX, minY, maxX, maxY } : null;
}

export function union(boxes: Iterable<Box | null>): Box | null {
  let all: Box | null = null;
  for (const box of boxes) {
    if (!box) continue;
    all = all
      ? {
          minX: Math.min(all.minX, box.minX),
          minY: Math.min(all.minY, box.minY),
          maxX: Math.max(all.maxX, box.maxX),
          maxY: Math.max(all.maxY, box.maxY),
        }
      : box;
  }
  return all;
}

export function overlaps(a: Box, b: Box): boolean {
  return a.minX <= b.maxX && a.maxX >= b.minX && a.minY <= b.maxY && a.maxY >= b.minY;
}

export function boxBetween(a: XY, b: XY): Box {
  return {
    minX: Math.min(a[0], b[0]),
    minY: Math.min(a[1], b[1]),
    maxX: Math.max(a[0], b[0]),
    maxY: Math.max(a[1], b[1]),
  };
}
