import type { Polygon, Ring } from "../document/types.ts";

export function ringArea(ring: Ring): number {
  const [first, ...others] = ring;
  if (!first) return 0;
  let sum = 0;
  // Relative to the first point, so that far from the origin no digits are lost.
  others.forEach(([x, y], i) => {
    const [nextX, nextY] = others[i + 1] ?? first;
    sum += (x - first[0]) * (nextY - first[1]) - (nextX - first[0]) * (y - first[1]);
  });
  return Math.abs(sum) / 2;
}

/** The outer rings less the holes, in square pixels. */
export function area(polygon: Polygon): number {
  return polygon.parts.reduce((sum, [outer, ...holes]) => {
    const inside = holes.reduce((all, hole) => all + ringArea(hole), 0);
    return sum + Math.max(0, ringArea(outer ?? []) - inside);
  }, 0);
}
