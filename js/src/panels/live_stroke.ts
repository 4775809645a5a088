import type { XY } from "../document/types.ts";
import { spansOf } from "../geometry/columns.ts";
import { PaintedMask } from "../geometry/painted_mask.ts";
import type { Runs } from "../geometry/runs.ts";
import { sweepPath } from "../geometry/stroke.ts";
import { spansWithin, type Values } from "../geometry/threshold.ts";
import type { Stroke } from "../tools/tool.ts";

/**
 * The mask that a stroke would leave, while it is being made. Each time only what the path has
 * gained is painted, by the same rule as the whole stroke at its end.
 */
export class LiveStroke {
  private mask: PaintedMask | null = null;
  private stroke: Stroke | null = null;
  private kept: Runs | null = null;

  /**
   * `kept` are pixels that the stroke may not take, those of locked masks; `values` those of the
   * picture, for strokes that are limited to some.
   */
  follow(stroke: Stroke, base: Runs, kept: Runs | null, values: Values | null = null): PaintedMask {
    const before = this.stroke;
    const goesOn =
      this.mask?.base === base &&
      this.kept === kept &&
      before &&
      before.radius === stroke.radius &&
      before.shape === stroke.shape &&
      before.erase === stroke.erase &&
      isStart(before.path, stroke.path);
    const mask = goesOn && this.mask ? this.mask : new PaintedMask(base);
    const from = goesOn ? before.path.length : 0;
    const { path, radius, shape, erase, aspect, limit } = stroke;
    const lay = (column: number, top: number, end: number) => {
      if (erase) mask.erase(column, top, end);
      else if (!kept) mask.paint(column, top, end);
      else paintAround(mask, spansOf(kept, column), column, top, end);
    };
    const within = (column: number, top: number, end: number) => {
      if (values && limit) spansWithin(values, limit, column, top, end, lay);
    };
    sweepPath(path, from, radius, shape, base.size, limit ? within : lay, aspect);
    this.mask = mask;
    this.stroke = stroke;
    this.kept = kept;
    return mask;
  }
}

/** Has a path only been gone on with? Its points are never made anew. */
function isStart(path: readonly XY[], of: readonly XY[]): boolean {
  const last = path.length - 1;
  return last < of.length && path[0] === of[0] && path[last] === of[last];
}

function paintAround(
  mask: PaintedMask,
  kept: readonly number[],
  column: number,
  top: number,
  end: number,
): void {
  let at = top;
  for (let i = 0; i < kept.length && at < end; i += 2) {
    const stop = Math.min(end, kept[i] as number);
    if (stop > at) mask.paint(column, at, stop);
    at = Math.max(at, kept[i + 1] as number);
  }
  if (at < end) mask.paint(column, at, end);
}
