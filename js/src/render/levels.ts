const LEAST_SIDE = 512;
/** Larger pictures are shown from a smaller copy: browsers refuse larger canvases. */
const MOST_SIDE = 8192;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** How often the picture can be halved and still have the `needed` pixels across. */
export function levelFor(size: Size, needed: number): number {
  let halvings = 0;
  const enough = (n: number) =>
    size.width / 2 ** n >= needed && longest(size) / 2 ** n >= LEAST_SIDE;
  while (enough(halvings + 1)) halvings++;
  while (longest(size) / 2 ** halvings > MOST_SIDE) halvings++;
  return halvings;
}

/** The same for what is seen for a moment: broken halvings, that leave just the pixels needed. */
export function exactLevelFor(size: Size, needed: number): number {
  if (longest(size) > MOST_SIDE) return levelFor(size, needed);
  return Math.log2(size.width / Math.min(size.width, Math.max(1, Math.ceil(needed))));
}

/** The halvings that a picture is shown in, the largest first. */
export function levelsOf(size: Size): number[] {
  const levels: number[] = [];
  for (
    let halvings = 0;
    halvings === 0 || longest(size) / 2 ** halvings >= LEAST_SIDE;
    halvings++
  ) {
    if (longest(size) / 2 ** halvings <= MOST_SIDE) levels.push(halvings);
  }
  return levels;
}

export function sizeOf(size: Size, halvings: number): Size {
  return {
    width: Math.max(1, Math.round(size.width / 2 ** halvings)),
    height: Math.max(1, Math.round(size.height / 2 ** halvings)),
  };
}

function longest(size: Size): number {
  return Math.max(size.width, size.height);
}
