import Flatbush from "flatbush";
import type { Edge, GridPoints } from "./noding.ts";

/** Is a place inside, by how often each layer winds around it? */
export type Rule = (first: number, second: number) => boolean;

/**
 * The faces between edges that meet only in end points. Half-edge 2e runs along edge e, 2e + 1 back;
 * the face of a half-edge lies to its left (y taken upwards).
 *
 * After de Berg et al., Computational Geometry (2008), chapter 2: a doubly connected edge list.
 */
export class Arrangement {
  /** The half-edges out of each point, anticlockwise. */
  private readonly out = new Map<number, number[]>();
  private readonly slot: Int32Array;
  private readonly cycle: Int32Array;
  private readonly cycles: number[][] = [];
  private readonly winding: (readonly [number, number])[] = [];

  constructor(
    private readonly edges: readonly Edge[],
    private readonly points: GridPoints,
  ) {
    this.slot = new Int32Array(2 * edges.length);
    this.cycle = new Int32Array(2 * edges.length).fill(-1);
    this.sortAround();
    this.findCycles();
    this.findWindings();
  }

  /** The outlines of what is inside, each as points with the inside to its left. */
  outlines(rule: Rule): number[][] {
    const inside = this.winding.map(([first, second]) => rule(first, second));
    const bounds = (half: number): boolean => {
      const [here, there] = [this.cycle[half] as number, this.cycle[half ^ 1] as number];
      if (!inside[here]) return false;
      // A cut with the same face on both sides ends somewhere within: it separates nothing.
      return !inside[there] || ((this.edges[half >> 1] as Edge).cut && here !== there);
    };
    const seen = new Uint8Array(2 * this.edges.length);
    const found: number[][] = [];
    for (let start = 0; start < seen.length; start++) {
      if (seen[start] || !bounds(start)) continue;
      const outline: number[] = [];
      let half = start;
      do {
        seen[half] = 1;
        outline.push(this.tail(half));
        half = this.turn(half, bounds);
      } while (half !== start);
      found.push(outline);
    }
    return found;
  }

  private tail(half: number): number {
    const edge = this.edges[half >> 1] as Edge;
    return half & 1 ? edge.to : edge.from;
  }

  /** The next wanted half-edge after one, clockwise from where it came. */
  private turn(half: number, wanted: (half: number) => boolean): number {
    const around = this.out.get(this.tail(half ^ 1)) as number[];
    const from = this.slot[half ^ 1] as number;
    for (let step = 1; step <= around.length; step++) {
      const next = around[(from - step + around.length) % around.length] as number;
      if (wanted(next)) return next;
    }
    return half ^ 1;
  }

  private sortAround(): void {
    for (let half = 0; half < this.slot.length; half++) {
      const point = this.tail(half);
      const around = this.out.get(point);
      if (around) around.push(half);
      else this.out.set(point, [half]);
    }
    for (const [point, around] of this.out) {
      around.sort((a, b) => this.byAngle(point, this.tail(a ^ 1), this.tail(b ^ 1)));
      around.forEach((half, i) => {
        this.slot[half] = i;
      });
    }
  }

  /** From straight down anticlockwise: first what comes after the centre, then what comes before. */
  private byAngle(centre: number, a: number, b: number): number {
    const [aheadA, aheadB] = [this.points.before(centre, a), this.points.before(centre, b)];
    if (aheadA !== aheadB) return aheadA ? -1 : 1;
    return -Math.sign(this.points.cross(centre, a, b));
  }

  private findCycles(): void {
    const any = () => true;
    for (let start = 0; start < this.cycle.length; start++) {
      if (this.cycle[start] !== -1) continue;
      const members: number[] = [];
      for (let half = start; this.cycle[half] === -1; half = this.turn(half, any)) {
        this.cycle[half] = this.cycles.length;
        members.push(half);
      }
      this.cycles.push(members);
    }
  }

  /** From the outside of each connected piece inwards, across one edge after the other. */
  private findWindings(): void {
    const points = [...this.out.keys()].sort((a, b) => (this.points.before(a, b) ? -1 : 1));
    for (const point of points) {
      // Of a piece's first point all edges lead on; the outside is left of the topmost one.
      const outside = this.out.get(point)?.at(-1) as number;
      const root = this.cycle[outside] as number;
      if (this.winding[root]) continue;
      this.winding[root] = this.around(point);
      const queue = [root];
      for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
        const [first, second] = this.winding[at] as readonly [number, number];
        for (const half of this.cycles[at] as number[]) {
          const other = this.cycle[half ^ 1] as number;
          if (this.winding[other]) continue;
          const [a, b] = (this.edges[half >> 1] as Edge).winding;
          const way = half & 1 ? -1 : 1;
          this.winding[other] = [first - way * a, second - way * b];
          queue.push(other);
        }
      }
    }
  }

  /** How often the layers wind around the first point of a piece, by a ray to the left. */
  private around(point: number): readonly [number, number] {
    const { x, y } = this.points;
    const [px, py] = [x[point] as number, y[point] as number];
    let [first, second] = [0, 0];
    for (const e of this.tree().search(Number.NEGATIVE_INFINITY, py, px, py)) {
      const edge = this.edges[e] as Edge;
      const [fromAbove, toAbove] = [(y[edge.from] as number) > py, (y[edge.to] as number) > py];
      if (fromAbove === toAbove) continue;
      const [low, high] = toAbove ? [edge.from, edge.to] : [edge.to, edge.from];
      if (this.points.cross(low, high, point) >= 0) continue;
      const way = toAbove ? -1 : 1;
      first += way * edge.winding[0];
      second += way * edge.winding[1];
    }
    return [first, second];
  }

  private index: Flatbush | null = null;

  private tree(): Flatbush {
    if (this.index) return this.index;
    const { x, y } = this.points;
    const tree = new Flatbush(this.edges.length);
    for (const { from, to } of this.edges) {
      const [ax, ay, bx, by] = [x[from], y[from], x[to], y[to]] as [number, number, number, number];
      tree.add(Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by));
    }
    tree.finish();
    this.index = tree;
    return tree;
  }
}
