import type { Ring } from "../document/types.ts";
import { RunsBuilder } from "./columns.ts";
import type { Runs } from "./runs.ts";

/**
 * The pixels whose centre lies inside a ring, by the even-odd rule. A centre exactly on an edge is
 * in where that is the left or the top one, so that rings that share an edge share no pixel.
 */
export function fillRing(ring: Ring, size: Runs["size"]): Runs {
  const [height, width] = size;
  // The edges that cross each column's middle, by the rows at which they do.
  const crossings = new Map<number, number[]>();
  let previous = ring[ring.length - 1];
  for (const point of ring) {
    if (!previous) break;
    const [a, b] = previous[0] < point[0] ? [previous, point] : [point, previous];
    const from = Math.max(0, Math.ceil(a[0] - 0.5));
    const to = Math.min(width, Math.ceil(b[0] - 0.5));
    for (let column = from; column < to; column++) {
      const along = (column + 0.5 - a[0]) / (b[0] - a[0]);
      const rows = crossings.get(column);
      const y = a[1] + along * (b[1] - a[1]);
      if (rows) rows.push(y);
      else crossings.set(column, [y]);
    }
    previous = point;
  }
  const made = new RunsBuilder(size, crossings.size);
  for (const column of [...crossings.keys()].sort((a, b) => a - b)) {
    const rows = (crossings.get(column) ?? []).sort((a, b) => a - b);
    for (let i = 0; i + 1 < rows.length; i += 2) {
      const top = Math.max(0, Math.ceil((rows[i] as number) - 0.5));
      const end = Math.min(height, Math.ceil((rows[i + 1] as number) - 0.5));
      if (end > top) made.add(column, top, end);
    }
  }
  return made.done();
}
