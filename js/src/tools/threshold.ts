import type { XY } from "../document/types.ts";
import { distance } from "../geometry/points.ts";
import { emptyRuns, type Runs, unite } from "../geometry/runs.ts";
import { strokeRuns } from "../geometry/stroke.ts";
import { valueUnder, withinRange } from "../geometry/threshold.ts";
import { RADIUS, SHAPE, tipAt, UNDERLYING } from "./brush.ts";
import type { Option } from "./option.ts";
import { isPointer, NOTHING, type Scene, same, type Tool } from "./tool.ts";

/** A stroke that is being made, with what of it is in range so far. */
interface Sweep {
  readonly last: XY;
  readonly runs: Runs;
  readonly erase: boolean;
  /** What the range is relative to. */
  readonly start: number;
}

export interface ThresholdState {
  readonly sweep: Sweep | null;
  readonly hover: XY | null;
}

const START: ThresholdState = { sweep: null, hover: null };

/** In the picture's own unit, as the status line says the values. */
const RANGE = { type: "number", min: -65535, max: 65535, step: 1 } as const;
const OPTIONS: readonly Option[] = [
  RADIUS,
  SHAPE,
  { ...RANGE, name: "low", label: "Low", value: -25 },
  { ...RANGE, name: "high", label: "High", value: 25, keys: "fineness" },
  { type: "toggle", name: "relative", label: "Relative to the first pixel", value: true },
  UNDERLYING,
];

function tip({ settings }: Scene): { radius: number; shape: "round" | "square" } {
  return {
    radius: Number(settings.radius),
    shape: settings.tip === "square" ? "square" : "round",
  };
}

/** The stroke with what lies in range on the way to a place; null where no pixels can be read. */
function sweepTo(sweep: Sweep, to: XY, scene: Scene): Sweep | null {
  const { radius, shape } = tip(scene);
  const { width, height } = scene.size;
  const [[ax, ay], [bx, by]] = [sweep.last, to];
  const pixels = scene.pixels({
    minX: Math.min(ax, bx) - radius - 1,
    minY: Math.min(ay, by) - radius - 1,
    maxX: Math.max(ax, bx) + radius + 1,
    maxY: Math.max(ay, by) + radius + 1,
  });
  if (!pixels) return null;
  const covered = strokeRuns([sweep.last, to], radius, shape, [height, width]);
  const low = sweep.start + Number(scene.settings.low);
  const high = sweep.start + Number(scene.settings.high);
  const runs = unite(sweep.runs, withinRange(covered, pixels, low, high));
  return { ...sweep, last: to, runs };
}

function begin(at: XY, erase: boolean, scene: Scene): Sweep | string {
  const { width, height } = scene.size;
  if (Number(scene.settings.low) > Number(scene.settings.high)) {
    return "The low end of the range is above the high one: nothing is between them.";
  }
  const [x, y] = [Math.floor(at[0]), Math.floor(at[1])];
  const under = scene.pixels({ minX: x, minY: y, maxX: x + 1, maxY: y + 1 });
  const start = scene.settings.relative === false ? 0 : under && valueUnder(under, at);
  const none =
    "The values of these pixels are not here: zoom in, or wait until the picture is sharp.";
  if (start === null) return none;
  return sweepTo({ last: at, runs: emptyRuns([height, width]), erase, start }, at, scene) ?? none;
}

/** A place on the picture, for its value to be the one that the stroke begins with. */
function onPicture([x, y]: XY, { size }: Scene): boolean {
  return x >= 0 && y >= 0 && x < size.width && y < size.height;
}

export const threshold: Tool<ThresholdState> = {
  name: "threshold",
  label: "Threshold brush",
  makes: ["mask"],
  cursor: "none",
  hint: "Drag: of what the brush covers, values in the range are painted. Alt erases. [ ] size.",
  start: START,
  options: OPTIONS,
  group: "painting",
  hovers: true,
  busy: (state) => state.sweep !== null,

  reduce(state, event, scene) {
    if (!isPointer(event)) {
      const stop = event.type === "cancel" || event.type === "back";
      return same(stop ? { ...state, sweep: null } : state);
    }
    const at = tipAt(event.at, tip(scene).radius);
    const { sweep } = state;
    switch (event.type) {
      case "down": {
        if (!onPicture(at, scene)) return same({ ...state, hover: at });
        const begun = begin(at, event.alt, scene);
        if (typeof begun === "string") return same(state, { type: "say", text: begun });
        return same({ sweep: begun, hover: at });
      }
      case "move":
      case "up": {
        const moved = sweep && distance(sweep.last, at) > 0 ? sweepTo(sweep, at, scene) : null;
        const now = moved ?? sweep;
        if (event.type === "move" || !now) return same({ sweep: now, hover: at });
        const idle = { sweep: null, hover: at };
        if (now.runs.edges.length === 0) {
          return same(idle, { type: "say", text: "No pixel under the stroke is in the range." });
        }
        return same(idle, { type: "stroke", runs: now.runs, erase: now.erase });
      }
      default:
        return same(state);
    }
  },

  preview({ sweep, hover }, scene) {
    if (!hover) return NOTHING;
    return { ...NOTHING, tip: { at: hover, ...tip(scene) }, glow: sweep?.runs ?? null };
  },
};
