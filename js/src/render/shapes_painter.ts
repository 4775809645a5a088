import Flatbush from "flatbush";
import { type Box, overlaps } from "../geometry/box.ts";
import { changedBox } from "../geometry/changed_box.ts";
import { runsOf } from "../geometry/runs.ts";
import type { View } from "../geometry/view.ts";
import { MaskTiles } from "./mask_tiles.ts";
import { type Context2D, paintShape, SETTLED, withFill } from "./paint.ts";
import type { Shape } from "./scene.ts";

/** What of the picture is on a canvas, in device pixels. */
export interface Frame {
  readonly view: View;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

/** How long painting may go on before it looks whether something newer is wanted. */
const SLICE_MS = 12;
const REBUILD_AFTER = 500;

/**
 * The settled shapes and a canvas that shows them. Painting a whole view goes in slices, so that a
 * newer view can take over; small changes repaint their own rectangle only.
 */
export class ShapesPainter {
  private shapes = new Map<string, { shape: Shape; order: number }>();
  private hidden = new Set<string>();
  private order = 0;
  private tree: Flatbush | null = null;
  private packed: string[] = [];
  private touched = new Set<string>();
  private readonly masks = new MaskTiles();
  private style = SETTLED;

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly pause: () => Promise<void> = nextTask,
  ) {}

  get size(): number {
    return this.shapes.size;
  }

  /** How much of the picture the shapes cover, from 0 to 1. */
  fill(fill: number): void {
    this.style = withFill(SETTLED, fill);
  }

  load(shapes: readonly Shape[]): void {
    this.shapes.clear();
    this.hidden.clear();
    this.masks.clear();
    this.order = 0;
    for (const shape of shapes) this.shapes.set(shape.id, { shape, order: this.order++ });
    this.rebuild();
  }

  /** Put shapes in or change them; returns the boxes that have to be painted again. */
  put(shapes: readonly Shape[]): Box[] {
    const dirty: Box[] = [];
    for (const shape of shapes) {
      const old = this.shapes.get(shape.id);
      dirty.push(...changed(old?.shape, shape));
      this.shapes.set(shape.id, { shape, order: old?.order ?? this.order++ });
      this.touch(shape.id);
    }
    return dirty;
  }

  drop(ids: readonly string[]): Box[] {
    const dirty: Box[] = [];
    for (const id of ids) {
      const old = this.shapes.get(id);
      if (!old) continue;
      dirty.push(old.shape.box);
      this.shapes.delete(id);
      this.touch(id);
    }
    this.masks.drop(ids);
    return dirty;
  }

  /** Leave these shapes out, and only these. */
  hide(ids: readonly string[]): Box[] {
    const next = new Set(ids);
    const dirty: Box[] = [];
    for (const id of new Set([...this.hidden, ...next])) {
      if (this.hidden.has(id) === next.has(id)) continue;
      const entry = this.shapes.get(id);
      if (entry) dirty.push(entry.shape.box);
    }
    this.hidden = next;
    return dirty;
  }

  /** Paint everything; false if `stale` said that something newer is wanted. */
  async paint(context: Context2D, frame: Frame, stale: () => boolean): Promise<boolean> {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, frame.width, frame.height);
    const shapes = this.visible(areaOf(frame));
    let until = this.now() + SLICE_MS;
    for (const shape of shapes) {
      paintShape(context, shape, frame.view, frame.ratio, this.style, this.masks);
      if (this.now() < until) continue;
      await this.pause();
      if (stale()) return false;
      until = this.now() + SLICE_MS;
    }
    return true;
  }

  /** Paint again what lies in some boxes of the image. */
  repaint(context: Context2D, frame: Frame, dirty: readonly Box[]): void {
    const { scale, x, y } = frame.view;
    const margin = 8 * frame.ratio;
    for (const box of dirty) {
      const left = Math.floor(Math.max(0, box.minX * scale + x - margin));
      const top = Math.floor(Math.max(0, box.minY * scale + y - margin));
      const right = Math.ceil(Math.min(frame.width, box.maxX * scale + x + margin));
      const bottom = Math.ceil(Math.min(frame.height, box.maxY * scale + y + margin));
      if (right <= left || bottom <= top) continue;
      context.save();
      context.beginPath();
      context.rect(left, top, right - left, bottom - top);
      context.clip();
      context.clearRect(left, top, right - left, bottom - top);
      const area = areaOf({ ...frame, left, top, right, bottom });
      for (const shape of this.visible(area)) {
        paintShape(context, shape, frame.view, frame.ratio, this.style, this.masks);
      }
      context.restore();
    }
  }

  private visible(area: Box): Shape[] {
    const found: { shape: Shape; order: number }[] = [];
    const take = (id: string | undefined, check: boolean) => {
      if (id === undefined || this.hidden.has(id)) return;
      const entry = this.shapes.get(id);
      if (entry && (!check || overlaps(entry.shape.box, area))) found.push(entry);
    };
    for (const index of this.tree?.search(area.minX, area.minY, area.maxX, area.maxY) ?? []) {
      const id = this.packed[index];
      if (id !== undefined && !this.touched.has(id)) take(id, false);
    }
    for (const id of this.touched) take(id, true);
    return found.sort((a, b) => a.order - b.order).map((entry) => entry.shape);
  }

  private touch(id: string): void {
    this.touched.add(id);
    if (this.touched.size > REBUILD_AFTER) this.rebuild();
  }

  private rebuild(): void {
    this.touched.clear();
    this.packed = [...this.shapes.keys()];
    this.tree = null;
    if (this.packed.length === 0) return;
    const tree = new Flatbush(this.packed.length);
    for (const { shape } of this.shapes.values()) {
      tree.add(shape.box.minX, shape.box.minY, shape.box.maxX, shape.box.maxY);
    }
    tree.finish();
    this.tree = tree;
  }
}

interface Area extends Frame {
  readonly left?: number;
  readonly top?: number;
  readonly right?: number;
  readonly bottom?: number;
}

/** The part of the image that a frame shows, with room for lines and points at its edge. */
function areaOf(frame: Area): Box {
  const { view, width, height, ratio, left = 0, top = 0, right = width, bottom = height } = frame;
  const margin = 8 * ratio;
  return {
    minX: (left - margin - view.x) / view.scale,
    minY: (top - margin - view.y) / view.scale,
    maxX: (right + margin - view.x) / view.scale,
    maxY: (bottom + margin - view.y) / view.scale,
  };
}

/** Where a shape looks different from what it was; of a mask only where its pixels changed. */
function changed(old: Shape | undefined, now: Shape): Box[] {
  if (!old) return [now.box];
  const was = old.mask;
  const size = now.mask?.size;
  const alike = size && was && was.size[0] === size[0] && was.size[1] === size[1];
  if (!alike || !now.mask || old.color !== now.color) return [old.box, now.box];
  const box = changedBox(runsOf(was), runsOf(now.mask));
  return box ? [box] : [];
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}
