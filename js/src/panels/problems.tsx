import type { ItemInfo } from "../link/wire.ts";
import { Icon } from "./icons.tsx";
import { MiniButton } from "./mini_button.tsx";
import type { Room } from "./room.ts";
import { several } from "./several.ts";

/** A warning in the header where something about the scan or video should be known before it is trusted. */
export function ProblemsButton({ room }: { room: Room }) {
  const { state } = room;
  const { problems, what } = remarksOn(state.item.value);
  if (problems.length === 0) return null;
  const count = several(problems.length, "remark");
  return (
    <button
      type="button"
      class="lw-button lw-quiet lw-problems"
      aria-expanded={state.problemsOpen.value}
      aria-label={`${count} on this ${what}`}
      title={`${count} on this ${what}: ${problems[0]?.message}`}
      onClick={() => {
        state.problemsOpen.value = !state.problemsOpen.value;
      }}
    >
      <Icon name="warning" />
      {problems.length}
    </button>
  );
}

/** What should be known of the scan or video; a click goes to the slice or frame that a remark is about. */
export function Problems({ room }: { room: Room }) {
  const { state } = room;
  const { problems, what, part } = remarksOn(state.item.value);
  if (!state.problemsOpen.value || problems.length === 0) return null;
  return (
    <div class="lw-popover lw-view" role="dialog" aria-label={`About this ${what}`}>
      <div class="lw-popover-head">
        <span class="lw-name">{`About this ${what}`}</span>
        <MiniButton
          icon="close"
          label="Close"
          hint="Esc"
          onClick={() => {
            state.problemsOpen.value = false;
            room.focus();
          }}
        />
      </div>
      <ul class="lw-remarks">
        {problems.map(({ kind, message, at }) => {
          const [first] = at;
          return (
            <li key={`${kind} ${message}`}>
              {message}
              {first !== undefined && (
                <button
                  type="button"
                  class="lw-button"
                  onClick={() => void room.panes.showFrame(first)}
                >
                  {`${part} ${first + 1}`}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function remarksOn(item: ItemInfo | null) {
  const { volume, video } = item ?? {};
  if (video) {
    const problems = video.problems.map(({ frames, ...rest }) => ({ ...rest, at: frames }));
    return { problems, what: "video", part: "Frame" } as const;
  }
  const problems = (volume?.problems ?? []).map(({ slices, ...rest }) => ({ ...rest, at: slices }));
  return { problems, what: "scan", part: "Slice" } as const;
}
