import type { Geometry } from "../document/types.ts";
import { area } from "../geometry/area.ts";
import { runsArea, runsOf } from "../geometry/runs.ts";
import { commandKey } from "./keys.ts";
import type { Room } from "./room.ts";

/** How much is proposed: a few pixels lie hidden under the mark of the click. */
function sizeOf(proposal: readonly Geometry[]): string {
  const pixels = proposal.reduce((sum, made) => {
    if (made.type === "mask") return sum + runsArea(runsOf(made.rle));
    return made.type === "polygon" ? sum + area(made) : sum;
  }, 0);
  return pixels > 0 ? `: ${Math.round(pixels).toLocaleString("en")} px` : "";
}

/** A tool compiles, and reads the picture, before its first answer: that is no endless computation. */
function waitingFor({ hand, state }: Room): string {
  return state.preparing.value.has(hand.computes ?? "") ? PREPARING : "Computing…";
}

const PREPARING = "Preparing the tool; the first time takes a while…";

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
      <span>{waiting ? waitingFor(room) : `Proposed${sizeOf(proposal)}`}</span>
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
