export type AdjudicateAnswer =
  | {
      /** The disputes come in a buffer, as JSON. */
      readonly type: "adjudication";
      readonly request: number;
      readonly people: readonly string[];
      readonly method: string;
    }
  | {
      /** The picture comes in a buffer. */
      readonly type: "heat";
      readonly request: number;
      /** Of the pixels about which anybody differs. */
      readonly share: number;
      readonly mime: string;
    };

export type AdjudicateQuestion =
  | { readonly type: "adjudicate"; readonly task: string }
  | { readonly type: "heat"; readonly task: string; readonly frame: number | null };
