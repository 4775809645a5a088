import type {
  Annotation,
  Answers,
  Geometry,
  ObjectClass,
  Origin,
  Track,
  XY,
} from "../document/types.ts";
import type { Box } from "../geometry/box.ts";
import type { Runs } from "../geometry/runs.ts";
import type { Size, Vertex } from "../geometry/transform.ts";
import type { Answer, FrameMark, Prompt } from "./kernel_call.ts";
import type { Option, Settings } from "./option.ts";
import type { ShownCut } from "./scan_prompt.ts";

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
  | { readonly type: "back" }
  /** One of the tool's options has another value. */
  | { readonly type: "settings" }
  /** The key of a command that only tools understand, such as `hand.skip`. */
  | { readonly type: "command"; readonly name: string }
  /** What the kernel answered to an `ask`. */
  | { readonly type: "answer"; readonly turn: number; readonly answer: Answer }
  | { readonly type: "failed"; readonly turn: number; readonly message: string }
  /** A vertex of a shape is taken in hand from elsewhere, such as a joint from a list. */
  | { readonly type: "hold"; readonly id: string; readonly index: number }
  /** What is proposed as the answer to a question about the image is taken, or dropped. */
  | { readonly type: "decide"; readonly question: string; readonly take: boolean }
  /** What share of an answer is ready, from 0 to 1. */
  | { readonly type: "progress"; readonly turn: number; readonly done: number };

export type PointerToolEvent = Extract<ToolEvent, { at: XY }>;

/** Values of pixels in a box: of one channel (grey, 16 bits too) or of three (RGB), row by row. */
export interface Pixels {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly values: Uint8Array | Uint16Array | Int16Array | Float32Array;
}

/** What a tool may ask about what is on the screen. */
export interface Scene {
  readonly size: Size;
  /** Millimetres a pixel along x and y, null where that is not known. */
  readonly spacing: XY | null;
  /** What of a scan is shown, null where it is none. */
  readonly cut: ShownCut | null;
  readonly selection: readonly string[];
  /** Values of the options of the tool in hand, by name. */
  readonly settings: Settings;
  /** The class that is drawn; what a tool makes is fitted to its geometry. */
  readonly target: ObjectClass | undefined;
  get(id: string): Annotation | undefined;
  /** The answers about the image as a whole. */
  readonly answers: Answers;
  /** An object through all frames of a video; a shape of one frame is a track of it alone. */
  track(id: string): Track | null;
  /** Ids of the shapes whose boxes overlap `area`; hidden ones are left out. */
  near(area: Box): string[];
  /** Values of the picture in a box (it is clipped to the picture), null while there are none. */
  pixels(box: Box): Pixels | null;
  /** The shape that a click at this place means, null for none. */
  pick(at: XY, slack: number): string | null;
  /** The shapes that lie wholly in a box. */
  within(box: Box): string[];
}

/** An object to be made; without a class it gets the one that is drawn. */
export interface Making {
  readonly geometry: Geometry;
  readonly className?: string;
  readonly attributes?: Answers;
  readonly origin?: Origin;
  readonly confidence?: number;
  /** Which slice or picture of a group, where it is not the one that is shown. */
  readonly frame?: number;
}

/** What should happen because of an event; all that one event asks of the labels is one gesture. */
export type Effect =
  | { readonly type: "create"; readonly geometry: Geometry; readonly origin?: Origin }
  | {
      readonly type: "update";
      readonly shapes: readonly (readonly [string, Geometry])[];
      readonly origin?: Origin;
    }
  /** Several objects made, changed and taken away in one gesture; those made are selected. */
  | {
      readonly type: "change";
      readonly create?: readonly Making[];
      readonly update?: readonly (readonly [string, Geometry])[];
      readonly remove?: readonly string[];
    }
  /** Paint pixels of, or erase them from, the mask in hand. */
  | {
      readonly type: "stroke";
      readonly runs: Runs;
      readonly erase: boolean;
      readonly origin?: Origin;
      /** What is covered of other slices of the scan. */
      readonly ball?: readonly (readonly [number, Runs])[];
      readonly limit?: Range | null;
    }
  /** What a kernel tool proposed is accepted: new objects, or pixels of the selected mask. */
  | {
      readonly type: "accept";
      /** Tags without a class are answers about the image. */
      readonly shapes: readonly Making[];
      readonly into: "new" | "add" | "subtract";
    }
  /** Ask the kernel; the answer comes as an event with the same turn. A later ask replaces it. */
  | {
      readonly type: "ask";
      readonly turn: number;
      readonly tool: string;
      readonly prompt: Prompt;
      /** Beside the values of the tool's options. */
      readonly parameters?: Settings;
      /** The answer is of the whole picture: it is kept, and comes at once where it was asked for. */
      readonly keep?: boolean;
    }
  /** Add keyframes to an object of a video, on the frames on which it has none. */
  | {
      readonly type: "extend";
      readonly id: string;
      readonly track: Track;
      readonly origin: Origin;
    }
  | { readonly type: "unask" }
  /** The tool sets one of its own options. */
  | { readonly type: "set"; readonly name: string; readonly value: number | string | boolean }
  | { readonly type: "select"; readonly ids: readonly string[] }
  | { readonly type: "say"; readonly text: string; readonly kind?: "warning" }
  /** Bring all panes of scans to this place of the picture. */
  | { readonly type: "centre"; readonly at: XY };

export interface Outcome<State> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** A line that helps to draw, and is no label: a ruler, an alignment, a border that is snapped to. */
export interface Guide {
  readonly points: readonly XY[];
  readonly closed?: boolean;
  readonly dashed?: boolean;
  readonly label?: string;
}

/** Values from one to another, both included. */
export type Range = readonly [number, number];

/** The tip of a tool, of a size in pixels of the image. */
export interface Tip {
  readonly at: XY;
  readonly radius: number;
  readonly shape: "round" | "square";
  /** How much higher than wide pixels are. */
  readonly aspect?: number;
}

/** A stroke that is being made: pixels are painted or erased along a path. */
export interface Stroke {
  readonly path: readonly XY[];
  readonly radius: number;
  readonly shape: "round" | "square";
  readonly erase: boolean;
  readonly aspect?: number;
  /** Only pixels whose values lie in this range. */
  readonly limit?: Range | null;
}

/** What a model proposes is taken or dropped one by one, or all that is sure enough. */
export interface Choice {
  /** Of each shape of the proposal: its class, and what is said beside it. */
  readonly shapes: readonly {
    readonly className: string | null;
    readonly text: string;
    /** The question about the image that it answers. */
    readonly question?: string;
  }[];
  /** The one that is decided on next. */
  readonly next: number;
  /** How many there are, also those that are not sure enough. */
  readonly all: number;
  /** The model says how sure it is. */
  readonly sure: boolean;
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
  readonly guides: readonly Guide[];
  readonly tip: Tip | null;
  readonly stroke: Stroke | null;
  /** Pixels that light up, such as the superpixel under the pointer. */
  readonly glow: Runs | null;
  /** Values that are shown faintly wherever the picture has them. */
  readonly range: Range | null;
  /** What the kernel proposes. */
  readonly proposal: readonly Geometry[];
  /** Of what a model proposes: what is said beside each shape, which one is next, how many are hidden. */
  readonly choice: Choice | null;
  /** What is said of the proposal, such as its volume. */
  readonly remark: string | null;
  /** Frames of a video that the proposal is about. */
  readonly marks: readonly FrameMark[];
  /** What share of the kernel's work is done, from 0 to 1; null where that is not known. */
  readonly done: number | null;
  /** Places that were pointed at, and whether they are to be in or out. */
  readonly clicks: readonly { readonly at: XY; readonly positive: boolean }[];
  /** The kernel is at work for this tool. */
  readonly waiting: boolean;
  /** The place that is magnified. */
  readonly lens: XY | null;
}

export const NOTHING: Preview = {
  changed: new Map(),
  draft: null,
  points: [],
  closing: false,
  invalid: false,
  marquee: null,
  vertex: null,
  guides: [],
  tip: null,
  stroke: null,
  glow: null,
  range: null,
  proposal: [],
  choice: null,
  remark: null,
  marks: [],
  done: null,
  clicks: [],
  waiting: false,
  lens: null,
};

/** What a class can be drawn with: a geometry, or what it measures with one. */
export type Drawn = Geometry["type"] | "ruler" | "angle" | "bidirectional";

/** A tool: a pure reducer over events, and a pure view of its state. */
export interface Tool<State> {
  readonly name: string;
  /** What people call it. */
  readonly label: string;
  /** Types of geometry that it can make; none for those that draw nothing, which are always there. */
  readonly makes: readonly Drawn[];
  /** The key of a tool of the kernel; those of the others are in the table. */
  readonly key?: string | undefined;
  /** The tool that its key takes when it is in hand already. */
  readonly again?: string;
  /** It is of use on scans alone. */
  readonly scans?: true;
  /** It is of use on videos alone. */
  readonly videos?: boolean;
  /** It begins as it is taken in hand, with what is selected. */
  readonly atOnce?: boolean;
  readonly cursor: string;
  readonly hint: string;
  readonly start: State;
  /** What can be set while it is in hand, in the order shown. */
  readonly options?: readonly Option[];
  /** Tools of one group share the values of options of the same name, as brush and eraser do. */
  readonly group?: string;
  /** The kernel tool that it asks, which gets ready when this one is taken in hand. */
  readonly computes?: string;
  /** It works on a scan, not on one of its slices: it stays at work while others are shown. */
  readonly through?: boolean;
  /** It is seen while the pointer only hovers, as a brush's tip is. */
  readonly hovers?: boolean;
  reduce(state: State, event: ToolEvent, scene: Scene): Outcome<State>;
  preview(state: State, scene: Scene): Preview;
  /** Is something half done that Escape would throw away? */
  busy(state: State): boolean;
  /** What to do next, where that changes while drawing; else the hint is shown. */
  says?(state: State, scene: Scene): string | null;
}

/** Did a pointer do it? All other events concern few tools. */
export function isPointer(event: ToolEvent): event is PointerToolEvent {
  return "at" in event;
}

export function same<State>(state: State, ...effects: Effect[]): Outcome<State> {
  return { state, effects };
}
