import type { Draft } from "./document.ts";

/** So few drafts are never too large for one message. */
const FEW = 100;
const MOST_LETTERS = 2_000_000;

/** A gesture travels in one message, and messages have a limit: a huge one becomes several. */
export function pieces(drafts: readonly Draft[]): Draft[][] {
  const result: Draft[][] = [];
  let piece: Draft[] = [];
  let letters = 0;
  for (const draft of drafts) {
    const size = drafts.length < FEW ? 0 : JSON.stringify(draft).length;
    if (piece.length > 0 && letters + size > MOST_LETTERS) {
      result.push(piece);
      piece = [];
      letters = 0;
    }
    piece.push(draft);
    letters += size;
  }
  return piece.length > 0 ? [...result, piece] : result;
}
