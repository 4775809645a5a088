import { Icon } from "./icons.tsx";
import type { Room } from "./room.ts";

/** Saved, saving, or kept in this browser: never silent. */
export function SaveBadge({ room }: { room: Room }) {
  const save = room.state.save.value;
  switch (save.state) {
    case "saved":
      return (
        <span
          class="lw-badge"
          data-state="saved"
          role="status"
          title="Every label is in the store."
        >
          <Icon name="saved" size={14} /> Saved
        </span>
      );
    case "saving":
      return (
        <span class="lw-badge" data-state="saving" role="status">
          <Icon name="saving" size={14} /> Saving…
        </span>
      );
    default:
      return (
        <button
          type="button"
          class="lw-badge"
          data-state="kept"
          title={`${save.reason} Your labels are safe in this browser and will be saved when it is back. Click to try now.`}
          onClick={() => room.saving.retry()}
        >
          <Icon name="kept" size={14} /> {room.state.narrow.value ? "Kept" : "Kept in this browser"}{" "}
          ({save.count})
        </button>
      );
  }
}
