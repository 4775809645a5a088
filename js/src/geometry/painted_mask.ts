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
    const spans = this.take(column);
    // The spans that the new one touches become one with it.
    let first = 0;
    while (first < spans.length && (spans[first + 1] as number) < top) first += 2;
    let last = first;
    while (last < spans.length && (spans[last] as number) <= end) last += 2;
    if (last === first) spans.splice(first, 0, top, end);
    else {
      spans[first] = Math.min(top, spans[first] as number);
      spans[first + 1] = Math.max(end, spans[last - 1] as number);
      if (last > first + 2) spans.splice(first + 2, last - first - 2);
    }
    this.mark(column, top, end);
  }

  erase(column: number, top: number, end: number): void {
    const spans = this.take(column);
    let first = 0;
    while (first < spans.length && (spans[first + 1] as number) <= top) first += 2;
    let last = first;
    while (last < spans.length && (spans[last] as number) < end) last += 2;
    if (last === first) return;
    const left: number[] = [];
    const from = spans[first] as number;
    const to = spans[last - 1] as number;
    if (from < top) left.push(from, top);
    if (end < to) left.push(end, to);
    spans.splice(first, last - first, ...left);
    this.mark(column, top, end);
  }

  /** The spans of a column, to be changed. */
  private take(column: number): number[] {
    let spans = this.edited.get(column);
    if (!spans) {
      spans = spansOf(this.base, column);
      this.edited.set(column, spans);
    }
    return spans;
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

  private mark(column: number, top: number, end: number): void {
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
