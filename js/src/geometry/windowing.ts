/** A window as people say it: the value in the middle, and its extent. */
export interface Levels {
  readonly level: number;
  readonly width: number;
}

export type WindowCurve = "LINEAR" | "LINEAR_EXACT" | "SIGMOID";

/**
 * The values that are black and white, as `labelwidgets.algorithms.window_ends` has them: of a
 * `LINEAR` window of DICOM (PS3.3 C.11.2.1.2) the last value is the one before level + width / 2.
 */
export function endsOf({ level, width }: Levels, curve: WindowCurve): readonly [number, number] {
  return [level - width / 2, level + width / 2 - (curve === "LINEAR" ? 1 : 0)];
}

export function levelsOf([low, high]: readonly [number, number], curve: WindowCurve): Levels {
  const last = curve === "LINEAR" ? high + 1 : high;
  return { level: (low + last) / 2, width: last - low };
}

/** So many pixels of a drag to the right make a window e times as wide. */
const PIXELS = 250;

/**
 * A window that was dragged by so many pixels of the screen: to the right it gets wider, downwards
 * its level rises and the picture darkens. Wide windows move faster.
 */
export function dragged(from: Levels, dx: number, dy: number): Levels {
  const width = Math.min(1e9, Math.max(1e-9, from.width * Math.exp(dx / PIXELS)));
  return rounded({ width, level: from.level + (dy * from.width) / PIXELS });
}

/** To steps of a thousandth of the width at most, and to whole numbers where those are fine enough. */
function rounded({ level, width }: Levels): Levels {
  const step = 10 ** Math.floor(Math.log10(width / 50));
  const to = (value: number) => Number((Math.round(value / step) * step).toPrecision(12));
  return { level: to(level), width: Math.max(step, to(width)) };
}

const SAMPLE = 1 << 16;
const TAILS = 0.001;

/** The 0.1 and the 99.9 percentile of values, of evenly spaced ones of very many; null for none. */
export function percentiles(values: ArrayLike<number>): readonly [number, number] | null {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  const sample: number[] = [];
  for (let at = 0; at < values.length; at += step) {
    const value = values[at] as number;
    if (Number.isFinite(value)) sample.push(value);
  }
  if (sample.length === 0) return null;
  const sorted = Float64Array.from(sample).sort();
  const at = (part: number) => {
    const place = part * (sorted.length - 1);
    const low = Math.floor(place);
    const from = sorted[low] as number;
    return from + ((sorted[low + 1] ?? from) - from) * (place - low);
  };
  return [at(TAILS), at(1 - TAILS)];
}
