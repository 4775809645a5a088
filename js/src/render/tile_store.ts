import type { GreyRange, WholePicture } from "./picture.ts";
import { gridOf, keyOf, placesIn, type TileLevel, type TilePlace } from "./tile_levels.ts";

export type ReadTile = (place: TilePlace, signal: AbortSignal) => Promise<WholePicture>;

/** What is told of a tile that came, or cannot come. */
export interface TileViewer {
  onTile(): void;
  onTrouble(error: unknown): void;
}

/** Tiles that may be on their way at once. */
const AT_ONCE = 8;
/** Decoded tiles are kept up to this many pixels, of 4 bytes each; those in sight always are. */
const MOST_PIXELS = 64e6;
/** A tile that failed is asked for again after a while, but not for ever. */
const TRIES = 3;
const AGAIN_MS = 1000;

/** The tiles of one large picture: those that are here, and those that are on their way. */
export class TileStore {
  private readonly here = new Map<string, WholePicture>();
  private readonly coming = new Map<string, AbortController>();
  private readonly failed = new Map<string, number>();
  private readonly wanted = new Map<TileViewer, readonly TilePlace[]>();
  private pixels = 0;
  private disposed = false;

  constructor(
    readonly levels: readonly TileLevel[],
    readonly values: GreyRange | null,
    private readonly read: ReadTile,
    private readonly most = MOST_PIXELS,
  ) {}

  /** The smallest level, from which the whole picture can be painted. */
  get coarsest(): TilePlace[] {
    const level = this.levels.length - 1;
    const last = this.levels[level];
    return last ? placesIn(level, gridOf(last)) : [];
  }

  /** Read the smallest level; it stays. */
  async begin(signal?: AbortSignal): Promise<void> {
    const own = new AbortController();
    const end = () => own.abort();
    signal?.addEventListener("abort", end);
    try {
      await Promise.all(
        this.coarsest.map(async (place) => {
          if (!this.here.has(keyOf(place))) this.put(place, await this.read(place, own.signal));
        }),
      );
    } catch (error) {
      own.abort();
      throw error;
    } finally {
      signal?.removeEventListener("abort", end);
    }
  }

  /** A tile that is here; it was used just now. */
  get(place: TilePlace): WholePicture | null {
    const key = keyOf(place);
    const tile = this.here.get(key);
    if (!tile) return null;
    this.here.delete(key);
    this.here.set(key, tile);
    return tile;
  }

  /** What a viewer wants, in this order; what no viewer wants any more is given up on. */
  want(viewer: TileViewer, places: readonly TilePlace[]): void {
    this.wanted.set(viewer, places);
    const keys = this.keys();
    for (const [key, coming] of this.coming) {
      if (keys.has(key)) continue;
      this.coming.delete(key);
      coming.abort();
    }
    this.next();
  }

  /** A viewer shows something else. */
  leave(viewer: TileViewer): void {
    this.want(viewer, []);
    this.wanted.delete(viewer);
    // Of what nobody looks at, only the smallest level stays.
    if (this.wanted.size === 0) this.trim(0);
  }

  dispose(): void {
    this.disposed = true;
    for (const coming of this.coming.values()) coming.abort();
    this.coming.clear();
    this.wanted.clear();
    for (const tile of this.here.values()) close(tile);
    this.here.clear();
    this.pixels = 0;
  }

  private keys(): Set<string> {
    return new Set([...this.wanted.values()].flatMap((places) => places.map(keyOf)));
  }

  private next(): void {
    // In turn, so that no viewer waits for all that another wants.
    const lists = [...this.wanted.values()];
    const longest = Math.max(0, ...lists.map((places) => places.length));
    for (let at = 0; at < longest; at++) {
      for (const places of lists) {
        const place = places[at];
        if (!place) continue;
        if (this.coming.size >= AT_ONCE) return;
        const key = keyOf(place);
        if (this.here.has(key) || this.coming.has(key)) continue;
        if ((this.failed.get(key) ?? 0) < TRIES) void this.fetch(place, key);
      }
    }
  }

  private async fetch(place: TilePlace, key: string): Promise<void> {
    const coming = new AbortController();
    this.coming.set(key, coming);
    try {
      const tile = await this.read(place, coming.signal);
      if (this.disposed || this.coming.get(key) !== coming) {
        close(tile);
        return;
      }
      this.coming.delete(key);
      this.failed.delete(key);
      this.put(place, tile);
      for (const viewer of this.wanted.keys()) viewer.onTile();
    } catch (error) {
      if (coming.signal.aborted || this.disposed) return;
      const tries = (this.failed.get(key) ?? 0) + 1;
      this.failed.set(key, tries);
      // It counts as on its way until it may be asked for again.
      setTimeout(() => {
        if (this.coming.get(key) === coming) this.coming.delete(key);
        this.next();
      }, AGAIN_MS);
      if (tries === TRIES) for (const viewer of this.wanted.keys()) viewer.onTrouble(error);
      return;
    }
    this.next();
  }

  private put(place: TilePlace, tile: WholePicture): void {
    if (this.disposed) {
      close(tile);
      return;
    }
    const key = keyOf(place);
    const before = this.here.get(key);
    if (before) this.forget(key, before);
    this.here.set(key, tile);
    this.pixels += tile.width * tile.height;
    this.trim(this.most);
  }

  /** Put away what was used longest ago. */
  private trim(most: number): void {
    if (this.pixels <= most) return;
    const staying = this.keys();
    for (const place of this.coarsest) staying.add(keyOf(place));
    for (const [key, tile] of [...this.here]) {
      if (this.pixels <= most) return;
      if (!staying.has(key)) this.forget(key, tile);
    }
  }

  private forget(key: string, tile: WholePicture): void {
    this.here.delete(key);
    this.pixels -= tile.width * tile.height;
    close(tile);
  }
}

function close(tile: WholePicture): void {
  if (tile.kind === "photo") tile.bitmap.close();
}
