import { useLayoutEffect, useRef } from "preact/hooks";
import type { Room } from "./room.ts";

const REASONS = ["Nothing to label", "Unclear what is asked", "Picture is unusable"];

/** Opens the form below. */
export function SkipButton({ room }: { room: Room }) {
  const { state } = room;
  return (
    <button
      type="button"
      class="lw-button"
      disabled={!state.task.value || state.readOnly.value}
      title="Put this task aside, saying why, and take the next"
      aria-expanded={state.skipping.value}
      onClick={() => {
        state.skipping.value = !state.skipping.value;
        if (state.narrow.value) state.sideOpen.value = false;
      }}
    >
      Skip
    </button>
  );
}

/** Why a task is put aside: one click, or a few words. */
export function SkipForm({ room }: { room: Room }) {
  const { state } = room;
  const field = useRef<HTMLInputElement>(null);
  const open = state.skipping.value;
  useLayoutEffect(() => {
    if (open) field.current?.focus({ preventScroll: true });
  }, [open]);
  if (!open || !state.task.value) return null;
  const close = () => {
    state.skipping.value = false;
    room.focus();
  };
  const skip = (reason: string) => {
    if (!reason.trim()) return;
    close();
    void room.desk.skip(reason.trim());
  };
  return (
    <div class="lw-popover lw-skip" role="dialog" aria-label="Why skip this task?">
      <div class="lw-popover-head">
        <span class="lw-name">Why skip?</span>
      </div>
      {REASONS.map((reason) => (
        <button key={reason} type="button" class="lw-class" onClick={() => skip(reason)}>
          {reason}
        </button>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          skip(field.current?.value ?? "");
        }}
      >
        <input
          class="lw-input"
          ref={field}
          type="text"
          maxLength={1000}
          placeholder="Another reason, then Enter"
          aria-label="Another reason"
        />
      </form>
    </div>
  );
}
