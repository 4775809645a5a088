import type { Density } from "../geometry/density.ts";
import type { LaneRow } from "../geometry/lanes.ts";
import { firstFrom, type Lane, laneOf, type Span } from "../geometry/spans.ts";
import { placeOf, type TimeWindow } from "../geometry/time_window.ts";

/** Height of a lane, and of the strip of how many objects there are, in pixels. */
export const LANE = 20;
export const STRIP = 16;

export interface LanesLook {
  readonly accent: string;
  readonly line: string;
  readonly text: string;
  readonly surface: string;
}

export interface LanesScene {
  readonly rows: readonly LaneRow[];
  readonly density: Density;
  readonly window: TimeWindow;
  readonly width: number;
  readonly height: number;
  /** So far the lanes are scrolled, in pixels. */
  readonly top: number;
  readonly selection: ReadonlySet<string>;
  readonly hidden: ReadonlySet<string>;
  readonly colorOf: (className: string | null | undefined) => string;
}

/** Paint the lanes that are in sight. What it costs goes with pixels, not with what they stand for. */
export function paintLanes(
  context: CanvasRenderingContext2D,
  scene: LanesScene,
  look: LanesLook,
): void {
  const { width, height, rows, top } = scene;
  context.clearRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.rect(0, STRIP, width, height - STRIP);
  context.clip();
  const first = Math.max(0, Math.floor(top / LANE));
  const end = Math.min(rows.length, Math.ceil((top + height - STRIP) / LANE));
  for (let i = first; i < end; i++) {
    const row = rows[i];
    const y = STRIP + i * LANE - top;
    if (!row) continue;
    context.fillStyle = look.line;
    context.globalAlpha = 0.7;
    context.fillRect(0, y + LANE - 1, width, 1);
    context.globalAlpha = 1;
    if (row.kind === "track") paintTrack(context, scene, look, row, y);
    else paintEvents(context, scene, look, row, y);
  }
  context.restore();
  paintStrip(context, scene, look);
}

/** How many objects are on the frames of each column: the higher and darker, the more. */
function paintStrip(
  context: CanvasRenderingContext2D,
  { density, window, width }: LanesScene,
  look: LanesLook,
): void {
  const { most } = density;
  const high = STRIP - 3;
  context.fillStyle = look.accent;
  const frames = (window.end - window.start) / Math.max(1, width);
  for (let x = 0; most > 0 && x < width; x++) {
    const from = Math.floor(window.start + x * frames);
    const to = Math.max(from + 1, Math.floor(window.start + (x + 1) * frames));
    const here = density.within(from, to);
    if (here === 0) continue;
    const share = here / most;
    const tall = Math.max(2, Math.round(share * high));
    context.globalAlpha = 0.3 + 0.6 * share;
    context.fillRect(x, STRIP - 1 - tall, 1, tall);
  }
  context.globalAlpha = 1;
  context.fillStyle = look.line;
  context.fillRect(0, STRIP - 1, width, 1);
}

function paintTrack(
  context: CanvasRenderingContext2D,
  scene: LanesScene,
  look: LanesLook,
  { annotation }: Extract<LaneRow, { kind: "track" }>,
  y: number,
): void {
  const lane = laneOf(annotation.geometry);
  const selected = scene.selection.has(annotation.id);
  const color = scene.colorOf(annotation.class_name);
  if (selected) {
    context.fillStyle = look.accent;
    context.globalAlpha = 0.14;
    context.fillRect(0, y, scene.width, LANE - 1);
  }
  context.globalAlpha = scene.hidden.has(annotation.id) ? 0.35 : 1;
  context.fillStyle = color;
  paintSpans(context, scene, lane.spans, y);
  paintKeys(context, scene, look, lane, y, color);
  context.globalAlpha = 1;
}

/** Bars where it is there: hatched and thin where it is occluded. */
function paintSpans(
  context: CanvasRenderingContext2D,
  { window, width, density }: LanesScene,
  spans: readonly Span[],
  y: number,
): void {
  const middle = y + (LANE - 1) / 2;
  const alpha = context.globalAlpha;
  let i = firstSpan(spans, window.start);
  while (i < spans.length) {
    const span = spans[i] as Span;
    if (span.first >= window.end) break;
    const left = Math.max(-4, placeOf(window, width, span.first));
    const last = span.last ?? density.length - 1;
    const right = Math.min(width + 4, placeOf(window, width, last + 1));
    const wide = Math.max(1, right - left);
    if (span.occluded && wide > 3) {
      context.globalAlpha = alpha * 0.25;
      context.fillRect(left, middle - 2.5, wide, 5);
      context.globalAlpha = alpha * 0.9;
      for (let x = left; x < right; x += 5) context.fillRect(x, middle - 2.5, 2, 5);
    } else {
      context.globalAlpha = alpha * 0.6;
      context.fillRect(left, middle - 4, wide, 8);
    }
    // Those that end within the same column are painted with it.
    const next = window.start + ((Math.floor(left) + 1) * (window.end - window.start)) / width;
    const later = spans[i + 1];
    i = !later || later.first >= next ? i + 1 : Math.max(i + 1, firstSpan(spans, next));
  }
  context.globalAlpha = alpha;
}

/** The first of some spans that ends on a frame or later. */
function firstSpan(spans: readonly Span[], frame: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const last = spans[middle]?.last;
    if (last != null && last + 1 <= frame) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Keyframes are diamonds, where there is room for them; a tick above says that an answer changes. */
function paintKeys(
  context: CanvasRenderingContext2D,
  scene: LanesScene,
  look: LanesLook,
  { keys, ticks, spans }: Lane,
  y: number,
  color: string,
): void {
  const middle = y + (LANE - 1) / 2;
  const gone = new Set<number>();
  spans.forEach(({ last }, i) => {
    if (last !== null && spans[i + 1]?.first !== last + 1) gone.add(last + 1);
  });
  context.fillStyle = look.text;
  columns(keys, scene, (x, room, frame) => {
    if (room < 7) {
      context.fillStyle = color;
      context.fillRect(x - 0.5, middle - 5, 1, 10);
      return;
    }
    const r = room < 11 ? 3.5 : 5;
    context.beginPath();
    context.moveTo(x, middle - r);
    context.lineTo(x + r, middle);
    context.lineTo(x, middle + r);
    context.lineTo(x - r, middle);
    context.closePath();
    // A keyframe with which it is gone is hollow.
    context.fillStyle = gone.has(frame) ? look.surface : color;
    context.fill();
    context.lineWidth = 1.25;
    context.strokeStyle = look.text;
    context.stroke();
  });
  context.fillStyle = look.text;
  columns(ticks, scene, (x) => context.fillRect(x - 1, y + 1, 2, 3));
}

/** Go through frames that are in sight, one in each column at most. */
function columns(
  frames: readonly number[],
  { window, width }: LanesScene,
  paint: (x: number, room: number, frame: number) => void,
): void {
  const each = (window.end - window.start) / Math.max(1, width);
  let i = firstFrom(frames, Math.floor(window.start - 6 * each));
  let before = Number.NEGATIVE_INFINITY;
  while (i < frames.length) {
    const frame = frames[i] as number;
    const x = placeOf(window, width, frame + 0.5);
    if (x > width + 6) break;
    const after = placeOf(window, width, (frames[i + 1] ?? Number.POSITIVE_INFINITY) + 0.5);
    paint(x, Math.min(x - before, after - x), frame);
    before = x;
    i = after > x + 1 ? i + 1 : firstFrom(frames, frame + each, i + 1);
  }
}

function paintEvents(
  context: CanvasRenderingContext2D,
  scene: LanesScene,
  look: LanesLook,
  { events, className }: Extract<LaneRow, { kind: "events" }>,
  y: number,
): void {
  const { window, width, selection } = scene;
  const color = scene.colorOf(className);
  let painted = Number.NEGATIVE_INFINITY;
  for (const { id, geometry } of events) {
    const left = placeOf(window, width, geometry.first);
    const right = placeOf(window, width, geometry.last + 1);
    if (right < 0 || left > width || (right < painted + 1 && !selection.has(id))) continue;
    painted = right;
    const [from, wide] = [
      Math.max(-6, left),
      Math.max(2, Math.min(width + 6, right) - Math.max(-6, left)),
    ];
    context.beginPath();
    context.roundRect(from, y + 3, wide, LANE - 7, 3);
    context.globalAlpha = scene.hidden.has(id) ? 0.25 : selection.has(id) ? 0.85 : 0.55;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = selection.has(id) ? 2 : 1;
    context.strokeStyle = selection.has(id) ? look.accent : color;
    context.stroke();
  }
}
