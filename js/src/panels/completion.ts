import { missing, questions } from "../document/answers.ts";
import type { Ontology } from "../document/types.ts";
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
    const names = missing(questions(ontology, annotation), annotation.attributes ?? {});
    if (names.length === 0) continue;
    result.push({ annotation: annotation.id, attributes: names.map((one) => one.name) });
  }
  return result;
}

/** What is missing, in one sentence. */
export function sentence(open: readonly Missing[], whose: string): string {
  const [first] = open;
  const count = open.reduce((sum, one) => sum + one.attributes.length, 0);
  const names = (first?.attributes ?? []).map((name) => `“${name}”`).join(", ");
  const more = count > (first?.attributes.length ?? 0) ? `, ${count} in all` : "";
  return `Not submitted: ${names} of ${whose} is required${more}.`;
}
