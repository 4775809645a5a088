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
}

export const PLAIN: Tone = { brightness: 0, contrast: 0, gamma: 1, invert: false, window: null };

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
  { brightness, contrast, gamma, invert }: Tone,
): Uint8Array {
  const table = new Uint8Array(levels);
  const steep = 10 ** (contrast / 100);
  const up = brightness / 100;
  const power = 1 / gamma;
  for (let level = 0; level < levels; level++) {
    let t = high > low ? clip((level - low) / (high - low)) : level > low ? 1 : 0;
    t = clip((t - 0.5) * steep + 0.5 + up);
    if (power !== 1) t **= power;
    table[level] = Math.floor(255 * (invert ? 1 - t : t) + 0.5);
  }
  return table;
}

function clip(t: number): number {
  return t < 0 ? 0 : t > 1 ? 1 : t;
}
