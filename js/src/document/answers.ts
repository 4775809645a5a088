import type { Annotation, Answers, Attribute, ObjectClass, Ontology, Origin } from "./types.ts";

/** The answer to a question; one called "constructor" has none until it is given. */
export function answerTo(answers: Answers, name: string): string | readonly string[] | undefined {
  return Object.hasOwn(answers, name) ? answers[name] : undefined;
}

/** Is this question asked, given the other answers? */
export function shown(attribute: Attribute, answers: Answers): boolean {
  return Object.entries(attribute.shown_if ?? {}).every(([other, wanted]) => {
    const answer = answerTo(answers, other);
    const given = typeof answer === "string" ? [answer] : (answer ?? []);
    return given.some((one) => wanted.includes(one));
  });
}

/** The required questions that are asked and not answered. */
export function missing(attributes: readonly Attribute[], answers: Answers): Attribute[] {
  return attributes.filter(
    (attribute) =>
      attribute.required &&
      !attribute.retired &&
      shown(attribute, answers) &&
      !answerTo(answers, attribute.name)?.length,
  );
}

/** The answers with one of them changed; an empty answer is none. */
export function answer(answers: Answers, name: string, value: string | readonly string[]): Answers {
  if (value.length > 0) return { ...answers, [name]: value };
  const { [name]: _, ...others } = answers;
  return others;
}

/** An origin that also says what a model proposed as the answer to a question, and how sure it was. */
export function withAnswer(
  origin: Origin | undefined,
  question: string,
  said: string | readonly string[],
  by: Origin | undefined,
  confidence: number | null = null,
): Origin {
  const { parameters = {}, ...rest } = origin ?? {};
  const { name = null, version = null } = by ?? {};
  const before = parameters.answers as Readonly<Record<string, unknown>> | undefined;
  const answers = { ...before, [question]: { answer: said, name, version, confidence } };
  return { ...rest, parameters: { ...parameters, answers } };
}

/** The answers without those to questions that are not asked any more. */
export function asked(attributes: readonly Attribute[], answers: Answers): Answers {
  const gone = attributes.filter((one) => Object.hasOwn(answers, one.name) && !shown(one, answers));
  if (gone.length === 0) return answers;
  const names = new Set(gone.map((one) => one.name));
  const left = Object.entries(answers).filter(([name]) => !names.has(name));
  // What is left may have hidden others that depended on it.
  return asked(attributes, Object.fromEntries(left));
}

export function classOf(
  ontology: Ontology,
  name: string | null | undefined,
): ObjectClass | undefined {
  return ontology.classes?.find((made) => made.name === name);
}

/** The questions that are asked of an annotation. */
export function questions(ontology: Ontology, annotation: Annotation): readonly Attribute[] {
  if (annotation.class_name == null) return ontology.image_attributes ?? [];
  return classOf(ontology, annotation.class_name)?.attributes ?? [];
}
