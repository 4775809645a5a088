import type { Picture, WholePicture } from "../render/picture.ts";
import { TileStore } from "../render/tile_store.ts";
import { Direct } from "./direct.ts";
import { bytesOf, isAbort, type Kernel } from "./kernel.ts";
import type { Encoded } from "./wire.ts";

/** What is shown in four panes, and what is likely to be shown next. */
const KEPT = 12;
/** Decoded, they are large: beyond this only so few are kept, and those in use. */
const MOST_PIXELS = 100e6;
const LEAST = 4;

/** A picture on its way, and how many wait for it. */
interface Coming {
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

  private begin(item: string, frame: number, ahead: boolean): Coming {
    const key = keyOf(item, frame);
    const ending = new AbortController();
    const picture = this.fetch(item, frame, ahead, ending.signal);
    const coming: Coming = { picture, ending, waiting: 0 };
    this.kept.set(key, picture);
    this.coming.set(key, coming);
    const over = () => {
      if (this.coming.get(key) === coming) this.coming.delete(key);
    };
    picture.then(
      (made) => {
        over();
        if (this.kept.get(key) === picture) this.here.set(key, made);
        this.trim();
      },
      () => {
        over();
        if (this.kept.get(key) === picture) this.kept.delete(key);
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
    if (this.likely.has(key) || this.coming.get(key) !== coming) return;
    // Whoever asks again from now on asks anew.
    this.coming.delete(key);
    this.kept.delete(key);
    coming.ending.abort();
  }

  forget(item: string, frame = 0): void {
    const key = keyOf(item, frame);
    this.kept.delete(key);
    this.here.delete(key);
    this.coming.delete(key);
  }

  dispose(): void {
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
    let pixels = 0;
    for (const picture of this.here.values()) pixels += sizeOf(picture);
    for (const [key, picture] of [...this.here].slice(0, -LEAST)) {
      if (this.kept.size <= KEPT && pixels <= MOST_PIXELS) return;
      if (this.inUse(picture)) continue;
      pixels -= sizeOf(picture);
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

/** Pixels that are held; of a large picture that nobody looks at these are few. */
function sizeOf(picture: Picture): number {
  return picture.kind === "tiled" ? 0 : picture.width * picture.height;
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

async function decoded(message: Encoded, bytes: Uint8Array<ArrayBuffer>): Promise<WholePicture> {
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
  { width, height }: Encoded,
  { deflated, ...meaning }: NonNullable<Encoded["values"]>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<WholePicture> {
  const plain = deflated ? await inflate(bytes) : bytes.slice().buffer;
  const numbers = new Uint16Array(plain);
  if (numbers.length !== width * height) throw new Error("of another size");
  return { kind: "grey", width, height, numbers, meaning };
}

function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

function keyOf(item: string, frame: number): string {
  return `${item}#${frame}`;
}
