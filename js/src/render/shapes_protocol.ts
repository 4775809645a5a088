import type { PackedShapes } from "./packed_shapes.ts";
import type { Shape } from "./scene.ts";
import type { Frame } from "./shapes_painter.ts";

/** What the page asks of the painting worker. */
export type Order =
  | { readonly type: "load"; readonly shapes: PackedShapes }
  | { readonly type: "put"; readonly shapes: readonly Shape[] }
  | { readonly type: "drop"; readonly ids: readonly string[] }
  | { readonly type: "fill"; readonly fill: number }
  | { readonly type: "hide"; readonly ids: readonly string[] }
  | { readonly type: "frame"; readonly frame: Frame };

/** What comes back: the shapes of a frame as one bitmap. */
export interface Painted {
  readonly frame: Frame;
  readonly bitmap: ImageBitmap;
  /** How many orders the bitmap shows: those sent later are not on it yet. */
  readonly orders: number;
}
