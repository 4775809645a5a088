import type { Size } from "../geometry/transform.ts";
import source from "./frame.worker.ts?worker-text";
import type { TurnedFrame } from "./frame_paint.ts";
import { startWorker } from "./worker.ts";

/** What the worker is told: paint, and give back under this number. */
export interface FrameOrder {
  readonly order: number;
  readonly turned: TurnedFrame;
  readonly size: Size;
}

interface Painting {
  readonly size: Size;
  readonly order: number;
  bitmap: ImageBitmap | null;
}

/** So many frames are with the worker at a time: what it has, it paints, wanted or not. */
const MOST_ORDERED = 2;

/**
 * Paints frames that are shown soon in a worker, as turning a video's colours into those of the
 * screen takes longer than anything else while it plays.
 */
export class FramePainter {
  private worker: Worker | null | undefined;
  private readonly paintings = new Map<TurnedFrame, Painting>();
  private wanted: readonly TurnedFrame[] = [];
  private size: Size = { width: 0, height: 0 };
  private orders = 0;
  private ordered = 0;

  /** Can frames be painted ahead here? */
  get able(): boolean {
    if (this.worker === undefined) this.begin();
    return this.worker !== null;
  }

  /** Have frames painted at a size, the first one first; of `others`, keep what was begun. */
  want(frames: readonly TurnedFrame[], others: readonly TurnedFrame[], size: Size | null): void {
    this.wanted = frames;
    this.size = size ?? this.size;
    for (const frame of this.paintings.keys())
      if (!frames.includes(frame) && !others.includes(frame)) this.drop(frame);
    this.go();
  }

  /** Is a frame painted? */
  has(frame: TurnedFrame): boolean {
    return this.paintings.get(frame)?.bitmap != null;
  }

  /** Hand out a frame that was painted at a size, null where it was not. */
  take(frame: TurnedFrame, { width, height }: Size): ImageBitmap | null {
    const bitmap = this.paintings.get(frame)?.bitmap;
    if (bitmap?.width !== width || bitmap.height !== height) return null;
    this.paintings.delete(frame);
    this.wanted = this.wanted.filter((one) => one !== frame);
    return bitmap;
  }

  dispose(): void {
    this.want([], [], null);
    this.worker?.terminate();
    this.worker = null;
  }

  private begin(): void {
    this.worker = startWorker(source);
    if (!this.worker) return;
    this.worker.onmessage = ({ data }: MessageEvent<{ order: number; bitmap: ImageBitmap }>) => {
      this.ordered--;
      const mine = [...this.paintings.values()].find(({ order }) => order === data.order);
      if (mine) mine.bitmap = data.bitmap;
      else data.bitmap.close();
      this.go();
    };
    // From then on they are painted here.
    this.worker.onerror = () => this.dispose();
  }

  private go(): void {
    const { width, height } = this.size;
    for (const turned of this.wanted) {
      if (this.ordered >= MOST_ORDERED || !this.able) return;
      const known = this.paintings.get(turned);
      if (known?.size.width === width && known.size.height === height) continue;
      if (known) this.drop(turned);
      const order = this.orders++;
      const frame = turned.frame.clone();
      this.paintings.set(turned, { size: this.size, order, bitmap: null });
      this.ordered++;
      const message: FrameOrder = { order, turned: { ...turned, frame }, size: this.size };
      this.worker?.postMessage(message, [frame]);
    }
  }

  private drop(frame: TurnedFrame): void {
    this.paintings.get(frame)?.bitmap?.close();
    this.paintings.delete(frame);
  }
}
