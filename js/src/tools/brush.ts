import type { XY } from "../document/types.ts";
import { aspectOf, ballRuns, placeOfSlice, type SlicePlace } from "../geometry/ball.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import { strokeRuns, type TipShape } from "../geometry/stroke.ts";
import { valueUnder } from "../geometry/threshold.ts";
import type { Option } from "./option.ts";
import {
  type Effect,
  isPointer,
  NOTHING,
  type PointerToolEvent,
  type Range,
  type Scene,
  type Stroke,
  same,
  type Tool,
} from "./tool.ts";

export interface BrushState {
  /** The stroke that is being made. */
  readonly stroke: Stroke | null;
  /** Where the pointer is. */
  readonly hover: XY | null;
  /** Where the last stroke ended: with Shift the next one comes straight from there. */
  readonly last: XY | null;
  /** Shift is held: a click would draw a straight line. */
  readonly straight: boolean;
  /** Alt is held, and values are limited: a click takes the value under it for the range. */
  readonly picking: boolean;
}

const START: BrushState = {
  stroke: null,
  hover: null,
  last: null,
  straight: false,
  picking: false,
};

/** The strokes take their pixels from all other masks, so that none is drawn twice. */
export const UNDERLYING: Option = {
  type: "toggle",
  name: "underlying",
  label: "Overwrite others",
  value: false,
};

export const RADIUS: Option = {
  type: "number",
  name: "radius",
  label: "Radius",
  min: 0.5,
  max: 500,
  step: 0.5,
  value: 12,
  unit: "px",
  keys: "size",
};

export const SHAPE: Option = {
  type: "choice",
  name: "tip",
  label: "Tip",
  choices: [
    { value: "round", label: "Round" },
    { value: "square", label: "Square" },
  ],
  value: "round",
};

const SPHERE: readonly Option[] = [
  {
    type: "choice",
    name: "unit",
    label: "Unit",
    choices: [
      { value: "px", label: "px" },
      { value: "mm", label: "mm" },
    ],
    value: "px",
    only: ["volumemask"],
  },
  { type: "toggle", name: "sphere", label: "Sphere", value: false, only: ["volumemask"] },
];

const VALUE = { type: "number", min: -65535, max: 65535, step: 1, scans: true } as const;
const LIMIT: readonly Option[] = [
  { type: "toggle", name: "limited", label: "Only values", value: false, scans: true },
  { ...VALUE, name: "from", label: "from", value: -50, when: "limited" },
  { ...VALUE, name: "to", label: "to", value: 150, when: "limited", keys: "fineness" },
];

/** Of a class that goes through the stack: where its slices are. */
function stackOf({ cut, target }: Scene): SlicePlace | null {
  if (target?.tool !== "volumemask" || cut?.cut.plane !== "slice") return null;
  return placeOfSlice(cut.lattice, cut.cut.index);
}

/** In pixels of the picture's width. */
function radiusOf(scene: Scene): number {
  const radius = Number(scene.settings.radius);
  const stack = stackOf(scene);
  return stack && scene.settings.unit === "mm" ? radius / stack.pitch[0] : radius;
}

/** In millimetres, and as a ball, a tip is round in the patient, not on the picture. */
function tipOf(scene: Scene): { radius: number; shape: TipShape; aspect?: number } {
  const { settings } = scene;
  const stack = stackOf(scene);
  const radius = radiusOf(scene);
  const solid = stack && settings.sphere === true;
  const shape = settings.tip === "square" && !solid ? "square" : "round";
  return solid || (stack && settings.unit === "mm")
    ? { radius, shape, aspect: aspectOf(stack) }
    : { radius, shape };
}

/** The values that are painted alone, null for all. */
function limitOf({ cut, settings }: Scene): Range | null {
  if (cut?.cut.plane !== "slice" || settings.limited !== true) return null;
  return [Number(settings.from), Number(settings.to)];
}

/** What makes the range lie around the value of a pixel, as wide as it is. */
function around(at: XY, [low, high]: Range, scene: Scene): Effect[] {
  const [x, y] = [Math.floor(at[0]), Math.floor(at[1])];
  const pixels = scene.pixels({ minX: x, minY: y, maxX: x + 1, maxY: y + 1 });
  const value = pixels && valueUnder(pixels, at);
  if (value === null || !Number.isFinite(value)) return [];
  const half = Math.abs(high - low) / 2;
  return [
    { type: "set", name: "from", value: Math.round(value - half) },
    { type: "set", name: "to", value: Math.round(value + half) },
  ];
}

/** Where the tip is: the smallest ones hold on to the middle of a pixel, not to miss all of them. */
export function tipAt(at: XY, radius: number): XY {
  if (radius >= 1) return roundPoint(at);
  return [Math.floor(at[0]) + 0.5, Math.floor(at[1]) + 0.5];
}

function brushLike(name: "brush" | "eraser", label: string, hint: string): Tool<BrushState> {
  const begin = (state: BrushState, event: PointerToolEvent, scene: Scene): BrushState => {
    const tip = tipOf(scene);
    const at = tipAt(event.at, tip.radius);
    const path = event.shift && state.last ? [state.last, at] : [at];
    const erase = (name === "eraser") !== event.alt;
    const limit = limitOf(scene);
    return {
      ...state,
      stroke: { path, ...tip, erase, ...(limit && { limit }) },
      hover: at,
      straight: false,
      picking: limit !== null && event.alt,
    };
  };

  const go = (state: BrushState, at: XY): BrushState => {
    const { stroke } = state;
    const before = stroke?.path.at(-1);
    if (!stroke || !before || distance(before, at) === 0) return { ...state, hover: at };
    const path = [...stroke.path, at];
    return { ...state, hover: at, picking: false, stroke: { ...stroke, path } };
  };

  return {
    name,
    label,
    makes: ["mask"],
    cursor: "none",
    hint,
    start: START,
    options: [RADIUS, ...SPHERE, SHAPE, UNDERLYING, ...LIMIT],
    group: "painting",
    hovers: true,
    busy: (state) => state.stroke !== null,

    reduce(state, event, scene) {
      if (!isPointer(event)) {
        const stop = event.type === "cancel" || event.type === "back";
        return same(stop ? { ...state, stroke: null, straight: false } : state);
      }
      const { stroke } = state;
      const at = tipAt(event.at, stroke?.radius ?? radiusOf(scene));
      switch (event.type) {
        case "down": {
          // With Ctrl the mask under the pointer comes in hand, to be painted on.
          const under = event.ctrl ? scene.pick(event.at, event.slack) : null;
          if (under) return same(state, { type: "select", ids: [under] });
          return same(begin(state, event, scene));
        }
        case "move":
          if (!stroke) return same({ ...state, hover: at, straight: event.shift });
          return same(go(state, at));
        case "up": {
          if (!stroke) return same(state);
          const idle = { ...START, hover: at, last: at };
          const done = go(state, at);
          const { path, radius, shape, erase, aspect, limit } = done.stroke ?? stroke;
          if (done.picking && limit)
            return same({ ...idle, last: state.last }, ...around(event.at, limit, scene));
          const { width, height } = scene.size;
          const runs = strokeRuns(path, radius, shape, [height, width], aspect);
          const stack = scene.settings.sphere === true ? stackOf(scene) : null;
          const ball = stack ? ballRuns(path, radius, stack, [height, width]) : null;
          return same(idle, {
            type: "stroke",
            runs,
            erase,
            ...(ball && { ball }),
            ...(limit && { limit }),
          });
        }
        default:
          return same(state);
      }
    },

    preview(state, scene) {
      const { stroke, hover, last, straight } = state;
      if (!hover) return NOTHING;
      const { radius, shape, aspect } = stroke ?? tipOf(scene);
      const at = tipAt(hover, radius);
      const line = straight && last && !stroke ? [{ points: [last, at], dashed: true }] : [];
      return {
        ...NOTHING,
        stroke: state.picking ? null : stroke,
        range: limitOf(scene),
        tip: { at, radius, shape, ...(aspect && { aspect }) },
        guides: line,
      };
    },
  };
}

export const brush = brushLike(
  "brush",
  "Brush",
  "Drag to paint; Alt erases; Shift-click: a straight line; Ctrl-click: another mask.",
);

export const eraser = brushLike(
  "eraser",
  "Eraser",
  "Drag to erase; Alt paints; Shift-click: a straight line; Ctrl-click: another mask.",
);
