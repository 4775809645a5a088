/**
 * How shades go from black to white (DICOM PS3.3 C.11.2.1.3); `LINEAR_EXACT` is a straight line.
 * `LINEAR` is one too: it tells that its last value is the one before level + width / 2. A sigmoid
 * goes on beyond both ends.
 */
export type Curve = "LINEAR" | "LINEAR_EXACT" | "SIGMOID";

/** How a person wants to see pictures; the pixels themselves stay as they are. */
export interface Tone {
  /** From -100 to 100; 0 leaves the picture as it is. */
  readonly brightness: number;
  readonly contrast: number;
  /** Above 0; more than 1 brightens the middle. */
  readonly gamma: number;
  readonly invert: boolean;
  /** The values of a grey picture that are black and white; null for those it came with. */
  readonly window: readonly [number, number] | null;
  readonly curve: Curve;
  /** Shades from 0 to 1 of evenly spaced values from black to white, in place of a curve. */
  readonly table: readonly number[] | null;
}

export const PLAIN: Tone = {
  brightness: 0,
  contrast: 0,
  gamma: 1,
  invert: false,
  window: null,
  curve: "LINEAR_EXACT",
  table: null,
};

/** Does it show photographs as they are? */
export function isPlain({ brightness, contrast, gamma, invert }: Tone): boolean {
  return brightness === 0 && contrast === 0 && gamma === 1 && !invert;
}

/**
 * The shades of all levels, as `labelwidgets.algorithms.tone_table` has them: the window from `low`
 * to `high` first, then contrast and brightness, then gamma.
 */
export function toneTable(
  levels: number,
  low: number,
  high: number,
  { brightness, contrast, gamma, invert, curve, table: shades }: Tone,
): Uint8Array {
  const table = new Uint8Array(levels);
  const steep = 10 ** (contrast / 100);
  const up = brightness / 100;
  const power = 1 / gamma;
  for (let level = 0; level < levels; level++) {
    let t = shades ? entryOf(shades, level, low, high) : ramp(level, low, high);
    if (!shades) t = curve === "SIGMOID" ? 1 / (1 + Math.exp(2 - 4 * t)) : clip(t);
    t = clip((t - 0.5) * steep + 0.5 + up);
    if (power !== 1) t **= power;
    table[level] = Math.floor(255 * (invert ? 1 - t : t) + 0.5);
  }
  return table;
}

/** The entry of a table of shades that a level has. */
export function entryOf(
  table: readonly number[],
  level: number,
  low: number,
  high: number,
): number {
  return table[Math.round(clip(ramp(level, low, high)) * (table.length - 1))] ?? 0;
}

function ramp(level: number, low: number, high: number): number {
  if (!(high > low)) return level > low ? 1 : 0;
  return (level - low) / (high - low);
}

function clip(t: number): number {
  return t < 0 ? 0 : t > 1 ? 1 : t;
}
