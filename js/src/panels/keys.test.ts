// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { belongsToHost, COMMANDS, commandFor, isTyping, keyName } from "./keys.ts";

const press = (key: string, over: KeyboardEventInit = {}) =>
  new KeyboardEvent("keydown", { key, ...over });

describe("keyName", () => {
  it.each<[string, KeyboardEventInit, string]>([
    ["c", {}, "C"],
    ["C", { shiftKey: true }, "Shift+C"],
    ["z", { ctrlKey: true }, "Ctrl+Z"],
    ["z", { metaKey: true }, "Ctrl+Z"],
    ["Z", { ctrlKey: true, shiftKey: true }, "Ctrl+Shift+Z"],
    ["ö", { altKey: true }, "Alt+Ö"],
    [" ", {}, "Space"],
    ["Esc", {}, "Escape"],
    ["Escape", {}, "Escape"],
    ["Enter", { ctrlKey: true }, "Ctrl+Enter"],
    ["Tab", { shiftKey: true }, "Shift+Tab"],
    ["F11", {}, "F11"],
    ["ArrowLeft", { shiftKey: true }, "Shift+ArrowLeft"],
    ["1", { code: "Digit1" }, "1"],
    ["!", { shiftKey: true, code: "Digit1" }, "Shift+1"],
    ["¡", { altKey: true, code: "Digit1" }, "Alt+1"],
    ["&", { code: "Digit1" }, "&"],
    ["?", { shiftKey: true, code: "Slash" }, "?"],
    ["+", { shiftKey: true, code: "Equal" }, "+"],
  ])("%s with %o is %s", (key, over, name) => {
    expect(keyName(press(key, over))).toBe(name);
  });

  it("finds the command of each key in the table, and of no other", () => {
    expect(commandFor(keyName(press("z", { ctrlKey: true })))).toBe("edit.undo");
    expect(commandFor(keyName(press("Z", { ctrlKey: true, shiftKey: true })))).toBe("edit.redo");
    expect(commandFor(keyName(press("y", { ctrlKey: true })))).toBe("edit.redo");
    expect(commandFor(keyName(press("Backspace")))).toBe("edit.delete");
    expect(commandFor(keyName(press("?", { shiftKey: true, code: "Slash" })))).toBe("help");
    expect(commandFor(keyName(press(")", { shiftKey: true, code: "Digit0" })))).toBe("view.actual");
    expect(commandFor(keyName(press("y", { altKey: true })))).toBeUndefined();
  });

  it("no key is two commands", () => {
    const keys = COMMANDS.flatMap((command) => [command.key, ...(command.also ?? [])]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(COMMANDS.map((command) => command.id)).size).toBe(COMMANDS.length);
  });
});

describe("belongsToHost", () => {
  it("leaves saving, reloading and tabs to the browser and the notebook", () => {
    for (const key of ["s", "r", "t", "w", "n", "l"]) {
      expect(belongsToHost(press(key, { ctrlKey: true }))).toBe(true);
      expect(belongsToHost(press(key.toUpperCase(), { metaKey: true, shiftKey: true }))).toBe(true);
      expect(belongsToHost(press(key))).toBe(false);
    }
    expect(belongsToHost(press("F5"))).toBe(true);
    expect(belongsToHost(press("F12"))).toBe(true);
  });

  it("takes none of the widget's own keys away", () => {
    for (const { key, also = [] } of COMMANDS) {
      for (const name of [key, ...also]) {
        const parts = name.split("+");
        const event = press(parts.at(-1) || "+", {
          ctrlKey: parts.includes("Ctrl"),
          shiftKey: parts.includes("Shift"),
        });
        expect(belongsToHost(event), name).toBe(false);
      }
    }
  });
});

describe("isTyping", () => {
  const element = (html: { tag: string; type?: string; editable?: boolean }) => {
    const made = document.createElement(html.tag);
    if (html.type) made.setAttribute("type", html.type);
    if (html.editable) made.setAttribute("contenteditable", "true");
    document.body.append(made);
    return made;
  };

  it("is so in what takes letters", () => {
    expect(isTyping(element({ tag: "textarea" }))).toBe(true);
    expect(isTyping(element({ tag: "select" }))).toBe(true);
    expect(isTyping(element({ tag: "input" }))).toBe(true);
    expect(isTyping(element({ tag: "input", type: "search" }))).toBe(true);
    expect(isTyping(element({ tag: "div", editable: true }))).toBe(true);
  });

  it("is not so elsewhere", () => {
    for (const type of ["checkbox", "radio", "button", "range"])
      expect(isTyping(element({ tag: "input", type }))).toBe(false);
    expect(isTyping(element({ tag: "button" }))).toBe(false);
    expect(isTyping(element({ tag: "div" }))).toBe(false);
    expect(isTyping(null)).toBe(false);
  });
});
