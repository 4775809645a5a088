import { letGo, press } from "./commands.ts";
import { belongsToHost, isTyping, keyName } from "./keys.ts";
import type { Room } from "./room.ts";

/** Keys act while the widget is focused or hovered, and never reach the notebook then. */
export function listenToKeys(room: Room, root: HTMLElement, signal: AbortSignal): void {
  let hovered = false;
  root.addEventListener(
    "pointerenter",
    () => {
      hovered = true;
    },
    { signal },
  );
  root.addEventListener(
    "pointerleave",
    () => {
      hovered = false;
    },
    { signal },
  );
  root.addEventListener(
    "pointerdown",
    (event) => {
      const { all } = room.panes;
      if (all.value.some(({ viewport }) => viewport.element.contains(event.target as Node)))
        room.focus();
    },
    { signal },
  );
  root.addEventListener(
    "click",
    (event) => {
      // A click on a button is no wish to press it again with Space: the keys go back to the
      // picture, unless it opened a field for words.
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (event.detail === 0 || !button || button.closest("[role=dialog]")) return;
      if (!isTyping(root.ownerDocument.activeElement)) room.focus();
    },
    { signal },
  );
  const isOurs = (event: KeyboardEvent) => {
    const inside = event.target instanceof Node && root.contains(event.target);
    if (inside) return true;
    return hovered && !isTyping(root.ownerDocument.activeElement);
  };
  // On the window and before anyone else: JupyterLab listens on the document in the same phase.
  window.addEventListener(
    "keydown",
    (event) => {
      if (!isOurs(event) || belongsToHost(event)) return;
      event.stopImmediatePropagation();
      const target =
        event.target instanceof Element && root.contains(event.target) ? event.target : null;
      const key = keyName(event);
      if (
        event.repeat &&
        room.state.mode.value === "classification" &&
        /^([1-9]|Enter)$/.test(key)
      ) {
        // A key that is held answers once.
        event.preventDefault();
        return;
      }
      if (target?.closest(".lw-status .lw-options") && key === "Enter") {
        // A number is typed: from here on keys are about the picture, and none is pressed yet.
        event.preventDefault();
        room.focus();
        return;
      }
      if (isTyping(target)) {
        // Leaving a field keeps what was typed.
        const leaves =
          key === "Escape" || (key === "Enter" && !(target instanceof HTMLInputElement));
        if (leaves) {
          event.preventDefault();
          room.focus();
        }
        if (!leaves && key !== "Ctrl+Enter") return;
        if (key === "Escape") {
          // Its field has the focus from the start: leaving it is leaving the form.
          room.state.skipping.value = false;
          return;
        }
      }
      const onButton = target instanceof HTMLButtonElement;
      if (onButton && (key === "Space" || key === "Enter")) return;
      // Space ticks the box that has the focus.
      if (key === "Space" && target?.matches("[type=checkbox]")) return;
      if (press(room, key, root)) event.preventDefault();
    },
    { signal, capture: true },
  );
  window.addEventListener(
    "keyup",
    (event) => {
      letGo(room, keyName(event));
      if (isOurs(event) && !belongsToHost(event)) event.stopImmediatePropagation();
    },
    { signal, capture: true },
  );
  window.addEventListener(
    "blur",
    () => {
      room.looks.setPeek(false);
      room.viewport.magnify(false);
      room.viewport.panHeld = false;
    },
    { signal },
  );
}
