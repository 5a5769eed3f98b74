// Sends acts so that a lost connection loses nothing: what the server has not confirmed stays visibly "not sent yet"
// and is tried again by itself with the form's one nonce. Without this file every form is a plain POST.
import { freshToken } from "./tokens.js";

const words = document.querySelector("[data-sending-words]");
const RETRIES = [1000, 2000, 4000, 8000, 15000];

/** Send one form; the answer is where it led, or null where the server wants to show the form again. */
async function send(form, submitter) {
  const body = new FormData(form, submitter);
  const answer = await fetch(form.action, {
    method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json", "X-Act": "fetch" },
  });
  if (answer.status >= 500) throw new Error("the server has not taken it");
  const isJson = answer.headers.get("content-type")?.startsWith("application/json");
  if (answer.ok && isJson) return (await answer.json()).url;
  if (answer.redirected && answer.url.includes("/login/")) throw new Error("signedOut");
  if (answer.status === 403) throw new Error("signedOut");
  return null;
}

let open = 0;

/** Say beside the form what has become of it. */
function say(form, state) {
  let line = form.querySelector(".sending");
  if (!line) {
    line = document.createElement("p");
    line.className = "sending notice";
    line.setAttribute("role", "status");
    form.append(line);
  }
  line.dataset.tone = state === "sending" ? "info" : "warning";
  line.textContent = words.dataset[state];
}

/** Let the browser send the form itself, so that it shows the server's page; nothing was done under this nonce. */
function sendPlainly(form, submitter) {
  if (submitter?.name) {
    const kept = Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name });
    kept.value = submitter.value;
    form.append(kept);
  }
  HTMLFormElement.prototype.submit.call(form);
}

async function deliver(form, submitter) {
  for (let tries = 0; ; tries++) {
    try {
      const url = await send(form, submitter);
      open -= 1;
      return url === null ? sendPlainly(form, submitter) : location.assign(url);
    } catch (error) {
      const signedOut = error.message === "signedOut";
      if (signedOut && (await freshToken().catch(() => false))) continue;
      say(form, signedOut ? "signedOut" : "waiting");
      await pause(RETRIES[Math.min(tries, RETRIES.length - 1)]);
    }
  }
}

/** Wait, but not longer than until the connection is back. */
function pause(milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    window.addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

// Leaving the page would lose what has not arrived.
window.addEventListener("beforeunload", (event) => { if (open) event.preventDefault(); });

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!words || event.defaultPrevented || form.method !== "post" || !form.elements.nonce) return;
  event.preventDefault();
  if (form.dataset.delivering) return;
  form.dataset.delivering = "yes";
  const late = setTimeout(() => say(form, "sending"), 600);
  open += 1;
  deliver(form, event.submitter).finally(() => clearTimeout(late));
});
