// The kernel's end of a widget, played in a plain page: a model as anywidget gives it, whose
// messages a test reads and answers. Loaded by host.py; buffers cross over as base64.

const toText = (view) => {
  const bytes = ArrayBuffer.isView(view)
    ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    : new Uint8Array(view);
  let text = "";
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return btoa(text);
};

const toView = (base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new DataView(bytes.buffer);
};

class Model {
  #state;
  #changed = {};
  #listeners = new Map();
  sent = [];
  saved = [];
  widget_manager = {
    get_model: () => Promise.reject(new Error("the host page holds one model only")),
  };

  constructor(state) {
    this.#state = { ...state };
  }

  get(name) {
    return this.#state[name];
  }

  set(name, value) {
    if (Object.is(this.#state[name], value)) return;
    this.#state[name] = value;
    this.#changed[name] = value;
    this.#emit(`change:${name}`, this, value);
    this.#emit("change", this);
  }

  save_changes() {
    if (Object.keys(this.#changed).length === 0) return;
    this.saved.push(structuredClone(this.#changed));
    this.#changed = {};
  }

  on(event, listener) {
    const listeners = this.#listeners.get(event) ?? [];
    this.#listeners.set(event, [...listeners, listener]);
  }

  off(event = null, listener = null) {
    for (const name of event === null ? [...this.#listeners.keys()] : [event]) {
      const listeners = this.#listeners.get(name) ?? [];
      this.#listeners.set(name, listener === null ? [] : listeners.filter((it) => it !== listener));
    }
  }

  send(content, _callbacks, buffers = []) {
    // What goes over the wire is JSON: undefined is lost, as it would be on the way to a kernel.
    const message = { content: JSON.parse(JSON.stringify(content)), buffers: buffers.map(toText) };
    this.sent.push(message);
    window.lwKernel(message).then((answers) => {
      for (const answer of answers) this.deliver(answer.content, answer.buffers);
    });
  }

  deliver(content, buffers) {
    this.#emit("msg:custom", content, buffers.map(toView));
  }

  setFromKernel(name, value) {
    this.#state[name] = value;
    this.#emit(`change:${name}`, this, value);
    this.#emit("change", this);
  }

  listenerCount() {
    return [...this.#listeners.values()].reduce((count, listeners) => count + listeners.length, 0);
  }

  #emit(event, ...details) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...details);
  }
}

const experimental = {
  invoke: () => Promise.reject(new Error("the host page has no commands")),
};

/** One widget on the page: its model, and its view until it is unmounted. */
class Mounted {
  constructor(definition, state) {
    this.definition = definition;
    this.model = new Model(state);
  }

  async initialize() {
    const abort = new AbortController();
    const { model } = this;
    this.exports = await this.definition.initialize?.({ model, signal: abort.signal, experimental });
  }

  async show() {
    const el = document.createElement("div");
    document.getElementById("root").replaceChildren(el);
    this.view = new AbortController();
    const { model } = this;
    const host = {
      getModel: () => Promise.reject(new Error("the host page holds one model only")),
      getWidget: () => Promise.reject(new Error("the host page holds one widget only")),
    };
    const { signal } = this.view;
    this.cleanUp = await this.definition.render?.({ model, el, signal, host, experimental });
  }

  async remove() {
    await this.cleanUp?.();
    this.view.abort();
    document.getElementById("root").replaceChildren();
  }
}

export async function mount(address, state) {
  const module = await import(address);
  const definition =
    typeof module.default === "function" ? await module.default() : module.default;
  const mounted = new Mounted(definition, state);
  await mounted.initialize();
  await mounted.show();
  window.lw = mounted;
}
