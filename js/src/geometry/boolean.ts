import type { Part, Polygon, Ring } from "../document/types.ts";
import { ringArea } from "./area.ts";
import { boxOf, overlaps } from "./box.ts";
import { overlay } from "./overlay.ts";

/** What came of an operation, or why nothing did, as a person reads it. */
export type Made<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** More points than this would hold the page up for more than a second. */
export const MOST_POINTS = 50_000;
/** Parts and holes smaller than a pixel are what rounding leaves behind. */
export const LEAST_AREA = 1;

export const failed = (reason: string) => ({ ok: false, reason }) as const;
export const done = <T>(value: T) => ({ ok: true, value }) as const;

const FAR = "A polygon lies too far outside of the picture for this.";

/** The area of any of the polygons. */
export function unite(polygons: readonly Polygon[]): Made<Polygon> {
  return combine(polygons, (sound) => [
    overlay([{ rings: sound.flat(2), layer: 0 }], (count) => count > 0),
  ]);
}

/** The area of the first polygon that none of the others covers. */
export function subtract(first: Polygon, others: readonly Polygon[]): Made<Polygon> {
  return combine([first, ...others], ([from = [], ...taken]) => [
    overlay(
      [
        { rings: from.flat(), layer: 0 },
        { rings: taken.flat(2), layer: 1 },
      ],
      (kept, gone) => kept > 0 && gone <= 0,
    ),
  ]);
}

/** The area that all of the polygons share. */
export function intersect(polygons: readonly Polygon[]): Made<Polygon> {
  const empty = "These polygons have no area in common.";
  return combine(
    polygons,
    (sound) => [overlay([{ rings: sound.flat(2), layer: 0 }], (count) => count >= sound.length)],
    empty,
  );
}

/** The polygon with overlapping parts united and edges that cross taken apart, by the even-odd rule. */
export function repair(polygon: Polygon): Made<Polygon> {
  return combine([polygon], ([sound = []]) => [sound]);
}

/** The pieces into which a line cuts a polygon, the largest first. */
export function split(polygon: Polygon, line: Ring): Made<Polygon[]> {
  const whole = repair(polygon);
  if (!whole.ok) return whole;
  if (pointsOf([whole.value]) + line.length > MOST_POINTS) return tooMany([whole.value]);
  const parts = overlay(
    [
      { rings: whole.value.parts.flat(), layer: 0 },
      { rings: [line], layer: "cut", open: true },
    ],
    (count) => count > 0,
  );
  if (!parts) return failed(FAR);
  const pieces = worthwhile(parts).sort((a, b) => partArea(b) - partArea(a));
  if (pieces.length <= whole.value.parts.length)
    return failed("The line does not cut the polygon in two. Draw it right across.");
  return done(pieces.map((part) => ({ type: "polygon", parts: [part] })));
}

export function partArea([outer, ...holes]: Part): number {
  return ringArea(outer ?? []) - holes.reduce((sum, hole) => sum + ringArea(hole), 0);
}

type Sound = readonly (readonly Part[])[];

function combine(
  polygons: readonly Polygon[],
  operation: (sound: Sound) => readonly [readonly Part[] | null],
  empty = "Nothing would be left of the polygon.",
): Made<Polygon> {
  if (pointsOf(polygons) > MOST_POINTS) return tooMany(polygons);
  const sound: Part[][] = [];
  for (const polygon of polygons) {
    const parts = soundParts(polygon);
    if (!parts) return failed(FAR);
    sound.push(parts);
  }
  const [made] = operation(sound);
  if (!made) return failed(FAR);
  const parts = worthwhile(made);
  return parts.length > 0 ? done({ type: "polygon", parts }) : failed(empty);
}

/** Parts that are valid and do not overlap, out of any parts. */
function soundParts(polygon: Polygon): Part[] | null {
  const parts: Part[] = [];
  for (const part of polygon.parts) {
    const sound = soundPart(part);
    if (!sound) return null;
    parts.push(...sound);
  }
  if (polygon.parts.length < 2) return parts;
  return overlay([{ rings: parts.flat(), layer: 0 }], (count) => count > 0);
}

function soundPart([outer, ...holes]: Part): Part[] | null {
  if (!outer) return [];
  const taken = clash(holes)
    ? soundParts({ type: "polygon", parts: holes.map((one) => [one]) })
    : null;
  return overlay(
    [
      { rings: [outer], layer: 0 },
      { rings: taken ? taken.flat() : holes, layer: 1 },
    ],
    (first, second) => first % 2 !== 0 && second % 2 === 0,
  );
}

/** May two of the rings overlap? */
function clash(rings: readonly Ring[]): boolean {
  const boxes = rings.flatMap((ring) => boxOf(ring) ?? []).sort((a, b) => a.minX - b.minX);
  return boxes.some((box, i) => {
    for (let j = i + 1; j < boxes.length; j++) {
      const other = boxes[j];
      if (!other || other.minX > box.maxX) return false;
      if (overlaps(box, other)) return true;
    }
    return false;
  });
}

/** Without holes and parts smaller than a pixel. */
function worthwhile(parts: readonly Part[]): Part[] {
  return parts
    .map(
      ([outer, ...holes]): Part => [
        outer ?? [],
        ...holes.filter((hole) => ringArea(hole) >= LEAST_AREA),
      ],
    )
    .filter((part) => partArea(part) >= LEAST_AREA);
}

function pointsOf(polygons: readonly Polygon[]): number {
  let count = 0;
  for (const polygon of polygons)
    for (const part of polygon.parts) for (const ring of part) count += ring.length;
  return count;
}

function tooMany(polygons: readonly Polygon[]) {
  const count = pointsOf(polygons).toLocaleString("en");
  return failed(
    `These polygons have ${count} points, too many to do this here. Simplify them first, or do it in Python.`,
  );
}
