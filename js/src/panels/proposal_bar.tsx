import { commandKey } from "./keys.ts";
import type { Room } from "./room.ts";

/** What the kernel proposes, with its two ways out: seen where the eyes are, and within a finger's reach. */
export function ProposalBar({ room }: { room: Room }) {
  const { state, hand } = room;
  // Read so that it is drawn again with whatever the tool in hand is doing.
  void state.handVersion.value;
  if (!hand.computes || !hand.busy || state.readOnly.value) return null;
  const { proposal, waiting } = hand.preview();
  if (proposal.length === 0 && !waiting) return null;
  const act = (type: "finish" | "cancel") => {
    hand.handle({ type });
    room.focus();
  };
  return (
    <div class="lw-proposal" role="status">
      <span>{waiting ? "Computing…" : "Proposed"}</span>
      <button
        type="button"
        class="lw-button lw-primary"
        disabled={proposal.length === 0}
        title={`Accept (${commandKey("edit.finish")})`}
        onClick={() => act("finish")}
      >
        Accept
      </button>
      <button
        type="button"
        class="lw-button"
        title={`Drop (${commandKey("edit.cancel")})`}
        onClick={() => act("cancel")}
      >
        {waiting ? "Give up" : "Drop"}
      </button>
    </div>
  );
}
