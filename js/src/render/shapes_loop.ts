import type { Box } from "../geometry/box.ts";
import { unpacked } from "./packed_shapes.ts";
import { type Frame, ShapesPainter } from "./shapes_painter.ts";
import type { Order, Painted } from "./shapes_protocol.ts";

/**
 * Turns orders into bitmaps. Runs in a worker, or on the page where there are no workers. Orders
 * that come while it paints are folded together; a new frame makes the one being painted stale.
 */
export class ShapesLoop {
  private readonly painter = new ShapesPainter();
  private canvas = new OffscreenCanvas(1, 1);
  private context = plainContext(this.canvas);
  private shown: Frame | null = null;
  private wanted: Frame | null = null;
  private dirty: Box[] = [];
  private orders = 0;
  private running = false;

  constructor(private readonly send: (painted: Painted) => void) {}

  take(order: Order): void {
    this.orders++;
    switch (order.type) {
      case "load":
        this.painter.load(unpacked(order.shapes));
        this.wanted ??= this.shown;
        break;
      case "put":
        this.dirty.push(...this.painter.put(order.shapes));
        break;
      case "drop":
        this.dirty.push(...this.painter.drop(order.ids));
        break;
      case "hide":
        this.dirty.push(...this.painter.hide(order.ids));
        break;
      case "fill":
        this.painter.fill(order.fill);
        this.wanted ??= this.shown;
        break;
      case "frame":
        this.wanted = order.frame;
    }
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    // Orders that were posted together are taken together.
    await Promise.resolve();
    while (this.wanted || (this.shown && this.dirty.length > 0)) {
      const orders = this.orders;
      const frame = this.wanted;
      const dirty = this.dirty;
      this.dirty = [];
      if (frame) {
        this.wanted = null;
        if (!(await this.paintWhole(frame))) continue;
        // What changed while the slices were painted may be on either side of it.
        if (this.dirty.length > 0) this.painter.repaint(this.context, frame, this.dirty.splice(0));
        this.shown = frame;
      } else if (this.shown) {
        if (dirty.length > 400) {
          this.wanted = this.shown;
          continue;
        }
        this.painter.repaint(this.context, this.shown, dirty);
      }
      if (!this.shown) break;
      const bitmap = await createImageBitmap(this.canvas);
      this.send({ frame: this.shown, bitmap, orders });
    }
    this.running = false;
  }

  private async paintWhole(frame: Frame): Promise<boolean> {
    if (this.canvas.width !== frame.width || this.canvas.height !== frame.height) {
      this.canvas = new OffscreenCanvas(frame.width, frame.height);
      this.context = plainContext(this.canvas);
    }
    return this.painter.paint(this.context, frame, () => this.wanted !== null);
  }
}

function plainContext(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  // Read back for every bitmap, so it is better kept in plain memory.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser has no 2D canvas.");
  return context;
}
