import type { Origin, XY } from "../document/types.ts";
import { LabelRuns } from "../geometry/label_runs.ts";
import type { Runs } from "../geometry/runs.ts";
import type { Answer } from "./kernel_call.ts";
import type { Option } from "./option.ts";
import {
  type Effect,
  isPointer,
  NOTHING,
  type Outcome,
  type PointerToolEvent,
  type Scene,
  same,
  type Tool,
} from "./tool.ts";

const NAME = "superpixel";

/** Which superpixels: how large, and whether roughly, for a first look. */
interface Wanted {
  readonly size: number;
  readonly coarse: boolean;
}

interface Map {
  readonly runs: LabelRuns;
  readonly of: Wanted;
  readonly version: string;
}

interface Drag {
  /** Fixed while the drag lasts, though a finer map may come meanwhile. */
  readonly map: Map;
  readonly last: XY;
  readonly labels: readonly number[];
  readonly runs: Runs;
  readonly erase: boolean;
}

export interface SuperpixelState {
  readonly map: Map | null;
  readonly waiting: Wanted | null;
  /** Number of the question asked last: answers to those before it come too late. */
  readonly turn: number;
  /** The kernel could not: asked again when the size changes or the tool is taken anew. */
  readonly failed: boolean;
  readonly hover: XY | null;
  readonly drag: Drag | null;
}

const START: SuperpixelState = {
  map: null,
  waiting: null,
  turn: 0,
  failed: false,
  hover: null,
  drag: null,
};

const SIZE: Option = {
  type: "number",
  name: "size",
  label: "Superpixel",
  min: 4,
  max: 200,
  step: 1,
  value: 32,
  unit: "px",
  keys: "fineness",
};

function sizeOf({ settings }: Scene): number {
  return Number(settings.size);
}

/** Ask for the map that is missing: a coarse one first, which is there at once. */
function ask(state: SuperpixelState, scene: Scene): Outcome<SuperpixelState> {
  const size = sizeOf(scene);
  const { map, waiting } = state;
  const there = map?.of.size === size;
  if (there && !map.of.coarse) return same(state);
  const wanted = { size, coarse: !there };
  // What is on its way is waited for, unless it is a long answer to what nobody asks any more.
  if (waiting && (waiting.coarse || waiting.size === size)) return same(state);
  const turn = state.turn + 1;
  return same(
    { ...state, waiting: wanted, turn, failed: false },
    {
      type: "ask",
      turn,
      tool: NAME,
      prompt: {},
      parameters: { ...wanted },
      keep: true,
    },
  );
}

function take(state: SuperpixelState, answer: Answer, scene: Scene): Outcome<SuperpixelState> {
  const { waiting } = state;
  const { lengths, labels } = answer.arrays;
  if (!waiting || !lengths || !labels) return same({ ...state, waiting: null });
  const { width, height } = scene.size;
  const { values } = labels;
  const kind = values instanceof Uint16Array ? values : Uint32Array.from(values);
  try {
    const runs = new LabelRuns([height, width], Uint32Array.from(lengths.values), kind);
    const map = { runs, of: waiting, version: answer.version };
    return ask({ ...state, map, waiting: null }, scene);
  } catch {
    const text = "The superpixels are not of this picture: it may have changed.";
    return same({ ...state, waiting: null, failed: true }, { type: "say", text });
  }
}

function press(state: SuperpixelState, event: PointerToolEvent): Outcome<SuperpixelState> {
  const { map } = state;
  if (!map) return same(state);
  const labels = map.runs.labelsUnder([event.at]);
  const runs = map.runs.runsOfLabels(labels);
  return same({ ...state, drag: { map, last: event.at, labels, runs, erase: event.alt } });
}

/** The drag, with the superpixels on its way here. */
function follow(drag: Drag, at: XY): Drag {
  const { map, last } = drag;
  const found = new Set(drag.labels);
  const before = found.size;
  for (const label of map.runs.labelsUnder([last, at])) found.add(label);
  if (found.size === before) return { ...drag, last: at };
  const labels = [...found];
  return { ...drag, last: at, labels, runs: map.runs.runsOfLabels(labels) };
}

function release(state: SuperpixelState, at: XY): Outcome<SuperpixelState> {
  if (!state.drag) return same(state);
  const { map, runs, erase, labels } = follow(state.drag, at);
  const idle = { ...state, drag: null };
  if (labels.length === 0) return same(idle);
  const { size, coarse } = map.of;
  const origin: Origin = {
    kind: "tool",
    name: NAME,
    version: map.version,
    parameters: { size, coarse, superpixels: labels.length },
  };
  const effect: Effect = { type: "stroke", runs, erase, origin };
  return same(idle, effect);
}

export const superpixel: Tool<SuperpixelState> = {
  name: NAME,
  label: "Superpixels",
  makes: ["mask"],
  cursor: "crosshair",
  hint: "Click a superpixel, or drag across several; Alt erases; comma and dot make them finer and coarser.",
  start: START,
  options: [SIZE],
  computes: NAME,
  hovers: true,
  busy: (state) => state.drag !== null,
  says: ({ map, failed }) => {
    if (failed) return "The kernel made no superpixels. Change their size to try again.";
    return map ? null : "Superpixels are on their way…";
  },

  reduce(state, event, scene) {
    switch (event.type) {
      case "answer":
        return event.turn === state.turn ? take(state, event.answer, scene) : same(state);
      case "failed":
        if (event.turn !== state.turn) return same(state);
        return same(
          { ...state, waiting: null, failed: true },
          { type: "say", text: event.message, kind: "warning" },
        );
      case "settings":
        return ask(state, scene);
      case "cancel":
      case "back":
        return same({ ...state, drag: null });
    }
    if (!isPointer(event)) return same(state);
    const hovering = { ...state, hover: event.at };
    switch (event.type) {
      case "down":
        return press(hovering, event);
      case "up":
        return release(hovering, event.at);
      case "move":
        if (state.drag) return same({ ...hovering, drag: follow(state.drag, event.at) });
        return state.failed ? same(hovering) : ask(hovering, scene);
      default:
        return same(hovering);
    }
  },

  preview({ map, hover, drag, waiting }) {
    if (drag) return { ...NOTHING, glow: drag.runs };
    const label = map && hover ? map.runs.labelAt(...hover) : -1;
    const glow = map && label >= 0 ? map.runs.runsOfLabel(label) : null;
    return { ...NOTHING, glow, waiting: waiting !== null && !map };
  },
};
