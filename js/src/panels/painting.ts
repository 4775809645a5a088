import type { Annotation, Geometry, Mask, Origin } from "../document/types.ts";
import type { PaintedMask } from "../geometry/painted_mask.ts";
import { maskOf } from "../geometry/patch.ts";
import { emptyRuns, equalRuns, type Runs, runsOf, subtract, unite } from "../geometry/runs.ts";
import type { Stroke } from "../tools/tool.ts";
import { LOCKED } from "./labels.ts";
import { LiveStroke } from "./live_stroke.ts";
import { geometryOf } from "./offer.ts";
import type { Room } from "./room.ts";

export type MaskAnnotation = Annotation & { readonly geometry: Mask };

/** A stroke in the making: the mask as it would be, and whose it is (null: a new object). */
export interface Painted {
  readonly id: string | null;
  readonly mask: PaintedMask;
}

/** Painting pixels into masks, and taking them out. */
export class Painting {
  private readonly live = new LiveStroke();
  private nothing: Runs = emptyRuns([1, 1]);
  private locked: { readonly key: string; readonly runs: Runs | null } = { key: "", runs: null };

  constructor(private readonly room: Room) {}

  /** The mask that a stroke is for: the selected one, else that of a class which has just one. */
  get target(): MaskAnnotation | null {
    const { room } = this;
    const [id, ...others] = room.state.selection.value;
    const selected = id && others.length === 0 ? room.labels?.document.get(id) : undefined;
    if (isMask(selected) && room.isHere(selected)) return selected;
    const made = room.currentClass;
    if (made?.instances !== false) return null;
    return this.masks().find((one) => one.class_name === made.name) ?? null;
  }

  /** What a stroke that is being made would leave; null where it cannot be made. */
  preview(stroke: Stroke): Painted | null {
    const { target, room } = this;
    if (this.refusal(target, stroke.erase)) return null;
    const { width, height } = room.viewport.imageSize;
    const size = [height, width] as const;
    if (!sameSize(this.nothing, size)) this.nothing = emptyRuns(size);
    const base = target ? runsOf(target.geometry.rle) : this.nothing;
    const kept = this.removesUnderlying(stroke.erase) ? this.kept(target, size) : null;
    return { id: target?.id ?? null, mask: this.live.follow(stroke, base, kept) };
  }

  /** Paint or erase pixels: one gesture, whatever masks it touches. */
  stroke(runs: Runs, erase: boolean, origin?: Origin): void {
    const { room, target } = this;
    const { labels } = room;
    if (runs.edges.length === 0 || !labels) return;
    const refusal = this.refusal(target, erase);
    if (refusal) {
      room.board.say(refusal);
      return;
    }
    const clears = this.removesUnderlying(erase);
    const kept = clears ? this.kept(target, runs.size) : null;
    const pixels = kept ? subtract(runs, kept) : runs;
    const shapes: (readonly [string, Geometry, (Origin | undefined)?])[] = [];
    const gone: string[] = [];
    const put = (id: string, before: Runs, after: Runs, from?: Origin) => {
      if (after.edges.length === 0) gone.push(id);
      else if (!equalRuns(before, after)) shapes.push([id, maskOf(after), from]);
    };
    if (target) {
      const before = runsOf(target.geometry.rle);
      put(target.id, before, erase ? subtract(before, pixels) : unite(before, pixels), origin);
    }
    if (clears) {
      for (const other of this.others(target, runs.size)) {
        if (other.state === "locked") continue;
        const before = runsOf(other.geometry.rle);
        put(other.id, before, subtract(before, pixels));
      }
    }
    const className = room.currentClass?.name ?? "";
    const made = !target && pixels.edges.length > 0;
    const making = made ? [{ className, geometry: maskOf(pixels), ...(origin && { origin }) }] : [];
    const ids = labels.change(making, shapes, gone);
    if (ids.length > 0) room.select(ids);
    else if (target) room.select([target.id]);
  }

  strokeMask(mask: Mask, erase: boolean, origin?: Origin): void {
    this.stroke(runsOf(mask.rle), erase, origin);
  }

  /** Why nothing can be painted, null where it can. */
  private refusal(target: MaskAnnotation | null, erase: boolean): string | null {
    if (target) return target.state === "locked" ? LOCKED : null;
    if (erase) return "Nothing to erase from: select a mask first.";
    const made = this.room.currentClass;
    return made && geometryOf(made) === "mask" ? null : "Choose a class of masks to paint.";
  }

  private removesUnderlying(erase: boolean): boolean {
    return !erase && this.room.settings.underlying === true;
  }

  /** Pixels that may not be taken: those of the other masks that are locked. */
  private kept(target: MaskAnnotation | null, size: Runs["size"]): Runs | null {
    const locked = this.others(target, size).filter((one) => one.state === "locked");
    const key = locked.map((one) => `${one.id} ${one.revision}`).join();
    if (key !== this.locked.key) {
      const runs = locked.map((one) => runsOf(one.geometry.rle));
      this.locked = { key, runs: runs.length > 0 ? runs.reduce(unite) : null };
    }
    return this.locked.runs;
  }

  private others(target: MaskAnnotation | null, size: Runs["size"]): MaskAnnotation[] {
    return this.masks().filter(
      (one) => one.id !== target?.id && sameSize(runsOf(one.geometry.rle), size),
    );
  }

  private masks(): MaskAnnotation[] {
    return (this.room.labels?.objects() ?? [])
      .filter(isMask)
      .filter((one) => this.room.isHere(one));
  }
}

export function isMask(annotation: Annotation | undefined): annotation is MaskAnnotation {
  return annotation?.geometry.type === "mask";
}

function sameSize(runs: Runs, size: Runs["size"]): boolean {
  return runs.size[0] === size[0] && runs.size[1] === size[1];
}
