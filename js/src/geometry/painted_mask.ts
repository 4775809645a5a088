import type { Box } from "./box.ts";
import { RunsBuilder, type Spans, spansOf } from "./columns.ts";
import type { Runs } from "./runs.ts";

/**
 * A mask under the brush. Only columns that were painted on are kept apart from the runs that it
 * began with, so that each movement of a hand costs what it covers, however large the mask is.
 */
export class PaintedMask {
  private readonly edited = new Map<number, number[]>();
  private made: Runs | null = null;
  private dirty: { minX: number; minY: number; maxX: number; maxY: number } | null = null;

  constructor(readonly base: Runs) {}

  get size(): Runs["size"] {
    return this.base.size;
  }

  /** Has anything been painted or erased, even where it made no difference? */
  get touched(): boolean {
    return this.edited.size > 0;
  }

  spans(column: number): Spans {
    return this.edited.get(column) ?? spansOf(this.base, column);
  }

  paint(column: number, top: number, end: number): void {
    const before = this.spans(column);
    const after: number[] = [];
    let from = top;
    let to = end;
    let i = 0;
    for (; i < before.length && (before[i + 1] as number) < top; i += 2) {
      after.push(before[i] as number, before[i + 1] as number);
    }
    for (; i < before.length && (before[i] as number) <= end; i += 2) {
      from = Math.min(from, before[i] as number);
      to = Math.max(to, before[i + 1] as number);
    }
    after.push(from, to);
    for (; i < before.length; i++) after.push(before[i] as number);
    this.put(column, top, end, after);
  }

  erase(column: number, top: number, end: number): void {
    const before = this.spans(column);
    if (before.length === 0) return;
    const after: number[] = [];
    for (let i = 0; i < before.length; i += 2) {
      const from = before[i] as number;
      const to = before[i + 1] as number;
      if (from < Math.min(to, top)) after.push(from, Math.min(to, top));
      if (Math.max(from, end) < to) after.push(Math.max(from, end), to);
    }
    this.put(column, top, end, after);
  }

  /** The box that was painted on since this was asked last, null for none. */
  takeDirty(): Box | null {
    const box = this.dirty;
    this.dirty = null;
    return box;
  }

  /** The mask as it is now. */
  runs(): Runs {
    this.made ??= this.touched ? this.build() : this.base;
    return this.made;
  }

  private build(): Runs {
    const { size, edges } = this.base;
    const height = size[0];
    const columns = [...this.edited.keys()].sort((a, b) => a - b);
    const made = new RunsBuilder(size, edges.length / 2 + columns.length);
    let index = 0;
    // Edges of the mask before `end`, from where the last call stopped; a run may be cut there.
    const keep = (from: number, end: number) => {
      while (index < edges.length && (edges[index] as number) < end) {
        made.addRun(
          Math.max(from, edges[index] as number),
          Math.min(end, edges[index + 1] as number),
        );
        if ((edges[index + 1] as number) > end) return;
        index += 2;
      }
    };
    let done = 0;
    for (const column of columns) {
      const from = column * height;
      keep(done, from);
      const spans = this.edited.get(column) as number[];
      for (let i = 0; i < spans.length; i += 2) {
        made.add(column, spans[i] as number, spans[i + 1] as number);
      }
      done = from + height;
      while (index < edges.length && (edges[index + 1] as number) <= done) index += 2;
    }
    keep(done, height * size[1]);
    return made.done();
  }

  private put(column: number, top: number, end: number, spans: number[]): void {
    this.edited.set(column, spans);
    this.made = null;
    const { dirty } = this;
    if (!dirty) this.dirty = { minX: column, minY: top, maxX: column + 1, maxY: end };
    else {
      if (column < dirty.minX) dirty.minX = column;
      if (column >= dirty.maxX) dirty.maxX = column + 1;
      if (top < dirty.minY) dirty.minY = top;
      if (end > dirty.maxY) dirty.maxY = end;
    }
  }
}
