import Flatbush from "flatbush";
import type { Box } from "./box.ts";
import { overlaps } from "./box.ts";

const REBUILD_AFTER = 500;

/**
 * Which shapes lie where. A packed tree over most shapes and a short list of those touched since;
 * when the list grows long, a new tree is made.
 */
export class SpatialIndex {
  private boxes = new Map<string, Box>();
  private tree: Flatbush | null = null;
  private packed: string[] = [];
  private touched = new Set<string>();
  private later: { readonly ids: readonly string[]; readonly boxes: Float64Array } | null = null;

  load(entries: Iterable<readonly [string, Box]>): void {
    this.later = null;
    this.boxes = new Map(entries);
    this.rebuild();
  }

  /**
   * Shapes and where they lie: left, top, right and bottom of each. They are put in order when
   * somebody asks: of the frames of a video that is played, nobody does.
   */
  loadLater(ids: readonly string[], boxes: Float64Array): void {
    this.later = { ids, boxes };
  }

  private now(): void {
    const { later } = this;
    if (!later) return;
    const { ids, boxes } = later;
    const at = (i: number): Box => ({
      minX: boxes[4 * i] as number,
      minY: boxes[4 * i + 1] as number,
      maxX: boxes[4 * i + 2] as number,
      maxY: boxes[4 * i + 3] as number,
    });
    this.load(ids.map((id, i) => [id, at(i)] as const));
  }

  put(id: string, box: Box): void {
    this.now();
    this.boxes.set(id, box);
    this.touch(id);
  }

  drop(id: string): void {
    this.now();
    if (this.boxes.delete(id)) this.touch(id);
  }

  box(id: string): Box | undefined {
    this.now();
    return this.boxes.get(id);
  }

  /** Ids of the shapes whose boxes overlap `area`, in no particular order. */
  search(area: Box): string[] {
    this.now();
    const found: string[] = [];
    for (const index of this.tree?.search(area.minX, area.minY, area.maxX, area.maxY) ?? []) {
      const id = this.packed[index];
      if (id !== undefined && !this.touched.has(id)) found.push(id);
    }
    for (const id of this.touched) {
      const box = this.boxes.get(id);
      if (box && overlaps(box, area)) found.push(id);
    }
    return found;
  }

  private touch(id: string): void {
    this.touched.add(id);
    if (this.touched.size > REBUILD_AFTER) this.rebuild();
  }

  private rebuild(): void {
    this.touched.clear();
    this.packed = [...this.boxes.keys()];
    this.tree = null;
    if (this.packed.length === 0) return;
    const tree = new Flatbush(this.packed.length);
    for (const box of this.boxes.values()) tree.add(box.minX, box.minY, box.maxX, box.maxY);
    tree.finish();
    this.tree = tree;
  }
}
