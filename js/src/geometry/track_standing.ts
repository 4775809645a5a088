import type { Annotation, Answers, Keyframe, Shape, Track } from "../document/types.ts";
import { keysOf } from "./track.ts";

export { isThere } from "./track.ts";

/** How an object stands on a frame; nothing is interpolated to know it. */
export interface Standing {
  readonly state: "keyframe" | "between" | "outside";
  readonly occluded: boolean;
  /** The frame of the keyframe that says so; null before the first one. */
  readonly since: number | null;
}

/** Frames from one to another, both included; to the end of the video where there is no last. */
export interface Stretch {
  readonly first: number;
  readonly last: number | null;
}

/** The frame of the last keyframe up to a frame, null before the first one. */
export function keyUpTo(track: Track, frame: number): number | null {
  const keys = keysOf(track);
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? 0) <= frame) low = middle + 1;
    else high = middle;
  }
  return keys[low - 1] ?? null;
}

/** The frame of the first keyframe after a frame, null after the last one. */
export function keyAfter(track: Track, frame: number): number | null {
  const keys = keysOf(track);
  const before = keyUpTo(track, frame);
  return keys[before === null ? 0 : keys.indexOf(before) + 1] ?? null;
}

/** The frame of the last keyframe before a frame, null for none. */
export function keyBefore(track: Track, frame: number): number | null {
  return keyUpTo(track, frame - 1);
}

export function isVisible(
  keyframe: Keyframe | undefined,
): keyframe is Keyframe & { readonly geometry: Shape } {
  return !!keyframe?.geometry && !keyframe.outside;
}

export function standingAt(track: Track, frame: number): Standing {
  const since = keyUpTo(track, frame);
  const keyframe = since === null ? undefined : track.keyframes[since];
  if (!isVisible(keyframe)) return { state: "outside", occluded: false, since };
  const state = since === frame ? "keyframe" : "between";
  return { state, occluded: keyframe.occluded === true, since };
}

/** When it is in the picture, in the order of time. */
export function stretchesOf(track: Track): readonly Stretch[] {
  let stretches = known.get(track);
  if (!stretches) {
    stretches = foundIn(track);
    known.set(track, stretches);
  }
  return stretches;
}

const known = new WeakMap<Track, readonly Stretch[]>();

function foundIn(track: Track): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let first: number | null = null;
  for (const key of keysOf(track)) {
    const visible = isVisible(track.keyframes[key]);
    if (visible) first ??= key;
    else if (first !== null) {
      stretches.push({ first, last: key - 1 });
      first = null;
    }
  }
  return first === null ? stretches : [...stretches, { first, last: null }];
}

/** The frame nearest to another one on which the object is in the picture; null for none. */
export function nearestThere(track: Track, frame: number): number | null {
  let best: number | null = null;
  for (const { first, last } of stretchesOf(track)) {
    const at = Math.min(Math.max(frame, first), last ?? Number.POSITIVE_INFINITY);
    if (best === null || Math.abs(at - frame) < Math.abs(best - frame)) best = at;
  }
  return best;
}

/** The kind of the shapes of a track. */
export function shapeTypeOf(track: Track): Shape["type"] | null {
  for (const key of keysOf(track)) {
    const geometry = track.keyframes[key]?.geometry;
    if (geometry) return geometry.type;
  }
  return null;
}

/** What was answered from frame to frame, as it holds on a frame. */
export function heldAnswers(track: Track, frame: number): Answers {
  let held: Answers = {};
  for (const key of keysOf(track)) {
    if (key > frame) break;
    const said = track.keyframes[key]?.attributes;
    if (said) held = { ...held, ...said };
  }
  return held;
}

/** The answers in force: of a track those of the frame go before those of the whole of it. */
export function answersAt(annotation: Annotation, frame: number | null): Answers {
  const { geometry, attributes = {} } = annotation;
  if (geometry.type !== "track") return attributes;
  return { ...attributes, ...heldAnswers(geometry, frame ?? 0) };
}

/** The frame on which the answer that holds on a frame was given; null for none. */
export function answeredOn(track: Track, frame: number, name: string): number | null {
  let since: number | null = null;
  for (const key of keysOf(track)) {
    if (key > frame) break;
    if (Object.hasOwn(track.keyframes[key]?.attributes ?? {}, name)) since = key;
  }
  return since;
}
