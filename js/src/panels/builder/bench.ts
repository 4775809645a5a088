import { computed, signal } from "@preact/signals";
import type { Ontology } from "../../document/types.ts";
import type { GuideNode } from "../guide.tsx";
import { classesOf, type Draft } from "./draft.ts";

export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Numbers of labels by class, and of answers by question and option; "" is the image. */
export type Usage = Readonly<
  Record<
    string,
    {
      readonly labels: number;
      readonly attributes: Readonly<
        Record<
          string,
          { readonly answers: number; readonly options: Readonly<Record<string, number>> }
        >
      >;
    }
  >
>;

/** What the kernel gives to edit. */
export interface Given {
  readonly ontology: Ontology;
  readonly instructions: string;
  readonly guide: readonly GuideNode[];
  /** The ontology as it is saved. */
  readonly base: Ontology;
  readonly usage: Usage;
  /** Colours that can be told apart. */
  readonly palette: readonly string[];
  /** Name of the project that it is saved to, null without one. */
  readonly project: string | null;
}

export interface Checked {
  readonly type: "checked";
  readonly request: number;
  readonly problems: readonly Problem[];
  readonly guide: readonly GuideNode[];
  readonly ontology?: Ontology;
  readonly python?: string;
  readonly json?: string;
  readonly saved?: string;
}

export type Request = {
  readonly type: "draft" | "save";
  readonly request: number;
  readonly ontology: Draft;
  readonly instructions: string;
};

export type Tab = "classes" | "image" | "guide" | "code";

interface Step {
  readonly draft: Draft;
  readonly instructions: string;
  /** Steps of the same field, one right after the other, are one. */
  readonly field: string;
}

const MERGE_MS = 1500;
const MOST_STEPS = 500;

/** The workbench of the builder: the draft, the way back, and what the kernel says of it. */
export class Bench {
  readonly draft = signal<Draft>({});
  readonly instructions = signal("");
  readonly base = signal<Ontology>({});
  readonly usage = signal<Usage>({});
  readonly palette = signal<readonly string[]>([]);
  readonly project = signal<string | null>(null);
  readonly problems = signal<readonly Problem[]>([]);
  /** The last ontology that had nothing wrong: what the labeller's panel is made from. */
  readonly good = signal<Ontology>({});
  readonly guide = signal<readonly GuideNode[]>([]);
  readonly python = signal("");
  readonly json = signal("");
  readonly said = signal("");
  readonly tab = signal<Tab>("classes");
  readonly chosen = signal(0);
  readonly past = signal<readonly Step[]>([]);
  readonly future = signal<readonly Step[]>([]);
  readonly saving = signal(false);
  readonly unsaved = signal(false);
  readonly current = computed(() => classesOf(this.draft.value)[this.chosen.value]);
  private request = 0;
  private touched = 0;

  constructor(private readonly send: (request: Request) => boolean) {}

  take(given: Given): void {
    this.base.value = given.base;
    this.usage.value = given.usage;
    this.palette.value = given.palette;
    this.project.value = given.project;
    const same =
      JSON.stringify(given.ontology) === JSON.stringify(this.good.value) &&
      given.instructions === this.instructions.value;
    if (!same || this.problems.value.length === 0) {
      this.draft.value = given.ontology;
      this.good.value = given.ontology;
      this.instructions.value = given.instructions;
      this.guide.value = given.guide;
      this.problems.value = [];
    }
    this.check("draft");
  }

  edit(draft: Draft, field: string): void {
    this.step(draft, this.instructions.value, field);
  }

  write(instructions: string): void {
    this.step(this.draft.value, instructions, "instructions");
  }

  undo(): void {
    this.travel(this.past, this.future);
  }

  redo(): void {
    this.travel(this.future, this.past);
  }

  save(): void {
    if (this.saving.value) return;
    this.saving.value = this.check("save");
  }

  hear(message: Checked): void {
    if (message.type !== "checked" || message.request !== this.request) return;
    this.saving.value = false;
    this.problems.value = message.problems;
    this.guide.value = message.guide;
    if (message.ontology) this.good.value = message.ontology;
    if (message.python !== undefined) this.python.value = message.python;
    if (message.json !== undefined) this.json.value = message.json;
    if (message.saved !== undefined && message.problems.length === 0) {
      this.unsaved.value = false;
      this.said.value = `Saved. ${message.saved}`;
      if (message.ontology) this.draft.value = message.ontology;
    }
  }

  /** What is wrong at a field, in words; undefined where nothing is. */
  problem(...path: readonly (string | number)[]): string | undefined {
    const key = path.join("\n");
    return this.problems.value.find((one) => one.path.join("\n") === key)?.message;
  }

  /** Is anything wrong at or below a place? */
  wrong(...path: readonly (string | number)[]): boolean {
    return this.problems.value.some(
      (one) => one.path.length >= path.length && path.every((part, at) => one.path[at] === part),
    );
  }

  private step(draft: Draft, instructions: string, field: string): void {
    const last = this.past.value.at(-1);
    const now = performance.now();
    const merges = last?.field === field && now - this.touched < MERGE_MS;
    this.touched = now;
    if (!merges) {
      const before = { draft: this.draft.value, instructions: this.instructions.value, field };
      this.past.value = [...this.past.value, before].slice(-MOST_STEPS);
    }
    this.future.value = [];
    this.put(draft, instructions);
  }

  private travel(from: typeof this.past, to: typeof this.past): void {
    const step = from.value.at(-1);
    if (!step) return;
    from.value = from.value.slice(0, -1);
    const here = { draft: this.draft.value, instructions: this.instructions.value, field: "" };
    to.value = [...to.value, { ...here, field: step.field }];
    this.touched = 0;
    this.put(step.draft, step.instructions);
  }

  private put(draft: Draft, instructions: string): void {
    this.draft.value = draft;
    this.instructions.value = instructions;
    this.unsaved.value = true;
    this.said.value = "";
    const last = classesOf(draft).length - 1;
    if (this.chosen.value > last) this.chosen.value = Math.max(0, last);
    this.check("draft");
  }

  private check(type: "draft" | "save"): boolean {
    const sent = this.send({
      type,
      request: ++this.request,
      ontology: this.draft.value,
      instructions: this.instructions.value,
    });
    if (!sent) this.said.value = "The kernel is gone. Run the cell again when it is back.";
    return sent;
  }
}
