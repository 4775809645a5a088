import type { Keyframe, Track } from "../document/types.ts";
import { keysOf, sightAt } from "./track.ts";

/** A track with keyframes of another one on those frames on which it has none. */
export function extended(track: Track, by: Track): Track {
  return { type: "track", keyframes: { ...by.keyframes, ...track.keyframes } };
}

/**
 * What keyframes would make of a track, on the frames that they are about: from the keyframe before
 * them to the last of them, or to the next one of the track's own where it is between others.
 */
export function proposedFor(track: Track, by: Track): Track {
  const all = extended(track, by);
  const [first = 0, last = first] = [keysOf(by)[0], keysOf(by).at(-1)];
  const keys = keysOf(track);
  const low = keys.findLast((key) => key <= first) ?? first;
  const next = keys.find((key) => key >= last);
  const begin = keys.some((key) => key > first && key < last) ? low : Math.min(low, first);
  const high = next ?? last;
  const keyframes: Record<string, Keyframe> = { [high + 1]: { outside: true } };
  for (const key of keysOf(all)) {
    const made = all.keyframes[key];
    if (made && key >= begin && key <= high) keyframes[key] = made;
  }
  const seen = sightAt(all, begin);
  if (seen && !keyframes[begin]) keyframes[begin] = { geometry: seen.geometry };
  return { type: "track", keyframes };
}
