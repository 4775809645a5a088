import type { Ring, XY } from "../document/types.ts";

function side(a: XY, b: XY, c: XY): number {
  return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
}

function onSegment(a: XY, b: XY, p: XY): boolean {
  return (
    Math.min(a[0], b[0]) <= p[0] &&
    p[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= p[1] &&
    p[1] <= Math.max(a[1], b[1])
  );
}

/** How two closed segments meet: not at all, in one end of either, or in any other way. */
export function contact(a: XY, b: XY, c: XY, d: XY): XY | "apart" | "cross" {
  const abc = side(a, b, c);
  const abd = side(a, b, d);
  const cda = side(c, d, a);
  const cdb = side(c, d, b);
  if (abc * abd < 0 && cda * cdb < 0) return "cross";
  let touch: XY | null = null;
  const ends = [
    abc === 0 && onSegment(a, b, c) ? c : null,
    abd === 0 && onSegment(a, b, d) ? d : null,
    cda === 0 && onSegment(c, d, a) ? a : null,
    cdb === 0 && onSegment(c, d, b) ? b : null,
  ];
  for (const end of ends) {
    if (!end) continue;
    if (touch && (touch[0] !== end[0] || touch[1] !== end[1])) return "cross";
    touch = end;
  }
  return touch ?? "apart";
}

/** Do the closed segments `ab` and `cd` have a point in common? */
export function segmentsMeet(a: XY, b: XY, c: XY, d: XY): boolean {
  return contact(a, b, c, d) !== "apart";
}

/** The points without those that repeat the one before them. */
export function withoutRepeats(points: Ring, closed: boolean): Ring {
  return points.filter((point, i) => {
    const before = i > 0 ? points[i - 1] : closed ? points[points.length - 1] : undefined;
    return !before || points.length === 1 || before[0] !== point[0] || before[1] !== point[1];
  });
}

/**
 * Two edges of a line that meet where they should not, null for a simple one. Edge i goes from point
 * i to point i + 1 of those that repeat no other; neighbours meet only in their common point.
 */
export function crossing(line: Ring, closed: boolean): readonly [number, number] | null {
  const points = withoutRepeats(line, closed);
  const n = points.length;
  const edges = closed && n > 1 ? n : n - 1;
  const at = (i: number): XY => points[i % n] as XY;
  for (const [i, j] of near(points, edges)) {
    const a = at(i);
    const b = at(i + 1);
    const c = at(j);
    const d = at(j + 1);
    const follows = j === i + 1;
    const closes = closed && i === 0 && j === edges - 1;
    if (follows || closes) {
      // Neighbours fold back on one another when the far end lies on the other edge.
      const [shared, far, other] = follows ? [b, d, a] : [a, c, b];
      if (
        side(shared, far, other) === 0 &&
        (onSegment(shared, far, other) || onSegment(shared, other, far))
      )
        return [i, j];
    } else if (segmentsMeet(a, b, c, d)) return [i, j];
  }
  return null;
}

/** Pairs of edges whose boxes overlap, by a sweep from left to right. */
function* near(points: Ring, edges: number): Generator<readonly [number, number]> {
  const n = points.length;
  const boxes = Array.from({ length: Math.max(0, edges) }, (_, i) => {
    const [ax, ay] = points[i] as XY;
    const [bx, by] = points[(i + 1) % n] as XY;
    return {
      edge: i,
      left: Math.min(ax, bx),
      right: Math.max(ax, bx),
      top: Math.min(ay, by),
      bottom: Math.max(ay, by),
    };
  }).sort((a, b) => a.left - b.left);
  for (const [k, one] of boxes.entries()) {
    for (let m = k + 1; m < boxes.length; m++) {
      const other = boxes[m];
      if (!other || other.left > one.right) break;
      if (other.top > one.bottom || other.bottom < one.top) continue;
      yield one.edge < other.edge ? [one.edge, other.edge] : [other.edge, one.edge];
    }
  }
}
