import { signal } from "@preact/signals";
import type { Annotation, Geometry, Polygon } from "../document/types.ts";
import { polygonToRuns } from "../geometry/filling.ts";
import { fillHoles, keepLargestIsland, removeSmallIslands } from "../geometry/islands.ts";
import { grow, shrink } from "../geometry/margin.ts";
import { maskOf } from "../geometry/patch.ts";
import { equalRuns, type Runs, runsOf, subtract, unite } from "../geometry/runs.ts";
import { runsToPolygons } from "../geometry/tracing.ts";
import { LOCKED } from "./labels.ts";
import { isMask, type MaskAnnotation } from "./painting.ts";
import type { Room } from "./room.ts";

type PolygonAnnotation = Annotation & { readonly geometry: Polygon };

/** Masks with more edges are not traced while a slider moves. */
const MOST_TRIED = 20_000;

/** What can be done to the masks that are selected; each is one gesture. */
export class MaskEdits {
  constructor(private readonly room: Room) {}

  /** The masks that are selected, in the order in which they were. */
  get selected(): MaskAnnotation[] {
    const { state, labels } = this.room;
    return state.selection.value.map((id) => labels?.document.get(id)).filter(isMask);
  }

  /** By how many pixels masks grow and shrink. */
  readonly margin = signal(2);
  /** Islands of fewer pixels are small. */
  readonly least = signal(100);

  /** How far the outline of a polygon may go from the mask that it is made of, in pixels. */
  readonly coarseness = signal(1);

  /** Do what a key stands for. */
  run(command: string): void {
    if (command === "mask.convert") this.convert();
    else if (this.selected.length === 0) this.room.board.say("Select a mask first.");
    else if (command === "mask.fill") this.fillHoles();
    else if (command === "mask.largest") this.keepLargest();
    else if (command === "mask.grow") this.grow();
    else if (command === "mask.shrink") this.shrink();
    else if (command === "mask.join" || command === "mask.unite") this.join();
    else if (command === "mask.subtract") this.subtract();
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
    const runs = others.map((one) => runsOf(one.geometry.rle)).reduce(unite, runsIn(first));
    this.change(
      [[first.id, maskOf(runs)]],
      others.map((one) => one.id),
    );
  }

  /** The pixels of the mask that was selected last are taken from the others. */
  subtract(): void {
    const masks = this.several("subtract");
    const last = masks.at(-1);
    if (!last) return;
    const pixels = runsIn(last);
    this.put(masks.slice(0, -1), (runs) => subtract(runs, pixels), "They share no pixel.");
  }

  /** The polygons that are selected. */
  get polygons(): PolygonAnnotation[] {
    const { state, labels } = this.room;
    return state.selection.value.map((id) => labels?.document.get(id)).filter(isPolygon);
  }

  /** Selected masks become polygons; where there are none, selected polygons become masks. */
  convert(): void {
    const masks = this.selected;
    if (masks.length > 0) this.reshape(masks, (mask) => this.polygonOf(runsIn(mask)));
    else this.reshape(this.polygons, (one) => this.maskIn(one.geometry));
  }

  /** How many points the selected masks would have as polygons. */
  forecast(): string {
    const runs = this.selected.map(runsIn);
    if (runs.some(({ edges }) => edges.length > MOST_TRIED)) return "";
    const parts = runs.flatMap((one) => runsToPolygons(one, this.coarseness.value));
    return `${parts.flat().reduce((sum, ring) => sum + ring.length, 0)} points`;
  }

  private polygonOf(runs: Runs): Geometry | null {
    const parts = runsToPolygons(runs, this.coarseness.value);
    return parts.length > 0 ? { type: "polygon", parts } : null;
  }

  private maskIn({ parts }: Polygon): Geometry | null {
    const { width, height } = this.room.viewport.imageSize;
    const runs = polygonToRuns(parts, [height, width]);
    return runs.edges.length > 0 ? maskOf(runs) : null;
  }

  private reshape<T extends Annotation>(all: T[], make: (one: T) => Geometry | null): void {
    const made = all.map((one) => [one.id, make(one)] as const);
    const shapes = made.flatMap(([id, shape]) => (shape ? [[id, shape] as const] : []));
    if (all.length === 0) this.room.board.say("Select masks or polygons first.");
    else if (shapes.length < all.length) this.room.board.say("Nothing of it would be left.");
    else this.change(shapes, []);
  }

  private each(make: (runs: Runs) => Runs, otherwise: string): void {
    this.put(this.selected, make, otherwise);
  }

  private put(masks: MaskAnnotation[], make: (runs: Runs) => Runs, otherwise: string): void {
    const shapes: (readonly [string, Geometry])[] = [];
    const gone: string[] = [];
    for (const mask of masks) {
      const before = runsIn(mask);
      const after = make(before);
      if (after.edges.length === 0) gone.push(mask.id);
      else if (!equalRuns(before, after)) shapes.push([mask.id, maskOf(after)]);
    }
    if (shapes.length + gone.length === 0) this.room.board.say(otherwise);
    else this.change(shapes, gone);
  }

  private change(shapes: readonly (readonly [string, Geometry])[], gone: readonly string[]): void {
    const { room } = this;
    const kept = room.state.selection.value.filter((id) => !gone.includes(id));
    room.labels?.change([], shapes, gone);
    room.select(kept.filter((id) => room.labels?.document.has(id)));
  }

  private several(what: string): MaskAnnotation[] {
    const { selected, room } = this;
    const sizes = new Set(selected.map((one) => runsIn(one).size.join()));
    if (selected.some((one) => one.state === "locked")) room.board.say(LOCKED);
    else if (selected.length < 2) room.board.say(`Select the masks to ${what}, two or more.`);
    else if (sizes.size > 1) room.board.say("Masks of different sizes do not go together.");
    else return selected;
    return [];
  }
}

function runsIn(mask: MaskAnnotation): Runs {
  return runsOf(mask.geometry.rle);
}

function isPolygon(annotation: Annotation | undefined): annotation is PolygonAnnotation {
  return annotation?.geometry.type === "polygon";
}
