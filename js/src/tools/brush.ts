import type { XY } from "../document/types.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import { strokeRuns, type TipShape } from "../geometry/stroke.ts";
import type { Option } from "./option.ts";
import {
  isPointer,
  NOTHING,
  type PointerToolEvent,
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
}

const START: BrushState = { stroke: null, hover: null, last: null, straight: false };

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

function radiusOf({ settings }: Scene): number {
  return Number(settings.radius);
}

function shapeOf({ settings }: Scene): TipShape {
  return settings.tip === "square" ? "square" : "round";
}

/** Where the tip is: the smallest ones hold on to the middle of a pixel, not to miss all of them. */
export function tipAt(at: XY, radius: number): XY {
  if (radius >= 1) return roundPoint(at);
  return [Math.floor(at[0]) + 0.5, Math.floor(at[1]) + 0.5];
}

function brushLike(name: "brush" | "eraser", label: string, hint: string): Tool<BrushState> {
  const begin = (state: BrushState, event: PointerToolEvent, scene: Scene): BrushState => {
    const radius = radiusOf(scene);
    const at = tipAt(event.at, radius);
    const path = event.shift && state.last ? [state.last, at] : [at];
    const erase = (name === "eraser") !== event.alt;
    return {
      ...state,
      stroke: { path, radius, shape: shapeOf(scene), erase },
      hover: at,
      straight: false,
    };
  };

  const go = (state: BrushState, at: XY): BrushState => {
    const { stroke } = state;
    const before = stroke?.path.at(-1);
    if (!stroke || !before || distance(before, at) === 0) return { ...state, hover: at };
    return { ...state, hover: at, stroke: { ...stroke, path: [...stroke.path, at] } };
  };

  return {
    name,
    label,
    makes: ["mask"],
    cursor: "none",
    hint,
    start: START,
    options: [RADIUS, SHAPE, UNDERLYING],
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
          const { path, radius, shape, erase } = go(state, at).stroke ?? stroke;
          const { width, height } = scene.size;
          const runs = strokeRuns(path, radius, shape, [height, width]);
          return same(
            { stroke: null, hover: at, last: at, straight: false },
            {
              type: "stroke",
              runs,
              erase,
            },
          );
        }
        default:
          return same(state);
      }
    },

    preview(state, scene) {
      const { stroke, hover, last, straight } = state;
      if (!hover) return NOTHING;
      const radius = stroke?.radius ?? radiusOf(scene);
      const at = tipAt(hover, radius);
      const line = straight && last && !stroke ? [{ points: [last, at], dashed: true }] : [];
      return {
        ...NOTHING,
        stroke,
        tip: { at, radius, shape: stroke?.shape ?? shapeOf(scene) },
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
