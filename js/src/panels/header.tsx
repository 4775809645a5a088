import { Icon } from "./icons.tsx";
import type { Room } from "./room.ts";
import { SaveBadge } from "./save_badge.tsx";
import { SkipButton } from "./skip_form.tsx";

/** What is open, the way to its neighbours, and whether the work is saved. */
export function Header({ room }: { room: Room }) {
  const { state } = room;
  const task = state.task.value;
  const { index, total } = state;
  const narrow = state.narrow.value;
  return (
    <header class="lw-header">
      <div class="lw-where">
        <span class="lw-counter">
          {task ? `${index.value + 1} of ${total.value}` : `${total.value} tasks`}
        </span>
        <span class="lw-title" title={task?.title}>
          {task?.title ?? state.project.value}
        </span>
        {task && task.state !== "queued" && task.state !== "in_progress" && (
          <span class={`lw-pill lw-pill-${task.state}`}>{task.state.replace("_", " ")}</span>
        )}
      </div>
      <div class="lw-actions">
        <SaveBadge room={room} />
        <button
          type="button"
          class="lw-button lw-quiet"
          disabled={!state.canUndo.value || state.readOnly.value}
          title="Undo (Ctrl+Z)"
          aria-label="Undo"
          onClick={() => room.undo()}
        >
          <Icon name="undo" />
        </button>
        <button
          type="button"
          class="lw-button lw-quiet"
          disabled={!state.canRedo.value || state.readOnly.value}
          title="Redo (Ctrl+Shift+Z)"
          aria-label="Redo"
          onClick={() => room.redo()}
        >
          <Icon name="redo" />
        </button>
        <span class="lw-rule" />
        <button
          type="button"
          class="lw-button lw-quiet"
          disabled={!task || index.value <= 0}
          title="Previous item (A)"
          aria-label="Previous item"
          onClick={() => task && room.desk.open(task.id, -1)}
        >
          <Icon name="previous" />
        </button>
        <button
          type="button"
          class="lw-button lw-quiet"
          disabled={!task || index.value + 1 >= total.value}
          title="Next item (D)"
          aria-label="Next item"
          onClick={() => task && room.desk.open(task.id, 1)}
        >
          <Icon name="next" />
        </button>
        {state.readOnly.value ? (
          <button type="button" class="lw-button" onClick={() => room.desk.reopen()}>
            <Icon name="reopen" /> Reopen
          </button>
        ) : (
          <>
            {!narrow && <SkipButton room={room} />}
            <button
              type="button"
              class="lw-button lw-primary"
              disabled={!task || state.status.value.kind !== "ready"}
              title="Submit, next task (Ctrl+Enter)"
              onClick={() => room.desk.submit()}
            >
              Submit
            </button>
          </>
        )}
        <span class="lw-rule" />
        <button
          type="button"
          class="lw-button lw-quiet"
          aria-pressed={state.sideOpen.value}
          title="Classes and objects"
          aria-label="Classes and objects"
          onClick={() => {
            state.sideOpen.value = !state.sideOpen.value;
          }}
        >
          <Icon name="side" />
        </button>
        <button
          type="button"
          class="lw-button lw-quiet"
          aria-pressed={state.stripOpen.value}
          title="Items"
          aria-label="Items"
          onClick={() => {
            state.stripOpen.value = !state.stripOpen.value;
          }}
        >
          <Icon name="strip" />
        </button>
        <button
          type="button"
          class="lw-button lw-quiet"
          title="Keys (?)"
          aria-label="Keys"
          onClick={() => {
            state.helpOpen.value = true;
          }}
        >
          <Icon name="help" />
        </button>
        <button
          type="button"
          class="lw-button lw-quiet"
          title="Full screen (F11)"
          aria-label="Full screen"
          onClick={() => room.toggleFull()}
        >
          <Icon name={state.full.value ? "window" : "full"} />
        </button>
      </div>
    </header>
  );
}
