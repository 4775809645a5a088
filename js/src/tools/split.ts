import type { Polygon, XY } from "../document/types.ts";
import { split as cut } from "../geometry/boolean.ts";
import { boxOf } from "../geometry/box.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import { chosen } from "./carving.ts";
import {
  isPointer,
  type Making,
  NOTHING,
  type Outcome,
  type Scene,
  same,
  type Tool,
} from "./tool.ts";

export interface SplitState {
  readonly line: readonly XY[];
  readonly hover: XY | null;
}

const START: SplitState = { line: [], hover: null };

/** The selected polygons; where none is selected, all that the line may cross. */
function targets(line: readonly XY[], scene: Scene): (readonly [string, Polygon])[] {
  const box = boxOf(line);
  if (scene.selection.length > 0 || !box) return chosen(scene);
  return chosen({ ...scene, selection: scene.near(box) });
}

/** Every polygon that the line cuts becomes several of its class, the largest piece stays itself. */
function apply(line: readonly XY[], scene: Scene): Outcome<SplitState> {
  const update: (readonly [string, Polygon])[] = [];
  const create: Making[] = [];
  let reason = "The line crosses no polygon.";
  for (const [id, polygon] of targets(line, scene)) {
    const pieces = cut(polygon, line);
    if (!pieces.ok) {
      reason = pieces.reason;
      continue;
    }
    const [largest, ...others] = pieces.value;
    if (largest) update.push([id, largest]);
    const { class_name, attributes } = scene.get(id) ?? {};
    for (const geometry of others)
      create.push({
        geometry,
        ...(class_name && { className: class_name }),
        ...(attributes && { attributes }),
      });
  }
  if (update.length === 0) return same(START, { type: "say", text: reason });
  return same(START, { type: "change", update, create });
}

export const split: Tool<SplitState> = {
  name: "split",
  label: "Split",
  makes: ["polygon"],
  cursor: "crosshair",
  hint: "Drag a line across polygons, or click its points and press Enter: each becomes several.",
  start: START,
  busy: (state) => state.line.length > 0,

  reduce(state, event, scene) {
    if (!isPointer(event)) {
      switch (event.type) {
        case "cancel":
          return same(START);
        case "back":
          return same({ ...state, line: state.line.slice(0, -1) });
        case "finish":
          return state.line.length > 1 ? apply(state.line, scene) : same(START);
        default:
          return same(state);
      }
    }
    const at = roundPoint(event.at);
    const last = state.line.at(-1);
    switch (event.type) {
      case "down":
        return same({
          line: last && distance(last, at) === 0 ? state.line : [...state.line, at],
          hover: at,
        });
      case "move":
        return same({ ...state, hover: at });
      case "up": {
        const dragged = state.line.length === 1 && last && distance(last, at) > event.slack;
        return dragged ? apply([...state.line, at], scene) : same({ ...state, hover: at });
      }
      default:
        return state.line.length > 1 ? apply(state.line, scene) : same(state);
    }
  },

  preview({ line, hover }) {
    if (line.length === 0) return NOTHING;
    return { ...NOTHING, guides: [{ points: hover ? [...line, hover] : line, dashed: true }] };
  },
};
