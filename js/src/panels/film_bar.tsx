import { FrameField } from "./frame_field.tsx";
import { timeText } from "./go_to.ts";
import { IconButton } from "./icon_button.tsx";
import { commandKey } from "./keys.ts";
import { SPEEDS } from "./player.ts";
import type { Room } from "./room.ts";
import { Scrub } from "./scrub.tsx";

/** The frames of a video in the order of time: play them, or go to one. */
export function FilmBar({ room }: { room: Room }) {
  const { player, state } = room;
  const { film } = room.pane;
  const playing = player.playing.value;
  const dropped = player.dropped.value;
  const seconds = film.times?.seconds(state.frame.value) ?? 0;
  return (
    <nav class="lw-timeline lw-film" aria-label="Video">
      <IconButton
        icon={playing ? "pause" : "play"}
        label={playing ? "Pause" : "Play"}
        hint={commandKey("view.play")}
        onClick={() => player.toggle()}
      />
      <FrameField room={room} />
      <span class="lw-time" title="Time from the first frame">
        {timeText(seconds)}
      </span>
      <Scrub room={room} />
      {dropped > 0 && !playing && (
        <span
          class="lw-dropped"
          role="status"
          title="Frames that were not ready when they were due, and were left out while it played. What was shown was right."
        >
          {dropped} dropped
        </span>
      )}
      <select
        class="lw-input"
        aria-label="Speed"
        title="Times the video's own rate"
        value={player.speed.value}
        onChange={(event) => {
          player.speed.value = Number(event.currentTarget.value);
        }}
      >
        {SPEEDS.map((speed) => (
          <option key={speed} value={speed}>
            {speed}×
          </option>
        ))}
      </select>
    </nav>
  );
}
