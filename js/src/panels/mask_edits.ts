import { signal } from "@preact/signals";
import type { Annotation, Geometry, Mask, Polygon, VolumeMask } from "../document/types.ts";
import { polygonToRuns } from "../geometry/filling.ts";
import { fillHoles, keepLargestIsland, removeSmallIslands } from "../geometry/islands.ts";
import { grow, shrink } from "../geometry/margin.ts";
import { maskOf } from "../geometry/patch.ts";
import { emptyRuns, equalRuns, type Runs, runsOf, subtract, unite } from "../geometry/runs.ts";
import { runsToPolygons } from "../geometry/tracing.ts";
import { reshaped } from "../geometry/track_edits.ts";
import { slicesOf, withSlices } from "../geometry/volume_patch.ts";
import { LOCKED } from "./labels.ts";
import type { Layer } from "./paint_layer.ts";
import type { Room } from "./room.ts";

type PolygonAnnotation = Annotation & { readonly geometry: Polygon };

const SLICES_FIRST = "A mask through the stack becomes masks of its slices first.";
/** Masks with more edges are not traced while a slider moves. */
const MOST_TRIED = 20_000;

/** What can be done to the pixels here of the masks that are selected; each is one gesture. */
export class MaskEdits {
  constructor(private readonly room: Room) {}

  /** The masks that are selected, in the order in which they were: as they are on this picture. */
  get selected(): Layer[] {
    const { state, labels, painting } = this.room;
    return state.selection.value.flatMap((id) => {
      const annotation = labels?.document.get(id);
      return (annotation && painting.layer(annotation)) ?? [];
    });
  }

  /** Whether volume masks are changed as wholes, not on this slice alone. */
  readonly deep = signal(true);

  /** Whole volume masks are what is selected, and wanted. */
  get whole(): boolean {
    const { state, volumeMasks } = this.room;
    const count = volumeMasks.selected.length;
    return this.deep.value && count > 0 && count === state.selection.value.length;
  }

  /** By how many pixels masks grow and shrink. */
  readonly margin = signal(2);
  /** Islands of fewer pixels are small. */
  readonly least = signal(100);

  /** How far the outline of a polygon may go from the mask that it is made of, in pixels. */
  readonly coarseness = signal(1);

  /** Do what a key stands for. */
  run(command: string): void {
    const whole = this.whole ? this.room.volumeMasks : null;
    if (command === "mask.convert") this.convert();
    else if (command === "mask.next") this.copyOn(1);
    else if (command === "mask.previous") this.copyOn(-1);
    else if (this.selected.length === 0) this.room.board.say("Select a mask first.");
    else if (command === "mask.between") void this.room.volumeMasks.interpolate();
    else if (command === "mask.clear") this.clear();
    else if (command === "mask.fill") void (whole ?? this).fillHoles();
    else if (command === "mask.largest") void (whole ?? this).keepLargest();
    else if (command === "mask.grow") void (whole ?? this).grow();
    else if (command === "mask.shrink") void (whole ?? this).shrink();
    else if (command === "mask.join" || command === "mask.unite") (whole ?? this).join();
    else if (command === "mask.subtract") (whole ?? this).subtract();
  }

  fillHoles(): void {
    this.each(fillHoles, "There are no holes.");
  }

  keepLargest(): void {
    this.each(keepLargestIsland, "Each mask is one island already.");
  }

  removeSmall(): void {
    const least = this.least.value;
    this.each((runs) => removeSmallIslands(runs, least), `No island is below ${least} pixels.`);
  }

  grow(): void {
    this.each((runs) => grow(runs, this.margin.value), "There is no room to grow.");
  }

  /** One that is too thin for it vanishes, and is deleted. */
  shrink(): void {
    this.each((runs) => shrink(runs, this.margin.value), "The mask has no edge in the picture.");
  }

  /** The first selected mask gets the pixels of the others, which are gone. */
  join(): void {
    const [first, ...others] = this.several("join");
    if (!first) return;
    const sum = others.map((one) => one.runs).reduce(unite, first.runs);
    this.put([first, ...others], (runs, layer) => (layer === first ? sum : emptyRuns(runs.size)));
  }

  /** The pixels of the mask that was selected last are taken from the others. */
  subtract(): void {
    const masks = this.several("subtract");
    const last = masks.at(-1);
    if (!last) return;
    const pixels = last.runs;
    this.put(masks.slice(0, -1), (runs) => subtract(runs, pixels), "They share no pixel.");
  }

  /** No pixel of the selected masks is left on this picture. */
  clear(): void {
    this.each((runs) => emptyRuns(runs.size), "There is nothing on this picture.");
  }

  /** Copy what is selected to the slice before or after, and go there; masks add to what is there. */
  copyOn(way: 1 | -1): void {
    const { room } = this;
    const { frame, labels } = room;
    const count = room.state.item.value?.frames?.length ?? 0;
    const to = (frame ?? 0) + way;
    const there = frame !== null && to >= 0 && to < count;
    const ids = there ? labels?.copyTo(room.state.selection.value, frame, to) : null;
    if (!ids) room.board.say(`There is no ${room.onFrames ? "frame" : "slice"} there.`);
    else if (ids.length === 0)
      room.board.say(`Nothing that is selected is on this ${room.onFrames ? "frame" : "slice"}.`);
    else {
      void room.panes.showFrame(to);
      room.selection.select(ids);
    }
  }

  /** Selected masks and polygons become one mask through the stack for each class. */
  toVolumes(): void {
    const { room } = this;
    const { labels } = room;
    const flat = room.state.selection.value.flatMap((id) => {
      const one = labels?.document.get(id);
      const mask = isPolygon(one) ? this.maskIn(one.geometry) : one?.geometry;
      return one && mask?.type === "mask" ? [{ one, runs: runsOf(mask.rle) }] : [];
    });
    const made = new Map<string, VolumeMask>();
    for (const { one, runs } of flat) {
      const name = one.class_name ?? "";
      const [whole, at] = [made.get(name) ?? null, one.frame ?? 0];
      const there = whole?.slices[at];
      made.set(name, withSlices(whole, [[at, there ? unite(runsOf(there), runs) : runs]]));
    }
    const making = [...made].map(([className, geometry]) => ({ className, geometry }));
    const gone = flat.map(({ one }) => one.id);
    if (gone.length === 0) room.board.say("Select masks or polygons first.");
    else room.selection.select(labels?.change(making, [], gone) ?? []);
  }

  /** Selected volume masks become a mask on each of their slices. */
  toSlices(): void {
    const { room } = this;
    const volumes = room.volumeMasks.selected;
    const making = volumes.flatMap(({ class_name, geometry, attributes = {} }) =>
      slicesOf(geometry).flatMap((frame) => {
        const rle = geometry.slices[frame];
        const className = class_name ?? "";
        return rle
          ? [{ className, geometry: { type: "mask" as const, rle }, attributes, frame }]
          : [];
      }),
    );
    const gone = volumes.map((one) => one.id);
    const ids = room.labels?.change(making, [], gone) ?? [];
    const here = (id: string) => {
      const one = room.labels?.document.get(id);
      return one !== undefined && room.presence.isHere(one);
    };
    room.selection.select(ids.filter(here));
  }

  /** The polygons that are selected. */
  get polygons(): PolygonAnnotation[] {
    const { state, labels } = this.room;
    return state.selection.value.map((id) => labels?.here(id)).filter(isPolygon);
  }

  /** Selected masks become polygons; where there are none, selected polygons become masks. */
  convert(): void {
    const masks = this.selected;
    if (this.room.volumeMasks.selected.length > 0) this.room.board.say(SLICES_FIRST);
    else if (masks.length > 0)
      this.reshape(masks, ({ id, runs }) => this.trackOr(id, () => this.polygonOf(runs)));
    else
      this.reshape(this.polygons, ({ id, geometry }) =>
        this.trackOr(id, () => this.maskIn(geometry)),
      );
  }

  /** All shapes of a track are of one kind: masks become polygons, or polygons masks, on all frames. */
  private trackOr(id: string, otherwise: () => Geometry | null): Geometry | null {
    const track = this.room.labels?.document.get(id)?.geometry;
    if (track?.type !== "track") return otherwise();
    return reshaped(track, (shape) => {
      if (shape.type === "mask") return this.polygonOf(runsOf(shape.rle));
      return shape.type === "polygon" ? this.maskIn(shape) : null;
    });
  }

  /** How many points the selected masks would have as polygons. */
  forecast(): string {
    const runs = this.selected.map((one) => one.runs);
    if (runs.some(({ edges }) => edges.length > MOST_TRIED)) return "";
    const parts = runs.flatMap((one) => runsToPolygons(one, this.coarseness.value));
    return `${parts.flat().reduce((sum, ring) => sum + ring.length, 0)} points`;
  }

  private polygonOf(runs: Runs): Polygon | null {
    const parts = runsToPolygons(runs, this.coarseness.value);
    return parts.length > 0 ? { type: "polygon", parts } : null;
  }

  private maskIn({ parts }: Polygon): Mask | null {
    const { width, height } = this.room.viewport.imageSize;
    const runs = polygonToRuns(parts, [height, width]);
    return runs.edges.length > 0 ? maskOf(runs) : null;
  }

  private reshape<T extends { readonly id: string }>(
    all: T[],
    make: (one: T) => Geometry | null,
  ): void {
    const made = all.map((one) => [one.id, make(one)] as const);
    const shapes = made.flatMap(([id, shape]) => (shape ? [[id, shape] as const] : []));
    if (all.length === 0) this.room.board.say("Select masks or polygons first.");
    else if (shapes.length < all.length) this.room.board.say("Nothing of it would be left.");
    else this.change(shapes, []);
  }

  private each(make: (runs: Runs, layer: Layer) => Runs, otherwise: string): void {
    this.put(this.selected, make, otherwise);
  }

  private put(
    masks: readonly Layer[],
    make: (runs: Runs, layer: Layer) => Runs,
    otherwise = "",
  ): void {
    const shapes: (readonly [string, Geometry])[] = [];
    const gone: string[] = [];
    for (const mask of masks) {
      const after = make(mask.runs, mask);
      if (equalRuns(mask.runs, after)) continue;
      const shape = mask.put(after);
      if (shape) shapes.push([mask.id, shape]);
      else gone.push(mask.id);
    }
    if (shapes.length + gone.length === 0) this.room.board.say(otherwise);
    else this.change(shapes, gone);
  }

  private change(shapes: readonly (readonly [string, Geometry])[], gone: readonly string[]): void {
    const { room } = this;
    const kept = room.state.selection.value.filter((id) => !gone.includes(id));
    room.labels?.change([], shapes, gone);
    room.selection.select(kept.filter((id) => room.labels?.document.has(id)));
  }

  private several(what: string): Layer[] {
    const { selected, room } = this;
    const sizes = new Set(selected.map((one) => one.runs.size.join()));
    if (selected.some((one) => one.locked)) room.board.say(LOCKED);
    else if (selected.length < 2) room.board.say(`Select the masks to ${what}, two or more.`);
    else if (sizes.size > 1) room.board.say("Masks of different sizes do not go together.");
    else return selected;
    return [];
  }
}

function isPolygon(annotation: Annotation | undefined): annotation is PolygonAnnotation {
  return annotation?.geometry.type === "polygon";
}
