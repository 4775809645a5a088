import type { Polygon, Ring, XY } from "../document/types.ts";
import { done, failed, type Made, unite } from "./boolean.ts";
import { distance } from "./points.ts";

/** What is joined, and which of the shapes went into it (by their place in the list). */
export interface Joined<T> {
  readonly shape: T;
  readonly used: readonly number[];
}

/** The first polygon with all those that touch or overlap it, directly or through others. */
export function joinPolygons(polygons: readonly Polygon[]): Made<Joined<Polygon>> {
  const [first, ...others] = polygons;
  if (!first || others.length === 0) return failed("Select two or more polygons to join.");
  let whole: Polygon = first;
  const used = [0];
  for (let grown = true; grown; ) {
    grown = false;
    for (const [i, other] of polygons.entries()) {
      if (used.includes(i)) continue;
      const both = unite([whole, other]);
      if (!both.ok) return both;
      if (both.value.parts.length >= whole.parts.length + other.parts.length) continue;
      whole = both.value;
      used.push(i);
      grown = true;
    }
  }
  return used.length > 1
    ? done({ shape: whole, used: used.sort((a, b) => a - b) })
    : failed("None of these polygons touches the first one along its border.");
}

/** The lines one after the other, each turned and put at the end that is nearer. */
export function joinLines(lines: readonly Ring[]): Ring {
  let [whole = [], ...others] = lines;
  while (others.length > 0) {
    let best = { gap: Number.POSITIVE_INFINITY, index: 0, line: [] as Ring };
    others.forEach((other, index) => {
      const [head, tail] = [whole[0] as XY, whole.at(-1) as XY];
      const [start, end] = [other[0] as XY, other.at(-1) as XY];
      const ways: [number, () => Ring][] = [
        [distance(tail, start), () => [...whole, ...other]],
        [distance(tail, end), () => [...whole, ...other.toReversed()]],
        [distance(end, head), () => [...other, ...whole]],
        [distance(start, head), () => [...other.toReversed(), ...whole]],
      ];
      for (const [gap, line] of ways) if (gap < best.gap) best = { gap, index, line: line() };
    });
    whole = best.line;
    others = others.filter((_, index) => index !== best.index);
  }
  return whole.filter((point, i) => i === 0 || distance(point, whole[i - 1] as XY) > 0);
}
