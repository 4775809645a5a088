import type { Polygon, Ring, XY } from "../document/types.ts";
import { ringArea } from "./area.ts";
import { done, failed, LEAST_AREA, type Made, partArea } from "./boolean.ts";
import { crossing, withoutRepeats } from "./crossing.ts";
import { overlay } from "./overlay.ts";
import { roundPoint } from "./points.ts";
import { simplify, thin } from "./simplify.ts";

/** An area that a hand drew in one go, and whether its line had crossed itself. */
export interface Outlined {
  readonly ring: Ring;
  readonly mended: boolean;
}

/**
 * The area inside a line that a hand drew, closed by its end: thinned to within `tolerance` pixels, on
 * the grid, and simple. Of a line that crosses itself the largest simple area stays, by the non-zero
 * rule, without holes. `freehand_outline` in the kernel does the same.
 */
export function outlineOf(line: readonly XY[], tolerance: number): Made<Outlined> {
  const points = withoutRepeats(line.map(roundPoint), true);
  const drawn: Polygon = { type: "polygon", parts: [[points]] };
  if (points.length >= 3 && !crossing(points, true)) {
    const ring = simplify(drawn, tolerance).parts[0]?.[0] ?? points;
    return ringArea(ring) >= LEAST_AREA ? done({ ring, mended: false }) : tooSmall();
  }
  const parts = overlay([{ rings: [points], layer: 0 }], (count) => count !== 0);
  if (!parts) return failed("That line lies too far outside of the picture.");
  const filled = parts.map((part) => [part[0] ?? []]);
  const [largest] = filled.sort((a, b) => partArea(b) - partArea(a));
  if (!largest || partArea(largest) < LEAST_AREA) return tooSmall();
  const mended: Polygon = { type: "polygon", parts: [[fromLeast(largest[0] ?? [])]] };
  const ring = simplify(mended, tolerance).parts[0]?.[0];
  return done({ ring: ring ?? [], mended: true });
}

/** The ring from its leftmost point on, the upper one of several: thinning depends on the start. */
function fromLeast(ring: Ring): Ring {
  let least = 0;
  ring.forEach(([x, y], i) => {
    const [left, top] = ring[least] as XY;
    if (x < left || (x === left && y < top)) least = i;
  });
  return [...ring.slice(least), ...ring.slice(0, least)];
}

/** An open line that a hand drew, thinned and on the grid. */
export function lineOf(line: readonly XY[], tolerance: number): Ring {
  return thin(line.map(roundPoint), tolerance);
}

function tooSmall() {
  return failed("An outline needs to cover at least one pixel.");
}
