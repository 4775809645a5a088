import type { Annotation, Geometry, XY } from "../../document/types.ts";
import { centreOf, frameOf } from "../../geometry/frame.ts";
import { wrongWith } from "../../tools/select/vertices.ts";

const NO_ROOM = "There is no room on the picture to turn it so far.";

/**
 * Shapes that are turned, or scaled, about the middle of their frame: those that became others, by
 * id, or what is wrong with it. `change` returns null where they would not stay on the picture.
 */
export function changedTogether(
  shapes: readonly Annotation[],
  change: (shapes: readonly Geometry[], centre: XY) => readonly Geometry[] | null,
): [string, Geometry][] | string {
  const before = shapes.map((one) => one.geometry);
  const frame = frameOf(before);
  if (!frame) return [];
  const made = change(before, centreOf(frame.box));
  if (!made) return NO_ROOM;
  const wrong = before
    .map((one, i) => wrongWith(one, made[i] ?? one))
    .find((text) => text !== null);
  return (
    wrong ||
    shapes.flatMap((one, i): [string, Geometry][] => {
      const geometry = made[i];
      return geometry && geometry !== one.geometry ? [[one.id, geometry]] : [];
    })
  );
}
