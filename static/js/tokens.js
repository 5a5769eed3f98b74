// The page's token ends with the session that it was made in; after a new sign-in in another tab it is asked for anew.

/** Put a fresh token into every form of the page; false while nobody is signed in. */
export async function freshToken() {
  const answer = await fetch("/desk/", { credentials: "same-origin" });
  if (!answer.ok || answer.url.includes("/login/")) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!token) return false;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  return true;
}
