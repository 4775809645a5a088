import source from "./grey.worker.ts?worker-text";
import { GreyPyramid, shadeInto, wordsOf } from "./grey_pyramid.ts";
import { levelsOf } from "./levels.ts";
import type { GreyPicture } from "./picture.ts";
import { type ShaderUse, useShader } from "./shared_shader.ts";
import { type Tone, toneTable } from "./tone.ts";
import { startWorker } from "./worker.ts";

interface Waiting {
  readonly resolve: (bitmap: ImageBitmap) => void;
  readonly reject: (error: Error) => void;
}

export type GreyOrder =
  | {
      readonly type: "load";
      readonly width: number;
      readonly height: number;
      readonly numbers: Uint16Array;
      readonly gaps: boolean;
    }
  | {
      readonly type: "paint";
      readonly request: number;
      readonly halvings: number;
      /** The numbers that are black and white. */
      readonly low: number;
      readonly high: number;
      readonly tone: Tone;
    };

/**
 * Turns the numbers of grey pictures into bitmaps: on the graphics card; without one, small ones at
 * once and others in a worker, or where there is none on the page's thread.
 */
export class GreyPainter {
  private readonly use: ShaderUse;
  private worker: Worker | null | undefined;
  private here: GreyPyramid | null = null;
  /** The picture that the worker has. */
  private loaded: GreyPicture | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;
  private readonly canvas = new OffscreenCanvas(1, 1);
  private image: ImageData | null = null;
  private table: {
    readonly tone: Tone;
    readonly low: number;
    readonly high: number;
    readonly words: Uint32Array;
  } | null = null;

  /** `onChange` is told when what was painted may be gone. */
  constructor(onChange: () => void) {
    this.use = useShader(onChange);
  }

  /** A picture, so often halved, in a tone; at once where the graphics card does it. */
  paint(picture: GreyPicture, halvings: number, tone: Tone): ImageBitmap | Promise<ImageBitmap> {
    const [low, high] = windowOf(picture, tone);
    return (
      this.use.shader.paint(picture, halvings, low, high, tone) ??
      this.paintHere(picture, low, high, tone) ??
      this.paintAside(picture, halvings, low, high, tone)
    );
  }

  /** A picture in a tone, where the graphics card does it. */
  paintAtOnce(picture: GreyPicture, tone: Tone): ImageBitmap | null {
    return this.use.shader.paint(picture, 0, ...windowOf(picture, tone), tone);
  }

  dispose(): void {
    this.use.leave();
    this.worker?.terminate();
    this.drop();
  }

  /** A picture so small that it is sooner shaded right here than handed to a worker. */
  private paintHere(
    picture: GreyPicture,
    low: number,
    high: number,
    tone: Tone,
  ): ImageBitmap | null {
    if (levelsOf(picture).length > 1) return null;
    const { canvas } = this;
    const { width, height, numbers } = picture;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    // It stays in plain memory so: what is put there need not go to the card and back.
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return null;
    const { image } = this;
    const room =
      image?.width === width && image.height === height ? image : new ImageData(width, height);
    this.image = room;
    let { table } = this;
    if (table?.tone !== tone || table.low !== low || table.high !== high)
      table = { tone, low, high, words: wordsOf(toneTable(65536, low, high, tone)) };
    this.table = table;
    context.putImageData(shadeInto(room, numbers, table.words), 0, 0);
    return canvas.transferToImageBitmap();
  }

  private paintAside(
    picture: GreyPicture,
    halvings: number,
    low: number,
    high: number,
    tone: Tone,
  ): Promise<ImageBitmap> {
    this.load(picture);
    if (this.here) {
      const table = toneTable(65536, low, high, tone);
      return createImageBitmap(this.here.paint(halvings, table));
    }
    const request = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(request, { resolve, reject });
      this.order({ type: "paint", request, halvings, low, high, tone });
    });
  }

  private load(picture: GreyPicture): void {
    if (this.loaded === picture) return;
    this.loaded = picture;
    this.drop();
    if (this.worker === undefined) this.begin();
    const { width, height, numbers, meaning } = picture;
    const { gaps } = meaning;
    if (this.worker) this.order({ type: "load", width, height, numbers, gaps });
    else this.here = new GreyPyramid(width, height, numbers, gaps);
  }

  private begin(): void {
    this.worker = startWorker(source);
    if (!this.worker) return;
    this.worker.onmessage = ({ data }: MessageEvent<{ request: number; bitmap: ImageBitmap }>) => {
      this.waiting.get(data.request)?.resolve(data.bitmap);
      this.waiting.delete(data.request);
    };
  }

  private drop(): void {
    for (const one of this.waiting.values()) one.reject(new DOMException("closed", "AbortError"));
    this.waiting.clear();
  }

  private order(order: GreyOrder): void {
    this.worker?.postMessage(order);
  }
}

/** The numbers of a grey picture that are black and white. */
export function windowOf({ meaning }: GreyPicture, tone: Tone): [number, number] {
  const [black, white] = tone.window ?? [meaning.low, meaning.high];
  return [(black - meaning.offset) / meaning.scale, (white - meaning.offset) / meaning.scale];
}
