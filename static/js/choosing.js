// A group's button ticks its programs at once. Without this file the server ticks them and shows the page again.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-programs]");
  if (!button) return;
  event.preventDefault();
  for (const code of button.dataset.programs.split(" ")) {
    const box = button.form.querySelector(`input[name=program][value="${CSS.escape(code)}"]`);
    if (!box) continue;
    box.checked = true;
    const folded = box.closest("details");
    if (folded) folded.open = true;
  }
  button.setAttribute("aria-pressed", "true");
});
