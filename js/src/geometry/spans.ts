import type { Geometry, Track } from "../document/types.ts";
import { keysOf } from "./track.ts";
import { isVisible } from "./track_standing.ts";

/** Frames on which an object is seen alike, both included; to the end of the video without a last. */
export interface Span {
  readonly first: number;
  readonly last: number | null;
  readonly occluded: boolean;
}

/** What is told of a track on its lane: when it is there, its keyframes, where an answer changes. */
export interface Lane {
  readonly spans: readonly Span[];
  readonly keys: readonly number[];
  readonly ticks: readonly number[];
}

const lanes = new WeakMap<Track, Lane>();

/** The lane of a track; of each track it is worked out once. */
export function laneOf(track: Track): Lane {
  let lane = lanes.get(track);
  if (!lane) {
    const keys = keysOf(track);
    const answers = (key: number) => Object.keys(track.keyframes[key]?.attributes ?? {}).length;
    lane = { spans: spansOf(track), keys, ticks: keys.filter((key) => answers(key) > 0) };
    lanes.set(track, lane);
  }
  return lane;
}

function spansOf(track: Track): Span[] {
  const spans: Span[] = [];
  let open: Span | null = null;
  for (const key of keysOf(track)) {
    const keyframe = track.keyframes[key];
    const occluded = keyframe?.occluded === true;
    const there = isVisible(keyframe);
    if (open && there && open.occluded === occluded) continue;
    if (open) spans.push({ ...open, last: key - 1 });
    open = there ? { first: key, last: null, occluded } : null;
  }
  return open ? [...spans, open] : spans;
}

/** When something is in the picture: nothing for what is not about frames. */
export function framesOf(geometry: Geometry, frame: number | null | undefined): readonly Span[] {
  if (geometry.type === "track") return laneOf(geometry).spans;
  if (geometry.type === "interval" || geometry.type === "tag") return [];
  const first = frame ?? 0;
  return [{ first, last: first, occluded: false }];
}

/** The index of the first of some rising numbers that is no less than another. */
export function firstFrom(numbers: readonly number[], least: number, begin = 0): number {
  let [low, high] = [begin, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
