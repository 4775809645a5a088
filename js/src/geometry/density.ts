import type { Annotation, Geometry } from "../document/types.ts";
import { framesOf } from "./spans.ts";

/** What was counted of an annotation: its geometry tells whether it is still the same. */
interface Counted {
  readonly geometry: Geometry;
  readonly frame: number;
}

/** How many objects are on each frame. What did not change since is not counted again. */
export class Density {
  /** By how much the number changes with each frame. */
  private readonly steps: Int32Array;
  private readonly numbers: Int32Array;
  private readonly counted = new Map<string, Counted>();
  private fresh = true;
  private peak = 0;

  constructor(readonly length: number) {
    this.steps = new Int32Array(length + 1);
    this.numbers = new Int32Array(length);
  }

  /** Take over annotations as they are now; false where nothing of it changes. */
  update(annotations: Iterable<Annotation>): boolean {
    const gone = new Set(this.counted.keys());
    let changed = false;
    for (const { id, geometry, frame } of annotations) {
      gone.delete(id);
      const before = this.counted.get(id);
      const at = frame ?? 0;
      if (before?.geometry === geometry && before.frame === at) continue;
      if (before) this.count(before, -1);
      const now = { geometry, frame: at };
      this.counted.set(id, now);
      this.count(now, 1);
      changed = true;
    }
    for (const id of gone) {
      const before = this.counted.get(id);
      if (before) this.count(before, -1);
      this.counted.delete(id);
      changed = true;
    }
    if (changed) this.fresh = false;
    return changed;
  }

  private count({ geometry, frame }: Counted, by: 1 | -1): void {
    const { steps, length } = this;
    for (const { first, last } of framesOf(geometry, frame)) {
      if (first >= length) continue;
      steps[first] = (steps[first] ?? 0) + by;
      const end = Math.min(length, (last ?? length - 1) + 1);
      steps[end] = (steps[end] ?? 0) - by;
    }
  }

  /** The number of objects of each frame. */
  get counts(): Int32Array {
    if (!this.fresh) {
      const { steps, numbers, length } = this;
      let [sum, peak] = [0, 0];
      for (let frame = 0; frame < length; frame++) {
        sum += steps[frame] as number;
        numbers[frame] = sum;
        if (sum > peak) peak = sum;
      }
      this.peak = peak;
      this.fresh = true;
    }
    return this.numbers;
  }

  /** The most objects that are on one frame. */
  get most(): number {
    void this.counts;
    return this.peak;
  }

  /** The most objects on one of the frames from one on, and before another. */
  within(first: number, end: number): number {
    const { counts } = this;
    let most = 0;
    for (let frame = Math.max(0, first); frame < Math.min(end, this.length); frame++) {
      const here = counts[frame] as number;
      if (here > most) most = here;
    }
    return most;
  }
}
