import { beforeEach, expect, test, vi } from "vitest";
import type { TurnedFrame } from "./frame_paint.ts";
import { type FrameOrder, FramePainter } from "./frame_painter.ts";

class Painter {
  onmessage: ((event: unknown) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly orders: FrameOrder[] = [];
  ended = false;

  postMessage(order: FrameOrder): void {
    this.orders.push(order);
  }

  terminate(): void {
    this.ended = true;
  }

  /** Give back the oldest painting. */
  paint(): { width: number; height: number; close: ReturnType<typeof vi.fn> } {
    const order = this.orders.shift() as FrameOrder;
    const bitmap = { ...order.size, close: vi.fn() };
    this.onmessage?.({ data: { order: order.order, bitmap } });
    return bitmap;
  }
}

let worker: Painter | null;
vi.mock("./worker.ts", () => ({ startWorker: () => worker }));

beforeEach(() => {
  worker = new Painter();
});

const SIZE = { width: 1000, height: 562 };
const lent: { close(): void }[] = [];
const frame = (rotation = 0): TurnedFrame => {
  const clone = () => {
    const made = { close: vi.fn() };
    lent.push(made);
    return made;
  };
  return { frame: { clone } as unknown as VideoFrame, rotation };
};

test("frames are painted in their order, two at a time", () => {
  const painter = new FramePainter();
  const frames = [frame(), frame(), frame(), frame()] as const;
  painter.want(frames, [], SIZE);
  expect(worker?.orders).toHaveLength(2);
  expect(painter.has(frames[0])).toBe(false);
  const first = worker?.paint();
  expect(painter.has(frames[0])).toBe(true);
  expect(worker?.orders).toHaveLength(2);
  expect(painter.take(frames[0], SIZE)).toBe(first);
  expect(painter.take(frames[0], SIZE), "handed out once").toBeNull();
});

test("a frame that is neither wanted nor kept is let go of, before and after it is painted", () => {
  const painter = new FramePainter();
  const [a, b, c] = [frame(), frame(), frame()];
  painter.want([a, b], [], SIZE);
  const painted = worker?.paint();
  painter.want([c], [], SIZE);
  expect(painted?.close).toHaveBeenCalledOnce();
  const late = worker?.paint();
  expect(late?.close).toHaveBeenCalledOnce();
  expect(painter.has(b)).toBe(false);
});

test("what was begun is kept for as long as it is among the others", () => {
  const painter = new FramePainter();
  const [a, b] = [frame(), frame()];
  painter.want([a], [], SIZE);
  painter.want([b], [a], SIZE);
  worker?.paint();
  expect(painter.has(a)).toBe(true);
});

test("a frame that was painted at another size is painted again, and not handed out", () => {
  const painter = new FramePainter();
  const one = frame(90);
  painter.want([one], [], SIZE);
  const small = worker?.paint();
  const large = { width: 1920, height: 1080 };
  expect(painter.take(one, large)).toBeNull();
  painter.want([one], [], large);
  expect(small?.close).toHaveBeenCalledOnce();
  expect(worker?.orders.at(-1)).toMatchObject({ size: large, turned: { rotation: 90 } });
  const again = worker?.paint();
  expect(painter.take(one, large)).toBe(again);
});

test("where there is no worker, or it breaks, nothing is painted ahead", () => {
  const painter = new FramePainter();
  painter.want([frame()], [], SIZE);
  const broken = worker as Painter;
  broken.onerror?.();
  expect(painter.able).toBe(false);
  expect(broken.ended).toBe(true);
  worker = null;
  const other = new FramePainter();
  other.want([frame()], [], SIZE);
  expect(other.able).toBe(false);
});
