// Sends a chosen photo in parts while the page is open and goes on where the connection broke, also after a reload with
// the same file. The form then names the upload instead of carrying the file. Without this file it is a plain upload.
import { freshToken } from "./tokens.js";

const PART = 128 * 1024; // a minute on a 2G link
const percents = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
const RETRIES = [1000, 2000, 4000, 8000, 15000];

for (const input of document.querySelectorAll("input[type=file][data-upload]")) new Upload(input);

function Upload(input) {
  const form = input.form;
  const words = form.querySelector("[data-upload-words]");
  const kept = form.querySelector("[name$=-upload]");
  const line = form.querySelector("[data-upload-line]");
  const bar = line.querySelector("progress");
  const text = line.querySelector("span");
  let current = null; // the file on its way
  let waiting = null; // the button that was pressed before the file had arrived

  /** Say how the file stands, in the reader's language. */
  function say(state, values = {}) {
    line.hidden = false;
    line.dataset.state = state;
    text.textContent = values.message ?? words.dataset[state].replace("{percent}", percents.format(bar.value / 100));
  }

  /** Ask the server; a lost connection, a busy server and an ended session are asked again until the file changes. */
  async function ask(file, address, options) {
    for (let tries = 0; file === current; tries++) {
      let signedOut = false;
      try {
        const token = form.elements.csrfmiddlewaretoken.value;
        const answer = await fetch(address, {
          credentials: "same-origin", redirect: "manual", ...options,
          headers: { "X-CSRFToken": token, Accept: "application/json", ...options.headers },
        });
        const isJson = answer.headers.get("content-type")?.startsWith("application/json");
        if (isJson && answer.status < 500) return { status: answer.status, ...(await answer.json()) };
        if (answer.status === 404 || answer.status === 413) return { status: answer.status };
        signedOut = answer.type === "opaqueredirect" || answer.status === 403;
        if (signedOut && (await freshToken()) && tries < RETRIES.length) continue;
      } catch {
        // The connection is away.
      }
      say(signedOut ? "signedOut" : "interrupted");
      await pause(RETRIES[Math.min(tries, RETRIES.length - 1)]);
    }
    return { status: 0 };
  }

  async function send(file) {
    const body = new URLSearchParams({ name: `${file.name}|${file.lastModified}`, size: file.size });
    let stands = await ask(file, input.dataset.upload, { method: "POST", body });
    while ((stands.status === 200 || stands.status === 409) && stands.offset < file.size && file === current) {
      bar.value = Math.floor((stands.offset * 100) / file.size);
      say("uploading");
      const part = await file.slice(stands.offset, stands.offset + PART).arrayBuffer();
      const headers = { "Upload-Offset": String(stands.offset), "Content-Type": "application/offset+octet-stream" };
      stands = await ask(file, stands.url, { method: "PATCH", body: part, headers });
    }
    if (file !== current) return;
    current = null;
    if (stands.status === 200) {
      kept.value = stands.id;
      bar.value = 100;
      say("arrived");
      if (waiting) form.requestSubmit(waiting);
    } else {
      say("refused", stands.message ? { message: stands.message } : {});
      if (!stands.message && waiting) form.requestSubmit(waiting); // the plain upload says why
    }
    waiting = null;
  }

  input.addEventListener("change", () => {
    kept.value = "";
    waiting = null;
    bar.value = 0;
    current = input.files[0] ?? null;
    if (current) send(current).catch(() => { current = null; });
    else line.hidden = true;
  });
  form.addEventListener("submit", (event) => {
    if (!current) return;
    event.preventDefault(); // sent by itself as soon as the file has arrived
    waiting = event.submitter;
    words.dataset.uploading = words.dataset.willBeAdded;
    say("uploading");
  });
  form.addEventListener("formdata", (event) => { if (kept.value) event.formData.delete(input.name); });
}

/** Wait, but not longer than until the connection is back. */
function pause(milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    window.addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
