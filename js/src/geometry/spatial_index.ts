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

  load(entries: Iterable<readonly [string, Box]>): void {
    this.boxes = new Map(entries);
    this.rebuild();
  }

  put(id: string, box: Box): void {
    this.boxes.set(id, box);
    this.touch(id);
  }

  drop(id: string): void {
    if (this.boxes.delete(id)) this.touch(id);
  }

  box(id: string): Box | undefined {
    return this.boxes.get(id);
  }

  /** Ids of the shapes whose boxes overlap `area`, in no particular order. */
  search(area: Box): string[] {
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
