// The live part of an exported page: each explorer computes from the state saved with it.
// It hands an anywidget module what that promises; only the kernel is missing.

const NO_KERNEL = "There is no kernel behind an exported page.";

const kept = (kind, id) =>
  JSON.parse(document.querySelector(`script[data-course-${kind}="${id}"]`).textContent);

function fromBase64(text) {
  const letters = atob(text),
    bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return new DataView(bytes.buffer);
}

function withBuffers(state, buffers) {
  for (const { path, data } of buffers) {
    const owner = path.slice(0, -1).reduce((inner, key) => inner[key], state);
    owner[path.at(-1)] = fromBase64(data);
  }
  return state;
}

// Lists and plain objects by what they hold, all else by identity.
function same(a, b) {
  const plain = (v) => Array.isArray(v) || Object.prototype.toString.call(v) === "[object Object]";
  if (!plain(a) || !plain(b)) return Object.is(a, b);
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}

// Who waits for what; each entry belongs to a view's handle.
function makeListeners() {
  let entries = [];
  return {
    add(events, run, handle) {
      entries = [...entries, ...events.split(" ").map((event) => ({ event, run, handle }))];
    },
    remove(meant) {
      entries = entries.filter((entry) => !meant(entry));
    },
    emit(event, ...given) {
      for (const entry of entries.filter((one) => one.event === event)) entry.run(...given);
    },
  };
}

// Returns what makes a view's own handle on the model: its off() leaves the other views' listeners.
function makeModel(state) {
  const { add, remove, emit } = makeListeners();
  function set(handle, change) {
    const moved = Object.keys(change).filter((key) => !same(state[key], change[key]));
    Object.assign(state, change);
    for (const key of moved) emit(`change:${key}`, handle, state[key]);
    if (moved.length) emit("change", handle);
  }
  return () => {
    const handle = {
      get: (name) => state[name],
      set: (name, value) => set(handle, typeof name === "string" ? { [name]: value } : name),
      save_changes() {},
      send() {},
      on: (events, run) => add(events, run, handle),
      off: (events, run) =>
        remove((entry) => entry.handle === handle && isMeant(entry, events, run)),
    };
    return handle;
  };
}

const isMeant = (entry, events, run) =>
  (!run || entry.run === run) && (!events || events.split(" ").includes(entry.event));

const styled = new Set();

// For each model anew, as anywidget does: what a module remembers belongs to one explorer.
async function load(id) {
  const { esm, css } = kept("module", id);
  if (!styled.has(id)) {
    styled.add(id);
    document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  }
  // Not a file beside the page: a page opened from a disk may not import one.
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const module = await import(url).finally(() => URL.revokeObjectURL(url));
  if (module.render) return module;
  return typeof module.default === "function" ? module.default() : module.default;
}

const around = () => ({
  signal: new AbortController().signal,
  experimental: { invoke: () => Promise.reject(new Error(NO_KERNEL)) },
});

async function open(id) {
  const { module, state, buffers } = kept("model", id);
  const handle = makeModel(withBuffers(state, buffers)),
    widget = await load(module);
  await widget.initialize?.({ model: handle(), ...around() });
  return { handle, widget };
}

const models = new Map();

async function show(host) {
  const id = host.dataset.courseView,
    still = host.querySelector("noscript").textContent;
  const el = document.createElement("div");
  try {
    if (!models.has(id)) models.set(id, open(id));
    const { handle, widget } = await models.get(id);
    host.append(el); // before it draws: a canvas asks for its size
    await widget.render({ model: handle(), el, ...around() });
  } catch (exception) {
    console.error(exception);
    el.remove();
    host.insertAdjacentHTML("beforeend", `${still}<p role="alert"></p>`);
    host.lastElementChild.textContent = `The explorer did not start: ${exception.message}`;
  }
}

document.querySelectorAll("[data-course-view]").forEach(show);
