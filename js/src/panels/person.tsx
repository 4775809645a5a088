import type { Room } from "./room.ts";

/** Whose page this is, and how much waits for them: where nothing else on the page says so. */
export function Person({ room }: { room: Room }) {
  if (!room.state.fills.value) return null;
  const count = room.waiting.count.value;
  return (
    <span class="lw-person" title="You, and how many tasks wait for you">
      <b>{room.user}</b>
      {count !== null && <span role="status">{` · ${counted(count)} to do`}</span>}
    </span>
  );
}

/** The kernel counts up to a thousand. */
export function counted(count: number): string {
  return count >= 1000 ? "1000 or more" : String(count);
}
