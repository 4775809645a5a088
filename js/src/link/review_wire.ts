import type { Annotation } from "../document/types.ts";

export interface Comment {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly created_at: string;
}

/** Something that is wrong: on an object x and y are relative to its box, else pixels. */
export interface Issue {
  readonly id: string;
  readonly annotation_id: string | null;
  readonly frame: number | null;
  readonly x: number | null;
  readonly y: number | null;
  readonly state: "open" | "resolved";
  readonly author: string;
  readonly resolved_by: string | null;
  readonly thread: readonly Comment[];
}

export interface Verdict {
  readonly kind: "accept" | "reject";
  readonly reviewer: string;
  readonly stage: string;
  readonly maker: string | null;
  readonly score: number | null;
  readonly comment: string | null;
  readonly tags: readonly string[];
  readonly diff: Readonly<Record<string, unknown>>;
  readonly time: string;
}

/** How a task is judged. */
export interface ReviewInfo {
  readonly task_id: string;
  readonly stage: string;
  readonly kind: string;
  /** `accept` and `reject` where this person may. */
  readonly actions: readonly string[];
  readonly strict: boolean;
  readonly tags: readonly string[];
  readonly maker: string | null;
  readonly rounds: number;
  readonly verdicts: readonly Verdict[];
  readonly issues: readonly Issue[];
}

/** What the buffer of `review` holds, as JSON, for one who judges. */
export interface ReviewBody {
  /** What the maker handed in. */
  readonly before: readonly Annotation[] | null;
  readonly opinions: readonly Opinion[];
}

export interface Opinion {
  readonly author: string;
  readonly annotations: readonly Annotation[];
}

export type ReviewAnswer =
  | ({ readonly type: "review"; readonly request: number } & ReviewInfo)
  | {
      readonly type: "issue";
      readonly request: number;
      readonly issue: Issue & { task_id: string };
    }
  | {
      readonly type: "acceptedall";
      readonly request: number;
      readonly accepted: number;
      readonly left: readonly { readonly task: string; readonly reason: string }[];
    };

export type ReviewQuestion =
  | { readonly type: "review"; readonly task: string }
  | {
      readonly type: "judge";
      readonly task: string;
      readonly verdict: "accept" | "reject";
      readonly score: number | null;
      readonly comment: string | null;
      readonly tags: readonly string[];
    }
  | {
      readonly type: "pin";
      readonly task: string;
      readonly id: string;
      readonly comment: string;
      readonly text: string;
      readonly annotation: string | null;
      readonly frame: number | null;
      readonly x: number | null;
      readonly y: number | null;
    }
  | {
      readonly type: "say";
      readonly issue: string;
      readonly how: "say" | "resolve" | "reopen";
      readonly comment: string;
      readonly text: string;
    }
  | { readonly type: "acceptall"; readonly tasks: readonly string[] };
