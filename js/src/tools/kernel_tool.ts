import type { Geometry, Origin, Track, XY } from "../document/types.ts";
import { boxBetween } from "../geometry/box.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import { proposedFor } from "../geometry/track_proposal.ts";
import { clampPoint } from "../geometry/transform.ts";
import type { Answer, Prompt, ProposedShape } from "./kernel_call.ts";
import type { Option } from "./option.ts";
import { clickOn, clickSeen, lineOn, lineSeen } from "./scan_prompt.ts";
import {
  type Effect,
  type Making,
  NOTHING,
  type Outcome,
  type PointerToolEvent,
  type Preview,
  type Scene,
  same,
  type Tool,
  type ToolEvent,
} from "./tool.ts";

export type PromptKind = "clicks" | "box" | "scribbles" | "track";

/** A tool as the kernel describes it. */
export interface KernelToolSpec {
  readonly name: string;
  readonly version: string;
  readonly label: string;
  readonly hint: string;
  /** The key that takes it, if one was given to it. */
  readonly key?: string;
  /** What has to be shown to it; nothing where it looks at the picture alone. */
  readonly prompts: readonly PromptKind[];
  readonly options: readonly Option[];
  readonly makes: readonly Geometry["type"][];
  /** It is given a whole scan. */
  readonly volume?: boolean;
  /** It is given a whole video. */
  readonly video?: boolean;
  /** It is a model: what it proposes has classes and confidences of its own. */
  readonly model?: boolean;
}

interface Drag {
  readonly path: readonly XY[];
  readonly positive: boolean;
  /** A scribble is drawn, not a box. */
  readonly line: boolean;
}

export interface KernelToolState {
  readonly prompt: Prompt;
  /** In which order the parts of the prompt were given, so that Backspace takes the last one back. */
  readonly given: readonly PromptKind[];
  readonly drag: Drag | null;
  /** Number of the question asked last: answers to those before it come too late. */
  readonly turn: number;
  readonly waiting: boolean;
  readonly answer: Answer | null;
  /** Enter came before the answer: it is accepted as it arrives. */
  readonly hasty: boolean;
  /** What share of the answer is ready. */
  readonly done: number | null;
  /** The object that the kernel was shown. */
  readonly subject: string | null;
  /** What that would look like with what is proposed. */
  readonly extended: Track | null;
  /** Where the proposal goes once it is accepted. */
  readonly into: "new" | "add" | "subtract";
}

const START: KernelToolState = {
  prompt: {},
  given: [],
  drag: null,
  turn: 0,
  waiting: false,
  answer: null,
  hasty: false,
  done: null,
  subject: null,
  extended: null,
  into: "new",
};

/** Answers of an earlier use of a tool must not be taken for those of this one. */
function anew(state: KernelToolState): KernelToolState {
  return { ...START, turn: state.turn + 1 };
}

/** How something was made: by which tool, with which settings, and from what it was shown. */
function originOf(answer: Answer, prompt: Prompt, about: boolean, model = false): Origin {
  const { track: _, ...shown } = prompt;
  const said = about || (model && Object.keys(shown).length === 0) ? {} : { prompt: shown };
  const parameters = { ...answer.parameters, ...said };
  const kind = model ? "model" : "tool";
  return { kind, name: answer.tool, version: answer.version, parameters };
}

function makingOf(shape: ProposedShape, origin: Origin): Making {
  const { geometry, class_name, confidence, attributes } = shape;
  return {
    geometry,
    origin,
    ...(class_name == null ? {} : { className: class_name }),
    ...(confidence == null ? {} : { confidence }),
    ...(attributes && Object.keys(attributes).length > 0 ? { attributes } : {}),
  };
}

/** A tool that shows the kernel where to look, and proposes what comes back. */
export function kernelTool(spec: KernelToolSpec): Tool<KernelToolState> {
  const takes = (kind: PromptKind) => spec.prompts.includes(kind);
  const unprompted = spec.prompts.length === 0;
  const about = takes("track");

  function ask(state: KernelToolState, ...more: Effect[]): Outcome<KernelToolState> {
    const turn = state.turn + 1;
    return same({ ...state, turn, waiting: true, done: null }, ...more, {
      type: "ask",
      turn,
      tool: spec.name,
      prompt: state.prompt,
    });
  }

  /** Ask about an object, as it is now. */
  function askAbout(
    state: KernelToolState,
    id: string | null | undefined,
    scene: Scene,
    ...more: Effect[]
  ): Outcome<KernelToolState> | null {
    const track = id ? scene.track(id) : null;
    if (!id || !track) return null;
    const fresh = {
      ...START,
      turn: state.turn,
      subject: id,
      prompt: { track },
      given: ["track" as const],
    };
    return ask(fresh, ...more);
  }

  function press(state: KernelToolState, event: PointerToolEvent, scene: Scene) {
    const at = clampPoint(event.at, scene.size);
    const first = state.given.length === 0;
    const marked = scene.selection.length === 1;
    const into = !first
      ? state.into
      : marked && event.alt
        ? "subtract"
        : marked && event.shift
          ? "add"
          : "new";
    // The first click shows what is meant, also when that is to be taken away from a mask.
    const positive = first || !event.alt;
    // Of a tool that takes both, what is not meant is never a box.
    const line = takes("scribbles") && (!takes("box") || event.shift || !positive);
    return same({ ...state, into, drag: { path: [at], positive, line } });
  }

  function release(
    state: KernelToolState,
    event: PointerToolEvent,
    scene: Scene,
  ): Outcome<KernelToolState> {
    const { drag } = state;
    const from = drag?.path[0];
    const to = drag?.path.at(-1);
    if (!drag || !from || !to) return same({ ...state, drag: null });
    const idle = { ...state, drag: null };
    const { positive } = drag;
    const still = drag.path.every((at) => distance(at, from) <= event.slack / 2);
    const { clicks = [], scribbles = [] } = state.prompt;
    const shown = spec.volume ? scene.cut : null;
    if (spec.volume && !shown) return same(idle, { type: "say", text: "This is no scan." });
    if (still && takes("clicks")) {
      const [x, y] = roundPoint(from);
      const click = shown ? clickOn(shown, from, positive) : { x, y, positive };
      return ask({
        ...idle,
        prompt: { ...state.prompt, clicks: [...clicks, click] },
        given: [...state.given, "clicks"],
      });
    }
    if (drag.line) {
      const line = shown
        ? lineOn(shown, drag.path, positive)
        : { points: drag.path.map(roundPoint), positive };
      return ask({
        ...idle,
        prompt: { ...state.prompt, scribbles: [...scribbles, line] },
        given: [...state.given, "scribbles"],
      });
    }
    if (still || !takes("box")) {
      return unprompted ? ask(idle) : same(idle, { type: "say", text: spec.hint });
    }
    const { minX, minY, maxX, maxY } = boxBetween(roundPoint(from), roundPoint(to));
    return ask({
      ...idle,
      prompt: { ...state.prompt, box: [minX, minY, maxX - minX, maxY - minY] },
      given: [...state.given.filter((kind) => kind !== "box"), "box"],
    });
  }

  function back(state: KernelToolState): Outcome<KernelToolState> {
    const kind = state.given.at(-1);
    if (!kind) return same(anew(state), { type: "unask" });
    const { clicks = [], scribbles = [] } = state.prompt;
    const { box: _, ...unboxed } = state.prompt;
    const prompt: Prompt =
      kind === "box"
        ? unboxed
        : kind === "clicks"
          ? { ...state.prompt, clicks: clicks.slice(0, -1) }
          : { ...state.prompt, scribbles: scribbles.slice(0, -1) };
    const given = state.given.slice(0, -1);
    if (given.length === 0) return same(anew(state), { type: "unask" });
    return ask({ ...state, prompt, given });
  }

  function finish(state: KernelToolState, scene: Scene): Outcome<KernelToolState> {
    const { answer, waiting } = state;
    if (waiting) return same({ ...state, hasty: true });
    if (!answer) {
      if (unprompted) return ask(state);
      return (about && askAbout(state, scene.selection.at(-1), scene)) || same(anew(state));
    }
    if (answer.shapes.length === 0) return same(anew(state));
    // A track may be long, and the label has it.
    const origin = originOf(answer, state.prompt, about, spec.model);
    const first = answer.shapes[0]?.geometry;
    if (state.subject && first?.type === "track")
      return same(anew(state), { type: "extend", id: state.subject, track: first, origin });
    const shapes = answer.shapes.map((shape) => makingOf(shape, origin));
    return same(anew(state), { type: "accept", shapes, into: state.into });
  }

  function answered(state: KernelToolState, scene: Scene): Outcome<KernelToolState> {
    if (state.hasty && state.answer?.shapes.length) return finish(state, scene);
    const made = state.answer?.shapes[0]?.geometry;
    const known = state.prompt.track;
    const extended = known && made?.type === "track" ? proposedFor(known, made) : null;
    return same({ ...state, extended });
  }

  return {
    name: spec.name,
    label: spec.label,
    key: spec.key,
    makes: spec.makes,
    cursor: "crosshair",
    hint: spec.hint,
    options: spec.options,
    computes: spec.name,
    through: spec.volume === true || spec.video === true,
    videos: spec.video === true,
    atOnce: about,
    start: START,
    busy: (state) =>
      state.given.length > 0 || state.waiting || state.answer !== null || state.drag !== null,
    says: (state) => {
      if (state.waiting) return "Computing… Escape gives up.";
      if (!state.answer) return about ? "Click on an object; Enter: what is selected." : null;
      if (state.answer.shapes.length === 0)
        return state.answer.note ?? "Nothing found here. Change the options, or Backspace.";
      return `${state.answer.note ? `${state.answer.note} ` : ""}Enter accepts, Escape drops.`;
    },

    reduce(state, event: ToolEvent, scene) {
      switch (event.type) {
        case "cancel":
          return same(anew(state), { type: "unask" });
        case "back":
          return back(state);
        case "finish":
        case "double":
          return finish(state, scene);
        case "settings":
          return state.given.length > 0 || (unprompted && state.answer) ? ask(state) : same(state);
        case "answer":
          if (event.turn !== state.turn) return same(state);
          return answered({ ...state, waiting: false, answer: event.answer }, scene);
        case "progress":
          return event.turn === state.turn ? same({ ...state, done: event.done }) : same(state);
        case "failed":
          if (event.turn !== state.turn) return same(state);
          return same(
            { ...state, waiting: false, answer: null, hasty: false },
            { type: "say", text: event.message, kind: "warning" },
          );
        case "down": {
          if (!about) return press(state, event, scene);
          const id = scene.pick(event.at, event.slack);
          const select = { type: "select", ids: id ? [id] : [] } as const;
          return (
            askAbout(state, id, scene, select) ?? same(state, { type: "say", text: spec.hint })
          );
        }
        case "move": {
          const { drag } = state;
          if (!drag || !event.pressed) return same(state);
          const at = clampPoint(event.at, scene.size);
          const path = drag.line ? [...drag.path, at] : [...drag.path.slice(0, 1), at];
          return same({ ...state, drag: { ...drag, path } });
        }
        case "up":
          return release(state, event, scene);
        default:
          return same(state);
      }
    },

    preview(state, scene): Preview {
      const { prompt, drag, answer, waiting } = state;
      const shown = spec.volume ? scene.cut : null;
      const strokes = [
        ...(prompt.scribbles ?? []).flatMap(({ positive, ...line }) => {
          const points = shown ? lineSeen(shown, { positive, ...line }) : line.points;
          return points ? [{ points, positive }] : [];
        }),
        ...(drag?.line ? [{ points: drag.path, positive: drag.positive }] : []),
      ];
      const from = drag?.path[0];
      const to = drag?.path.at(-1);
      const drawn = drag && !drag.line && takes("box") && from && to;
      const box = prompt.box;
      return {
        ...NOTHING,
        proposal: state.extended
          ? [state.extended]
          : (answer?.shapes ?? []).map((shape) => shape.geometry),
        remark: answer?.note ?? null,
        marks: answer?.marks ?? [],
        done: waiting ? state.done : null,
        clicks: (prompt.clicks ?? []).flatMap((click) => {
          const at: XY | null = shown ? clickSeen(shown, click) : [click.x, click.y];
          return at ? [{ at, positive: click.positive }] : [];
        }),
        guides: strokes.map(({ points, positive }) => ({ points, dashed: !positive })),
        marquee: drawn
          ? boxBetween(from, to)
          : box
            ? { minX: box[0], minY: box[1], maxX: box[0] + box[2], maxY: box[1] + box[3] }
            : null,
        waiting,
      };
    },
  };
}
