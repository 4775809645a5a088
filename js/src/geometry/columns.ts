import type { Runs } from "./runs.ts";

/** Vertical spans of pixels of one column: top, end, top, end, ... from above, no two touching. */
export type Spans = readonly number[];

/** All spans of a mask: those of column i are the numbers first[i] to first[i + 1]. */
export interface Columns {
  /** Which column of the mask is number 0 here. */
  readonly left: number;
  readonly first: Uint32Array;
  readonly tops: Int32Array;
  readonly ends: Int32Array;
}

/** How many edges lie at `k` or before it. */
function edgesUpTo(edges: Uint32Array, k: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) <= k) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The spans of one column of a mask. */
export function spansOf({ size, edges }: Runs, column: number): number[] {
  const height = size[0];
  const from = column * height;
  const spans: number[] = [];
  let index = edgesUpTo(edges, from);
  if (index % 2) spans.push(0);
  for (; index < edges.length; index++) {
    const row = (edges[index] as number) - from;
    if (row >= height) break;
    spans.push(row);
  }
  if (spans.length % 2) spans.push(height);
  return spans;
}

/** The spans of all columns from the first that has one to the last. */
export function columnsOf({ size, edges }: Runs): Columns {
  const height = size[0];
  if (edges.length === 0) {
    return empty;
  }
  const left = Math.floor((edges[0] as number) / height);
  const right = Math.ceil((edges[edges.length - 1] as number) / height);
  // A run that goes on over the foot of a column has a span in each that it touches.
  let count = 0;
  for (let i = 0; i < edges.length; i += 2) {
    const start = edges[i] as number;
    const last = (edges[i + 1] as number) - 1;
    count += Math.floor(last / height) - Math.floor(start / height) + 1;
  }
  const first = new Uint32Array(right - left + 1);
  const tops = new Int32Array(count);
  const ends = new Int32Array(count);
  let at = 0;
  let filled = 0;
  for (let i = 0; i < edges.length; i += 2) {
    let start = edges[i] as number;
    const end = edges[i + 1] as number;
    while (start < end) {
      const column = Math.floor(start / height);
      const base = column * height;
      while (filled <= column - left) first[filled++] = at;
      tops[at] = start - base;
      start = Math.min(end, base + height);
      ends[at++] = start - base;
    }
  }
  while (filled < first.length) first[filled++] = at;
  return { left, first, tops, ends };
}

const empty: Columns = {
  left: 0,
  first: new Uint32Array(1),
  tops: new Int32Array(0),
  ends: new Int32Array(0),
};

/** Makes runs of spans that come column by column, from above in each. */
export class RunsBuilder {
  private edges: Uint32Array;
  private count = 0;

  constructor(
    private readonly size: Runs["size"],
    capacity = 64,
  ) {
    this.edges = new Uint32Array(Math.max(2, 2 * capacity));
  }

  add(column: number, top: number, end: number): void {
    this.addRun(column * this.size[0] + top, column * this.size[0] + end);
  }

  /** A run from one pixel index to before another, not before any that was added. */
  addRun(start: number, end: number): void {
    if (end <= start) return;
    if (this.count > 0 && (this.edges[this.count - 1] as number) >= start) {
      if ((this.edges[this.count - 1] as number) < end) this.edges[this.count - 1] = end;
      return;
    }
    if (this.count + 2 > this.edges.length) {
      const wider = new Uint32Array(2 * this.edges.length);
      wider.set(this.edges);
      this.edges = wider;
    }
    this.edges[this.count++] = start;
    this.edges[this.count++] = end;
  }

  done(): Runs {
    return { size: this.size, edges: this.edges.slice(0, this.count) };
  }
}

/** The mask of those spans for which `keep` says so. */
export function runsOfColumns(
  columns: Columns,
  size: Runs["size"],
  keep: (span: number) => boolean,
): Runs {
  const { left, first, tops, ends } = columns;
  const made = new RunsBuilder(size, tops.length);
  for (let column = 0; column + 1 < first.length; column++) {
    for (let i = first[column] as number; i < (first[column + 1] as number); i++) {
      if (keep(i)) made.add(left + column, tops[i] as number, ends[i] as number);
    }
  }
  return made.done();
}
