import { commandKey } from "./keys.ts";
import type { Room } from "./room.ts";

const WAYS = [
  { tracks: true, label: "Track", about: "What is drawn begins an object that goes on" },
  { tracks: false, label: "This frame", about: "What is drawn is on this frame alone" },
] as const;

/** On a video: whether what is drawn begins a track, or is on its frame alone. */
export function TrackSwitch({ room }: { room: Room }) {
  const { state } = room;
  void state.tool.value;
  void state.tracking.value;
  if (!room.onFrames || room.hand.makes.length === 0 || state.readOnly.value) return null;
  const now = room.makesTracks;
  return (
    <fieldset class="lw-switch" aria-label="What is drawn">
      {WAYS.map(({ tracks, label, about }) => (
        <button
          type="button"
          key={label}
          aria-pressed={now === tracks}
          title={`${about} (${commandKey("track.mode")})`}
          onClick={() => {
            room.useTracks(tracks);
            room.focus();
          }}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}
