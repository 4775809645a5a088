import type { Annotation } from "../document/types.ts";
import type { Density } from "./density.ts";
import { framesOf } from "./spans.ts";
import { keyAfter, keyBefore } from "./track_standing.ts";

export type Way = 1 | -1;

/** The next frame with a keyframe, a shape of its own, or the end of an event; null for none. */
export function nextKey(annotations: Iterable<Annotation>, frame: number, way: Way): number | null {
  let best: number | null = null;
  const take = (found: number | null | undefined) => {
    if (found == null || (found - frame) * way <= 0) return;
    if (best === null || (best - found) * way > 0) best = found;
  };
  for (const { geometry, frame: own } of annotations) {
    if (geometry.type === "track") take((way > 0 ? keyAfter : keyBefore)(geometry, frame));
    else if (geometry.type === "interval") [geometry.first, geometry.last].forEach(take);
    else if (geometry.type !== "tag") take(own);
  }
  return best;
}

/** Is one of these in the picture, by frame? Events are where they happen. */
export function presence(annotations: Iterable<Annotation>, length: number): Uint8Array {
  const there = new Uint8Array(length);
  for (const { geometry, frame } of annotations) {
    const spans = geometry.type === "interval" ? [geometry] : framesOf(geometry, frame);
    for (const { first, last } of spans) there.fill(1, first, (last ?? length - 1) + 1);
  }
  return there;
}

type Numbers = Uint8Array | Int32Array;

/** The first frame of the next stretch in which there is nothing; null for none. */
export function nextGap(there: Numbers, frame: number, way: Way): number | null {
  for (let at = frame + way; at >= 0 && at < there.length; at += way)
    if (there[at] === 0 && (at === 0 || there[at - 1] !== 0)) return at;
  return null;
}

/** The next frame on which there is something; null for none. */
export function nextLabelled(there: Numbers, frame: number, way: Way): number | null {
  for (let at = frame + way; at >= 0 && at < there.length; at += way)
    if (there[at] !== 0) return at;
  return null;
}

/** The numbers of objects by frame, where nothing is selected. */
export function numbersOf(density: Density, selected: readonly Annotation[]): Numbers {
  return selected.length > 0 ? presence(selected, density.length) : density.counts;
}
