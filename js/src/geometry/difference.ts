import type { Annotation, Geometry, XY } from "../document/types.ts";
import { bounds } from "./bounds.ts";
import { outlines } from "./outline.ts";
import { runsArea, runsOf } from "./runs.ts";

/** What is not as it was of an object. */
export type Change = "added" | "removed" | "moved" | "reshaped" | "relabelled" | "answered";

/** A shape that is off by less is where it was put, but for rounding. */
const SAME = 0.5;

/** What changed of each object from some labels to others; objects that are as they were are left out. */
export function differences(
  before: readonly Annotation[],
  now: Iterable<Annotation>,
): Map<string, readonly Change[]> {
  const old = new Map(before.map((one) => [one.id, one]));
  const found = new Map<string, readonly Change[]>();
  for (const one of now) {
    const was = old.get(one.id);
    old.delete(one.id);
    const changes = was ? changesOf(was, one) : (["added"] as const);
    if (changes.length > 0) found.set(one.id, changes);
  }
  for (const id of old.keys()) found.set(id, ["removed"]);
  return found;
}

function changesOf(was: Annotation, now: Annotation): Change[] {
  const changes: Change[] = [];
  if (was.frame !== now.frame) changes.push("moved");
  else {
    const shaped = shapeChange(was.geometry, now.geometry);
    if (shaped) changes.push(shaped);
  }
  if (was.class_name !== now.class_name) changes.push("relabelled");
  if (spell(was.attributes ?? {}) !== spell(now.attributes ?? {})) changes.push("answered");
  return changes;
}

/** Is a shape somewhere else, or another? */
export function shapeChange(was: Geometry, now: Geometry): "moved" | "reshaped" | null {
  if (was === now || spell(was) === spell(now)) return null;
  if (was.type === "track" && now.type === "track") {
    const keys = Object.keys(was.keyframes);
    if (spell(keys) !== spell(Object.keys(now.keyframes))) return "reshaped";
    const each = keys.map((key) => {
      const [a, b] = [was.keyframes[key]?.geometry, now.keyframes[key]?.geometry];
      return a && b ? shapeChange(a, b) : null;
    });
    return each.every((one) => one === "moved") ? "moved" : "reshaped";
  }
  if (was.type === "mask" && now.type === "mask") {
    const [a, b] = [runsOf(was.rle), runsOf(now.rle)];
    const [from, to] = [bounds(was), bounds(now)];
    if (!from || !to || runsArea(a) !== runsArea(b)) return "reshaped";
    const size = (box: typeof from) => [box.maxX - box.minX, box.maxY - box.minY].join();
    return size(from) === size(to) && spell(from) !== spell(to) ? "moved" : "reshaped";
  }
  const [a, b] = [pointsOf(was), pointsOf(now)];
  const first: XY = [(b[0]?.[0] ?? 0) - (a[0]?.[0] ?? 0), (b[0]?.[1] ?? 0) - (a[0]?.[1] ?? 0)];
  const rigid =
    was.type === now.type &&
    a.length > 0 &&
    a.length === b.length &&
    a.every(([x, y], i) => {
      const to = b[i] as XY;
      return Math.abs(x + first[0] - to[0]) < SAME && Math.abs(y + first[1] - to[1]) < SAME;
    });
  return rigid ? "moved" : "reshaped";
}

function pointsOf(geometry: Geometry): XY[] {
  return outlines(geometry).flatMap(({ points }) => [...points]);
}

/** One spelling of a value, whatever the order of its names. */
function spell(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
