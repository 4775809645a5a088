import { Icon } from "./icons.tsx";
import type { Room } from "./room.ts";

/** A warning in the header where something about the scan should be known before it is trusted. */
export function ProblemsButton({ room }: { room: Room }) {
  const { state } = room;
  const problems = state.item.value?.volume?.problems ?? [];
  if (problems.length === 0) return null;
  const count = problems.length === 1 ? "1 remark" : `${problems.length} remarks`;
  return (
    <button
      type="button"
      class="lw-button lw-quiet lw-problems"
      aria-expanded={state.problemsOpen.value}
      aria-label={`${count} on this scan`}
      title={`${count} on this scan: ${problems[0]?.message}`}
      onClick={() => {
        state.problemsOpen.value = !state.problemsOpen.value;
      }}
    >
      <Icon name="warning" />
      {problems.length}
    </button>
  );
}

/** What should be known of the scan; a click goes to the slice that a remark is about. */
export function Problems({ room }: { room: Room }) {
  const { state } = room;
  const problems = state.item.value?.volume?.problems ?? [];
  if (!state.problemsOpen.value || problems.length === 0) return null;
  return (
    <div class="lw-popover lw-view" role="dialog" aria-label="About this scan">
      <div class="lw-popover-head">
        <span class="lw-name">About this scan</span>
        <button
          type="button"
          class="lw-mini"
          aria-label="Close"
          title="Close (Esc)"
          onClick={() => {
            state.problemsOpen.value = false;
            room.focus();
          }}
        >
          <Icon name="close" size={14} />
        </button>
      </div>
      <ul class="lw-remarks">
        {problems.map(({ kind, message, slices }) => {
          const [first] = slices;
          return (
            <li key={`${kind} ${message}`}>
              {message}
              {first !== undefined && (
                <button
                  type="button"
                  class="lw-button"
                  onClick={() => void room.panes.showFrame(first)}
                >
                  {`Slice ${first + 1}`}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
