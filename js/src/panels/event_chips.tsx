import type { Room } from "./room.ts";

/** What happens on the frame that is shown, over the picture. */
export function EventChips({ room }: { room: Room }) {
  const { state, events } = room;
  const here = events.here;
  const begun = events.classes.filter((made) => events.begunOn(made.name) !== null);
  if (here.length + begun.length === 0) return null;
  const names = [...new Set(here.map((one) => one.class_name ?? ""))];
  const colorOf = (name: string) =>
    state.ontology.value.classes?.find((made) => made.name === name)?.color ?? "#9e9e9e";
  return (
    <ul class="lw-chips" aria-label="Events on this frame">
      {names.map((name) => (
        <li key={name}>
          <i class="lw-swatch" style={{ background: colorOf(name) }} />
          {name}
        </li>
      ))}
      {begun
        .filter((made) => !names.includes(made.name))
        .map((made) => (
          <li key={made.name} data-begun="true">
            <i class="lw-swatch" style={{ background: made.color }} />
            {made.name} …
          </li>
        ))}
    </ul>
  );
}
