import type { Annotation, Rectangle, XY } from "../../document/types.ts";
import type { Snap } from "../../geometry/snapping.ts";
import type { HandleName, Vertex } from "../../geometry/transform.ts";

export interface VertexInHand {
  readonly id: string;
  readonly vertex: Vertex;
}

interface Pull {
  readonly from: XY;
  readonly to: XY;
}

/** Shapes that are moved together. */
export interface Moving extends Pull {
  readonly phase: "move";
  readonly ids: readonly string[];
  /** What a click means, should it turn out to be one. */
  readonly click: readonly string[] | null;
}
/** A side or corner of one rectangle or ellipse in hand. */
export interface Resizing extends Pull {
  readonly phase: "resize";
  readonly id: string;
  readonly handle: HandleName;
  readonly square: boolean;
  readonly centred: boolean;
}
/** A side or corner of the frame in hand: the shapes in it are scaled together. */
export interface Scaling extends Pull {
  readonly phase: "scale";
  readonly ids: readonly string[];
  readonly handle: HandleName;
  readonly box: Rectangle;
  readonly proportional: boolean;
  readonly centred: boolean;
}
export interface Turning extends Pull {
  readonly phase: "turn";
  readonly ids: readonly string[];
  readonly box: Rectangle;
  readonly snap: boolean;
}
export interface Reshaping extends Pull {
  readonly phase: "vertex";
  readonly id: string;
  readonly vertex: Vertex;
  /** A corner of a cuboid goes by itself. */
  readonly alone: boolean;
  /** What draws the vertex to it. */
  readonly snap: Snap | null;
  readonly slack: number;
}
export interface Marquee extends Pull {
  readonly phase: "marquee";
  readonly keep: readonly string[];
}

export type SelectState =
  | { readonly phase: "idle"; readonly vertex: VertexInHand | null }
  | Moving
  | Resizing
  | Scaling
  | Turning
  | Reshaping
  | Marquee;

export const IDLE: SelectState = { phase: "idle", vertex: null };
export const LOCKED = "This object is locked. Unlock it in the object list (Shift+L) to change it.";

export function editable(annotation: Annotation | undefined): annotation is Annotation {
  return !!annotation && annotation.state !== "locked";
}
