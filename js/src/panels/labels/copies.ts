import type { Draft } from "../../document/document.ts";
import { newId } from "../../document/ids.ts";
import type { Annotation, Geometry, Track } from "../../document/types.ts";
import { runsOf, unite } from "../../geometry/runs.ts";
import { isShape, reshapedAt } from "../../geometry/track.ts";
import { held } from "../../geometry/track_edits.ts";
import { isThere } from "../../geometry/track_standing.ts";
import { withSlices } from "../../geometry/volume_patch.ts";

/**
 * What an annotation has on a slice, on another one too: a volume mask goes on there, of all else
 * there is another object. `seen` is its shape on the picture that is shown.
 */
export function copied(
  one: Annotation,
  from: number,
  to: number,
  seen: Geometry | undefined,
): Draft[] {
  const { id, class_name = null, geometry, attributes = {} } = one;
  if (geometry.type === "track") return heldTo(id, geometry, from, to, seen);
  if (geometry.type === "interval") return [];
  if (geometry.type !== "volumemask") {
    const here = geometry.type !== "tag" && (one.frame ?? 0) === from;
    const after = { class_name, geometry, attributes, frame: to };
    return here ? [{ kind: "create", annotation: newId(), after }] : [];
  }
  const [here, there] = [geometry.slices[from], geometry.slices[to]];
  if (!here) return [];
  const runs = there ? unite(runsOf(there), runsOf(here)) : runsOf(here);
  return [
    { kind: "update", annotation: id, after: { geometry: withSlices(geometry, [[to, runs]]) } },
  ];
}

/** A track that is on another frame, before or after, as it is on one. */
function heldTo(
  annotation: string,
  track: Track,
  from: number,
  to: number,
  seen: Geometry | undefined,
): Draft[] {
  const made =
    to > from
      ? held(track, from, to - from, to)
      : isShape(seen) && isThere(track, from)
        ? reshapedAt(track, to, seen)
        : null;
  return made ? [{ kind: "update", annotation, after: { geometry: made } }] : [];
}
