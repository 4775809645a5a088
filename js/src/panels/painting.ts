import type { Annotation, Mask, Origin } from "../document/types.ts";
import { emptyRuns, type Runs, rleOf, runsOf, subtract, unite } from "../geometry/runs.ts";
import type { Room } from "./room.ts";
import { geometryOf } from "./toolbox.ts";

type MaskAnnotation = Annotation & { readonly geometry: Mask };

/** Painting pixels into masks, and taking them out. */
export class Painting {
  constructor(private readonly room: Room) {}

  /** The mask that a stroke is for: the selected one, else that of a class which has just one. */
  get target(): MaskAnnotation | null {
    const { room } = this;
    const [id, ...others] = room.state.selection.value;
    const selected = id && others.length === 0 ? room.labels?.document.get(id) : undefined;
    if (isMask(selected)) return selected;
    const made = room.currentClass;
    if (made?.instances !== false) return null;
    const all = room.labels?.objects() ?? [];
    return all.filter(isMask).find((one) => one.class_name === made.name) ?? null;
  }

  stroke(runs: Runs, erase: boolean, origin?: Origin): void {
    const { room, target } = this;
    if (runs.edges.length === 0 || !room.labels) return;
    if (target) {
      const before = runsOf(target.geometry.rle);
      const after = erase ? subtract(before, runs) : unite(before, runs);
      if (after.edges.length === 0) room.labels.remove([target.id]);
      else room.labels.reshape([[target.id, { type: "mask", rle: rleOf(after) }]], origin);
      return;
    }
    const made = room.currentClass;
    if (erase) {
      room.board.say("Nothing to erase from: select a mask first.");
      return;
    }
    if (!made || geometryOf(made) !== "mask") {
      room.board.say("Choose a class of masks to paint.", "warning");
      return;
    }
    const geometry: Mask = { type: "mask", rle: rleOf(unite(emptyRuns(runs.size), runs)) };
    const making = { className: made.name, geometry, ...(origin && { origin }) };
    const ids = room.labels.change([making], [], []);
    if (ids.length > 0) room.select(ids);
  }

  strokeMask(mask: Mask, erase: boolean, origin?: Origin): void {
    this.stroke(runsOf(mask.rle), erase, origin);
  }
}

function isMask(annotation: Annotation | undefined): annotation is MaskAnnotation {
  return annotation?.geometry.type === "mask";
}
