// Our annotator with a kernel that is asked over HTTP: plain JSON and bytes, as on a websocket.

import widget from "./image.js";

class Model {
  #state;
  #listeners = new Map();

  constructor(state) {
    this.#state = state;
  }

  get(name) {
    return this.#state[name];
  }

  set(name, value) {
    this.#state[name] = value;
  }

  save_changes() {}

  on(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  off(event, listener) {
    const left = (this.#listeners.get(event) ?? []).filter((it) => it !== listener);
    this.#listeners.set(event, left);
  }

  async send(content) {
    const answer = await fetch("kernel", { method: "POST", body: JSON.stringify(content) });
    const bytes = await answer.arrayBuffer();
    const length = new DataView(bytes).getUint32(0, true);
    const messages = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
    let at = 4 + length;
    for (const { content: said, sizes } of messages) {
      const buffers = sizes.map((size) => {
        const view = new DataView(bytes, at, size);
        at += size;
        return view;
      });
      for (const listener of this.#listeners.get("msg:custom") ?? []) listener(said, buffers);
    }
  }
}

export async function start(root) {
  const state = await (await fetch("state.json")).json();
  const model = new Model(state);
  await widget.render({ model, el: root, signal: new AbortController().signal });
}
