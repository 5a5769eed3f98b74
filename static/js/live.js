// Keeps parts of a page current by asking again for a small fragment. Without this file the page is complete, only still.

const SECONDS = 5;
const LONGEST_PAUSE_SECONDS = 60;

/** Say above the part since when it is not live; the reader must not take an old state for the present one. */
function markLost(part, since) {
  if (part.querySelector(":scope > .live-lost")) return;
  const note = document.createElement("p");
  note.className = "live-lost";
  note.setAttribute("role", "status");
  note.textContent = `${part.dataset.liveLost} ${since.toTimeString().slice(0, 5)}`;
  part.prepend(note);
}

/** Ask once; return whether the server answered. A page that may no longer be read is loaded again: it says why. */
async function refresh(part) {
  const answer = await fetch(part.dataset.live, {
    headers: { "If-None-Match": part.dataset.liveTag ?? "" },
    cache: "no-store",
    credentials: "same-origin",
    redirect: "manual",
  });
  if (answer.type === "opaqueredirect" || answer.status === 404) return location.reload();
  if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
  part.querySelector(":scope > .live-lost")?.remove();
  if (answer.status !== 200) return;
  const open = [...part.querySelectorAll("details[open][id]")].map((item) => item.id);
  part.innerHTML = await answer.text();
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  part.dataset.liveTag = answer.headers.get("ETag") ?? "";
}

for (const part of document.querySelectorAll("[data-live]")) {
  let pause = SECONDS;
  let lastAnswer = new Date();
  const again = async () => {
    if (!document.hidden) {
      try {
        await refresh(part);
        lastAnswer = new Date();
        pause = SECONDS;
      } catch {
        markLost(part, lastAnswer);
        pause = Math.min(pause * 2, LONGEST_PAUSE_SECONDS);
      }
    }
    setTimeout(again, pause * 1000);
  };
  setTimeout(again, pause * 1000);
}
