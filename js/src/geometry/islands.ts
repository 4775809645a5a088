import { type Columns, columnsOf, runsOfColumns } from "./columns.ts";
import { type Runs, unite } from "./runs.ts";

// Pixels hang together by their faces (connectivity 4), of a mask as of its holes. Two spans of
// neighbouring columns touch where they share a row; within a column they never touch.

interface Islands {
  /** For each span the first span of its island. */
  readonly root: Int32Array;
  /** Pixels of each island, at its first span. */
  readonly area: Float64Array;
}

function islandsOf({ first, tops, ends }: Columns): Islands {
  const root = new Int32Array(tops.length);
  for (let i = 0; i < root.length; i++) root[i] = i;
  const find = (span: number): number => {
    let at = span;
    while (root[at] !== at) {
      root[at] = root[root[at] as number] as number;
      at = root[at] as number;
    }
    return at;
  };
  for (let column = 1; column + 1 < first.length; column++) {
    let a = first[column - 1] as number;
    let b = first[column] as number;
    const lastA = b;
    const lastB = first[column + 1] as number;
    while (a < lastA && b < lastB) {
      const endA = ends[a] as number;
      const endB = ends[b] as number;
      if ((tops[a] as number) < endB && (tops[b] as number) < endA) {
        const one = find(a);
        const other = find(b);
        // The lower number wins: the root is the island's first span.
        if (one < other) root[other] = one;
        else if (other < one) root[one] = other;
      }
      if (endA < endB) a++;
      else b++;
    }
  }
  const area = new Float64Array(tops.length);
  for (let i = 0; i < root.length; i++) {
    const at = find(i);
    root[i] = at;
    area[at] = (area[at] as number) + (ends[i] as number) - (tops[i] as number);
  }
  return { root, area };
}

/** The mask's largest island alone; of several as large the one with the leftmost, uppermost pixel. */
export function keepLargestIsland(runs: Runs): Runs {
  const columns = columnsOf(runs);
  const { root, area } = islandsOf(columns);
  let best = -1;
  for (let i = 0; i < area.length; i++) {
    if ((area[i] as number) > (best < 0 ? 0 : (area[best] as number))) best = i;
  }
  return runsOfColumns(columns, runs.size, (span) => root[span] === best);
}

/** The mask without its islands of fewer than `least` pixels. */
export function removeSmallIslands(runs: Runs, least: number): Runs {
  const columns = columnsOf(runs);
  const { root, area } = islandsOf(columns);
  return runsOfColumns(
    columns,
    runs.size,
    (span) => (area[root[span] as number] as number) >= least,
  );
}

/** How many islands a mask has. */
export function countIslands(runs: Runs): number {
  return islandsOf(columnsOf(runs)).root.reduce((sum, at, i) => sum + (at === i ? 1 : 0), 0);
}

/** The mask with every hole filled: what is not set and does not hang together with the frame. */
export function fillHoles(runs: Runs): Runs {
  const columns = columnsOf(runs);
  const gaps = gapsOf(columns);
  const { root } = islandsOf(gaps);
  // Above the first span of a column and below its last there is a way out; so there is left and
  // right of the box around the mask.
  const open = new Uint8Array(root.length);
  const { first } = gaps;
  for (let column = 0; column + 1 < first.length; column++) {
    const from = first[column] as number;
    const to = first[column + 1] as number;
    const outer = column === 0 || column + 2 === first.length;
    for (let i = from; i < to; i++) {
      const { tops, ends } = gaps;
      if (outer || tops[i] === gaps.top || ends[i] === gaps.bottom) open[root[i] as number] = 1;
    }
  }
  return unite(
    runs,
    runsOfColumns(gaps, runs.size, (span) => !open[root[span] as number]),
  );
}

/** What is not set, within the box around a mask. */
function gapsOf(columns: Columns): Columns & { readonly top: number; readonly bottom: number } {
  const { left, first, tops, ends } = columns;
  let top = Number.POSITIVE_INFINITY;
  let bottom = 0;
  for (let i = 0; i < tops.length; i++) {
    top = Math.min(top, tops[i] as number);
    bottom = Math.max(bottom, ends[i] as number);
  }
  const from: number[] = [];
  const to: number[] = [];
  const starts = new Uint32Array(first.length);
  for (let column = 0; column + 1 < first.length; column++) {
    let at = top;
    for (let i = first[column] as number; i < (first[column + 1] as number); i++) {
      if ((tops[i] as number) > at) {
        from.push(at);
        to.push(tops[i] as number);
      }
      at = ends[i] as number;
    }
    if (at < bottom) {
      from.push(at);
      to.push(bottom);
    }
    starts[column + 1] = from.length;
  }
  return {
    left,
    first: starts,
    tops: Int32Array.from(from),
    ends: Int32Array.from(to),
    top,
    bottom,
  };
}
