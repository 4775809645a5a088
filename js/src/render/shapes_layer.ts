import type { View } from "../geometry/view.ts";
import { MaskTiles } from "./mask_tiles.ts";
import { type PackedShapes, packed, unpacked } from "./packed_shapes.ts";
import { paintShape, SETTLED, withFill } from "./paint.ts";
import type { Shape } from "./scene.ts";
import source from "./shapes.worker.ts?worker-text";
import { ShapesLoop } from "./shapes_loop.ts";
import type { Frame } from "./shapes_painter.ts";
import type { Order, Painted } from "./shapes_protocol.ts";
import { startWorker } from "./worker.ts";

const NONE = packed([]);
const MARGIN = 256;
/** So many shapes of a picture that is turned to are painted at once, if that takes no longer. */
const FEW = 200;
const AT_ONCE_MS = 2;
/** For so long they will do: while one picture follows the other, no bitmap is painted. */
const REST_MS = 120;
const MASK_BYTES = 16 * 2 ** 20;

/**
 * The settled shapes: one bitmap of what is on the screen and a margin around it, painted off the
 * page's thread. Moving the view only moves the bitmap; a new one is asked for when the view has
 * come to rest or the margin runs out.
 */
export class ShapesLayer {
  readonly canvas = document.createElement("canvas");
  /** Over it: the shapes of a picture that was turned to, until the bitmap has them. */
  readonly first = document.createElement("canvas");
  private readonly bitmaps = this.canvas.getContext("bitmaprenderer");
  private readonly post: (order: Order) => void;
  private readonly close: () => void;
  private shown: Frame | null = null;
  private asked: Frame | null = null;
  private view: View = { scale: 1, x: 0, y: 0 };
  private screen = { width: 0, height: 0 };
  private posted = 0;
  private settled = 0;
  private turned = 0;
  /** The shapes of the picture that was turned to, until somebody stays at it. */
  private held: PackedShapes | null = null;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private few: readonly Shape[] = [];
  /** What was painted at once, and how. */
  private atOnce: readonly unknown[] = [];
  private none = true;
  private away: ReadonlySet<string> = new Set();
  private style = SETTLED;
  private masks: MaskTiles | null = null;
  private waiting: { orders: number; done: () => void }[] = [];

  constructor(private readonly onPaint: () => void) {
    this.canvas.className = "lw-layer lw-shapes";
    this.first.className = "lw-layer lw-shapes";
    this.first.hidden = true;
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

  load(shapes: PackedShapes = NONE): void {
    this.none = shapes.ids.length === 0;
    this.away = new Set();
    this.order({ type: "load", shapes });
  }

  /** The shapes of another picture, which comes in the same frame: none of those before it stays. */
  turn(shapes: PackedShapes): void {
    if (this.none && shapes.ids.length === 0 && this.settled >= this.turned) return;
    clearTimeout(this.rest);
    this.none = shapes.ids.length === 0;
    this.away = new Set();
    this.held = shapes;
    this.turned = this.posted + 1;
    this.few = unpacked(shapes, FEW);
    if (this.few.length < shapes.ids.length) this.release();
    else this.rest = setTimeout(() => this.release(), REST_MS);
    this.canvas.style.visibility = "hidden";
    this.first.hidden = false;
  }

  put(shapes: readonly Shape[]): void {
    if (shapes.length === 0) return;
    this.none = false;
    this.order({ type: "put", shapes });
  }

  drop(ids: readonly string[]): void {
    if (ids.length > 0) this.order({ type: "drop", ids });
  }

  /** How much of the picture the shapes cover, from 0 to 1. */
  fill(fill: number): void {
    this.style = withFill(SETTLED, fill);
    this.order({ type: "fill", fill });
  }

  hide(ids: readonly string[]): void {
    this.away = new Set(ids);
    this.order({ type: "hide", ids });
  }

  /** Resolves when everything ordered up to now is on the screen. */
  settle(): Promise<void> {
    this.release();
    if (this.settled >= this.posted || !this.asked) return Promise.resolve();
    return new Promise((done) => this.waiting.push({ orders: this.posted, done }));
  }

  /** Follow the view; `rest` when it has come to rest. */
  follow(view: View, width: number, height: number, ratio: number, rest: boolean): void {
    this.view = view;
    this.screen = { width, height };
    this.place();
    if (!this.first.hidden) this.paintFirst(ratio);
    const wanted = frameOf(view, width, height, ratio);
    const stale = !this.asked || !sameFrame(this.asked, wanted);
    if (stale && (rest || this.runsOut())) {
      this.asked = wanted;
      this.order({ type: "frame", frame: wanted });
    }
  }

  dispose(): void {
    clearTimeout(this.rest);
    this.close();
  }

  /** Have the bitmap of the picture that was turned to painted. */
  private release(): void {
    const { held } = this;
    clearTimeout(this.rest);
    this.held = null;
    if (held) this.order({ type: "load", shapes: held });
  }

  private order(order: Order): void {
    // A new load takes the place of one that was not even begun.
    if (order.type === "load") this.held = null;
    else this.release();
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
    if (orders >= this.turned && !this.first.hidden) {
      this.canvas.style.visibility = "";
      this.first.hidden = true;
      this.few = [];
    }
    this.waiting = this.waiting.filter((one) => {
      if (one.orders <= orders) one.done();
      return one.orders > orders;
    });
    this.onPaint();
  }

  /** Paint the first shapes of a picture right here. */
  private paintFirst(ratio: number): void {
    const { first, screen, view } = this;
    const { scale, x, y } = view;
    const now = [this.few, this.away, this.style, scale, x, y, screen.width, screen.height, ratio];
    // Followed again while the bitmap is still on its way.
    if (now.every((one, i) => one === this.atOnce[i])) return;
    this.atOnce = now;
    const [width, height] = [Math.round(screen.width * ratio), Math.round(screen.height * ratio)];
    if (first.width !== width) first.width = width;
    if (first.height !== height) first.height = height;
    first.style.width = `${screen.width}px`;
    first.style.height = `${screen.height}px`;
    const context = first.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, width, height);
    const fine = { scale: view.scale * ratio, x: view.x * ratio, y: view.y * ratio };
    const end = performance.now() + AT_ONCE_MS;
    this.masks ??= new MaskTiles(MASK_BYTES);
    for (const shape of this.few) {
      if (performance.now() > end) {
        this.release();
        break;
      }
      if (!this.away.has(shape.id)) paintShape(context, shape, fine, ratio, this.style, this.masks);
    }
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
