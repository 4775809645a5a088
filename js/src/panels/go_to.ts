import type { FrameTimes } from "../link/frame_times.ts";

/** Where somebody wishes to go, or why that is no place. */
export type Target = { readonly frame: number } | { readonly error: string };

const TIME = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)\s*s?$/;

/**
 * The frame that is meant by a number as the counter has it, from 1; an index as files and Python
 * have it, `#0`; a time, `1:02.5` or `62.5 s`; or a timestamp of the stream, `pts 4096`.
 */
export function frameFor(written: string, times: FrameTimes): Target {
  const text = written.trim().toLowerCase();
  const { count } = times;
  const number = /^(#?)(\d+)$/.exec(text);
  if (number) {
    const from = number[1] ? 0 : 1;
    const frame = Number(number[2]) - from;
    if (frame >= 0 && frame < count) return { frame };
    const name = from ? "Frames" : "Indices of frames";
    return { error: `${name} go from ${from} to ${count - 1 + from}.` };
  }
  const pts = /^pts\s*=?\s*(-?\d{1,19})$/.exec(text);
  if (pts?.[1]) return ofTimestamp(BigInt(pts[1]), times);
  const time = TIME.exec(text);
  if (!time) {
    return {
      error: `“${written.trim().slice(0, 40)}” is no frame: write a number such as 120, a time such as 0:12.5, or pts 4096.`,
    };
  }
  const [, hours = 0, minutes = 0, seconds = ""] = time;
  const at = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(",", "."));
  const end = times.seconds(count - 1) + times.lasts(count - 1);
  if (at > end) return { error: `The video ends at ${timeText(end)}.` };
  return { frame: times.at(at) };
}

function ofTimestamp(wanted: bigint, times: FrameTimes): Target {
  const frame = times.upTo(wanted);
  if (times.pts(frame) === wanted) return { frame };
  const near = [frame, frame + 1].filter((one) => one < times.count);
  const named = near.map((one) => `${times.pts(one)} (frame ${one + 1})`);
  return { error: `No frame has the timestamp ${wanted}. Near it are ${named.join(" and ")}.` };
}

/** Minutes, seconds and milliseconds, and hours where there are any. */
export function timeText(seconds: number): string {
  const all = Math.round(seconds * 1000);
  const part = (unit: number, of: number) => Math.floor(all / unit) % of;
  const [hours, minutes] = [Math.floor(all / 3_600_000), part(60_000, 60)];
  const rest = `${two(part(1000, 60))}.${String(all % 1000).padStart(3, "0")}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
