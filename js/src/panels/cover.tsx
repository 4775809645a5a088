import { Icon } from "./icons.tsx";
import { counted } from "./person.tsx";
import type { Room } from "./room.ts";

/** What stands in the viewport while there is no picture: coming, broken, lost, or all done. */
export function Cover({ room }: { room: Room }) {
  const { state } = room;
  const status = state.status.value;
  const task = state.task.value;
  if (status.kind === "ready" || status.kind === "coarse" || status.kind === "empty") return null;
  if (status.kind === "loading") {
    const slices = room.pane.stack.count;
    return (
      <div class="lw-cover" aria-busy="true">
        <div class="lw-skeleton lw-skeleton-picture" />
        {slices > 0 ? (
          <span class="lw-slice-coming">{`Slice ${state.frame.value + 1} of ${slices} is on its way`}</span>
        ) : (
          <span class="lw-sr">Loading the picture</span>
        )}
      </div>
    );
  }
  if (status.kind === "done") {
    const waiting = room.waiting.count.value ?? 0;
    return (
      <div class="lw-cover">
        <Icon name="saved" size={32} />
        <p role="status">{waiting ? more(waiting) : "All done: no task is waiting for you."}</p>
        {waiting > 0 && (
          <button
            type="button"
            class="lw-button lw-primary"
            onClick={() => void room.desk.open(null)}
          >
            Begin
          </button>
        )}
        {state.total.value > 0 && (
          <button type="button" class="lw-button" onClick={() => room.desk.openFirst()}>
            Look at the first item again
          </button>
        )}
      </div>
    );
  }
  return (
    <div class="lw-cover" role="alert">
      <Icon name="broken" size={32} />
      <p class="lw-why">{status.message}</p>
      <div class="lw-ways">
        <button
          type="button"
          class="lw-button"
          onClick={() => {
            const item = state.item.value;
            if (status.kind === "broken" && item) {
              room.pictures.forget(item.id, state.frame.value);
              void room.desk.showPicture(item.id);
            } else void room.desk.open(task?.id ?? null);
          }}
        >
          Try again
        </button>
        {task && state.index.value + 1 < state.total.value && (
          <button type="button" class="lw-button" onClick={() => room.desk.open(task.id, 1)}>
            Next item
          </button>
        )}
      </div>
    </div>
  );
}

/** There is something to do again. */
function more(count: number): string {
  return count === 1 ? "A task waits for you." : `${counted(count)} tasks wait for you.`;
}
