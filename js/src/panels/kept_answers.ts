import type { Question } from "../link/computing.ts";
import type { Answer } from "../tools/kernel_call.ts";

/** Bytes of all answers together; a map of superpixels of 12 megapixels has two to eight. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Answers about whole pictures, for when they are asked for again; the oldest go first. */
export class KeptAnswers {
  private readonly answers = new Map<string, Answer>();
  private bytes = 0;

  constructor(private readonly most = MOST_BYTES) {}

  get(question: Question): Answer | undefined {
    const key = keyOf(question);
    const answer = this.answers.get(key);
    if (answer) {
      this.answers.delete(key);
      this.answers.set(key, answer);
    }
    return answer;
  }

  put(question: Question, answer: Answer): void {
    const key = keyOf(question);
    const before = this.answers.get(key);
    if (before) this.bytes -= sizeOf(before);
    this.answers.delete(key);
    this.answers.set(key, answer);
    this.bytes += sizeOf(answer);
    for (const [oldest, one] of this.answers) {
      if (this.bytes <= this.most || oldest === key) break;
      this.answers.delete(oldest);
      this.bytes -= sizeOf(one);
    }
  }
}

/** What the answer depends on; `as` is for shapes, of which such answers have none. */
function keyOf({ item, frame, tool, prompt, parameters }: Question): string {
  return JSON.stringify([item, frame ?? null, tool, prompt, parameters]);
}

function sizeOf(answer: Answer): number {
  return Object.values(answer.arrays).reduce((sum, { values }) => sum + values.byteLength, 0);
}
