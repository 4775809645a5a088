import type { Draft } from "../../document/document.ts";
import { newId } from "../../document/ids.ts";
import type { Annotation, Changed, Ontology, Shape, Track } from "../../document/types.ts";
import { keysOf, sightAt } from "../../geometry/track.ts";
import { answersAt, isThere } from "../../geometry/track_standing.ts";
import { asTrack } from "./tracks.ts";

export type TrackAnnotation = Annotation & { readonly geometry: Track };
/** A shape of one frame, instead of a track. */
type Made = Draft & { readonly annotation: string; readonly after: Changed };
export type Placed = Annotation & { readonly geometry: Shape };

/** What a track becomes: the shape on this frame, one for each keyframe, or one for each frame. */
export type Conversion = "frame" | "keyframes" | "frames";

/** More shapes at once would be no help to anybody. */
export const MOST_SHAPES = 10_000;
/** Shapes that each become a track, which begins where they are. */
export function tracksOf(shapes: readonly Placed[], ontology: Ontology): Draft[] {
  return shapes.map((one) => {
    const after = asTrack(one, one.geometry, one.frame ?? 0, ontology);
    return { kind: "update", annotation: one.id, after: { ...after, frame: null } };
  });
}

/** Tracks that become shapes of single frames; null where these would be too many. */
export function shapesOf(
  tracks: readonly TrackAnnotation[],
  how: Conversion,
  frame: number,
  last: number,
): Made[] | null {
  const drafts: Made[] = [];
  for (const one of tracks) {
    const frames = framesOf(one.geometry, how, frame, last);
    if (drafts.length + frames.length > MOST_SHAPES) return null;
    frames.forEach((k, i) => {
      const geometry = sightAt(one.geometry, k)?.geometry;
      if (!geometry) return;
      const after = { geometry, frame: k, attributes: answersAt(one, k) };
      drafts.push(
        i === 0
          ? { kind: "update", annotation: one.id, after }
          : { kind: "create", annotation: newId(), after: { ...fieldsOf(one), ...after } },
      );
    });
  }
  return drafts;
}

/** What a copy has of an object, beside its shape. */
export function fieldsOf({ class_name = null, attributes = {} }: Annotation) {
  return { class_name, attributes };
}

function framesOf(track: Track, how: Conversion, frame: number, end: number): number[] {
  const keys = keysOf(track);
  const wanted =
    how === "frame"
      ? [frame]
      : how === "keyframes"
        ? keys
        : Array.from(
            { length: Math.max(0, end - (keys[0] ?? 0) + 1) },
            (_, i) => (keys[0] ?? 0) + i,
          );
  return wanted.filter((k) => isThere(track, k));
}
