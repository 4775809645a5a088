import type { View } from "../geometry/view.ts";
import type { Shape } from "./scene.ts";
import source from "./shapes.worker.ts?worker-text";
import { ShapesLoop } from "./shapes_loop.ts";
import type { Frame } from "./shapes_painter.ts";
import type { Order, Painted } from "./shapes_protocol.ts";
import { startWorker } from "./worker.ts";

const MARGIN = 256;

/**
 * The settled shapes: one bitmap of what is on the screen and a margin around it, painted off the
 * page's thread. Moving the view only moves the bitmap; a new one is asked for when the view has
 * come to rest or the margin runs out.
 */
export class ShapesLayer {
  readonly canvas = document.createElement("canvas");
  private readonly bitmaps = this.canvas.getContext("bitmaprenderer");
  private readonly post: (order: Order) => void;
  private readonly close: () => void;
  private shown: Frame | null = null;
  private asked: Frame | null = null;
  private view: View = { scale: 1, x: 0, y: 0 };
  private screen = { width: 0, height: 0 };
  private posted = 0;
  private settled = 0;
  private waiting: { orders: number; done: () => void }[] = [];

  constructor(private readonly onPaint: () => void) {
    this.canvas.className = "lw-layer lw-shapes";
    const worker = startWorker(source);
    if (worker) {
      worker.onmessage = (event: MessageEvent<Painted>) => this.show(event.data);
      this.post = (order) => worker.postMessage(order);
      this.close = () => worker.terminate();
    } else {
      // The same loop then runs on the page.
      const loop = new ShapesLoop((painted) => this.show(painted));
      this.post = (order) => loop.take(order);
      this.close = () => undefined;
    }
  }

  load(shapes: readonly Shape[]): void {
    this.order({ type: "load", shapes });
  }

  put(shapes: readonly Shape[]): void {
    if (shapes.length > 0) this.order({ type: "put", shapes });
  }

  drop(ids: readonly string[]): void {
    if (ids.length > 0) this.order({ type: "drop", ids });
  }

  /** How much of the picture the shapes cover, from 0 to 1. */
  fill(fill: number): void {
    this.order({ type: "fill", fill });
  }

  hide(ids: readonly string[]): void {
    this.order({ type: "hide", ids });
  }

  /** Resolves when everything ordered up to now is on the screen. */
  settle(): Promise<void> {
    if (this.settled >= this.posted || !this.asked) return Promise.resolve();
    return new Promise((done) => this.waiting.push({ orders: this.posted, done }));
  }

  /** Follow the view; `rest` when it has come to rest. */
  follow(view: View, width: number, height: number, ratio: number, rest: boolean): void {
    this.view = view;
    this.screen = { width, height };
    this.place();
    const wanted = frameOf(view, width, height, ratio);
    const stale = !this.asked || !sameFrame(this.asked, wanted);
    if (stale && (rest || this.runsOut())) {
      this.asked = wanted;
      this.order({ type: "frame", frame: wanted });
    }
  }

  dispose(): void {
    this.close();
  }

  private order(order: Order): void {
    this.posted++;
    this.post(order);
  }

  private show({ frame, bitmap, orders }: Painted): void {
    this.shown = frame;
    this.settled = orders;
    this.canvas.width = frame.width;
    this.canvas.height = frame.height;
    this.bitmaps?.transferFromImageBitmap(bitmap);
    this.place();
    this.waiting = this.waiting.filter((one) => {
      if (one.orders <= orders) one.done();
      return one.orders > orders;
    });
    this.onPaint();
  }

  /** Put the bitmap where the view has moved to since it was painted. */
  private place(): void {
    if (!this.shown) return;
    const { view, width, height, ratio } = this.shown;
    const k = (this.view.scale * ratio) / view.scale;
    const x = this.view.x - (view.x / ratio) * k;
    const y = this.view.y - (view.y / ratio) * k;
    this.canvas.style.width = `${width / ratio}px`;
    this.canvas.style.height = `${height / ratio}px`;
    this.canvas.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
  }

  /** Would the bitmap that was asked for leave a part of the screen bare soon? */
  private runsOut(): boolean {
    if (!this.asked) return true;
    const { view, width, height, ratio } = this.asked;
    const k = (this.view.scale * ratio) / view.scale;
    const left = this.view.x - (view.x / ratio) * k;
    const top = this.view.y - (view.y / ratio) * k;
    const slack = MARGIN / 4;
    return (
      left > -slack ||
      top > -slack ||
      left + (width / ratio) * k < this.screen.width + slack ||
      top + (height / ratio) * k < this.screen.height + slack
    );
  }
}

function frameOf(view: View, width: number, height: number, ratio: number): Frame {
  return {
    view: {
      scale: view.scale * ratio,
      x: (view.x + MARGIN) * ratio,
      y: (view.y + MARGIN) * ratio,
    },
    width: Math.max(1, Math.round((width + 2 * MARGIN) * ratio)),
    height: Math.max(1, Math.round((height + 2 * MARGIN) * ratio)),
    ratio,
  };
}

function sameFrame(a: Frame, b: Frame): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.view.scale === b.view.scale &&
    a.view.x === b.view.x &&
    a.view.y === b.view.y
  );
}
