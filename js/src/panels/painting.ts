import type { Annotation, Geometry, Mask, Origin, VolumeMask } from "../document/types.ts";
import type { PaintedMask } from "../geometry/painted_mask.ts";
import {
  emptyRuns,
  equalRuns,
  type Runs,
  runsBounds,
  runsOf,
  subtract,
  unite,
} from "../geometry/runs.ts";
import { withinRange } from "../geometry/threshold.ts";
import type { Picture } from "../render/picture.ts";
import { valuesIn } from "../render/pixel_values.ts";
import type { Effect, Pixels, Range, Stroke } from "../tools/tool.ts";
import { LOCKED } from "./labels.ts";
import { LiveStroke } from "./live_stroke.ts";
import { geometryOf } from "./offer.ts";
import { isPaintable, type Layer, layerOf, newShape, reshaped } from "./paint_layer.ts";
import type { Room } from "./room.ts";

export type MaskAnnotation = Annotation & { readonly geometry: Mask };

type Strokes = Extract<Effect, { type: "stroke" }>;
/** Pixels of a slice; null on a picture that is none. */
type Part = readonly [number | null, Runs];

/** A stroke in the making: the mask as it would be, and whose it is (null: a new object). */
export interface Painted {
  readonly id: string | null;
  readonly mask: PaintedMask;
}

/** Painting pixels into masks, and taking them out. */
export class Painting {
  private readonly live = new LiveStroke();
  private nothing: Runs = emptyRuns([1, 1]);
  /** Strokes that wait for values of slices. */
  private painting: Promise<void> = Promise.resolve();
  private read: { readonly of: Picture; readonly values: Pixels } | null = null;
  private found: { readonly values: Pixels; readonly key: string; readonly runs: Runs } | null =
    null;
  private locked: { readonly key: string; readonly runs: Runs | null } = { key: "", runs: null };

  constructor(private readonly room: Room) {}

  /** The mask that a stroke is for: the selected one, else that of a class which has just one. */
  get target(): Layer | null {
    const { room } = this;
    const [id, ...others] = room.state.selection.value;
    const selected = id && others.length === 0 ? room.labels?.document.get(id) : undefined;
    const layer = selected && this.layer(selected);
    if (layer) return layer;
    const made = room.choice.currentClass;
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
    const clears = this.removesUnderlying(stroke.erase);
    const kept = clears ? this.kept(target, base.size, this.room.frame) : null;
    const values = stroke.limit ? this.values() : null;
    return { id: target?.id ?? null, mask: this.live.follow(stroke, base, kept, values) };
  }

  /** Paint or erase what a tool covers, of it only values in a range where it has one. */
  take({ runs, erase, origin, ball = [], limit }: Strokes): void {
    const { room } = this;
    const parts: Part[] = [[room.frame, runs], ...ball];
    if (!limit) {
      this.paint(parts, erase, origin);
      return;
    }
    const { labels } = room;
    const item = room.state.item.value?.id ?? "";
    // One after the other: the first stroke may make the object that the second one goes into.
    this.painting = this.painting.then(async () => {
      try {
        const found = await Promise.all(
          parts.map(
            async ([k, part]): Promise<Part> => [k, await this.within(item, k, part, limit)],
          ),
        );
        if (room.labels !== labels) room.board.say("The stroke came too late: its item was left.");
        else if (found.some(([, part]) => part.edges.length > 0)) this.paint(found, erase, origin);
        else room.board.say("No pixel under the stroke is in the range.");
      } catch (error) {
        room.complain(error);
      }
    });
  }

  /** Paint or erase pixels of the picture that is shown: one gesture, whatever masks it touches. */
  stroke(runs: Runs, erase: boolean, origin?: Origin): void {
    this.paint([[this.room.frame, runs]], erase, origin);
  }

  private paint(parts: readonly Part[], erase: boolean, origin?: Origin): void {
    const { room, target } = this;
    const { labels } = room;
    const first = parts[0]?.[1];
    if (!labels || !first || parts.every(([, runs]) => runs.edges.length === 0)) return;
    const refusal = this.refusal(target, erase);
    if (refusal) {
      room.board.say(refusal);
      return;
    }
    const clears = this.removesUnderlying(erase);
    const pixels = parts.map(([frame, runs]): Part => {
      const kept = clears ? this.kept(target, first.size, frame) : null;
      return [frame, kept ? subtract(runs, kept) : runs];
    });
    const shapes: (readonly [string, Geometry, (Origin | undefined)?])[] = [];
    const gone: string[] = [];
    for (const one of labels.objects()) {
      const own = one.id === target?.id;
      if (!isPaintable(one) || !(own || (clears && one.state !== "locked"))) continue;
      const changed = pixels.flatMap(([frame, runs]): Part[] => {
        const layer = layerOf(one, frame, this.empty(), room.lastFrame);
        if (!layer || !sameSize(layer.runs, runs.size)) return [];
        const after = own && !erase ? unite(layer.runs, runs) : subtract(layer.runs, runs);
        return equalRuns(layer.runs, after) ? [] : [[frame, after]];
      });
      if (changed.length === 0) continue;
      const shape = reshaped(one, changed, room.lastFrame);
      if (shape) shapes.push([one.id, shape, own ? origin : undefined]);
      else gone.push(one.id);
    }
    const made = room.choice.currentClass;
    const shape = target ? null : newShape(made, pixels);
    const making = shape
      ? [{ className: made?.name ?? "", geometry: shape, ...(origin && { origin }) }]
      : [];
    const ids = labels.change(making, shapes, gone);
    if (ids.length > 0) room.selection.select(ids);
    else if (target) room.selection.select([target.id]);
  }

  strokeMask(mask: Mask, erase: boolean, origin?: Origin): void {
    this.stroke(runsOf(mask.rle), erase, origin);
  }

  /** Put voxels into, or take them out of, the volume mask in hand, on whatever slices they are. */
  strokeVolume({ slices }: VolumeMask, erase: boolean, origin?: Origin): void {
    const parts = Object.entries(slices).map(([k, rle]): Part => [Number(k), runsOf(rle)]);
    this.paint(parts, erase, origin);
  }

  /** The pixels of the picture that is shown whose values lie in a range. */
  inRange(range: Range): Runs | null {
    const values = this.values();
    const { size } = this.empty();
    const key = range.join();
    if (!values) return null;
    if (this.found?.values !== values || this.found.key !== key) {
      const all: Runs = { size, edges: Uint32Array.of(0, size[0] * size[1]) };
      this.found = { values, key, runs: withinRange(all, values, ...range) };
    }
    return this.found.runs;
  }

  /** Of pixels of a slice those whose values lie in a range; one that is not here is fetched. */
  private async within(item: string, frame: number | null, runs: Runs, range: Range) {
    const box = runsBounds(runs);
    if (!box) return runs;
    const { pictures } = this.room;
    const picture = pictures.ready(item, frame ?? 0) ?? (await pictures.get(item, frame ?? 0));
    const values = picture.kind === "tiled" ? null : valuesIn(picture, box);
    return values ? withinRange(runs, values, ...range) : emptyRuns(runs.size);
  }

  /** The values of the picture that is shown, the same ones as long as it is. */
  private values(): Pixels | null {
    const { image } = this.room.viewport;
    const { width, height } = this.room.viewport.imageSize;
    if (!image.shown || image.shown.kind === "tiled") return null;
    if (this.read?.of !== image.shown) {
      const values = image.values({ minX: 0, minY: 0, maxX: width, maxY: height });
      this.read = values && { of: image.shown, values };
    }
    return this.read?.values ?? null;
  }

  /** Why nothing can be painted, null where it can. */
  private refusal(target: Layer | null, erase: boolean): string | null {
    if (target) return target.locked ? LOCKED : null;
    if (erase) return "Nothing to erase from: select a mask first.";
    const made = this.room.choice.currentClass;
    if (geometryOf(made) === "volumemask")
      return this.room.onScan ? null : "Masks through the slices are painted on scans.";
    return made && geometryOf(made) === "mask" ? null : "Choose a class of masks to paint.";
  }

  private removesUnderlying(erase: boolean): boolean {
    return !erase && this.room.choice.settings.underlying === true;
  }

  /** Pixels that may not be taken: those of the other masks that are locked. */
  private kept(target: Layer | null, size: Runs["size"], frame: number | null): Runs | null {
    const locked = this.others(target, size, frame).filter((one) => one.locked);
    const key = `${frame} ${locked.map((one) => `${one.id} ${one.revision}`).join()}`;
    if (key !== this.locked.key) {
      const runs = locked.map((one) => one.runs);
      this.locked = { key, runs: runs.length > 0 ? runs.reduce(unite) : null };
    }
    return this.locked.runs;
  }

  private others(target: Layer | null, size: Runs["size"], frame: number | null): Layer[] {
    return (this.room.labels?.objects() ?? [])
      .filter((one) => one.id !== target?.id && isPaintable(one))
      .flatMap((one) => layerOf(one, frame, this.empty()) ?? [])
      .filter((one) => sameSize(one.runs, size));
  }

  /** What can be painted of an annotation on the picture that is shown. */
  layer(annotation: Annotation): Layer | null {
    return layerOf(annotation, this.room.frame, this.empty(), this.room.lastFrame);
  }

  /** A mask of no pixels, of the size of the picture; the same one each time. */
  private empty(): Runs {
    const { width, height } = this.room.viewport.imageSize;
    const size = [height, width] as const;
    if (!sameSize(this.nothing, size)) this.nothing = emptyRuns(size);
    return this.nothing;
  }
}

function sameSize(runs: Runs, size: Runs["size"]): boolean {
  return runs.size[0] === size[0] && runs.size[1] === size[1];
}
