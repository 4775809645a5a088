/**
 * The frames that a lane shows from its left to its right end. Frame k lies from k to k + 1, so that
 * its middle is k + 0.5.
 */
export interface TimeWindow {
  readonly start: number;
  readonly end: number;
}

/** Fewer frames than this are never spread over a lane. */
const LEAST = 8;

export function wholeOf(length: number): TimeWindow {
  return { start: 0, end: Math.max(1, length) };
}

/** Show fewer frames (a factor above 1) or more of them; what is at `at` stays where it is. */
export function zoomed(window: TimeWindow, at: number, factor: number, length: number): TimeWindow {
  const before = window.end - window.start;
  const now = Math.min(Math.max(before / factor, Math.min(LEAST, length)), Math.max(1, length));
  return within({ start: at - ((at - window.start) * now) / before, end: 0 }, now, length);
}

export function panned(window: TimeWindow, frames: number, length: number): TimeWindow {
  const span = window.end - window.start;
  return within({ start: window.start + frames, end: 0 }, span, length);
}

/** The same window where a frame is in it; else one turned over, page by page, to that frame. */
export function following(window: TimeWindow, frame: number, length: number): TimeWindow {
  const { start, end } = window;
  if (frame >= Math.floor(start) && frame + 1 <= Math.ceil(end)) return window;
  const span = end - start;
  const ahead = frame < start ? 0.9 : 0.1;
  return within({ start: frame - ahead * span, end: 0 }, span, length);
}

/** Where in a lane of some width a frame begins. */
export function placeOf(window: TimeWindow, width: number, frame: number): number {
  return ((frame - window.start) * width) / (window.end - window.start);
}

/** The frame at a place of a lane, one that there is. */
export function frameAt(window: TimeWindow, width: number, x: number, length: number): number {
  const frame = Math.floor(window.start + (x * (window.end - window.start)) / Math.max(1, width));
  return Math.min(Math.max(0, frame), Math.max(0, length - 1));
}

function within(window: TimeWindow, span: number, length: number): TimeWindow {
  const start = Math.min(Math.max(0, window.start), Math.max(0, length - span));
  return { start, end: start + span };
}
