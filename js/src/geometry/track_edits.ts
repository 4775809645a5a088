import type { Answers, Keyframe, Shape, Track } from "../document/types.ts";
import { keysOf, sightAt, withKeyframe } from "./track.ts";
import { heldAnswers, isThere, isVisible, stretchesOf } from "./track_standing.ts";

// What a person does to tracks. All take frames that count from 0, and leave the track that they
// are given as it is. Null stands for a track of which nothing would be left.

/** Two tracks are in the picture at once on these frames. */
export interface Clash {
  readonly first: number;
  readonly last: number;
}

/** The keyframe on a frame, or one that says what is seen there; null where nothing is. */
export function keyframeFor(track: Track, frame: number): Keyframe | null {
  const here = track.keyframes[frame];
  if (here) return here;
  const sight = sightAt(track, frame);
  return sight && { geometry: sight.geometry, ...(sight.occluded && { occluded: true }) };
}

/** The same for a word about it: no joint of a skeleton is placed by that. */
function saidOn(track: Track, frame: number): Keyframe | null {
  const made = keyframeFor(track, frame);
  const fresh = made?.geometry?.type === "keypoints" && !(frame in track.keyframes);
  return fresh ? { ...made, joints: [] } : made;
}

/** The object stays as it is seen, and is a keyframe on this frame. */
export function keyed(track: Track, frame: number): Track | null {
  const made = isThere(track, frame) ? keyframeFor(track, frame) : null;
  return made && withKeyframe(track, frame, made);
}

/** Without the keyframe on a frame, and its answers: there is what its neighbours make of it. */
export function unkeyed(track: Track, frame: number): Track | null {
  return tidied(withKeyframe(track, frame, null));
}

/** It leaves the picture on a frame, until its next keyframe. */
export function left(track: Track, frame: number): Track | null {
  const here = isThere(track, frame) ? keyframeFor(track, frame) : null;
  if (!here) return track;
  const { occluded: _, ...kept } = here;
  return tidied(withKeyframe(track, frame, { ...kept, outside: true }));
}

/** It is back in the picture on a frame, as it was seen last, or is seen next. */
export function returned(track: Track, frame: number): Track {
  if (isThere(track, frame)) return track;
  const { outside: _, ...here } = track.keyframes[frame] ?? {};
  const shapes = keysOf(track).filter((key) => track.keyframes[key]?.geometry);
  const near = shapes.filter((key) => key < frame).at(-1) ?? shapes[0] ?? frame;
  const geometry = here.geometry ?? track.keyframes[near]?.geometry;
  return geometry ? withKeyframe(track, frame, { ...here, geometry }) : track;
}

/** Something is in front of it from a frame on until its next keyframe, or no longer. */
export function veiled(track: Track, frame: number, occluded: boolean): Track | null {
  const here = isThere(track, frame) ? saidOn(track, frame) : null;
  if (!here) return null;
  const { occluded: _, ...others } = here;
  return withKeyframe(track, frame, { ...others, ...(occluded && { occluded }) });
}

/** It has another answer from a frame on, until a later keyframe answers otherwise. */
export function answered(
  track: Track,
  frame: number,
  name: string,
  value: string | readonly string[] | null,
): Track | null {
  const here = isThere(track, frame) ? saidOn(track, frame) : null;
  if (!here) return null;
  const { [name]: _, ...others } = here.attributes ?? {};
  const attributes = value === null ? others : { ...others, [name]: value };
  return withKeyframe(track, frame, withAnswers(here, attributes));
}

/** The answers of its frames without those to some questions; the same track where none go. */
export function withoutAnswers(track: Track, gone: (name: string) => boolean): Track {
  let made = track;
  for (const key of keysOf(track)) {
    const keyframe = track.keyframes[key];
    const said = Object.entries(keyframe?.attributes ?? {});
    const kept = said.filter(([name]) => !gone(name));
    if (!keyframe || kept.length === said.length) continue;
    made = withKeyframe(made, key, withAnswers(keyframe, Object.fromEntries(kept)));
  }
  return made;
}

/**
 * A stretch of frames, both included, is taken out: the object is outside there, and after it as it
 * was. `end` is the last frame of the video.
 */
export function cut(
  track: Track,
  first: number,
  last: number,
  end = Number.POSITIVE_INFINITY,
): Track | null {
  const keys = keysOf(track);
  const touched = stretchesOf(track).some(
    (one) => one.first <= last && (one.last === null || one.last >= first),
  );
  if (!touched) return track;
  const gone = keys.filter((key) => key >= first && key <= last);
  let made = without(track, gone);
  if (first > 0 && isThere(track, first - 1)) {
    // Up to there it goes where it went.
    const { geometry } = keyframeFor(track, first) ?? {};
    made = withKeyframe(made, first, { ...(geometry && { geometry }), outside: true });
  }
  const after = last + 1;
  const back = after <= end && isThere(track, after) ? keyframeFor(track, after) : null;
  if (back) made = withKeyframe(made, after, back);
  return tidied(withAnswersFrom(made, after, saidBy(track, gone)));
}

/** It leaves the picture on a frame and does not come back. */
export function ended(track: Track, frame: number): Track | null {
  return cut(track, frame, Math.max(frame, keysOf(track).at(-1) ?? frame), frame);
}

/** What is before a frame, and what is from it on; null where one of them would be empty. */
export function split(track: Track, frame: number): readonly [Track, Track] | null {
  const before = ended(track, frame);
  const here = isThere(track, frame) ? keyframeFor(track, frame) : null;
  const keys = keysOf(track);
  const rest = without(
    track,
    keys.filter((key) => key < frame),
  );
  const begun = here ? withKeyframe(rest, frame, here) : rest;
  const held = heldAnswers(track, frame - 1);
  const after = tidied(withAnswersFrom(begun, frame, held));
  return before && after ? [before, after] : null;
}

/**
 * Tracks that are never in the picture at once, as one. Where none of them is, the object is outside
 * if that was said; the last keyframe of one is else interpolated to the first of the next. A track
 * that is not ended counts until its last keyframe.
 */
export function merged(tracks: readonly Track[]): Track | Clash {
  const parts = partsOf(tracks);
  for (const [i, part] of parts.entries()) {
    const next = parts[i + 1];
    if (next && next.first <= part.last)
      return { first: next.first, last: Math.min(part.last, next.last) };
  }
  const keyframes: Record<number, Keyframe> = {};
  // What is said while another one is in the picture is not about that.
  const inside = (key: number, of: Track) =>
    parts.some((part) => part.of !== of && part.first <= key && key <= part.last);
  for (const track of tracks)
    for (const key of keysOf(track)) {
      const keyframe = track.keyframes[key];
      if (!keyframe || inside(key, track)) continue;
      if (isVisible(keyframe) || !isVisible(keyframes[key])) keyframes[key] = keyframe;
    }
  let made: Track = { type: "track", keyframes };
  // Answers that held in a part hold there still, whatever was said in the one before it.
  for (const { of, first } of parts)
    made = withAnswersFrom(made, first, heldAnswers(of, first), first);
  return tidied(made) ?? made;
}

/** Tracks of one object with gaps between them, as one: in the gaps it is interpolated. */
export function linked(tracks: readonly Track[]): Track | Clash {
  const made = merged(tracks);
  if (!isTrack(made)) return made;
  const parts = partsOf(tracks);
  const gaps = parts.flatMap((part, i) => {
    const next = parts[i + 1];
    return next && next.of !== part.of ? [[part.last, next.first] as const] : [];
  });
  const gone = keysOf(made).filter(
    (key) => !isVisible(made.keyframes[key]) && gaps.some(([from, to]) => from < key && key < to),
  );
  return withAnswersFrom(without(made, gone), gone[0] ?? 0, saidBy(made, gone));
}

export function isTrack(made: Track | Clash): made is Track {
  return "type" in made;
}

/** As it is seen on a frame it stays on the `count` frames that follow, up to the last one. */
export function held(track: Track, frame: number, count: number, end: number): Track | null {
  const here = isThere(track, frame) ? keyframeFor(track, frame) : null;
  const to = Math.min(frame + count, end);
  if (!here || to <= frame) return here && track;
  const over = keysOf(track).filter((key) => key > frame && key <= to);
  const { attributes: _, pts: __, ...same } = here;
  const made = withKeyframe(withKeyframe(without(track, over), frame, here), to, same);
  return withAnswersFrom(made, to, saidBy(track, over));
}

/** A track that begins with a shape on a frame; answers that may change are said there. */
export function trackFrom(geometry: Shape, frame: number, attributes: Answers = {}): Track {
  const said = Object.keys(attributes).length > 0 && { attributes };
  return { type: "track", keyframes: { [frame]: { geometry, ...said } } };
}

/** The same with other shapes on all keyframes; null where one would have none. */
export function reshaped(track: Track, make: (shape: Shape) => Shape | null): Track | null {
  const keyframes: Record<string, Keyframe> = {};
  for (const [key, keyframe] of Object.entries(track.keyframes)) {
    const geometry = keyframe.geometry ? make(keyframe.geometry) : keyframe.geometry;
    if (geometry === null && !keyframe.outside) return null;
    keyframes[key] = { ...keyframe, ...(geometry !== undefined && { geometry }) };
  }
  return { type: "track", keyframes };
}

interface Part {
  readonly of: Track;
  readonly first: number;
  readonly last: number;
}

/** When tracks are in the picture, those that are not ended until their last keyframe. */
function partsOf(tracks: readonly Track[]): Part[] {
  const parts = tracks.flatMap((of) => {
    const end = keysOf(of).at(-1) ?? 0;
    return stretchesOf(of).map(({ first, last }) => ({ of, first, last: last ?? end }));
  });
  return parts.sort((a, b) => a.first - b.first);
}

function without(track: Track, gone: readonly number[]): Track {
  if (gone.length === 0) return track;
  const names = new Set(gone.map(String));
  const kept = Object.entries(track.keyframes).filter(([key]) => !names.has(key));
  return { type: "track", keyframes: Object.fromEntries(kept) };
}

/** What some keyframes answer, the later ones last. */
function saidBy(track: Track, keys: readonly number[]): Answers {
  return Object.assign({}, ...keys.map((key) => track.keyframes[key]?.attributes));
}

/** Answers that go on to hold: the first visible keyframe from a frame on says them too. */
function withAnswersFrom(
  track: Track,
  frame: number,
  said: Answers,
  upTo = Number.POSITIVE_INFINITY,
): Track {
  if (Object.keys(said).length === 0) return track;
  const key = keysOf(track).find((one) => one >= frame && isVisible(track.keyframes[one]));
  const keyframe = key === undefined || key > upTo ? undefined : track.keyframes[key];
  if (key === undefined || !keyframe) return track;
  const between = keysOf(track).filter((one) => one >= frame && one <= key);
  return withKeyframe(track, key, withAnswers(keyframe, { ...said, ...saidBy(track, between) }));
}

function withAnswers(keyframe: Keyframe, attributes: Answers): Keyframe {
  const { attributes: _, ...others } = keyframe;
  return Object.keys(attributes).length > 0 ? { ...others, attributes } : others;
}

/** Nobody needs to be told that an object is outside before it was ever there. */
function tidied(track: Track): Track | null {
  const keys = keysOf(track);
  const first = keys.findIndex((key) => isVisible(track.keyframes[key]));
  if (first < 0) return null;
  const early = keys.slice(0, first);
  return withAnswersFrom(without(track, early), 0, saidBy(track, early));
}
