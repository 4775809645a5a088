// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stepInToolbar, Toolbar } from "./toolbar.tsx";

let root: HTMLElement;

beforeEach(() => {
  root = document.body.appendChild(document.createElement("div"));
});

afterEach(() => {
  render(null, root);
  root.remove();
});

/** Four tools, of which the second cannot be taken and the third is in hand. */
function show(inHand = "c"): void {
  render(
    <Toolbar label="Tools" looks="" vertical>
      {["a", "b", "c", "d"].map((name) => (
        <button
          key={name}
          type="button"
          class="lw-tool"
          id={name}
          disabled={name === "b"}
          aria-pressed={name === inHand}
        />
      ))}
    </Toolbar>,
    root,
  );
}

function stops(): string[] {
  return [...root.querySelectorAll("button")].filter((it) => it.tabIndex === 0).map((it) => it.id);
}

function press(key: string): boolean {
  return stepInToolbar(document.activeElement, key);
}

test("the tool in hand is the one Tab stop, until another has the focus", () => {
  show();
  expect(stops()).toEqual(["b", "c"]);
  document.getElementById("c")?.focus();
  expect(press("ArrowDown")).toBe(true);
  expect(document.activeElement?.id).toBe("d");
  expect(stops()).toEqual(["b", "d"]);
  (document.activeElement as HTMLElement).blur();
  expect(stops()).toEqual(["b", "c"]);
  show("a");
  expect(stops()).toEqual(["a", "b"]);
});

test("arrows go around and leave out what cannot be taken; Home and End go to the ends", () => {
  show();
  document.getElementById("c")?.focus();
  const seen = ["ArrowUp", "ArrowUp", "ArrowDown", "End", "Home", "ArrowRight", "ArrowLeft"].map(
    (key) => press(key) && document.activeElement?.id,
  );
  expect(seen).toEqual(["a", "d", "a", "d", "a", "c", "a"]);
});

test("other keys, and arrows elsewhere, are not its own", () => {
  show();
  expect(press("ArrowDown")).toBe(false);
  document.getElementById("c")?.focus();
  expect(press("R")).toBe(false);
  expect(press("Escape")).toBe(false);
});
