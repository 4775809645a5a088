import { Icon } from "./icons.tsx";
import type { Room } from "./room.ts";

/** Short sentences about what just happened, read out by screen readers. */
export function Notices({ room }: { room: Room }) {
  return (
    <div class="lw-notices" role="status" aria-live="polite">
      {room.state.notices.value.map((notice) => (
        <div key={notice.id} class="lw-notice" data-kind={notice.kind}>
          {notice.kind === "warning" && <Icon name="warning" size={14} />}
          <span>{notice.text}</span>
          {notice.actions.map(({ label, run }) => (
            <button
              type="button"
              key={label}
              class="lw-button"
              onClick={() => {
                room.board.dismiss(notice.id);
                run();
              }}
            >
              {label}
            </button>
          ))}
          <button
            type="button"
            class="lw-mini"
            aria-label="Dismiss"
            onClick={() => room.board.dismiss(notice.id)}
          >
            <Icon name="close" size={13} />
          </button>
        </div>
      ))}
    </div>
  );
}
