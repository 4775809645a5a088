import Flatbush from "flatbush";
import type { Part, Polygon, Ring, XY } from "../document/types.ts";
import { type Box, boxBetween, boxOf, overlaps } from "./box.ts";
import { contact, crossing, withoutRepeats } from "./crossing.ts";
import { insideRing } from "./hit.ts";

/**
 * Can the polygon be stored? As the kernel has it (OGC simple features): no edge crosses another,
 * holes lie inside and beside one another, and rings touch in single points that cut nothing off.
 */
export function isSimple(polygon: Polygon): boolean {
  return polygon.parts.every(partIsSimple);
}

function partIsSimple(part: Part): boolean {
  const rings = part.map((ring) => withoutRepeats(ring, true));
  if (rings.length === 0 || rings.some((ring) => ring.length < 3 || crossing(ring, true)))
    return false;
  const groups: Groups = { up: new Map(), links: new Set() };
  for (let i = 0; i < rings.length; i++) {
    for (let j = i + 1; j < rings.length; j++) {
      const [one, other] = [rings[i] as Ring, rings[j] as Ring];
      const touches = touching(one, other);
      if (!touches || touches.length > 1) return false;
      const at = touches[0];
      if (i === 0 ? !within(other, one, at) : within(one, other, at) || within(other, one, at))
        return false;
      if (at && !joins(groups, i, j, `${at[0]} ${at[1]}`)) return false;
    }
  }
  return true;
}

/** The points in which two rings touch; null where they cross. */
function touching(one: Ring, other: Ring): XY[] | null {
  const found = new Map<string, XY>();
  const near = edgesNear(other);
  for (let i = 0; i < one.length; i++) {
    const a = one[i] as XY;
    const b = one[(i + 1) % one.length] as XY;
    for (const j of near(a, b)) {
      const c = other[j] as XY;
      const d = other[(j + 1) % other.length] as XY;
      const met = contact(a, b, c, d);
      if (met === "cross") return null;
      if (met !== "apart") found.set(`${met[0]} ${met[1]}`, met);
    }
  }
  return [...found.values()];
}

/** Which edges of a ring have a box that touches the box of an edge. */
function edgesNear(ring: Ring): (a: XY, b: XY) => number[] {
  const whole = boxOf(ring) as Box;
  const tree = new Flatbush(ring.length);
  ring.forEach((c, j) => {
    const { minX, minY, maxX, maxY } = boxBetween(c, ring[(j + 1) % ring.length] as XY);
    tree.add(minX, minY, maxX, maxY);
  });
  tree.finish();
  return (a, b) => {
    const box = boxBetween(a, b);
    return overlaps(box, whole) ? tree.search(box.minX, box.minY, box.maxX, box.maxY) : [];
  };
}

/** Does a ring that crosses another nowhere, and touches it at most in one point, lie inside it? */
function within(ring: Ring, other: Ring, touch: XY | undefined): boolean {
  const point = ring.find((p) => !touch || p[0] !== touch[0] || p[1] !== touch[1]);
  return !!point && insideRing(point, other);
}

/** Rings and the points where they touch, as a forest: which of them hang together. */
interface Groups {
  readonly up: Map<string, string>;
  readonly links: Set<string>;
}

/** Tie two rings together in the point where they touch; false where that closes a circle of rings. */
function joins({ up, links }: Groups, i: number, j: number, point: string): boolean {
  const root = (name: string): string => {
    const above = up.get(name);
    return above === undefined ? name : root(above);
  };
  for (const ring of [i, j]) {
    const link = `${ring} at ${point}`;
    if (links.has(link)) continue;
    links.add(link);
    const [a, b] = [root(`ring ${ring}`), root(`point ${point}`)];
    if (a === b) return false;
    up.set(a, b);
  }
  return true;
}
