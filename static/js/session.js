// Warns before the twelve hours of a session end, and renews it in place: nothing on the page is left or lost.
// Without this file the notice leads to a page that does the same.
const WARN_MILLISECONDS = 15 * 60 * 1000;
const notice = document.querySelector("[data-session-ends]");
const form = notice.querySelector("[data-renew]");
const wrong = notice.querySelector("[data-renew-error]");
const served = Date.parse(document.documentElement.dataset.now ?? "");
const shift = Number.isNaN(served) ? 0 : served - Date.now();
let endsAt = Date.parse(notice.dataset.sessionEnds);

/** Show the notice once the end is near; never take it away while somebody types. */
function look() {
  if (endsAt - (Date.now() + shift) <= WARN_MILLISECONDS) notice.hidden = false;
}

notice.querySelector("[data-renew-link]").hidden = true;
form.hidden = false;
look();
setInterval(look, 10000);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  wrong.hidden = true;
  const answer = await fetch(form.action, {
    method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual",
    headers: { Accept: "application/json", "X-Act": "fetch" },
  }).catch(() => null);
  if (answer?.status === 200) {
    endsAt = Date.parse((await answer.json()).ends_at);
    notice.hidden = true;
    form.reset();
  } else if (answer?.status === 422) {
    wrong.hidden = false;
    form.elements.password.select();
  } else {
    form.submit(); // the server's own page says what is wrong
  }
});
