import { classOf } from "../../document/answers.ts";
import type { Draft } from "../../document/document.ts";
import type {
  Annotation,
  Changed,
  Fields,
  Geometry,
  Ontology,
  Shape,
} from "../../document/types.ts";
import { isShape, reshapedAt } from "../../geometry/track.ts";
import { cut, trackFrom } from "../../geometry/track_edits.ts";
import { shapeTypeOf } from "../../geometry/track_standing.ts";

/** A new object of a group is on the picture that is looked at; answers are about the group. */
export function placed(after: Fields, frame: number | null): Fields {
  const keeps = frame === null || !isShape(after.geometry);
  return keeps || after.frame != null ? after : { ...after, frame };
}

/** What is drawn on a frame of a video is the beginning of a track, where tracks are made. */
export function begun(after: Fields, frame: number | null, ontology: Ontology): Fields {
  const { geometry } = after;
  if (frame === null || after.frame != null || !isShape(geometry)) return after;
  return { ...after, ...asTrack(after, geometry, frame, ontology) };
}

/** A track that begins with a shape: the answers that may change are said on its first frame. */
export function asTrack(
  { class_name, attributes }: Fields,
  geometry: Shape,
  frame: number,
  ontology: Ontology,
): Fields {
  const given = Object.entries(attributes ?? {});
  if (given.length === 0) return { geometry: trackFrom(geometry, frame) };
  const asked = classOf(ontology, class_name)?.attributes ?? [];
  const names = new Set(asked.flatMap((one) => (one.mutable ? [one.name] : [])));
  const [changing, whole] = [true, false].map((some) =>
    Object.fromEntries(given.filter(([name]) => names.has(name) === some)),
  );
  return { geometry: trackFrom(geometry, frame, changing), attributes: whole ?? {} };
}

/**
 * Another shape of a track is a keyframe of it on the frame that is shown. Null where it is of
 * another kind than the others.
 */
export function onTrack(
  after: Changed,
  was: Annotation | undefined,
  frame: number | null,
): Changed | null {
  const { geometry } = after;
  if (was?.geometry.type !== "track" || frame === null) return after;
  if (!isShape(geometry) || after.frame !== undefined) return after;
  const others = Object.keys(was.geometry.keyframes).some((key) => Number(key) !== frame);
  if (others && shapeTypeOf(was.geometry) !== geometry.type) return null;
  return { ...after, geometry: reshapedAt(was.geometry, frame, geometry) };
}

/** An object of which nothing is left on this picture: a track is not there on this frame alone. */
export function goneAt(
  annotation: string,
  geometry: Geometry | undefined,
  frame: number | null,
  last: number,
): Draft {
  if (geometry?.type === "track" && frame !== null) {
    const made = cut(geometry, frame, frame, last);
    if (made) return { kind: "update", annotation, after: { geometry: made } };
  }
  return { kind: "delete", annotation };
}
