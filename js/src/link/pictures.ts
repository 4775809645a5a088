import type { Rle } from "../document/types.ts";
import { forEachRun } from "../geometry/rle.ts";
import type { Picture, WholePicture } from "../render/picture.ts";
import { TileStore } from "../render/tile_store.ts";
import { Direct } from "./direct.ts";
import { bytesOf, isAbort, type Kernel } from "./kernel.ts";
import type { Encoded } from "./wire.ts";

/** What is shown in four panes, and what is likely to be shown next; slices of scans do not count. */
const KEPT = 12;
/** Decoded, they are large: beyond this only so few are kept, and those in use. */
const MOST_BYTES = 400e6;
const LEAST = 4;
/** So many slices are read ahead at once: what a person waits for comes between them. */
const AT_ONCE = 3;
/** Nobody answers so late: it is asked for again. */
export const LOST_MS = 10_000;
/** Of scans, read ahead, so much is held: two of 300 slices of 512 x 512. */
export const MOST_AHEAD = 320e6;

/** A picture on its way, and how many wait for it. */
interface Coming {
  readonly since: number;
  readonly picture: Promise<Picture>;
  readonly ending: AbortController;
  waiting: number;
}

/** Decoded pictures by item and frame: what is shown, and what is likely to be shown next. */
export class Pictures {
  private readonly kept = new Map<string, Promise<Picture>>();
  private readonly coming = new Map<string, Coming>();
  /** What is likely to be shown next. */
  private likely = new Set<string>();
  private readonly here = new Map<string, Picture>();
  /** Slices of scans that are likely to be shown next, the likeliest first, by item. */
  private readonly slices = new Map<string, readonly number[]>();
  /** Slices that could not be read ahead: whoever goes there is told why. */
  private readonly failed = new Set<string>();
  private readonly direct: Direct;

  constructor(
    private readonly kernel: Kernel,
    private readonly inUse: (picture: Picture) => boolean = () => false,
    say: (text: string) => void = () => undefined,
  ) {
    this.direct = new Direct(say);
  }

  get(item: string, frame = 0, signal?: AbortSignal): Promise<Picture> {
    const key = keyOf(item, frame);
    const late = this.coming.get(key);
    // An answer that is so late was lost, with a kernel or a line.
    if (late?.waiting === 0 && isLost(late)) this.end(key, late);
    const known = this.kept.get(key);
    if (known) {
      const picture = this.here.get(key);
      if (picture) {
        this.here.delete(key);
        this.here.set(key, picture);
      }
      const coming = this.coming.get(key);
      return coming ? this.join(key, coming, signal) : known;
    }
    return this.join(key, this.begin(item, frame, false), signal);
  }

  /**
   * Make pictures ready that are likely to be shown next, instead of those that were before: what
   * is still on its way, and nobody waits for, is given up.
   */
  expect(items: readonly string[]): void {
    this.likely = new Set(items.map((item) => keyOf(item, 0)));
    for (const [key, one] of [...this.coming]) if (one.waiting === 0) this.giveUp(key, one);
    for (const item of items) if (!this.kept.has(keyOf(item, 0))) this.begin(item, 0, true);
  }

  /** A picture that is here already. */
  ready(item: string, frame = 0): Picture | null {
    const key = keyOf(item, frame);
    const picture = this.here.get(key);
    if (!picture) return null;
    this.here.delete(key);
    this.here.set(key, picture);
    return picture;
  }

  /**
   * Make slices of a scan ready that are likely to be shown next, the likeliest first, instead of
   * those that were before.
   */
  travel(item: string, frames: readonly number[]): void {
    this.slices.set(item, frames);
    for (const [key, one] of [...this.coming])
      if (one.waiting === 0 && itemOf(key) === item) this.giveUp(key, one);
    this.pump();
  }

  private pump(): void {
    let running = 0;
    for (const [key, one] of this.coming)
      if (one.waiting === 0 && !isLost(one) && this.slices.has(itemOf(key))) running++;
    for (const [item, frames] of this.slices)
      for (const frame of frames) {
        if (running >= AT_ONCE) return;
        const key = keyOf(item, frame);
        if (this.kept.has(key) || this.failed.has(key)) continue;
        this.begin(item, frame, true);
        running++;
      }
  }

  private begin(item: string, frame: number, ahead: boolean): Coming {
    const key = keyOf(item, frame);
    const ending = new AbortController();
    const picture = this.fetch(item, frame, ahead, ending.signal);
    const coming: Coming = { picture, ending, waiting: 0, since: performance.now() };
    this.kept.set(key, picture);
    this.coming.set(key, coming);
    const over = () => {
      if (this.coming.get(key) === coming) this.coming.delete(key);
    };
    picture.then(
      (made) => {
        over();
        if (this.kept.get(key) === picture) this.here.set(key, made);
        this.failed.delete(key);
        this.trim();
        this.pump();
      },
      (error) => {
        over();
        if (this.kept.get(key) === picture) this.kept.delete(key);
        if (!isAbort(error)) this.failed.add(key);
        if (!ending.signal.aborted) this.pump();
      },
    );
    return coming;
  }

  /** Wait for a picture: it is given up when all who did so have gone. */
  private join(key: string, coming: Coming, signal?: AbortSignal): Promise<Picture> {
    coming.waiting++;
    if (!signal) return coming.picture;
    return new Promise((resolve, reject) => {
      const leave = () => {
        coming.waiting--;
        if (coming.waiting === 0) this.giveUp(key, coming);
        reject(new DOMException("cancelled", "AbortError"));
      };
      if (signal.aborted) return leave();
      signal.addEventListener("abort", leave, { once: true });
      const done = () => signal.removeEventListener("abort", leave);
      void coming.picture.then(resolve, reject).finally(done);
    });
  }

  private giveUp(key: string, coming: Coming): void {
    if (this.isLikely(key) || this.coming.get(key) !== coming) return;
    this.end(key, coming);
  }

  private end(key: string, coming: Coming): void {
    // Whoever asks again from now on asks anew.
    this.coming.delete(key);
    this.kept.delete(key);
    coming.ending.abort();
  }

  private isLikely(key: string): boolean {
    const frame = Number(key.slice(key.lastIndexOf("#") + 1));
    return this.likely.has(key) || !!this.slices.get(itemOf(key))?.includes(frame);
  }

  forget(item: string, frame = 0): void {
    const key = keyOf(item, frame);
    this.kept.delete(key);
    this.here.delete(key);
    this.coming.delete(key);
  }

  dispose(): void {
    this.slices.clear();
    for (const key of [...this.kept.keys()]) this.drop(key);
    for (const one of this.coming.values()) one.ending.abort();
  }

  private async fetch(
    item: string,
    frame: number,
    ahead: boolean,
    signal: AbortSignal,
  ): Promise<Picture> {
    const ask = (how: { readonly bytes?: true } = {}) =>
      this.kernel.ask(
        { type: "pixels", item, frame, ...(ahead ? { ahead } : {}), ...how },
        ["pixels", "pyramid"],
        signal,
      );
    let { message, buffers } = await ask();
    if (message.type === "pixels" && message.url !== undefined) {
      const renew = async () => {
        const again = (await ask()).message;
        return again.type === "pixels" ? again.url : undefined;
      };
      const found = await this.fetched(message, message.url, renew, signal);
      if (found) return found;
      ({ message, buffers } = await ask({ bytes: true }));
    }
    if (message.type === "pixels") return sized(await decoded(message, bytesOf(buffers[0])));
    const { width, height, levels, values } = message;
    const tiles = new TileStore(levels, values ?? null, async (place, given) => {
      const asked = { type: "tile", item, frame, ...place } as const;
      const reply = await this.kernel.ask(asked, ["tile"], given);
      return decoded(reply.message, bytesOf(reply.buffers[0]));
    });
    try {
      await tiles.begin(signal);
    } catch (error) {
      tiles.dispose();
      throw error;
    }
    return { kind: "tiled", width, height, tiles };
  }

  /** The picture as the page gets it by itself, null where that is not the one it should be. */
  private async fetched(
    message: Encoded,
    url: string,
    renew: () => Promise<string | undefined>,
    signal: AbortSignal,
  ): Promise<Picture | null> {
    const { mime, width, height } = message;
    try {
      const bytes = await this.direct.bytes(url, mime, renew, signal);
      const picture = bytes && (await decoded(message, bytes));
      if (picture?.kind !== "photo") return null;
      const { bitmap } = picture;
      if (bitmap.width === width && bitmap.height === height) return picture;
      bitmap.close();
      return null;
    } catch (error) {
      if (isAbort(error)) throw error;
      return null;
    }
  }

  /** Put away what was asked for longest ago. */
  private trim(): void {
    let bytes = 0;
    let others = 0;
    for (const [key, picture] of this.here) {
      bytes += sizeOf(picture);
      if (!this.slices.has(itemOf(key))) others++;
    }
    for (const [key, picture] of [...this.here].slice(0, -LEAST)) {
      const slice = this.slices.has(itemOf(key));
      if (bytes <= MOST_BYTES && (slice || others <= KEPT)) continue;
      if (this.inUse(picture)) continue;
      bytes -= sizeOf(picture);
      if (!slice) others--;
      this.drop(key);
    }
  }

  private drop(key: string): void {
    const one = this.kept.get(key);
    this.kept.delete(key);
    this.here.delete(key);
    void one?.then(
      (picture) => {
        if (picture.kind === "photo") picture.bitmap.close();
        if (picture.kind === "tiled") picture.tiles.dispose();
      },
      () => undefined,
    );
  }
}

/** Bytes that are held; of a large picture that nobody looks at these are few. */
function sizeOf(picture: Picture): number {
  if (picture.kind === "tiled") return 0;
  return picture.width * picture.height * (picture.kind === "grey" ? 2 : 4);
}

/** Pictures of a sequence have the size of its first one, whatever their files have. */
async function sized(picture: WholePicture): Promise<Picture> {
  if (picture.kind !== "photo") return picture;
  const { width, height, bitmap } = picture;
  if (bitmap.width === width && bitmap.height === height) return picture;
  const options = { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" } as const;
  const made = await createImageBitmap(bitmap, options);
  bitmap.close();
  return { ...picture, bitmap: made };
}

export async function decoded(
  message: Encoded,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<WholePicture> {
  const { width, height, mime } = message;
  try {
    if (message.values) return await grey(message, message.values, bytes);
    const blob = new Blob([bytes], { type: mime });
    const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
    return { kind: "photo", width, height, bitmap };
  } catch {
    throw new Error("The browser cannot decode this picture: its data are damaged.");
  }
}

async function grey(
  { width, height, overlay }: Encoded,
  { deflated, ...meaning }: NonNullable<Encoded["values"]>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<WholePicture> {
  const plain = deflated ? await inflate(bytes) : bytes.slice().buffer;
  const numbers = new Uint16Array(plain);
  if (numbers.length !== width * height) throw new Error("of another size");
  return {
    kind: "grey",
    width,
    height,
    numbers,
    meaning,
    ...(overlay && { overlay: whiteOn(overlay) }),
  };
}

/** A mask in white on nothing. */
function whiteOn(mask: Rle): OffscreenCanvas {
  const [height, width] = mask.size;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context) {
    context.fillStyle = "white";
    forEachRun(mask, (column, row, length) => context.fillRect(column, row, 1, length));
  }
  return canvas;
}

function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

function keyOf(item: string, frame: number): string {
  return `${item}#${frame}`;
}

function isLost({ since }: Coming): boolean {
  return performance.now() - since > LOST_MS;
}

function itemOf(key: string): string {
  return key.slice(0, key.lastIndexOf("#"));
}
