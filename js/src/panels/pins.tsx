import type { Room } from "./room.ts";

/** Where the open issues are, on the picture; a click opens the thread. */
export function Pins({ room }: { room: Room }) {
  const { review, state, pane } = room;
  void state.version.value;
  void pane.moved.value;
  void state.frame.value;
  const info = review.info.value;
  if (!info?.issues.length || state.status.value.kind !== "ready" || pane.across.cut.value)
    return null;
  return (
    <div class="lw-pins">
      {review.pins().map(({ issue, number, at, elsewhere }) => {
        const [x, y] = room.viewport.place(at);
        return (
          <button
            key={issue.id}
            type="button"
            class="lw-pin"
            style={{ left: `${x}px`, top: `${y}px` }}
            data-elsewhere={elsewhere}
            aria-pressed={review.thread.value === issue.id}
            aria-label={`Issue ${number}: ${issue.thread[0]?.text}`}
            title={`${issue.author}: ${issue.thread[0]?.text}`}
            onClick={() => review.open(issue)}
          >
            {number}
          </button>
        );
      })}
    </div>
  );
}
