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

/** All frames of a video, the first of which has the number 0. */
export function wholeOf(length: number): TimeWindow {
  return { start: 0, end: Math.max(1, length) };
}

/** Show fewer frames (a factor above 1) or more of them, up to all; what is at `at` stays there. */
export function zoomed(
  window: TimeWindow,
  at: number,
  factor: number,
  all: TimeWindow,
): TimeWindow {
  const before = window.end - window.start;
  const most = all.end - all.start;
  const now = Math.min(Math.max(before / factor, Math.min(LEAST, most)), most);
  return within(at - ((at - window.start) * now) / before, now, all);
}

export function panned(window: TimeWindow, frames: number, all: TimeWindow): TimeWindow {
  return within(window.start + frames, window.end - window.start, all);
}

/** The same window where a frame is in it; else one turned over, page by page, to that frame. */
export function following(window: TimeWindow, frame: number, all: TimeWindow): TimeWindow {
  const { start, end } = window;
  if (frame >= Math.floor(start) && frame + 1 <= Math.ceil(end)) return window;
  const span = end - start;
  const ahead = frame < start ? 0.9 : 0.1;
  return within(frame - ahead * span, span, all);
}

/** Where in a lane of some width a frame begins. */
export function placeOf(window: TimeWindow, width: number, frame: number): number {
  return ((frame - window.start) * width) / (window.end - window.start);
}

/** The frame at a place of a lane, one that there is. */
export function frameAt(window: TimeWindow, width: number, x: number, all: TimeWindow): number {
  const frame = Math.floor(window.start + (x * (window.end - window.start)) / Math.max(1, width));
  return Math.min(Math.max(all.start, frame), all.end - 1);
}

function within(start: number, span: number, all: TimeWindow): TimeWindow {
  const first = Math.min(Math.max(all.start, start), Math.max(all.start, all.end - span));
  return { start: first, end: first + span };
}
