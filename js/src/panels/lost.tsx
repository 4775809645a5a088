import type { Room } from "./room.ts";

/**
 * What helps where there is no notebook to run a cell of again: the page begins anew, with a
 * kernel of its own, and sends what this one could not.
 */
export function Lost({ room }: { room: Room }) {
  const { fills, save } = room.state;
  const kept = save.value.state === "kept";
  if (!fills.value || !(kept || room.waiting.lost.value)) return null;
  return (
    <div class="lw-lost" role="alert">
      <span>
        The server does not answer.{" "}
        {kept ? "What you drew is kept in this browser." : "All that you drew is saved."}
      </span>
      <button type="button" class="lw-button" onClick={() => window.location.reload()}>
        Load the page again
      </button>
    </div>
  );
}
