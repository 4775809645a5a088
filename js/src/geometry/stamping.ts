import type { Annotation, Changed, Keyframe, Track } from "../document/types.ts";

/** When a frame of a video is shown, in the time base of its stream; null where that is not known. */
export type Times = (frame: number) => number | null;

/**
 * What an edit sets, with the timestamps of the frames that it names: (frame, timestamp) is the key
 * of a label, so that the kernel can tell whether a file is the one that was labelled.
 */
export function stamped<T extends Changed>(after: T, was: Annotation | undefined, times: Times): T {
  const { geometry, frame } = after;
  let made = after;
  if (frame !== undefined) {
    const pts = frame === null ? null : times(frame);
    if (pts !== (was?.pts ?? null)) made = { ...made, pts };
  }
  if (geometry?.type === "interval") {
    const [first, last] = [times(geometry.first), times(geometry.last)];
    const ends = {
      ...(first !== null && { first_pts: first }),
      ...(last !== null && { last_pts: last }),
    };
    made = { ...made, geometry: { ...geometry, ...ends } };
  }
  if (geometry?.type !== "track") return made;
  const track = stampedTrack(geometry, was?.geometry.type === "track" ? was.geometry : null, times);
  return track === geometry ? made : { ...made, geometry: track };
}

/** A track with the timestamps of those of its keyframes that are not as they were. */
function stampedTrack(track: Track, was: Track | null, times: Times): Track {
  const changed: Record<string, Keyframe> = {};
  for (const [key, made] of Object.entries(track.keyframes)) {
    if (was?.keyframes[key] === made) continue;
    const { pts = null, ...rest } = made;
    const now = times(Number(key));
    if (now !== pts) changed[key] = now === null ? rest : { ...rest, pts: now };
  }
  if (Object.keys(changed).length === 0) return track;
  return { type: "track", keyframes: { ...track.keyframes, ...changed } };
}
