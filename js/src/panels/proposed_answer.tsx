import type { Room } from "./room.ts";

/** The builder's room has no hand. */
export type Proposing = Pick<Room, "state"> & Partial<Pick<Room, "hand" | "focus">>;

/** What a model proposes as the answer to a question about the image, beside the question. */
export function ProposedAnswer({ room, question }: { room: Proposing; question: string }) {
  const { hand, state } = room;
  // Read so that it is drawn again with whatever the tool in hand is doing.
  void state.handVersion.value;
  if (!hand?.computes || !hand.busy || state.readOnly.value) return null;
  const one = hand.preview().choice?.shapes.find((shape) => shape.question === question);
  if (!one) return null;
  const decide = (take: boolean) => () => {
    hand.handle({ type: "decide", question, take });
    room.focus?.();
  };
  return (
    <p class="lw-proposed">
      <span>{one.text.slice(question.length + 2)}</span>
      <button
        type="button"
        class="lw-button"
        aria-label={`Take: ${one.text}`}
        onClick={decide(true)}
      >
        Take
      </button>
      <button
        type="button"
        class="lw-button"
        aria-label={`Drop: ${one.text}`}
        onClick={decide(false)}
      >
        Drop
      </button>
    </p>
  );
}
