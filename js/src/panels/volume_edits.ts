import { signal } from "@preact/signals";
import type { Annotation, Geometry, VolumeMask, VolumePatch } from "../document/types.ts";
import { runsArea, runsOf, subtract, unite } from "../geometry/runs.ts";
import { slicesOf, volumePatched, withSlices } from "../geometry/volume_patch.ts";
import { jsonOf } from "../link/kernel.ts";
import type { Operated, Statistics } from "../link/wire.ts";
import { LOCKED } from "./labels.ts";
import type { Room } from "./room.ts";

export type VolumeAnnotation = Annotation & { readonly geometry: VolumeMask };

/** Slices that the kernel would fill, until somebody says yes or no. */
export interface Filling {
  readonly id: string;
  /** The mask as it was when the kernel was asked. */
  readonly before: VolumeMask;
  readonly after: VolumeMask;
  /** What would be new: nothing else is changed. */
  readonly added: VolumeMask;
}

const CHANGED = "The mask was changed meanwhile. Try again.";

/** What can be done to volume masks through all their slices; each is one gesture. */
export class VolumeEdits {
  /** Millimetres by which masks grow and shrink. */
  readonly margin = signal(2);
  /** Islands of less are small. */
  readonly least = signal(100);
  readonly unit = signal<"voxels" | "ml">("voxels");
  readonly filling = signal<Filling | null>(null);
  /** The kernel is at work. */
  readonly working = signal(false);
  /** Of the masks that were measured, as they were then. */
  readonly measured = signal(new WeakMap<VolumeMask, Statistics>());
  private asking: AbortController | null = null;

  constructor(private readonly room: Room) {}

  /** The volume masks that are selected, in the order in which they were. */
  get selected(): VolumeAnnotation[] {
    const { state, labels } = this.room;
    return state.selection.value.map((id) => labels?.document.get(id)).filter(isVolumeMask);
  }

  /** Millilitres a voxel, null where that is not known. */
  get voxel(): number | null {
    const spacing = this.room.state.item.value?.volume?.spacing;
    return spacing ? (spacing[0] * spacing[1] * spacing[2]) / 1000 : null;
  }

  fillHoles(): Promise<void> {
    return this.change("fill", {}, "No cavity is enclosed on all sides.");
  }

  keepLargest(): Promise<void> {
    return this.change("largest", {}, "Each mask is one island already.");
  }

  removeSmall(): Promise<void> {
    const { voxel } = this;
    const inMl = this.unit.value === "ml" && voxel;
    const least = inMl ? this.least.value / voxel : this.least.value;
    return this.change("small", { least }, "No island is so small.");
  }

  grow(): Promise<void> {
    return this.change("grow", { margin: this.margin.value }, "The margin reaches no other voxel.");
  }

  /** One that is too thin for it vanishes, and is deleted. */
  shrink(): Promise<void> {
    return this.change("shrink", { margin: this.margin.value }, "The margin takes no voxel away.");
  }

  /** Propose masks for the slices between those of the selected one. */
  async interpolate(): Promise<void> {
    const [only, ...others] = this.selected;
    if (!only || others.length > 0) return this.room.board.say("Select one mask of the volume.");
    if (only.state === "locked") return this.room.board.say(LOCKED);
    const [made] = (await this.ask([only], "interpolate", {})) ?? [];
    if (!made) return;
    const after = made.patch && volumePatched(only.geometry, made.patch);
    if (!made.patch || !after) {
      const gaps = slicesOf(only.geometry);
      const none = (gaps.at(-1) ?? 0) - (gaps[0] ?? 0) + 1 === gaps.length;
      this.room.board.say(
        none
          ? "There is no gap: label a slice further on first."
          : "The shapes on either side of the gap do not overlap.",
      );
      return;
    }
    const added = addedBy(made.patch);
    this.filling.value = { id: only.id, before: only.geometry, after, added };
    this.room.stage.refresh();
  }

  accept(): void {
    const { room } = this;
    const filling = this.filling.value;
    if (!filling) return;
    this.drop();
    if (room.labels?.document.get(filling.id)?.geometry !== filling.before) {
      room.board.say(CHANGED);
      return;
    }
    const origin = { kind: "tool", name: "interpolate" } as const;
    room.labels.change([], [[filling.id, filling.after, origin]], []);
    room.selection.select([filling.id]);
  }

  /** Give up on what is computed or proposed; false where there is nothing such. */
  drop(): boolean {
    if (!this.working.value && !this.filling.value) return false;
    this.asking?.abort();
    this.filling.value = null;
    this.room.stage.refresh();
    return true;
  }

  /** What the kernel knows of the values in the selected masks. */
  async measure(): Promise<void> {
    const masks = this.selected;
    const found = (await this.ask(masks, "measure", {})) ?? [];
    const known = this.measured.value;
    found.forEach(({ statistics }, i) => {
      const mask = masks[i]?.geometry;
      if (mask && statistics) known.set(mask, statistics);
    });
    // The same map in a new signal: what shows it looks again.
    this.room.state.version.value++;
  }

  /** The first selected mask gets the voxels of the others, which are gone. */
  join(): void {
    const [first, ...others] = this.several("join");
    if (!first) return;
    const sum = others.reduce(
      (made, { geometry }) => combined(made, geometry, true),
      first.geometry,
    );
    this.put(
      [[first.id, sum]],
      others.map((one) => one.id),
    );
  }

  /** The voxels of the mask that was selected last are taken from the others. */
  subtract(): void {
    const masks = this.several("subtract");
    const last = masks.at(-1);
    if (!last) return;
    const rest = masks.slice(0, -1);
    const made = rest.map((one) => [one, combined(one.geometry, last.geometry, false)] as const);
    const changed = made.filter(([one, after]) => one.geometry !== after);
    if (changed.length === 0) this.room.board.say("They share no voxel.");
    else
      this.put(
        changed.map(([one, after]) => [one.id, after]),
        [],
      );
  }

  private several(what: string): VolumeAnnotation[] {
    const { selected, room } = this;
    if (selected.some((one) => one.state === "locked")) room.board.say(LOCKED);
    else if (selected.length < 2) room.board.say(`Select the masks to ${what}, two or more.`);
    else return selected;
    return [];
  }

  private async change(
    operation: string,
    numbers: Readonly<Record<string, number>>,
    otherwise: string,
  ): Promise<void> {
    const { room } = this;
    const masks = this.selected;
    if (masks.some((one) => one.state === "locked")) return room.board.say(LOCKED);
    const made = await this.ask(masks, operation, numbers);
    if (!made) return;
    const shapes = masks.flatMap(({ id, geometry }, i): [string, VolumeMask][] => {
      const patch = made[i]?.patch;
      const after = patch && volumePatched(geometry, patch);
      return after ? [[id, after]] : [];
    });
    if (shapes.length === 0) room.board.say(otherwise);
    else this.put(shapes, []);
  }

  /** Ask the kernel what it makes of masks; null where nothing can be made of the answer. */
  private async ask(
    masks: readonly VolumeAnnotation[],
    operation: string,
    numbers: Readonly<Record<string, number>>,
  ): Promise<readonly Operated[] | null> {
    const { room } = this;
    const { labels } = room;
    if (!labels || masks.length === 0) return null;
    this.drop();
    const { task } = labels.document;
    const asking = new AbortController();
    this.asking = asking;
    this.working.value = true;
    try {
      // The kernel works on what the store has: all edits have to be there.
      if (!(await room.saving.settled(task))) {
        room.board.say("The mask is not saved yet: the kernel does not answer.", "warning");
        return null;
      }
      asking.signal.throwIfAborted();
      const annotations = masks.map((one) => one.id);
      const question = { type: "operate", task, annotations, operation, numbers } as const;
      const { buffers } = await room.kernel.ask(question, ["operated"], asking.signal);
      const found = jsonOf<readonly Operated[]>(buffers[0]);
      const stale = masks.some((mask, i) => {
        const now = labels.document.get(mask.id);
        return now?.geometry !== mask.geometry || now.revision !== found[i]?.revision;
      });
      if (!stale) return found;
      room.board.say(CHANGED);
    } catch (error) {
      room.complain(error);
    } finally {
      if (this.asking === asking) this.working.value = false;
    }
    return null;
  }

  private put(shapes: readonly (readonly [string, VolumeMask])[], gone: readonly string[]): void {
    const { room } = this;
    const empty = ({ slices }: VolumeMask) => Object.keys(slices).length === 0;
    const left = shapes.filter(([, mask]) => !empty(mask));
    const vanished = shapes.filter(([, mask]) => empty(mask)).map(([id]) => id);
    const all = [...gone, ...vanished];
    const kept = room.state.selection.value.filter((id) => !all.includes(id));
    room.labels?.change([], left as readonly (readonly [string, Geometry])[], all);
    room.selection.select(kept);
  }
}

export function isVolumeMask(annotation: Annotation | undefined): annotation is VolumeAnnotation {
  return annotation?.geometry.type === "volumemask";
}

const counted = new WeakMap<VolumeMask, number>();

/** Number of voxels set. */
export function voxelsOf(mask: VolumeMask): number {
  let count = counted.get(mask);
  if (count === undefined) {
    count = Object.values(mask.slices).reduce((sum, rle) => sum + runsArea(runsOf(rle)), 0);
    counted.set(mask, count);
  }
  return count;
}

/** A volume mask with the voxels of another one added, or taken away. */
function combined(mask: VolumeMask, other: VolumeMask, adds: boolean): VolumeMask {
  const changed = slicesOf(other).flatMap((k): [number, ReturnType<typeof runsOf>][] => {
    const [was, by] = [mask.slices[k], other.slices[k]];
    if (!by) return [];
    if (!was) return adds ? [[k, runsOf(by)]] : [];
    const runs = runsOf(was);
    const made = adds ? unite(runs, runsOf(by)) : subtract(runs, runsOf(by));
    return runsArea(made) === runsArea(runs) ? [] : [[k, made]];
  });
  return changed.length > 0 ? withSlices(mask, changed) : mask;
}

function addedBy(patch: VolumePatch): VolumeMask {
  const slices = Object.entries(patch.slices).flatMap(([k, rle]) => (rle ? [[k, rle]] : []));
  return { type: "volumemask", slices: Object.fromEntries(slices) };
}
