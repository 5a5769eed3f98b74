// Keeps what is being typed as a draft on the server. Without this file "Save draft" does the same.
import { freshToken } from "./tokens.js";

const PAUSE = 1500; // after the last key
const MOST = 10000; // between two saves while somebody types without a pause
const RETRIES = [2000, 4000, 8000, 15000];

const form = document.querySelector("form[data-autosave]");
const line = form?.querySelector("[data-autosave-state]");
let timer = 0;
let firstChange = 0;
let failures = 0;
let busy = null;
let dirty = false;
let stopped = false;

/** Show one of the line's own texts, which the server wrote in the reader's language. */
function say(state, values = {}) {
  let text = values.message ?? line.dataset[state] ?? "";
  for (const [name, value] of Object.entries(values)) text = text.replace(`{${name}}`, value);
  line.textContent = text;
  line.dataset.state = state;
}

/** Take over what a colleague changed meanwhile in fields that were not touched here, and what now stands there. */
function take(name, values) {
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (field.type === "checkbox") field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
  }
}

function again(state) {
  say(state);
  clearTimeout(timer);
  timer = setTimeout(save, RETRIES[Math.min(failures++, RETRIES.length - 1)]);
}

async function save() {
  if (busy || stopped) return;
  dirty = false;
  firstChange = 0;
  busy = new AbortController();
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST", body: new FormData(form), signal: busy.signal, credentials: "same-origin",
    });
    await settle(answer);
  } catch (error) {
    if (error.name !== "AbortError") again("waiting");
  } finally {
    busy = null;
    if (dirty && !stopped) later();
  }
}

async function settle(answer) {
  const isJson = answer.headers.get("content-type")?.startsWith("application/json");
  if (answer.ok && isJson) {
    const saved = await answer.json();
    failures = 0;
    if (form.elements.draft_version) form.elements.draft_version.value = saved.version;
    if (saved.draft) form.elements.draft.value = saved.draft;
    for (const [name, values] of Object.entries(saved.taken)) take(name, values);
    say("saved", { time: saved.at });
  } else if (answer.status === 409 && isJson) {
    stopped = true;
    say("conflict", await answer.json());
  } else if (answer.status === 422 && isJson) {
    const { message } = await answer.json();
    if (message) say("refused", { message }); // until something else is typed
    else again("waiting");
  } else if (answer.redirected || answer.status === 403) {
    again((await freshToken()) ? "waiting" : "signedOut");
  } else {
    again("waiting");
  }
}

function later() {
  dirty = true;
  firstChange ||= Date.now();
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, Math.min(PAUSE, firstChange + MOST - Date.now())));
}

if (form && line) {
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  window.addEventListener("online", () => dirty && save());
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(timer);
    busy?.abort();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) stopped = false;
  });
}
