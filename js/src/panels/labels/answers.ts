import { answer, answerTo, asked, questions, withAnswer } from "../../document/answers.ts";
import type { Draft } from "../../document/document.ts";
import type { Annotation, Answers, Attribute, Ontology } from "../../document/types.ts";
import { answered } from "../../geometry/track_edits.ts";
import { answersAt } from "../../geometry/track_standing.ts";
import type { Making } from "../../tools/tool.ts";

/** What of a label changes with an answer: nothing, or null where there is nothing to be said. */
export function answerDrafts(
  one: Annotation,
  name: string,
  value: string | readonly string[],
  ontology: Ontology,
  frame: number | null,
): Draft[] | null {
  const all = questions(ontology, one);
  const { geometry, attributes: before = {} } = one;
  if (geometry.type === "track") {
    const question = all.find((some) => some.name === name);
    if (question?.mutable) return answerFrom(one, question, value, frame);
  }
  const attributes = withoutHidden(one, answer(before, name, value), all, frame);
  if (JSON.stringify(attributes) === JSON.stringify(before)) return [];
  return [{ kind: "update", annotation: one.id, after: { attributes } }];
}

/** Answers without those to questions that are hidden now. */
function withoutHidden(
  one: Annotation,
  answers: Answers,
  all: readonly Attribute[],
  frame: number | null,
): Answers {
  if (one.geometry.type !== "track") return asked(all, answers);
  // What is asked may depend on what was answered on this frame.
  const now = asked(all, { ...answersAt(one, frame), ...answers });
  return Object.fromEntries(Object.entries(answers).filter(([name]) => Object.hasOwn(now, name)));
}

/** An answer that holds from this frame on, until it is answered otherwise. */
function answerFrom(
  one: Annotation,
  { name, type }: Attribute,
  value: string | readonly string[],
  frame: number | null,
): Draft[] | null {
  const { id, geometry } = one;
  if (geometry.type !== "track" || frame === null) return [];
  if (JSON.stringify(answersAt(one, frame)[name]) === JSON.stringify(value)) return [];
  // No choice can be taken back to what was held before it; a text, or several choices, to none.
  const clears = type === "text" || type === "checkbox";
  const made = answered(geometry, frame, name, value.length > 0 || clears ? value : null);
  return made && [{ kind: "update", annotation: id, after: { geometry: made } }];
}

/** Answers about the image that a model proposed, put among those that are there. */
export function proposedAnswers(
  annotation: string,
  was: Annotation | undefined,
  making: readonly Making[],
  ontology: Ontology,
): {
  readonly drafts: readonly Draft[];
  /** “light” was “day” */
  readonly replaced: readonly string[];
} {
  const before = was?.attributes ?? {};
  let attributes = before;
  let by = was?.origin;
  let confidence = was?.confidence;
  const replaced: string[] = [];
  for (const { attributes: given = {}, origin, confidence: sure } of making)
    for (const [name, value] of Object.entries(given)) {
      const now = answerTo(attributes, name);
      if (now?.length) replaced.push(`“${name}” was “${now}”`);
      attributes = answer(attributes, name, value);
      by = withAnswer(by ?? (was ? { kind: "hand" } : origin), name, value, origin, sure);
      if (!was || by.kind === "model") confidence = Math.min(sure ?? 1, confidence ?? 1);
    }
  attributes = asked(ontology.image_attributes ?? [], attributes);
  if (!by || JSON.stringify(attributes) === JSON.stringify(before))
    return { drafts: [], replaced: [] };
  const after = { attributes, origin: by, ...(confidence != null && { confidence }) };
  const drafts: Draft[] = was
    ? [{ kind: "update", annotation, after }]
    : [
        {
          kind: "create",
          annotation,
          after: { class_name: null, geometry: { type: "tag" }, ...after },
        },
      ];
  return { drafts, replaced };
}
