import type { Annotation } from "./types.ts";

/** The class of the tags that mark key slices, as `labelwidgets.schema.key_slices` has it. */
export const KEY_SLICE = "Key slice";

export function isKeySlice(annotation: Annotation): boolean {
  return annotation.class_name === KEY_SLICE && annotation.geometry.type === "tag";
}
