import { questions } from "./answers.ts";
import type { Annotation, Answers, Attribute, Fields, Ontology } from "./types.ts";

/** A draft or a label from before something was renamed, under the names that things have now. */
export function renamed<T extends Omit<Fields, "geometry">>(
  ontology: Ontology,
  fields: T,
  was?: Annotation,
): T {
  const name = fields.class_name === undefined ? was?.class_name : fields.class_name;
  const current = classNow(ontology, name);
  const asked = questions(ontology, { class_name: current ?? null } as Annotation);
  const attributes = fields.attributes && answersNow(asked, fields.attributes);
  const sameName = fields.class_name == null || fields.class_name === current;
  if (sameName && attributes === fields.attributes) return fields;
  return {
    ...fields,
    ...(sameName ? {} : { class_name: current }),
    ...(attributes ? { attributes } : {}),
  };
}

function classNow(ontology: Ontology, name: string | null | undefined): string | null | undefined {
  if (name == null) return name;
  const classes = ontology.classes ?? [];
  if (classes.some((made) => made.name === name)) return name;
  return classes.find((made) => made.formerly?.includes(name))?.name ?? name;
}

function answersNow(asked: readonly Attribute[], answers: Answers): Answers {
  const made: Record<string, string | readonly string[]> = {};
  let changed = false;
  for (const [name, answer] of Object.entries(answers)) {
    const question =
      asked.find((one) => one.name === name) ?? asked.find((one) => one.formerly?.includes(name));
    const current = question?.name ?? name;
    if (current !== name && (Object.hasOwn(answers, current) || Object.hasOwn(made, current))) {
      changed = true;
      continue;
    }
    const value = question && question.type !== "text" ? optionsNow(question, answer) : answer;
    changed ||= current !== name || value !== answer;
    made[current] = value;
  }
  return changed ? made : answers;
}

function optionsNow(
  question: Extract<Attribute, { options: readonly string[] }>,
  answer: string | readonly string[],
): string | readonly string[] {
  const former = question.former_options ?? {};
  const now = (one: string) => (Object.hasOwn(former, one) ? (former[one] ?? one) : one);
  if (typeof answer === "string") return now(answer);
  return answer.some((one) => now(one) !== one) ? [...new Set(answer.map(now))] : answer;
}
