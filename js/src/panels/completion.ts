import { missing, questions } from "../document/answers.ts";
import type { Annotation, Answers, Attribute, Ontology } from "../document/types.ts";
import { keysOf } from "../geometry/track.ts";
import { isVisible } from "../geometry/track_standing.ts";
import type { Labels } from "./labels.ts";
import type { Mode } from "./offer.ts";
import type { Missing } from "./state.ts";

/** The required answers that are still open, those about the image first. */
export function missingAnswers(labels: Labels, ontology: Ontology, mode: Mode = "both"): Missing[] {
  const result: Missing[] = [];
  const image = labels.document.get(labels.imageId);
  const open = missing(ontology.image_attributes ?? [], image?.attributes ?? {});
  if (open.length > 0) result.push({ annotation: null, attributes: open.map((one) => one.name) });
  if (mode === "classification") return result;
  for (const annotation of labels.objects()) {
    const { names, frame } = openOf(annotation, questions(ontology, annotation));
    if (names.length === 0) continue;
    result.push({ annotation: annotation.id, attributes: names, frame });
  }
  return result;
}

/**
 * The required questions that an object leaves open: of a track on any frame on which it is in the
 * picture, with the first such frame.
 */
export function openOf(
  { geometry, attributes = {} }: Annotation,
  asked: readonly Attribute[],
): { readonly names: readonly string[]; readonly frame: number | null } {
  const namesOf = (answers: Answers) => missing(asked, answers).map((one) => one.name);
  const frame = null;
  if (!asked.some((one) => one.required)) return { names: [], frame };
  if (geometry.type !== "track") return { names: namesOf(attributes), frame };
  const found = new Set<string>();
  let first: number | null = null;
  let held: Answers = attributes;
  let judged: Answers | null = null;
  for (const key of keysOf(geometry)) {
    const keyframe = geometry.keyframes[key];
    if (keyframe?.attributes) held = { ...held, ...keyframe.attributes };
    if (!isVisible(keyframe) || judged === held) continue;
    judged = held;
    const names = namesOf(held);
    if (names.length > 0) first ??= key;
    for (const name of names) found.add(name);
  }
  const names = asked.flatMap(({ name }) => (found.has(name) ? [name] : []));
  return { names, frame: first };
}

/** What is missing, in one sentence. */
export function sentence(open: readonly Missing[], whose: string): string {
  const [first] = open;
  const count = open.reduce((sum, one) => sum + one.attributes.length, 0);
  const names = (first?.attributes ?? []).map((name) => `“${name}”`).join(", ");
  const more = count > (first?.attributes.length ?? 0) ? `, ${count} in all` : "";
  return `Not submitted: ${names} of ${whose} is required${more}.`;
}
