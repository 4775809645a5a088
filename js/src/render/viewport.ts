import type { XY } from "../document/types.ts";
import type { Box } from "../geometry/box.ts";
import type { Size } from "../geometry/transform.ts";
import {
  closeUp,
  fit,
  keepInSight,
  reveal,
  slackAt,
  toImage,
  toScreen,
  type View,
  zoomAt,
} from "../geometry/view.ts";
import type { ToolEvent } from "../tools/tool.ts";
import { ActiveLayer, type Alive } from "./active_layer.ts";
import { ImageLayer } from "./image_layer.ts";
import { Lens } from "./lens.ts";
import type { Shape } from "./scene.ts";
import { ShapesLayer } from "./shapes_layer.ts";

const REST_MS = 100;
/** Two presses within this time, each without a move, are a double click. */
const TWICE_MS = 400;
const STILL = 3;

export interface ViewportListener {
  /** A pointer did something on the picture. */
  onTool(event: ToolEvent): void;
  /** The pointer is over this place of the image; null when it left. */
  onPointer(at: XY | null): void;
  /** The view is another; `hand` where a person moved it, and no picture or window made it so. */
  onView(view: View, hand: boolean): void;
  /** A part of a large picture cannot be read. */
  onTrouble(error: unknown): void;
  /** The wheel was turned by so many pixels; true where it is not for zooming. */
  onScroll(pixels: number): boolean;
  /**
   * The right button, or the window tool, is dragged: so far on the screen since it went down.
   * Pressed twice, the window is as it was.
   */
  onWindow(phase: "begin" | "move" | "reset", way: XY): void;
  /** The left button drags the window too. */
  windows(): boolean;
  /** The view has come to rest. */
  onRest(): void;
  /** What is alive right now, asked for once a frame. */
  active(): Alive;
  /** The settled shapes that meet a box, for the lens. */
  settled(box: Box): readonly Shape[];
}

/** A view by the part of the picture that it shows: the zoom beyond the whole, and the middle. */
export interface Pose {
  readonly fitted: boolean;
  readonly zoom: number;
  readonly at: XY;
}

/** The picture on the screen: three layers under one view, and the pointers over them. */
export class Viewport {
  readonly element = document.createElement("div");
  readonly image = new ImageLayer(
    () => {
      this.repaint();
      // What lies under a pointer that rests may be here only now.
      if (this.pointer) this.listener.onPointer(this.pointer);
    },
    (error) => this.listener.onTrouble(error),
  );
  /** All that lies under the view, squeezed together where the picture's pixels are not square. */
  private readonly layers = document.createElement("div");
  private squeeze: XY = [1, 1];
  readonly lens: Lens;
  readonly shapes: ShapesLayer;
  private readonly activeLayer = new ActiveLayer();
  private size: Size = { width: 1, height: 1 };
  private screen: Size = { width: 1, height: 1 };
  private current: View = { scale: 1, x: 0, y: 0 };
  private fitted = true;
  private frame = 0;
  private restTimer: ReturnType<typeof setTimeout> | undefined;
  private panning: { pointer: number; at: XY } | null = null;
  private toning: { pointer: number; from: XY } | null = null;
  /** When the last press that may be the first of two was. */
  private toned = Number.NEGATIVE_INFINITY;
  private pressed: number | null = null;
  private readonly fingers = new Map<number, XY>();
  private pinch: { distance: number; centre: XY } | null = null;
  private touch = false;
  private pointer: XY | null = null;
  private magnifying = false;
  /** The space bar is held: the next drag pans. */
  panHeld = false;

  constructor(
    private readonly listener: ViewportListener,
    signal: AbortSignal,
  ) {
    this.shapes = new ShapesLayer(() => this.repaint());
    this.element.className = "lw-viewport";
    this.lens = new Lens(this.image, (box) => this.listener.settled(box));
    this.layers.className = "lw-layers";
    this.element.append(this.layers);
    this.layers.append(
      this.image.filter.element,
      this.image.element,
      this.shapes.canvas,
      this.shapes.first,
      this.activeLayer.canvas,
      this.lens.element,
    );
    const on = <K extends keyof HTMLElementEventMap>(
      type: K,
      handle: (event: HTMLElementEventMap[K]) => void,
      passive = true,
    ) => this.element.addEventListener(type, handle, { signal, passive });
    on("pointerdown", (event) => this.down(event), false);
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event, false));
    on("pointercancel", (event) => this.up(event, true));
    on("pointerleave", (event) => this.leave(event));
    on("dblclick", (event) => this.emit("double", event));
    on("wheel", (event) => this.wheel(event), false);
    const noMenu = (event: Event) => {
      event.preventDefault();
      // JupyterLab's own menu deletes cells; it has no business over a picture.
      event.stopPropagation();
    };
    on("contextmenu", noMenu, false);
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(this.element);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      cancelAnimationFrame(this.frame);
      clearTimeout(this.restTimer);
      this.shapes.dispose();
      this.image.dispose();
    });
  }

  get view(): View {
    return this.current;
  }

  get imageSize(): Size {
    return this.size;
  }

  /** The place of the image in the middle of the screen. */
  get middle(): XY {
    return toImage(this.current, [this.screen.width / 2, this.screen.height / 2]);
  }

  /** Where the view is on the picture, whatever the size of either. */
  get pose(): Pose {
    const [x, y] = this.middle;
    return {
      fitted: this.fitted,
      zoom: this.current.scale / fit(this.size, this.screen).scale,
      at: [x / this.size.width, y / this.size.height],
    };
  }

  /** Take the pose that another viewport has. */
  take({ fitted, zoom, at }: Pose): void {
    this.fitted = fitted;
    const whole = fit(this.size, this.screen);
    const scale = whole.scale * zoom;
    const x = this.screen.width / 2 - at[0] * this.size.width * scale;
    const y = this.screen.height / 2 - at[1] * this.size.height * scale;
    this.setView(fitted ? whole : { scale, x, y });
  }

  /** See a place of the image in the middle, so many pixels of the screen for each from left to right. */
  look(at: XY, across: number): void {
    this.fitted = false;
    const scale = across / this.squeeze[0];
    const x = this.screen.width / 2 - at[0] * scale;
    const y = this.screen.height / 2 - at[1] * scale;
    this.setView({ scale, x, y });
  }

  /** Pixels of the screen for each of the picture, from left to right. */
  get across(): number {
    return this.current.scale * this.squeeze[0];
  }

  /** A picture of another size comes, whose pixels are so many times as high as wide: show it whole. */
  begin(size: Size, aspect = 1): void {
    this.size = size;
    this.fitted = true;
    this.shape(aspect);
    this.setView(fit(size, this.screen), true);
  }

  private shape(aspect: number): void {
    const squeeze: XY = [Math.min(1, 1 / aspect), Math.min(1, aspect)];
    const [x, y] = squeeze;
    if (x === this.squeeze[0] && y === this.squeeze[1]) return;
    this.squeeze = squeeze;
    this.layers.style.transform = x === y ? "" : `scale(${x}, ${y})`;
    this.layers.style.width = `${100 / x}%`;
    this.layers.style.height = `${100 / y}%`;
    this.measureScreen();
  }

  /** The screen as the layers have it. */
  private measureScreen(): boolean {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return false;
    this.screen = { width: width / this.squeeze[0], height: height / this.squeeze[1] };
    return true;
  }

  /** Hold the lens over the pointer, whatever the tool. */
  magnify(held: boolean): void {
    this.magnifying = held;
    this.repaint();
  }

  fit(): void {
    this.fitted = true;
    this.setView(fit(this.size, this.screen));
  }

  actualSize(): void {
    this.zoomTo(1 / this.current.scale);
  }

  zoomBy(factor: number): void {
    this.zoomTo(factor);
  }

  reveal(box: Box): void {
    const view = reveal(this.current, box, this.size, this.screen);
    if (view === this.current) return;
    this.fitted = false;
    this.setView(view);
  }

  /** See a box from near. */
  closeUp(box: Box): void {
    this.fitted = false;
    this.setView(closeUp(box, this.size, this.screen));
  }

  /** Paint the uppermost layer again in the next frame. */
  repaint(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  /** Paint what has changed in this very frame. */
  paintNow(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.paint();
  }

  /** From image to the pixels of this element. */
  place(at: XY): XY {
    const [x, y] = toScreen(this.current, at);
    return [x * this.squeeze[0], y * this.squeeze[1]];
  }

  private get ratio(): number {
    return Math.min(window.devicePixelRatio || 1, 2);
  }

  private zoomTo(factor: number): void {
    const centre: XY = [this.screen.width / 2, this.screen.height / 2];
    this.fitted = false;
    this.setView(zoomAt(this.current, centre, factor, this.size, this.screen));
  }

  private setView(view: View, atOnce = false): void {
    this.current = keepInSight(view, this.size, this.screen);
    clearTimeout(this.restTimer);
    if (atOnce) this.follow(true);
    else this.restTimer = setTimeout(() => this.follow(true), REST_MS);
    this.repaint();
    this.listener.onView(this.current, !atOnce);
  }

  private follow(rest: boolean): void {
    const { width, height } = this.screen;
    this.image.follow(this.current, this.ratio, this.screen);
    this.shapes.follow(this.current, width, height, this.ratio, rest);
    if (rest) this.listener.onRest();
  }

  private paint(): void {
    this.follow(false);
    const scene = {
      ...this.listener.active(),
      size: this.size,
      view: this.current,
      width: this.screen.width,
      height: this.screen.height,
      ratio: this.ratio,
      touch: this.touch,
    };
    this.activeLayer.paint(scene);
    const magnified = scene.lens ?? (this.magnifying ? this.pointer : null);
    if (magnified) this.lens.show(magnified, scene);
    else this.lens.hide();
  }

  private resize(): void {
    const before = this.screen;
    if (!this.measureScreen()) return;
    const { width, height } = this.screen;
    if (this.fitted) this.setView(fit(this.size, this.screen), true);
    else {
      const x = this.current.x + (width - before.width) / 2;
      const y = this.current.y + (height - before.height) / 2;
      this.setView({ scale: this.current.scale, x, y }, true);
    }
  }

  private at(event: MouseEvent): XY {
    const box = this.element.getBoundingClientRect();
    return [
      (event.clientX - box.left) / this.squeeze[0],
      (event.clientY - box.top) / this.squeeze[1],
    ];
  }

  private emit(type: "down" | "move" | "up" | "double", event: MouseEvent): void {
    const slack = slackAt(this.current.scale, this.touch);
    this.listener.onTool({
      type,
      at: toImage(this.current, this.at(event)),
      shift: event.shiftKey,
      ctrl: event.ctrlKey || event.metaKey,
      alt: event.altKey,
      slack,
      pressed: this.pressed !== null,
    });
  }

  private down(event: PointerEvent): void {
    this.touch = event.pointerType === "touch";
    // Not every pointer can be captured: one that was made by a script, or is gone already.
    if (event.isTrusted) this.element.setPointerCapture(event.pointerId);
    if (this.touch) {
      this.fingers.set(event.pointerId, this.at(event));
      if (this.fingers.size === 2) {
        if (this.pressed !== null) this.listener.onTool({ type: "cancel" });
        this.pressed = null;
        this.pinch = this.measure();
        return;
      }
      if (this.fingers.size > 2) return;
    }
    if (event.button === 1 || (event.button === 0 && this.panHeld)) {
      event.preventDefault();
      this.panning = { pointer: event.pointerId, at: this.at(event) };
      this.element.classList.add("lw-panning");
      return;
    }
    if (event.button === 2 || (event.button === 0 && this.listener.windows())) {
      event.preventDefault();
      const twice = event.timeStamp - this.toned < TWICE_MS;
      this.toned = twice ? Number.NEGATIVE_INFINITY : event.timeStamp;
      this.toning = { pointer: event.pointerId, from: this.at(event) };
      this.listener.onWindow(twice ? "reset" : "begin", [0, 0]);
      if (twice) this.toning = null;
      return;
    }
    if (event.button !== 0) return;
    this.pressed = event.pointerId;
    if (this.touch) this.over(toImage(this.current, this.at(event)));
    this.emit("down", event);
    this.repaint();
  }

  private leave(event: PointerEvent): void {
    // What a finger was on last stays told: there is no hovering to ask again.
    if (this.pressed !== null || event.pointerType === "touch") return;
    this.over(null);
  }

  private over(at: XY | null): void {
    this.pointer = at;
    this.listener.onPointer(at);
    if (this.magnifying) this.repaint();
  }

  private move(event: PointerEvent): void {
    const at = this.at(event);
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, at);
    if (this.pinch) {
      this.pinched();
      return;
    }
    if (this.panning?.pointer === event.pointerId) {
      this.pan(at[0] - this.panning.at[0], at[1] - this.panning.at[1]);
      this.panning.at = at;
      return;
    }
    this.over(toImage(this.current, at));
    if (this.toning?.pointer === event.pointerId) {
      const { from } = this.toning;
      const way: XY = [at[0] - from[0], at[1] - from[1]];
      if (Math.hypot(...way) > STILL) this.toned = Number.NEGATIVE_INFINITY;
      this.listener.onWindow("move", way);
      return;
    }
    if (this.pressed === null || this.pressed === event.pointerId) {
      this.emit("move", event);
      this.repaint();
    }
  }

  private up(event: PointerEvent, cancelled: boolean): void {
    this.fingers.delete(event.pointerId);
    if (this.fingers.size < 2) this.pinch = null;
    if (this.panning?.pointer === event.pointerId) {
      this.panning = null;
      this.element.classList.remove("lw-panning");
      return;
    }
    if (this.toning?.pointer === event.pointerId) {
      this.toning = null;
      return;
    }
    if (this.pressed !== event.pointerId) return;
    if (cancelled) this.listener.onTool({ type: "cancel" });
    else this.emit("up", event);
    this.pressed = null;
    this.repaint();
  }

  private pan(dx: number, dy: number): void {
    this.fitted = false;
    this.setView({ scale: this.current.scale, x: this.current.x + dx, y: this.current.y + dy });
  }

  private measure(): { distance: number; centre: XY } | null {
    const [a, b] = [...this.fingers.values()];
    if (!a || !b) return null;
    return {
      distance: Math.hypot(a[0] - b[0], a[1] - b[1]),
      centre: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2],
    };
  }

  private pinched(): void {
    const before = this.pinch;
    const now = this.measure();
    if (!before || !now) return;
    const moved = {
      ...this.current,
      x: this.current.x + now.centre[0] - before.centre[0],
      y: this.current.y + now.centre[1] - before.centre[1],
    };
    const factor = now.distance / Math.max(1, before.distance);
    this.pinch = now;
    this.fitted = false;
    this.setView(zoomAt(moved, now.centre, factor, this.size, this.screen));
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    // A pinch on a touch pad comes as a wheel with Ctrl and small steps.
    const speed = event.ctrlKey ? 0.01 : 0.0015;
    const steps = Math.min(Math.max(event.deltaY * unit * speed, -1), 1);
    if (this.lens.shown) {
      this.lens.zoomBy(Math.exp(-steps));
      this.repaint();
      return;
    }
    if (!event.ctrlKey && this.listener.onScroll(event.deltaY * unit)) return;
    this.fitted = false;
    this.setView(zoomAt(this.current, this.at(event), Math.exp(-steps), this.size, this.screen));
  }
}
