import { useLayoutEffect, useRef } from "preact/hooks";
import { commandKey } from "./keys.ts";
import type { Room } from "./room.ts";
import { several } from "./several.ts";

/** Which item of how many is open; a click makes it a field for the number of another. */
export function Counter({ room }: { room: Room }) {
  const { state } = room;
  const { going, index, total, task } = state;
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (going.value) field.current?.select();
  }, [going.value]);
  if (!task.value && total.value === 0) return <span class="lw-counter">no tasks</span>;
  const leave = () => {
    if (!going.value) return;
    going.value = false;
    room.focus();
  };
  if (going.value) {
    return (
      <form
        class="lw-counter"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = Number.parseInt(field.current?.value ?? "", 10);
          leave();
          if (wanted >= 1) void room.desk.openAt(wanted - 1);
          else room.board.say(`Items go from 1 to ${total.value}.`, "warning");
        }}
      >
        <input
          ref={field}
          class="lw-input lw-goto"
          type="text"
          inputMode="numeric"
          aria-label={`Go to item, from 1 to ${total.value}`}
          defaultValue={task.value ? String(index.value + 1) : "1"}
          onBlur={leave}
        />{" "}
        of {total.value}
      </form>
    );
  }
  return (
    <button
      type="button"
      class="lw-counter lw-button lw-quiet"
      title={`Go to item number… (${commandKey("task.goto")})`}
      onClick={(event) => {
        // The keys stay with the field.
        event.stopPropagation();
        going.value = true;
      }}
    >
      {task.value ? `${index.value + 1} of ${total.value}` : several(total.value, "task")}
    </button>
  );
}
