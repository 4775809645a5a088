import type { Annotation, Geometry, XY } from "../document/types.ts";
import type { Box } from "../geometry/box.ts";
import type { Size, Vertex } from "../geometry/transform.ts";

/** What a hand does, in image coordinates. */
export type ToolEvent =
  | {
      readonly type: "down" | "move" | "up" | "double";
      readonly at: XY;
      readonly shift: boolean;
      readonly ctrl: boolean;
      readonly alt: boolean;
      /** How far off a pointer may be and still mean a thing, in image pixels: more for a finger. */
      readonly slack: number;
      /** Whether a button or a finger is down. */
      readonly pressed: boolean;
    }
  | { readonly type: "cancel" }
  | { readonly type: "finish" }
  | { readonly type: "back" };

export type PointerToolEvent = Extract<ToolEvent, { at: XY }>;

/** What a tool may ask about what is on the screen. */
export interface Scene {
  readonly size: Size;
  readonly selection: readonly string[];
  get(id: string): Annotation | undefined;
  /** The shape that a click at this place means, null for none. */
  pick(at: XY, slack: number): string | null;
  /** The shapes that lie wholly in a box. */
  within(box: Box): string[];
}

/** What should happen because of an event. */
export type Effect =
  | { readonly type: "create"; readonly geometry: Geometry }
  | { readonly type: "update"; readonly shapes: readonly (readonly [string, Geometry])[] }
  | { readonly type: "select"; readonly ids: readonly string[] }
  | { readonly type: "say"; readonly text: string };

export interface Outcome<State> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** What a tool wants to be seen while it is at work. */
export interface Preview {
  /** Shapes that are being changed, as they would be now. */
  readonly changed: ReadonlyMap<string, Geometry>;
  /** The shape being drawn. */
  readonly draft: Geometry | null;
  /** Points of the shape being drawn, the first one marked where a click would close it. */
  readonly points: readonly XY[];
  readonly closing: boolean;
  /** The shape could not be kept like this. */
  readonly invalid: boolean;
  readonly marquee: Box | null;
  readonly vertex: { readonly id: string; readonly vertex: Vertex } | null;
}

export const NOTHING: Preview = {
  changed: new Map(),
  draft: null,
  points: [],
  closing: false,
  invalid: false,
  marquee: null,
  vertex: null,
};

/** A tool: a pure reducer over events, and a pure view of its state. */
export interface Tool<State> {
  readonly name: string;
  readonly cursor: string;
  readonly hint: string;
  readonly start: State;
  reduce(state: State, event: ToolEvent, scene: Scene): Outcome<State>;
  preview(state: State, scene: Scene): Preview;
  /** Is something half done that Escape would throw away? */
  busy(state: State): boolean;
}

export function same<State>(state: State, ...effects: Effect[]): Outcome<State> {
  return { state, effects };
}
