import type { Interval, Track } from "../document/types.ts";
import { keysOf } from "./track.ts";

/** A keyframe is moved in time, no further than to the frame beside its neighbour. */
export function movedKeyframe(track: Track, from: number, to: number, lastFrame: number): Track {
  const keyframe = track.keyframes[from];
  if (!keyframe) return track;
  const keys = keysOf(track);
  const place = keys.indexOf(from);
  const least = (keys[place - 1] ?? -1) + 1;
  const most = (keys[place + 1] ?? lastFrame + 1) - 1;
  const frame = Math.min(Math.max(to, least), Math.max(least, most));
  if (frame === from) return track;
  const { [from]: _, ...others } = track.keyframes;
  // The time of another frame is another one.
  const { pts: __, ...moved } = keyframe;
  return { type: "track", keyframes: { ...others, [frame]: moved } };
}

/** An interval that begins or ends on another frame: never before it begins. */
export function withEdge(event: Interval, edge: "first" | "last", frame: number): Interval {
  const { first, last } = event;
  return edge === "first"
    ? { type: "interval", first: Math.min(Math.max(0, frame), last), last }
    : { type: "interval", first, last: Math.max(frame, first) };
}

/** An interval that is elsewhere, as long as it was, within the video. */
export function shifted(event: Interval, frames: number, lastFrame: number): Interval {
  const by = Math.min(Math.max(frames, -event.first), Math.max(0, lastFrame - event.last));
  return { type: "interval", first: event.first + by, last: event.last + by };
}

/** From one frame to another, whichever of them is first. */
export function between(one: number, other: number): Interval {
  return { type: "interval", first: Math.min(one, other), last: Math.max(one, other) };
}
