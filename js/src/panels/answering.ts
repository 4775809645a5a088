import { answerTo } from "../document/answers.ts";
import type { Answers, Attribute, ChoiceAttribute } from "../document/types.ts";
import { askedNow, inFocus, isOpen, optionFor, stepFrom } from "./asking.ts";
import { choose } from "./attributes.tsx";
import { isTag, offered } from "./offer.ts";
import type { Room } from "./room.ts";

/** A key that was pressed before the picture it is for was seen is good for so long. */
const PATIENCE_MS = 1000;

interface Held {
  readonly key: string;
  readonly until: number;
}

/** Answering the questions about images by keys alone, one picture after the other. */
export class Asking {
  private held: Held[] = [];

  constructor(private readonly room: Room) {}

  /** Do what a key stands for in a questionnaire; false where it stands for nothing there. */
  press(key: string, inForm: boolean): boolean {
    const digit = /^[1-9]$/.test(key);
    const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    if ((step !== 0 || key === "Enter") && inForm) return false;
    if (!digit && step === 0 && key !== "Enter") return false;
    if (step !== 0) this.step(step);
    else if (this.seen && this.held.length === 0) this.act(key);
    else this.hold(key);
    return true;
  }

  /** Answer a question, and go on. */
  choose(question: ChoiceAttribute, option: string): void {
    const { labels, state } = this.room;
    if (!labels || state.readOnly.value) {
      this.say("This task is closed. Reopen it first.");
      return;
    }
    const before = answerTo(this.answers, question.name);
    const chosen = typeof before === "string" ? [before] : (before ?? []);
    labels.answerImage(question.name, choose(question, chosen, option));
    if (question.type === "checkbox") state.question.value = question.name;
    else this.goOn();
  }

  /** The picture is painted: keys that waited for it are for it. */
  pictureSeen(): void {
    const now = performance.now();
    const late = this.held.filter(({ until }) => now > until).length;
    this.held = this.held.slice(late);
    if (late > 0) {
      const keys = late > 1 ? `${late} keys were` : "A key was";
      this.say(`${keys} pressed before the picture was there, and did nothing.`);
    }
    // What an answer leaves over is for this picture still, or waits for the next one.
    while (this.seen) {
      const held = this.held.shift();
      if (!held) return;
      this.act(held.key);
      // The others waited for this one, not for their picture: that is on its way only now.
      const until = performance.now() + PATIENCE_MS;
      this.held = this.held.map((one) => ({ ...one, until }));
    }
  }

  private get seen(): boolean {
    return this.room.state.status.value.kind === "ready" && !this.room.desk.leaving;
  }

  private get answers(): Answers {
    const { labels } = this.room;
    return labels?.document.get(labels.imageId)?.attributes ?? {};
  }

  private get questions(): readonly Attribute[] {
    return this.room.state.ontology.value.image_attributes ?? [];
  }

  private hold(key: string): void {
    if (this.room.state.status.value.kind === "done") return;
    this.held.push({ key, until: performance.now() + PATIENCE_MS });
  }

  private act(key: string): void {
    const question = inFocus(this.questions, this.answers, this.room.state.question.value);
    if (key === "Enter") this.goOn(question?.name);
    else if (this.questions.length === 0) this.toggleTag(Number(key));
    if (key === "Enter" || !question || question.type === "text") return;
    const option = optionFor(question, Number(key));
    if (option !== undefined) this.choose(question, option);
  }

  /** Where nothing is asked, digits switch the tags. */
  private toggleTag(number: number): void {
    const tag = offered(this.room.state.ontology.value).filter(isTag)[number - 1];
    if (tag) this.room.choice.chooseClass(tag.name);
  }

  private step(step: number): void {
    const { state } = this.room;
    const now = inFocus(this.questions, this.answers, state.question.value)?.name;
    state.question.value = stepFrom(this.questions, this.answers, now, step);
  }

  /** Go to the next open question; after the last one hand in, where that is wanted. */
  private goOn(after?: string): void {
    const { state, desk } = this.room;
    const asked = askedNow(this.questions, this.answers);
    const from = asked.findIndex((one) => one.name === after);
    const open = [...asked.slice(from + 1), ...asked.slice(0, from + 1)].find(
      (one) => isOpen(one, this.answers) && (after === undefined || one.name !== after),
    );
    if (open && (after === undefined || open.required || asked.indexOf(open) > from)) {
      state.question.value = open.name;
      return;
    }
    // Enter after the last question hands in too, where keys alone should do.
    if (state.advance.value || after !== undefined) void desk.advance();
  }

  private say(text: string): void {
    this.room.board.say(text, "warning");
  }
}
