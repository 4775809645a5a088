import type { Annotation } from "../document/types.ts";
import type { Size } from "../geometry/transform.ts";
import type { Labels } from "./labels.ts";

const OFFSET = 12;

/** Copied labels, which may be pasted on this picture or on another one of the project. */
export class Clipboard {
  private task = "";
  private copies: readonly Annotation[] = [];

  /** Copy labels, tracks as they are on this frame; returns how many there were. */
  copy(labels: Labels, ids: readonly string[]): number {
    const copies = copiesOf(labels, ids);
    if (copies.length > 0) {
      this.task = labels.document.task;
      this.copies = copies;
    }
    return copies.length;
  }

  /** Put the copies in, beside what they were copied from, and return the new ids. */
  paste(labels: Labels, scale: number, size: Size): string[] {
    const beside = this.task === labels.document.task;
    const ids = labels.paste(this.copies, beside ? offset(scale) : 0, size);
    // Pasting again goes on from there.
    if (ids.length > 0) this.copy(labels, ids);
    return ids;
  }

  /** Put in copies of labels without touching what was copied before. */
  duplicate(labels: Labels, ids: readonly string[], scale: number, size: Size): string[] {
    return labels.paste(copiesOf(labels, ids), offset(scale), size);
  }
}

/** What can be put in somewhere else: an interval has no place of its own. */
function copiesOf(labels: Labels, ids: readonly string[]): Annotation[] {
  return ids
    .flatMap((id) => labels.here(id) ?? [])
    .filter(({ geometry }) => geometry.type !== "interval");
}

/** So far from the original that both are seen at this zoom. */
function offset(scale: number): number {
  return Math.max(1, Math.round(OFFSET / scale));
}
