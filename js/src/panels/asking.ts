import { answerTo, shown } from "../document/answers.ts";
import type { Answers, Attribute, ChoiceAttribute } from "../document/types.ts";

/** The questions about the image that are asked now. */
export function askedNow(attributes: readonly Attribute[], answers: Answers): Attribute[] {
  return attributes.filter((one) => !one.retired && shown(one, answers));
}

export function isOpen(attribute: Attribute, answers: Answers): boolean {
  return !answerTo(answers, attribute.name)?.length;
}

/** The question that digits answer: the one that was gone to, else the first open one. */
export function inFocus(
  attributes: readonly Attribute[],
  answers: Answers,
  goneTo: string | null,
): Attribute | undefined {
  const asked = askedNow(attributes, answers);
  return (
    asked.find((one) => one.name === goneTo) ??
    asked.find((one) => isOpen(one, answers)) ??
    asked.at(-1)
  );
}

/** The question so many places on from another; it stays within the list. */
export function stepFrom(
  attributes: readonly Attribute[],
  answers: Answers,
  from: string | undefined,
  step: number,
): string | null {
  const asked = askedNow(attributes, answers);
  const now = asked.findIndex((one) => one.name === from);
  const next = Math.min(asked.length - 1, Math.max(0, now + step));
  return asked[next]?.name ?? null;
}

/** What a digit from 1 to 9 stands for in a question. */
export function optionFor(attribute: ChoiceAttribute, digit: number): string | undefined {
  return attribute.options[digit - 1];
}
