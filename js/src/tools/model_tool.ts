import { answerTo } from "../document/answers.ts";
import type { Answers } from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import { contains, distanceToOutline } from "../geometry/hit.ts";
import { type Answer, isAnswer, type ProposedShape } from "./kernel_call.ts";
import { type KernelToolSpec, type KernelToolState, kernelTool } from "./kernel_tool.ts";
import {
  type Choice,
  type Outcome,
  type PointerToolEvent,
  type Scene,
  same,
  type Tool,
  type ToolEvent,
} from "./tool.ts";

/** The option that hides what a model is less sure of; it asks nothing anew. */
export const CONFIDENCE = "confidence";

type Shapes = readonly ProposedShape[];

/** What a model is sure enough of, the surest first; what has no confidence is always seen. */
export function sureOf(shapes: Shapes, least: number): Shapes {
  return shapes
    .filter(({ confidence }) => (confidence ?? 1) >= least)
    .toSorted((a, b) => (b.confidence ?? 1) - (a.confidence ?? 1));
}

/** “car 87 %”; of an answer “light: night 87 %”, and what is answered now. */
export function worded(shape: ProposedShape, target?: string, answers: Answers = {}): string {
  const { class_name, confidence } = shape;
  const sure = confidence == null ? "" : ` ${Math.round(100 * confidence)} %`;
  const [question, value] = answerOf(shape) ?? [];
  if (question === undefined) return `${class_name ?? target ?? ""}${sure}`.trim();
  const now = answerTo(answers, question);
  return `${question}: ${inWords(value)}${sure}${now?.length ? ` (now ${inWords(now)})` : ""}`;
}

/** “car, dog” */
const inWords = (answer: Answers[string] = "") => [answer].flat().join(", ");

/** The question about the image that a shape answers, and how; the kernel sends each by itself. */
function answerOf(shape: ProposedShape) {
  return isAnswer(shape) ? Object.entries(shape.attributes ?? {})[0] : undefined;
}

/** Would it take the place of another answer? */
function replaces(shape: ProposedShape, { answers }: Scene): boolean {
  const [question] = answerOf(shape) ?? [];
  return question !== undefined && !!answerTo(answers, question)?.length;
}

/** A model: it proposes many shapes, of which all that it is sure enough of are taken, or each alone. */
export function modelTool(spec: KernelToolSpec): Tool<KernelToolState> {
  const base = kernelTool(spec);
  const prompted = spec.prompts.length > 0;
  const leastIn = ({ settings }: Scene) => Number(settings[CONFIDENCE] ?? 0);
  /** What is answered already as it is proposed needs no decision. */
  const open = ({ answer }: KernelToolState, { answers }: Scene): Shapes =>
    (answer?.shapes ?? []).filter((one) => {
      const [question, value] = answerOf(one) ?? [];
      return question === undefined || inWords(answerTo(answers, question)) !== inWords(value);
    });
  const seen = (state: KernelToolState, scene: Scene): Shapes =>
    sureOf(open(state, scene), leastIn(scene));
  const withShapes = (state: KernelToolState, answer: Answer, shapes: Shapes): KernelToolState => ({
    ...state,
    answer: { ...answer, shapes },
  });

  /** Take one shape, or drop it; the others stay proposed. */
  function decide(
    state: KernelToolState,
    one: ProposedShape | undefined,
    take: boolean,
    scene: Scene,
  ): Outcome<KernelToolState> {
    const { answer } = state;
    if (!answer || !one) return same(state);
    const rest = answer.shapes.filter((other) => other !== one);
    const taken = take
      ? base.reduce(withShapes(state, answer, [one]), { type: "finish" }, scene).effects
      : [];
    const after = rest.length > 0 ? withShapes(state, answer, rest) : undefined;
    if (after) return same(after, ...taken);
    return same(base.reduce(state, { type: "cancel" }, scene).state, ...taken);
  }

  /** Of the proposed shapes under the pointer the smallest. */
  function under(state: KernelToolState, { at, slack }: PointerToolEvent, scene: Scene) {
    const size = ({ geometry }: ProposedShape) => {
      const box = bounds(geometry);
      return box ? (box.maxX - box.minX) * (box.maxY - box.minY) : 0;
    };
    return seen(state, scene)
      .filter(
        ({ geometry }) =>
          geometry.type !== "tag" &&
          (contains(geometry, at) || distanceToOutline(geometry, at) <= slack),
      )
      .toSorted((a, b) => size(a) - size(b))[0];
  }

  return {
    ...base,
    says: (state, scene) => {
      if (!state.answer || state.answer.shapes.length === 0 || state.waiting)
        return base.says?.(state, scene) ?? null;
      const note = state.answer.note ? `${state.answer.note} ` : "";
      if (prompted)
        return `${note}Go on to correct it, with Alt for what is not meant. Enter accepts, Escape drops.`;
      const placed = seen(state, scene).some(({ geometry }) => geometry.type !== "tag");
      const alone = placed ? "Click one to take it, Alt-click to drop it. " : "";
      return `${note}${alone}Enter accepts all that are seen.`;
    },

    reduce(state, event: ToolEvent, scene) {
      const { answer, waiting } = state;
      const ready = answer !== null && !waiting && answer.shapes.length > 0;
      switch (event.type) {
        case "settings":
          return same(state);
        case "finish":
        case "double": {
          if (!ready) return base.reduce(state, event, scene);
          if (event.type === "double" && !prompted) return same(state);
          const shapes = seen(state, scene);
          if (shapes.length === 0)
            return same(state, { type: "say", text: "Nothing is seen: lower the confidence." });
          // Of several, those that would replace an answer are left to be taken alone.
          const kept = shapes.length > 1 ? shapes.filter((one) => replaces(one, scene)) : [];
          const taken = shapes.filter((one) => !kept.includes(one));
          const done = base.reduce(withShapes(state, answer, taken), { type: "finish" }, scene);
          if (kept.length === 0) return done;
          const text = "What is answered already is left: take it alone to replace it.";
          const effects = taken.length > 0 ? done.effects : [];
          return same(withShapes(state, answer, kept), ...effects, { type: "say", text });
        }
        case "answer":
          // Enter came first: it means what will be seen, not all.
          if (state.hasty && event.turn === state.turn) {
            const { state: after } = base.reduce({ ...state, hasty: false }, event, scene);
            return seen(after, scene).length > 0
              ? this.reduce(after, { type: "finish" }, scene)
              : same(after);
          }
          return base.reduce(state, event, scene);
        case "command":
          if (event.name === "hand.take" || event.name === "hand.drop")
            return decide(state, seen(state, scene)[0], event.name === "hand.take", scene);
          return same(state);
        case "decide": {
          const one = open(state, scene).find((shape) => answerOf(shape)?.[0] === event.question);
          return decide(state, one, event.take, scene);
        }
        case "down": {
          if (!ready || prompted) return base.reduce(state, event, scene);
          return decide(state, under(state, event, scene), !event.alt, scene);
        }
        case "move":
        case "up":
          if (ready && !prompted) return same(state);
          return base.reduce(state, event, scene);
        default:
          return base.reduce(state, event, scene);
      }
    },

    preview(state, scene) {
      const shapes = seen(state, scene);
      const made = base.preview(state, scene);
      if (!state.answer) return made;
      const choice: Choice = {
        shapes: shapes.map((one) => {
          const [question] = answerOf(one) ?? [];
          return {
            className: one.class_name ?? null,
            text: worded(one, scene.target?.name, scene.answers),
            ...(question !== undefined && { question }),
          };
        }),
        next: 0,
        all: open(state, scene).length,
        sure: state.answer.shapes.some(({ confidence }) => confidence != null),
      };
      return { ...made, proposal: shapes.map(({ geometry }) => geometry), choice };
    },
  };
}
