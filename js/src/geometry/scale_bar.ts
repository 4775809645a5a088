export interface ScaleBar {
  /** Of the screen. */
  readonly pixels: number;
  readonly label: string;
}

const MOST = 140;

/**
 * The longest bar of 1, 2 or 5 times a power of ten that fits; null where nothing sensible does.
 * `perPixel` is in millimetres for each pixel of the screen.
 */
export function scaleBar(perPixel: number, most = MOST): ScaleBar | null {
  const room = most * perPixel;
  if (!(room > 1e-9) || !Number.isFinite(room)) return null;
  const power = 10 ** Math.floor(Math.log10(room));
  const times = [5, 2, 1].find((one) => one * power <= room) ?? 1;
  const millimetres = times * power;
  const label =
    millimetres >= 10
      ? `${Number((millimetres / 10).toPrecision(3))} cm`
      : millimetres < 0.1
        ? `${Number((millimetres * 1000).toPrecision(3))} µm`
        : `${Number(millimetres.toPrecision(3))} mm`;
  return { pixels: millimetres / perPixel, label };
}
