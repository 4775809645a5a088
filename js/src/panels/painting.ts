import type { Annotation, Geometry, Mask, Origin, VolumeMask } from "../document/types.ts";
import type { PaintedMask } from "../geometry/painted_mask.ts";
import { emptyRuns, equalRuns, type Runs, runsOf, subtract, unite } from "../geometry/runs.ts";
import { withSlices } from "../geometry/volume_patch.ts";
import type { Stroke } from "../tools/tool.ts";
import { LOCKED } from "./labels.ts";
import { LiveStroke } from "./live_stroke.ts";
import { geometryOf } from "./offer.ts";
import { isPaintable, type Layer, layerOf, newShape } from "./paint_layer.ts";
import type { Room } from "./room.ts";

const NO_TARGET = "Nothing to erase from: select a mask first.";

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
  get target(): Layer | null {
    const { room } = this;
    const [id, ...others] = room.state.selection.value;
    const selected = id && others.length === 0 ? room.labels?.document.get(id) : undefined;
    const layer = selected && this.layer(selected);
    if (layer) return layer;
    const made = room.currentClass;
    if (made?.instances !== false) return null;
    const one = (room.labels?.objects() ?? []).find(
      (other) => other.class_name === made.name && this.layer(other),
    );
    return one ? this.layer(one) : null;
  }

  /** What a stroke that is being made would leave; null where it cannot be made. */
  preview(stroke: Stroke): Painted | null {
    const { target } = this;
    if (this.refusal(target, stroke.erase)) return null;
    const base = target?.runs ?? this.empty();
    const kept = this.removesUnderlying(stroke.erase) ? this.kept(target, base.size) : null;
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
    const put = (layer: Layer, after: Runs, from?: Origin) => {
      if (equalRuns(layer.runs, after)) return;
      const shape = layer.put(after);
      if (shape) shapes.push([layer.id, shape, from]);
      else gone.push(layer.id);
    };
    if (target) {
      put(target, erase ? subtract(target.runs, pixels) : unite(target.runs, pixels), origin);
    }
    if (clears) {
      for (const other of this.others(target, runs.size)) {
        if (!other.locked) put(other, subtract(other.runs, pixels));
      }
    }
    const made = room.currentClass;
    const shape = target ? null : newShape(made, room.frame, pixels);
    const making = shape
      ? [{ className: made?.name ?? "", geometry: shape, ...(origin && { origin }) }]
      : [];
    const ids = labels.change(making, shapes, gone);
    if (ids.length > 0) room.select(ids);
    else if (target) room.select([target.id]);
  }

  strokeMask(mask: Mask, erase: boolean, origin?: Origin): void {
    this.stroke(runsOf(mask.rle), erase, origin);
  }

  /** Put voxels into, or take them out of, the volume mask in hand, on whatever slices they are. */
  strokeVolume(mask: VolumeMask, erase: boolean, origin?: Origin): void {
    const { room } = this;
    const target = this.volume;
    const refusal = target?.state === "locked" ? LOCKED : target || !erase ? null : NO_TARGET;
    if (refusal) {
      room.board.say(refusal);
      return;
    }
    const from = origin && { origin };
    if (!target) {
      const made = room.currentClass;
      const making = [{ className: made?.name ?? "", geometry: mask, ...from }];
      const ids = room.labels?.change(making, [], []) ?? [];
      if (ids.length > 0) room.select(ids);
      return;
    }
    const { slices } = target.geometry;
    const changed = Object.entries(mask.slices).flatMap(([key, rle]): [number, Runs][] => {
      const [was, more] = [slices[key] && runsOf(slices[key]), runsOf(rle)];
      if (!was) return erase ? [] : [[Number(key), more]];
      return [[Number(key), erase ? subtract(was, more) : unite(was, more)]];
    });
    const made = withSlices(target.geometry, changed);
    const gone = Object.keys(made.slices).length === 0;
    if (gone) room.labels?.change([], [], [target.id]);
    else room.labels?.change([], [[target.id, made, origin]], []);
    if (!gone) room.select([target.id]);
  }

  /** The volume mask that is selected, else that of a class which has just one. */
  private get volume(): (Annotation & { readonly geometry: VolumeMask }) | undefined {
    const { room } = this;
    const [id, ...others] = room.state.selection.value;
    const selected = id && others.length === 0 ? room.labels?.document.get(id) : undefined;
    if (isVolumeMask(selected)) return selected;
    const made = room.currentClass;
    if (made?.instances !== false) return undefined;
    return (room.labels?.objects() ?? [])
      .filter(isVolumeMask)
      .find((one) => one.class_name === made.name);
  }

  /** Why nothing can be painted, null where it can. */
  private refusal(target: Layer | null, erase: boolean): string | null {
    if (target) return target.locked ? LOCKED : null;
    if (erase) return NO_TARGET;
    const made = this.room.currentClass;
    if (geometryOf(made) === "volumemask")
      return this.room.onScan ? null : "Masks through the slices are painted on scans.";
    return made && geometryOf(made) === "mask" ? null : "Choose a class of masks to paint.";
  }

  private removesUnderlying(erase: boolean): boolean {
    return !erase && this.room.settings.underlying === true;
  }

  /** Pixels that may not be taken: those of the other masks that are locked. */
  private kept(target: Layer | null, size: Runs["size"]): Runs | null {
    const locked = this.others(target, size).filter((one) => one.locked);
    const key = locked.map((one) => `${one.id} ${one.revision}`).join() + this.room.frame;
    if (key !== this.locked.key) {
      const runs = locked.map((one) => one.runs);
      this.locked = { key, runs: runs.length > 0 ? runs.reduce(unite) : null };
    }
    return this.locked.runs;
  }

  private others(target: Layer | null, size: Runs["size"]): Layer[] {
    return (this.room.labels?.objects() ?? [])
      .filter((one) => one.id !== target?.id && isPaintable(one) && this.room.isHere(one))
      .flatMap((one) => this.layer(one) ?? [])
      .filter((one) => sameSize(one.runs, size));
  }

  /** What can be painted of an annotation on the picture that is shown. */
  layer(annotation: Annotation): Layer | null {
    return layerOf(annotation, this.room.frame, this.empty());
  }

  /** A mask of no pixels, of the size of the picture; the same one each time. */
  private empty(): Runs {
    const { width, height } = this.room.viewport.imageSize;
    const size = [height, width] as const;
    if (!sameSize(this.nothing, size)) this.nothing = emptyRuns(size);
    return this.nothing;
  }
}

function isVolumeMask(
  annotation: Annotation | undefined,
): annotation is Annotation & { readonly geometry: VolumeMask } {
  return annotation?.geometry.type === "volumemask";
}

export function isMask(annotation: Annotation | undefined): annotation is MaskAnnotation {
  return annotation?.geometry.type === "mask";
}

function sameSize(runs: Runs, size: Runs["size"]): boolean {
  return runs.size[0] === size[0] && runs.size[1] === size[1];
}
