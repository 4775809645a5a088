import type { Answers, Geometry, Track, XY } from "../document/types.ts";
import type { Plane } from "../geometry/cut.ts";

export interface ClickPrompt {
  readonly x: number;
  readonly y: number;
  readonly positive: boolean;
  /** Of a scan: x and y are on this slice, wherever it was clicked. */
  readonly slice?: number;
}

export interface ScribblePrompt {
  readonly points: readonly XY[];
  readonly positive: boolean;
  /** Of a scan: what it was drawn on. Points are (column, row), (column, slice) or (row, slice). */
  readonly plane?: Plane;
  readonly index?: number;
}

/** What a person showed to a tool that computes in the kernel. */
export interface Prompt {
  readonly clicks?: readonly ClickPrompt[];
  /** x, y, width, height. */
  readonly box?: readonly [number, number, number, number];
  readonly scribbles?: readonly ScribblePrompt[];
  /** What is selected on a video; a shape of one frame is a track with one keyframe. */
  readonly track?: Track;
}

/** A frame of a video to look at, and why. */
export interface FrameMark {
  readonly frame: number;
  readonly words: string;
}

/** An array that came with an answer. */
export interface NamedArray {
  readonly dtype: "uint8" | "uint16" | "int16" | "uint32" | "int32" | "float32" | "float64";
  readonly shape: readonly number[];
  readonly values:
    | Uint8Array
    | Uint16Array
    | Int16Array
    | Uint32Array
    | Int32Array
    | Float32Array
    | Float64Array;
}

export interface ProposedShape {
  readonly geometry: Geometry;
  readonly class_name?: string | null;
  readonly confidence?: number | null;
  readonly attributes?: Answers;
}

/** Is it the answer to a question about the image as a whole? */
export function isAnswer({ geometry, class_name }: ProposedShape): boolean {
  return geometry.type === "tag" && class_name == null;
}

/** What a kernel tool came to. */
export interface Answer {
  readonly tool: string;
  readonly version: string;
  /** All parameters, those that were left to their defaults too. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly shapes: readonly ProposedShape[];
  readonly arrays: Readonly<Record<string, NamedArray>>;
  /** Something worth saying about it, such as why nothing was found. */
  readonly note: string | null;
  readonly marks?: readonly FrameMark[];
}
