import source from "./grey.worker.ts?worker-text";
import { GreyPyramid } from "./grey_pyramid.ts";
import type { GreyPicture } from "./picture.ts";
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

/** Turns the numbers of one grey picture into bitmaps, off the page's thread where it can. */
export class GreyPainter {
  private readonly worker = startWorker(source);
  private readonly here: GreyPyramid | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;

  constructor({ width, height, numbers, meaning: { gaps } }: GreyPicture) {
    if (!this.worker) {
      this.here = new GreyPyramid(width, height, numbers, gaps);
      return;
    }
    this.worker.onmessage = ({ data }: MessageEvent<{ request: number; bitmap: ImageBitmap }>) => {
      this.waiting.get(data.request)?.resolve(data.bitmap);
      this.waiting.delete(data.request);
    };
    this.order({ type: "load", width, height, numbers, gaps });
  }

  paint(halvings: number, low: number, high: number, tone: Tone): Promise<ImageBitmap> {
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

  dispose(): void {
    this.worker?.terminate();
    for (const one of this.waiting.values()) one.reject(new DOMException("closed", "AbortError"));
    this.waiting.clear();
  }

  private order(order: GreyOrder): void {
    this.worker?.postMessage(order);
  }
}
