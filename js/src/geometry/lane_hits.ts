import type { LaneRow } from "./lanes.ts";
import { firstFrom, laneOf } from "./spans.ts";
import { placeOf, type TimeWindow } from "./time_window.ts";

/** What lies under a place of a lane. */
export type LaneHit =
  | { readonly what: "keyframe"; readonly id: string; readonly frame: number }
  | { readonly what: "first" | "last" | "event"; readonly id: string }
  | { readonly what: "track"; readonly id: string }
  | { readonly what: "empty"; readonly className: string };

/** So near, in pixels, something is under the pointer. */
const NEAR = 6;

export function hitOn(row: LaneRow, window: TimeWindow, width: number, x: number): LaneHit {
  const at = (frame: number) => placeOf(window, width, frame);
  if (row.kind === "track") {
    const { id, geometry } = row.annotation;
    const { keys } = laneOf(geometry);
    const pointed = window.start + (x * (window.end - window.start)) / Math.max(1, width) - 0.5;
    const after = firstFrom(keys, pointed);
    let best: number | null = null;
    for (const key of [keys[after - 1], keys[after]]) {
      if (key === undefined || Math.abs(at(key + 0.5) - x) > NEAR) continue;
      if (best === null || Math.abs(key - pointed) < Math.abs(best - pointed)) best = key;
    }
    return best === null ? { what: "track", id } : { what: "keyframe", id, frame: best };
  }
  for (const { id, geometry } of [...row.events].reverse()) {
    const [left, right] = [at(geometry.first), at(geometry.last + 1)];
    if (x < left - NEAR || x > right + NEAR) continue;
    // Of a narrow one each half is an edge, so that either can be had.
    const inner = Math.min(NEAR, (right - left) / 3);
    if (x <= left + inner) return { what: "first", id };
    if (x >= right - inner) return { what: "last", id };
    return { what: "event", id };
  }
  return { what: "empty", className: row.className };
}
