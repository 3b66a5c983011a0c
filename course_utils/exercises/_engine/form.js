// A prediction: its choices and how sure one is, as the browser's own radio buttons. Choosing is
// keeping: the kernel answers with what it has kept; without one this page alone remembers.

const PATIENCE_MS = 1500;
const PARTLY = "Kept once both are answered.";
const ALONE = "Only on this page so far. In a notebook, run this cell to have it kept.";

const radio = (name, label, value) => `
  <label><input type="radio" name="${name}" value="${value}"><span>${label}</span></label>`;

const group = (name, legend, labels, values) => `<fieldset class="cp-${name}">
  <legend>${legend}</legend>${labels.map((one, i) => radio(name, one, values[i])).join("")}
  </fieldset>`;

// A form of its own, so that no other form on the page has these radio buttons in its groups.
const page = ({ question, choices, degrees }) => `<form class="cp">
  ${group("choice", question, choices, [...choices.keys()])}
  ${group("confidence", "How sure are you?", degrees, degrees)}
  <p role="status"></p></form>`;

// What the model has, on the page; returns whether it waits for a kernel to keep it.
function place(form, status, { chosen, confidence, kept, said, revealed }) {
  for (const input of form.querySelectorAll("input"))
    input.checked = input.value === (input.name === "choice" ? String(chosen) : confidence);
  for (const fieldset of form.querySelectorAll("fieldset")) fieldset.disabled = revealed;
  const isKept = kept === `${chosen} ${confidence}`,
    answers = (chosen >= 0) + (confidence !== "");
  status.textContent = isKept ? said : answers === 1 ? PARTLY : "";
  return !isKept && answers === 2;
}

const FIELDS = ["chosen", "confidence", "kept", "said", "revealed"];

function render({ model, el }) {
  const all = (names) => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  el.innerHTML = page(all(["question", "choices", "degrees"]));
  const form = el.querySelector("form"),
    status = form.querySelector("[role=status]");
  let timer;
  function show() {
    clearTimeout(timer);
    if (place(form, status, all(FIELDS)))
      timer = setTimeout(() => (status.textContent = ALONE), PATIENCE_MS);
  }
  form.addEventListener("change", ({ target: { name, value } }) => {
    model.set(name === "choice" ? { chosen: Number(value) } : { confidence: value });
    model.save_changes();
  });
  form.addEventListener("submit", (event) => event.preventDefault()); // Enter
  guard(form);
  model.on("change", show);
  show();
  return () => {
    clearTimeout(timer);
    model.off("change", show);
  };
}

export default { render };
