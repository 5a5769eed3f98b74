// Enhancement only: every page is complete without this file.

/** Return a length of time, given in milliseconds, with its units: "4 min 07 s", "1 h 02 min", "2 d 03 h". */
export function elapsed(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const pad = (number) => String(number).padStart(2, "0");
  const day = document.documentElement.lang.startsWith("fr") ? "j" : "d";
  if (seconds >= 86400) return `${Math.floor(seconds / 86400)} ${day} ${pad(Math.floor((seconds % 86400) / 3600))} h`;
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
  return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
}

// The server's clock rules: the page carries its time, so that a wrong clock on the device does not shift anything.
const served = Date.parse(document.documentElement.dataset.now ?? "");
const shift = Number.isNaN(served) ? 0 : served - Date.now();

function tick() {
  const now = Date.now() + shift;
  for (const clock of document.querySelectorAll(".clock[data-since]:not([data-until])")) {
    const since = Date.parse(clock.dataset.since);
    const face = clock.querySelector("time") ?? clock;
    if (!Number.isNaN(since)) face.textContent = elapsed(now - since);
  }
}

if (document.querySelector(".clock[data-since]")) {
  tick();
  setInterval(tick, 1000);
}

// A second press while the first is on its way would send the same act twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sending) event.preventDefault();
  form.dataset.sending = "yes";
  setTimeout(() => delete form.dataset.sending, 8000);
});

// A page brought back from the browser's memory may be used again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
});

// A chosen option that is longer than its list is wide gets the room of two.
for (const list of document.querySelectorAll(".field > select:not([multiple])")) {
  const room = list.offsetWidth;
  list.style.cssText = "field-sizing: content; width: auto; min-width: 0; max-width: none";
  const needed = list.offsetWidth;
  list.style.cssText = "";
  if (room && needed > room) list.parentElement.classList.add("field--long");
}

document.querySelector(".error-summary")?.focus();
