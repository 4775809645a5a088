import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { frameFor } from "./go_to.ts";
import { commandKey } from "./keys.ts";
import type { Room } from "./room.ts";

/** Which frame is shown, of how many; a click makes it a field for the frame to go to. */
export function FrameField({ room }: { room: Room }) {
  const { state } = room;
  const { seeking, frame } = state;
  const { film } = room.pane;
  const field = useRef<HTMLInputElement>(null);
  const wrong = useSignal("");
  useLayoutEffect(() => {
    if (seeking.value) field.current?.select();
  }, [seeking.value]);
  const { times } = film;
  const [first, last] = film.ends;
  const part = last - first + 1 < film.count;
  const leave = () => {
    if (!seeking.value) return;
    seeking.value = false;
    wrong.value = "";
    room.focus();
  };
  if (!seeking.value || !times) {
    const pts = times ? `, timestamp (pts) ${times.pts(frame.value)}` : "";
    return (
      <button
        type="button"
        class="lw-count lw-frame lw-button lw-quiet"
        title={`${part ? `A clip: frames ${first + 1} to ${last + 1} of ${film.count}. ` : ""}Index ${frame.value} in files and code, which count from 0${pts}. Go to a frame, time or timestamp… (${commandKey("view.goto")})`}
        onClick={(event) => {
          // The keys stay with the field.
          event.stopPropagation();
          seeking.value = true;
        }}
      >
        {`${frame.value + 1} / ${last + 1}`}
      </button>
    );
  }
  return (
    <form
      class="lw-frame-field"
      onSubmit={(event) => {
        event.preventDefault();
        const found = frameFor(field.current?.value ?? "", times);
        if ("error" in found) {
          wrong.value = found.error;
          return;
        }
        if (found.frame < first || found.frame > last) {
          wrong.value = `This clip has the frames ${first + 1} to ${last + 1} of the video.`;
          return;
        }
        leave();
        void room.player.seek(found.frame);
      }}
    >
      <input
        ref={field}
        class="lw-input"
        type="text"
        aria-label="Go to frame, time or timestamp"
        aria-invalid={wrong.value !== ""}
        placeholder="120, 0:12.5, pts 4096"
        defaultValue={String(frame.value + 1)}
        onInput={() => {
          wrong.value = "";
        }}
        onBlur={leave}
      />
      {wrong.value && (
        <output class="lw-wrong" role="alert">
          {wrong.value}
        </output>
      )}
    </form>
  );
}
