import type { XY } from "../document/types.ts";
import type { Runs } from "./runs.ts";
import { sweepPath } from "./stroke.ts";

/**
 * A map of labels as runs down the columns, as `label_runs` of the kernel makes it: pixel
 * k = column * height + row, as in COCO, so that the pixels of a label are the edges of a mask.
 * Two runs that follow one another never have the same label.
 */
export class LabelRuns {
  /** Where each run begins, and at the end how many pixels there are. */
  private readonly starts: Uint32Array;
  /** The first run that reaches into each column. */
  private readonly columns: Uint32Array;
  /** The runs in the order of their labels, and where those of each label begin. */
  private ofLabel: { readonly runs: Uint32Array; readonly first: Uint32Array } | undefined;

  constructor(
    readonly size: readonly [number, number],
    lengths: Uint32Array,
    private readonly labels: Uint16Array | Uint32Array,
  ) {
    const [height, width] = size;
    if (lengths.length !== labels.length) throw new RangeError("A run has no label.");
    this.starts = new Uint32Array(lengths.length + 1);
    this.columns = new Uint32Array(width + 1);
    let at = 0;
    let column = 0;
    for (let i = 0; i < lengths.length; i++) {
      at += lengths[i] as number;
      this.starts[i + 1] = at;
      // The run holds the first pixel of each column that begins before its end.
      while (column < width && column * height < at) this.columns[column++] = i;
    }
    if (at !== height * width) throw new RangeError(`Runs of ${at} pixels do not fill ${size}.`);
    this.columns[width] = Math.max(0, lengths.length - 1);
  }

  /** How many labels there may be: one more than the highest. */
  get count(): number {
    return this.index().first.length - 1;
  }

  /** The label of the pixel under (x, y), -1 off the map. */
  labelAt(x: number, y: number): number {
    const [height, width] = this.size;
    const column = Math.floor(x);
    const row = Math.floor(y);
    if (!(column >= 0 && row >= 0 && column < width && row < height)) return -1;
    return this.labels[this.runAt(column, column * height + row)] as number;
  }

  /** The pixels of a label as a mask; of a label that there is none of, an empty one. */
  runsOfLabel(label: number): Runs {
    return this.runsOfLabels([label]);
  }

  /** The pixels of several labels as one mask. */
  runsOfLabels(labels: Iterable<number>): Runs {
    const { runs, first } = this.index();
    const wanted = [...new Set(labels)].filter((one) => one >= 0 && one < first.length - 1);
    let total = 0;
    for (const label of wanted) total += (first[label + 1] as number) - (first[label] as number);
    const found = new Uint32Array(total);
    let at = 0;
    for (const label of wanted) {
      const part = runs.subarray(first[label], first[label + 1]);
      found.set(part, at);
      at += part.length;
    }
    if (wanted.length > 1) found.sort();
    const edges = new Uint32Array(2 * total);
    let count = 0;
    for (const run of found) {
      const start = this.starts[run] as number;
      // Runs of two labels that follow one another are one run of the mask.
      if (count > 0 && edges[count - 1] === start) count--;
      else edges[count++] = start;
      edges[count++] = this.starts[run + 1] as number;
    }
    return { size: this.size, edges: count < edges.length ? edges.slice(0, count) : edges };
  }

  /**
   * The labels that a path crosses, in the order in which it comes to them. With a radius, those
   * of all pixels whose centre is within so many pixels of it; with none, of the pixels it enters.
   */
  labelsUnder(path: readonly XY[], radius = 0): number[] {
    const found = new Set<number>();
    if (radius > 0) {
      const [height] = this.size;
      sweepPath(path, 0, radius, "round", this.size, (column, top, end) => {
        let run = this.runAt(column, column * height + top);
        do found.add(this.labels[run] as number);
        while ((this.starts[++run] as number) < column * height + end);
      });
      return [...found];
    }
    for (let i = 0; i < path.length; i++) {
      const b = path[i] as XY;
      this.cross(path[i - 1] ?? b, b, found);
    }
    found.delete(-1);
    return [...found];
  }

  /** The labels of the pixels that a segment enters, from grid line to grid line. */
  private cross([ax, ay]: XY, [bx, by]: XY, found: Set<number>): void {
    const dx = bx - ax;
    const dy = by - ay;
    const cuts = [0, 1];
    addCuts(ax, dx, this.size[1], cuts);
    addCuts(ay, dy, this.size[0], cuts);
    cuts.sort((a, b) => a - b);
    found.add(this.labelAt(ax, ay));
    for (let i = 1; i < cuts.length; i++) {
      const middle = ((cuts[i - 1] as number) + (cuts[i] as number)) / 2;
      found.add(this.labelAt(ax + middle * dx, ay + middle * dy));
    }
    found.add(this.labelAt(bx, by));
  }

  /** The run that holds pixel `k` of a column. */
  private runAt(column: number, k: number): number {
    let low = this.columns[column] as number;
    let high = this.columns[column + 1] as number;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.starts[middle] as number) <= k) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Built at the first question for the pixels of a label, by counting. */
  private index(): { readonly runs: Uint32Array; readonly first: Uint32Array } {
    if (this.ofLabel) return this.ofLabel;
    const { labels } = this;
    let highest = -1;
    for (let i = 0; i < labels.length; i++) {
      if ((labels[i] as number) > highest) highest = labels[i] as number;
    }
    // A map from elsewhere may have few labels with high numbers; those of ours have no gaps.
    if (highest >= this.size[0] * this.size[1]) throw new RangeError("A label is too high.");
    const first = new Uint32Array(highest + 2);
    for (let i = 0; i < labels.length; i++) {
      const next = (labels[i] as number) + 1;
      first[next] = (first[next] as number) + 1;
    }
    for (let k = 1; k < first.length; k++) {
      first[k] = (first[k] as number) + (first[k - 1] as number);
    }
    const places = first.slice(0, highest + 1);
    const runs = new Uint32Array(labels.length);
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i] as number;
      const place = places[label] as number;
      runs[place] = i;
      places[label] = place + 1;
    }
    this.ofLabel = { runs, first };
    return this.ofLabel;
  }
}

/** Where a segment crosses whole numbers between 0 and `side`, as parts of its way. */
function addCuts(from: number, way: number, side: number, cuts: number[]): void {
  if (way === 0) return;
  const low = Math.max(0, Math.ceil(Math.min(from, from + way)));
  const high = Math.min(side, Math.floor(Math.max(from, from + way)));
  for (let line = low; line <= high; line++) cuts.push((line - from) / way);
}
